from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lescli.model import Code
from lescli.readers import cells
from lescli.readers.cells import Memo


def test_a_memo_asks_once_and_stays_small() -> None:
    asked: list[int] = []

    def answer(key: int) -> int:
        asked.append(key)
        return key * 2

    memo = Memo(answer, 10)
    assert [memo[1], memo[1], memo[1]] == [2, 2, 2]
    assert asked == [1]
    for key in range(1000):
        assert memo[key] == key * 2
        assert len(memo) <= 10


def test_one_entry_several_codes() -> None:
    found, fault = cells.codes(" 165581004 ", "", "read2:42QE.00 snomed:165581004 local:EMIS%20NQ1")
    assert fault == ""
    assert found == (
        Code(system="snomed", code="165581004"),
        Code(system="read2", code="42QE"),
        Code(system="local", code="EMIS NQ1"),
    )


def test_a_malformed_other_code_is_dropped_and_a_malformed_main_code_is_not() -> None:
    assert cells.codes("165581004", "snomed", "read2:!!! nonsense ctv3: x:1 snomed:12")[0] == (
        Code(system="snomed", code="165581004"),
    )
    found, fault = cells.codes("165581005", "snomed", "read2:42QE.")
    assert (found, "check digit" in fault) == ((), True)


@given(
    st.sampled_from(["read2", "ctv3", "local"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=30),
)
def test_a_token_is_one_word_and_comes_back(system: str, code: str) -> None:
    token = cells.token(system, code)
    assert len(token.split()) == 1
    found, _ = cells.codes("", "", token)
    if system == "local":
        assert found == (Code(system="local", code=code),)


@pytest.mark.parametrize("letter", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\ud800"])
def test_control_characters_are_refused(letter: str) -> None:
    assert cells.text(f"a{letter}b") == ("", "it holds a control character")


def test_text_that_is_unusual_and_right() -> None:
    for good in ("two\nlines", "a\tb", "Zoë\xa0O’Brien", "x" * 1000, "👍🏽", "\u200fعربي"):
        assert cells.text(f" {good} ") == (good, "")
    assert cells.text("x" * 1001)[1]
