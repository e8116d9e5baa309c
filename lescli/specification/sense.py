"""Finds what no schema can see in a service.toml: prices, periods, settings and reasons that contradict one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ..calendar import Month
from .kinds import every_service, standard_reasons, type_of_setting

Data = Mapping[str, Any]


def faults_of_periods(data: Data) -> Iterator[str]:
    """A period that ends before it starts, or that has days in common with another."""
    before: list[tuple[str, str, str]] = []
    for number, period in enumerate(data["period"], start=1):
        place, start, end = f"period[{number}]", period["start"], period.get("end", "9999-12-31")
        if end < start:
            yield f"{place}: it ends before it starts"
        for other, first, last in before:
            if start <= last and first <= end:
                yield f"{place}: it overlaps {other}; end one of them on the day before the other starts"
        before.append((place, start, end))


def faults_of_first_days(data: Data) -> Iterator[str]:
    """Codes and settings that begin when the specification is over, so that they never count."""
    last = _last_day(data)
    for heading in ("codelists", "settings"):
        for name, row in data.get(heading, {}).items():
            if row.get("from", "") > last:
                told = f"it begins on {row['from']}, after the last period ends on {last}"
                yield f"{heading}.{name}.from: {told}; correct the day, or add the [[period]] it belongs to"


def _last_day(data: Data) -> str:
    """The day on which the last period ends; the end of time when one has no end."""
    ends = [period["end"] for period in data["period"] if period.get("end", "") >= period["start"]]
    return max(ends) if len(ends) == len(data["period"]) else "9999-12-31"


def faults_of_prices(data: Data) -> Iterator[str]:
    """Two prices for one day, and a price that begins when the specification is over."""
    last = _last_day(data)
    for number, item in enumerate(data.get("item", ()), start=1):
        seen: dict[tuple[tuple[str, str], ...], str] = {}
        for row, price in enumerate(item.get("price", ()), start=1):
            place = f"item[{number}].price[{row}]"
            said = tuple(sorted((key, str(price[key])) for key in price if key not in ("amount", "clause")))
            if said in seen:
                yield f"{place}.from: {seen[said]} begins on {price['from']} too; leave one out, or change its day"
            seen.setdefault(said, f"price[{row}]")
            if price["from"] > last:
                told = f"the price begins on {price['from']}, after the last period ends on {last}"
                yield f"{place}.from: {told}; correct the day, or add the [[period]] it belongs to"


_OF_PRICES = {"detail": ("level",), "codelist": ("level",), "volume": ("above",), "part": ("percent", "part")}
"""What a price names, by what decides between the prices of its item."""


def faults_of_tariffs(data: Data) -> Iterator[str]:
    """A price that does not say what it is for, or says what its item does not ask."""
    fields = {field["name"]: field for field in data["register"].get("detail", ())}
    for number, item in enumerate(data.get("item", ()), start=1):
        by = item.get("price_by", {})
        decides = next(iter(by), "")
        levels = _levels(item, fields.get(by.get("detail"), {}))
        as_in = f', as in level = "{levels[0]}"' if levels else ""
        for row, price in enumerate(item.get("price", ()), start=1):
            place = f"item[{number}].price[{row}]"
            if "amount" not in price and not decides:
                yield f"{place}: the key amount is missing; add it, or leave the price out"
            taken = {*_OF_PRICES.get(decides, ()), *(("up_to_minutes",) if decides == "part" else ())}
            for key in ("level", "above", "percent", "part", "up_to_minutes"):
                if key in price and key not in taken:
                    needed = next(
                        name for name, keys in (*_OF_PRICES.items(), ("part", ("up_to_minutes",))) if key in keys
                    )
                    yield f"{place}.{key}: it needs `price_by` {needed} in its item; add that, or leave the key out"
            if decides in ("detail", "codelist") and "level" not in price:
                yield f"{place}: the key level is missing; write which {decides} it is for{as_in}"
            elif decides == "part" and ("percent" in price) == ("part" in price):
                yield f"{place}: write percent or part, one of the two"
            elif decides in ("detail", "codelist") and levels and price["level"] not in levels:
                yield f"{place}.level: there is no `{price['level']}`; write one of {', '.join(levels)}"
        if decides == "volume" and item.get("price") and all("above" in price for price in item["price"]):
            yield f"item[{number}].price: no price is for the first ones; write one without above"
        if item["kind"] == "per-patient" and ("codelists" in item) != (decides == "codelist"):
            yield f"item[{number}]: codelists and a price by code list go together; add the other, or leave it out"


def _levels(item: Data, field: Data) -> tuple[str, ...]:
    """What the prices of an item can be for; empty when that can be any text."""
    by = item.get("price_by", {})
    if "codelist" in by:
        return (*item.get("codelists", ()), *item.get("opened_by", ()))
    return {"choice": tuple(field.get("choices", ())), "yes-no": ("yes", "no")}.get(field.get("type", ""), ())


def faults_of_items_paid_twice(data: Data) -> Iterator[str]:
    """Two items that pay for the same, with no check in either to tell them apart: a block that was copied."""
    lists = data.get("codelists", {})
    paid: dict[object, tuple[str, bool]] = {}
    for number, item in enumerate(data.get("item", ()), start=1):
        place, checked = f"item[{number}]", bool(item.get("check"))
        told = set()
        for what, words in _pays_for(item, lists):
            other = paid.setdefault(what, (item["name"], checked))
            if other[0] != item["name"] and not (checked or other[1]) and other[0] not in told:
                told.add(other[0])
                yield f"{place}: `{other[0]}` pays for {words} too, so it would be paid twice; correct one of the two"


def _pays_for(item: Data, lists: Data) -> Iterator[tuple[object, str]]:
    if item["kind"] == "per-activity":
        population = item.get("population", "own")
        for whose in ("own", "other") if population == "any" else (population,):
            for name in item["codelists"]:
                yield ("list", name, whose), f"the code list `{name}`"
                found = lists.get(name, {})
                for system in ("snomed", "read2", "ctv3"):
                    for code in found.get(system, ()):
                        yield (system, code, whose), f"the code `{code}`"
    if item["kind"] == "per-patient-month":
        options = item["options"]
        for value in options["value"].split("|"):
            yield ("detail", options["detail"], value), f"`{value}` of `{options['detail']}`"


def faults_of_settings(data: Data) -> Iterator[str]:
    """A value that is not of the setting's type, and a setting of every service that has another type here."""
    shared = every_service()
    for name, setting in data.get("settings", {}).items():
        place, kind = f"settings.{name}", type_of_setting(setting)
        if "value" in setting and type_of_setting({"value": setting["value"]}) != _HELD_AS.get(kind, kind):
            yield f"{place}.value: it is not of type {kind}; {_WRITE[kind]}, or change the type"
        elif "value" in setting and kind in ("month", "date") and not _is_written(kind, setting["value"]):
            yield f"{place}.value: it is not a {kind}; {_WRITE[kind]}"
        if name in shared and kind != (wanted := type_of_setting(shared[name])):
            yield f"{place}: every service has this setting, with the type {wanted}; {_WRITE[wanted]}"


_HELD_AS = {"month": "text", "date": "text"}
_WRITE = {
    "list": 'write a list: ["A", "B"]',
    "integer": "write a whole number without quotes",
    "yes-no": "write true or false without quotes",
    "text": "write a text in quotes",
    "month": 'write a month: "2026-04"',
    "date": 'write a date: "2026-04-01"',
}


def _is_written(kind: str, value: str) -> bool:
    try:
        return bool(Month.parse(value) if kind == "month" else date.fromisoformat(value))
    except ValueError:
        return False


def faults_of_reasons(data: Data) -> Iterator[str]:
    """A reason of the service's own that does not say what it means for the money, or says nothing."""
    for name, reason in data.get("reasons", {}).items():
        if name not in standard_reasons():
            for key in ("verdict", "text"):
                if key not in reason:
                    example = ', as in verdict = "check"' if key == "verdict" else ""
                    yield f"reasons.{name}: the key `{key}` is missing; add it{example}"


def faults_of_recalls(data: Data) -> Iterator[str]:
    """Intervals and bands that are in no order, and intervals of the register that are no numbers."""
    details = {field["name"]: field for field in data["register"].get("detail", ())}
    for number, rule in enumerate(data.get("recall", ()), start=1):
        place = f"recall[{number}]"
        if rule.get("overdue_interval", 9999) < rule.get("interval", 0):
            yield f"{place}.overdue_interval: it is shorter than the interval; write at least {rule['interval']}"
        for choice in details.get(rule.get("interval_detail", ""), {}).get("choices", ()):
            if not str(choice).isdecimal():
                yield f"{place}.interval_detail: its choice `{choice}` is not a whole number; correct the choice"
        days = [band.get("up_to_days", 99_999) for band in rule.get("band", ())]
        if days != sorted(set(days)):
            yield f"{place}.band: the bands are not in order; write them from the fewest days late to the most"


def faults_of_ages(data: Data) -> Iterator[str]:
    """A check of age that nobody can meet."""
    for number, item in enumerate(data.get("item", ()), start=1):
        for row, check in enumerate(item.get("check", ()), start=1):
            if check["rule"] == "age" and int(check.get("from", 0)) >= int(check.get("below", 999)):
                place = f"item[{number}].check[{row}]"
                yield f"{place}: nobody is {check['from']} or older and under {check['below']}; correct one of the two"


def faults_of_asked_lists(data: Data) -> Iterator[str]:
    """A check that asks the entries of a code list that its item does not look at, so that it never asks anybody."""
    for number, item in enumerate(data.get("item", ()), start=1):
        elements = [element["codelist"] for element in item.get("element", ())]
        known = {*elements, *(one for key in _LISTS for one in item.get(key, ()))}
        for row, check in enumerate(item.get("check", ()), start=1):
            asked = check.get("of", ())
            for name in [asked] if isinstance(asked, str) else asked:
                if known and name not in known:
                    place = f"item[{number}].check[{row}].of"
                    yield f"{place}: the item has no code list `{name}`; write one of {', '.join(sorted(known))}"


_LISTS = ("codelists", "opened_by", "closed_by", "all_of")


def faults_of_sense(data: Data) -> Iterator[str]:
    """Every fault of this file, for a service.toml of the right shape."""
    for faults in (
        *(faults_of_periods, faults_of_first_days, faults_of_prices, faults_of_tariffs, faults_of_items_paid_twice),
        *(faults_of_settings, faults_of_reasons, faults_of_recalls, faults_of_ages, faults_of_asked_lists),
    ):
        yield from faults(data)
