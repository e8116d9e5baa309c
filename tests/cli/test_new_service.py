"""`les services new`: files that pass `check` and `test` at once, asked for or given, or begun from another service."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from lescli.cli.run import run
from lescli.services import load_catalog

NAMES = [service.name for service in load_catalog().services]


@pytest.fixture
def les(les_here: Any) -> Any:
    return les_here


def text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def passes(les: Any, name: str) -> str:
    """What `check` says of a folder that it and `test` have no fault with."""
    checked, tested = les("services", "check", name), les("services", "test", name)
    assert (checked.code, tested.code, tested.out, tested.err) == (0, 0, "", "")
    return str(checked.err)


def test_nothing_given_is_unset_and_passes(les: Any, tmp_path: Path) -> None:
    assert les("services", "new", "dressings").code == 0
    assert sorted(path.name for path in (tmp_path / "dressings").iterdir()) == [
        "README.md",
        "service.toml",
        "tests.toml",
    ]
    said = passes(les, "dressings")
    assert said.startswith("les: service.toml: no fault; still to be filled in: service.title, service.commissioner, ")
    service = text(tmp_path / "dressings", "service.toml")
    assert "\nday" not in service and "\nwindow_months" not in service and "\namount" not in service
    refused = les("services", "add", "dressings")
    assert (refused.code, "still to be filled in: service.title" in refused.err) == (1, True)


GIVEN = (
    *("--title", 'A "wound"', "--commissioner", "An ICB", "--document", "Of 1 April", "--start", "2026-04-01"),
    *("--end", "2027-03-31", "--item", "dressing", "--code", "22778000", "--price", "12.505"),
)


def test_what_is_given_stands_in_the_files_and_is_tried(les: Any, tmp_path: Path) -> None:
    wrong = les("services", "new", "dressings", *GIVEN)
    assert (wrong.code, "--price" in wrong.err) == (2, True)
    assert not (tmp_path / "dressings").exists()
    given = [*GIVEN[:-1], "12.50", "--window", "3", "--day", "10"]
    assert les("services", "new", "dressings", *given).code == 0
    assert "service.title" not in passes(les, "dressings")
    folder = tmp_path / "dressings"
    assert 'title = "A \\"wound\\""' in text(folder, "service.toml")
    assert "| 4 | An entry is claimed within 3 months." in text(folder, "README.md")
    for old, new in (("12.50", "12.51"), ("window_months = 3", "window_months = 2"), ("day = 10", "day = 11")):
        (folder / "service.toml").write_text(text(folder, "service.toml").replace(old, new, 1), encoding="utf-8")
        assert les("services", "test", "dressings").code == 1
        (folder / "service.toml").write_text(text(folder, "service.toml").replace(new, old, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--start", "soon"),
        ("--end", "2020-01-01"),
        ("--item", "Two words"),
        ("--price", "0.00"),
        ("--window", "25"),
        ("--day", "29"),
        ("--code", "12345"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    les: Any, tmp_path: Path, option: str, value: str
) -> None:
    done = les("services", "new", "dressings", option, value)
    assert done.code == 2
    assert not (tmp_path / "dressings").exists()


def test_on_a_terminal_it_asks_for_what_is_not_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = io.StringIO("An ICB\n\n2026-04-01\n\ndressing\n\n12.50\n\n10\n")
    answers.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("sys.stdin", answers)
    monkeypatch.chdir(tmp_path)
    assert run(["services", "new", "dressings", "--title", "Wounds"]) == 0
    service = text(tmp_path / "dressings", "service.toml")
    for line in ('title = "Wounds"', 'commissioner = "An ICB"', 'start = "2026-04-01"', 'amount = "12.50"', "day = 10"):
        assert f"\n{line}" in service
    assert 'document = "FILL IN' in service and "\nend" not in service
    assert answers.read() == ""


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_of_each_shipped_service_passes(les: Any, tmp_path: Path, name: str) -> None:
    done = les("services", "new", "copied", "--from", name, "--document", "A letter")
    assert done.code == 0
    said = passes(les, "copied")
    assert "still to be filled in: service.commissioner, period[1].clause" in said
    service = text(tmp_path / "copied", "service.toml")
    assert 'name = "copied"' in service and 'document = "A letter"' in service
    assert f"les services set {name} " not in service
    assert "[[test]]" in text(tmp_path / "copied", "tests.toml")


def test_what_needs_the_python_of_the_other_is_named(les: Any, tmp_path: Path) -> None:
    done = les("services", "new", "copied", "--from", "denosumab")
    assert "need the Python of denosumab and were left out" in done.err
    readme = text(tmp_path / "copied", "README.md")
    assert "- The test: the first dose is the hospital's and is not paid" in readme


def test_a_copy_takes_no_other_values_and_an_unknown_service_is_told(les: Any) -> None:
    done = les("services", "new", "copied", "--from", "denosumab", "--price", "1.00")
    assert (done.code, "--price cannot be used with --from" in done.err) == (2, True)
    done = les("services", "new", "copied", "--from", "denosumap")
    assert (done.code, "denosumab" in done.err) == (2, True)


def test_check_names_the_line(les, tmp_path):
    new = les("services", "new", "wounds", "--start", "2026-04-01")
    assert new.code == 0
    file = tmp_path / "wounds" / "service.toml"
    text = file.read_text(encoding="utf-8").replace("per-activity", "per activity")
    file.write_text(text, encoding="utf-8")
    line = next(n for n, one in enumerate(text.splitlines(), 1) if '"per activity"' in one)
    done = les("services", "check", "wounds")
    assert done.code == 3
    assert f"les: service.toml line {line}: item[1].kind: " in done.err
