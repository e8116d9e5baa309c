"""A service's folder copied to a new name: what last year's claims hold is not payable again."""

from __future__ import annotations

from pathlib import Path

TOML = Path(__file__).parents[2] / "plugins" / "denosumab" / "lescli_denosumab" / "service.toml"
MAY = ("--month", "2026-05", "--as-of", "2026-06-05")
SUBMIT = ("--submit", "--by", "A. Admin")


def copied(les_here, store, tmp_path):
    folder = tmp_path / "denosumab-new"
    folder.mkdir()
    text = TOML.read_text(encoding="utf-8").replace('name = "denosumab"', 'name = "denosumab-new"', 1)
    (folder / "service.toml").write_text(text, encoding="utf-8")
    assert les_here("services", "add", folder, store=store).code == 0
    assert les_here("services", "sign", "denosumab-new", "--from", "2026-04-01", store=store).code == 0


def test_claimed_injections_are_not_payable_under_the_copy(les_here, store, tmp_path):
    copied(les_here, store, tmp_path)
    both = les_here("claim", "denosumab", "denosumab-new", *MAY, store=store)
    assert "denosumab and denosumab-new would both be paid for the same work, 2 activities" in both.err
    status = les_here("status", "--as-of", "2026-06-05", store=store)
    assert "denosumab and denosumab-new would both be paid for the same work" in status.err
    done = les_here("claim", "denosumab", "denosumab-new", *MAY, *SUBMIT, store=store)
    assert done.code == 3
    assert "denosumab 2026-05: submitted" in done.err
    assert "denosumab-new 2026-05: not submitted, because it comes to £0.00" in done.err
    shown = les_here("claim", "denosumab-new", *MAY, "--json", store=store).json
    held = [one for one in shown["reasons"] if one["reason"] == "claimed-in-another-service"]
    assert [(one["verdict"], one["count"]) for one in held] == [("check", 2)]
    allow = ("services", "set", "denosumab-new", "setting.shared_with+=denosumab", "--from", "2026-04-01")
    assert les_here(*allow, "--source", "letter", store=store).code == 0
    assert les_here("claim", "denosumab-new", *MAY, "--json", store=store).json["total_pence"] == 4000
