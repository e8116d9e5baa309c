"""Every sentence of the documents that asks something has a row, and what a row names is there."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "coverage.md"
ROWS = {
    "Non-contraceptive use of intrauterine systems": 65,
    "LARC services in Liverpool": 23,
    "Complex injections": 81,
    "Anti-coagulation monitoring levels 3, 4 and 5": 80,
    "Engagement slides on Local Enhanced Services": 113,
}
"""How many sentences of each document ask something. A document is read again before a number here changes."""
PEOPLE = "left to people: "
SECTIONS = {title: body for title, _, body in (s.partition("\n") for s in PAGE.read_text("utf-8").split("\n## ")[1:])}


def rows(section: str) -> list[tuple[str, str, str]]:
    """Number, quoted words and answer of each row of a section whose title begins so."""
    (body,) = [body for title, body in SECTIONS.items() if title.startswith(section)]
    return re.findall(r"^\| ([0-9]+) \| (.+?) \| (.+) \|$", body, re.MULTILINE)


@cache
def data(service: str) -> dict[str, Any]:
    return tomllib.loads(
        (ROOT / f"plugins/{service}/lescli_{service.replace('-', '_')}/service.toml").read_text("utf-8")
    )


@cache
def rules(service: str) -> frozenset[str]:
    text = (ROOT / "plugins" / service / "README.md").read_text("utf-8")
    return frozenset(re.findall(r"^\| ([0-9]+) \|", text, re.MULTILINE))


def named(service: str, table: str) -> set[str]:
    """The names that a table of a service.toml gives."""
    found = data(service)
    if table == "detail":
        return {one["name"] for one in found["register"].get("detail", ())}
    if table in ("codes", "setting", "table"):
        key = {"codes": "codelists", "setting": "settings", "table": "tables"}[table]
        return set(found.get(key, {}))
    key = {"measure": "id", "incident": "kind"}.get(table, "name")
    return {one[key] for one in found.get(table, ())}


def is_there(reference: str) -> bool:
    """Whether what a reference names exists."""
    service, what, *name = reference.split(" ")
    if service == "service":
        return not name and (ROOT / "plugins" / what / "README.md").is_file()
    if what == "rule":
        return name[0] in rules(service)
    return name[0] in named(service, what) if name else what in data(service)


def test_each_document_has_a_row_for_each_sentence():
    assert {section: len(rows(section)) for section in ROWS} == ROWS
    assert len(SECTIONS) == len(ROWS)
    for section, count in ROWS.items():
        assert [int(number) for number, *_ in rows(section)] == list(range(1, count + 1))


@pytest.mark.parametrize("section", ROWS)
def test_every_reference_of_a_row_resolves(section):
    wrong = []
    for number, _, answer in rows(section):
        references = re.findall(r"`([^`]+)`", answer)
        links = re.findall(r"\]\(([^)]+)\)", answer)
        if answer.startswith(PEOPLE):
            if len(answer) < len(PEOPLE) + 10:
                wrong.append((number, "no reason"))
            continue
        if not references and not links:
            wrong.append((number, "no answer"))
        wrong += [(number, one) for one in references if not is_there(one)]
        wrong += [(number, one) for one in links if not (PAGE.parent / one).is_file()]
    assert wrong == []


@pytest.mark.parametrize("service", ["ius", "denosumab", "anticoag", "pessary", "phlebotomy"])
def test_every_duty_rests_on_a_sentence(service):
    cited = set(re.findall(rf"`{service} duty ([a-z-]+)`", PAGE.read_text("utf-8")))
    assert cited == named(service, "duty")


def test_a_false_reference_does_not_resolve():
    false = ("ius rule 99", "ius duty nothing", "ius nothing", "service nothing", "ius detail nothing", "ius codes x")
    assert [one for one in false if is_there(one)] == []
