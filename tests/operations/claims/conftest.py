"""A store with submitted claims of given rows, and commands on it as a person types them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lescli.cli.run import run
from lescli.model import ClaimRow, Practice, Verdict
from lescli.store import create_store, open_store
from lescli.store.ledger import write

PATIENT = "9990000018"
SUBMITTED = date(2026, 6, 5)


def claim_rows(month: str, *rows: tuple[str, int]) -> list[ClaimRow]:
    """Payable rows of one patient in a month: (item, pence), each on a day of its own."""
    return [
        ClaimRow(
            key=f"{item}/{place}",
            nhs_number=PATIENT,
            day=date.fromisoformat(f"{month}-{place + 1:02d}"),
            item=item,
            code="c",
            verdict=Verdict.PAYABLE,
            reason="accepted",
            clause="4",
            unit_price_pence=pence,
        )
        for place, (item, pence) in enumerate(rows)
    ]


class Typed:
    """Claims in a store file, and `les` run on it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.path = path
        self._capsys = capsys

    def freeze(self, *rows: tuple[str, int], month: str = "2026-05", service: str = "s") -> str:
        """Submit a claim; its id."""
        with open_store(self.path) as store, store.writing():
            body = {"service": service, "month": month}
            done = write.freeze(
                store, body, claim_rows(month, *rows), submitted_on=SUBMITTED, by="A", authorised_by=None
            )
            return done.claim_id

    def reverse(self, claim_id: str, row: int) -> None:
        """Take one row back."""
        with open_store(self.path) as store, store.writing():
            write.reverse(store, claim_id, row, reason="a slip", on=SUBMITTED)

    def withdraw(self, claim_id: str) -> None:
        """Take a whole claim back."""
        with open_store(self.path) as store, store.writing():
            write.withdraw(store, claim_id, reason="a slip", on=SUBMITTED)

    def les(self, *words: str) -> tuple[int, str, str]:
        """The exit code, stdout and stderr of one command."""
        code = run([*words, *(() if words[0] == "verify" else ("--as-of", "2026-07-20"))])
        out, err = self._capsys.readouterr()
        return code, out, err

    def typed(self, command: str) -> int:
        """The exit code of a command as a message prints it."""
        return self.les(*shlex.split(command)[1:])[0]

    def load(self, text: str, *words: str, name: str = "r.csv") -> tuple[int, Any, str]:
        """Load a remittance: exit code, JSON and stderr."""
        Path(name).write_text(text, encoding="utf-8")
        code, out, err = self.les("claims", "pay", "--load", name, "--json", *words)
        return code, json.loads(out) if out else {}, err

    def paid(self) -> dict[str, int]:
        """What is paid for each claim, in pence."""
        claims = json.loads(self.les("claims", "--json")[1])["claims"]
        return {one["claim_id"]: one["paid_pence"] for one in claims}

    def is_whole(self) -> bool:
        """Whether `les verify` finds no fault."""
        return self.les("verify")[0] == 0


def made(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """A new store in a folder, which is the one that commands use from now on."""
    monkeypatch.chdir(folder)
    path = folder / "p.les"
    monkeypatch.setenv("LES_STORE", str(path))
    with create_store(path, Practice(ods_code="A81001", name="Demo")) as store:
        store.connection.execute(
            "INSERT INTO patient (nhs_number, family_name, given_name, date_of_birth, sex, facts_from)"
            f" VALUES ('{PATIENT}', 'A', 'B', '1950-01-01', 'female', '')"
        )
    return Typed(path, capsys)


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    return made(tmp_path, monkeypatch, capsys)


@pytest.fixture
def commands() -> Callable[[str], Sequence[str]]:
    """The commands that a message prints between backticks."""
    return lambda message: [part for part in message.split("`")[1::2] if part.startswith("les ")]
