"""Rules about one claim alone: its shape, its sums and its chain head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ...outputs import counted, pounds
from .sent import ERROR, QUERY, Rule, Sent, SentClaim
from .words import line_name, month_name


def _names_patients(claim: SentClaim, _: Sent) -> Iterator[str]:
    if claim.data.get("identifiable") or claim.data.get("rows"):
        yield (
            "The file names patients, so we have to delete it. Please send the claim without its rows, and report "
            "this under your own rules for personal data sent by mistake."
        )


def _not_submitted(claim: SentClaim, _: Sent) -> Iterator[str]:
    if claim.data["status"] != "submitted":
        yield "The file is a preview, not a submitted claim. Please submit the claim and send that file."


def _claim_id(claim: SentClaim, _: Sent) -> Iterator[str]:
    wanted, named = f"{claim.service}-{claim.month}", claim.claim_id
    if named and not (named == wanted or (named.startswith(f"{wanted}-") and named[len(wanted) + 1 :].isdigit())):
        yield (
            f"The claim is numbered {named}, but it is for {claim.service} and {month_name(claim.month)}. "
            "Please send the file as it was made."
        )


def _line_amount(claim: SentClaim, _: Sent) -> Iterator[str]:
    for line in claim.lines:
        price, amount = line["unit_price_pence"], line["amount_pence"]
        if price is None or amount is None:
            continue
        if (right := line["quantity"] * price) != amount:
            yield (
                f"{line_name(line)}: {line['quantity']} at {pounds(price)} is {pounds(right)}, but the line says "
                f"{pounds(amount)}."
            )


def _no_price(claim: SentClaim, _: Sent) -> Iterator[str]:
    for line in claim.lines:
        if line["unit_price_pence"] is None or line["amount_pence"] is None:
            yield f"{line_name(line)}: the line has no price or no amount, so we cannot pay it."


def _total(claim: SentClaim, _: Sent) -> Iterator[str]:
    right = sum(line["amount_pence"] or 0 for line in claim.lines)
    if right != claim.data["total_pence"]:
        yield f"The lines add up to {pounds(right)}, but the total says {pounds(claim.data['total_pence'])}."


def _considered(claim: SentClaim, _: Sent) -> Iterator[str]:
    right = sum(claim.data["verdicts"].values())
    if right != claim.data["considered"]:
        yield (
            f"The claim looked at {counted(claim.data['considered'], 'activity', 'activities')}, but its states add up "
            f"to {right}."
        )


def _payable(claim: SentClaim, _: Sent) -> Iterator[str]:
    if claim.quantity != (payable := claim.data["verdicts"]["payable"]):
        yield (
            f"The lines claim {counted(claim.quantity, 'activity', 'activities')}, but {payable} "
            f"{'is' if payable == 1 else 'are'} counted as payable."
        )


def _reasons(claim: SentClaim, _: Sent) -> Iterator[str]:
    sums: Counter[str] = Counter()
    for row in claim.data["reasons"]:
        sums[row["verdict"]] += row["count"]
    for verdict, count in claim.data["verdicts"].items():
        if verdict != "payable" and sums[verdict] != count:
            yield (
                f"{counted(count, 'activity', 'activities')} {'is' if count == 1 else 'are'} counted as "
                f"`{verdict}`, but the reasons given for that add up to {sums[verdict]}."
            )


def _unpriced(claim: SentClaim, _: Sent) -> Iterator[str]:
    if claim.data["status"] == "submitted" and (count := claim.data["verdicts"]["unpriced"]):
        yield f"The claim has {counted(count, 'activity', 'activities')} without a price. We cannot pay for that."


def _line_twice(claim: SentClaim, _: Sent) -> Iterator[str]:
    seen = Counter((line["item"], line["activity_month"], line["unit_price_pence"]) for line in claim.lines)
    for (item, month, _price), times in seen.items():
        if times > 1:
            yield f"{item} of {month_name(month)} stands in {times} lines at the same price. It should be one line."


def _late(claim: SentClaim, _: Sent) -> Iterator[str]:
    first = f"{claim.period.first:%Y-%m}"
    for line in claim.lines:
        if line["late"] != (line["activity_month"] < first):
            said = "late" if line["late"] else "not late"
            yield f"{line_name(line)} is marked as {said} in a claim for {month_name(claim.month)}. The mark is wrong."


def _chain_head(claim: SentClaim, _: Sent) -> Iterator[str]:
    if claim.data["status"] == "submitted" and not claim.chain_head:
        yield "The claim has no chain head, so it proves nothing. Please send the file as `les claim --out` wrote it."


def _too_early(claim: SentClaim, _: Sent) -> Iterator[str]:
    if claim.data["as_of"] <= claim.period.last.isoformat():
        yield (
            f"The claim for {month_name(claim.month)} was made before the {claim.period.every} was over. "
            "Is all its work in it?"
        )


FIGURES = (
    Rule(name="names-patients", severity=ERROR, find=_names_patients),
    Rule(name="not-submitted", severity=ERROR, find=_not_submitted),
    Rule(name="claim-id", severity=ERROR, find=_claim_id),
    Rule(name="line-amount", severity=ERROR, find=_line_amount),
    Rule(name="no-price", severity=ERROR, find=_no_price),
    Rule(name="line-twice", severity=ERROR, find=_line_twice),
    Rule(name="total", severity=ERROR, find=_total),
    Rule(name="considered", severity=ERROR, find=_considered),
    Rule(name="payable", severity=ERROR, find=_payable),
    Rule(name="reasons", severity=ERROR, find=_reasons),
    Rule(name="unpriced", severity=ERROR, find=_unpriced),
    Rule(name="late-mark", severity=ERROR, find=_late),
    Rule(name="chain-head", severity=ERROR, find=_chain_head),
    Rule(name="too-early", severity=QUERY, find=_too_early),
)
