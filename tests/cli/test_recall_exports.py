"""`les recall --for`: each file is read back by a reader that knows only what the other program's page says."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lescli.cli.run import run

HEADER = "nhs_number,family_name,given_name,date_of_birth,died_on,left_on,date,code,consultation_type\n"


def number(place: int) -> str:
    """The place-th valid test NHS number (Modulus 11)."""
    return NUMBERS[place]


def _checked(stem: str) -> str:
    digit = 11 - sum(int(one) * (10 - place) for place, one in enumerate(stem)) % 11
    return "" if digit == 10 else f"{stem}{digit % 11}"


NUMBERS = [checked for n in range(400) if (checked := _checked(f"999{n:06d}"))]


def les(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(list(words))
    return (code, *capsys.readouterr())


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    path = tmp_path / "practice.les"
    monkeypatch.setenv("LES_STORE", str(path))
    monkeypatch.chdir(tmp_path)
    les(capsys, "init", "--practice", "A81001", "--name", "Demo Surgery")
    les(capsys, "services", "sign", "denosumab", "--from", "2026-04-01")
    return path


def injected(folder: Path, capsys: pytest.CaptureFixture[str], patients: int, more: str = "") -> None:
    rows = "".join(f"{number(n)},Pat{n},Ann,1950-02-01,,,2026-05-05,700139004,Home visit\n" for n in range(patients))
    (folder / "may.csv").write_text(HEADER + rows + more, encoding="utf-8")
    les(capsys, "import", "may.csv", "--as-of", "2026-06-01")


ASKED = ("--as-of", "2026-11-20", "--json")


def export(capsys: pytest.CaptureFixture[str], kind: str, out: str, *words: str) -> tuple[int, dict[str, Any], str]:
    code, shown, err = les(capsys, "recall", "--for", kind, "--out", out, *ASKED, *words)
    return code, json.loads(shown)["export"] if shown else {}, err


def rows_of(path: str) -> list[list[str]]:
    return list(csv.reader(Path(path).read_bytes().decode("utf-8").splitlines()))


@pytest.mark.usefixtures("store")
def test_the_columns_of_each_program(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 1)
    first = number(0)
    export(capsys, "accurx-emis", "e.csv")
    assert rows_of("e.csv") == [["NHS Number"], [first]]
    export(capsys, "accurx-systmone", "s.csv")
    assert rows_of("s.csv") == [["NHS Number", "Telecom Number", "Date of Birth"], [first, "", "01/02/1950"]]
    export(capsys, "accurx-web", "w.csv")
    assert rows_of("w.csv") == [["NHS number", "Date of Birth"], [first, "01/02/1950"]]
    export(capsys, "nhs-notify", "n.csv")
    heads, row = rows_of("n.csv")
    assert heads[:2] == ["messageReference", "nhsNumber"]
    assert all(head.startswith("personalisation_") for head in heads[2:])
    assert row[1] == first
    assert first not in row[0]


@pytest.mark.usefixtures("store")
def test_251_patients_are_two_files_of_the_web_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 251)
    code, told, _ = export(capsys, "accurx-web", "w.csv")
    assert (code, told["patients"], told["files"]) == (0, 251, ["w-1.csv", "w-2.csv"])
    assert [len(rows_of(name)) for name in ("w-1.csv", "w-2.csv")] == [251, 2]
    assert not Path("w.csv").exists()
    assert len({row[0] for name in ("w-1.csv", "w-2.csv") for row in rows_of(name)[1:]}) == 251
    injected(tmp_path, capsys, 250)


@pytest.mark.usefixtures("store")
def test_who_must_not_be_written_to_is_in_no_file_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = "2026-05-05,700139004,Home visit"
    injected(
        tmp_path,
        capsys,
        3,
        f"{number(10)},Dead,Dan,1950-02-01,2026-05-20,,{work}\n"
        f"{number(11)},Gone,Gil,1950-02-01,,2026-05-20,{work}\n"
        f"9990000010,Wrong,Will,1950-02-01,,,{work}\n",
    )
    les(capsys, "invite", "denosumab", number(1), "--on", "2026-11-02", "--by", "phone", "--outcome", "declined")
    les(capsys, "invite", "denosumab", number(2), "--on", "2026-11-02", "--by", "phone", "--outcome", "booked")
    for kind in ("accurx-emis", "accurx-systmone", "accurx-web", "nhs-notify", "mail-merge"):
        _, told, _ = export(capsys, kind, "out.csv")
        assert told["patients"] == 1
        assert {one["reason"]: one["count"] for one in told["left_out"]} == {
            "dead": 1,
            "departed": 1,
            "declined": 1,
            "booked": 1,
            "in-quarantine": 1,
        }
        held = Path("out.csv").read_text("utf-8-sig")
        assert number(0) in held
        assert not any(number(n) in held for n in (1, 2, 10, 11))


@pytest.mark.usefixtures("store")
def test_recording_knows_the_second_stage_and_says_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    injected(tmp_path, capsys, 2)
    record = ("--record", "--by", "sms")
    _, _, err = export(capsys, "nhs-notify", "n.csv", *record)
    assert "recorded as invited by sms: 2 patients" in err
    before = Path("n.csv").read_bytes()
    assert b"Your denosumab injection is due. Please call Demo Surgery to book." in before
    _, _, err = export(capsys, "nhs-notify", "n.csv", *record)
    assert "0 patients; 2 were recorded before" in err
    assert Path("n.csv").read_bytes() == before
    _, shown, _ = les(capsys, "recall", "--for", "nhs-notify", "--out", "m.csv", "--as-of", "2026-11-27", "--json")
    assert [one["invitations"] for one in json.loads(shown)["recalls"]] == [1, 1]
    assert (
        b"Reminder: your denosumab injection was due on 5 November 2026. Please call Demo" in Path("m.csv").read_bytes()
    )
    _, told, _ = export(capsys, "nhs-notify", "k.csv", "--stage", "third")
    assert told["patients"] == 0


@pytest.mark.usefixtures("store")
def test_nothing_is_recorded_when_the_file_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    injected(tmp_path, capsys, 1)

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "no space", str(path))

    monkeypatch.setattr("lescli.outputs.to_file.write_whole", full)
    code, _, _ = les(capsys, "recall", "--for", "accurx-web", "--out", "w.csv", *ASKED[:2], "--record", "--by", "sms")
    assert code == 1
    monkeypatch.undo()
    _, shown, _ = les(capsys, "recall", "--store", str(tmp_path / "practice.les"), *ASKED)
    assert json.loads(shown)["recalls"][0]["invitations"] == 0


@pytest.mark.usefixtures("store")
def test_the_practices_own_words_and_costs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 2)
    since = ("--from", "2026-04-01", "--source", "partners' meeting")
    les(capsys, "services", "set", "--every", "setting.practice_telephone=01632 960000", *since)
    les(capsys, "services", "set", "denosumab", "setting.sms_part_price=2.88", *since)
    les(capsys, "services", "set", "denosumab", "message.first=Jab time, {given_name}! Ring {telephone}.", *since)
    _, told, _ = export(capsys, "mail-merge", "m.xlsx")
    assert told["messages"] == {"parts": 2, "cost_pence": 6}
    sheet = openpyxl.load_workbook("m.xlsx").worksheets[0]
    values = list(sheet.iter_rows(values_only=True))
    assert values[0][0] == "nhs_number"
    assert values[1][0] == number(0)
    assert "Jab time, Ann! Ring 01632 960000." in values[1]
    code, _, err = les(capsys, "services", "set", "denosumab", "message.first=Dear {name}", *since)
    assert code == 1
    assert "did you mean `given_name`?" in err or "there are title" in err


@pytest.mark.usefixtures("store")
def test_a_header_can_be_corrected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 1)
    term = "setting.export_headers=accurx-web: NHS number = NHS No"
    les(capsys, "services", "set", "denosumab", term, "--from", "2026-04-01", "--source", "their help page")
    export(capsys, "accurx-web", "w.csv")
    assert rows_of("w.csv")[0] == ["NHS No", "Date of Birth"]


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--for", "accurx-wen", "--out", "w.csv"), "did you mean `accurx-web`?"),
        (("--for", "accurx-web"), "--for needs --out FILE"),
        (("--for", "accurx-web", "--out", "w.xlsx"), "ends in .csv"),
        (("--for", "accurx-web", "--out", "w.csv", "--record"), "--record needs --by"),
        (("--for", "accurx-web", "--out", "w.csv", "--by", "sms"), "--by goes with --record"),
        (("--for", "accurx-web", "--out", "w.csv", "--kind", "injektion"), "did you mean `injection`?"),
        (("--for", "accurx-web", "--out", "w.csv", "--stage", "fourth"), "choose one of first, second, third"),
        (("--record",), "go with --for"),
    ],
)
def test_a_slip_is_refused_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    injected(tmp_path, capsys, 1)
    code, _, err = les(capsys, "recall", *words, "--as-of", "2026-11-20")
    assert code == 2
    assert said in err
    assert list(Path().glob("w*")) == []


@pytest.mark.usefixtures("store")
def test_a_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 1)
    _, told, err = export(capsys, "accurx-web", "w.csv", "--dry-run")
    assert told["patients"] == 1
    assert "nothing is written" in err
    assert not Path("w.csv").exists()


@pytest.mark.usefixtures("store")
def test_no_text_says_that_something_was_due_before_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 1)
    les(capsys, "invite", "denosumab", number(0), "--on", "2026-10-20", "--by", "letter")
    for day, said in (
        ("2026-11-04", b"Reminder: your denosumab injection is due on 5 November 2026."),
        ("2026-11-05", b"Reminder: your denosumab injection is due today."),
        ("2026-11-06", b"Reminder: your denosumab injection was due on 5 November 2026."),
    ):
        les(capsys, "recall", "--for", "nhs-notify", "--out", "n.csv", "--as-of", day)
        assert said in Path("n.csv").read_bytes()


@pytest.mark.usefixtures("store")
def test_a_file_sent_again_has_the_same_references_and_a_fourth_invitation_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    injected(tmp_path, capsys, 3)
    seen: list[frozenset[str]] = []
    for day in ("2026-11-10", "2026-11-17", "2026-11-24", "2026-12-01", "2026-12-08"):
        les(capsys, "recall", "--for", "nhs-notify", "--out", "a.csv", "--as-of", day)
        les(capsys, "recall", "--for", "nhs-notify", "--out", "b.csv", "--as-of", day, "--record", "--by", "sms")
        references = [row[0] for row in rows_of("a.csv")[1:]]
        assert references == [row[0] for row in rows_of("b.csv")[1:]]
        seen.append(frozenset(references))
    assert len(frozenset[str]().union(*seen)) == 15


@pytest.mark.usefixtures("store")
def test_a_letter_after_a_text_on_one_day_changes_no_stage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 1)
    for by in ("sms", "letter", "sms"):
        export(capsys, "nhs-notify", f"{by}.csv", "--record", "--by", by)
        assert b"Your denosumab injection is due." in Path(f"{by}.csv").read_bytes()


@pytest.mark.usefixtures("store")
def test_killed_after_the_file_and_before_the_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    injected(tmp_path, capsys, 1)
    from lescli.outputs import to_file

    whole = to_file.write_whole

    def dies(path: Path, content: bytes) -> None:
        whole(path, content)
        raise KeyboardInterrupt

    asked = ("recall", "--for", "nhs-notify", "--out", "n.csv", *ASKED[:2], "--record", "--by", "sms")
    monkeypatch.setattr("lescli.outputs.to_file.write_whole", dies)
    les(capsys, *asked)
    monkeypatch.setattr("lescli.outputs.to_file.write_whole", whole)
    first = Path("n.csv").read_bytes()
    _, shown, _ = les(capsys, "recall", *ASKED)
    assert json.loads(shown)["recalls"][0]["invitations"] == 0
    _, _, err = les(capsys, *asked)
    assert "recorded as invited by sms: 1 patient" in err
    assert Path("n.csv").read_bytes() == first


@pytest.mark.usefixtures("store")
def test_a_booking_counts_until_another_outcome_is_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 1)
    les(capsys, "invite", "denosumab", number(0), "--on", "2026-11-10", "--by", "phone", "--outcome", "booked")
    les(capsys, "invite", "denosumab", number(0), "--on", "2026-11-12", "--by", "letter")
    _, told, _ = export(capsys, "accurx-web", "w.csv")
    assert told["left_out"] == [{"reason": "booked", "count": 1}]
    les(capsys, "invite", "denosumab", number(0), "--on", "2026-11-13", "--by", "phone", "--outcome", "dna")
    _, told, _ = export(capsys, "accurx-web", "w.csv")
    assert told["patients"] == 1


@pytest.mark.usefixtures("store")
def test_who_left_the_service_before_they_died_is_not_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    work = "2026-05-05,700139004,Home visit"
    injected(tmp_path, capsys, 1, f"{number(10)},Dead,Dan,1950-02-01,,,{work}\n")
    les(capsys, "register", "denosumab", "--end", number(10), "--on", "2026-08-01", "--reason", "finished")
    (tmp_path / "died.csv").write_text(
        HEADER + f"{number(10)},Dead,Dan,1950-02-01,2026-09-20,,{work}\n", encoding="utf-8"
    )
    les(capsys, "import", "died.csv", "--as-of", "2026-10-01")
    _, told, _ = export(capsys, "accurx-web", "w.csv")
    assert (told["patients"], told["left_out"]) == (1, [])


@pytest.mark.usefixtures("store")
def test_a_row_in_quarantine_counts_once_however_many_services_wait_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    les(capsys, "services", "sign", "dementia", "--from", "2026-04-01")
    since = ("--from", "2026-04-01", "--source", "shared code")
    les(capsys, "services", "set", "dementia", "codes.diagnosis=snomed:700139004", *since)
    injected(tmp_path, capsys, 1, "9990000010,Wrong,Will,1950-02-01,,,2026-05-05,700139004,Home visit\n")
    _, told, _ = export(capsys, "accurx-web", "w.csv")
    assert {"reason": "in-quarantine", "count": 1} in told["left_out"]


@pytest.mark.usefixtures("store")
def test_work_for_the_practice_is_not_told_to_patients(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 1)
    les(capsys, "services", "sign", "palliative", "--from", "2026-04-01")
    les(capsys, "register", "palliative", "--add", number(0), "--as-of", "2026-06-01")
    code, shown, err = les(capsys, "recall", "palliative", "--for", "nhs-notify", "--out", "p.csv", *ASKED)
    assert (code, json.loads(shown)["export"]["left_out"]) == (0, [{"reason": "no-words", "count": 1}])
    assert number(0) not in Path("p.csv").read_text("utf-8")
    assert "work for the practice" in err
    les(capsys, "recall", "palliative", "--for", "call-list", "--out", "c.csv", *ASKED[:2])
    assert number(0) in Path("c.csv").read_text("utf-8-sig")
    since = ("--from", "2026-04-01", "--source", "partners' meeting")
    les(capsys, "services", "set", "palliative", "message.first=Your {title} is due.", *since)
    _, shown, _ = les(capsys, "recall", "palliative", "--for", "nhs-notify", "--out", "p.csv", *ASKED)
    assert json.loads(shown)["export"]["patients"] == 0
    les(capsys, "services", "set", "palliative", "message.care-plan.first=Please call {practice}.", *since)
    _, shown, _ = les(capsys, "recall", "palliative", "--for", "nhs-notify", "--out", "p.csv", *ASKED)
    assert json.loads(shown)["export"]["patients"] == 1


@pytest.mark.usefixtures("store")
def test_each_service_has_its_own_telephone_and_price(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 2)
    les(capsys, "services", "sign", "dementia", "--from", "2026-04-01")
    les(capsys, "register", "dementia", "--add", number(1), "--as-of", "2026-06-01")
    since = ("--from", "2026-04-01", "--source", "contract")
    les(capsys, "services", "set", "denosumab", "setting.practice_telephone=01632 960001", *since)
    les(capsys, "services", "set", "denosumab", "setting.sms_part_price=2.4", *since)
    _, told, err = export(capsys, "nhs-notify", "n.csv")
    assert told["patients"] == 2
    assert told["messages"]["cost_pence"] is None
    assert "no price of a part is set for dementia" in err
    texts = {row[3]: row[2] for row in rows_of("n.csv")[1:]}
    assert sum("01632 960001" in text for text in texts.values()) == 1
    les(capsys, "services", "set", "dementia", "setting.sms_part_price=2.1", *since)
    _, told, _ = export(capsys, "nhs-notify", "n.csv")
    # 2.4 and 2.1 are 4.5, which is 5: rounded each by itself it would be 4.
    assert told["messages"] == {"parts": 2, "cost_pence": 5}


@pytest.mark.usefixtures("store")
def test_a_name_is_no_formula_and_no_file_holds_an_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = f"{number(9)},=1+1,Ann,1950-02-01,,,2026-05-05,700139004,Home visit\n"
    injected(tmp_path, capsys, 1, more)
    export(capsys, "mail-merge", "m.csv")
    rows = list(csv.DictReader(Path("m.csv").read_text("utf-8-sig").splitlines()))
    assert {row["nhs_number"] for row in rows} >= {number(0)}
    assert not any(cell.startswith("=") for row in rows for cell in row.values())
    export(capsys, "mail-merge", "m.xlsx")
    cells = [cell for row in openpyxl.load_workbook("m.xlsx").worksheets[0].iter_rows() for cell in row]
    assert not any(cell.data_type == "f" for cell in cells)
    for kind in ("accurx-emis", "accurx-systmone", "accurx-web", "nhs-notify"):
        export(capsys, kind, "k.csv")
        assert b"@" not in Path("k.csv").read_bytes()


@pytest.mark.usefixtures("store")
def test_files_of_an_earlier_longer_list_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    injected(tmp_path, capsys, 1)
    for name in ("w-1.csv", "w-2.csv", "w-notes.csv", "ww-1.csv"):
        Path(name).write_text("old", encoding="utf-8")
    _, _, err = export(capsys, "accurx-web", "w.csv")
    assert "not part of this list, from an earlier one: w-1.csv, w-2.csv\n" in err


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("price", ["1p3", "£0.02", "-1", "NaN", "1e9", "2,88"])
def test_a_price_that_is_none_is_refused_when_it_is_set(capsys: pytest.CaptureFixture[str], price: str) -> None:
    term = f"setting.sms_part_price={price}"
    for who in ("denosumab", "--every"):
        code, _, err = les(capsys, "services", "set", who, term, "--from", "2026-04-01", "--source", "contract")
        assert (code, "no price in pence" in err) == (1, True)
