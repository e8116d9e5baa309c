"""`les services`: list the services there are."""

from __future__ import annotations

from ..errors import Exit
from .options import Common, verb
from .run import complain


@verb
def services(common: Common) -> int:
    """List services, their periods and the contracts held; works without a store too."""
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
