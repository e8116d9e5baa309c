"""`les services test`, `new` and `diff`: what the author of a service needs."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .options import Common, parse_day, parse_pence, parse_period, verb
from .run import complain

if TYPE_CHECKING:
    from ..services import Service
    from ..specification.new_service import NewService
    from ..store import Store
    from ..testing.found import Tried


@verb
def services_test(
    common: Common,
    path: Annotated[str, typer.Argument(help="A folder, its service.toml, or an installed service.", metavar="PATH|S")],
) -> int:
    """Run a service's own patients. Prints nothing when every expectation holds, else a sentence for each failure."""
    from ..testing.service_tests import problems_of_tests

    tried = _tried(path)
    if tried.tests is None:
        raise LesError(
            f"{tried.where} has no tests.toml", "write one beside service.toml; `les services new NAME` shows how"
        )
    faults, failures = problems_of_tests(tried.service, tried.tests)
    for fault in faults:
        complain(f"tests.toml: {fault}")
    for failure in failures:
        complain(failure)
    if failures and tried.python_left_out:
        complain(f"{tried.where} has Python of its own, which was not run: install its package, then name the service")
    return Exit.REFUSED if faults or failures else Exit.DONE


def _tried(path: str) -> Tried:
    """The service that a person named by its folder or by its name."""
    from ..testing.found import installed_service, service_in_folder

    folder = Path(path).parent if Path(path).name == "service.toml" else Path(path)
    return service_in_folder(folder) if (folder / "service.toml").is_file() else installed_service(path)


@verb
def services_new(
    common: Common,
    service: Annotated[str, typer.Argument(help="The new service's name.", metavar="S")],
    in_: Annotated[Path, typer.Option("--in", help="The folder to make it in.", metavar="DIR")] = Path(),
    from_: Annotated[str, typer.Option("--from", help="Begin from an installed service.", metavar="S")] = "",
    title: Annotated[str, typer.Option("--title", help="What the service is called.")] = "",
    commissioner: Annotated[str, typer.Option("--commissioner", help="Who pays for it.", metavar="TEXT")] = "",
    document: Annotated[str, typer.Option("--document", help="The document, with its date.", metavar="TEXT")] = "",
    start: Annotated[str, typer.Option("--start", help="The first day of the contract.", metavar="DATE")] = "",
    end: Annotated[str, typer.Option("--end", help="The last day of the contract.", metavar="DATE")] = "",
    item: Annotated[str, typer.Option("--item", help="What is paid, as one word.", metavar="NAME")] = "",
    code: Annotated[str, typer.Option("--code", help="Its SNOMED CT code, or several with commas.")] = "",
    price: Annotated[str, typer.Option("--price", help="Its price in pounds, as in 20.00.", metavar="AMOUNT")] = "",
    window: Annotated[int, typer.Option("--window", help="Months in which it can be claimed.", metavar="N")] = 0,
    day: Annotated[int, typer.Option("--day", help="Day of the month after to submit by.", metavar="N")] = 0,
) -> int:
    """Write service.toml, README.md and tests.toml of a new service. On a terminal it asks for what is not given.

    What is not known stays unset. `les services check` lists it, and is content with it.
    """
    from ..specification.new_service import NAME, new_files

    if not NAME.fullmatch(service):
        raise UsageError("a service's name is lower-case letters, digits and hyphens", "as in dressings")
    given = {
        "title": title,
        "commissioner": commissioner,
        "document": document,
        "start": start,
        "end": end,
        "item": item,
        "code": code,
        "price": price,
        "window": str(window or ""),
        "day": str(day or ""),
    }
    folder = in_ / service
    if folder.exists():
        raise LesError(f"there is already a folder {folder}", "choose another name; nothing was changed")
    if from_:
        wrong = [name for name, value in given.items() if value and name not in ("commissioner", "document")]
        if wrong:
            raise UsageError(f"--{wrong[0]} cannot be used with --from", "change it in the files afterwards")
        written, said = _copy(from_, service, commissioner, document)
    else:
        asked = _asked(given) if sys.stdin.isatty() and not common.quiet else given
        written, said = new_files(_known(service, asked, common.as_of)), ""
    _check(written)
    _write(folder, written)
    common.done(f"made {folder} with {', '.join(written)}{said}; see what is left with `les services check {folder}`")
    return Exit.DONE


_QUESTIONS = {
    "title": "What is the service called",
    "commissioner": "Who pays for it",
    "document": "Which document says so, with its date",
    "start": "First day of the contract, as 2026-04-01",
    "end": "Last day of the contract",
    "item": "What is paid, as one word",
    "code": "Its SNOMED CT code, or several with commas",
    "price": "Its price in pounds, as 20.00",
    "window": "In how many months after it was done can it be claimed",
    "day": "By which day of the month after is it submitted",
}
"""What is asked on a terminal; an empty answer leaves it unset."""


def _asked(given: dict[str, str]) -> dict[str, str]:
    """The values given, and the answers to a question for each that was not."""
    typer.echo("Press Enter at what you do not know yet.", err=True)
    return {
        name: given[name] or typer.prompt(question, default="", show_default=False, err=True).strip()
        for name, question in _QUESTIONS.items()
    }


def _known(service: str, given: dict[str, str], as_of: date) -> NewService:
    """A new service of what was given; UsageError names the option of a value that cannot be."""
    from ..amounts import plain_pounds
    from ..calendar import contract_year
    from ..specification.new_service import NAME, NewService

    year = contract_year(as_of)
    start = parse_day("--start", given["start"]) if given["start"] else year.start
    end = parse_day("--end", given["end"]) if given["end"] else None
    if end and end < start:
        raise UsageError("--end is before the first day of the contract", "give a later day")
    item = given["item"] or "activity"
    if not NAME.fullmatch(item):
        raise UsageError("--item: write one word of lower-case letters, digits and hyphens", "as in dressing")
    pence = parse_pence("--price", given["price"]) if given["price"] else 0
    if given["price"] and not pence:
        raise UsageError("--price: the price must be more than 0", "leave it out if it is not known")
    return NewService(
        name=service,
        start=start,
        end=end,
        title=given["title"],
        commissioner=given["commissioner"],
        document=given["document"],
        item=item,
        code=given["code"],
        price=plain_pounds(pence) if pence else "",
        window_months=_number("--window", given["window"], 24),
        day=_number("--day", given["day"], 28),
    )


def _number(option: str, text: str, most: int) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise UsageError(f"{option}: write a whole number from 1 to {most}", "or leave it out")
    return int(text)


def _copy(source: str, name: str, commissioner: str, document: str) -> tuple[dict[str, str], str]:
    """The files of a service that begins from an installed one, and what could not be carried over."""
    from ..testing.copied import copied_from
    from ..testing.found import installed_service, specification_text

    found = copied_from(installed_service(source), specification_text(source), name, commissioner, document)
    left = [
        *([f"{len(found.tests_left_out)} tests"] if found.tests_left_out else []),
        *([f"{len(found.measures_left_out)} measures"] if found.measures_left_out else []),
    ]
    said = f" ({' and '.join(left)} need the Python of {source} and were left out)" if left else ""
    return found.files, said


def _check(written: dict[str, str]) -> None:
    """Refuse values that make a service.toml with faults, before anything is written."""
    from ..errors import SpecificationError
    from ..specification import parse_specification

    try:
        parse_specification(written["service.toml"].encode("utf-8"), where="service.toml")
    except SpecificationError as fault:
        raise UsageError(fault.problems[0], "give another value; nothing was changed") from None


def _write(folder: Path, written: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True)
        for name, text in written.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as fault:
        raise LesError(f"cannot write to {folder}: {fault.strerror}", "make room, or work in another folder") from None


@verb
def services_diff(
    common: Common,
    old: Annotated[str, typer.Argument(help="The old service: a folder, its service.toml, or a name.", metavar="OLD")],
    new: Annotated[str, typer.Argument(help="The new one.", metavar="NEW")],
    period: Annotated[str, typer.Option("--period", help="The days to price; default: the newest contract year.")] = "",
    as_if: Annotated[bool, typer.Option("--as-if", help="Price as if the new terms held throughout.")] = False,
    rows: Annotated[bool, typer.Option("--rows", help="Name the patients.")] = False,
) -> int:
    """Show what changed, term by term with both clauses. With --store, also what it comes to on the practice's record.

    Each month is priced as claimed on its last day to submit, or on --as-of if that is earlier. Nothing differs before
    the new terms begin, and what was claimed stays. With --as-if the period is priced as if nothing was claimed yet and
    the new terms held throughout.
    """
    from ..operations.diff import Asked, priced_answer, recorded_year, words_answer

    names = (old, new)
    if common.store_path is None:
        if period or as_if or rows:
            raise UsageError("--period, --as-if and --rows need the practice's record", "name it with --store FILE")
        common.show(words_answer(_compared(old), _compared(new), names))
        return Exit.DONE
    with common.open() as store:
        one, other = _compared(old, store), _compared(new, store)
        days = parse_period(period, common.as_of) if period else recorded_year(store, one, common.as_of)
        asked = Asked(store=store, period=days, as_of=common.as_of, as_if=as_if, begins=days.start)
        common.show(priced_answer(one, other, names, asked, rows=rows))
    return Exit.DONE


def _compared(path: str, store: Store | None = None) -> Service:
    """A service to compare. A folder with the name of an installed service is another year of it, with its Python."""
    from ..operations.choose_services import catalog_of
    from ..services import load_catalog

    if store is not None and not Path(path).exists():
        return catalog_of(store, (path,)).service(path)
    service = _tried(path).service
    installed = [one for one in load_catalog(names=(service.name,)).services if one.name == service.name]
    return installed[0].with_spec(service.spec) if installed else service
