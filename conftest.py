"""The two options of the tests: on encrypted stores, and with more random practices.

`pytest --encrypted` runs the same tests on encrypted stores, in this process and in every `les` that a test starts.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lescli.model import Practice
    from lescli.store import Store
    from lescli.store.database.encryption import Key

MADE = pytest.StashKey[Path]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--encrypted", action="store_true", help="run the tests on encrypted stores")
    parser.addoption("--practices", type=int, default=100, help="random practices of tests/oracle and tests/agreement")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "plain_only(why): left out of `pytest --encrypted`, for this reason")
    is_worker = hasattr(config, "workerinput")
    # The time limit starts a thread for each question to a plugin. The tests of the limit set it; here it is off.
    os.environ["LES_PLUGIN_SECONDS"] = "0"
    # The settings of the person who runs the tests are none of their business either.
    os.environ["LES_CONFIG"] = str(Path(tempfile.gettempdir()) / "les-tests-no-settings" / f"{os.getpid()}.toml")
    if not config.getoption("--encrypted"):
        # A key of the person who runs the tests is none of the tests' business.
        os.environ.pop("LES_KEY_FILE", None)
        return
    from lescli import store
    from lescli.store.database import connection, encryption

    if not is_worker:
        config.stash[MADE] = Path(tempfile.mkdtemp())
        os.environ["LES_KEY_FILE"] = str(config.stash[MADE] / "suite.key")
        # Nothing of it is remembered among the keys of the person who runs the tests.
        os.environ["XDG_CONFIG_HOME"] = str(config.stash[MADE])
        encryption.make_key_file(Path(os.environ["LES_KEY_FILE"]))
    # `les init` encrypts because LES_KEY_FILE is set; a test that makes its store in Python is given the key here.
    key, create_store = encryption.read_key_file(Path(os.environ["LES_KEY_FILE"])), connection.create_store

    def encrypted(path: Path | None, practice: Practice, given: Key | None = None) -> Store:
        return create_store(path, practice, given or key)

    store.create_store = connection.create_store = encrypted  # type: ignore[assignment]


def pytest_unconfigure(config: pytest.Config) -> None:
    if MADE in config.stash:
        shutil.rmtree(config.stash[MADE], ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--encrypted"):
        for item in items:
            for mark in item.iter_markers("plain_only"):
                item.add_marker(pytest.mark.skip(reason=mark.args[0]))
