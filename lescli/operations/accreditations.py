"""The kinds of accreditation that the services' checks and evidence ask for."""

from __future__ import annotations

from difflib import get_close_matches

from ..errors import UsageError
from ..model import ServiceSpec
from ..store import Store
from .choose_services import catalog_of, under_local_terms


def kinds_of(spec: ServiceSpec) -> frozenset[str]:
    """The kinds that one service asks of a clinician."""
    checked = (check.options["kind"] for item in spec.items for check in item.checks if check.rule == "accreditation")
    shown = (field.of for field in spec.evidence if field.kind == "accreditation")
    return frozenset((*checked, *shown))


def kind_of(store: Store, typed: str) -> str:
    """The kind that was typed. UsageError lists the known kinds when no service asks for it.

    A broken service may ask for a kind that cannot be read. So while a service is broken, any kind is accepted.
    """
    catalog = catalog_of(store)
    kinds = sorted({kind for one in catalog.services for kind in kinds_of(under_local_terms(store, one).spec)})
    if typed in kinds or catalog.broken:
        return typed
    if not kinds:
        raise UsageError("--accreditation: no service asks for an accreditation", "nothing was recorded")
    close = get_close_matches(typed, kinds, n=1)
    hint = f"did you mean `{close[0]}`? " if close else ""
    raise UsageError("--accreditation: no service asks for that kind", f"{hint}it is one of {', '.join(kinds)}")
