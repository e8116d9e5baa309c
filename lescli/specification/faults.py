"""Finds everything that is wrong with a service.toml, each fault with its path in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from ..codes import parse_code
from .clocks import faults_of_clocks, faults_of_limits
from .details import faults_of_detail, faults_of_evidence, faults_of_wordings
from .kinds import faults_of_names, kind, schema
from .measures import faults_of_measures
from .sense import faults_of_sense
from .shape_words import in_words, is_told_elsewhere

Data = Mapping[str, Any]

CODE_SYSTEMS = ("snomed", "read2", "ctv3")
FILL_IN = "FILL IN"
"""Marks, in the template of a new service, what must come from the commissioner's document."""
_LACKS = {
    "patient": "an item of this kind is paid for the practice list",
    "day": "an item of this kind is paid for a month, not for a day",
    "entry": "an item of this kind is paid from the register and has no coded entry",
    "single": "an item of this kind is not paid for each single entry",
}
"""Why a check cannot be used for items of a kind: what the check looks at and the item does not have."""


def faults_of_item(place: str, item: Data) -> Iterator[str]:
    """Every fault of one item that the schema cannot see."""
    for number, price in enumerate(item.get("price", ()), start=1):
        if set(price.get("amount", "none")) <= {"0", "."}:
            yield f"{place}.price[{number}]: the price is 0; leave the price out if the document gives none"
    has = kind("item", item["kind"])["x-has"]
    for number, check in enumerate(item.get("check", ()), start=1):
        needs = kind("check", check["rule"])["x-needs"]
        if needs not in has:
            why = _LACKS[needs if has else "patient"]
            told = f"{check['rule']} cannot be used for kind {item['kind']}: {why}"
            yield f"{place}.check[{number}].rule: {told}; leave the check out, or name another kind"
        if check["rule"] == "value":
            yield from faults_of_limits(f"{place}.check[{number}]", check)


@cache
def _schema_validator() -> Any:
    # Imported here, because importing jsonschema takes longer than most commands.
    from jsonschema import Draft202012Validator, validators

    # 3.0 is an integer to JSON, but TOML tells it from 3, and no rule counts with it.
    whole = Draft202012Validator.TYPE_CHECKER.redefine("integer", lambda _, value: type(value) is int)
    # Without a format_checker, `format: date` is not checked.
    strict = validators.extend(Draft202012Validator, type_checker=whole)
    return strict(dict(schema()), format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults_of(data: Data) -> tuple[str, ...]:
    """Every fault of a parsed service.toml, in order of its path; empty when the file can be used."""
    shape = {
        (path_of(error.absolute_path), in_words(error))
        for error in _schema_validator().iter_errors(dict(data))
        if not is_told_elsewhere(error)
    }
    # A name is told once: as a name that is not written well, or else as one that points at nothing.
    places = {place for place, _ in shape}
    names = [fault for fault in faults_of_names(data) if fault.partition(": ")[0] not in places]
    if shape:
        return (*(f"{place}: {told}" for place, told in sorted(shape)), *names)
    return (*names, *_faults_of_sense(data))


def left_open(value: object, path: str = "") -> Iterator[str]:
    """The place of each text that is still to be filled in. That is no fault: the service can be tried meanwhile."""
    if isinstance(value, str) and value.startswith(FILL_IN):
        yield path
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from left_open(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from left_open(inner, f"{path}[{number}]")


def path_of(parts: Iterable[str | int]) -> str:
    """The place of a value in a TOML file, counted from 1 as a person counts: `item[2].price[1].amount`."""
    text = ""
    for part in parts:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the file"


def _faults_of_sense(data: Data) -> Iterator[str]:
    """Faults that a schema cannot see: names that refer to nothing, codes with a wrong check digit, prices of 0."""
    yield from _faults_of_codes(data)
    yield from faults_of_sense(data)
    for place, field in _each(data["register"], "detail"):
        yield from faults_of_detail(f"register.{place}", field)
    for place, item in _each(data, "item"):
        yield from faults_of_item(place, item)
    yield from faults_of_measures(data)
    yield from faults_of_evidence(data)
    yield from faults_of_wordings(data)
    yield from faults_of_clocks(data)


def _faults_of_codes(data: Data) -> Iterator[str]:
    for name, codelist in data.get("codelists", {}).items():
        given = [(system, code) for system in CODE_SYSTEMS for code in codelist.get(system, ())]
        for system, code in given:
            try:
                parse_code(system, code)
            except ValueError as fault:
                yield f"codelists.{name}.{system}: `{code}`: {fault}"
        if given and codelist["status"] == "unset":
            yield f"codelists.{name}: its status is unset, but it has codes; change the status or leave the codes out"
        if not given and codelist["status"] != "unset":
            yield f"codelists.{name}: it has no codes; set its status to unset"


def _each(data: Data, key: str) -> Iterator[tuple[str, Data]]:
    for number, value in enumerate(data.get(key, ()), start=1):
        yield f"{key}[{number}]", value
