"""With --dry-run a command that changes many things says what it would do, refuses the same, and changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.cli.verb_table import VERBS

from .conftest import ANN, BEN, CAT, Done, Les, held

AS_OF = ("--as-of", "2026-06-05")
FROM = ("--from", "2026-05-01", "--source", "a letter")
LIKE_ANN = "9990000069,Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-05-04,700139004,,Home visit,,other"
CLAIM = "denosumab-2026-05"


@pytest.fixture
def typed(
    les_here: Les, store: Path, tmp_path: Path, activity_file: Callable[..., Path]
) -> Callable[..., tuple[Done, bool]]:
    """Types a command on a submitted practice; returns how it ended and whether it changed the store."""
    (tmp_path / "register.csv").write_text(
        f"nhs_number,first_dose_on\n{ANN},2025-11-04\n{BEN},2025-11-05\n", encoding="utf-8"
    )
    (tmp_path / "wrong.csv").write_text(f"nhs_number,first_dose_on\n{ANN},soon\n", encoding="utf-8")
    (tmp_path / "terms.toml").write_text(
        'from = "2026-05-01"\nsource = "a letter"\n"price.injection" = "99.00"\nwindow_months = 2\n', encoding="utf-8"
    )
    bad = f"{CAT},,,,neither,,2026-06-04,700139004,,Home visit,,bad"
    for arguments in (
        ("import", activity_file(LIKE_ANN, bad, name="more.csv")),
        ("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A. Admin", *AS_OF),
    ):
        assert les_here(*arguments, store=store).code in (0, 3)

    def type_it(*words: str) -> tuple[Done, bool]:
        before = held(store)
        done = les_here(*words, store=store)
        return done, held(store) != before

    return type_it


COMMANDS: dict[tuple[str, ...], tuple[str, str]] = {
    ("register", "denosumab", "--load", "register.csv", *AS_OF): (
        "denosumab: dry run: 2 rows for 2 patients, 2 patients would change",
        "denosumab: loaded 2 rows for 2 patients, changed 2 patients",
    ),
    ("services", "set", "denosumab", "--load", "terms.toml"): (
        "denosumab: would record 2 terms",
        "denosumab: recorded 2 terms",
    ),
    ("services", "set", "denosumab", "price.*=+10%", *FROM): (
        "price.injection: £20.00 becomes £22.00 from 01 May 2026\nles: denosumab: would record 1 term",
        "price.injection: £20.00 becomes £22.00 from 01 May 2026\nles: denosumab: recorded 1 term",
    ),
    ("services", "set", "--every", "setting.practice_telephone=01254 000000", *FROM): (
        "setting.practice_telephone would be recorded for 1 service: denosumab",
        "setting.practice_telephone is recorded for 1 service: denosumab",
    ),
    ("quarantine", "--settle", "more.csv:3", "--why", "a slip", "--by", "A. Admin"): (
        "1 row would be closed",
        "closed 1 row of the quarantine",
    ),
    ("patients", "merge", "9990000069", ANN, "--reason", "a letter", *AS_OF): (
        "the two numbers would be one patient",
        "the two numbers are one patient",
    ),
    ("claims", "reverse", CLAIM, "--row", "1", "--reason", "a slip", *AS_OF): (
        f"row 1 of {CLAIM} would be reversed: £20.00",
        f"row 1 of {CLAIM} is reversed: £20.00",
    ),
    ("claims", "withdraw", CLAIM, "--reason", "too early", *AS_OF): (
        f"{CLAIM} would be withdrawn: 1 row reversed, £20.00",
        f"{CLAIM} is withdrawn: 1 row reversed, £20.00",
    ),
}


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_dry_run_says_what_the_command_then_does(typed: Any, words: tuple[str, ...]) -> None:
    would, does = COMMANDS[words]
    tried, changed = typed(*words, "--dry-run")
    assert (tried.code, changed) == (0, False), tried
    assert would in tried.err
    done, changed = typed(*words)
    assert (done.code, changed) == (0, True), done
    assert does in done.err
    # What else it tells is the same.
    assert tried.err.count("\n") == done.err.count("\n")


def test_a_dry_run_of_reopening_leaves_the_row_closed(typed: Any) -> None:
    decided = ("more.csv:3", "--why", "a slip", "--by", "A. Admin")
    assert typed("quarantine", "--settle", *decided)[1]
    done, changed = typed("quarantine", "--reopen", *decided, "--dry-run")
    assert ("1 row would be back in quarantine" in done.err, changed) == (True, False)


@pytest.mark.parametrize(
    "words",
    [
        ("register", "denosumab", "--load", "wrong.csv", *AS_OF),
        ("services", "set", "denosumab", "price.injectin=99.00", *FROM),
        ("services", "set", "--every", "setting.no_such=1", *FROM),
        ("quarantine", "--settle", "more.csv:99", "--why", "a slip", "--by", "A. Admin"),
        ("patients", "merge", BEN, ANN, "--reason", "a letter", *AS_OF),
        ("claims", "reverse", CLAIM, "--row", "99", "--reason", "a slip", *AS_OF),
        ("claims", "withdraw", "denosumab-2026-04", "--reason", "too early", *AS_OF),
    ],
    ids=" ".join,
)
def test_a_dry_run_refuses_what_the_command_refuses(typed: Any, words: tuple[str, ...]) -> None:
    tried, changed = typed(*words, "--dry-run")
    done, _ = typed(*words)
    assert (tried.code, tried.err, changed) == (1, done.err, False)
    assert done.code == 1


@pytest.mark.parametrize("words", [("register", "denosumab"), ("register", "denosumab", "--add", ANN), ("quarantine",)])
def test_a_dry_run_of_a_single_change_or_of_a_list_is_refused(typed: Any, words: tuple[str, ...]) -> None:
    done, changed = typed(*words, "--dry-run")
    assert (done.code, changed) == (2, False)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_loads_a_file_can_be_tried_first(les_here: Les, verb: str) -> None:
    options = set(re.findall(r"^ +(--[a-z-]+)", les_here(*verb.split(" "), "--help").out, re.MULTILINE))
    assert "--load" not in options or "--dry-run" in options
