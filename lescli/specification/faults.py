"""Finds everything that is wrong with a service.toml, each fault with its path in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import Any

from ..codes import parse_code
from .details import faults_of_detail, faults_of_evidence
from .shape_words import in_words

Data = Mapping[str, Any]

CODE_SYSTEMS = ("snomed", "read2", "ctv3")
FILL_IN = "FILL IN"
"""Marks, in the template of a new service, what must come from the commissioner's document."""
STANDARD_CHECKS = (
    "consultation-type",
    "accreditation",
    "details-recorded",
    "detail-is-not",
    "age",
    "working-days-only",
)
"""The checks that an item can name. `rules.checks` has the functions; a test keeps the two lists equal."""

_OF_AN_ENTRY = ("consultation-type", "accreditation")
"""These look at what only a coded entry has: how the patient was seen, and by whom."""
_NO_PATIENT = "an item of this kind is paid for the practice list"
_NO_ENTRY = "an item of this kind is paid from the register and has no coded entry"
_BY_KIND: dict[str, dict[str, str]] = {
    "per-activity": {},
    "once-per-patient": dict.fromkeys(_OF_AN_ENTRY, _NO_ENTRY),
    "per-patient-month": {
        **dict.fromkeys(_OF_AN_ENTRY, _NO_ENTRY),
        "working-days-only": "an item of this kind is paid for a month, not for a day",
    },
    "capitation": dict.fromkeys(STANDARD_CHECKS, _NO_PATIENT),
    "block": dict.fromkeys(STANDARD_CHECKS, _NO_PATIENT),
}
"""The checks that cannot be used for items of a kind, and why."""

_CHECK_NEEDS: dict[str, tuple[str, ...]] = {
    "consultation-type": ("setting",),
    "accreditation": ("kind",),
    "detail-is-not": ("detail", "value", "reason"),
}
_LISTS = ("setting", "except", "details_setting", "if_setting", "except_setting")
"""Options that name a setting of type list."""

_NEEDED: dict[str, tuple[str, ...]] = {
    "per-patient-month": ("detail", "value"),
    "once-per-patient": ("date_detail",),
}
"""The options that an item of a kind needs. An option whose name ends in detail, setting or codelists refers to one."""
_CONDITION = ("if_setting", "except_setting", "else_reason", "missing_reason")
_TAKEN: dict[str, tuple[str, ...]] = {
    "per-patient-month": (
        *("detail", "value", "missing_reason", "unpaid_reason"),
        *("active_setting", "monitored_setting", "monitored_codelists"),
    ),
    "once-per-patient": ("date_detail", "if_detail", *_CONDITION),
}
"""The options that each kind uses. An option of another kind would be ignored, and what it should hold back paid."""
_STANDARD_OPTIONS = frozenset(name for names in _TAKEN.values() for name in names)


def unknown(place: str, name: object, known: set[str], what: str) -> Iterator[str]:
    """The fault of a name that refers to nothing; no fault when no name is given."""
    if name is not None and name not in known:
        yield f"{place}: there is no {what} `{name}`"


def as_list(given: object) -> list[str]:
    """One name or several, as a list."""
    return [given] if isinstance(given, str) else [str(one) for one in given] if isinstance(given, Iterable) else []


def faults_of_item(place: str, item: Data, lists: set[str], details: set[str], settings: Data) -> Iterator[str]:
    """Every fault of one item that the schema cannot see."""
    kind = item["kind"]
    for name in item.get("codelists", ()):
        yield from unknown(f"{place}.codelists", name, lists, "code list")
    if kind == "per-activity" and not item.get("codelists"):
        yield f"{place}: an item of kind per-activity needs codelists"
    if kind != "per-activity" and "cap" in item:
        yield f"{place}.cap: a cap is counted for items of kind per-activity only, not {kind}; leave it out"
    for number, price in enumerate(item.get("price", ()), start=1):
        if set(price["amount"]) <= {"0", "."}:
            yield f"{place}.price[{number}]: the price is 0; leave the price out if the document gives none"
    for number, check in enumerate(item.get("check", ()), start=1):
        yield from _faults_of_check(f"{place}.check[{number}]", kind, check, details, settings)
    yield from _faults_of_options(f"{place}.options", item, lists, details, settings)


def _faults_of_check(place: str, kind: str, check: Data, details: set[str], settings: Data) -> Iterator[str]:
    rule = check["rule"]
    yield from unknown(f"{place}.rule", rule, set(STANDARD_CHECKS), "check")
    if why := _BY_KIND[kind].get(rule):
        yield f"{place}.rule: {rule} cannot be used for kind {kind}: {why}; leave the check out, or name another kind"
    yield from (f"{place}: a check of {rule} needs {key}" for key in _CHECK_NEEDS.get(rule, ()) if key not in check)
    if rule == "details-recorded" and not (check.get("details", "").strip() or "details_setting" in check):
        yield f"{place}: a check of {rule} needs details or details_setting"
    if rule == "age":
        yield from _faults_of_age(place, check)
    for key in ("setting", "except", "unless_setting", "details_setting"):
        yield from unknown(f"{place}.{key}", check.get(key), set(settings), "setting")
    yield from _faults_of_lists(place, check, settings)
    for name in as_list(check.get("detail", ())) + as_list(check.get("details", "").replace(",", " ").split()):
        yield from unknown(place, name, details, "register detail")


def _faults_of_lists(place: str, named: Data, settings: Data) -> Iterator[str]:
    """A setting that is not a list has no phrases or details, so the check would hold nothing back and all be paid."""
    for key in _LISTS:
        setting = settings.get(named.get(key, ""))
        if setting and setting.get("type") != "list" and not isinstance(setting.get("value"), list):
            yield f"{place}.{key}: the setting `{named[key]}` is not a list"


def _faults_of_age(place: str, check: Data) -> Iterator[str]:
    given = [key for key in ("from", "below") if key in check]
    if not given:
        yield f"{place}: a check of age needs from or below, or both"
    yield from (f"{place}.{key}: write whole years, as in 12" for key in given if not check[key].isdecimal())


def _faults_of_options(place: str, item: Data, lists: set[str], details: set[str], settings: Data) -> Iterator[str]:
    kind, options = item["kind"], item.get("options", {})
    if "if_detail" in options and kind == "once-per-patient":
        yield from (f"{place}: if_detail needs {key}" for key in _CONDITION if key not in options)
    for key in _NEEDED.get(kind, ()):
        if key not in options:
            yield f"{place}: an item of kind {kind} needs {key}"
    for key, value in options.items():
        if key in _STANDARD_OPTIONS and key not in _TAKEN.get(kind, ()):
            yield f"{place}.{key}: an item of kind {kind} does not use it; leave it out"
        known = lists if key.endswith("codelists") else set(settings) if key.endswith("setting") else details
        if key.endswith(("codelists", "setting", "detail")):
            for name in value.replace(",", " ").split():
                yield from unknown(f"{place}.{key}", name, known, "code list, setting or detail")
    yield from _faults_of_lists(place, options, settings)
    yield from _faults_of_monitoring(place, options, settings)


def _faults_of_monitoring(place: str, options: Data, settings: Data) -> Iterator[str]:
    """Without code lists and a number of days, patients who were never monitored would be paid for."""
    name = options.get("monitored_setting")
    if name is None:
        return
    if not options.get("monitored_codelists"):
        yield f"{place}: monitored_setting needs monitored_codelists"
    setting = settings.get(name)
    if setting and setting.get("type") != "integer" and type(setting.get("value")) is not int:
        yield f"{place}.monitored_setting: the setting `{name}` is not a number of days"


@cache
def _schema_validator() -> Any:
    # Imported here, because importing jsonschema takes longer than most commands.
    from jsonschema import Draft202012Validator

    from lescli_schemas import load

    # Without a format_checker, `format: date` is not checked.
    return Draft202012Validator(load("service"), format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults_of(data: Data) -> tuple[str, ...]:
    """Every fault of a parsed service.toml, in order of its path; empty when the file can be used."""
    shape = sorted(
        f"{_path(error.absolute_path)}: {in_words(error)}" for error in _schema_validator().iter_errors(dict(data))
    )
    return tuple(shape) or (*_left_open(data), *_faults_of_sense(data))


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
    """Faults that a schema cannot see: names that refer to nothing, codes with a wrong check digit, prices of 0."""
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
            yield f"{kind}: a name is used twice"


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
    """The on-time measure counts claimed work that recurs. For anything else it would show 0 of 0."""
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
            yield f"codelists.{name}: its status is unset, but it has codes; change the status or leave the codes out"
        if not given and codelist["status"] != "unset":
            yield f"codelists.{name}: it has no codes; set its status to unset"


def _faults_of_periods(data: Data) -> Iterator[str]:
    for place, period in _each(data, "period"):
        if "end" in period and date.fromisoformat(period["end"]) < date.fromisoformat(period["start"]):
            yield f"{place}: it ends before it starts"


def _each(data: Data, key: str) -> Iterator[tuple[str, Data]]:
    for number, value in enumerate(data.get(key, ()), start=1):
        yield f"{key}[{number}]", value
