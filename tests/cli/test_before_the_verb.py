"""`--store` and `--as-of` before the verb hold for the whole command, whatever stands after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from lescli.cli.run import run
from lescli.cli.verb_table import VERBS
from lescli.store import open_store
from lescli.store.practice_data import signed_services


@pytest.mark.parametrize("value", ["a letter", "-h", "--help"])
def test_the_store_before_the_verb_is_the_one_that_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    named, usual = tmp_path / "named.les", tmp_path / "usual.les"
    for store in (named, usual):
        assert run(["init", "--practice", "A81001", "--name", "P", "--store", str(store)]) == 0
    monkeypatch.setenv("LES_STORE", str(usual))
    signed = ["services", "sign", "denosumab", "--from", "2026-04-01", "--source", value]
    assert run(["--store", str(named), *signed]) == 0
    for store, services in ((named, {"denosumab"}), (usual, set())):
        with open_store(store) as opened:
            assert set(signed_services(opened)) == services


@pytest.mark.parametrize("verb", VERBS)
def test_help_is_shown_with_a_store_before_the_verb(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--store", "none.les", "--as-of=2026-05-01", *verb.split(" "), "--help"]) == 0
    assert f"Usage: les {verb} " in capsys.readouterr().out
