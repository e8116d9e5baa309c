"""The demo runs to its end, and its claim can be recomputed by hand from what it prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from lescli.store import open_store
from lescli.testing.agreement import disagreements


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo") / "practice"
    done = run("demo", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(
        [sys.executable, "-m", "lescli", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment,
        check=False,
    )


def section(printed: str, command: str) -> str:
    """What one command of the demo printed."""
    return printed.split(f"\n$ {command}", 1)[1].split("\n$ ", 1)[0]


def test_the_claim_can_be_recomputed_by_hand(demo: tuple[Path, str]) -> None:
    shown = section(demo[1], "les claim denosumab --month 2026-05 --as-of 2026-06-05 --rows")
    rows = [line for line in shown.splitlines() if re.match(r"denosumab +999", line)]
    payable = [line for line in rows if " payable " in line]
    # £20 an injection (specification, section 4), counted by hand.
    total = re.search(r"Total\n.*\n.*\ndenosumab +£([0-9.]+)", shown)
    assert total is not None
    assert f"{len(payable) * 20:.2f}" == total[1]
    considered = re.search(r"denosumab +considered +([0-9]+)", shown)
    assert considered is not None
    assert len(rows) == int(considered[1])
    verdicts = {line.split()[7] for line in rows}
    assert {"payable", "check", "refused", "claimed"} <= verdicts


def test_a_submitted_month_gains_nothing_and_late_work_comes_in_the_next(demo: tuple[Path, str]) -> None:
    june = section(demo[1], "les claim denosumab --month 2026-06 --as-of 2026-07-06\n")
    assert re.search(r"denosumab +injection +2026-05 +2 +£20.00 +£40.00 +late", june)
    assert re.search(r"denosumab +injection +2026-06 +3 +£20.00 +£60.00", june)


def test_the_demo_keeps_its_files_and_can_run_again(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    assert {"practice.les", "recall.xlsx", "claim-2026-06.eml"} <= {file.name for file in folder.iterdir()}
    mail = (folder / "claim-2026-06.eml").read_text(encoding="utf-8")
    assert "999" not in re.sub(r"A99999", "", mail)
    assert run("demo", str(folder)).returncode == 0


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    done = run("demo", str(tmp_path))
    assert done.returncode == 1
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_a_service_with_unset_terms_says_so_and_is_not_submitted(demo: tuple[Path, str]) -> None:
    before, _, after = demo[1].partition("# Set, with a date and a source.")
    for service in ("pessary", "phlebotomy"):
        preview = section(before, f"les claim {service} --month 2026-05 --as-of 2026-06-05\n")
        assert re.search(rf"{service} +£0.00", preview)
        assert "`les services set" in preview
        assert "(exit code 3)" in preview
        refused = section(before, f"les claim {service} --month 2026-05 --as-of 2026-06-05 --submit")
        assert "(exit code 1)" in refused
    assert "invented" in after


def test_the_four_other_contracts_are_claimed_at_the_terms_that_were_set(demo: tuple[Path, str]) -> None:
    shown = section(demo[1], "les claim anticoag ius pessary phlebotomy")
    lines = re.findall(r"^(\w+) +([\w-]+) +(2026-0[45]) +(\d+) +£([\d.]+) +£([\d.]+)", shown, re.MULTILINE)
    totals: dict[str, float] = {}
    for service, _, _, quantity, price, amount in lines:
        assert round(int(quantity) * float(price), 2) == float(amount)
        totals[service] = round(totals.get(service, 0) + float(amount), 2)
    assert totals == {"anticoag": 150.5, "ius": 81.31, "pessary": 95.0, "phlebotomy": 6.24}
    for service, total in totals.items():
        assert re.search(rf"^{service} +£{total:.2f}$", shown, re.MULTILINE)


@pytest.mark.parametrize("as_of", ["2026-07-06", "2026-08-22", "2027-03-31"])
def test_the_verbs_agree_on_every_pound_of_the_demo(demo: tuple[Path, str], as_of: str) -> None:
    with open_store(demo[0] / "practice.les") as store:
        assert disagreements(store, date.fromisoformat(as_of)) == []
