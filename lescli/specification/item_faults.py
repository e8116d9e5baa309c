"""What is wrong with an item: names that refer to nothing, and what its kind would leave aside without a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .naming import as_list, unknown

Data = Mapping[str, Any]

STANDARD_CHECKS = (
    "consultation-type",
    "accreditation",
    "details-recorded",
    "detail-is-not",
    "age",
    "working-days-only",
)
"""The checks an item may name; `rules.checks` holds them (a test keeps the two lists equal)."""

_OF_AN_ENTRY = ("consultation-type", "accreditation")
"""They look at what only a coded entry says: how the patient was seen, and by whom."""
_NO_PATIENT = "an item of this kind is paid for the practice's list"
_BY_KIND: dict[str, dict[str, str]] = {
    "per-activity": {},
    "once-per-patient": dict.fromkeys(_OF_AN_ENTRY, "an item of this kind rests on the register and on no coded entry"),
    "per-patient-month": {
        **dict.fromkeys(_OF_AN_ENTRY, "an item of this kind rests on the register and on no coded entry"),
        "working-days-only": "an item of this kind is paid for a month and not for a day",
    },
    "capitation": dict.fromkeys(STANDARD_CHECKS, _NO_PATIENT),
    "block": dict.fromkeys(STANDARD_CHECKS, _NO_PATIENT),
}
"""The checks that cannot hold for items of a kind, and why."""

_CHECK_NEEDS: dict[str, tuple[str, ...]] = {
    "consultation-type": ("setting",),
    "accreditation": ("kind",),
    "detail-is-not": ("detail", "value", "reason"),
}
_LISTS = ("setting", "except", "details_setting", "if_setting", "except_setting")
"""Options that name a setting which holds a list."""

_NEEDED: dict[str, tuple[str, ...]] = {
    "per-patient-month": ("detail", "value"),
    "once-per-patient": ("date_detail",),
}
"""What an item of a kind must say in its options; a name that ends in detail, setting or codelists refers to one."""
_CONDITION = ("if_setting", "except_setting", "else_reason", "missing_reason")
_TAKEN: dict[str, tuple[str, ...]] = {
    "per-patient-month": (
        *("detail", "value", "missing_reason", "unpaid_reason"),
        *("active_setting", "monitored_setting", "monitored_codelists"),
    ),
    "once-per-patient": ("date_detail", "if_detail", *_CONDITION),
}
"""The options that each kind looks at. A name of another kind's would be left aside, and so pay what it holds back."""
_STANDARD_OPTIONS = frozenset(name for names in _TAKEN.values() for name in names)


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
            yield f"{place}.price[{number}]: a price of nothing; leave the price out where the document gives none"
    for number, check in enumerate(item.get("check", ()), start=1):
        yield from _faults_of_check(f"{place}.check[{number}]", kind, check, details, settings)
    yield from _faults_of_options(f"{place}.options", item, lists, details, settings)


def _faults_of_check(place: str, kind: str, check: Data, details: set[str], settings: Data) -> Iterator[str]:
    rule = check["rule"]
    yield from unknown(f"{place}.rule", rule, set(STANDARD_CHECKS), "check")
    if why := _BY_KIND[kind].get(rule):
        yield f"{place}.rule: {rule} cannot hold for kind {kind}: {why}; leave the check out, or name another kind"
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
    """A setting that is no list holds no phrase and no detail: what it is to hold back would be paid."""
    for key in _LISTS:
        setting = settings.get(named.get(key, ""))
        if setting and setting.get("type") != "list" and not isinstance(setting.get("value"), list):
            yield f"{place}.{key}: the setting `{named[key]}` holds no list"


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
            yield f"{place}.{key}: an item of kind {kind} does not look at it; leave it out"
        known = lists if key.endswith("codelists") else set(settings) if key.endswith("setting") else details
        if key.endswith(("codelists", "setting", "detail")):
            for name in value.replace(",", " ").split():
                yield from unknown(f"{place}.{key}", name, known, "code list, setting or detail")
    yield from _faults_of_lists(place, options, settings)
    yield from _faults_of_monitoring(place, options, settings)


def _faults_of_monitoring(place: str, options: Data, settings: Data) -> Iterator[str]:
    """Who was never monitored would be paid where nothing counts the days."""
    name = options.get("monitored_setting")
    if name is None:
        return
    if not options.get("monitored_codelists"):
        yield f"{place}: monitored_setting needs monitored_codelists"
    setting = settings.get(name)
    if setting and setting.get("type") != "integer" and type(setting.get("value")) is not int:
        yield f"{place}.monitored_setting: the setting `{name}` holds no number of days"
