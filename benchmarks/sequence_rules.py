"""What must be true of a practice whatever was typed before (`sequences.py`): `les` is asked, its answers judged."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

from practice import content, here

from lescli.store import open_store

SERVICES = ("anticoag", "complex-injections", "denosumab", "phlebotomy")
ANSWERED, REFUSED = (0, 3), (1, 2)
NEVER_SAID = ("fault of", "Traceback", "999000")


class Broken(AssertionError):  # noqa: N818 (it is a finding, told with the commands that led to it)
    """A rule that does not hold."""


class Practice:
    """A store under commands, and what a careful person would remember of it."""

    def __init__(self, store: Path, typed: Counter[tuple[str, int]]) -> None:
        self.store = store
        self.typed = typed
        self.history: list[str] = []
        self.facts: dict[str, dict[str, date | None]] = {}

    # Commands

    def run(self, *words: str, as_of: date | None = None) -> tuple[int, str, str]:
        """Type a command."""
        day = ("--as-of", str(as_of)) if as_of else ()
        self.history.append(" ".join(["les", *words, *day]))
        code, out, err = here(self.store, *words, *day)
        self.typed[" ".join(words[:2]) if words[0] in ("claims", "services") else words[0], code] += 1
        if said := [word for word in NEVER_SAID if word in err]:
            self.broken(f"{said[0]!r} is said: {err}")
        return code, out, err

    def must(self, *words: str, as_of: date | None = None) -> str:
        """Type a command that nothing can speak against."""
        code, out, err = self.run(*words, as_of=as_of)
        if code not in ANSWERED:
            self.broken(f"exit {code}: {err}")
        return out

    def may(self, *words: str, as_of: date | None = None) -> int:
        """Type a command that may be refused; then it changes nothing and says what to do."""
        before = content(self.store)
        code, _, err = self.run(*words, as_of=as_of)
        if code in REFUSED:
            self._nothing_changed(before)
            if ";" not in err:
                self.broken(f"refused without saying what to do: {err}")
        elif code not in ANSWERED:
            self.broken(f"exit {code}: {err}")
        return code

    def unchanged(self, *words: str, as_of: date | None = None) -> None:
        """Type again what was just done: it changes nothing."""
        before = content(self.store)
        self.must(*words, as_of=as_of)
        self._nothing_changed(before)

    def imports(self, path: str, as_of: date) -> None:
        """Import a file: whatever it holds, every row is accounted for."""
        self.history.append(Path(path).read_text(encoding="utf-8").replace("\n", "\n        "))
        answer = json.loads(self.must("import", path, "--json", as_of=as_of))
        self.taken = not answer["quarantine"]
        for file in answer["files"]:
            if file["rows"] != file["accepted"] + file["unchanged"] + file["quarantined"]:
                self.broken("rows of a file are not all accounted for")

    def stated(self, nhs_number: str, facts: dict[str, date | None]) -> None:
        """Remember what the newest extract states of a patient, when it was taken in."""
        if self.taken:
            self.facts.setdefault(nhs_number, {}).update(facts)

    def some_claim(self, which: int) -> str | None:
        """One of the claims of the ledger, if there is one."""
        claims = self._claims()
        return str(claims[which % len(claims)]["claim_id"]) if claims else None

    # Questions

    def ask(self, as_of: date, month: str) -> None:
        """Ask everything on a day; every answer comes, and no two contradict each other."""
        self.must("verify", as_of=as_of)
        self._ledger()
        self.must("status", "--json", as_of=as_of)
        self.must("claims", "--to-reverse", "--json", as_of=as_of)
        for service in SERVICES:
            claim = json.loads(self.must("claim", service, "--month", month, "--rows", "--json", as_of=as_of))
            self._claim(claim)
            report = json.loads(self.must("report", service, "--period", month, "--json", as_of=as_of))
            register = json.loads(self.must("register", service, "--json", as_of=as_of))
            recalled = json.loads(self.must("recall", service, "--json", as_of=as_of))
            self._register(register, as_of)
            if claim["status"] == "preview":
                self._report(claim, report, month)
                for number in sorted({row["nhs_number"] for row in claim["rows"]}):
                    told = json.loads(self.must("explain", service, "--patient", number, "--json", as_of=as_of))
                    self._explain(claim, told, number)
            if service == "denosumab":
                self._recall(register, recalled, as_of)

    def _ledger(self) -> None:
        """Each piece of work stands once, and the sums are those of the rows."""
        with open_store(self.store) as store:
            rows = store.rows(
                "SELECT r.service, r.item, r.patient_id, r.day, r.activity_id, r.amount_pence FROM claim_row r"
                " WHERE r.verdict = 'payable' AND r.id NOT IN (SELECT claim_row_id FROM reversal)"
            )
        for kind, counted in (
            ("item, patient and day", Counter(row[:4] for row in rows)),
            ("entry", Counter(row[4] for row in rows if row[4] is not None)),
        ):
            if counted and max(counted.values()) > 1:
                self.broken(f"the same {kind} is claimed twice")
        claims = self._claims()
        standing = sum(claim["total_pence"] - claim["reversed_pence"] for claim in claims)
        if standing != sum(row[5] for row in rows):
            self.broken("the claims' totals are not what their rows come to")

    def _claims(self) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = json.loads(self.must("claims", "--json"))["claims"]
        return listed

    def _claim(self, claim: dict[str, Any]) -> None:
        rows, name = claim["rows"], f"{claim['service']} {claim['month']}"
        if not claim["considered"] == sum(claim["verdicts"].values()) == len(rows):
            self.broken(f"{name}: an activity has no verdict, or two")
        payable = [row for row in rows if row["verdict"] == "payable"]
        quantity = sum(line["quantity"] for line in claim["lines"])
        if claim["total_pence"] != sum(line["amount_pence"] for line in claim["lines"]) or quantity != len(payable):
            self.broken(f"{name}: the lines are not the payable rows")
        if len({(row["item"], row["nhs_number"], row["date"]) for row in payable}) != len(payable):
            self.broken(f"{name}: the same work is payable twice")

    def _report(self, claim: dict[str, Any], report: dict[str, Any], month: str) -> None:
        """The report of a month and the claim of that month judge its activity alike."""
        table = next(table for table in report["tables"] if table["id"] == "verdicts")
        told = {(row[0], row[1]): row[2] for row in table["rows"]}
        judged = Counter((row["verdict"], row["reason"]) for row in claim["rows"] if row["date"].startswith(month))
        if told != dict(judged):
            self.broken(f"{claim['service']} {month}: the report says {told} and the claim {dict(judged)}")

    def _explain(self, claim: dict[str, Any], told: dict[str, Any], number: str) -> None:
        """What is explained of a patient is what the claim says of them."""

        def said(rows: list[dict[str, Any]]) -> dict[Any, Any]:
            return {(row["item"], row["date"], *row["evidence"]): (row["verdict"], row["reason"]) for row in rows}

        claimed = said([row for row in claim["rows"] if row["nhs_number"] == number])
        explained = said(told["claims"])
        for key in claimed.keys() & explained.keys():
            if claimed[key] != explained[key]:
                self.broken(f"{key}: the claim says {claimed[key]}, explain {explained[key]}")

    def _register(self, register: dict[str, Any], as_of: date) -> None:
        """A patient is on it once at a time."""
        spans: dict[str, list[tuple[str, str]]] = {}
        for entry in register["entries"]:
            spans.setdefault(entry["nhs_number"], []).append((entry["entered_on"], entry["ended_on"] or "9999"))
        for each in spans.values():
            if any(a[0] <= b[1] and b[0] <= a[1] for a, b in combinations(each, 2)):
                self.broken(f"{register['service']}: a patient is on the register twice on one day")

    def _recall(self, register: dict[str, Any], recalled: dict[str, Any], as_of: date) -> None:
        """Who is on it, and not known to be dead or gone, and did not decline, is on the list."""
        listed = {one["nhs_number"] for one in recalled["recalls"]}
        with open_store(self.store) as store:
            declined = {
                row[0]
                for row in store.rows(
                    "SELECT p.nhs_number FROM invitation i JOIN patient p ON p.id = i.patient_id"
                    " WHERE i.service = 'denosumab' AND i.outcome = 'declined'"
                )
            }
        for entry in register["entries"]:
            number = entry["nhs_number"]
            facts = self.facts.get(number, {})
            gone = any(day is not None and day <= as_of for day in facts.values())
            # On the day an entry ends nobody is rung about it any more.
            running = entry["ended_on"] is None or entry["ended_on"] > str(as_of)
            if running and entry["rule"] == "coded" and not gone and number not in declined and number not in listed:
                self.broken("a patient on the register, alive and here as far as is known, is not on the recall list")

    # Mending

    def mend(self, as_of: date) -> None:
        """Everything can be taken back by commands, and then done again."""
        for claim in self._claims():
            if paid := claim["paid_pence"]:
                amount = f"{-paid / 100:.2f}"
                self.must("claims", "pay", claim["claim_id"], "--amount", amount, "--on", str(as_of), "--ref", "mend")
        for claim in self._standing():
            self.must("claims", "withdraw", claim["claim_id"], "--reason", "all over again", as_of=as_of)
        if any(claim["total_pence"] != claim["reversed_pence"] for claim in self._claims()):
            self.broken("a withdrawn claim still stands for money")
        for service in SERVICES:
            register = json.loads(self.must("register", service, "--json", as_of=as_of))
            for entry in register["entries"]:
                if entry["ended_on"] is None and entry["entered_on"] <= str(as_of):
                    on_last_day = ("--on", str(as_of), "--reason", "moved")
                    self.must("register", service, "--end", entry["nhs_number"], *on_last_day, as_of=as_of)
        self.ask(as_of, "2026-08")
        for service in SERVICES:
            self.may("claim", service, "--month", "2026-08", "--submit", "--by", "A. Admin", "--yes", as_of=as_of)
        self.ask(as_of, "2026-08")

    def _standing(self) -> Iterator[dict[str, Any]]:
        """Claims that were not withdrawn."""
        return (claim for claim in self._claims() if not claim.get("withdrawn_on"))

    # Findings

    def _nothing_changed(self, before: dict[str, list[Any]]) -> None:
        after = content(self.store)
        if changed := [table for table in sorted(after) if after[table] != before.get(table)]:
            self.broken(f"nothing was to change, and {', '.join(changed)} did")

    def broken(self, what: str) -> None:
        """Tell a rule that does not hold, with every command that led to it."""
        raise Broken("\n    ".join([what, *self.history]))
