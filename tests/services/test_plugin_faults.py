"""A misnamed hook, a wrong argument, a missing mark and a module that does not import are named, with what to write."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

import lescli_denosumab
from lescli.errors import PluginError, shows_exception_texts
from lescli.hookspecs import hookimpl
from lescli.services.plugin_faults import missing_module, text_of
from lescli.services.service import service_of


def plugin(**hooks: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"les_service": lescli_denosumab.les_service, **hooks})


@hookimpl
def misnamed(spec: Any, records: Any) -> None: ...


@hookimpl
def wrong_argument(spec: Any, recrods: Any) -> None: ...


@hookimpl
def strange_argument(spec: Any, telephone: Any) -> None: ...


@hookimpl
def with_default(spec: Any, records: Any = None) -> None: ...


@hookimpl(specname="les_registre")
def under_another_name(spec: Any) -> None: ...


def unmarked(spec: Any, records: Any) -> None: ...


@pytest.mark.parametrize(
    ("hooks", "said"),
    [
        ({"les_clam": misnamed}, "there is no hook `les_clam`; did you mean `les_claim`?"),
        ({"telephone": misnamed}, "there is no hook `telephone`; there are les_service, les_register"),
        ({"claim": misnamed}, "there is no hook `claim`; did you mean `les_claim`?"),
        ({"les_registr": unmarked}, "there is no hook `les_registr`; did you mean `les_register`?"),
        ({"own": under_another_name}, "there is no hook `les_registre`; did you mean `les_register`?"),
        (
            {"les_register": unmarked},
            "les_register is not marked as a hook, so it would never be asked; write @hookimpl",
        ),
        (
            {"les_register": wrong_argument},
            "les_register has no argument `recrods`; did you mean `records`? it may take spec, records",
        ),
        ({"les_register": strange_argument}, "has no argument `telephone`; it may take spec, records"),
        ({"les_register": with_default}, "les_register: `records` has a default, so it would never be given"),
    ],
)
def test_what_is_wrong_with_a_hook_is_named(hooks: dict[str, Any], said: str) -> None:
    with pytest.raises(PluginError) as told:
        service_of(plugin(**hooks), origin="package")
    assert said in str(told.value)


def test_a_plugin_that_takes_fewer_arguments_or_is_a_class_is_right() -> None:
    class Own:
        @hookimpl
        def les_service(self) -> Any:
            return lescli_denosumab.les_service()

        @hookimpl
        def les_register(self, records: Any) -> None: ...

    assert service_of(Own(), origin="package").name == "denosumab"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("lescli_helper.rules", ": there is no module lescli_helper.rules"),
        ("Sentinelle 9990000018", ""),
        ("p9990000018", ""),
        (None, ""),
    ],
)
def test_a_module_that_is_not_there_is_named_unless_its_name_is_none(name: str | None, said: str) -> None:
    assert missing_module(ModuleNotFoundError("no", name=name)) == said
    assert missing_module(ImportError("no", name=name)) == ""


class Named:
    """Records that know one patient's names."""

    def words_of_names(self) -> frozenset[str]:
        return frozenset({"sentinelle", "philippa", "brien"})


SENTINEL = "PHILIPPA O'Brien, sentinelle 9990000018 999 000 0018 9.990000018E+09 born 1948-03-02 or 02 Mar 1948"


def test_the_text_of_an_exception_is_shown_only_when_asked_for_and_masked() -> None:
    assert text_of(KeyError(SENTINEL), Named()) == ""
    before = shows_exception_texts.set(True)
    try:
        told = text_of(ValueError(f"no value of 'first_dose' for {SENTINEL}"), Named())
        assert told.startswith(": no value of 'first_dose' for [name] O'[name], [name] [number] [number]")
        assert not any(character.isdigit() for character in told)
        assert text_of(ValueError("text"), object()) == "", "without the names nothing can be masked for certain"
        assert text_of(ValueError(), Named()) == ""
    finally:
        shows_exception_texts.reset(before)
