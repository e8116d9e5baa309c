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
    assert b"was due on 05 Nov 2026 and we have not seen you yet" in Path("m.csv").read_bytes()
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
