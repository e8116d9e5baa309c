"""A package that is not part of les is asked about once, and again when it changes; a plugin that hangs is ended."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from lescli.store import open_store

from .conftest import FOREIGN, Les, installed

SLEEPS = """
from time import sleep


@hookimpl
def les_register(spec, records):
    sleep(30)
"""
BREAKS = """

@hookimpl
def les_register(spec, records):
    raise ValueError(f"no dose of {next(iter(records.latest('injection').values())).nhs_number} Philippa at home")
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that Python looks for packages in."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(folder)
    return folder


@pytest.fixture
def les(les_here: Les, store: Path) -> Any:
    return lambda *arguments: les_here(*arguments, store=store)


def fresh(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    """Let Python and les read changed packages again, as a new process does."""
    import importlib
    import sys

    from lescli.services import packages
    from lescli.specification import parse

    for name in modules:
        monkeypatch.delitem(sys.modules, name, raising=False)
    packages._package.cache_clear()
    parse.parse_specification.cache_clear()
    importlib.invalidate_caches()


def test_a_package_is_left_out_until_it_is_allowed_and_never_imported_before(
    les: Any, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    fresh(monkeypatch, "injections")
    installed(site, "injections")
    les("services", "sign", "injections", "--from", "2026-04-01")
    done = les("services")
    assert done.code == 3
    assert "injections: its package, injections 1.0, is not part of les and was not allowed yet; look at it, then type"
    assert "`les services allow injections`" in done.err
    assert "injections" not in sys.modules
    assert les("claim", "injections", "--month", "2026-05").code == 1

    allowed = les("services", "allow", "injections")
    assert (allowed.code, "injections: injections 1.0 is allowed; the SHA-256" in allowed.err) == (0, True)
    assert les("services").code == 0
    assert les("services", "sign", "injections", "--from", "2026-04-01").code == 0
    assert "is allowed already, unchanged" in les("services", "allow", "Injections").err
    assert les("services", "show", "injections", "--json").json["plugin"]["name"] == "injections"


def test_a_permission_is_taken_back_and_given_again(les: Any, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh(monkeypatch, "injections")
    installed(site, "injections")
    done = les("services", "disallow", "injections")
    assert (done.code, "none is allowed; nothing was changed" in done.err) == (1, True)
    les("services", "allow", "injections")
    les("services", "sign", "injections", "--from", "2026-04-01")
    assert les("recall", "--as-of", "2026-06-05").code == 0
    done = les("services", "disallow", "Injections")
    assert done.err == "les: injections: injections 1.0 is allowed no longer; its files are still installed\n"
    done = les("recall", "--as-of", "2026-06-05")
    assert (done.code, "is not part of les and was not allowed yet" in done.err) == (3, True)
    assert les("services", "disallow", "injections").code == 1
    assert les("verify").code == 0
    assert "is allowed; the SHA-256" in les("services", "allow", "injections").err
    assert les("recall", "--as-of", "2026-06-05").code == 0


def test_others_go_on_while_one_waits_and_it_is_asked_again_when_it_changes(
    les: Any, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(monkeypatch, "injections")
    module = installed(site, "injections")
    les("services", "allow", "injections")
    les("services", "sign", "injections", "--from", "2026-04-01")
    assert "injections" in les("recall", "--as-of", "2026-06-05", "--json").out

    (module / "__init__.py").write_text(f"{FOREIGN}\n# changed\n", encoding="utf-8")
    fresh(monkeypatch, "injections")
    done = les("recall", "--as-of", "2026-06-05", "--json")
    assert done.code == 3
    assert {one["service"] for one in done.json["recalls"]} == {"denosumab"}
    assert done.err.count("\n") - done.err.count("suggested") <= 2
    assert "the files of its package, injections 1.0, have changed since it was allowed" in done.err

    installed(site, "injections", version="1.1")
    fresh(monkeypatch, "injections")
    assert "its package is injections 1.1 now, and injections 1.0 was allowed" in les("services").err
    assert les("services", "allow", "injections").code == 0
    assert les("services").code == 0


def test_what_needs_no_permission_or_is_not_there_cannot_be_allowed(les: Any, site: Path) -> None:
    installed(site, "injections")
    done = les("services", "allow", "denosumab")
    assert (done.code, done.err) == (2, "les: denosumab is part of les and needs no permission; use it as it is\n")
    done = les("services", "allow", "injction")
    assert (done.code, "did you mean `injections`?" in done.err) == (2, True)


def test_without_a_store_nobody_has_to_be_asked(les_here: Les, site: Path) -> None:
    installed(site, "injections")
    done = les_here("services")
    assert (done.code, "injections" in done.out) == (0, True)


def test_a_package_cannot_take_the_name_of_a_service_of_les(les: Any, site: Path) -> None:
    installed(site, "a-denosumab")
    shutil.copy(
        Path(__file__).parents[2] / "plugins/denosumab/lescli_denosumab/service.toml", site / "a_denosumab/service.toml"
    )
    les("services", "allow", "a-denosumab")
    done = les("services", "--json")
    assert done.code == 3
    assert "a-denosumab: two packages call their service denosumab" in done.err
    assert les("services", "show", "denosumab", "--json").json["plugin"]["name"] == "lescli"


def test_a_claim_names_the_package_its_version_and_the_digest_of_its_files(les: Any) -> None:
    found = les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--json").json["plugin"]
    assert found["name"] == "lescli"
    assert found == les("services", "show", "denosumab", "--json").json["plugin"]
    les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A")
    frozen = les("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-06", "--json").json
    assert (frozen["status"], frozen["plugin"]) == ("submitted", found)


def test_a_plugin_that_hangs_is_ended_and_the_others_go_on(
    les: Any, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(monkeypatch, "sleepers")
    installed(site, "sleepers", FOREIGN + SLEEPS)
    les("services", "allow", "sleepers")
    les("services", "sign", "sleepers", "--from", "2026-04-01")
    monkeypatch.setenv("LES_PLUGIN_SECONDS", "0.5")
    done = les("recall", "--as-of", "2026-06-05", "--json")
    assert done.code == 3
    assert {one["service"] for one in done.json["recalls"]} == {"denosumab"}
    assert (
        "sleepers: les_register took longer than 0.5 seconds and was ended, nothing was written; this is a fault of its"
        " plugin; LES_PLUGIN_SECONDS=2 gives it longer" in done.err
    )
    submit = ("--submit", "--by", "A", "--as-of", "2026-06-05")
    assert les("claim", "sleepers", "--month", "2026-05", *submit).code == 1
    assert les("claims", "--json").json["claims"] == []
    assert les("verify").code == 0


def test_v_shows_the_text_of_a_plugins_exception_with_names_and_numbers_masked(
    les: Any, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(monkeypatch, "breakers")
    installed(site, "breakers", FOREIGN + BREAKS)
    les("services", "allow", "breakers")
    asked = ("recall", "breakers", "--as-of", "2026-06-05")
    quiet = les(*asked)
    assert quiet.err.rstrip().endswith(
        "its plugin failed in les_register (ValueError at __init__.py:11); "
        "this is a fault of its plugin: send this line to its author"
    )
    told = les(*asked, "-v")
    assert "(ValueError at __init__.py:11): no dose of [number] [name] at home; this is a fault" in told.err


def test_a_module_that_does_not_import_is_named(les: Any, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh(monkeypatch, "importers")
    installed(site, "importers", "import lescli_helper_that_is_not_there\n")
    les("services", "allow", "importers")
    done = les("services")
    assert done.code == 3
    assert (
        "importers: its module importers does not import (ModuleNotFoundError at __init__.py:1): there is no module"
        ' lescli_helper_that_is_not_there; `python -c "import importers"` shows why' in done.err
    )


def test_what_was_allowed_stays_as_it_was_written_and_a_false_row_is_found(
    les: Any, site: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh(monkeypatch, "injections")
    installed(site, "injections")
    les("services", "allow", "injections")
    assert les("verify").code == 0
    with open_store(store) as opened:
        for statement in ("UPDATE allowed_package SET version = '2'", "DELETE FROM allowed_package"):
            with pytest.raises(sqlite3.IntegrityError, match="what was allowed stays as it was written"):
                opened.connection.execute(statement)
        opened.connection.execute(
            "INSERT INTO allowed_package VALUES (NULL, 's', 'p', '1', 'not a digest', '2026-06-31')"
        )
    done = les("verify")
    assert "allowed_package: 1 row with an invalid service, package or digest" in done.out + done.err
    assert "allowed_package: 1 invalid date" in done.out + done.err
