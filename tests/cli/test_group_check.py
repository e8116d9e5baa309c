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
