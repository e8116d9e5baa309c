"""`les services set`: record what the practice agreed with its commissioner, after checking every term of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..amounts import pounds
from ..calendar import for_people
from ..specification import LocalTerm, check_terms, with_local_terms
from ..specification.uplift import KEY, uplift_terms, uplifted
from ..store import Store
from ..store.practice_data import add_term, local_terms
from .choose_services import catalog_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsSet:
    """How many terms were given and how many of them are new, and a line for each price that an uplift changes."""

    given: int
    new: int
    lines: tuple[str, ...] = ()


def set_terms(store: Store, name: str, terms: Sequence[LocalTerm]) -> TermsSet:
    """Record local terms of a service; LesError for the first that it does not have, and then nothing is recorded."""
    printed = catalog_of(store, (name,)).service(name).spec
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
            lines.append(f"{one.item}: {told} from {for_people(term.start)}")
    check_terms(printed, held, whole)
    with store.writing():
        new = sum(add_term(store, name, term) for term in whole)
    return TermsSet(given=len(whole), new=new, lines=tuple(lines))
