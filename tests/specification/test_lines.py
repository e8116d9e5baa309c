"""A fault of service.toml names the line of its place, in every file that is shipped and with every kind of heading."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lescli.specification.toml_words import line_of

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("plugins/*/*/service.toml"), *ROOT.glob("tests/specification/shapes/*/service.toml")])


def places(data: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Every place of a file with its key."""
    for key, value in data.items():
        here = f"{place}.{key}" if place else key
        tables = isinstance(value, list) and any(isinstance(one, dict) for one in value)
        if not tables:  # Each table of a list has its own heading.
            yield here, key
        if isinstance(value, dict):
            yield from places(value, here)
        for number, one in enumerate(value if isinstance(value, list) else (), start=1):
            if isinstance(one, dict):
                yield from places(one, f"{here}[{number}]")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.parent.name)
def test_every_key_is_on_the_line_that_is_named(file):
    content = file.read_bytes()
    lines = content.decode("utf-8").splitlines()
    asked = 0
    for place, key in places(tomllib.loads(content.decode("utf-8"))):
        line = line_of(content, place)
        if line is not None:
            assert re.search(rf"(?<![\w-]){re.escape(key)}(?![\w-])", lines[line - 1]), (place, line)
            asked += 1
    assert asked > 20


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("service.title", 2),
        ("item[1].price[2].level", 9),
        ("item[2].price[1].level", 15),
        ("item[2].clause", 10),
        ("item[2].price_by.detail", 12),
        ("codelists.work.snomed[2]", 17),
        ("line 3", None),
        ("period", None),
        ("item[3].price[1].level", None),
    ],
)
def test_a_place_has_the_line_of_its_key_or_of_the_table_that_lacks_it(place, line):
    text = """[service]
title = "A"
note = '''
level = "no key"
'''
[[item]]
[[item.price]]
[[ item.price ]]
level = "high"
[[item]]
name = "b"
price_by = { detail = "level" }
# level = "a remark"
[[item.price]]
level = "low"
[codelists."work"]
snomed = ["1", "2"]
"""
    for content in (text.encode(), b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()):
        assert line_of(content, place) == line
