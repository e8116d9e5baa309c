"""Each check of `les doctor`, and what it makes of what it finds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from lescli.operations.doctor import backup_age, terminal, time_zone
from lescli.store.database import location


@pytest.mark.parametrize(
    ("encoding", "state"), [("utf-8", "ok"), ("UTF8", "ok"), ("cp1252", "attention"), (None, "ok")]
)
def test_a_terminal_that_is_not_utf_8_needs_attention(encoding: str | None, state: str) -> None:
    assert terminal(encoding).state == state


def test_an_unknown_time_zone_needs_attention() -> None:
    assert time_zone("Europe/London").state == "ok"
    assert time_zone("Europe/Nowhere").state == "attention"
    assert time_zone("../etc/passwd").state == "attention"


@pytest.mark.parametrize(
    ("at", "state"),
    [
        ("2026-06-05T08:30:00Z", "ok"),
        ("2026-06-06T08:30:00Z", "ok"),
        ("2026-05-28T23:30:00Z", "attention"),
        (None, "attention"),
    ],
)
def test_a_backup_is_recent_enough_for_a_week(at: str | None, state: str) -> None:
    assert backup_age(at, date(2026, 6, 5)).state == state
    assert backup_age("2026-05-29T00:30:00Z", date(2026, 6, 5)).state == "ok"


def test_the_machine_that_runs_the_tests_passes_every_check(tmp_path: Path) -> None:
    assert location.sqlite_version()[1]
    assert location.locks_hold(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_working_locks_is_detected(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lescli.store.database.connection import connect

    monkeypatch.setattr(location, "connect", lambda path: connect(None))  # two separate files, so no lock is shared
    assert not location.locks_hold(tmp_path)
