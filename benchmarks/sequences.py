"""Commands in any order and with any dates: nothing may be dropped, paid twice, locked out or told in two ways.

    python benchmarks/sequences.py [--short] [--seed N] [--steps N]

Hypothesis' state machine types real commands at a store: import, register, end, add, invite, sign, claim, submit,
withdraw, reverse, pay, price and code set. In between and at the end it asks everything there is to ask
(`sequence_rules.py` holds what must be true). Then it mends by commands alone: payments are taken back, claims
withdrawn, register entries ended, a month is submitted again. Prints how often each command was done or refused; exits
with 1 and the shortest sequence that breaks a rule.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from sequence_rules import Broken, Practice

STEPS_A_SEQUENCE, SHORT_STEPS, STEPS = 25, 500, 20_000
COPIED = "complex-injections"

typed: Counter[tuple[str, int]] = Counter()
"""Commands by verb and exit code."""

FIRST, LAST = date(2026, 3, 25), date(2026, 10, 5)
EDGES = [date(2026, month, day) for month in range(4, 10) for day in (1, 30)]
days = st.one_of(st.dates(FIRST, LAST), st.sampled_from(EDGES))
patients = st.integers(0, 2)
months = st.sampled_from([f"2026-{month:02}" for month in range(3, 10)])
outcomes = st.sampled_from(["", "booked", "declined", "dna"])
terms = st.sampled_from(
    ["denosumab price.injection", "phlebotomy price.sample", "anticoag price.level-3", "phlebotomy codes.sample"]
)
services = st.sampled_from(["denosumab", "anticoag", "phlebotomy", COPIED])
CODES = {
    "denosumab": "700139004",
    "anticoag": "66QD",
    "inr": "165581004",
    "phlebotomy": "22778000",
    "other": "38341003",
}


class Sequences(RuleBasedStateMachine):
    """One practice, from its first command on."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(prefix="les-sequence-"))
        self.practice = Practice(self.folder / "practice.les", typed)
        for words in START:
            self.practice.must(*words)
        copied = self.folder / "copy" / "service.toml"
        copied.parent.mkdir()
        copied.write_text(copied_service(), encoding="utf-8", newline="\n")
        self.practice.must("services", "add", str(copied.parent))
        self.files = 0
        known = "".join(f"{nhs(number)},{born(number)},2015-01-01\n" for number in range(3))
        self.practice.imports(self.file(f"nhs_number,date_of_birth,registered_on\n{known}"), FIRST)

    def file(self, text: str) -> str:
        """A new file with this text."""
        self.files += 1
        path = self.folder / f"{self.files}.csv"
        path.write_text(text, encoding="utf-8", newline="\n")
        return str(path)

    @rule(
        who=st.lists(patients, min_size=1, max_size=4),
        on=days,
        code=st.sampled_from(sorted(CODES)),
        seen=st.sampled_from(["Home visit", "Face to face", "Telephone call", ""]),
        known=st.booleans(),
        as_of=days,
    )
    def import_entries(self, who: list[int], on: date, code: str, seen: str, known: bool, as_of: date) -> None:
        """Some entries a day apart; with an id they can be changed by a later file."""
        rows = ["nhs_number,date_of_birth,date,code,code_system,consultation_type,value,source_id"]
        for place, number in enumerate(who):
            system = "read2" if code == "anticoag" else "snomed"
            own = f"e{number}-{code}" if known else ""
            day = on + timedelta(days=place)
            rows.append(f"{nhs(number)},{born(number)},{day},{CODES[code]},{system},{seen},2.4,{own}")
        # A file that was made before its work was done is the rarer case: most of its rows are put aside.
        self.practice.imports(self.file("\n".join(rows) + "\n"), as_of if len(who) > 3 else max(as_of, day))

    @rule(
        number=patients,
        died=st.one_of(st.none(), days),
        left=st.one_of(st.none(), days),
        stated=st.sampled_from(["died_on", "left_on", "died_on,left_on"]),
        as_of=days,
    )
    def import_facts(self, number: int, died: date | None, left: date | None, stated: str, as_of: date) -> None:
        """What a newer extract states of a patient, or no longer states."""
        facts = {"died_on": died, "left_on": left}
        cells = [str(facts[name] or "") for name in stated.split(",")]
        row = ",".join([nhs(number), born(number), "2015-01-01", *cells])
        self.practice.imports(self.file(f"nhs_number,date_of_birth,registered_on,{stated}\n{row}\n"), as_of)
        self.practice.stated(nhs(number), {name: facts[name] for name in stated.split(",")})

    @rule(
        service=st.sampled_from(["denosumab", "anticoag"]),
        number=patients,
        start=days,
        level=st.sampled_from(["3", "4", "5"]),
        as_of=days,
    )
    def add(self, service: str, number: int, start: date, level: str, as_of: date) -> None:
        """Put on the register, or a detail of one who is on it."""
        detail = f"level={level}" if service == "anticoag" else f"first_dose_on={start}"
        words = ("register", service, "--add", nhs(number), "--set", detail, "--from", str(start))
        self.practice.may(*words, as_of=as_of)

    @rule(service=services, number=patients, on=days, as_of=days)
    def end(self, service: str, number: int, on: date, as_of: date) -> None:
        """Off the register."""
        why = ("--on", str(on), "--reason", "stopped")
        self.practice.may("register", service, "--end", nhs(number), *why, as_of=as_of)

    @rule(
        rows=st.lists(st.tuples(patients, days, st.one_of(st.none(), days), st.sampled_from(["3", "4"])), max_size=3),
        twice=st.booleans(),
        as_of=days,
    )
    def load(self, rows: list[tuple[int, date, date | None, str]], twice: bool, as_of: date) -> None:
        """A register file, perhaps twice."""
        lines = [
            f"{nhs(number)},{start},{end or ''},{'stopped' if end else ''},{start},{level}"
            for number, start, end, level in rows
        ]
        path = self.file("\n".join(["nhs_number,entered_on,ended_on,end_reason,from,level", *lines]) + "\n")
        done = self.practice.may("register", "anticoag", "--load", path, as_of=as_of)
        if twice and done == 0:
            self.practice.unchanged("register", "anticoag", "--load", path, as_of=as_of)

    @rule(service=services, number=patients, on=days, outcome=outcomes, as_of=days)
    def invite(self, service: str, number: int, on: date, outcome: str, as_of: date) -> None:
        """A contact."""
        more = ("--outcome", outcome) if outcome else ()
        self.practice.may("invite", service, nhs(number), "--on", str(on), "--by", "phone", *more, as_of=as_of)

    @rule(service=services, day=days, holds=st.booleans())
    def sign(self, service: str, day: date, holds: bool) -> None:
        """Hold a contract, or give it up."""
        option = "--from" if holds else "--on"
        self.practice.may("services", "sign" if holds else "unsign", service, option, str(day))

    @rule(key=terms, amount=st.integers(1, 3), day=days)
    def set_term(self, key: str, amount: int, day: date) -> None:
        """A price or a code from a day on."""
        service, term = key.split()
        value = f"{amount}2.50" if term.startswith("price") else CODES["phlebotomy"]
        self.practice.may("services", "set", service, f"{term}={value}", "--from", str(day), "--source", "letter")

    @rule(service=services, month=months, sure=st.booleans(), as_of=days)
    def submit(self, service: str, month: str, sure: bool, as_of: date) -> None:
        """Freeze a month, whether it is over or not."""
        words = ("claim", service, "--month", month, "--submit", "--by", "A. Admin", *(("--yes",) if sure else ()))
        self.practice.may(*words, as_of=as_of)

    @rule(which=st.integers(0, 30), as_of=days)
    def withdraw(self, which: int, as_of: date) -> None:
        """Take a claim back whole."""
        if claim := self.practice.some_claim(which):
            self.practice.may("claims", "withdraw", claim, "--reason", "a mistake", as_of=as_of)

    @rule(which=st.integers(0, 30), row=st.integers(1, 4), as_of=days)
    def reverse(self, which: int, row: int, as_of: date) -> None:
        """Take one row back."""
        if claim := self.practice.some_claim(which):
            self.practice.may("claims", "reverse", claim, "--row", str(row), "--reason", "a mistake", as_of=as_of)

    @rule(
        which=st.integers(0, 30),
        pounds=st.sampled_from(["20.00", "40.00", "-20.00"]),
        reference=st.sampled_from(["", "R1", "R2"]),
        on=days,
    )
    def pay(self, which: int, pounds: str, reference: str, on: date) -> None:
        """A payment, or one taken back."""
        if claim := self.practice.some_claim(which):
            more = ("--ref", reference) if reference else ()
            self.practice.may("claims", "pay", claim, "--amount", pounds, "--on", str(on), *more)

    @rule(as_of=days, month=months)
    def ask(self, as_of: date, month: str) -> None:
        """Everything there is to ask, and what must be true of it."""
        self.practice.ask(as_of, month)

    def teardown(self) -> None:
        """Ask, mend by commands alone, ask again."""
        try:
            self.practice.ask(LAST, "2026-09")
            self.practice.mend(LAST)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)


START: tuple[tuple[str, ...], ...] = (
    ("init", "--practice", "A82038", "--name", "Test"),
    *(("services", "sign", name, "--from", "2026-04-01") for name in ("denosumab", "anticoag", "phlebotomy")),
    ("services", "set", "anticoag", "period.end=2027-03-31", "--from", "2021-04-01", "--source", "rolled over"),
)
"""What every practice does first."""


def copied_service() -> str:
    """The data of one service under another name."""
    from importlib.resources import files

    text = files("lescli_denosumab").joinpath("service.toml").read_text(encoding="utf-8")
    return text.replace('name = "denosumab"', f'name = "{COPIED}"', 1)


def nhs(number: int) -> str:
    """A test patient's NHS number."""
    from lescli.testing import nhs_number

    return nhs_number(number)


def born(number: int) -> str:
    """A test patient's birth date."""
    return f"19{40 + number}-02-03"


def main() -> int:
    """Type, ask, count."""
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--short", action="store_true", help=f"{SHORT_STEPS} steps, always the same ones")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--steps", type=int, default=STEPS)
    options.add_argument("--first", action="store_true", help="stop at the first finding, without a shorter one")
    chosen = options.parse_args()
    steps = SHORT_STEPS if chosen.short else chosen.steps
    many: dict[str, Any] = {
        "max_examples": steps // STEPS_A_SEQUENCE,
        "stateful_step_count": STEPS_A_SEQUENCE,
        "deadline": None,
        "database": None,
        "suppress_health_check": list(HealthCheck),
        "report_multiple_bugs": False,
        "phases": [Phase.generate] if chosen.first else [Phase.generate, Phase.shrink],
    }
    try:
        run_state_machine_as_test(seed(chosen.seed)(Sequences), settings=settings(**many))
    except Broken as broken:
        print(f"broken: {broken}")
        return 1
    finally:
        for (verb, code), count in sorted(typed.items()):
            print(f"{verb}, exit {code}: {count}")
    print(f"{sum(typed.values())} commands, 0 rules broken")
    return 0


if __name__ == "__main__":
    sys.exit(main())
