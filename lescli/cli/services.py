"""`les services`: list, show, set, sign, check, add and remove."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import Exit, LesError, SpecificationError, UsageError
from .options import KEPT, Common, parse_day, parse_reason, verb
from .run import complain

if TYPE_CHECKING:
    from ..model import ServiceSpec
    from ..specification import LocalTerm


@verb
def services(common: Common) -> int:
    """List services, their periods and the contracts held. This also works without a store."""
    from ..operations.services import services_answer
    from ..services import load_catalog

    if common.store_path is None and not common.path.exists():
        catalog = load_catalog()
        common.show(services_answer(catalog, None))
    else:
        from ..operations.choose_services import catalog_of

        with common.open() as store:
            catalog = catalog_of(store)
            common.show(services_answer(catalog, store))
    for one in catalog.broken:
        complain(f"{one.name}: {one.problem}")
    return Exit.NEEDS_PERSON if catalog.broken else Exit.DONE


@verb
def services_show(common: Common, service: Annotated[str, typer.Argument(help="The service.", metavar="S")]) -> int:
    """Show every term with its clause, to compare with the commissioner's document."""
    from ..operations.services import shown_answer

    with common.open() as store:
        common.show(shown_answer(store, service))
    return Exit.DONE


@verb
def services_set(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service; leave it out with --every.", metavar="[S]")],
    term: Annotated[str, typer.Argument(help="The term and its value.", metavar="KEY=VALUE")] = "",
    from_: Annotated[str, typer.Option("--from", help="The first day it applies.", metavar="DATE")] = "",
    source: Annotated[str, typer.Option("--source", help="Where it is written: a letter, a schedule.")] = "",
    load: Annotated[Path | None, typer.Option("--load", help="A TOML file of terms.", metavar="FILE")] = None,
    every: Annotated[
        bool, typer.Option("--every", help="For every service, such as the practice's telephone number.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check and count; record nothing.")] = False,
) -> int:
    """Record dated local terms. An earlier value is kept, and counts until the new one's date.

    --every records the term for every service that has it: the signed ones, or all while none is signed.

    `price.*=+2.15%` changes the whole tariff: the prices in force on the day, with half a penny rounded up.
    """
    from ..operations.set_terms import set_terms
    from ..outputs import counted

    if every:
        if term or load:
            raise UsageError("--every takes no service", "write `les services set --every KEY=VALUE`")
        return _set_for_every(common, _typed(service, from_, source), dry_run=dry_run)
    if bool(term) == bool(load):
        raise UsageError("`les services set` takes one term or a file of terms", "give one KEY=VALUE, or --load FILE")
    terms = _loaded(load) if load else [_typed(term, from_, source)]
    with common.open() as store:
        done = set_terms(store, service, terms, dry_run=dry_run)
    for line in done.lines:
        common.tell(line)
    common.done(
        f"{done.service}: {'would record' if dry_run else 'recorded'} {counted(done.new, 'term')}"
        + (", the others were recorded already" if done.new < done.given else "")
    )
    return Exit.DONE


@verb
def services_unset(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    key: Annotated[str, typer.Argument(help="The term, as `les services show` names it.", metavar="KEY")],
    from_: Annotated[str, typer.Option("--from", help="The day from which it was set.", metavar="DATE")],
    reason: Annotated[str, typer.Option("--reason", help="Why; the store keeps it.", metavar="TEXT")],
) -> int:
    """Take back a local term that was set by mistake. What held on its day before it was set holds again."""
    from ..calendar import for_people
    from ..operations.set_terms import take_term_back
    from ..outputs import counted
    from ..store.taken_back import Mistake

    start, mistake = parse_day("--from", from_), Mistake(on=common.as_of, reason=parse_reason(reason))
    with common.open() as store:
        name, count = take_term_back(store, service, key.partition("=")[0].rstrip("+-").strip(), start, mistake)
    common.done(f"{name}: {counted(count, 'term')} from {for_people(start)} taken back, {KEPT}")
    return Exit.DONE


def _set_for_every(common: Common, term: LocalTerm, *, dry_run: bool) -> int:
    from ..operations.set_terms import set_for_every
    from ..outputs import counted

    with common.open() as store:
        names = set_for_every(store, term, common.as_of, dry_run=dry_run)
    what = "would be" if dry_run else "is"
    common.done(f"{term.key} {what} recorded for {counted(len(names), 'service')}: {', '.join(names)}")
    return Exit.DONE


def _typed(term: str, start: str, source: str) -> LocalTerm:
    key, equals, value = term.partition("=")
    if not equals or not value.strip():
        raise UsageError("the term has no value", "write it as KEY=VALUE")
    if not start or not source.strip():
        raise UsageError(
            "a term needs --from DATE and --source TEXT", "say from which day it applies and where it is written"
        )
    from ..specification import LocalTerm

    return LocalTerm(
        key=key.strip().rstrip("+-").strip(),
        value=value.strip(),
        start=parse_day("--from", start),
        source=source.strip(),
        adds=key.strip().endswith("+"),
        removes=key.strip().endswith("-"),
    )


def _loaded(path: Path) -> list[LocalTerm]:
    """Terms of a TOML file: `[[terms]]` blocks as a service.toml has them, `[[term]]` blocks with key, value, from and
    source, or keys with one shared `from` and `source`.
    """
    from ..specification.dated_terms import entries_of, to_type
    from ..specification.toml_words import toml_of

    try:
        data: dict[str, Any] = dict(toml_of(path.read_bytes()))
    except OSError as fault:
        raise LesError(
            f"{path.name} cannot be read: {fault.strerror}", "check its name and permissions; nothing was changed"
        ) from None
    except ValueError as fault:
        raise LesError(f"{path.name}: {fault}", "mend the file; nothing was changed") from None
    shared: dict[str, Any] = {name: data.pop(name) for name in ("from", "source") if name in data}
    blocks = list(_blocks(path, data, "term"))
    for block in _blocks(path, data, "terms"):
        named = {"from": block.get("from", ""), "source": block.get("clause", "")}
        if not isinstance(block.get("set"), dict):
            raise LesError(f"{path.name}: a [[terms]] block has no table `set`", "write its keys below [terms.set]")
        blocks += [{"key": key, "value": value, **named} for key, value in entries_of(block["set"])]
    blocks += [{"key": key, "value": value} for key, value in entries_of(data)]
    if not blocks:
        raise LesError(f"{path.name} sets no term", "write one, as in window_months = 2; nothing was changed")
    terms = []
    for block in blocks:
        whole: dict[str, Any] = {**shared, **block}
        missing = [
            name for name in ("key", "value", "from", "source") if str(whole.get(name, "")).strip() in ("", "[]")
        ]
        if missing:
            of = f" ({whole['key']})" if missing[0] != "key" else ""
            raise LesError(f"{path.name}: a term{of} has no {missing[0]}", "each has key, value, from and source")
        key, value = str(whole["key"]), whole["value"]
        if key.startswith("price.") and type(value) in (int, float):
            raise LesError(f"{path.name}: {key} is a number", f'write the price in quotes: "{value:.2f}"')
        terms.append(_typed(f"{key}={to_type(value)}", str(whole["from"]), str(whole["source"])))
    return terms


def _blocks(path: Path, data: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """The blocks of one name, which are taken out of the file."""
    given = data.pop(name, [])
    if not isinstance(given, list) or not all(isinstance(block, dict) for block in given):
        raise LesError(f"{path.name}: `{name}` is not a list of blocks", f"begin each with [[{name}]]")
    yield from given


@verb
def services_sign(
    common: Common,
    service: Annotated[
        str, typer.Argument(help="The service, or another contract that one of its items needs.", metavar="S")
    ],
    from_: Annotated[str, typer.Option("--from", help="Its first day.", metavar="DATE")],
    source: Annotated[
        str, typer.Option("--source", help="Where it is written, such as a letter.", metavar="TEXT")
    ] = "",
) -> int:
    """Record a contract. Work before its first day is not paid."""
    from ..operations.choose_services import contract_named
    from ..store import practice_data

    day = parse_day("--from", from_)
    with common.open() as store:
        name = contract_named(store, service)
        with store.writing():
            changed = practice_data.sign(store, name, day, source.strip())
    common.done(
        f"{name}: the contract is recorded" if changed else f"{name}: it is recorded from that day already, unchanged"
    )
    return Exit.DONE


@verb
def services_unsign(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    on: Annotated[str, typer.Option("--on", help="Its last day.", metavar="DATE")],
) -> int:
    """Record the end of a contract. Work after its last day is not paid.

    If the contract was recorded by mistake, or with a wrong first day, give the day before its first day.
    """
    from ..operations.choose_services import held_contract
    from ..store import practice_data
    from ..store.taken_back import Mistake, take_back_contract

    day = parse_day("--on", on)
    with common.open() as store:
        name = held_contract(store, service)
        with store.writing():
            was_never_held = take_back_contract(store, name, day, Mistake(on=common.as_of, reason=""))
            changed = not was_never_held and practice_data.unsign(store, name, day)
    if was_never_held:
        said = "the contract that began on the next day is taken back, as one that was never held"
    else:
        said = "the end of the contract is recorded" if changed else "the contract ends on that day already, unchanged"
    common.done(f"{name}: {said}")
    return Exit.DONE


@verb
def services_check(
    common: Common, path: Annotated[Path, typer.Argument(help="A folder or its service.toml.", metavar="PATH")]
) -> int:
    """Check a service. Prints one line for each fault, and says what is still to be filled in; else nothing."""
    from ..specification import parse_specification
    from ..specification.toml_words import line_of

    content, where = read_service(path)
    try:
        spec = parse_specification(content, where=where)
    except SpecificationError as fault:
        for problem in fault.problems:
            line = line_of(content, problem.partition(": ")[0])
            complain(f"{where}{f' line {line}' if line else ''}: {problem}")
        return Exit.NEEDS_PERSON
    if faults := _faults_of_its_form(path, spec):
        for told in faults:
            complain(f"{where}: submission.form.{told}")
        return Exit.NEEDS_PERSON
    if waiting := _waiting(content):
        common.tell(f"{where}: no fault; still to be filled in: {', '.join(waiting)}")
    return Exit.DONE


def _faults_of_its_form(path: Path, spec: ServiceSpec) -> tuple[str, ...]:
    """The faults of the form beside a service.toml, and of the cells that are named in it."""
    from ..operations.claim.form import faults_of_form

    form = spec.submission.form
    if form is None:
        return ()
    template = (path if path.is_dir() else path.parent) / form.template
    try:
        content = template.read_bytes()
    except OSError as fault:
        return (f"template: {form.template} cannot be read: {fault.strerror}; put it beside the service.toml",)
    return faults_of_form(content, form)


def _waiting(content: bytes) -> list[str]:
    """The places of the texts of a service.toml without faults that are still to be filled in."""
    import tomllib

    from ..specification import left_open

    return list(left_open(tomllib.loads(content.decode("utf-8"))))


def read_service(path: Path) -> tuple[bytes, str]:
    """The bytes of the service.toml that a person named, by its folder or its own path."""
    file = path / "service.toml" if path.is_dir() else path
    try:
        return file.read_bytes(), file.name
    except OSError as fault:
        raise LesError(f"{path} cannot be read: {fault.strerror}", "name a folder that holds a service.toml") from None


@verb
def services_add(
    common: Common, path: Annotated[Path, typer.Argument(help="A folder or its service.toml.", metavar="PATH")]
) -> int:
    """Add a service. Its specification is stored in the store, so it travels with the claims made under it."""
    from ..operations.set_terms import add_service
    from ..services import load_catalog
    from ..specification import parse_specification

    content, where = read_service(path)
    spec = parse_specification(content, where=where)
    if waiting := _waiting(content):
        raise LesError(
            f"{where} is not finished; still to be filled in: {', '.join(waiting)}",
            "fill that in, then add it again; nothing was changed",
        )
    if any(service.name == spec.name for service in load_catalog().services):
        raise LesError(f"an installed package already provides `{spec.name}`", "give the service another name")
    with common.open() as store:
        warnings = add_service(store, spec, content)
    for warning in warnings:
        complain(warning)
    common.done(f"added {spec.name}: {spec.title}")
    return Exit.NEEDS_PERSON if warnings else Exit.DONE


@verb
def services_remove(common: Common, service: Annotated[str, typer.Argument(help="The service.", metavar="S")]) -> int:
    """Remove a service that was added from a folder, unless something was claimed under it."""
    from ..store import practice_data

    with common.open() as store, store.writing():
        name = practice_data.remove_folder_service(store, service)
    common.done(f"removed {name}")
    return Exit.DONE


@verb
def services_allow(common: Common, service: Annotated[str, typer.Argument(help="The service.", metavar="S")]) -> int:
    """Allow an installed package that is not part of les to provide a service, as it is now.

    Its name, version and the digest of its files are recorded. When one of them changes, it is asked about again.
    """
    from ..operations.allowed import allow

    with common.open() as store:
        common.done(allow(store, service, common.as_of))
    return Exit.DONE


@verb
def services_disallow(common: Common, service: Annotated[str, typer.Argument(help="The service.", metavar="S")]) -> int:
    """Take back the permission of a package. Its service is left out from then on; claims made with it stay."""
    from ..operations.allowed import disallow

    with common.open() as store:
        common.done(disallow(store, service, common.as_of))
    return Exit.DONE
