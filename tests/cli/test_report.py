"""`les report` on the command line: small numbers hidden when asked, and never together with rows."""

from __future__ import annotations

import pytest


def test_small_numbers_are_hidden_when_asked(les_here, store):
    asked = ("report", "denosumab", "--period", "2026-05", "--as-of", "2026-06-05", "--json")
    exact = les_here(*asked, store=store).json
    hidden = les_here(*asked, "--suppress", store=store).json
    counts = {measure["id"]: measure["numerator"] for measure in exact["measures"]}
    assert counts["register-size"] == 3
    assert {measure["id"]: measure["numerator"] for measure in hidden["measures"]}["register-size"] is None
    fewer = les_here(*asked, "--suppress", "2", store=store).json
    assert {measure["id"]: measure["numerator"] for measure in fewer["measures"]}["register-size"] == 5


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--suppress", "--rows"), "contradict"),
        (("5",), "goes with --suppress"),
        (("--suppress", "1"), "at least 2"),
        (("--suppress", "few"), "not a valid int"),
    ],
)
def test_what_makes_no_sense_is_usage(les_here, store, options, said):
    done = les_here("report", "denosumab", "--period", "2026-05", *options, store=store)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
