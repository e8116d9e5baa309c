"""The chain of a practice's ledger, seen in the files of its claims alone."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from lescli.group.check.answer import check_answer, check_claims
from lescli.group.check.sent import SentClaim

from .sent_claims import SPECS, START, line, made

NEW = ("chain-forked", "chain-order", "changed-since", "sent-twice", "same-chain-head", "month-twice")


def claim(
    number: int, month: str, head: str, before: str, as_of: str = "", again: str = "", service: str = "denosumab"
) -> dict[str, Any]:
    """A claim with this place in the ledger; of a hash, its first figure is given."""
    later = as_of or f"2026-{int(month[5:]) + 1:02}-05"
    found = made(number, service, month, later, [line("injection", month, 4, 2000)], 0)
    found |= {"chain_head": head * 64, "chain_before": before * 64}
    return found | {"claim_id": f"{found['claim_id']}{again}"}


def said(*claims: dict[str, Any]) -> list[list[str]]:
    sent = [SentClaim(file=f"{number}.json", data=one) for number, one in enumerate(claims)]
    return [
        [f"{each.rule}: {each.text}" for each in one.findings if each.rule in NEW]
        for one in check_claims(sent, SPECS, None)
    ]


def rules(*claims: dict[str, Any]) -> list[list[str]]:
    return [[text.partition(":")[0] for text in each] for each in said(*claims)]


APRIL, MAY = claim(1, "2026-04", "a", "0"), claim(1, "2026-05", "b", "a")


def test_claims_that_follow_each_other_or_other_lines_are_sound() -> None:
    june, july = claim(1, "2026-06", "c", "7"), claim(1, "2026-07", "d", "c")
    assert rules(APRIL, MAY, june, july) == rules(july, MAY, june, APRIL) == [[], [], [], []]


def test_two_claims_after_the_same_line_are_named_in_the_later() -> None:
    june = claim(1, "2026-06", "c", "a")
    text = (
        "chain-forked: Your claims denosumab-2026-05 and denosumab-2026-06 are chained to the same line of your "
        "ledger. In one ledger that cannot be. Was it put back from a backup or begun anew, or do you have two? Which "
        "claims are in it now?"
    )
    assert said(APRIL, MAY, june) == [[], [], [text]]
    assert said(june, APRIL, MAY) == [[text], [], []]
    assert rules(APRIL, MAY, june, claim(1, "2026-07", "d", "a")) == [[], [], ["chain-forked"], ["chain-forked"]]


def test_a_ledger_that_was_begun_anew_has_two_first_lines() -> None:
    assert START == "0" * 64
    assert rules(APRIL, claim(1, "2026-06", "c", "0")) == [[], ["chain-forked"]]


def test_the_ledgers_of_two_practices_begin_alike() -> None:
    assert rules(APRIL, claim(2, "2026-04", "e", "0")) == [[], []]
    # A head of another practice is not looked at either: no line says whose it is.
    assert rules(APRIL, claim(2, "2026-05", "e", "a", as_of="2026-05-01")) == [[], []]


def test_another_service_of_the_practice_is_in_the_same_ledger() -> None:
    other = claim(1, "2026-04", "e", "0", service="pessary")
    assert rules(APRIL, other) == [[], ["chain-forked"]]


def test_a_claim_that_was_withdrawn_and_submitted_again_follows_its_withdrawal() -> None:
    again = claim(1, "2026-05", "d", "9", as_of="2026-06-08", again="-2")
    assert rules(APRIL, MAY, again) == [[], [], ["month-twice"]]


def test_what_another_rule_says_is_not_said_again() -> None:
    # The same file twice, the same claim with other figures, and one claim under two names.
    assert rules(MAY, deepcopy(MAY)) == [[], ["sent-twice"]]
    other = deepcopy(MAY) | {"considered": 5, "chain_head": "c" * 64}
    assert rules(MAY, other) == [[], ["changed-since"]]
    renamed = claim(1, "2026-06", "b", "a")
    assert rules(MAY, renamed) == [["same-chain-head"], ["same-chain-head"]]
    june = claim(1, "2026-06", "c", "a")
    assert rules(MAY, june, deepcopy(june)) == [[], ["chain-forked"], ["sent-twice"]]
    # Which of two claims with one head is followed, nobody knows.
    one, other = claim(1, "2026-04", "a", "0", as_of="2026-06-20"), claim(1, "2026-03", "a", "0", as_of="2026-06-20")
    assert rules(one, other, MAY) == [["same-chain-head"], ["same-chain-head"], []]


def test_a_claim_whose_place_in_the_ledger_changed_is_another() -> None:
    moved = deepcopy(MAY) | {"chain_before": "c" * 64}
    ((first), (second)) = said(MAY, moved)
    assert first == []
    assert "£80.00 in both, chained to another line of your ledger. A submitted claim does not change." in second[0]
    assert len(second) == 1


def test_a_claim_of_a_day_before_the_one_it_follows_is_asked_about() -> None:
    late = claim(1, "2026-04", "a", "0", as_of="2026-06-06")
    assert said(late, MAY) == [
        [],
        [
            "chain-order: The claim is of 05 Jun 2026, but it follows your claim denosumab-2026-04 of 06 Jun 2026 in "
            "your ledger. Which day is right?"
        ],
    ]
    assert rules(MAY, late, deepcopy(MAY)) == [["chain-order"], [], ["sent-twice"]]
    assert rules(claim(1, "2026-04", "a", "0", as_of="2026-06-05"), MAY) == [[], []]


def test_a_claim_that_comes_after_itself_is_an_error() -> None:
    sent = [SentClaim(file="a", data=claim(1, "2026-05", "b", "b"))]
    (one,) = check_claims(sent, SPECS, None)
    assert [(each.rule, each.severity) for each in one.findings] == [("chain-order", "error")]
    assert one.findings[0].text.startswith("The claim is chained to itself.")
    looped = claim(1, "2026-05", "b", "b")
    assert rules(looped, deepcopy(looped)) == [["chain-order"], ["sent-twice"]]
    both = rules(claim(1, "2026-04", "a", "b"), MAY)
    assert both == [["chain-order"], ["chain-order"]]
    # The claim that follows it in truth is no fork of it.
    june = claim(1, "2026-06", "c", "b")
    assert rules(APRIL, claim(1, "2026-05", "b", "b"), june) == [[], ["chain-order"], []]
    assert rules(claim(1, "2026-04", "a", "b"), MAY, june) == [["chain-order"], ["chain-order"], []]


def test_a_claim_of_an_earlier_version_says_nothing_and_the_commissioner_is_told() -> None:
    old = [{name: value for name, value in one.items() if name != "chain_before"} for one in (APRIL, MAY)]
    assert rules(*old, claim(1, "2026-06", "c", "a")) == [[], [], []]
    # The same claim from both versions is one claim.
    assert rules(old[0], APRIL) == rules(APRIL, old[0]) == [[], ["sent-twice"]]
    sent = [SentClaim(file=f"{n}", data=one) for n, one in enumerate(old)]
    notes = check_answer(check_claims(sent, SPECS, None), SPECS, None).notes
    assert "2 claims of an earlier version of les, so the chain before was not checked" in notes
