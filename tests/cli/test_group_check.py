"""`les group check`, `les group key` and `les claim` with `--digests` and `--days` as a person types them."""

from __future__ import annotations

import json

import pytest


@pytest.fixture
def les(les_here):
    return les_here


MAY = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05")


def test_digests_are_in_json_and_in_rows(les, store, tmp_path):
    assert les("group", "key", tmp_path / "claims.key", store=store).code == 0
    key = ("--digests", tmp_path / "claims.key")
    shown = les(*MAY, *key, store=store)
    assert (shown.code, shown.out) == (2, "")
    assert "--digests goes with --json" in shown.err
    rows = les(*MAY, *key, "--json", "--rows", store=store).json
    named = [one["evidence"][-1] for one in rows["rows"] if one["verdict"] == "payable"]
    assert sorted(named) == [f"digest:{value}" for value in rows["digests"]["values"]]
    assert les(*MAY, *key, "--out", tmp_path / "claim.json", store=store).code in (0, 3)
    assert len(json.loads((tmp_path / "claim.json").read_text(encoding="utf-8"))["digests"]["values"]) > 0


def test_a_weak_key_is_refused_before_anything_is_frozen(les, store, tmp_path):
    (tmp_path / "claims.key").write_bytes(b"short")
    submit = ("--submit", "--by", "A. Admin", "--json")
    assert les(*MAY, *submit, "--digests", tmp_path / "claims.key", store=store).code == 1
    assert les("claims", "--json", store=store).json["claims"] == []


def test_a_submitted_claim_that_is_sound_has_no_finding(les, store, tmp_path):
    (tmp_path / "sent").mkdir()
    out = tmp_path / "sent" / "claim.json"
    assert les(*MAY, "--submit", "--by", "A. Admin", "--out", out, store=store).code == 0
    done = les("group", "check", tmp_path / "sent", "--json", store=store)
    assert (done.code, [one["findings"] for one in done.json["claims"]]) == (0, [[]])
    bad = json.loads(out.read_text(encoding="utf-8"))
    bad["total_pence"] += 1
    (tmp_path / "bad.json").write_text(json.dumps(bad), encoding="utf-8")
    queries = tmp_path / "queries"
    done = les("group", "check", tmp_path / "bad.json", "--queries", queries, "--json", store=store)
    assert (done.code, [one["rule"] for one in done.json["claims"][0]["findings"]]) == (3, ["total"])
    assert sorted(path.suffix for path in queries.iterdir()) == [".eml", ".xlsx"]
    again = les("group", "check", tmp_path / "bad.json", "--queries", queries, store=store)
    assert (again.code, again.out) == (1, "")
    assert "not empty" in again.err


def test_without_a_store_the_installed_services_are_the_terms(les, store, tmp_path):
    out = tmp_path / "claim.json"
    assert les(*MAY, "--submit", "--by", "A. Admin", "--out", out, store=store).code == 0
    done = les("group", "check", out, "--json", store=tmp_path / "none.les")
    assert (done.code, done.json["claims"][0]["findings"]) == (0, [])
    assert not (tmp_path / "none.les").exists()
    assert les("group", "check", tmp_path, store=tmp_path / "none.les").code == 0
    assert les("group", "check", tmp_path / "no.json", store=store).code == 1


def test_days_are_for_json_and_nothing_is_frozen_before_that_is_known(les, store, tmp_path):
    submit = ("--submit", "--by", "A. Admin")
    for other in ((), ("--format", "csv"), ("--rows",), ("--out", tmp_path / "claim.xlsx")):
        refused = les(*MAY, *submit, "--days", *other, store=store)
        assert (refused.code, refused.out) == (2, "")
        assert "--days goes with --json or a --out file that ends in .json; add --out claim.json" in refused.err
    assert les("claims", "--json", store=store).json["claims"] == []
    preview = les(*MAY, "--days", "--json", store=store).json
    assert preview["status"] == "preview"
    assert preview["activity"]["register_size"] == 3
    assert sum(one["quantity"] for one in preview["activity"]["days"]) == preview["verdicts"]["payable"]
    frozen = les(*MAY, *submit, "--days", "--json", store=store).json
    assert frozen["activity"] == preview["activity"]
    assert "activity" not in les(*MAY, "--json", store=store).json
    assert "activity" not in les("claims", "show", "denosumab-2026-05", "--json", store=store).json
    later = les(*MAY[:-1], "2027-01-05", "--days", "--json", store=store).json
    assert later["activity"] == preview["activity"]


HEAD = "nhs_number,family_name,date_of_birth,date,code,consultation_type,left_on,source_id\n"
APRIL, JUNE = ("2026-04", "2026-05-05"), ("2026-06", "2026-07-05")
ROWS = """9990000018,A,1950-02-01,2026-04-14,700139004,Home visit,,a
9990000026,B,1950-02-02,2026-04-14,700139004,Home visit,2026-05-20,b
9990000034,C,1950-02-03,2026-05-09,700139004,Home visit,,c
9990000026,B,1950-02-02,2026-05-12,700139004,Home visit,2026-05-20,d
9990000018,A,1950-02-01,2026-06-16,700139004,Home visit,,e
"""
JULY = "9990000018,A,1950-02-01,2026-07-14,700139004,Home visit,,g\n"
LATE = "9990000034,C,1950-02-03,2026-05-22,700139004,Home visit,,f\n"


@pytest.fixture
def sent(les, tmp_path):
    """The files of three months of two practices: work that is late, a patient who left, a claim made anew."""
    folder = tmp_path / "sent"
    folder.mkdir()
    for code in ("A81001", "A81002"):
        path = tmp_path / f"{code}.les"
        assert les("init", "--practice", code, "--name", f"Surgery {code}", store=path).code == 0
        _imported(les, tmp_path, path, ROWS)
        for month, as_of in (APRIL, ("2026-05", "2026-06-05"), JUNE):
            if month == "2026-06":
                _imported(les, tmp_path, path, LATE)
                assert les("backup", tmp_path / f"{code}.backup", store=path).code == 0
            _submitted(les, path, folder / f"{code}-{month}.json", month, as_of)
    # The second practice was paid, and withdrew its last claim to submit it again.
    paid = ("claims", "pay", "denosumab-2026-05", "--amount", "40", "--on", "2026-07-01")
    assert les(*paid, store=path).code == 0
    withdrawn = ("claims", "withdraw", "denosumab-2026-06", "--reason", "r", "--as-of", "2026-07-06")
    assert les(*withdrawn, store=path).code == 0
    (folder / "A81002-2026-06.json").unlink()
    _submitted(les, path, folder / "A81002-2026-06-again.json", "2026-06", "2026-07-06")
    return folder


def _imported(les, folder, store, rows):
    (folder / "rows.csv").write_text(HEAD + rows, encoding="utf-8")
    assert les("import", folder / "rows.csv", "--as-of", "2026-08-01", store=store).code == 0


def _submitted(les, store, out, month, as_of):
    asked = ("claim", "denosumab", "--month", month, "--as-of", as_of, "--days", "--out", out)
    assert les(*asked, "--submit", "--by", "A. Admin", store=store).code in (0, 3)


def _rules(les, folder):
    done = les("group", "check", folder, "--json", store=folder / "none.les")
    return {one["file"]: [each["rule"] for each in one["findings"]] for one in done.json["claims"] if one["findings"]}


def test_claims_of_real_stores_have_no_finding(les, sent):
    assert _rules(les, sent) == {}
    claims = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(sent.glob("*.json"))}
    months = [one["claim_id"].removeprefix("denosumab-") for one in claims.values()]
    assert months == ["2026-04", "2026-05", "2026-06", "2026-04", "2026-05", "2026-06-2"]
    # The late injection of May is in the claim of June.
    june = claims["A81001-2026-06"]["activity"]
    assert [one["date"] for one in june["days"]] == ["2026-05-22", "2026-06-16"]
    assert june["register_size"] == 2
    assert claims["A81001-2026-05"]["activity"]["register_size"] == 3


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        (lambda one: one["activity"]["days"][0].update(quantity=2), ["days-count"]),
        (lambda one: one["activity"]["days"].pop(), ["days-count"]),
        (lambda one: one["activity"]["days"][0].update(date="2026-05-10"), ["closed-day"]),
        (lambda one: one["activity"]["days"][0].update(date="2026-05-25"), ["closed-day"]),
        (lambda one: one["activity"].update(register_size=0), ["more-than-register"]),
        (lambda one: one.update(chain_before=one["chain_head"]), ["chain-order"]),
        (lambda one: one.update(chain_before="0" * 64), ["chain-forked"]),
        (lambda one: one.update(as_of="2026-05-04"), ["too-early", "chain-order", "days-count"]),
    ],
)
def test_each_change_of_a_file_is_seen(les, sent, change, wanted):
    path = sent / "A81001-2026-05.json"
    one = json.loads(path.read_text(encoding="utf-8"))
    change(one)
    path.write_text(json.dumps(one), encoding="utf-8")
    assert _rules(les, sent) == {"A81001-2026-05.json": wanted}


def test_a_ledger_that_was_put_back_is_seen_in_what_is_sent_next(les, sent, tmp_path):
    store = tmp_path / "A81001.les"
    assert les("restore", tmp_path / "A81001.backup", "--yes", store=store).code == 0
    _imported(les, tmp_path, store, ROWS + LATE + JULY)
    _submitted(les, store, sent / "A81001-2026-07.json", "2026-07", "2026-08-05")
    assert _rules(les, sent) == {"A81001-2026-07.json": ["chain-forked"]}
    # June once more from the same ledger is another claim of the same name.
    assert les("restore", tmp_path / "A81001.backup", "--yes", store=store).code == 0
    _submitted(les, store, sent / "A81001-2026-06-again.json", "2026-06", "2026-07-20")
    (sent / "A81001-2026-07.json").unlink()
    assert _rules(les, sent) == {"A81001-2026-06-again.json": ["deadline"], "A81001-2026-06.json": ["changed-since"]}
