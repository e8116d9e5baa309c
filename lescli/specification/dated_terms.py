"""The terms that change from a day on: the keys of `[terms.set]` and of `les services set`, and what each changes.

Prices, codes, settings and the address keep their own days in the specification. Every other key changes the
service.toml as it is from that day on, so that the same checks and the same reader serve what was printed and what
changed.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..errors import LesError, did_you_mean
from .kinds import followed, kind, schema

Data = Mapping[str, Any]
Table = dict[str, Any]
NONE = "none"
"""Takes a window, a deadline, a cap or a second interval away from a day on."""
_PAYMENT = ("every", "within_days")
_NO_DEADLINE = ("clause", "by", "address", "declaration", "form")
"""The keys of `[submission]` that are no deadline."""
INTERVALS = ("interval", "first_interval", "overdue_interval")
_SHAPE = ("detail", "date_detail", "monitored_setting", "monitored_codelists")
"""Item options that say what is counted. With another it would be another item."""
_DECIMAL = re.compile(r"-?[0-9]{1,9}\.[0-9]{1,9}")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_NUMBER = "write a whole number, as in 2"


KEYS = {
    "price.ITEM": (
        '"22.50"',
        "the price of an item, in pounds and pence; `price.ITEM.TARIFF` of an item with several: a level, `above-100`",
    ),
    "codes.LIST": (
        '["CODE"]',
        "the codes of a code list; `codes.LIST+` adds to those in force, `codes.LIST-` removes",
    ),
    "setting.NAME": ("84", "the value of a setting; `setting.NAME+` and `setting.NAME-` change a list"),
    "email": ('"claims@example.org"', "the address for claims"),
    "window_months": (
        "2",
        'months in which an activity can be claimed, by the day of the activity; `"none"`: no window',
    ),
    "deadline.day": (
        "12",
        "the deadline, by the first day of the claimed period; also each other deadline of `[submission]`",
    ),
    "payment.every": ('"quarter"', 'when the commissioner pays; also `payment.within_days`; `"none"`: not stated'),
    "interval.RECALL": ("5", "the interval of a recall in its unit, by the day that it is counted from"),
    "overdue_interval.RECALL": ("8", 'its last day, likewise; `"none"`: it has none'),
    "within.CLOCK": ("5", "the time of a clock in its unit, by the day of the event"),
    "cap.ITEM": (
        "12",
        'the most that is paid in the span that the cap names, by the day of the activity; `"none"`: no cap',
    ),
    "check.ITEM.RULE": (
        "false",
        "a check: false takes it away, true adds it or restores it, `{ from = 18 }` writes its options anew",
    ),
    "check.ITEM.RULE.OPTION": ("18", "one option of a check; the check is added if the item has none of that rule"),
    "option.ITEM.NAME": ('"4"', "an item option, except those that say what is counted"),
}
"""Each key with an example of its value and what it is, as the reference shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One key that changes the service.toml from a day on; `source` is the clause or the letter that says so."""

    key: str
    value: Any
    start: date
    source: str
    local: bool = False


def as_typed(value: Any) -> str:
    """A value as a person types it: yes and no, a list with commas, a table with its keys."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        return ", ".join(f"{name} {as_typed(inner)}" for name, inner in value.items())
    return ", ".join(map(as_typed, value)) if isinstance(value, list) else str(value)


class UnknownTermError(LesError):
    """A service has no term with that key."""


def is_change(key: str) -> bool:
    """Whether a key changes the service.toml from a day on; prices, codes and settings keep their own days."""
    return key.partition(".")[0] in _APPLIED


def changes_of(data: Data) -> tuple[Change, ...]:
    """The changes that the `[[terms]]` blocks of a service.toml make, in the file's order."""
    return tuple(
        Change(key=key, value=value, start=date.fromisoformat(block["from"]), source=block["clause"])
        for block in data.get("terms", ())
        for key, value in entries_of(block["set"])
        if is_change(key)
    )


def entries_of(table: Data, above: str = "") -> Iterator[tuple[str, Any]]:
    """The keys of a table with their values. A key with a dot that has no quotes is a table in a table, and the same.

    A table of options stays whole where a check takes one.
    """
    for name, value in table.items():
        key = f"{above}{name}"
        is_whole = key.startswith("check.") and key.count(".") > 1
        if isinstance(value, dict) and not is_whole:
            yield from entries_of(value, f"{key}.")
        else:
            yield key, value


def change_keys(data: Data) -> Iterator[str]:
    """Every key of that kind that a service.toml can have."""
    yield "window_months"
    yield from (f"deadline.{name}" for name in _deadlines())
    yield from (f"payment.{name}" for name in _PAYMENT)
    for rule in data.get("recall", ()):
        known = kind("recall", rule["kind"]).get("properties", {})
        yield from (f"{name}.{rule['name']}" for name in INTERVALS if name in known)
    yield from (f"within.{clock['name']}" for clock in data.get("clock", ()))
    for item in data.get("item", ()):
        known = kind("item", item["kind"]).get("properties", {})
        if "cap" in known:
            yield f"cap.{item['name']}"
        for rule in dict.fromkeys(check["rule"] for check in item.get("check", ())):
            options = kind("check", rule).get("properties", {})
            yield from (f"check.{item['name']}.{rule}{name}" for name in ("", *(f".{one}" for one in options)))
        options = followed(known.get("options", {})).get("properties", {})
        yield from (f"option.{item['name']}.{name}" for name in options if name not in _SHAPE)


def _deadlines() -> tuple[str, ...]:
    known = schema()["properties"]["submission"]["properties"]
    return tuple(name for name in known if name not in _NO_DEADLINE)


def editions_of(data: Data, changes: Iterable[Change]) -> Iterator[tuple[date, Data]]:
    """The service.toml as it is from each day on which something changes. Of two from one day the practice's counts."""
    held = deepcopy(dict(data))
    by_day: dict[date, list[Change]] = {}
    for change in sorted(changes, key=lambda one: (one.start, one.local)):
        by_day.setdefault(change.start, []).append(change)
    for start, together in by_day.items():
        for change in together:
            apply(held, change, data)
        yield start, deepcopy(held)


def apply(data: Table, change: Change, printed: Data) -> None:
    """Change a service.toml by one key; LesError when it has no such key or cannot take the value.

    `printed` is the service.toml before any change: a check that is switched on again is as it was there.
    """
    kind, _, name = change.key.partition(".")
    if kind == "check" and change.value is True and _switched_on_again(data, name, change, printed):
        return
    _APPLIED[kind](data, name, change)


def value_of(text: str) -> Any:
    """A value as it was typed: a number, yes or no, a list or a table as TOML writes them, or else a text."""
    plain = text.strip()
    if plain.isascii() and plain.isdecimal():
        return int(plain)
    if _DECIMAL.fullmatch(plain):
        return float(plain)
    if plain.lower() in ("yes", "on", "true", "no", "off", "false"):
        return plain.lower() in ("yes", "on", "true")
    try:
        return tomllib.loads(f"value = {plain}")["value"] if plain[:1] in '{["' else plain
    except tomllib.TOMLDecodeError:
        return plain


def to_type(value: Any) -> str:
    """A value of a TOML file as `les services set` takes it: a list has commas, and a table stays one in braces."""
    if isinstance(value, dict):
        # A text of JSON is one of TOML too.
        inner = ", ".join(
            f"{name if _BARE.fullmatch(name) else json.dumps(name)} = {_in_table(one)}" for name, one in value.items()
        )
        return f"{{ {inner} }}"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _in_table(value: Any) -> str:
    return to_type(value) if isinstance(value, dict) else json.dumps(value, ensure_ascii=False, default=str)


def unknown_key(name: str, key: str, known: Iterable[str]) -> UnknownTermError:
    """The error for a key that a service does not have: the nearest one, and the list."""
    keys = list(dict.fromkeys(known))
    hint = did_you_mean(key, keys)
    return UnknownTermError(f"{name} has no term `{key}`", f"{hint} it has {', '.join(keys)}".strip())


def _unknown(data: Data, change: Change) -> UnknownTermError:
    return unknown_key(data["service"]["name"], change.key, change_keys(data))


def _row(data: Table, table: str, name: str, change: Change) -> Table:
    found = next((one for one in data.get(table, ()) if one["name"] == name), None)
    if found is None:
        raise _unknown(data, change)
    row: Table = found
    return row


def _is_none(value: Any) -> bool:
    return value is False or value == NONE


def _whole(change: Change) -> int:
    if isinstance(change.value, bool) or not isinstance(change.value, int):
        raise LesError(f"{change.key}: it is not a whole number", _NUMBER)
    return change.value


def _window(data: Table, name: str, change: Change) -> None:
    if name:
        raise _unknown(data, change)
    claim = data.setdefault("claim", {})
    claim["clause"] = change.source
    if _is_none(change.value):
        claim.pop("window_months", None)
    else:
        claim["window_months"] = _whole(change)


def _deadline(data: Table, name: str, change: Change) -> None:
    if name not in _deadlines():
        raise _unknown(data, change)
    submission = data["submission"]
    for one in _deadlines():
        submission.pop(one, None)
    submission["clause"] = change.source
    if not _is_none(change.value):
        submission[name] = _whole(change)


def _payment(data: Table, name: str, change: Change) -> None:
    if name not in _PAYMENT:
        raise _unknown(data, change)
    payment = data.setdefault("payment", {})
    payment["clause"] = change.source
    if _is_none(change.value) and name == "every":
        # Nothing else of a payment says anything without it.
        del data["payment"]
    elif _is_none(change.value):
        payment.pop(name, None)
    else:
        payment[name] = change.value


def _interval(data: Table, name: str, change: Change) -> None:
    rule, key = _row(data, "recall", name, change), change.key.partition(".")[0]
    rule["clause"] = change.source
    if _is_none(change.value) and key != "interval":
        rule.pop(key, None)
    else:
        rule[key] = _whole(change)


def _within(data: Table, name: str, change: Change) -> None:
    clock = _row(data, "clock", name, change)
    clock["clause"] = change.source
    clock["within"] = _whole(change)


def _cap(data: Table, name: str, change: Change) -> None:
    item = _row(data, "item", name, change)
    if _is_none(change.value):
        item.pop("cap", None)
    else:
        held = item.get("cap", {})
        span = next((key for key in held if key.startswith("per_")), "per_contract_year")
        item["cap"] = {**held, span: _whole(change), "clause": change.source}


def _check(data: Table, name: str, change: Change) -> None:
    """`check.ITEM.RULE` switches a check off or writes it anew; `check.ITEM.RULE.OPTION` sets one option of it."""
    item_name, _, rest = name.partition(".")
    rule, _, option = rest.partition(".")
    item = _row(data, "item", item_name, change)
    checks: list[Table] = item.setdefault("check", [])
    alike = [check for check in checks if check["rule"] == rule]
    if not rule:
        raise _unknown(data, change)
    if option:
        _set_option(checks, alike, rule, option, change)
    elif change.value is False:
        item["check"] = [check for check in checks if check["rule"] != rule]
    elif change.value is True:
        if not alike:
            checks.append({"rule": rule, "clause": change.source})
    elif isinstance(change.value, dict):
        place = checks.index(alike[0]) if alike else len(checks)
        kept = [check for check in checks if check["rule"] != rule]
        item["check"] = [*kept[:place], {"rule": rule, "clause": change.source, **change.value}, *kept[place:]]
    else:
        raise LesError(f"{change.key}: it is switched on or off", "write true, false, or its options in braces")


def _switched_on_again(data: Table, name: str, change: Change, printed: Data) -> bool:
    """Put back the checks of a rule that an earlier change took away; False when there are none to put back."""
    item_name, _, rule = name.partition(".")
    checks: list[Table] = _row(data, "item", item_name, change).setdefault("check", [])
    if any(check["rule"] == rule for check in checks):
        return False
    before = next((one.get("check", ()) for one in printed.get("item", ()) if one["name"] == item_name), ())
    found = [(place, check) for place, check in enumerate(before) if check["rule"] == rule]
    for place, check in found:
        checks.insert(place, {**deepcopy(check), "clause": change.source})
    return bool(found)


def _set_option(checks: list[Table], alike: list[Table], rule: str, option: str, change: Change) -> None:
    if option in ("rule", "clause"):
        raise LesError(f"{change.key}: {option} is no option", "the clause is that of the terms; leave it out")
    if len(alike) > 1:
        whole = change.key.removesuffix(f".{option}")
        raise LesError(
            f"{change.key}: the item has {len(alike)} checks of {rule}",
            f"write {whole} with all its options, which replaces them",
        )
    if not alike:
        checks.append({"rule": rule})
    check = alike[0] if alike else checks[-1]
    check["clause"] = change.source
    if _is_none(change.value):
        check.pop(option, None)
    else:
        check[option] = _fitting(kind("check", rule).get("properties", {}).get(option, {}), change)


def _option(data: Table, name: str, change: Change) -> None:
    item_name, _, option = name.partition(".")
    item = _row(data, "item", item_name, change)
    if not option or option in _SHAPE:
        raise _unknown(data, change)
    options = followed(kind("item", item["kind"]).get("properties", {}).get("options", {})).get("properties", {})
    item.setdefault("options", {})[option] = _fitting(options.get(option, {}), change)


def _fitting(node: Data, change: Change) -> Any:
    """The value in the type of its key: what the practice types has no quotes to tell `3` from `"3"`."""
    given, types = change.value, followed(node).get("type", ())
    is_number = isinstance(given, int | float) and not isinstance(given, bool)
    return str(given) if change.local and is_number and types == "string" else given


_APPLIED: dict[str, Callable[[Table, str, Change], None]] = {
    "window_months": _window,
    "deadline": _deadline,
    "payment": _payment,
    **dict.fromkeys(INTERVALS, _interval),
    "within": _within,
    "cap": _cap,
    "check": _check,
    "option": _option,
}
"""What each kind of key changes."""
