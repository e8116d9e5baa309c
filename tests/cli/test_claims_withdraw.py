"""A claim submitted by mistake is withdrawn whole, and its month is submitted again as a second claim."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import lescli_denosumab

JUNE = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05")
SUBMIT = ("--submit", "--by", "A. Admin")
ID = "denosumab-2026-05"
WITHDRAW = ("claims", "withdraw", ID, "--reason", "a day's work was missing", "--as-of", "2026-06-05")


@pytest.fixture
def submitted(les_here, store):
    assert les_here(*JUNE, *SUBMIT, "--quiet", store=store).code == 0
    return store


def test_the_month_is_open_again_and_claimed_as_a_second(les_here, submitted, activity_file):
    before = les_here(*JUNE, "--json", store=submitted).json
    done = les_here(*WITHDRAW, store=submitted)
    assert (done.code, done.out) == (0, "")
    assert "denosumab-2026-05 is withdrawn: 2 rows reversed, £40.00" in done.err
    assert "2026-05 is open again" in done.err

    preview = les_here(*JUNE, "--json", store=submitted).json
    assert (preview["status"], preview["claim_id"], preview["total_pence"]) == ("preview", None, 4000)
    status = les_here("status", "--as-of", "2026-06-05", "--json", store=submitted).json
    assert [one["month"] for one in status["deadlines"] if one["service"] == "denosumab"]

    more = activity_file(
        "9990000018,Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-05-30,700139004,Denosumab,Face to face,B,e9"
    )
    assert les_here("import", more, store=submitted).code == 0
    again = les_here(*JUNE, *SUBMIT, "--json", store=submitted).json
    assert (again["status"], again["claim_id"], again["total_pence"]) == ("submitted", f"{ID}-2", 6000)
    assert les_here(*JUNE, "--json", store=submitted).json["claim_id"] == f"{ID}-2"
    # Submitting it again changes nothing.
    third = les_here(*JUNE, *SUBMIT, store=submitted)
    assert third.code in (0, 3)
    assert "already submitted, unchanged" in third.err

    first, second = les_here("claims", "--json", store=submitted).json["claims"]
    assert [one["claim_id"] for one in (first, second)] == [ID, f"{ID}-2"]
    assert (first["state"], first["withdrawn_on"], first["withdrawal_reason"]) == (
        *("withdrawn", "2026-06-05"),
        "a day's work was missing",
    )
    assert (first["owed_pence"], second["state"], second["owed_pence"]) == (0, "unpaid", 6000)
    assert [one["claim_id"] for one in les_here("claims", "--owed", "--json", store=submitted).json["claims"]] == [
        f"{ID}-2"
    ]
    heads = [before["chain_head"], again["chain_head"]]
    assert les_here("verify", "--head", heads[0], "--head", heads[1], store=submitted).code == 0


def test_show_pay_and_reverse_take_both_ids(les_here, submitted):
    les_here(*WITHDRAW, store=submitted)
    les_here(*JUNE, *SUBMIT, store=submitted)
    shown = les_here("claims", "show", ID, "--json", store=submitted).json
    assert shown["withdrawal"] == {"on": "2026-06-05", "reason": "a day's work was missing"}
    assert len(shown["reversals"]) == 2
    assert (
        f"Claim {ID}, submitted 2026-06-05 by A. Admin, withdrawn 2026-06-05"
        in les_here("claims", "show", ID, store=submitted).out
    )
    second = les_here("claims", "show", f"{ID}-2", "--json", store=submitted).json
    assert (second["claim_id"], second["withdrawal"]) == (f"{ID}-2", None)
    paid = ("--amount", "20.00", "--on", "2026-06-30")
    refused = les_here("claims", "pay", ID, *paid, store=submitted)
    assert (refused.code, "was withdrawn, so nothing is paid for it" in refused.err) == (1, True)
    assert les_here("claims", "pay", f"{ID}-2", *paid, store=submitted).code == 0
    assert les_here("claims", "reverse", ID, "--row", "1", "--reason", "x", store=submitted).code == 1
    assert les_here("claims", "reverse", f"{ID}-2", "--row", "1", "--reason", "x", store=submitted).code == 0
    assert les_here("verify", store=submitted).code == 0


def test_a_paid_claim_is_refused_with_what_was_paid_and_the_way_out(les_here, submitted):
    pay = ("claims", "pay", ID, "--on", "2026-06-30", "--amount")
    les_here(*pay, "15.00", store=submitted)
    done = les_here(*WITHDRAW, store=submitted)
    assert (done.code, done.out) == (1, "")
    assert "£15.00 is paid for denosumab-2026-05" in done.err
    assert "--amount -15.00" in done.err
    assert les_here(*pay, "-15.00", store=submitted).code == 0
    assert les_here(*WITHDRAW, store=submitted).code == 0


@pytest.mark.parametrize("reason", ["", "  ", "for 999 000 0018"])
def test_a_reason_is_needed_and_names_nobody(les_here, submitted, reason):
    done = les_here("claims", "withdraw", ID, "--reason", reason, store=submitted)
    assert done.code == 2
    assert les_here("claims", "--json", store=submitted).json["claims"][0]["state"] == "unpaid"


def test_the_audit_trail_and_the_pack_of_a_check_tell_it(les_here, submitted, tmp_path):
    les_here(*WITHDRAW, store=submitted)
    les_here(*JUNE, *SUBMIT, store=submitted)
    trail = les_here("audit", "--json", store=submitted).json
    assert [(one["verb"], one["asked"]) for one in trail["entries"] if one["verb"] == "claims withdraw"] == [
        ("claims withdraw", f"{ID} --reason --as-of")
    ]
    done = les_here("evidence", "denosumab", "--period", "2026-05", "--out", tmp_path / "pack", store=submitted)
    assert done.code in (0, 3)
    manifest = json.loads((tmp_path / "pack" / "manifest.json").read_text(encoding="utf-8"))
    assert [(one["claim_id"], one["withdrawn_on"]) for one in manifest["claims"]] == [
        (ID, "2026-06-05"),
        (f"{ID}-2", None),
    ]


def test_two_equal_payments_of_a_day_are_told_apart_by_reference(les_here, submitted):
    pay = ("claims", "pay", ID, "--amount", "10.00", "--on", "2026-06-30")
    assert les_here(*pay, "--ref", "BACS  1", store=submitted).code == 0
    again = les_here(*pay, "--ref", "BACS 1", store=submitted)
    assert (again.code, "already recorded under that reference, unchanged" in again.err) == (0, True)
    assert les_here(*pay, "--ref", "BACS 2", store=submitted).code == 0
    without = les_here(*pay, store=submitted)
    assert (without.code, "--ref TEXT" in without.err, "--yes" in without.err) == (1, True, True)
    assert les_here(*pay, "--yes", store=submitted).code == 0
    (claim,) = les_here("claims", "--json", store=submitted).json["claims"]
    assert (claim["paid_pence"], claim["references"]) == (3000, ["BACS 1", "BACS 2"])
    assert "BACS 1, BACS 2" in les_here("claims", "--format", "csv", store=submitted).out
    shown = les_here("claims", "show", ID, "--json", store=submitted).json
    assert [one["reference"] for one in shown["payments"]] == ["BACS 1", "BACS 2", ""]
    assert "BACS 2" in les_here("claims", "show", ID, store=submitted).out
    assert les_here("claims", "show", ID, "--out", "shown.xlsx", store=submitted).code == 0
    assert les_here("verify", store=submitted).code == 0


@pytest.mark.parametrize("reference", ["999 000 0018", "x" * 101, "a\x1bb"])
def test_a_reference_that_cannot_stand_in_the_ledger_is_refused(les_here, submitted, reference):
    pay = ("claims", "pay", ID, "--amount", "10.00", "--on", "2026-06-30")
    assert les_here(*pay, "--ref", reference, store=submitted).code == 2
    assert les_here("claims", "--json", store=submitted).json["claims"][0]["paid_pence"] == 0


@pytest.mark.parametrize(("answer", "code", "paid"), [("y\n", 0, 2000), ("n\n", 0, 1000), ("\n", 0, 1000)])
def test_on_a_terminal_an_equal_payment_is_asked_for(les_here, submitted, monkeypatch, answer, code, paid):
    import io
    import sys

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    pay = ("claims", "pay", ID, "--amount", "10.00", "--on", "2026-06-30")
    assert les_here(*pay, store=submitted).code == 0
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    done = les_here(*pay, store=submitted)
    assert done.code == code
    assert "Is this another payment?" in done.err
    assert les_here("claims", "--json", store=submitted).json["claims"][0]["paid_pence"] == paid


def withdrawn_on(les_here, submitted, day, *more):
    return les_here("claims", "withdraw", ID, "--reason", "x", "--as-of", day, *more, store=submitted)


@pytest.mark.parametrize(
    ("day", "lost", "left"),
    [
        ("2026-07-20", "", "£40.00"),
        ("2026-07-21", "£20.00 of 1 row could not be submitted again", "£20.00"),
        ("2026-08-05", "£40.00 of 2 rows could not be submitted again", ""),
    ],
)
def test_money_that_cannot_come_again_is_given_up_only_with_yes(les_here, submitted, day, lost, left):
    first = withdrawn_on(les_here, submitted, day)
    assert first.code == (1 if lost else 0)
    if lost:
        assert lost in first.err
        assert ("the claim window closed on 20 Jul 2026" in first.err) is (day == "2026-07-21")
        assert les_here("claims", "--json", store=submitted).json["claims"][0]["state"] == "unpaid"
        first = withdrawn_on(les_here, submitted, day, "--yes")
        assert first.code == 0
        assert "cannot be submitted again" in first.err
    again = ("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "NAME")
    assert (" ".join(again) in first.err) is bool(left)
    done = les_here(*again, "--as-of", day, store=submitted)
    assert (done.code in (0, 3)) is bool(left)
    if left:
        assert f"submit the {left} again" in first.err
        assert les_here("claims", "--json", store=submitted).json["claims"][1]["total_pence"] == int(left[1:3]) * 100


def test_what_else_keeps_a_row_from_coming_again_is_named(les_here, submitted):
    ended = ("services", "unsign", "denosumab", "--on", "2026-05-01")
    assert les_here(*ended, "--as-of", "2026-06-05", store=submitted).code == 0
    done = withdrawn_on(les_here, submitted, "2026-06-05")
    assert (done.code, "£20.00 of 1 row could not" in done.err, "contract" in done.err) == (1, True, True)


class TestWhatChangedSince:
    """Whatever would lose money is asked about, in the same words, and done only with --yes."""

    def refused_without_yes(self, les_here, store, lost: str, why: str, claim: str = ID, day: str = "2026-06-05"):
        ask = ("claims", "withdraw", claim, "--reason", "x", "--as-of", day)
        done = les_here(*ask, store=store)
        assert (done.code, done.out) == (1, "")
        assert f"{claim} was not withdrawn, because {lost} could not be submitted again" in done.err
        assert why in done.err
        assert "add --yes to withdraw it anyway" in done.err
        states = {one["claim_id"]: one["state"] for one in les_here("claims", "--json", store=store).json["claims"]}
        assert states[claim] == "unpaid"
        sure = les_here(*ask, "--yes", store=store)
        assert (sure.code, f"cannot be submitted again: {lost}" in sure.err) == (0, True)
        assert les_here("verify", store=store).code == 0

    def set(self, les_here, store, service: str, term: str) -> None:
        done = les_here("services", "set", service, term, "--from", "2026-04-01", "--source", "letter", store=store)
        assert done.code == 0, done.err

    def test_a_lower_price(self, les_here, submitted):
        self.set(les_here, submitted, "denosumab", "price.injection=15.00")
        self.refused_without_yes(les_here, submitted, "£10.00 of 2 rows", "the price is lower now")

    def test_a_higher_price_loses_nothing(self, les_here, submitted):
        self.set(les_here, submitted, "denosumab", "price.injection=21.00")
        done = les_here(*WITHDRAW, store=submitted)
        assert (done.code, "submit the £42.00 again" in done.err) == (0, True)

    def test_another_code_list(self, les_here, submitted):
        self.set(les_here, submitted, "denosumab", "codes.injection=29999999105")
        self.refused_without_yes(les_here, submitted, "£40.00 of 2 rows", "nothing in the record or the register")

    def test_two_numbers_that_are_one_patient(self, les_here, store, activity_file):
        twin = "9990000042,Other,Olive,1949-01-01,female,2010-01-05,2026-05-04,700139004,,Face to face,B,e8"
        assert les_here("import", activity_file(twin), store=store).code == 0
        assert les_here(*JUNE, *SUBMIT, "--quiet", store=store).code in (0, 3)
        assert les_here("claims", "--json", store=store).json["claims"][0]["total_pence"] == 6000
        merge = ("patients", "merge", "9990000042", "9990000018", "--reason", "one person", "--yes")
        assert les_here(*merge, "--as-of", "2026-06-05", store=store).code == 0
        self.refused_without_yes(les_here, store, "£20.00 of 1 row", "same")

    def test_a_cap_that_other_months_have_used(self, les_here, store, activity_file):
        for arguments in (
            ("sign", "pessary", "--from", "2026-04-01"),
            ("set", "pessary", "codes.fitting=29999999105", "--from", "2026-04-01", "--source", "letter"),
            ("set", "pessary", "codes.change=39999999107", "--from", "2026-04-01", "--source", "letter"),
            ("set", "pessary", "price.fitting=45.00", "--from", "2026-04-01", "--source", "letter"),
            ("set", "pessary", "price.change=25.00", "--from", "2026-04-01", "--source", "letter"),
        ):
            assert les_here("services", *arguments, store=store).code == 0
        days = ("04-06", "04-16", "04-26", "05-06", "05-16")
        rows = [
            f"{number},Pess,{name},1950-01-0{place},female,2010-01-05,2026-{day},39999999107,Ring,Face to face,B,p{day}"
            for place, (number, name, some) in enumerate(
                (("9990000050", "Eve", days[:3]), ("9990000042", "Dee", days[3:])), start=1
            )
            for day in some
        ]
        assert les_here("import", activity_file(*rows), store=store).code == 0
        for month, day in (("2026-04", "2026-05-05"), ("2026-05", "2026-06-05")):
            claim = ("claim", "pessary", "--month", month, "--as-of", day, *SUBMIT)
            assert les_here(*claim, store=store).code == 0, les_here(*claim, store=store).err
        merge = ("patients", "merge", "9990000042", "9990000050", "--reason", "one person", "--yes")
        assert les_here(*merge, "--as-of", "2026-06-05", store=store).code in (0, 3)
        self.refused_without_yes(les_here, store, "£25.00 of 1 row", "4", claim="pessary-2026-04")

    def test_a_price_that_is_unset_since(self, les_here, store, tmp_path):
        toml = Path(lescli_denosumab.__file__).with_name("service.toml").read_text(encoding="utf-8")
        folder = tmp_path / "copied"
        folder.mkdir()
        named = toml.replace('name = "denosumab"', 'name = "copied"', 1)
        without = re.sub(r"\[\[item\.price\]\]\n(?:\w+ = .*\n)+", "", named)
        assert without != named
        for text in (named, without):
            (folder / "service.toml").write_text(text, encoding="utf-8")
            added = les_here("services", "add", folder, store=store)
            assert added.code == 0, added.err
            if text is named:
                assert les_here("services", "sign", "copied", "--from", "2026-04-01", store=store).code == 0
                claim = ("claim", "copied", "--month", "2026-05", "--as-of", "2026-06-05", *SUBMIT)
                assert les_here(*claim, store=store).code == 0
        self.refused_without_yes(les_here, store, "£40.00 of 2 rows", "price", claim="copied-2026-05")
