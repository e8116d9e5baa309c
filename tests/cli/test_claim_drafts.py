"""An emailed claim goes to its service's own address. A service without one is named before anything is frozen."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

MAY = ("--month", "2026-05", "--as-of", "2026-06-05")
SUBMIT = ("--submit", "--by", "A. Admin")


@pytest.fixture
def two(les_here, store):
    """Denosumab, which prints its address, and phlebotomy, which has none."""
    assert les_here("services", "sign", "phlebotomy", "--from", "2026-04-01", store=store).code == 0
    return store


def submitted(les_here, store):
    return [one["claim_id"] for one in les_here("claims", "--json", store=store).json["claims"]]


def test_the_service_without_an_address_is_named_and_the_other_written(les_here, two, tmp_path):
    done = les_here("claim", "denosumab", "phlebotomy", *MAY, *SUBMIT, "--out", "both.eml", store=two)
    assert done.code == 3
    (line,) = [line for line in done.err.splitlines() if "no address" in line]
    assert line.startswith("les: phlebotomy: no message and not submitted")
    assert "les services set phlebotomy email=ADDRESS --from DATE --source TEXT" in line
    # Reported before anything was submitted.
    assert done.err.index("no address") < done.err.index("denosumab 2026-05: submitted;")
    assert submitted(les_here, two) == ["denosumab-2026-05"]
    written = {file.name for file in tmp_path.glob("*.eml")}
    assert written == {"both-denosumab.eml"}
    assert "denosumab: nothing was sent; the draft is in both-denosumab.eml" in done.err
    assert "£40.00" in (tmp_path / "both-denosumab.eml").read_text(encoding="utf-8").replace("=C2=A3", "£")


def test_two_services_with_addresses_have_a_message_each(les_here, two, tmp_path):
    address = (
        "services",
        "set",
        "phlebotomy",
        "email=claims@example.org",
        "--from",
        "2026-04-01",
        "--source",
        "letter",
    )
    assert les_here(*address, store=two).code == 0
    done = les_here("claim", "denosumab", "phlebotomy", *MAY, "--out", "both.eml", store=two)
    assert done.code in (0, 3)
    texts = {file.name: file.read_text(encoding="utf-8") for file in tmp_path.glob("*.eml")}
    assert set(texts) == {"both-denosumab.eml", "both-phlebotomy.eml"}
    assert "To: claims@example.org" in texts["both-phlebotomy.eml"]
    assert submitted(les_here, two) == []


def test_nobody_with_an_address_changes_nothing(les_here, two, tmp_path):
    done = les_here("claim", "phlebotomy", *MAY, *SUBMIT, "--out", "one.eml", store=two)
    assert (done.code, done.out) == (1, "")
    assert "services set phlebotomy email=ADDRESS" in done.err
    assert submitted(les_here, two) == []
    assert not list(tmp_path.glob("*.eml"))


@pytest.mark.parametrize("suffix", ["xlsx", "html", "md", "csv", "json"])
def test_every_other_file_holds_all_services(les_here, two, tmp_path, suffix):
    done = les_here("claim", "denosumab", "phlebotomy", *MAY, "--out", f"both.{suffix}", store=two)
    assert done.code in (0, 3)
    assert [file.name for file in tmp_path.glob("both*")] == [f"both.{suffix}"]


def test_a_diary_of_a_claim_is_refused_with_the_verbs_that_write_one(les_here, two):
    done = les_here("claim", "denosumab", "phlebotomy", *MAY, "--out", "both.ics", store=two)
    assert done.code == 2
    assert "`les status` and `les recall`" in done.err


def test_the_draft_has_the_workbook_in_it(les_here, two, tmp_path):
    assert les_here("claim", "denosumab", *MAY, *SUBMIT, "--out", "may.eml", store=two).code == 0
    first = (tmp_path / "may.eml").read_bytes()
    assert les_here("claim", "denosumab", *MAY, "--out", "may.eml", store=two).code == 0
    assert (tmp_path / "may.eml").read_bytes() == first
    assert les_here("claim", "denosumab", *MAY, "--out", "may.xlsx", store=two).code == 0
    message = message_from_bytes(first, policy=policy.default)
    assert message["X-Unsent"] == "1"
    assert b"\r\nSubject: Complex injections (denosumab): claim of " in first
    assert all(line.endswith(b"\r") for line in first.split(b"\n")[:-1])
    assert message["From"] is None
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "claim-denosumab-2026-05.xlsx"
    assert attached.get_content() == (tmp_path / "may.xlsx").read_bytes()
    body = message.get_body().get_content()
    assert body.startswith("Dear colleague,")
    assert "Total: £40.00" in body
    assert "A. Admin" in body


def test_a_preview_says_that_it_is_one(les_here, two, tmp_path):
    assert les_here("claim", "denosumab", *MAY, "--out", "may.eml", store=two).code == 0
    message = message_from_bytes((tmp_path / "may.eml").read_bytes(), policy=policy.default)
    assert message["Subject"].startswith("PREVIEW: ")
    assert "PREVIEW, not submitted" in message.get_body().get_content()
