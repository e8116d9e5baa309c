"""MEMBERS says which network a practice is in on a day, and every fault of the file is named at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from lescli.errors import LesError
from lescli.group.members import Members, read_members

MembersFile = Callable[[str], Path]


def test_a_practice_that_changes_network_is_in_each_for_its_days(members_file: MembersFile) -> None:
    members = read_members(
        members_file("a81001,One,U1,North,,2026-06-15,9000,1800\nA81001,One,U2,South,16/06/2026,,9000,1800\n")
    )
    before, after = members.on("A81001", date(2026, 6, 15)), members.on("A81001", date(2026, 6, 16))
    assert before is not None
    assert after is not None
    assert (before.network_code, after.network_code) == ("U1", "U2")
    assert [one.network_code for one in members.of("A81001") if one.covers(date(2026, 6, 16))] == ["U2"]
    assert before.women_15_44 == 1800


def test_a_day_between_two_networks_is_in_none(members_file: MembersFile) -> None:
    members = read_members(
        members_file("A81001,One,U1,North,2026-04-01,2026-05-31,,\nA81001,,U2,South,2026-06-02,,,\n")
    )
    assert members.on("A81001", date(2026, 3, 31)) is None
    assert members.on("A81001", date(2026, 6, 1)) is None
    assert members.on("B81001", date(2026, 5, 1)) is None


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("A81001,,U1,N,,2026-06-15,,\nA81001,,U2,S,2026-06-15,,,\n", "line 3: the practice is in another network"),
        ("A81001,,U1,N,,,,\nA81001,,U2,S,2026-06-15,,,\n", "line 2 has no last day"),
        ("A81001,,U1,N,,,,\nB81001,,U1,South,,,,\n", "line 3: its network has another name than in line 2"),
        ("A81001,,U1,N,2026-07-01,2026-06-30,,\n", "line 2: `to` is before `from`"),
        ("A81001,,U1,N,2026-02-30,,,\n", "line 2: `from` is no date"),
        ("A81001,,,N,,,,\n", "line 2: network_code is empty"),
        ("A81001,,U1,N,,,ten,\n", "line 2: list_size is no whole number"),
        ("A81001,,U1,N,,,100,101\n", "line 2: women_15_44 is larger than list_size"),
        ("A81001,,U1,N,,,100,10,more\n", "line 2: it has more cells than columns"),
        ("\n,,,\n", "the file names no practice"),
    ],
)
def test_a_fault_is_named_with_its_line(members_file: MembersFile, lines: str, said: str) -> None:
    with pytest.raises(LesError) as fault:
        read_members(members_file(lines))
    assert said in str(fault.value)


def test_all_faults_are_named_at_once(members_file: MembersFile) -> None:
    with pytest.raises(LesError) as fault:
        read_members(members_file("A81001,,U1,N,x,,,\nB81001,,U1,N,,y,,\n"))
    assert "line 2" in str(fault.value)
    assert "line 3" in str(fault.value)


def test_a_missing_or_unknown_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    path.write_text("ods_code,network\nA81001,U1\n", encoding="utf-8")
    with pytest.raises(LesError, match="network_code is missing"):
        read_members(path)
    path.write_text("ods_code,network_code,listsize\nA81001,U1,5\n", encoding="utf-8")
    with pytest.raises(LesError, match="did you mean `list_size`"):
        read_members(path)


HEADS = ("ods_code", "name", "network_code", "network_name", "from", "to", "list_size", "women_15_44")
NORTH = ("A81001", "Café Surgery", "U1", "Nörth", "01/04/2026", "15/06/2026", "9,000", "1800")
SOUTH = ("A81002", "Two", "U2", "South", "", "", "7000", "")


def text_of(delimiter: str, *rows: tuple[str, ...]) -> str:
    return "".join(delimiter.join(f'"{cell}"' if "," in cell else cell for cell in row) + "\r\n" for row in rows)


def is_as_saved(members: Members) -> bool:
    (north, south) = members.lines
    return (north.name, north.network_name, north.start, north.end, north.list_size, north.women_15_44) == (
        "Café Surgery",
        "Nörth",
        date(2026, 4, 1),
        date(2026, 6, 15),
        9000,
        1800,
    ) and (south.ods_code, south.start, south.women_15_44) == ("A81002", None, None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("above", [(), (("Members of the network",), ("",))])
def test_a_file_that_excel_saved_as_text(
    tmp_path: Path, encoding: str, delimiter: str, above: tuple[tuple[str, ...], ...]
) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(text_of(delimiter, *above, HEADS, NORTH, SOUTH).encode(encoding))
    assert is_as_saved(read_members(path))


@pytest.mark.parametrize("above", [0, 3])
def test_a_workbook(tmp_path: Path, above: int) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    days = datetime(2026, 4, 1), datetime(2026, 6, 15)  # noqa: DTZ001  # Excel's days have no zone.
    for row in (*(["Members"],) * above, HEADS, (*NORTH[:4], *days, 9000, 1800), (*SOUTH[:4], None, None, 7000)):
        sheet.append(row)
    book.save(tmp_path / "m.xlsx")
    assert is_as_saved(read_members(tmp_path / "m.xlsx"))


def test_a_fault_is_on_its_own_line_below_a_title(tmp_path: Path) -> None:
    path = tmp_path / "m.csv"
    wrong = ("A81003", "", "", "", "31/02/2026", "", "12,5", "")
    path.write_text(text_of(";", ("Members",), (), (*HEADS, "phone"), SOUTH, wrong), encoding="cp1252")
    with pytest.raises(LesError) as fault:
        read_members(path)
    for said in ("line 3: there is no column", "line 5: network_code is", "line 5: `from` is", "line 5: list_size is"):
        assert said in str(fault.value)
    assert "--members: " in str(fault.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "--members: m.csv is empty"),
        (b'ods_code,network_code\nA81001,"U1\n', "--members: m.csv: unclosed quote: opened at line 2"),
        (b"Members of the network\nods_code,network_name\nA81001,North\n", "the column network_code is missing"),
        (b"one\n" * 20 + b"ods_code,network_code\nA81001,U1\n", "the column ods_code is missing"),
        (b"ods_code,network_code,name,name\nA81001,U1,a,b\n", "line 1: the column name stands there twice"),
    ],
)
def test_a_file_that_is_no_list_of_members_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "m.csv"
    path.write_bytes(content)
    with pytest.raises(LesError) as fault:
        read_members(path)
    assert said in str(fault.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LesError, match="--members: the file cannot be read"):
        read_members(tmp_path / "none.csv")
