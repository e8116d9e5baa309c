"""Every key of a service.toml has an example in the reference, and a file with that example passes the check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest

from lescli.specification import faults_of, parse_specification
from lescli.specification.kinds import followed, kind_of, kinds_of, schema
from lescli.specification.kinds import kind as _kind
from lescli.specification.shape_words import in_toml
from lescli.specification.toml_words import toml_of

Table = dict[str, Any]


def _detail(name: str, type_: str, **more: object) -> Table:
    return {"name": name, "title": name, "type": type_, "required": False, "clause": "2", **more}


def _setting(value: object) -> Table:
    return {"title": "A setting", "value": value, "decided": "ours", "clause": "our decision"}


CLAUSED = {"title": "A title", "clause": "3"}
PRACTICE: Table = {
    "service": {"name": "wounds", "title": "Wounds", "commissioner": "An ICB", "document": "A document"},
    "period": [{"start": "2026-04-01", "end": "2027-03-31", "clause": "1"}],
    "codelists": {
        "work": {**CLAUSED, "status": "specified", "snomed": ["9999999105"]},
        "review": {**CLAUSED, "status": "unset"},
    },
    "register": {
        "rule": "coded",
        "clause": "2",
        "detail": [
            _detail("level", "choice", choices=["3", "4", "5"]),
            *(_detail(name, "date") for name in ("began_on", "ended_on", "next_on")),
            *(_detail(name, "integer") for name in ("own_interval", "threshold")),
            _detail("why", "text"),
        ],
    },
    "settings": {
        **{name: _setting(["face to face"]) for name in ("seen_so", "not_seen_so", "words_for", "words_against")},
        **{name: _setting(84) for name in ("monitored_days", "interval_days", "most_days")},
        "needed_details": _setting(["level"]),
        "takes_children": _setting(False),
        "needs_both": _setting(True),
        "active_month": _setting("any-day"),
    },
    "item": [
        {
            **CLAUSED,
            "name": "work",
            "kind": "per-activity",
            "codelists": ["work"],
            "unit": "piece of work",
            "check": [{"rule": "age", "from": "16", "clause": "4"}],
        }
    ],
    "recall": [
        {**CLAUSED, "name": "review", "kind": "every", "codelist": "work", "interval": 6, "unit": "months"},
    ],
    "clock": [
        {
            **CLAUSED,
            "name": "told-to-review",
            "within": 7,
            "unit": "days",
            "from": {"codelist": "work"},
            "to": {"any_of": ["review"]},
        }
    ],
    "threshold": [{**CLAUSED, "name": "psa-above", "codelist": "work", "above": 4.0}],
    "incident": [{"kind": "fall", "title": "Fall", "clause": "5"}],
    "submission": {"by": "email", "clause": "6"},
}
"""A file that has whatever the examples name."""


BESIDE: dict[str, Table] = {
    "choices": {"type": "choice"},
    "past": {"type": "date"},
    "range": {"type": "integer"},
    "bands": {"by": "age"},
    **{key: {"verdict": "check", "text": "why"} for key in ("clause", "fix", "verdict", "text")},
    **{key: {"snomed": ["9999999105"]} for key in ("status", "snomed", "read2", "ctv3")},
}
"""What a key needs beside it that only the faults say, and not the schema."""
PRICED_BY: dict[str, Table] = {
    "level": {"detail": "level"},
    "above": {"volume": True},
    **{key: {"part": True} for key in ("percent", "part", "up_to_minutes")},
}
"""What an item needs beside a price with one of these keys."""
LIMITS = {f"{side}{given}" for side in ("above", "below") for given in ("", "_setting", "_detail")}
"""Of these, a table that has them needs one."""


def sample(node: Mapping[str, Any]) -> Any:
    """A value that a part of the schema takes: its example, or its smallest table."""
    node = followed(node)
    if "examples" in node:
        return node["examples"][0]
    if "enum" in node:
        return node["enum"][0]
    if node.get("type") == "array":
        return [sample(node["items"])]
    return smallest(node, {})


def smallest(node: Mapping[str, Any], table: Table) -> Table:
    """A table with one key or more, and what it then needs beside them."""
    rules = [node, kind_of(node, table)]
    keys = {**node.get("properties", {}), **rules[1].get("properties", {})}
    needed = [key for rule in rules for key in rule.get("required", ())]
    needed += [other for rule in rules for key in table for other in rule.get("dependentRequired", {}).get(key, ())]
    for rule in rules:
        for one in [rule, *rule.get("allOf", ())]:
            ways = [way["required"] for way in one.get("anyOf", ()) if "required" in way]
            if ways and not any(set(way) <= {*table, *needed} for way in ways):
                needed += ways[0]
    whole = {**{key: sample(keys[key]) for key in needed if key not in table}, **table}
    for key in node.get("properties", {}) if len(whole) < node.get("minProperties", 0) else ():
        whole.setdefault(key, sample(keys[key]))
    for key, beside in BESIDE.items():
        if key in whole and key in keys:
            whole |= {other: value for other, value in beside.items() if other in keys and other not in table}
    if set(keys) >= LIMITS and not LIMITS.intersection(whole):
        whole["above"] = 4.0
    return whole if whole.keys() == table.keys() else smallest(node, whole)


def examples(node: Mapping[str, Any], fixed: Table) -> Iterator[tuple[str, Table]]:
    """Each example of each key of a table and of the tables in it, with a table that contains it."""
    own = kind_of(node, fixed).get("properties", {}) if fixed else {}
    for key, value in {**node.get("properties", {}), **own}.items():
        inner = followed(value)
        if key in fixed:
            yield f"{key} = {fixed[key]}", smallest(node, dict(fixed))
        for example in inner.get("examples", ()) if key not in fixed else ():
            yield f"{key} = {in_toml(example)}", smallest(node, {**fixed, key: example})
        row = followed(inner["items"]) if inner.get("type") == "array" else inner
        for kind in kinds_of(row["x-kind"]["of"]) if "x-kind" in row else [""]:
            if key == "check" and _kind("check", kind)["x-needs"] not in _kind("item", fixed["kind"])["x-has"]:
                continue
            for place, table in examples(row, {row["x-kind"]["key"]: kind} if kind else {}):
                held = [table] if row is not inner else table
                yield f"{key}.{place}", smallest(node, {**fixed, key: held})


def _files() -> Iterator[tuple[str, Table]]:
    for name, section in schema()["properties"].items():
        node = followed(section)
        rows, named = node.get("type") == "array", isinstance(node.get("additionalProperties"), dict)
        table = followed(node["items"] if rows else node["additionalProperties"] if named else node)
        for kind in kinds_of(table["x-kind"]["of"]) if "x-kind" in table else [""]:
            for place, found in examples(table, {table["x-kind"]["key"]: kind} if kind else {}):
                made = _priced(found) if name == "item" else found
                if made is None:
                    continue
                data = deepcopy(PRACTICE)
                if rows:
                    data[name] = [made] if name == "period" else [*data.get(name, ()), made]
                elif named:
                    data[name] = {**data.get(name, {}), "example": made}
                else:
                    data[name] = {**data.get(name, {}), **made, **_both(data.get(name, {}), made)}
                yield f"{name} {kind} {place}", data


def _both(before: Table, made: Table) -> Table:
    """Lists of tables that the file has and the example adds to."""
    return {key: [*before[key], *made[key]] for key in made if isinstance(before.get(key), list)}


def _priced(item: Table) -> Table | None:
    """An item with what its prices need beside them; None for a kind of item that cannot have such a price."""
    by = next((PRICED_BY[key] for price in item.get("price", ()) for key in price if key in PRICED_BY), {})
    known = _kind("item", item["kind"])["properties"].get("price_by", {}).get("properties", {})
    if not by.keys() <= known.keys():
        return None
    first = {"amount": "12.50", "from": "2026-04-01", "clause": "3"}
    prices = [{"amount": "12.50", **one} for one in item.get("price", ())]
    if "volume" in by:
        prices = [first, *prices]
    elif "part" in by:
        prices = [one if "part" in one else {**one, "percent": 50} for one in prices]
    whole = {**item, **({"price": prices} if prices else {}), **({"price_by": by} if by else {})}
    if whole["kind"] == "per-patient" and ("codelists" in whole) != ("codelist" in whole.get("price_by", {})):
        whole |= {"codelists": ["work"], "price_by": {"codelist": True}}
    return whole


FILES = dict(_files())


@pytest.mark.parametrize("place", FILES)
def test_a_file_with_the_example_passes(place: str) -> None:
    text = "\n".join(f"{key} = {in_toml(value)}" for key, value in FILES[place].items())
    assert faults_of(toml_of(text.encode())) == ()
    parse_specification(text.encode(), where="service.toml")


def test_every_key_has_words_and_an_example() -> None:
    assert sorted(_without(schema(), "")) == []


def _without(node: Mapping[str, Any], place: str) -> Iterator[str]:
    tables = [("", node)]
    if "x-kind" in node:
        what = node["x-kind"]["of"]
        tables += [(f":{kind}", schema()["$defs"][f"{what}:{kind}"]) for kind in kinds_of(what)]
    for kind, table in tables:
        for key, value in table.get("properties", {}).items():
            inner, here = followed(value), f"{place}{kind}.{key}"
            row = followed(inner["items"]) if inner.get("type") == "array" else inner
            more = row.get("additionalProperties")
            inside = "properties" in row or (isinstance(more, dict) and "properties" in followed(more))
            if "description" not in inner or ("examples" not in inner and not inside):
                yield here
            yield from _without(row, here)
            if isinstance(more, dict):
                yield from _without(followed(more), f"{here}.NAME")
