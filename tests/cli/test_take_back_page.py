"""docs/how-to/take-something-back.md names every verb that changes the store, and what it says takes it back."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lescli.cli.verb_table import VERBS, WRITES

from .conftest import ANN, CAT, Les, held, installed
from .test_examples import SERVICE, verb_of

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "take-something-back.md"
COMMAND = re.compile(r"`(les [^`]*)`")
ROWS = [
    line.strip("| ").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `les")
]
DID = {row[0]: COMMAND.findall(row[1]) for row in ROWS}

QUESTIONS = (
    ("claim", "denosumab", "--month", "2026-05"),
    ("recall", "--within", "300d"),
    ("register", "denosumab"),
    ("register", "anticoag"),
    ("services",),
    ("status",),
    ("duties",),
    ("quarantine", "--rows"),
)
"""What has to be answered after a mistake was taken back as it was before it was made."""

LEAVES_A_DECISION = (
    *("les patients", "les claims reverse", "les claims withdraw", "les month"),
    *("les claim denosumab --month 2026-05 --submit", "les quarantine --reopen"),
)
"""Begins of commands after which an answer differs: it names the decision, or a second claim of the month."""

ADD = f"les register denosumab --add {ANN} --set t_score=-3.1 --from 2026-05-20"
SUBMIT = 'les claim denosumab --month 2026-05 --submit --by "A. Admin"'
FIRST = {
    "les rekey": ("les encrypt --key-file old.key",),
    "les decrypt": ("les encrypt --key-file old.key",),
    "les import": ("les backup before.les",),
    "les restore": ("les backup before.les", 'les rename "Example Health Centre"'),
    "les quarantine": ("les import more.csv",),
    "les quarantine --reopen": ('les quarantine --settle more.csv:2 --why "a test patient" --by "A. Admin"',),
    "les patients merge": ("les import numbers.csv",),
    "les patients apart": ("les import numbers.csv",),
    "les patients settle": ("les import dead.csv", "les import alive.csv"),
    "les services unset": ('les services set denosumab window_months=2 --from 2026-05-01 --source "a letter"',),
    "les services disallow": ("les services allow my-package",),
    "les services remove": ("les services add my-service",),
    "les register denosumab --add 9990000018 --set t_score=-4.2": (ADD,),
    "les register denosumab --end": (ADD,),
    "les register anticoag --amend": (f"les register anticoag --add {ANN} --set level=3 --from 2026-05-20",),
    "les register denosumab --remove": (ADD,),
    "les claims": (SUBMIT,),
    "les duties denosumab --withdraw": (
        'les duties denosumab --confirm case-finding --on 2026-05-01 --by "A. Admin" --note "run"',
    ),
    "les incident denosumab --kind emergency-admission --on 2026-05-01T14:30 --notified": (
        "les incident denosumab --kind emergency-admission --on 2026-05-01T14:30",
    ),
}
"""What is typed before a command, by how the command begins."""

FILES = {
    "more.csv": f"nhs_number,date,code,sex\n{CAT},2026-06-04,700139004,neither\n",
    "wrong.csv": "nhs_number,date_of_birth,registered_on,date,code\n"
    "9990000042,1950-01-01,2020-01-01,2026-05-20,700139004\n",
    "numbers.csv": "nhs_number,family_name,given_name,date_of_birth,registered_on\n"
    "9990000069,Sentinelle,Philippa,1948-03-02,2010-01-05\n",
    "dead.csv": f"nhs_number,died_on\n{ANN},2026-06-01\n",
    "alive.csv": f"nhs_number,died_on\n{ANN},\n",
    "register.csv": f"nhs_number,first_dose_on\n{ANN},2025-11-04\n",
    "calls.csv": f"nhs_number,services,outcome,date\n{ANN},denosumab,booked,2026-06-01\n",
    "remittance.csv": "claim,amount,date,reference\ndenosumab-2026-05,20.00,2026-06-05,B9\n",
    "my-service/service.toml": SERVICE,
}


def test_the_page_names_every_verb_that_changes_the_store_in_the_order_of_the_table() -> None:
    named = list(dict.fromkeys(verb_of(COMMAND.findall(row[0])[0]) for row in ROWS))
    assert named == [verb for verb in VERBS if verb in WRITES]


def test_almost_every_row_has_the_command_that_takes_it_back() -> None:
    by_hand = [verb_of(COMMAND.findall(did)[0]) for did, commands in DID.items() if not commands]
    assert by_hand == ["init", "incident"]


@pytest.fixture
def typed(les_here: Les, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """Types a command of the page on a prepared practice."""
    (tmp_path / "my-service").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    installed(tmp_path / "site", "my-package")
    monkeypatch.syspath_prepend(tmp_path / "site")
    return lambda line: les_here(*shlex.split(line)[1:], "--as-of", "2026-06-05", store=store)


def answers(typed: Callable[[str], Any]) -> list[Any]:
    """The answers to the questions, without the numbers of register entries: one that is typed again has its own."""
    said = [typed(" ".join(("les", *words, "--json"))).out for words in QUESTIONS]
    return [
        json.loads(re.sub(r'"numbers": \[[^]]*\]', '"numbers": 0', re.sub(r"register:\d+", "", one))) for one in said
    ]


@pytest.mark.parametrize("did", [did for did, commands in DID.items() if commands])
def test_a_command_of_the_page_takes_back_what_was_done(typed: Any, store: Path, tmp_path: Path, did: str) -> None:
    command = COMMAND.findall(did)[0]
    for begins, lines in FIRST.items():
        for line in lines if command.startswith(begins) else ():
            assert typed(line).code in (0, 3), line
    before, tables = answers(typed), held(store)
    done = typed(command)
    assert done.code in (0, 3), done
    assert held(store) != tables, "the command changes nothing that could be taken back"
    undo = DID[did][0]
    if "KEPT" in undo:
        (kept,) = re.findall(r"is kept at (.*)", done.err)
        undo = undo.replace("KEPT", shlex.quote(kept))
    back = typed(undo)
    assert back.code in (0, 3), back
    if not command.startswith(LEAVES_A_DECISION):
        assert answers(typed) == before
    assert typed("les verify").code == 0
    shutil.rmtree(tmp_path / "site")
