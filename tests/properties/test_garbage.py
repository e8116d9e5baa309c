"""Whatever stands in a file: each row is accepted or in quarantine by its line, and in every encoding the same."""

from __future__ import annotations

import csv
import io
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from lescli.errors import UnreadableFileError
from lescli.model import Practice
from lescli.store import Store, create_store
from lescli.store.verify.run import verify_open
from lescli.testing import nhs_number

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
garbage: Any = import_module("garbage")
sys.path.pop(0)

NAMES = {name: profile.names for name, profile in garbage.PROFILES.items()}
# No zero byte: a file with one is refused whole.
ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
WINDOWS_TEXT = st.text('aZ9é“”€™Š£ ,;\n"', min_size=1, max_size=6)
FITTING = st.sampled_from(
    [
        *("", " ", nhs_number(1), nhs_number(2), "9990000017", "1950-02-01", "2026-05-04", "04-May-2026", "2026-02-30"),
        *(
            "700139004",
            "165581004",
            "70013900",
            "read2",
            "female",
            "regular",
            "yes",
            "a\nb",
            "a\r\nb",
            "a\rb",
            '"',
            "=1",
        ),
    ]
)


@contextmanager
def new_store() -> Iterator[Store]:
    with create_store(None, Practice(ods_code="A82038", name="Test")) as store:
        yield store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("garbage")


@st.composite
def files(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> tuple[str, str]:
    """A profile and a file of it: rows of any number of cells, many of them with nothing wrong."""
    name = draw(st.sampled_from(sorted(NAMES)))
    names = NAMES[name]
    profile = garbage.PROFILES[name]
    seed = draw(st.integers(0, 1000))
    good = profile.good(random.Random(seed), seed)
    cell = st.one_of(FITTING, FITTING, texts)
    changed = st.dictionaries(st.integers(0, len(names) - 1), cell, max_size=4)
    row = st.one_of(
        changed.map(lambda changes: [changes.get(place, held) for place, held in enumerate(good)]),
        st.lists(cell, max_size=len(names) + 2),
    )
    out = io.StringIO(newline="")
    out.write(profile.before)
    writer = csv.writer(out, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerow(names)
    writer.writerows(draw(st.lists(row, max_size=12)))
    return name, out.getvalue()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(ANY_TEXT))
def test_each_row_is_accepted_or_quarantined_with_its_line(folder: Path, made: tuple[str, str]) -> None:
    name, text = made
    path = folder / "any.csv"
    path.write_bytes(text.encode())
    with new_store() as store:
        done = garbage.imported(store, path, name)
        assert list(garbage.faults(store, done, garbage.told(text, garbage.PROFILES[name]))) == []
        assert all(reasons and all(reasons) for _, reasons in done.quarantine)
        assert verify_open(store).faults == ()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(WINDOWS_TEXT))
def test_the_encoding_decides_nothing(folder: Path, made: tuple[str, str]) -> None:
    name, text = made
    windows = text.encode("cp1252")
    # Bytes of Windows-1252 that are UTF-8 as well cannot be told from it: `Ã©` may be meant, or `é`.
    assume(windows.decode("utf-8", "ignore").isascii())
    held = []
    for encoded in (text.encode(), text.encode("utf-8-sig"), text.encode("utf-16"), windows):
        path = folder / "encoded.csv"
        path.write_bytes(encoded)
        with new_store() as store:
            garbage.imported(store, path, name)
            held.append(garbage.content(store))
    assert all(one == held[0] for one in held)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files(ANY_TEXT), st.data())
def test_a_damaged_file_is_refused_whole_or_counted_to_its_end(
    folder: Path, made: tuple[str, str], data: st.DataObject
) -> None:
    name, text = made
    content = text.encode(data.draw(st.sampled_from(["utf-8", "utf-16"])))
    at = data.draw(st.integers(0, len(content)))
    damage = data.draw(st.sampled_from([b"", b"\0", b'"', b"\xff", b"\xe9", b"\r", b"\n", b","]))
    path = folder / "damaged.csv"
    path.write_bytes(content[:at] + damage + content[data.draw(st.integers(at, min(at + 3, len(content)))) :])
    with new_store() as store:
        before = garbage.content(store)
        try:
            done = garbage.imported(store, path, name)
        except UnreadableFileError:
            assert garbage.content(store) == before
        else:
            assert done.rows == done.accepted + done.unchanged + done.quarantined
            still = store.rows("SELECT 1 FROM quarantine WHERE settled_by IS NULL")
            assert done.quarantined == len(done.quarantine) == len(still)


class TestTheAccountItself:
    """The account of `benchmarks/garbage.py` notices a row that is lost or there twice."""

    @pytest.mark.parametrize(
        ("harm", "told"),
        [
            ("SELECT 1", ""),
            ("DELETE FROM quarantine WHERE line = 4", "is lost"),
            (
                "INSERT INTO quarantine (import_file_id, line, raw, reasons)"
                " SELECT 1, line, raw, reasons FROM quarantine",
                "2 times",
            ),
            ("UPDATE quarantine SET line = line + 1", "no row begins there"),
            ("DELETE FROM activity WHERE value = 'a'", "lost"),
            ("UPDATE activity SET value = 'c' WHERE value = 'a'", "lost"),
            ("UPDATE activity SET source_id = 'other' WHERE source_id = 's'", "other source_ids"),
            ("DELETE FROM patient", "its patient is not"),
        ],
    )
    def test_it_notices(self, tmp_path: Path, harm: str, told: str) -> None:
        def row(**cells: str) -> str:
            held = {"nhs_number": nhs_number(1), "date_of_birth": "1950-02-01", "date": "2026-05-04"}
            return ",".join({**held, "code": "700139004", **cells}.get(name, "") for name in NAMES["les"])

        rows = [row(value="a"), row(source_id="s"), row(value="b", date="2026-02-30")]
        text = "\n".join([",".join(NAMES["les"]), *rows]) + "\n"
        path = tmp_path / "rows.csv"
        path.write_text(text, encoding="utf-8")
        with new_store() as store:
            done = garbage.imported(store, path, "les")
            store.connection.execute("PRAGMA foreign_keys = OFF")
            store.connection.execute(harm)
            found = list(garbage.faults(store, done, garbage.told(text, garbage.PROFILES["les"])))
        assert (found != []) == bool(told), found
        assert told in " ".join(found)
