"""A shipped file that was checked when it was made is not checked again; a file changed by one character is."""

from __future__ import annotations

from importlib.resources import files

import pytest

from lescli.errors import SpecificationError
from lescli.specification import faults, parse
from lescli.specification.parse import digest_of, parse_specification

SHIPPED = files("lescli_denosumab").joinpath("service.toml").read_bytes()


@pytest.fixture(autouse=True)
def read_anew() -> None:
    parse_specification.cache_clear()


def test_a_shipped_file_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[str] = []
    monkeypatch.setattr(parse, "faults_of", lambda data: checked.append("once") or ())
    parse_specification(SHIPPED, where="shipped")
    assert checked == []
    parse_specification(SHIPPED + b"\n", where="changed")
    assert checked == ["once"]


def test_a_shipped_file_with_one_broken_word_is_refused() -> None:
    broken = SHIPPED.replace(b"window_months", b"window_month")
    assert broken != SHIPPED
    with pytest.raises(SpecificationError, match="window_months"):
        parse_specification(broken, where="broken")


def test_what_is_called_sound_has_no_fault() -> None:
    listed = files("lescli.specification").joinpath("sound.txt").read_text(encoding="utf-8").split()
    assert digest_of(SHIPPED) in listed
    assert faults.faults_of(parse.toml_of(SHIPPED)) == ()


def test_line_ends_of_windows_make_no_other_file() -> None:
    assert digest_of(SHIPPED.replace(b"\n", b"\r\n")) == digest_of(SHIPPED)
