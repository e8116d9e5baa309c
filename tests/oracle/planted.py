"""`python -m tests.oracle.planted`: faults planted into a copy of the sources, each found by the 200 practices.

What cannot fail proves nothing: exit 0 says that every fault was found, and by which practice.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
FAULTS = (
    ("the last day of a claim window is lost", "denosumab", "lescli/rules/eligibility.py",
     "records.as_of > last:", "records.as_of >= last:"),
    ("a cap counts by the calendar year", "pessary", "lescli/calendar.py",
     'from another month."""\n    first =',
     'from another month."""\n    return Period(date(day.year, 1, 1), date(day.year, 12, 31))\n    first ='),
    ("a birthday counts from the day after", "phlebotomy", "lescli/calendar.py",
     "(day.month, day.day) < (born.month, born.day)", "(day.month, day.day) <= (born.month, born.day)"),
    ("Saturday is a working day", "phlebotomy", "lescli/calendar.py",
     "day.weekday() < 5 and", "day.weekday() < 6 and"),
    ("83 days of monitoring", "anticoag", "plugins/anticoag/lescli_anticoag/service.toml",
     "must have been monitored\"\nvalue = 84", "must have been monitored\"\nvalue = 83"),
    ("the day of leaving is no day of registration", "denosumab", "lescli/model/registration.py",
     "day <= self.end)", "day < self.end)"),
    ("check comes before expired", "denosumab", "lescli/model/verdict.py",
     '    EXPIRED = "expired"\n    CHECK = "check"', '    CHECK = "check"\n    EXPIRED = "expired"'),
    ("the price is that of the first of the month", "denosumab", "lescli/rules/claim_row.py",
     "item.price_on(days.start, tariff) or", "item.price_on(days.start.replace(day=1), tariff) or"),
    ("work done elsewhere is paid", "denosumab", "lescli/rules/eligibility.py",
     'if activity.done_at not in ("",', 'if activity.done_at in ("?",'),
    ("five changes a year", "pessary", "plugins/pessary/lescli_pessary/service.toml",
     "per_contract_year = 4", "per_contract_year = 5"),
    ("of two terms from one day the first holds", "denosumab", "lescli/model/terms.py",
     "(one.start, one.local) >= (found.start, found.local)", "(one.start, one.local) > (found.start, found.local)"),
    ("a withdrawn claim stands for its month", "denosumab", "lescli/store/ledger/read.py",
     "AND c.month = ?3 AND w.id IS NULL", "AND c.month = ?3"),
    ("a month is over on its last day", "denosumab", "lescli/operations/claim/submit.py",
     "if as_of > month.last and any(paid):", "if as_of >= month.last and any(paid):"),
)  # fmt: skip


def main() -> int:
    """0 where each fault was found."""
    missed = 0
    for name, service, file, line, planted in FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder)
            for part in ("lescli", "plugins", "schemas", "tests/oracle"):
                shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
            source = (copy / file).read_text(encoding="utf-8")
            if source.count(line) != 1:
                print(f"{name}: {file} has changed; plant the fault anew")
                missed += 1
                continue
            (copy / file).write_text(source.replace(line, planted), encoding="utf-8")
            paths = [copy, copy / "schemas", *(copy / "plugins").iterdir()]
            found = subprocess.run(
                [sys.executable, "-m", "tests.oracle", service, "--practices", "200", "--stop", "--show", "1"],
                cwd=copy,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))},
                capture_output=True,
                text=True,
                check=False,
            )
            told = found.stdout.partition("\n")[0]
            seen = found.returncode == 1 and " seed " in told
            missed += not seen
            print(
                f"{name}: {'found by ' + told.rstrip(':') if seen else 'NOT FOUND ' + found.stderr[-300:]}", flush=True
            )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
