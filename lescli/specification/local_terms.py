"""Local terms: what the practice agreed with its commissioner, applied on top of the printed specification.

A term has a date and a source. It is never edited: a later term with the same key replaces it from its own date
(`les services set S KEY=VALUE --from DATE --source TEXT`).
"""

from __future__ import annotations

from collections.abc import Iterable

from ..calendar import for_people
from ..errors import LesError
from ..model import ServiceSpec
from .dated_faults import faults_of_changes
from .dated_terms import Change, UnknownTermError, is_change, unknown_key, value_of
from .own_days import COUNTED, EXAMPLES, LocalTerm, check_removed, keys_of, with_own_day
from .parse import with_changes


def with_local_terms(spec: ServiceSpec, terms: Iterable[LocalTerm]) -> ServiceSpec:
    """The specification with the local terms applied in the order of their dates."""
    changes: list[Change] = []
    for term in sorted(terms, key=lambda term: term.start):
        if is_change(term.key) and not (term.adds or term.removes):
            changes.append(_change(term))
        else:
            spec = with_own_day(spec, term)
    return with_changes(spec, changes) if changes else spec


def check_terms(spec: ServiceSpec, held: Iterable[LocalTerm], terms: Iterable[LocalTerm]) -> None:
    """Check that terms can be added to those the practice has; LesError says what is wrong with the first that cannot.

    `spec` is the specification without local terms.
    """
    known = list(held)
    for term in terms:
        kind, _, name = term.key.partition(".")
        if term in known:
            continue
        if not is_change(term.key):
            before, whole = with_local_terms(spec, known), with_local_terms(spec, (*known, term))
            check_removed(before, whole, term)
            if before.periods and not whole.periods:
                # Nothing could bring the days back: a later term only moves an end that is left.
                first, last = before.periods[0].start, before.periods[-1].end
                edge = (
                    f"begins on {for_people(first)}"
                    if term.key == "period.end"
                    else f"ends on {for_people(last or first)}"
                )
                raise LesError(f"{term.key}: no day of the service would be left, which {edge}", "correct the day")
            numbers = [one.name for one in whole.settings if one.type == "integer"]
            if kind == "setting" and name in numbers and int(term.value) not in COUNTED:
                raise LesError(f"{term.key}: the number is too small or too large", EXAMPLES["integer"])
        else:
            _check_change(spec, known, term)
        known.append(term)


def _check_change(spec: ServiceSpec, held: Iterable[LocalTerm], term: LocalTerm) -> None:
    if term.adds or term.removes:
        raise LesError(f"`+=` and `-=` change a list of codes or a list setting, not {term.key}", "use = instead")
    if not spec.data:
        # A plugin made the specification in Python, so there is no file to change.
        raise unknown_key(spec.name, term.key, keys_of(spec))
    before = [_change(one) for one in held if is_change(one.key)]
    try:
        faults = faults_of_changes(spec.data, before, _change(term))
    except UnknownTermError:
        raise unknown_key(spec.name, term.key, keys_of(spec)) from None
    if faults:
        raise LesError(f"{term.key}: {faults[0]}", "give another value; nothing was recorded")


def _change(term: LocalTerm) -> Change:
    return Change(key=term.key, value=value_of(term.value), start=term.start, source=term.source, local=True)
