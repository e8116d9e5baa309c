"""A question that names its services loads those alone; one that names none loads all."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

import pytest

import lescli_denosumab
import lescli_pessary
from lescli.errors import LesError, UsageError
from lescli.services import load_catalog


@dataclass(frozen=True, slots=True)
class Point:
    """An entry point that notes when it is loaded."""

    name: str
    plugin: object
    loaded: list[str] = field(compare=False)

    def load(self) -> object:
        self.loaded.append(self.name)
        if isinstance(self.plugin, Exception):
            raise self.plugin
        return self.plugin


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []
    points = [
        Point("denosumab", lescli_denosumab, names),
        Point("broken", ImportError("no"), names),
        Point("ring-pessary", lescli_pessary, names),
    ]
    monkeypatch.setattr(sys.modules[load_catalog.__module__], "entry_points", lambda group: points)
    return names


def test_a_named_service_is_loaded_alone(loaded: list[str]) -> None:
    assert load_catalog((), ("denosumab",)).service("denosumab").name == "denosumab"
    assert loaded == ["denosumab"]


def test_without_names_everything_is_loaded_and_what_is_broken_hides_nothing(loaded: list[str]) -> None:
    catalog = load_catalog()
    assert sorted(loaded) == ["broken", "denosumab", "ring-pessary"]
    assert [one.name for one in catalog.services] == ["denosumab", "pessary"]
    assert [one.name for one in catalog.broken] == ["broken"]


def test_a_broken_one_that_is_named_says_so(loaded: list[str]) -> None:
    with pytest.raises(LesError, match="broken is broken"):
        load_catalog((), ("broken",)).service("broken")
    assert loaded == ["broken"]


def test_a_service_whose_package_has_another_name_is_found(loaded: list[str]) -> None:
    assert load_catalog((), ("pessary",)).service("pessary").name == "pessary"


def test_an_unknown_service_name_lists_all_services_or_names_the_near_one(loaded: list[str]) -> None:
    with pytest.raises(UsageError) as told:
        load_catalog((), ("xyz",)).service("xyz")
    assert "denosumab, pessary" in str(told.value)
    with pytest.raises(UsageError, match="did you mean `denosumab`"):
        load_catalog((), ("denosumap",)).service("denosumap")


def test_a_folder_of_the_store_is_loaded_by_its_name(loaded: list[str]) -> None:
    catalog = load_catalog((("dressings", "not toml ["), ("other", "not toml [")), ("dressings",))
    assert [one.name for one in catalog.broken] == ["dressings"]
    assert loaded == []
