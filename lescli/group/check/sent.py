"""The claims that were sent, as values: each file's claim, and all of them with what they are compared with."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from ...calendar import APRIL, ClaimPeriod, parse_claim_period
from ...model import ServiceSpec
from ..members import Member, Members

ERROR, QUERY = "error", "query"
LARGEST_NUMBER = 10**12
"""No count and no sum of a claim comes near it."""
_SEVERAL = 5
_ODS = re.compile(r"[A-Z0-9]{3,10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to tell a practice. An error is wrong for sure; a query is a question that may have a good answer."""

    severity: str
    rule: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """The claimed work of one item on one day."""

    day: date
    item: str
    quantity: int


@dataclass(frozen=True, kw_only=True, eq=False)
class SentClaim:
    """One claim of a file. `fault` says why it is no claim that can be checked; empty when it can.

    `data` is what the file holds, also where it is faulty. `year_starts` is the month in which the service's contract
    year begins: the same name means other days there.
    """

    file: str
    data: Mapping[str, Any]
    fault: str = ""
    year_starts: int = APRIL

    @cached_property
    def ods_code(self) -> str:
        """The practice's code; empty when the file does not say."""
        practice = self.data.get("practice")
        code = practice.get("ods_code") if isinstance(practice, dict) else None
        return code if isinstance(code, str) and _ODS.fullmatch(code) else ""

    @property
    def name(self) -> str:
        """The practice's name; empty when the file does not say."""
        practice = self.data.get("practice")
        return str(practice.get("name", "")) if isinstance(practice, dict) else ""

    @property
    def service(self) -> str:
        """The service it names."""
        return str(self.data.get("service") or "")

    @property
    def month(self) -> str:
        """The month, quarter or year claimed."""
        return str(self.data.get("month") or "")

    @property
    def month_named(self) -> str | None:
        """The same, if that is a month, quarter or year at all."""
        try:
            return str(self.period)
        except ValueError:
            return None

    @property
    def total_pence(self) -> int | None:
        """The total that it states; None when that is no number a claim can have."""
        total = self.data.get("total_pence")
        return total if type(total) is int and abs(total) <= LARGEST_NUMBER else None

    @cached_property
    def period(self) -> ClaimPeriod:
        """The days of the month, quarter or year claimed. ValueError when it names none."""
        return parse_claim_period(self.month, self.year_starts)

    def in_years_from(self, starts: int) -> SentClaim:
        """The claim in the contract years of its service, or as it is if it names no period of theirs."""
        with suppress(ValueError):
            parse_claim_period(self.month, starts)
            return replace(self, year_starts=starts)
        return self

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Its lines."""
        return list(self.data["lines"])

    @property
    def quantity(self) -> int:
        """All its activities that are to be paid."""
        return sum(line["quantity"] for line in self.lines)

    @property
    def claim_id(self) -> str:
        """Its name in the practice's ledger."""
        return str(self.data.get("claim_id") or "")

    @property
    def chain_head(self) -> str:
        """Its chain head; empty when it has none."""
        return str(self.data.get("chain_head") or "")

    @property
    def chain_before(self) -> str:
        """What it is chained to in the practice's ledger; empty in files of an earlier version of les."""
        return str(self.data.get("chain_before") or "")

    @cached_property
    def days(self) -> tuple[Work, ...] | None:
        """The days of its work, in the order of the file; None when it has none."""
        activity = self.data.get("activity")
        if activity is None:
            return None
        return tuple(
            Work(day=date.fromisoformat(one["date"]), item=one["item"], quantity=one["quantity"])
            for one in activity["days"]
        )

    @property
    def register_size(self) -> int:
        """How many patients its register had; only for a claim with days."""
        return int(self.data["activity"]["register_size"])

    @property
    def digests(self) -> dict[str, Any] | None:
        """Its keyed digests; None when it has none."""
        found = self.data.get("digests")
        return found if isinstance(found, dict) else None


@dataclass(frozen=True, kw_only=True, eq=False)
class Sent:
    """Every claim that was sent, with the terms of the services and the list of practices."""

    claims: tuple[SentClaim, ...]
    specs: Mapping[str, ServiceSpec]
    members: Members | None = None

    @cached_property
    def whole(self) -> tuple[SentClaim, ...]:
        """Those that can be checked."""
        return tuple(one for one in self.claims if not one.fault)

    @cached_property
    def counted(self) -> tuple[SentClaim, ...]:
        """One claim for each practice, service and month: what is compared must not be counted twice."""
        return tuple(found[0] for found in self.of_month.values())

    @cached_property
    def of_month(self) -> dict[tuple[str, str, str], list[SentClaim]]:
        """The claims by practice, service and month."""
        return _grouped(self.whole, lambda one: (one.ods_code, one.service, one.month))

    @cached_property
    def of_service(self) -> dict[tuple[str, str], list[SentClaim]]:
        """One claim a month by practice and service, the earliest first."""
        ordered = sorted(self.counted, key=lambda one: one.month)
        return _grouped(ordered, lambda one: (one.ods_code, one.service))

    @cached_property
    def at_once(self) -> dict[tuple[str, str], list[SentClaim]]:
        """One claim a practice by service and month."""
        return _grouped(self.counted, lambda one: (one.service, one.month))

    @cached_property
    def with_head(self) -> dict[str, list[SentClaim]]:
        """The claims by chain head."""
        return _grouped((one for one in self.whole if one.chain_head), lambda one: one.chain_head)

    @cached_property
    def with_before(self) -> dict[tuple[str, str], list[SentClaim]]:
        """The claims by practice and what they are chained to: one file of each claim, the earliest claim first."""
        once: dict[tuple[str, str, str], SentClaim] = {}
        for one in self.whole:
            if one.chain_before and one.claim_id:
                once.setdefault((one.ods_code, one.claim_id, one.chain_before), one)
        ordered = sorted(once.values(), key=lambda one: one.data["as_of"])
        return _grouped(ordered, lambda one: (one.ods_code, one.chain_before))

    @cached_property
    def with_days(self) -> frozenset[SentClaim]:
        """The claims whose days are checked: the first file of each claim that has days."""
        once: dict[tuple[str, str, str, str], SentClaim] = {}
        for one in self.whole:
            if one.days is not None:
                once.setdefault((one.ods_code, one.service, one.month, one.claim_id), one)
        return frozenset(once.values())

    @cached_property
    def with_digest(self) -> dict[tuple[str, str], list[SentClaim]]:
        """The claims by key and digest, each month of a practice once."""
        found: defaultdict[tuple[str, str], list[SentClaim]] = defaultdict(list)
        for one in self.counted:
            for value in dict.fromkeys(one.digests["values"] if one.digests else ()):
                found[one.digests["key_id"] if one.digests else "", value].append(one)
        return found

    @cached_property
    def keys(self) -> Counter[str]:
        """How many claims were made with each key."""
        return Counter(one.digests["key_id"] for one in self.counted if one.digests)

    @cached_property
    def usual_editions(self) -> dict[str, tuple[str, int]]:
        """By service, the edition of the terms under which most claims were made, and how many, where several were."""
        found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for one in self.counted:
            found[one.service][str(one.data["specification"]["sha256"])] += 1
        usual = {service: editions.most_common(1)[0] for service, editions in found.items()}
        return {
            service: (edition, count)
            for service, (edition, count) in usual.items()
            if count >= _SEVERAL and 2 * count > found[service].total()
        }

    def spec(self, claim: SentClaim) -> ServiceSpec | None:
        """The terms of a claim's service; None when they are not known here."""
        return self.specs.get(claim.service)

    def member(self, claim: SentClaim) -> Member | None:
        """The practice's line of MEMBERS on the last day of the claim."""
        return next((one for one in self._lines.get(claim.ods_code, ()) if one.covers(claim.period.last)), None)

    @cached_property
    def _lines(self) -> dict[str, list[Member]]:
        found: defaultdict[str, list[Member]] = defaultdict(list)
        for line in self.members.lines if self.members else ():
            found[line.ods_code].append(line)
        return found

    @cached_property
    def rates(self) -> dict[tuple[str, str], dict[SentClaim, tuple[str, float]]]:
        """By service and month, each claim's network and its activities for each 1,000 registered patients."""
        found: defaultdict[tuple[str, str], dict[SentClaim, tuple[str, float]]] = defaultdict(dict)
        for one in self.counted:
            member = self.member(one)
            if member and member.list_size:
                rate = 1000 * one.quantity / member.list_size
                found[one.service, one.month][one] = member.network_code, rate
        return found


def _grouped(claims: Iterable[SentClaim], key: Callable[[SentClaim], Any]) -> dict[Any, list[SentClaim]]:
    found: defaultdict[Any, list[SentClaim]] = defaultdict(list)
    for one in claims:
        found[key(one)].append(one)
    return dict(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: its name, how grave what it finds is, and the function that says it as texts to send."""

    name: str
    severity: str
    find: Callable[[SentClaim, Sent], Iterable[str]]
