"""What a GP Connect bundle says against its own entries, from the import to the claim."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lescli.store import open_store
from lescli.testing import nhs_number
from lescli.testing.gp_connect import bundle, header, immunization, injection, planned
from tests.cli.conftest import Les

EARLY, LATE, LAST = "2026-06-01T09:00:00+01:00", "2026-06-02T09:00:00+01:00", "2026-06-03T09:00:00+01:00"
NHS = "https://fhir.nhs.uk/Id/nhs-number"
FIRST = "2025-11-03"


class Practice:
    """A practice that holds the denosumab contract; bundles are those of patient 1 unless they say otherwise."""

    def __init__(self, folder: Path, les: Les) -> None:
        self.les, self.folder, self.store, self.files = les, folder, folder / "practice.les", 0
        les("init", "--practice", "A82038", "--name", "Test", store=self.store)
        les("services", "sign", "denosumab", "--from", "2025-04-01", store=self.store)
        self("services", "set", "denosumab", "setting.claims_from=2026-05", "--from", "2025-04-01", "--source", "x")

    def __call__(self, *arguments: str, on: str = "2026-06-05"):
        return self.les(*arguments, "--as-of", on, store=self.store)

    def read(self, content: Any):
        self.files += 1
        path = self.folder / f"{self.files}.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return self("import", path.name, "--json")

    def record(self, *entries: Any, moment: str = EARLY, **more: Any):
        """Read a record: a first dose long ago, and these entries."""
        return self.read(bundle(1, moment, [injection(1, 99, FIRST), *entries], **more))

    def rows(self) -> list[tuple[str, str, str]]:
        """Day, verdict and reason of each activity in May's claim, except those claimed by other means."""
        claim = self("claim", "denosumab", "--month", "2026-05", "--rows", "--json").json
        return [(row["date"], row["verdict"], row["reason"]) for row in claim["rows"] if row["date"] > "2026-03"]


@pytest.fixture
def practice(tmp_path: Path, les_here: Les) -> Practice:
    return Practice(tmp_path, les_here)


DAY = "2026-05-04"


@pytest.mark.parametrize(
    ("entry", "rows"),
    [
        (immunization(1, 1, DAY), [(DAY, "payable", "accepted")]),
        (immunization(1, 1, DAY, notGiven=True), []),
        (immunization(1, 1, DAY, status="entered-in-error"), []),
        (immunization(1, 1, DAY, primarySource=False), [(DAY, "check", "reported-only")]),
        (injection(1, 1, DAY), [(DAY, "payable", "accepted")]),
        (injection(1, 1, DAY, status="amended"), [(DAY, "payable", "accepted")]),
        (injection(1, 1, DAY, status="cancelled"), []),
        (injection(1, 1, DAY, status="entered-in-error"), []),
        *(
            (injection(1, 1, DAY, status=status), [(DAY, "check", "status-not-final")])
            for status in ("registered", "preliminary", "unknown", None, "done")
        ),
    ],
)
def test_what_an_entry_says_against_itself_is_not_paid(practice: Practice, entry: Any, rows: list[Any]) -> None:
    practice.record(entry)
    assert practice.rows() == rows
    assert practice("verify").code == 0


def test_the_status_is_named_and_a_later_extract_settles_it(practice: Practice) -> None:
    practice.record(injection(1, 1, DAY, status="preliminary"))
    (reason,) = [
        one
        for one in practice("claim", "denosumab", "--month", "2026-05", "--json").json["reasons"]
        if one["reason"] == "status-not-final"
    ]
    assert "`preliminary`" in reason["fix"]
    done = practice.record(injection(1, 1, DAY), moment=LATE).json["files"][0]
    assert (done["changed"], practice.rows()) == (1, [(DAY, "payable", "accepted")])
    # An older extract that is read late takes nothing back.
    practice.record(injection(1, 1, DAY, status="unknown"), moment="2026-05-31T09:00:00+01:00")
    assert practice.rows() == [(DAY, "payable", "accepted")]
    practice.record(injection(1, 1, DAY, status="unknown"), moment=LAST)
    assert practice.rows() == [(DAY, "check", "status-not-final")]


@pytest.mark.parametrize(
    ("since", "mark", "verdict"),
    [
        ("2026-05-03", "reported", "payable"),
        ("2026-05-04", "reported", "payable"),
        ("2026-05-05", "reported", "check"),
        ("2026-05-04", "preliminary", "check"),
    ],
)
def test_the_practice_says_from_when_reported_entries_count(
    practice: Practice, since: str, mark: str, verdict: str
) -> None:
    practice.record(immunization(1, 1, DAY, primarySource=False))
    setting = f"setting.accept_marked+={mark}"
    practice("services", "set", "denosumab", setting, "--from", since, "--source", "agreed")
    assert [row[1] for row in practice.rows()] == [verdict]


def test_a_claimed_entry_that_is_no_longer_final_is_named(practice: Practice) -> None:
    practice.record(injection(1, 1, DAY))
    practice("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A")
    practice.record(injection(1, 1, DAY, status="unknown"), moment=LATE)
    doubted = practice("claims", "--to-reverse", "--json").json
    assert "status-not-final" in json.dumps(doubted)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "searchset", "link": [{"relation": "next", "url": "https://x?page=2"}]},
        {"type": "searchset", "total": 40},
        {"link": [{"relation": "previous", "url": "https://x?page=1"}]},
        {"meta": {"tag": [{"code": "SUBSETTED"}]}},
    ],
)
def test_a_page_of_a_record_withdraws_nothing(practice: Practice, changes: dict[str, Any]) -> None:
    practice.record(injection(1, 1, DAY))
    done = practice.read(bundle(1, LATE, [injection(1, 99, FIRST)]) | changes)
    assert done.code == 1
    assert "is not the whole record" in done.err
    assert practice.rows() == [(DAY, "payable", "accepted")]


@pytest.mark.parametrize("sections", [("Immunisations",), ()])
def test_a_record_that_leaves_sections_out_withdraws_nothing(practice: Practice, sections: tuple[str, ...]) -> None:
    practice.record(injection(1, 1, DAY))
    done = practice.read(bundle(1, LATE, [], sections)).json
    assert done["files"][0]["withdrawn"] == 0
    assert practice.rows() == [(DAY, "payable", "accepted")]


def test_a_section_that_hides_what_is_confidential_withdraws_nothing(practice: Practice) -> None:
    practice.record(injection(1, 1, DAY))
    later = bundle(1, LATE, [injection(1, 99, FIRST)])
    address = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1"
    section = later["entry"][-1]["resource"]
    section["title"], section["code"] = "Uncategorised data", {}
    section["extension"] = [{"url": address, "valueCode": "confidential-items"}]
    assert practice.read(later).json["files"][0]["withdrawn"] == 0


@pytest.mark.parametrize(("since", "withdrawn"), [("03-May-2026", 1), ("04-May-2026", 1), ("05-May-2026", 0)])
def test_a_record_on_its_way_withdraws_only_what_it_would_hold(practice: Practice, since: str, withdrawn: int) -> None:
    practice.record(injection(1, 1, DAY))
    later = bundle(1, LATE, [injection(1, 99, FIRST)])
    address = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1"
    for section in (each["resource"] for each in later["entry"] if each["resource"]["resourceType"] == "List"):
        section["extension"] = [{"url": address, "valueCode": "data-in-transit"}]
        section["note"] = [{"text": f"Not yet complete; information recorded before {since} may be missing."}]
    assert practice.read(later).json["files"][0]["withdrawn"] == withdrawn


@pytest.mark.parametrize(
    "changes",
    [
        {"effectiveDateTime": "2026-05"},
        {"effectiveDateTime": "2026"},
        {"subject": {"reference": "Patient/other"}},
        {"code": {"text": "no code any more"}},
        {"code": {"coding": [{"system": "https://elsewhere", "code": "1"}]}},
        {"modifierExtension": [{"url": "https://x", "valueBoolean": True}]},
    ],
)
def test_what_is_put_aside_or_left_out_is_not_withdrawn(practice: Practice, changes: dict[str, Any]) -> None:
    practice.record(injection(1, 1, DAY))
    practice("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A")
    done = practice.record(injection(1, 1, DAY, **changes), moment=LATE).json
    assert done["files"][0]["withdrawn"] == 0
    assert practice("claims", "--to-reverse", "--json").json["to_reverse"] == []
    # An entry that says it was not done is withdrawn anyway.
    done = practice.record(injection(1, 1, DAY, status="entered-in-error"), moment=LAST).json
    assert done["files"][0]["withdrawn"] == 1


@pytest.mark.parametrize(
    ("changes", "withdrawn"),
    [({"authoredOn": "2026"}, 0), ({"code": {"text": "x"}}, 0), ({"status": "entered-in-error"}, 1)],
)
def test_a_request_that_cannot_be_read_is_not_withdrawn(
    practice: Practice, changes: dict[str, Any], withdrawn: int
) -> None:
    practice.record(planned(1, 7))
    done = practice.record(planned(1, 7, **changes), moment=LATE).json
    assert done["files"][0].get("planned_withdrawn", 0) == withdrawn


def test_verify_finds_a_mark_that_no_import_writes(practice: Practice) -> None:
    practice.record(injection(1, 1, DAY, status="unknown"))
    assert practice("verify").code == 0
    with open_store(practice.store) as store, store.writing():
        store.connection.execute("UPDATE activity_mark SET marks = 'unknown paid'")
    done = practice("verify")
    assert done.code == 3
    assert "activity_mark: 1 entry" in done.out + done.err


def test_a_file_without_marks_leaves_them(practice: Practice) -> None:
    """Sections requested alone are imported differently from a whole record."""
    part = bundle(1, EARLY, [injection(1, 99, FIRST), injection(1, 1, DAY, status="unknown")], ("Immunisations",))
    practice.read(part)
    assert practice.rows() == [(DAY, "check", "status-not-final")]
    again = practice.read(bundle(1, EARLY, [injection(1, 1, DAY, status="unknown")], ("Uncategorised data",))).json
    assert (again["files"][0]["accepted"], practice.rows()) == (0, [(DAY, "check", "status-not-final")])


def test_a_record_of_somebody_else_under_the_number_changes_nothing(practice: Practice) -> None:
    """That person's entries of days before their birth were once taken in, and withdrew the patient's own."""
    practice.record(injection(1, 1, DAY))
    other = bundle(1, LATE, [injection(1, n, day) for n, day in ((5, "2020-03-01"), (6, "2026-05-20"))])
    other["entry"][0]["resource"]["birthDate"] = "2024-01-01"
    done = practice.read(other)
    file = done.json["files"][0]
    assert (done.code, file["accepted"], file["quarantined"], file["withdrawn"]) == (3, 0, 2, 0)
    assert practice.rows() == [(DAY, "payable", "accepted")]


def test_a_month_alone_is_kept_with_its_cure(practice: Practice) -> None:
    done = practice.record(injection(1, 1, "2026-05-04", effectiveDateTime="2026-05"))
    ((reason,),) = [row["reasons"] for row in done.json["quarantine"]]
    assert reason == "date: only the month is given; record the day in the clinical system and import again"
    assert (done.code, practice.rows()) == (3, [])


@pytest.mark.parametrize("of", [injection(1, 1, DAY), immunization(1, 1, DAY)])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("day", ["2026-04-20", DAY, "2026-05-11"])
@pytest.mark.parametrize(
    "address", ["https://fhir.nhs.uk/STU3/x/Extension-CareConnect-GPC-ActualProblem-1", "https://y/z"]
)
def test_a_problem_header_is_no_second_injection(
    practice: Practice, of: Any, first: bool, day: str, address: str
) -> None:
    extension = [{"url": address, "valueReference": {"reference": f"{of['resourceType']}/{of['id']}"}}]
    heading = header(1, 2, of, day, extension=extension)
    own = heading | {"id": "c1", "identifier": [{"system": "https://other/x", "value": "C-77"}]}
    practice.record(*([heading, own, of] if first else [of, heading, own]))
    assert practice.rows() == [(DAY, "payable", "accepted")]
    # A header that is left of it is neither the entry's new version nor its end.
    done = practice.record(heading, moment=LATE).json
    assert (done["files"][0]["withdrawn"], practice.rows()) == (0, [(DAY, "payable", "accepted")])


def test_the_number_in_use_is_taken_and_the_old_one_is_asked_about(practice: Practice) -> None:
    practice.read(bundle(2, EARLY, [injection(2, 1, DAY)]))
    later = bundle(1, LATE, [injection(1, 99, FIRST)])
    later["entry"][0]["resource"]["identifier"] = [
        {"use": "official", "system": NHS, "value": nhs_number(1)},
        {"use": "old", "system": NHS, "value": nhs_number(2), "period": {"end": "2019-01-01"}},
    ]
    assert practice.read(later).code == 3
    asked = practice("patients", "--json").json["suspicions"]
    assert [{one["old"], one["new"]} for one in asked] == [{nhs_number(1), nhs_number(2)}]


@pytest.mark.parametrize("joined", ["{0}\n{1}\n", "[{0},{1}]", "[\n{0},\n{1}]"])
def test_several_bundles_in_one_file_are_said_to_be_several(practice: Practice, joined: str) -> None:
    both = [json.dumps(bundle(n, EARLY, [injection(n, 1, DAY)])) for n in (1, 2)]
    done = practice.read(joined.format(*both))
    assert done.code == 1
    assert "a file of its own" in done.err


def test_an_ndjson_in_a_folder_is_not_passed_over(practice: Practice) -> None:
    folder = practice.folder / "exports"
    folder.mkdir()
    both = [json.dumps(bundle(n, EARLY, [injection(n, 1, DAY)])) for n in (1, 2)]
    (folder / "all.ndjson").write_text("\n".join(both), encoding="utf-8")
    (folder / "3.json").write_text(json.dumps(bundle(3, EARLY, [injection(3, 1, DAY)])), encoding="utf-8")
    done = practice("import", "exports")
    assert done.code == 3
    assert "all.ndjson holds more than one JSON value" in done.err


def test_a_bundle_on_one_line_of_more_than_a_megabyte_is_read(practice: Practice) -> None:
    long = injection(1, 1, DAY, comment="x" * (2 << 20))
    assert practice.record(long).code == 0
    assert practice.rows() == [(DAY, "payable", "accepted")]
