"""Everything wrong with a service.toml, each fault with its path in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from ..codes import parse_code
from .after_payment import faults_of_evidence
from .item_faults import faults_of_item
from .naming import as_list, unknown
from .register_details import faults_of_detail
from .shape_words import in_words

Data = Mapping[str, Any]

CODE_SYSTEMS = ("snomed", "read2", "ctv3")


@cache
def _schema_validator() -> Any:
    # Imported here: jsonschema costs more to import than most commands take.
    from jsonschema import Draft202012Validator

    from lescli_schemas import load

    # Without a format_checker `format: date` is not looked at.
    return Draft202012Validator(load("service"), format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults_of(data: Data) -> tuple[str, ...]:
    """Every fault of a parsed service.toml, in order of its path; empty when the file can be used."""
    shape = sorted(
        f"{_path(error.absolute_path)}: {in_words(error)}" for error in _schema_validator().iter_errors(dict(data))
    )
    return tuple(shape) or (*_left_open(data), *_faults_of_sense(data))


FILL_IN = "FILL IN"
"""How the template of a new service marks what only the commissioner's document can say."""


def _left_open(value: object, path: str = "") -> Iterator[str]:
    if isinstance(value, str) and value.startswith(FILL_IN):
        yield f"{path}: still to be filled in"
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _left_open(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            yield from _left_open(inner, f"{path}[{number}]")


def _path(parts: Any) -> str:
    text = ""
    for part in parts:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "the file"


def _faults_of_sense(data: Data) -> Iterator[str]:
    """What a schema cannot see: names that refer to nothing, codes with a wrong check digit, prices of nothing."""
    yield from _faults_of_codes(data)
    yield from _faults_of_periods(data)
    lists = set(data.get("codelists", {}))
    details = {field["name"] for field in data["register"].get("detail", ())}
    settings = set(data.get("settings", {}))
    items = {item["name"] for item in data.get("item", ())}
    recalls = {rule["name"] for rule in data.get("recall", ())}
    for name in data["register"].get("find_by", ()):
        yield from unknown("register.find_by", name, lists, "code list")
    for place, field in _each(data["register"], "detail"):
        yield from faults_of_detail(f"register.{place}", field)
    for place, rule in _each(data, "recall"):
        yield from _faults_of_recall(place, rule, lists, details, settings)
    for place, item in _each(data, "item"):
        yield from faults_of_item(place, item, lists, details, data.get("settings", {}))
    for place, measure in _each(data, "measure"):
        known = items if measure["kind"] == "items" else recalls
        if measure["kind"] in ("items", "on-time", "overdue"):
            yield from unknown(f"{place}.of", measure.get("of", ""), known, "item or recall")
        if measure["kind"] == "on-time":
            yield from _faults_of_on_time(f"{place}.of", measure.get("of", ""), data)
    yield from faults_of_evidence(data, lists, details, items)
    for kind, names in (("item", items), ("recall", recalls)):
        if len(names) != len(data.get(kind, ())):
            yield f"{kind}: two have the same name"


def _faults_of_recall(place: str, rule: Data, lists: set[str], details: set[str], settings: set[str]) -> Iterator[str]:
    for key in ("codelist", "done_codelist"):
        for name in as_list(rule.get(key, ())):
            yield from unknown(f"{place}.{key}", name, lists, "code list")
    for key in ("start_detail", "next_detail", "until_detail", "interval_detail"):
        yield from unknown(f"{place}.{key}", rule.get(key), details, "register detail")
    yield from unknown(f"{place}.interval_setting", rule.get("interval_setting"), settings, "setting")
    for name in rule.get("only_if", {}):
        yield from unknown(f"{place}.only_if", name, details, "register detail")
    if rule.get("start_is_first") and (rule["kind"] != "every" or not rule.get("start_detail")):
        yield f"{place}.start_is_first: it is for a recall of kind every with a start_detail; leave it out"
    if rule["kind"] in ("after", "every") and not (rule.get("codelist") or rule.get("start_detail")):
        yield f"{place}: a recall of kind {rule['kind']} counts from a codelist or a start_detail; name one"


def _faults_of_on_time(place: str, name: str, data: Data) -> Iterator[str]:
    """It counts claimed work that recurs; of anything else it would answer 0 of 0."""
    rule = next((one for one in data.get("recall", ()) if one["name"] == name), None)
    if rule is None:
        return
    if rule["kind"] != "every":
        yield f"{place}: on-time is counted for a recall of kind every, not {rule['kind']}; leave the measure out"
        return
    claimed = {codelist for item in data.get("item", ()) for codelist in item.get("codelists", ())}
    if not claimed.intersection(as_list(rule.get("codelist", ()))):
        yield f"{place}: no item is claimed by a code list of `{name}`, so nothing would be counted; leave it out"


def _faults_of_codes(data: Data) -> Iterator[str]:
    for name, codelist in data.get("codelists", {}).items():
        given = [(system, code) for system in CODE_SYSTEMS for code in codelist.get(system, ())]
        for system, code in given:
            try:
                parse_code(system, code)
            except ValueError as fault:
                yield f"codelists.{name}.{system}: `{code}`: {fault}"
        if given and codelist["status"] == "unset":
            yield f"codelists.{name}: it is unset and yet has codes"
        if not given and codelist["status"] != "unset":
            yield f"codelists.{name}: it has no codes; its status is then unset"


def _faults_of_periods(data: Data) -> Iterator[str]:
    for place, period in _each(data, "period"):
        if "end" in period and date.fromisoformat(period["end"]) < date.fromisoformat(period["start"]):
            yield f"{place}: it ends before it starts"


def _each(data: Data, key: str) -> Iterator[tuple[str, Data]]:
    for number, value in enumerate(data.get(key, ()), start=1):
        yield f"{key}[{number}]", value
