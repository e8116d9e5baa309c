"""Check the ledger and the audit trail: unbroken chains, claims that add up, nothing claimed or paid twice, duties."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from ...amounts import counted
from ...calendar import APRIL, JANUARY, parse_claim_period
from ...model import Verdict
from ..database.connection import Store
from ..ledger import chain
from ..ledger.read import claim_id
from .records import is_day

_CLAIM = {name: place for place, name in enumerate(chain.COLUMNS["claim"])}
_ROW = {name: place for place, name in enumerate(chain.COLUMNS["claim_row"])}


def ledger(store: Store) -> Iterator[str]:
    """Check the chain, then each claim's sums and body, then double claims, reversals, payments and withdrawals."""
    yield from chain.layout_faults(store)
    yield from _chain(store)
    for claim in store.rows(f"SELECT {', '.join(chain.COLUMNS['claim'])} FROM claim ORDER BY id"):
        name = _name(*_id(claim))
        rows = store.rows(
            f"SELECT {', '.join(chain.COLUMNS['claim_row'])} FROM claim_row WHERE claim_id = ? ORDER BY id", claim[0]
        )
        yield from (f"claim {name}: {fault}" for fault in _claim(claim, rows))
    yield from _claimed_once(store)
    yield from _reversals(store)
    yield from _payments(store)
    yield from _withdrawals(store)
    yield from _duties(store)


def _id(claim: Sequence[Any]) -> tuple[object, object, object]:
    """Service, month and sequence of a claim. A claim from before there were sequences is the first of its month."""
    place = _CLAIM["sequence"]
    return claim[_CLAIM["service"]], claim[_CLAIM["month"]], claim[place] if place < len(claim) else 1


def _name(service: object, month: object, sequence: object = 1) -> str:
    """A claim's id, or a safe text when the id is damaged."""
    text = f"{service}-{month}" if sequence == 1 else f"{service}-{month}-{sequence}"
    return text if text.isascii() and text.replace("-", "").isalnum() else "(its name is damaged)"


def _chain(store: Store) -> Iterator[str]:
    seals = store.rows("SELECT id, claim, claim_row, reversal, payment, digest FROM seal")
    if len(seals) != 1:
        yield "the place where the chain begins is missing"
        return
    _, *last, sealed = seals[0]
    if chain.sealed_digest(store, last) != sealed or not chain.sealed_unchanged(store, last):
        yield "rows from before the ledger was one chain were changed"
    following: dict[str, list[chain.Link]] = {}
    for table in chain.LINKED:
        for link in chain.links(store, table):
            following.setdefault(link.previous, []).append(link)
            if not link.whole:
                yield f"{_label(store, link)} is not as it was written"
    at, seen = str(sealed), 0
    while at in following:
        here = following.pop(at)
        if len(here) > 1:
            yield f"the chain forks: {' and '.join(_label(store, link) for link in here)} follow the same row"
        at, seen = here[0].hash, seen + 1
    loose = [link for links in following.values() for link in links]
    if loose:
        after = counted(seen, "row")
        yield f"the chain breaks after {after}: {_label(store, loose[0])} follows a row that does not exist"


def _label(store: Store, link: chain.Link) -> str:
    if link.table == "claim":
        return f"claim {_name(*_id(link.values))} or one of its rows"
    return f"{link.table.replace('_', ' ')} {link.values[0]}"


def _claim(claim: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    payable = [row for row in rows if row[_ROW["verdict"]] == Verdict.PAYABLE.value]
    total = sum(row[_ROW["amount_pence"]] for row in payable)
    if claim[_CLAIM["total_pence"]] != total:
        yield f"its total is {claim[_CLAIM['total_pence']]} pence and its payable rows come to {total}"
    if any(row[_ROW["amount_pence"]] for row in rows if row[_ROW["verdict"]] != Verdict.PAYABLE.value):
        yield "a row that is not payable has an amount"
    if [row[_ROW["row"]] for row in rows] != list(range(1, len(rows) + 1)):
        yield "its rows are not numbered one after the other"
    if any(row[_ROW["service"]] != claim[_CLAIM["service"]] for row in rows):
        yield "a row is of another service"
    if not _is_period(claim[_CLAIM["month"]]):
        yield "its month is invalid"
    if not is_day(claim[_CLAIM["submitted_on"]]) or any(not is_day(row[_ROW["day"]]) for row in rows):
        yield "a date is invalid"
    try:
        body = json.loads(claim[_CLAIM["body"]])
        if not isinstance(body, dict):
            raise ValueError
    except ValueError:
        yield "the submitted claim cannot be read"
        return
    yield from _body(claim, rows, payable, body)


def _is_period(name: object) -> bool:
    """Whether a value is a month as the store writes it, or a quarter or year of a contract."""
    if not isinstance(name, str):
        return False
    for starts in (APRIL, JANUARY):
        with suppress(ValueError):
            return str(parse_claim_period(name, starts)) == name
    return False


def _body(
    claim: Sequence[Any], rows: Sequence[Sequence[Any]], payable: Sequence[Sequence[Any]], body: dict[str, Any]
) -> Iterator[str]:
    """Compare the submitted claim with its rows, as far as it says something of them."""
    counts = Counter(row[_ROW["verdict"]] for row in rows)
    asked: dict[str, object] = {
        "claim_id": claim_id(claim[_CLAIM["service"]], claim[_CLAIM["month"]], claim[_CLAIM["sequence"]]),
        "status": "submitted",
        "service": claim[_CLAIM["service"]],
        "month": claim[_CLAIM["month"]],
        "total_pence": claim[_CLAIM["total_pence"]],
        "considered": len(rows),
    }
    for name, value in asked.items():
        if body.get(name, value) != value:
            yield f"the submitted claim and the rows differ in {name}"
    if any(count != counts[verdict] for verdict, count in body.get("verdicts", {}).items()):
        yield "the submitted claim and the rows differ in verdicts"
    yield from _lines(payable, body)


def _lines(payable: Sequence[Sequence[Any]], body: dict[str, Any]) -> Iterator[str]:
    """Compare the submitted lines, each of one item, month and price, with the payable rows."""
    # Claims made by les have lines. A script may have frozen a claim without them.
    if "lines" not in body and "schema" not in body:
        return
    made = Counter((row[_ROW["item"]], row[_ROW["day"]][:7], row[_ROW["amount_pence"]]) for row in payable)
    said: Counter[tuple[str, str, int]] = Counter()
    for line in body.get("lines", ()):
        said[line["item"], line["activity_month"], line["unit_price_pence"]] += line["quantity"]
        if line["amount_pence"] != line["unit_price_pence"] * line["quantity"]:
            yield "the submitted claim has a line that does not add up"
    if said != made:
        yield "the submitted claim and the rows differ in lines"


# NOT INDEXED: the unique indexes that forbid this may themselves be damaged.
_CLAIMED_TWICE = """
SELECT r.service, count(*) FROM claim_row r NOT INDEXED
WHERE r.verdict = 'payable' AND NOT EXISTS (SELECT 1 FROM reversal v WHERE v.claim_row_id = r.id) {and_}
GROUP BY r.service, r.item, {work} HAVING count(*) > 1
"""


def _claimed_once(store: Store) -> Iterator[str]:
    work = {"coalesce(r.patient_id, 0), r.day": "", "r.activity_id": "AND r.activity_id IS NOT NULL"}
    twice = {
        (str(service), count)
        for columns, and_ in work.items()
        for service, count in store.rows(_CLAIMED_TWICE.format(work=columns, and_=and_))
    }
    for service, count in sorted(twice):
        yield f"{_name(service, 'claims')}: the same work is claimed {count} times and was not reversed"


def _reversals(store: Store) -> Iterator[str]:
    for number, amount, on, row, verdict in store.rows(
        "SELECT v.id, v.amount_pence, v.on_date, r.amount_pence, r.verdict FROM reversal v"
        " LEFT JOIN claim_row r ON r.id = v.claim_row_id ORDER BY v.id"
    ):
        if amount != row or verdict != Verdict.PAYABLE.value:
            yield f"reversal {number}: it does not take back what its row claimed"
        if not is_day(on):
            yield f"reversal {number}: its date is invalid"
    for row, count in store.rows(
        "SELECT claim_row_id, count(*) FROM reversal NOT INDEXED GROUP BY claim_row_id HAVING count(*) > 1"
    ):
        yield f"claim row {row} is reversed {count} times"


# A payment that was paid, taken back and paid again has three lines; the same amount twice in a row is a fault. Since
# payments have references, a person is asked before a payment without one is recorded again, so that is no fault.
_PAID_TWICE = """
SELECT claim_id, count(*) FROM (
  SELECT claim_id, amount_pence, lag(amount_pence) OVER (
    PARTITION BY claim_id, reference, CASE reference WHEN '' THEN on_date END, abs(amount_pence) ORDER BY id) AS before
  FROM payment WHERE id > (SELECT payment FROM seal)
    AND (reference <> '' OR id < (
      SELECT min(first_id) FROM layout WHERE hashed = 'payment' AND ' ' || columns || ' ' LIKE '% reference %')))
WHERE amount_pence = before GROUP BY claim_id
"""


def _payments(store: Store) -> Iterator[str]:
    for number, amount, on, items, claim in store.rows(
        "SELECT p.id, p.amount_pence, p.on_date, p.items, c.id FROM payment p LEFT JOIN claim c ON c.id = p.claim_id"
    ):
        if claim is None or not is_day(on) or not amount:
            yield f"payment {number}: its claim, date or amount is missing or invalid"
        if not _are_items(items):
            yield f"payment {number}: what it is for cannot be read"
    for claim, count in store.rows(_PAID_TWICE):
        yield f"payments: claim {claim} has the same payment {count + 1} times"


def _are_items(text: object) -> bool:
    """Whether a text is what the ledger writes of the items of a payment: [[item, quantity, pence], ...] or nothing."""
    if text == "":
        return True
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return False
    kinds = [str, int, int]
    return (
        isinstance(found, list)
        and bool(found)
        and all(isinstance(one, list) and [type(each) for each in one] == kinds for one in found)
    )


def _withdrawals(store: Store) -> Iterator[str]:
    """Check that withdrawn claims have no row left and no payment, and that each month has at most one claim left."""
    for number, on, claim, left, paid in store.rows(
        "SELECT w.id, w.on_date, c.id, (SELECT count(*) FROM claim_row r WHERE r.claim_id = w.claim_id"
        " AND r.verdict = 'payable' AND NOT EXISTS (SELECT 1 FROM reversal v WHERE v.claim_row_id = r.id)),"
        " (SELECT coalesce(sum(amount_pence), 0) FROM payment p WHERE p.claim_id = w.claim_id)"
        " FROM withdrawal w LEFT JOIN claim c ON c.id = w.claim_id ORDER BY w.id"
    ):
        if claim is None or not is_day(on):
            yield f"withdrawal {number}: its claim or date is missing or invalid"
        if left or paid:
            yield f"withdrawal {number}: a row of its claim is not reversed, or something is paid for the claim"
    for service, month, count in store.rows(
        "SELECT service, month, count(*) FROM claim NOT INDEXED WHERE id NOT IN (SELECT claim_id FROM withdrawal)"
        " GROUP BY service, month HAVING count(*) > 1"
    ):
        yield f"{_name(service, month)}: {count} claims of the month are not withdrawn"
    for service, month in store.rows(
        "SELECT service, month FROM (SELECT service, month, sequence, row_number() OVER"
        " (PARTITION BY service, month ORDER BY id) AS place FROM claim NOT INDEXED) WHERE sequence <> place"
    ):
        yield f"{_name(service, month)}: its claims are not numbered one after the other"


def _duties(store: Store) -> Iterator[str]:
    """Check that each confirmation has real days, is not of a day to come, and corrects only one of its own duty."""
    for number, confirmed, recorded, replaces, same in store.rows(
        "SELECT d.id, d.confirmed_on, d.recorded_on, d.replaces,"
        " r.id < d.id AND r.service = d.service AND r.duty = d.duty AND r.confirmed_on IS NOT NULL"
        " FROM duty_confirmation d LEFT JOIN duty_confirmation r ON r.id = d.replaces ORDER BY d.id"
    ):
        days = [day for day in (confirmed, recorded) if day is not None]
        if not all(map(is_day, days)) or (confirmed is None and replaces is None):
            yield f"duty confirmation {number}: its date is missing or invalid"
        elif confirmed is not None and confirmed > recorded:
            yield f"duty confirmation {number}: it is of a day after it was recorded"
        if replaces is not None and not same:
            yield f"duty confirmation {number}: it corrects a confirmation of another duty"
    for replaced, count in store.rows(
        "SELECT replaces, count(*) FROM duty_confirmation NOT INDEXED WHERE replaces IS NOT NULL"
        " GROUP BY replaces HAVING count(*) > 1"
    ):
        yield f"duty confirmation {replaced} is corrected {count} times"


def audit_chain(store: Store) -> Iterator[str]:
    """Check that each audit line is as it was written, and follows the one before it."""
    previous = chain.START
    for link in chain.links(store, "audit"):
        if not link.whole:
            yield f"line {link.values[0]} of the audit trail is not as it was written"
        if link.previous != previous:
            yield f"the audit trail breaks before line {link.values[0]}"
        previous = link.hash


def heads(store: Store) -> dict[str, str]:
    """The newest hash of each chain that has begun. Noted outside the store, it proves everything written before it."""
    found = {"audit": [row[0] for row in store.rows("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")]}
    found["ledger"] = [] if chain.head(store) == chain.start(store) else [chain.head(store)]
    return {name: str(each) for name, hashes in sorted(found.items(), reverse=True) for each in hashes}


def heads_found(store: Store, wanted: Sequence[str]) -> Iterator[str]:
    """Report each hash noted earlier that is not in today's chains, or that they cannot prove."""
    proven = {row[0] for row in store.rows("SELECT hash FROM audit")} if wanted else set()
    proven |= {link.hash for table in chain.LINKED for link in chain.links(store, table) if link.whole}
    sealed = {row[0] for row in store.rows("SELECT hash FROM claim WHERE id <= (SELECT claim FROM seal)")}
    for head in wanted:
        if head in proven:
            continue
        if head in sealed:
            yield f"head {head}: an earlier version of les made its claim, which can be read but not proved"
        else:
            yield f"head {head}: in neither chain; what it covers was changed, or this is another store"
