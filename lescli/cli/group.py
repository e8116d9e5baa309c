"""`les group`: the same question to many practices' stores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, ProgressBar, parse_month, parse_period, verb
from .questions import parse_within
from .run import expanded_pattern

if TYPE_CHECKING:
    from ..group.ask import Question
    from ..group.members import Members
    from ..group.practices import PracticeReply
    from ..model import ServiceSpec
    from ..outputs import Answer

_Stores = Annotated[
    list[str],
    typer.Option("--stores", help="Stores: a pattern in quotes, a folder or a file; may be repeated.", metavar="GLOB"),
]
_MembersFile = Annotated[
    Path | None,
    typer.Option("--members", help="The practices of each network, a CSV file or workbook.", metavar="FILE"),
]
_Workers = Annotated[int, typer.Option("--workers", help="Ask with so many processes.", metavar="N", min=1)]
_Cluster = Annotated[
    str, typer.Option("--dask", help="Ask on a cluster, such as tcp://10.0.0.5:8786.", metavar="ADDRESS")
]
_Services = Annotated[list[str] | None, typer.Argument(help="Services; default: all.", metavar="[S...]")]


@verb
def group_claim(
    common: Common,
    month: Annotated[str, typer.Option("--month", help="The month, such as 2026-05.", metavar="MONTH")],
    stores: _Stores,
    services: _Services = None,
    members: _MembersFile = None,
    workers: _Workers = 1,
    dask: _Cluster = "",
) -> int:
    """Preview a month's claims of many practices."""
    period, known = parse_month(month, common.as_of), _members(members)

    def question() -> Question:
        from ..operations.many_stores import ClaimQuestion

        return ClaimQuestion(services=tuple(services or ()), month=period, as_of=common.as_of)

    practices = _asked(
        common,
        "group claim",
        str(period),
        question,
        stores,
        known,
        workers,
        dask,
        day=period.last,
        services=services or (),
    )
    from ..group.claim import group_claim as answer_of

    return _shown(common, answer_of(practices, known, period, common.as_of), practices)


@verb
def group_recall(
    common: Common,
    stores: _Stores,
    services: _Services = None,
    within: Annotated[str, typer.Option("--within", help="Days ahead that count as due: 28d or 4w.")] = "28d",
    rows: Annotated[bool, typer.Option("--rows", help="One list of all patients; names them.")] = False,
    members: _MembersFile = None,
    workers: _Workers = 1,
    dask: _Cluster = "",
) -> int:
    """Count the patients who are due in many practices."""
    days, known = parse_within(within), _members(members)

    def question() -> Question:
        from ..operations.many_stores import RecallQuestion

        return RecallQuestion(services=tuple(services or ()), as_of=common.as_of, within=days)

    practices = _asked(
        common,
        "group recall",
        "",
        question,
        stores,
        known,
        workers,
        dask,
        day=common.as_of,
        services=services or (),
        names_patients=rows,
    )
    from ..group.recall import group_recall as answer_of

    return _shown(common, answer_of(practices, known, common.as_of, rows=rows), practices)


@verb
def group_status(
    common: Common,
    stores: _Stores,
    members: _MembersFile = None,
    workers: _Workers = 1,
    dask: _Cluster = "",
) -> int:
    """Show in one line each what cannot wait in many practices."""
    known = _members(members)

    def question() -> Question:
        from ..operations.many_stores import StatusQuestion

        return StatusQuestion(as_of=common.as_of)

    practices = _asked(common, "group status", "", question, stores, known, workers, dask, day=common.as_of)
    from ..group.status import group_status as answer_of

    return _shown(common, answer_of(practices, known, common.as_of), practices)


@verb
def group_verify(
    common: Common,
    stores: _Stores,
    members: _MembersFile = None,
    workers: _Workers = 1,
    dask: _Cluster = "",
) -> int:
    """Check whether the stores of many practices are whole."""
    known = _members(members)

    def question() -> Question:
        from ..group.ask import VerifyQuestion

        return VerifyQuestion(as_of=common.as_of)

    practices = _asked(common, "group verify", "", question, stores, known, workers, dask, day=common.as_of)
    from ..group.status import group_verify as answer_of

    return _shown(common, answer_of(practices, known, common.as_of), practices)


@verb
def group_report(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    period: Annotated[str, typer.Option("--period", help="2026-05, 2026-27, 2026-27-Q1 or DATE..DATE.", metavar="P")],
    stores: _Stores,
    exact: Annotated[bool, typer.Option("--exact", help="Show small numbers too; keep it inside.")] = False,
    members: _MembersFile = None,
    workers: _Workers = 1,
    dask: _Cluster = "",
) -> int:
    """Add up the measures of many practices. Small numbers are hidden unless --exact."""
    days, known = parse_period(period, common.as_of), _members(members)

    def question() -> Question:
        from ..operations.many_stores import ReportQuestion

        return ReportQuestion(service=service, period=days, typed=period, as_of=common.as_of)

    practices = _asked(common, "group report", "", question, stores, known, workers, dask, day=days.end)
    from ..group.report import group_report as answer_of
    from ..operations.small_numbers import SmallNumbers

    small = None if exact else SmallNumbers()
    return _shown(common, answer_of(practices, known, service, days, common.as_of, small), practices)


@verb
def group_check(
    common: Common,
    files: Annotated[list[Path], typer.Argument(help="Claim files, or folders or zips of them.", metavar="FILES...")],
    members: _MembersFile = None,
    queries: Annotated[
        Path | None, typer.Option("--queries", help="A new folder for what to ask each practice.", metavar="FOLDER")
    ] = None,
) -> int:
    """Check the claims that practices sent to their commissioner, and write what to ask them.

    The terms are those of the services installed here. Where the store is there, its own services and local terms
    count too.
    """
    from ..group.check.answer import check_answer, check_claims, needs_person
    from ..group.check.queries import check_queries_folder, query_files, write_queries
    from ..group.check.read import read_claims
    from ..outputs import counted

    known = _members(members)
    if queries is not None:
        check_queries_folder(queries)
    claims = read_claims(files)
    specs = _terms_of(common, {one.service for one in claims if not one.fault})
    checked = check_claims(claims, specs, known)
    if queries is not None:
        made = query_files(checked)
        write_queries(queries, made)
        common.tell(f"nothing was sent; {queries.name} has {counted(len(made), 'file')} for the practices")
    code = Exit.NEEDS_PERSON if needs_person(checked, specs) else Exit.DONE
    common.show(check_answer(checked, specs, known), code)
    return code


@verb
def group_key(
    common: Common,
    file: Annotated[Path, typer.Argument(help="The new key file.", metavar="FILE")],
) -> int:
    """Make the key for `les claim --digests`, which practices share and their commissioner does not need."""
    from ..operations.claim.digests import new_key, read_key

    new_key(file)
    common.done(f"made the key {read_key(file).key_id}; give the file to every practice by a safe way, to nobody else")
    return Exit.DONE


def _terms_of(common: Common, names: set[str]) -> dict[str, ServiceSpec]:
    """The terms of the services that are known here."""
    from ..operations.choose_services import catalog_of, under_local_terms
    from ..services import load_catalog

    if common.path.is_file():
        with common.open() as store:
            services = [under_local_terms(store, one) for one in catalog_of(store).services]
    else:
        # Without a store, nobody has allowed the package of others.
        services = list(load_catalog(allowed=frozenset()).services)
    return {one.name: one.spec for one in services if one.name in names}


@verb
def group_networks(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    period: Annotated[str, typer.Option("--period", help="A contract year, such as 2026-27.", metavar="P")],
    stores: _Stores,
    members: Annotated[
        Path, typer.Option("--members", help="The practices of each network, a CSV file or workbook.", metavar="FILE")
    ],
    items: Annotated[
        list[str] | None, typer.Option("--item", help="Count this item alone; may be repeated.", metavar="ITEM")
    ] = None,
    exact: Annotated[bool, typer.Option("--exact", help="Show small numbers too; keep it inside.")] = False,
    workers: _Workers = 1,
    dask: _Cluster = "",
) -> int:
    """Show the work of each network by month, beside last year, with its rate and where the year leads."""
    from ..calendar import Month, Period
    from ..group.members import read_members

    year, known = parse_period(period, common.as_of), read_members(members)
    if year.start.day != 1 or year.end != Month.of(year.start).plus(11).last:
        raise UsageError("--period is no whole year", "a projection needs one: write it as 2026-27")
    if year.start > common.as_of:
        raise UsageError("--period has not begun", "name the year that is running, or one before it")
    # Two years before, so that the error of a projection is known.
    before = Month.of(year.start).plus(-24).first

    def question() -> Question:
        from ..group.done import NetworkQuestion

        return NetworkQuestion(
            service=service, period=Period(before, year.end), as_of=common.as_of, items=tuple(items or ())
        )

    practices = _asked(
        common, "group networks", "", question, stores, known, workers, dask, day=min(common.as_of, year.end)
    )
    from ..group.networks import network_answer
    from ..operations.small_numbers import SmallNumbers

    small = None if exact else SmallNumbers()
    return _shown(common, network_answer(practices, known, service, year, common.as_of, small), practices)


def _members(path: Path | None) -> Members | None:
    if path is None:
        return None
    from ..group.members import read_members

    return read_members(path)


def _asked(
    common: Common,
    name: str,
    asked: str,
    question: Callable[[], Question],
    stores: list[str],
    members: Members | None,
    workers: int,
    dask: str,
    *,
    day: date,
    services: Sequence[str] = (),
    names_patients: bool = False,
) -> tuple[PracticeReply, ...]:
    """Ask every store, with a bar that shows how far it is.

    `question` makes the question. It is called once the workers are starting, because what it imports takes as long.
    """
    from ..group.stores import find_stores
    from ..group.workers import ask_all, workers_started
    from .audit_entry import stamp, system_user

    if any(word.lower().endswith(".les") for word in services):
        what, cure = expanded_pattern()
        raise UsageError(what, cure)
    if dask and workers > 1:
        raise UsageError("--workers and --dask do not go together", "give one of them")
    paths = find_stores(stores)
    bar = ProgressBar(wanted=not common.quiet)

    def told(done: int) -> None:
        bar.draw(done / len(paths), f" {done:,} of {len(paths):,} stores")

    said = " ".join(filter(None, (asked and f"--month {asked}", "--stores", "--rows" if names_patients else "")))
    try:
        with workers_started(1 if dask else workers, paths) as pool:
            from ..group.ask import Asker
            from ..group.practices import practices_of

            asker = Asker(at=stamp, user=system_user(), verb=name, asked=said, names_patients=names_patients)
            replies = ask_all(paths, question(), asker, workers=workers, cluster=dask, pool=pool, told=told)
    finally:
        bar.clear()
    mistyped = {reply.mistyped for reply in replies}
    if len(mistyped) == 1 and (fault := mistyped.pop()):
        # Said once, and not for each of many stores.
        what, cure = fault
        raise UsageError(what, cure)
    return practices_of(replies, members, day)


def _shown(common: Common, answer: Answer, practices: tuple[PracticeReply, ...]) -> int:
    from ..group.practices import needs_person

    code = Exit.NEEDS_PERSON if needs_person(practices) else Exit.DONE
    common.show(answer, code)
    return code
