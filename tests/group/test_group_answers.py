"""`les group recall`, `report`, `status` and `verify`: sums of the practices' own answers, and nobody named unasked."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lescli.cli.run import run
from lescli.group.report import hidden_of_sums, summed
from lescli.operations.audit import audit_answer
from lescli.store import open_store

Three = tuple[Path, ...]


def asked(capsys: pytest.CaptureFixture[str], folder: Path, *words: str) -> tuple[int, dict[str, Any], str]:
    code = run(["group", *words, "--json", "--stores", str(folder / "*.les")])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out else {}, err


def alone(capsys: pytest.CaptureFixture[str], path: Path, *words: str) -> dict[str, Any]:
    run([*words, "--json", "--store", str(path)])
    return dict(json.loads(capsys.readouterr().out))


DUE = ("denosumab", "--as-of", "2026-11-20")


def test_recalls_are_counted_and_nobody_is_named(
    three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, data, err = asked(capsys, tmp_path, "recall", *DUE)
    assert code == 3  # the data is old by then
    assert data["totals"]["overdue"] + data["totals"]["due"] == 3
    assert "9990000018" not in json.dumps(data) + err
    _, data, _ = asked(capsys, tmp_path, "recall", *DUE, "--rows")
    assert [one["nhs_number"] for one in data["recalls"]] == ["9990000018"] * 3
    with open_store(three[0]) as store:
        entries = audit_answer(store, None, None).data["entries"]  # type: ignore[call-overload]
    assert [one["patients"] for one in entries] == [0, 1]


def test_the_report_adds_up_the_practices_own(three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    month = ("denosumab", "--period", "2026-05", "--as-of", "2026-06-05")
    _, data, _ = asked(capsys, tmp_path, "report", *month, "--exact")
    own = [alone(capsys, path, "report", *month)["measures"] for path in three]
    for place, measure in enumerate(data["measures"]):
        assert measure["numerator"] == sum(one[place]["numerator"] for one in own)
    _, data, _ = asked(capsys, tmp_path, "report", *month)
    injections = next(one for one in data["measures"] if one["id"] == "injections")
    assert injections["suppressed"] is True


def test_the_status_of_each_and_the_sums(three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, data, _ = asked(capsys, tmp_path, "status", "--as-of", "2026-06-05")
    own = [alone(capsys, path, "status", "--as-of", "2026-06-05") for path in three]
    ready = [sum(row["ready_pence"] for row in one["services"]) for one in own]
    assert [one["ready_pence"] for one in data["practices"]] == ready
    assert data["totals"]["ready_pence"] == sum(ready) > 0


def test_a_store_that_is_not_whole_is_named(three: Three, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, data, _ = asked(capsys, tmp_path, "verify")
    assert (code, [one["faults"] for one in data["practices"]]) == (0, [[], [], []])
    with open_store(three[1]) as store:
        store.connection.execute("INSERT INTO invitation VALUES (1, 's', 1, '', 'phone', '', NULL, '', '')")
        store.connection.commit()
    code, data, err = asked(capsys, tmp_path, "verify")
    assert code == 3, err
    assert [bool(one["faults"]) for one in data["practices"]] == [False, True, False]
    assert "A81002: " in err
    assert "invalid date" in err


shares = st.tuples(st.integers(0, 50), st.one_of(st.none(), st.integers(0, 50)))


@given(st.lists(st.lists(shares, min_size=2, max_size=2), min_size=1, max_size=6))
def test_percentages_are_never_averaged(practices: list[list[tuple[int, int | None]]]) -> None:
    every = [
        [
            {"id": str(n), "numerator": part, "denominator": None if n == 0 else (whole or 0) + part, "value": None}
            for n, (part, whole) in enumerate(one)
        ]
        for one in practices
    ]
    for n, found in enumerate(summed(every)):
        assert found["numerator"] == sum(one[n]["numerator"] for one in every)
        if n:
            whole = sum(one[n]["denominator"] for one in every)
            assert found["denominator"] == whole
            assert found["value"] == (round(100 * found["numerator"] / whole, 2) if whole else None)


def hidden_of(counts: dict[str, int], networks: dict[str, str]) -> frozenset[str]:
    small = {name for name, count in counts.items() if 1 <= count <= 7}
    return hidden_of_sums(counts, small, networks, 7)


def shown(count: int, hidden: bool) -> int | None:
    return None if hidden else (2 * count + 5) // 10 * 5


def candidates(count: int, hidden: bool) -> range:
    """Every count that may stand behind what is shown, for a reader who knows which ones are small."""
    if hidden:
        return range(1, 8) if count <= 7 else range(8, 80)
    seen = shown(count, hidden=False)
    return range(1) if not seen else range(max(8, seen - 2), seen + 3)


@settings(deadline=None, max_examples=400)
@given(st.lists(st.lists(st.integers(0, 24), min_size=1, max_size=3), min_size=1, max_size=2))
@example([[1, 18, 18]])
@example([[7], [8]])
@example([[1, 8, 8]])
@example([[1, 1], [18, 18]])
def test_nothing_hidden_can_be_had_back_by_subtraction(networks: list[list[int]]) -> None:
    """A solver tries every set of counts that fits all that is shown; a small one must keep two values at least."""
    counts = {f"P{n}{m}": count for n, network in enumerate(networks) for m, count in enumerate(network)}
    where = {name: name[1] for name in counts}
    sums = {f"network {n}": sum(network) for n, network in enumerate(networks)}
    every = {**counts, **sums, "all": sum(map(sum, networks))}
    hidden = hidden_of(every, where)
    names = list(counts)
    possible: dict[str, set[int]] = {name: set() for name in names}
    for tried in product(*(candidates(counts[name], name in hidden) for name in names)):
        held = dict(zip(names, tried, strict=True))
        again = {
            **{f"network {n}": sum(held[f"P{n}{m}"] for m in range(len(one))) for n, one in enumerate(networks)},
            "all": sum(tried),
        }
        if all(again[name] in candidates(every[name], name in hidden) for name in again):
            for name, value in held.items():
                possible[name].add(value)
    for name, count in counts.items():
        assert not 1 <= count <= 7 or len(possible[name]) > 1, (networks, hidden)


def test_what_is_not_small_is_hidden_only_where_it_must_be() -> None:
    def hidden(*counts: int) -> frozenset[str]:
        every = {str(place): count for place, count in enumerate(counts)}
        whole = {**every, "all": sum(counts)}
        return hidden_of(whole, dict.fromkeys(every, ""))

    assert hidden(20, 30) == frozenset()
    assert hidden(1, 20, 30) == {"0"}
    assert hidden(1, 18, 18) == {"0", "1"}
