"""What the schema says of each table of a service.toml: the keys of its kind, and what the names in it point at."""

from __future__ import annotations

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
        "setting": {name: _of_setting(value) for name, value in _tables(data, "settings").items()},
        "code list": dict.fromkeys(_tables(data, "codelists"), ""),
        "reason": dict.fromkeys([*standard_reasons(), *_tables(data, "reasons")], ""),
        "register detail": {name: str(field.get("type", "")) for name, field in _details(data).items()},
        "item": _named(data, "item", "name"),
        "recall": _named(data, "recall", "name"),
        "clock": _named(data, "clock", "name"),
        "threshold": _named(data, "threshold", "name"),
        "kind of incident": _named(data, "incident", "kind"),
    }
    yield from _walk(schema(), data, "", {}, data, known)


@cache
def standard_reasons() -> tuple[str, ...]:
    """The names of the reasons that every service shares."""
    # Read as data: this part of the program imports no rules.
    import tomllib

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
        for number, inner in enumerate(value, start=1):
            inside = f"{place}[{number}]" if isinstance(inner, Mapping) else place
            yield from _walk(node["items"], inner, inside, table, data, known)


def _of_names(wanted: Node, value: object, place: str, known: _Known) -> Iterator[str]:
    what = wanted["what"]
    types = wanted.get("type", ())
    given = value if isinstance(value, list) else [value]
    texts = [one for one in given if isinstance(one, str)]
    for name in [name for text in texts for name in names_in(text)] if wanted.get("many") else texts:
        if name not in known[what]:
            yield f"{place}: there is no {what} `{name}`; {_cure(what, name, known[what])}"
        elif types and known[what][name] not in ("", *types):
            yield f"{place}: the {what} `{name}` is not {' or '.join(_TYPES[one] for one in types)}"


def _cure(what: str, name: str, known: Iterable[str]) -> str:
    if " " in name and all(part in known for part in name.split()):
        return "write a comma between two names"
    return did_you_mean(name, known) or _ADD[what].format(name)


def _of_values(detail: Node | None, value: object, place: str) -> Iterator[str]:
    """Values of a detail that it can never have, so that a rule would concern nobody."""
    if detail is None or not isinstance(value, str):
        return
    allowed = {"choice": detail.get("choices", ()), "yes-no": ("yes", "no")}.get(detail.get("type", ""))
    if allowed is None:
        return
    for one in [value[1:]] if value.startswith("!") else value.split("|"):
        if one not in (*allowed, ""):
            yield f"{place}: `{detail.get('name')}` is never `{one}`; write one of {', '.join(map(str, allowed))}"


def _tables(data: Data, name: str) -> Data:
    found = data.get(name, {})
    return found if isinstance(found, Mapping) else {}


def _rows(data: Data, name: str) -> list[Data]:
    found = data.get(name, ())
    return [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []


def _named(data: Data, name: str, key: str) -> dict[str, str]:
    return {str(row.get(key)): "" for row in _rows(data, name)}


def _details(data: Data) -> dict[str, Data]:
    return {str(row.get("name")): row for row in _rows(_tables(data, "register"), "detail")}


def _of_setting(setting: object) -> str:
    """The type of a setting: as it is named, or that of its value."""
    if not isinstance(setting, Mapping):
        return ""
    kinds = {bool: "yes-no", int: "integer", list: "list", str: "text"}
    return str(setting.get("type") or kinds.get(type(setting.get("value")), ""))
