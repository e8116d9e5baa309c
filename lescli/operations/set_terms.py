"""`les services set` and `add`: record terms or a whole service, after checking that they fit what was there before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from ..amounts import pounds
from ..calendar import Period, for_people
from ..errors import LesError, did_you_mean
from ..model import ServiceSpec
from ..outputs.exports.sms import price_of
from ..rules.other_services import pays_for_alike
from ..specification import LocalTerm, check_terms, with_local_terms
from ..specification.own_days import keys_of
from ..specification.uplift import KEY, uplift_terms, uplifted
from ..store import Store
from ..store.ledger.read import claims
from ..store.practice_data import add_folder_service, add_term, local_terms
from ..store.taken_back import Mistake, take_back_terms
from .choose_services import catalog_of, chosen_services, under_local_terms

_SHARED = "setting.shared_with"
_PRICE = "setting.sms_part_price"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsSet:
    """How many terms of which service were given and how many of them are new, and a line for each price that an
    uplift changes and each day on which a term changes nothing yet.
    """

    service: str
    given: int
    new: int
    lines: tuple[str, ...] = ()


def set_terms(store: Store, name: str, terms: Sequence[LocalTerm], *, dry_run: bool = False) -> TermsSet:
    """Record local terms of a service; LesError for the first that it does not have, and then nothing is recorded.

    A dry run checks and counts in the same way, and undoes everything.
    """
    printed = catalog_of(store, (name,)).service(name).spec
    # However it was typed, a term is recorded under the name that the rules look for.
    name = printed.name
    held = local_terms(store, name)
    whole: list[LocalTerm] = []
    lines: list[str] = []
    for term in terms:
        if term.key != KEY or term.adds or term.removes:
            whole.append(term)
            continue
        spec = with_local_terms(printed, (*held, *whole))
        changes = uplifted(spec, term.value, term.start)
        whole += uplift_terms(changes, term.value, term.start, term.source)
        for one in changes:
            told = (
                f"{pounds(one.before)} becomes {pounds(one.after)}"
                if one.before and one.after
                else "no price, unchanged"
            )
            lines.append(f"{one.key}: {told} from {for_people(term.start)}")
    check_terms(printed, held, whole)
    _check_price(whole)
    _check_shared(store, whole)
    lines += _after_the_end(with_local_terms(printed, (*held, *whole)), whole)
    with store.trying() if dry_run else store.writing():
        new = sum(add_term(store, name, term) for term in whole)
    return TermsSet(service=name, given=len(whole), new=new, lines=tuple(lines))


def take_term_back(store: Store, typed: str, key: str, start: date, mistake: Mistake) -> tuple[str, int]:
    """Take back the terms of a key from a day; returns the service's name and how many they were.

    LesError when there is none, or when another term of the practice builds on it; then nothing is changed.
    """
    printed = catalog_of(store, (typed,)).service(typed).spec
    with store.writing():
        before = local_terms(store, printed.name)
        count = take_back_terms(store, printed.name, key, start, mistake)
        try:
            check_terms(printed, (), before)
        except LesError:
            return printed.name, count  # They did not fit before either, so this is no reason to keep a mistake.
        try:
            check_terms(printed, (), local_terms(store, printed.name))
        except LesError as fault:
            raise LesError(
                f"another term of {printed.name} builds on it: {fault.what}",
                "take that one back first; nothing was changed",
            ) from None
    return printed.name, count


def set_for_every(store: Store, term: LocalTerm, as_of: date, *, dry_run: bool = False) -> tuple[str, ...]:
    """Record one local term for each service of the practice that has its key; returns their names, all or nothing.

    LesError when no service has it, or when it does not fit one of them.
    """
    specs = [one.spec for one in chosen_services(store, (), Period(as_of, as_of)).services]
    those = [one for one in specs if term.key in keys_of(one)]
    if not those:
        hint = did_you_mean(term.key, {key for one in specs for key in keys_of(one)})
        raise LesError(f"no service has the term {term.key}", hint or "`les services show S` lists the terms of one")
    for spec in those:
        check_terms(catalog_of(store, (spec.name,)).service(spec.name).spec, local_terms(store, spec.name), (term,))
    _check_price((term,))
    with store.trying() if dry_run else store.writing():
        for spec in those:
            add_term(store, spec.name, term)
    return tuple(one.name for one in those)


def _check_price(terms: Sequence[LocalTerm]) -> None:
    """LesError for a price of a text message that is none: it would stop every export later."""
    for term in terms:
        if term.key == _PRICE and term.value.strip():
            price_of(term.value)


def _check_shared(store: Store, terms: Sequence[LocalTerm]) -> None:
    """LesError for a service that shares the work and does not exist: a slip would leave the work unpaid."""
    named = [
        part.strip() for term in terms if term.key == _SHARED and not term.removes for part in term.value.split(",")
    ]
    known = [one.name for one in catalog_of(store).services] if named else []
    if wrong := [name for name in named if name and name not in known]:
        raise LesError(
            f"{_SHARED}: there is no service of that name",
            f"{did_you_mean(wrong[0], known)} there are {', '.join(known)}".strip(),
        )


def _after_the_end(spec: ServiceSpec, terms: Sequence[LocalTerm]) -> Iterator[str]:
    """A line for each first day that comes after the last day of the service: nothing changes on it as it is."""
    ends = [span.end for span in spec.periods]
    last = max((end for end in ends if end), default=None)
    if last is None or None in ends:
        return
    for day in sorted({term.start for term in terms if term.start > last}):
        yield (
            f"{spec.name} ends on {for_people(last)}, so nothing changes on {for_people(day)} yet: correct the day, "
            f"or extend it with `les services set {spec.name} period.end=DATE --from {last + timedelta(days=1)} "
            "--source TEXT`"
        )


def add_service(store: Store, spec: ServiceSpec, content: bytes) -> tuple[str, ...]:
    """Add a service to the store, or replace its file; LesError when the practice's terms for it no longer fit.

    Returns a warning for each other service that claimed work by the same codes. A next contract year under a new name
    would otherwise look like new work.
    """
    try:
        with_local_terms(spec, local_terms(store, spec.name))
    except LesError as fault:
        raise LesError(
            f"{spec.name}: a term that the practice has set does not fit this file: {fault.what}",
            "keep what it is about in the file; nothing was changed",
        ) from None
    claimed = {one.service for one in claims(store)} - {spec.name}
    others = (under_local_terms(store, one).spec for one in catalog_of(store).services if one.name in claimed)
    alike = [one.name for one in others if pays_for_alike(spec, one)]
    with store.writing():
        add_folder_service(store, spec.name, content.decode("utf-8"), sha256(content).hexdigest())
    return tuple(
        f"{spec.name} pays for work that was claimed under {name}: if it is the next contract year of {name}, type "
        f"`les services remove {spec.name}`, then add its terms to the file of {name} and keep that name"
        for name in alike
    )
