"""A service's folder copied to a new name: what last year's claims hold is not payable again."""

from __future__ import annotations

from pathlib import Path

from tests.specification.next_year import TERMS, as_text

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
    assert "denosumab and denosumab-new would both be paid for the same work" in " ".join(status.out.split())
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


NEW_CODES = 'snomed = ["700139004"]', 'snomed = ["22778000"]'


def folder_of(tmp_path, name, *changes, text=""):
    """A folder with the shipped file under another name."""
    folder = tmp_path / name
    folder.mkdir(exist_ok=True)
    text = text or TOML.read_text(encoding="utf-8")
    for before, after in (('name = "denosumab"', f'name = "{name}"'), *changes):
        assert before in text
        text = text.replace(before, after, 1)
    (folder / "service.toml").write_text(text, encoding="utf-8")
    return folder


def claimed(les_here, store, service="denosumab"):
    assert les_here("services", "sign", service, "--from", "2026-04-01", store=store).code == 0
    assert les_here("claim", service, *MAY, *SUBMIT, store=store).code in (0, 3)


def test_a_new_name_for_work_that_was_claimed_is_told_with_its_cure(les_here, store, tmp_path):
    claimed(les_here, store)
    done = les_here("services", "add", folder_of(tmp_path, "denosumab-2027"), store=store)
    assert done.code == 3
    warning, added = done.err.splitlines()
    assert warning == (
        "les: denosumab-2027 pays for work that was claimed under denosumab: if it is the next contract year of "
        "denosumab, type `les services remove denosumab-2027`, then add its terms to the file of denosumab and keep "
        "that name"
    )
    assert added.startswith("les: added denosumab-2027")
    assert les_here("services", "remove", "denosumab-2027", store=store).code == 0


def test_other_codes_nothing_claimed_or_the_same_name_are_not_told(les_here, store, tmp_path):
    before = les_here("services", "add", folder_of(tmp_path, "early"), store=store)
    assert les_here("services", "remove", "EARLY", store=store).code == 0
    claimed(les_here, store)
    others = les_here("services", "add", folder_of(tmp_path, "others", NEW_CODES), store=store)
    assert [(one.code, len(one.err.splitlines())) for one in (before, others)] == [(0, 1), (0, 1)]


def test_claimed_work_stays_claimed_when_a_newer_file_replaces_the_service(les_here, store, tmp_path):
    """The file's digest changes and its name does not: the old claim stays, and nothing of it is payable again."""
    assert les_here("services", "add", folder_of(tmp_path, "bone"), store=store).code == 0
    claimed(les_here, store, "bone")
    june = ("claim", "bone", "--month", "2026-06", "--as-of", "2026-07-05", "--json")
    before, digest = les_here(*june, store=store).json, digest_of(les_here, store)
    assert les_here("services", "add", folder_of(tmp_path, "bone", text=as_text()), store=store).code == 0
    assert digest_of(les_here, store) != digest
    after = les_here(*june, store=store).json
    assert (before["total_pence"], after["total_pence"]) == (0, 0)
    assert before["verdicts"] == after["verdicts"]
    assert after["verdicts"]["claimed"] == 2
    assert les_here("verify", store=store).code == 0


def test_work_before_and_after_a_change_is_claimed_together_under_its_own_terms(les_here, store, tmp_path):
    text = as_text(TERMS.replace("2027-04-01", "2026-05-01"))
    assert les_here("services", "add", folder_of(tmp_path, "bone", text=text), store=store).code == 0
    assert les_here("services", "sign", "bone", "--from", "2026-04-01", store=store).code == 0
    claim = les_here("claim", "bone", *MAY, "--json", store=store).json
    lines = [(line["activity_month"], line["quantity"], line["unit_price_pence"]) for line in claim["lines"]]
    assert lines == [("2026-04", 1, 2000), ("2026-05", 1, 2250)]
    assert (claim["total_pence"], claim["submit_by"]) == (4250, "2026-06-12")
    assert les_here("claim", "bone", *MAY, *SUBMIT, store=store).code in (0, 3)
    june = ("claim", "bone", "--month", "2026-06", "--as-of", "2026-07-05", "--json")
    assert les_here(*june, store=store).json["total_pence"] == 0


def digest_of(les_here, store):
    return les_here("services", "show", "bone", "--json", store=store).json["sha256"]


def test_a_newer_file_that_lacks_a_term_of_the_practice_is_not_added(les_here, store, tmp_path):
    assert les_here("services", "add", folder_of(tmp_path, "bone"), store=store).code == 0
    term = ("services", "set", "bone", "cap.injection=4", "--from", "2026-04-01", "--source", "letter")
    assert les_here(*term, store=store).code == 0
    text = TOML.read_text(encoding="utf-8").replace("injection", "dose")
    done = les_here("services", "add", folder_of(tmp_path, "bone", text=text), store=store)
    told = "bone: a term that the practice has set does not fit this file: bone has no term `cap.injection`; keep what"
    assert (done.code, told in done.err) == (1, True)
    assert les_here("services", "show", "bone", store=store).code == 0
