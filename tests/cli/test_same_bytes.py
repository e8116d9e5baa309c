"""The same store and the same `--as-of` give the same bytes on any machine, in every format there is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ANN = "9990000018"
PROGRAM = """
import contextlib, io, locale, sys
from hashlib import sha256
from pathlib import Path

with contextlib.suppress(locale.Error):
    locale.setlocale(locale.LC_ALL, "")

import lescli.outputs
from lescli.cli.run import run
from lescli.errors import LesError
from lescli.outputs.formats import FORMATS, SUFFIXES

answers = []
lescli.outputs.show = lambda answer, **_: answers.append(answer)
said = io.StringIO()
for line in sys.stdin.read().splitlines():
    answers.clear()
    with contextlib.redirect_stderr(said):
        code = run([*line.split(" "), "--as-of", "2026-07-10", "--store", sys.argv[1]])
    assert code in (0, 3), (line, code, said.getvalue())
    for answer in answers:
        for name, made in [*FORMATS.items(), *SUFFIXES.items()]:
            try:
                content = made(answer)
            except LesError:
                continue
            content = content.encode() if isinstance(content, str) else content
            print(line, name, sha256(content).hexdigest())
for path in sorted(Path("pack").iterdir()):
    print(path.name, sha256(path.read_bytes()).hexdigest())
print(sha256(said.getvalue().encode()).hexdigest())
"""
ASKED = (
    "claim denosumab --month 2026-05 --rows",
    "claim --month 2026-06",
    "claims",
    "claims --to-reverse",
    "claims show denosumab-2026-05",
    "register denosumab",
    "recall --within 400d",
    "report denosumab --period 2026-27 --rows",
    "report denosumab --period 2026-27 --suppress",
    f"explain denosumab --patient {ANN}",
    "status",
    "services",
    "services show denosumab",
    "quarantine --rows",
    "evidence denosumab --period 2026-05 --sample 1 --seed 7 --out pack",
)
MACHINES: tuple[dict[str, str], ...] = (
    {"TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1", "LC_ALL": "C", "PYTHONUTF8": "0"},
    {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "2", "LC_ALL": "de_DE.UTF-8", "PYTHONUTF8": "1"},
)


@pytest.fixture
def claimed(les_here, store: Path, activity_file) -> Path:
    """May is claimed, a patient has since died before it, a row is in quarantine, and a register is kept."""
    told = ("--as-of", "2026-06-05")
    submit = ("claim", "denosumab", "--month", "2026-05", "--submit", "--by", "A. Admin")
    assert les_here(*submit, *told, store=store).code == 0
    died = activity_file(f"{ANN},1948-03-02,2026-05-01", header="nhs_number,date_of_birth,died_on")
    assert les_here("import", died, *told, store=store).code == 0
    bad = activity_file("9990000019,A,B,1950-01-01,female,,2026-05-04,700139004,,,,", name="bad.csv")
    assert les_here("import", bad, *told, store=store).code == 3
    added = (
        "register",
        "denosumab",
        "--add",
        "9990000026",
        "--set",
        "t_score=-2.55",
        "--set",
        "first_dose_on=2025-11-04",
    )
    assert les_here(*added, *told, store=store).code == 0
    return store


def test_every_verb_and_format_on_two_machines(claimed: Path, tmp_path: Path) -> None:
    written = []
    for number, machine in enumerate(MACHINES):
        here = tmp_path / f"machine-{number}"
        here.mkdir()
        store = Path(shutil.copy(claimed, here / "practice.les"))
        inherited = {name: value for name, value in os.environ.items() if name != "LES_STORE"}
        paths = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "HOME": str(here)}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(store)],
            input="\n".join(ASKED),
            capture_output=True,
            text=True,
            cwd=here,
            env={**inherited, **paths, **machine},
        )
        assert done.returncode == 0, done.stderr
        written.append(done.stdout.splitlines())
    one, other = written
    assert [line for line in one if line not in other] == []
    assert one == other
    # Every verb answered in at least the common formats, and the pack is there.
    assert all(sum(line.startswith(f"{asked} ") for line in one) >= 8 for asked in ASKED)
    assert [line.split(" ")[0] for line in one[-5:-1]] == [
        "evidence.csv",
        "evidence.xlsx",
        "manifest.json",
        "summary.html",
    ]
    assert {line.split(" ")[-2] for line in one if " ." in line} == {
        ".json",
        ".csv",
        ".xlsx",
        ".html",
        ".md",
        ".ics",
        ".eml",
        ".parquet",
    }
