"""A mistyped word is answered in one way: with the known word that is like it, or with none."""

from __future__ import annotations

from lescli.errors import did_you_mean


def test_a_word_that_is_like_a_known_one_is_answered_with_it() -> None:
    assert did_you_mean("clase", ["clause", "title"]) == "did you mean `clause`?"
    assert did_you_mean("shw", iter(["show", "list"]), before="les claims ") == "did you mean `les claims show`?"


def test_a_word_that_is_like_none_is_not_answered() -> None:
    assert did_you_mean("swimming", ["clause", "title"]) == ""
    assert did_you_mean("clause", []) == ""
