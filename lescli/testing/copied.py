"""Begins a service from an installed one: its service.toml and its tests under another name, without its Python."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..services import service_of
from ..services.service import DataOnlyPlugin
from ..specification import FILL_IN, parse_specification
from .found import Tried
from .service_tests import failures, prepared

_OWN_MEASURE = re.compile(r'^kind\s*=\s*"own"', re.MULTILINE)
_HEADING = re.compile(r"(?m)^(?=\[)")
_TEST = re.compile(r"(?m)^(?=\[\[test\]\])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """The text of each file by its name, and what could not be carried over because it needs the other's Python."""

    files: dict[str, str]
    tests_left_out: tuple[str, ...]
    measures_left_out: tuple[str, ...]


def copied_from(source: Tried, specification: str, name: str, commissioner: str, document: str) -> Copied:
    """A service's files under a new name. Its commissioner, document and period are to be filled in when not given."""
    blocks = _HEADING.split(_renamed(specification, source.service.name, name))
    own = [block for block in blocks if block.startswith("[[measure]]") and _OWN_MEASURE.search(block)]
    text = "".join(block for block in blocks if block not in own)
    text = _with(text, "service", "name", name)
    text = _with(text, "service", "commissioner", commissioner or f"{FILL_IN}: Who pays")
    text = _with(text, "service", "document", document or f"{FILL_IN}: The document, with its date")
    text = _with(text, "[period]", "clause", f"{FILL_IN}: where the document gives its period")
    tests, left_out = _tests_that_hold(text, _renamed((source.tests or b"").decode("utf-8"), source.service.name, name))
    measures = tuple(_value(block, "id") for block in own)
    readme = "".join(_readme(name, source.service.name, text, tests, left_out, measures))
    return Copied(
        files={"service.toml": text, "tests.toml": tests, "README.md": readme},
        tests_left_out=left_out,
        measures_left_out=measures,
    )


def _renamed(text: str, old: str, new: str) -> str:
    """The text with another service named in its commands, such as `les services set NAME`."""
    return re.sub(rf"(`?les [a-z ]*?){re.escape(old)}\b", rf"\g<1>{new}", text)


def _with(text: str, heading: str, key: str, value: str) -> str:
    """The text with another value of a key, in every table with that heading."""
    blocks = _HEADING.split(text)
    line = re.compile(rf"(?m)^{key}\s*=.*$")
    told = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    changed = [line.sub(lambda _: told, one, count=1) if one.startswith(f"[{heading}]") else one for one in blocks]
    return "".join(changed)


def _value(block: str, key: str) -> str:
    found = re.search(rf'(?m)^{key}\s*=\s*"([^"]*)"', block)
    return found[1] if found else ""


def _tests_that_hold(specification: str, tests: str) -> tuple[str, tuple[str, ...]]:
    """The tests that hold without Python, as text, and the titles of the others."""
    spec = parse_specification(specification.encode("utf-8"), where="service.toml")
    service = service_of(DataOnlyPlugin(spec), origin="folder")
    # The numbers of rules are those of the other's README.
    head, *blocks = _TEST.split(re.sub(r"(?m)^rules\s*=.*\n", "", tests))
    kept, left_out = [], []
    for block in blocks:
        found, faults = prepared(service, (head + block).encode("utf-8"))
        if faults or any(failures(one, service) for one in found):
            left_out.append(_value(block, "title"))
        else:
            kept.append(block)
    return head + "".join(kept), tuple(left_out)


def _readme(
    name: str, old: str, specification: str, tests: str, left_out: tuple[str, ...], measures: tuple[str, ...]
) -> Iterator[str]:
    titles = re.findall(r'(?m)^title\s*=\s*"(.*)"$', "".join(_TEST.split(tests)[1:]))
    yield f"# {_value(specification, 'title') or name}\n\n"
    yield f"It began as a copy of `{old}`. The values are in `service.toml`, "
    yield "the patients that try them in `tests.toml`.\n\n"
    yield "## Rules that the tests try\n\n| # | rule | clause |\n| --- | --- | --- |\n"
    yield from (f"| {number} | {title} | {FILL_IN} |\n" for number, title in enumerate(titles, start=1))
    if left_out or measures:
        yield f"\n## Not carried over: it needs the Python of `{old}`\n\n"
        yield from (f"- The test: {title}.\n" for title in left_out)
        yield from (f"- The measure `{one}`.\n" for one in measures)
    yield "\n## What is to do\n\n"
    yield "1. Write each text that is marked FILL IN from the document. "
    yield "`les services check FOLDER` lists those that are left.\n"
    yield "2. Compare every price, code, interval, date and address with the document. Change `tests.toml` with them.\n"
    yield "3. Run `les services check FOLDER` and `les services test FOLDER` after each change.\n"
