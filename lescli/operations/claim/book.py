"""The workbook of a claim: what the commissioner is sent and signed for, what to put right, and what is not paid.

It names no patient, so that it can leave the practice as it is.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...calendar import for_people, month_in_full
from ...model import Verdict
from ...outputs import Column, Grid, Kind
from ...outputs.answer import Sheet
from .preview import ClaimAnswer

DECLARATION = (
    "I declare that this work was done as the specification asks, that the records support it, and that it is claimed "
    "nowhere else."
)
"""Our own words: no specification prints a declaration of its own."""

_LINES = (
    Column("item", "Item"),
    Column("activity_month", "Month of activity"),
    Column("quantity", "Quantity", Kind.COUNT),
    Column("unit_price_pence", "Price", Kind.PENCE),
    Column("amount_pence", "Amount", Kind.PENCE),
)
_RIGHT = (
    Column("service", "Service"),
    Column("verdict", "State"),
    Column("count", "Activities", Kind.COUNT),
    Column("held_pence", "Money it holds", Kind.PENCE),
    Column("reason", "Why"),
    Column("fix", "What to do"),
    Column("clause", "Clause"),
)
_NOT_PAID = (
    Column("service", "Service"),
    Column("verdict", "State"),
    Column("count", "Activities", Kind.COUNT),
    Column("reason", "Why"),
    Column("clause", "Clause"),
    Column("fix", "What to do if it is wrong"),
)
_HOW = (Column("word", "Word"), Column("meaning", "Meaning"))
_TO_PUT_RIGHT = (Verdict.CHECK, Verdict.UNPRICED)
_STATES = {
    Verdict.CLAIMED: "claimed before",
    Verdict.CHECK: "to put right",
    Verdict.REFUSED: "not paid",
    Verdict.OVER_CAP: "over the cap",
    Verdict.EXPIRED: "too late",
    Verdict.UNPRICED: "no price",
}
_MEANINGS = (
    (
        "Month of activity",
        "The month in which the work was done. Work of an earlier month is late work.",
    ),
    ("Quantity", "How many activities, or patients where the item is paid for a patient."),
    ("to put right", "It would be paid once the thing named is put right. It is in no total until then."),
    ("no price", "Nobody has set a price, so it cannot be claimed."),
    ("claimed before", "It is in an earlier claim, or another service claimed it."),
    ("not paid", "The specification does not pay for it. The clause says where it stands."),
    ("over the cap", "It was done, but the specification pays for no more of them."),
    ("too late", "The time in which it could be claimed has passed."),
    ("Chain head", "The proof of a submitted claim: if a figure of it is changed later, this does not fit any more."),
    ("Preview", "Nothing is submitted yet. The figures can still change."),
)


def claim_sheets(answers: Sequence[ClaimAnswer]) -> tuple[Sheet, ...]:
    """One sheet to sign for each service, then what to put right, what is not paid, and how to read it."""
    several = len(answers) > 1
    claims = tuple(_claim(one, f"Claim {one.service}" if several else "Claim") for one in answers)
    return (
        *claims,
        Sheet(name="To put right", grid=_right(answers)),
        Sheet(name="Not paid and why", grid=_not_paid(answers)),
        Sheet(name="How to read this", grid=Grid(title="", columns=_HOW, rows=(*_MEANINGS, _origin(answers)))),
    )


def _origin(answers: Sequence[ClaimAnswer]) -> tuple[str, str]:
    """Whose words are signed for."""
    own = [one.service for one in answers if not one.declaration]
    if not own:
        return ("Declaration", "Its words are those of the specification.")
    which = "" if len(own) == len(answers) else f" of {', '.join(own)}"
    return (f"Declaration{which}", "Its words are ours, because the specification prints none.")


def _claim(one: ClaimAnswer, name: str) -> Sheet:
    data = one.data
    specification, practice = data["specification"], data["practice"]
    is_frozen = data["status"] == "submitted"
    above: list[tuple[str, object, Kind]] = [
        ("Claim for", specification["title"], Kind.TEXT),
        ("Practice", practice["name"], Kind.TEXT),
        ("ODS code", practice["ods_code"], Kind.CODE),
        ("Commissioner", specification["commissioner"], Kind.TEXT),
        ("Contract year", specification["contract_year"], Kind.CODE),
        ("Month claimed", month_in_full(data["month"]), Kind.CODE),
        ("Claim", data["claim_id"] if is_frozen else "Preview: not submitted", Kind.TEXT),
        ("Submit by", one.submit_by or "no day is stated", Kind.DATE if one.submit_by else Kind.TEXT),
    ]
    below: list[tuple[str, object, Kind]] = [
        ("Declaration", one.declaration or DECLARATION, Kind.TEXT),
        ("Prepared by", one.by or "", Kind.TEXT),
        ("Date", one.submitted_on or "", Kind.DATE if one.submitted_on else Kind.TEXT),
        ("Authorised by", one.authorised_by or "", Kind.TEXT),
        ("Date", "", Kind.TEXT),
        ("Signature", "", Kind.TEXT),
    ]
    if one.chain_head:
        below.append(("Chain head", one.chain_head, Kind.CODE))
    rows = tuple(
        tuple(line[column.name] for column in _LINES)
        for line in ({**line, "activity_month": month_in_full(line["activity_month"])} for line in data["lines"])
    )
    total = ("Total", "", sum(line["quantity"] for line in data["lines"]), None, data["total_pence"])
    return Sheet(
        name=name,
        above=tuple(above),
        grid=Grid(title="", columns=_LINES, rows=rows, empty="nothing is payable"),
        total=total,
        below=tuple(below),
        is_form=True,
    )


def filled_form(one: ClaimAnswer, template: bytes) -> bytes:
    """The commissioner's form filled with the claim. LesError when it cannot take all of it."""
    from .form import filled, form_in

    data, is_frozen = one.data, one.data["status"] == "submitted"
    specification, practice = data["specification"], data["practice"]
    values = {
        "practice": practice["name"],
        "ods_code": practice["ods_code"],
        "commissioner": specification["commissioner"],
        "service": specification["title"],
        "contract_year": specification["contract_year"],
        "month": month_in_full(data["month"]),
        "claim_id": data["claim_id"] if is_frozen else "PREVIEW, not submitted",
        "submit_by": one.submit_by,
        "prepared_by": one.by,
        "authorised_by": one.authorised_by,
        "submitted_on": one.submitted_on,
        "chain_head": one.chain_head,
        "total_quantity": sum(line["quantity"] for line in data["lines"]),
        "total": data["total_pence"] / 100,
    }
    lines = [
        {
            "item": line["item"],
            "activity_month": month_in_full(line["activity_month"]),
            "quantity": line["quantity"],
            "price": line["unit_price_pence"] / 100,
            "amount": line["amount_pence"] / 100,
        }
        for line in data["lines"]
    ]
    return filled(template, one.form or form_in(template), values, lines, is_preview=not is_frozen)


def _right(answers: Sequence[ClaimAnswer]) -> Grid:
    rows = []
    for one in answers:
        for row in one.data["reasons"]:
            if row["verdict"] in _TO_PUT_RIGHT:
                key = (row["verdict"], row["reason"], row["clause"], row["fix"])
                held = _held(one, key) if row["verdict"] == Verdict.CHECK else None
                rows.append((one.service, _state(row), row["count"], held, row["reason"], row["fix"], row["clause"]))
    # A frozen claim does not say what its rows to put right hold. An empty column would read as no money.
    told = [place for place in range(len(_RIGHT)) if _RIGHT[place].name != "held_pence" or any(o.held for o in answers)]
    return Grid(
        title="",
        columns=tuple(_RIGHT[place] for place in told),
        rows=tuple(tuple(row[place] for place in told) for row in rows),
        empty="there is nothing to put right",
    )


def _held(one: ClaimAnswer, key: tuple[str, str, str, str]) -> object:
    return "not counted" if one.data["status"] == "submitted" else dict(one.held).get(key)


def _not_paid(answers: Sequence[ClaimAnswer]) -> Grid:
    rows = tuple(
        (one.service, _state(row), row["count"], row["reason"], row["clause"], row["fix"])
        for one in answers
        for row in one.data["reasons"]
        if row["verdict"] not in _TO_PUT_RIGHT
    )
    return Grid(title="", columns=_NOT_PAID, rows=rows, empty="every activity is claimed, or is to be put right")


def _state(row: dict[str, object]) -> str:
    return _STATES[Verdict(str(row["verdict"]))]


def mail_body(one: ClaimAnswer) -> str:
    """The draft to the commissioner, as a person would write it."""
    data = one.data
    practice, total = data["practice"], sum(line["amount_pence"] for line in data["lines"])
    lines = [_line(line) for line in data["lines"]]
    is_frozen = data["status"] == "submitted"
    under = f"our claim for {month_in_full(data['month'])} under {data['specification']['title']}"
    opening = f"Please find attached {under}." if is_frozen else f"PREVIEW, not submitted: {under} as it stands."
    body = ["Dear colleague,", "", opening, "", *(lines or ["Nothing is payable for this month."])]
    body += [f"Total: {_pounds(total)}", ""]
    if is_frozen:
        body += [f"Claim {data['claim_id']}, chain head {one.chain_head}.", ""]
    body += [
        "The workbook names no patient. We keep the records behind each line and can show them when you verify.",
        "",
        "Kind regards,",
        *([one.by] if one.by else []),
        f"{practice['name']} ({practice['ods_code']})",
        "",
    ]
    return "\n".join(body)


def _line(line: dict[str, object]) -> str:
    late = ", late" if line["late"] else ""
    month, price = month_in_full(str(line["activity_month"])), _pounds(line["unit_price_pence"])
    return f"- {line['item']}, {month}{late}: {line['quantity']} at {price} = {_pounds(line['amount_pence'])}"


def _pounds(pence: object) -> str:
    from ...outputs import pounds

    return pounds(int(str(pence)))


def mail_subject(one: ClaimAnswer) -> str:
    """The subject: what it is, whose, and for which month."""
    data = one.data
    practice = data["practice"]
    state = "" if data["status"] == "submitted" else "PREVIEW: "
    due = f", due {for_people(one.submit_by)}" if one.submit_by and state else ""
    whose = f"{practice['name']} ({practice['ods_code']})"
    return f"{state}{data['specification']['title']}: claim of {whose} for {month_in_full(data['month'])}{due}"
