"""What the schema says of each table of a service.toml: the keys of its kind, and what the names in it point at."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ..errors import did_you_mean
from ..model import names_in

Data = Mapping[str, Any]
Node = Mapping[str, Any]


@cache
def schema() -> Node:
    """The schema of service.toml."""
    # Imported here: a command that reads no service.toml does not need it.
    from lescli_schemas import load

    return load("service")


def kinds_of(what: str) -> tuple[str, ...]:
    """The kinds of something: `kinds_of("item")` is per-activity, capitation, block and so on."""
    return tuple(name.partition(":")[2] for name in schema()["$defs"] if name.startswith(f"{what}:"))


def kind(what: str, name: object) -> Node:
    """What the schema says of one kind; empty when there is no such kind."""
    found: Node = schema()["$defs"].get(f"{what}:{name}", {})
    return found


def followed(node: Node) -> Node:
    """A part of the schema with its references replaced by what they refer to."""
    while "$ref" in node:
        target = schema()["$defs"][node["$ref"].rpartition("/")[2]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def kind_of(node: Node, value: Data) -> Node:
    """What the schema says of the kind of a table; empty when it has no kinds, or is of a kind that does not exist."""
    return kind(node["x-kind"]["of"], value.get(node["x-kind"]["key"])) if "x-kind" in node else {}


def keys_of(node: Node, value: Data) -> Node:
    """The keys that a table may have: for a table with kinds, those of all kinds and those of its own."""
    return {**node.get("properties", {}), **kind_of(node, value).get("properties", {})}


def kinds_with(node: Node, key: str) -> list[str]:
    """The kinds of a table that have a key."""
    what = node["x-kind"]["of"] if "x-kind" in node else ""
    return [name for name in kinds_of(what) if key in kind(what, name).get("properties", {})]


def faults_of_names(data: Data) -> Iterator[str]:
    """Every name that points at nothing, or at something of another type; and every value that a detail cannot have."""
    known = {
        "setting": {name: type_of_setting(value) for name, value in settings_of(data).items()},
        "setting value": {name: str(value.get("value", "")) for name, value in _inner(data, "settings").items()},
        "names in setting": {
            name: ",".join(names_in(",".join(map(str, value["value"]))))
            for name, value in _inner(data, "settings").items()
            if isinstance(value["value"], list)
        },
        "code list": dict.fromkeys(_tables(data, "codelists"), ""),
        "reason": dict.fromkeys([*standard_reasons(), *_tables(data, "reasons")], ""),
        "register detail": {name: str(field.get("type", "")) for name, field in _details(data).items()},
        "item": _named(data, "item", "name"),
        "recall": _named(data, "recall", "name"),
        "clock": _named(data, "clock", "name"),
        "threshold": _named(data, "threshold", "name"),
        "recall or clock": {
            **_named(data, "recall", "name"),
            **_named(data, "clock", "name"),
            **_named(data, "threshold", "name"),
        },
        "kind of incident": _named(data, "incident", "kind"),
    }
    yield from _walk(schema(), data, "", {}, data, known)


def settings_of(data: Data) -> Data:
    """The settings of a service.toml, and those that every service has, unless this one has its own version."""
    own = _tables(data, "settings")
    return {**own, **{name: value for name, value in every_service().items() if name not in own}}


@cache
def every_service() -> Data:
    """The settings that every service has."""
    settings: Data = tomllib.loads(files(__package__).joinpath("every_service.toml").read_text("utf-8"))["settings"]
    return settings


@cache
def standard_reasons() -> tuple[str, ...]:
    """The names of the reasons that every service shares."""
    # Read as data: this part of the program imports no rules.
    text = files("lescli.rules").joinpath("reasons.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text))


_Known = Mapping[str, Mapping[str, str]]
_ADD = {
    "setting": "add [settings.{}]",
    "code list": "add [codelists.{}]",
    "reason": "add [reasons.{}]",
    "register detail": "add a [[register.detail]] of that name",
    "item": "add an [[item]] of that name",
    "recall": "add a [[recall]] of that name",
    "clock": "add a [[clock]] of that name",
    "threshold": "add a [[threshold]] of that name",
    "recall or clock": "add a [[recall]], [[clock]] or [[threshold]] of that name",
    "kind of incident": "add an [[incident]] of that kind",
}
_TYPES = {
    "list": "a list",
    "integer": "a whole number",
    "yes-no": "yes or no",
    "text": "a text",
    "date": "a date",
    "choice": "a choice",
    "number": "a number",
}


def _walk(node: Node, value: object, place: str, table: Data, data: Data, known: _Known) -> Iterator[str]:
    node = followed(node)
    if "x-names" in node:
        yield from _of_names(node["x-names"], value, place, known)
    if "x-values" in node:
        name = node["x-values"].get("of")
        detail = table.get(name) if name else place.rpartition(".")[2]
        yield from _of_values(_details(data).get(str(detail)), value, place)
    if isinstance(value, Mapping):
        keys, others = keys_of(node, value), node.get("additionalProperties")
        for key, inner in value.items():
            under = f"{place}.{key}" if place else str(key)
            if "propertyNames" in node:
                yield from _walk(node["propertyNames"], key, place, {}, data, known)
            if key in keys or isinstance(others, Mapping):
                yield from _walk(keys.get(key, others), inner, under, value, data, known)
    elif isinstance(value, list) and "items" in node:
        yield from _twice(node.get("x-unique"), value, place)
        for number, inner in enumerate(value, start=1):
            inside = f"{place}[{number}]" if isinstance(inner, Mapping) else place
            yield from _walk(node["items"], inner, inside, table, data, known)


def _twice(key: str | None, rows: list[object], place: str) -> Iterator[str]:
    """Names that two tables of a list have: a block that somebody copied."""
    seen: set[object] = set()
    for number, row in enumerate(rows, start=1):
        if key and isinstance(row, Mapping) and isinstance(name := row.get(key), str):
            if name in seen:
                yield f"{place}[{number}].{key}: the name `{name}` is used twice; give one of the two another name"
            seen.add(name)


def _of_names(wanted: Node, value: object, place: str, known: _Known) -> Iterator[str]:
    what = wanted["what"]
    types = wanted.get("type", ())
    given = value if isinstance(value, list) else [value]
    texts = [one for one in given if isinstance(one, str)]
    for name in [name for text in texts for name in names_in(text)] if wanted.get("many") else texts:
        if name not in known[what]:
            yield f"{place}: there is no {what} `{name}`; {_cure(what, name, known[what])}"
        elif (values := wanted.get("values")) and known["setting value"].get(name, values[0]) not in values:
            yield f"settings.{name}.value: it is none of {' and '.join(values)}, which {place} knows; write one of them"
        elif types and known[what][name] not in ("", *types):
            yield f"{place}: the {what} `{name}` is not {' or '.join(_TYPES[one] for one in types)}"
        elif what == "setting" and "holds" in wanted:
            for one in names_in(known["names in setting"].get(name, "")):
                yield from _of_names({"what": wanted["holds"]}, one, f"settings.{name}.value", known)


def _cure(what: str, name: str, known: Iterable[str]) -> str:
    if " " in name and all(part in known for part in name.split()):
        return "write a comma between two names"
    return did_you_mean(name, known) or _ADD[what].format(name)


def _of_values(detail: Node | None, value: object, place: str) -> Iterator[str]:
    """Values of a detail that it can never have, so that a rule would concern nobody."""
    if detail is None or not isinstance(value, str):
        return
    choices = detail.get("choices", ())
    allowed = {"yes-no": ["yes", "no"]}.get(str(detail.get("type")), [])
    if detail.get("type") == "choice" and isinstance(choices, list):
        allowed = [str(choice) for choice in choices]
    for one in [value[1:]] if value.startswith("!") else value.split("|"):
        if allowed and one not in (*allowed, ""):
            apart = [part.strip() for part in one.split(",")]
            cure = f"`{'|'.join(apart)}`" if set(apart) <= set(allowed) else f"one of {', '.join(allowed)}"
            yield f"{place}: `{detail.get('name')}` is never `{one}`; write {cure}"


def _tables(data: Data, name: str) -> Data:
    found = data.get(name, {})
    return found if isinstance(found, Mapping) else {}


def _inner(data: Data, name: str) -> dict[str, Data]:
    """The tables under a heading by their names, without what is no table."""
    return {key: one for key, one in _tables(data, name).items() if isinstance(one, Mapping) and "value" in one}


def _rows(data: Data, name: str) -> list[Data]:
    found = data.get(name, ())
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def _named(data: Data, name: str, key: str) -> dict[str, str]:
    return {str(row.get(key)): "" for row in _rows(data, name)}


def _details(data: Data) -> dict[str, Data]:
    return {str(row.get("name")): row for row in _rows(_tables(data, "register"), "detail")}


def type_of_setting(setting: object) -> str:
    """The type of a setting: as it is named, or that of its value."""
    if not isinstance(setting, Mapping):
        return ""
    kinds = {bool: "yes-no", int: "integer", list: "list", str: "text"}
    return str(setting.get("type") or kinds.get(type(setting.get("value")), ""))
