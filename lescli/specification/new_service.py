"""The files of a new service: a service.toml to fill in, a README with numbered rules, and tests.toml."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files

from ..calendar import Month, add_months, for_people
from .faults import FILL_IN

NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
"""What a service, and an item of one, may be called."""
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewService:
    """What is known of a new service; an empty text and None stand for what is not known yet."""

    name: str
    start: date
    end: date | None = None
    title: str = ""
    commissioner: str = ""
    document: str = ""
    item: str = "activity"
    code: str = ""
    price: str = ""
    window_months: int | None = None
    day: int | None = None


def new_files(new: NewService) -> dict[str, str]:
    """The text of each file by its name. They pass `les services check` and `les services test` as they stand."""
    tests = _template("tests.toml")
    if new.end:
        tests += _template("tests-of-the-end.toml")
    if new.window_months:
        tests += _template("tests-of-the-window.toml")
    known = _known(new)
    written = {"service.toml": _template("service.toml"), "README.md": _template("README.md"), "tests.toml": tests}
    return {name: _filled(text, known) for name, text in written.items()}


def _template(name: str) -> str:
    return files(__package__).joinpath("template", name).read_text(encoding="utf-8")


def _filled(text: str, known: dict[str, str]) -> str:
    for name, value in known.items():
        text = text.replace(f"@{name}@", value)
    return text


def _known(new: NewService) -> dict[str, str]:
    """Each word of the templates with what stands in its place."""
    quoted = {
        "NAME": new.name,
        "TITLE": new.title or f"{FILL_IN}: What the service is called",
        "COMMISSIONER": new.commissioner or f"{FILL_IN}: Who pays",
        "DOCUMENT": new.document or f"{FILL_IN}: The document these values were read from, with its date",
        "START": new.start.isoformat(),
        "STATUS": "specified" if new.code else "unset",
    }
    month = Month.of(new.start)
    after = new.end + _ONE_DAY if new.end else new.start
    last_day = add_months(new.start, new.window_months or 0)
    due = date(month.plus(1).year, month.plus(1).month, new.day).isoformat() if new.day else ""
    before = new.start - _ONE_DAY
    return {
        **{name: json.dumps(value, ensure_ascii=False) for name, value in quoted.items()},
        "PLAIN_TITLE": new.title or new.name,
        "PLAIN_COMMISSIONER": new.commissioner or f"{FILL_IN}: who pays",
        "PLAIN_DOCUMENT": new.document or f"{FILL_IN}: the document, with its date",
        "END": f'end = "{new.end}"' if new.end else '# end = "..."                     # the last day, if there is one',
        "CODES": f"snomed = {json.dumps(new.code.replace(' ', '').split(','))}"
        if new.code
        else '# snomed = ["..."]                # also read2 = [...], ctv3 = [...]; codes are text',
        "WINDOW": f"window_months = {new.window_months}"
        if new.window_months
        else "# window_months = ...             # leave out where the document sets no claim window",
        "DAY": f"day = {new.day}"
        if new.day
        else "# day = ...                       # of the month after; or working_day = ...",
        "PRICE": _price(new),
        "PRACTICE": _practice(new),
        "ITEM": new.item,
        "FIRST": new.start.isoformat(),
        "FIRST_MONTH": str(month),
        "BEFORE": before.isoformat(),
        "BEFORE_MONTH": str(Month.of(before)),
        "LAST": new.end.isoformat() if new.end else "",
        "AFTER": after.isoformat(),
        "AFTER_MONTH": str(Month.of(after)),
        "WINDOW_LAST": last_day.isoformat(),
        "WINDOW_MONTH": str(Month.of(last_day)),
        "WINDOW_AFTER": (last_day + _ONE_DAY).isoformat(),
        "WINDOW_AFTER_MONTH": str(Month.of(last_day + _ONE_DAY)),
        "SUBMIT_BY": due,
        "PRICE_HEAD": " | price" if new.price else "",
        "PRICE_CELL": f" | {new.price}" if new.price else "",
        "UNTIL": f" to {for_people(new.end)}" if new.end else ", without an end",
        "FOR_PRICE": f" at £{new.price}" if new.price else ". The price is unset",
        "WINDOW_RULE": f"An entry is claimed within {new.window_months} months. After that it is `expired`."
        if new.window_months
        else "The document names no claim window.",
        "DAY_RULE": f"The claim is submitted by day {new.day} of the month after."
        if new.day
        else "The document names no day by which a claim is submitted.",
    }


def _price(new: NewService) -> str:
    if not new.price:
        return (
            "# [[item.price]]\n"
            '# amount = "..."                   # pounds and pence as text, as in "20.00"\n'
            f'# from = "{new.start}"\n# clause = "..."'
        )
    clause = f"{FILL_IN}: where the document gives the price"
    return f'[[item.price]]\namount = "{new.price}"\nfrom = "{new.start}"\nclause = "{clause}"'


def _practice(new: NewService) -> str:
    """What the tests need until the code and the price are known."""
    lines = [] if new.code else [_template("no-code.toml")]
    lines += [] if new.price else [_template("no-price.toml")]
    return f"\n[practice]\n{''.join(lines)}" if lines else ""
