"""`les services add` and `remove`: services that are a bare folder with a service.toml."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, LesError
from .options import Common, verb
from .services_check import read_service


@verb
def services_add(
    common: Common, path: Annotated[Path, typer.Argument(help="A folder or its service.toml.", metavar="PATH")]
) -> int:
    """Add a service; its data is kept in the store, so it travels with the claims made under it."""
    from ..services import load_catalog
    from ..specification import parse_specification
    from ..store import practice_data

    content, where = read_service(path)
    spec = parse_specification(content, where=where)
    if any(service.name == spec.name for service in load_catalog().services):
        raise LesError(f"an installed package already provides `{spec.name}`", "give the service another name")
    with common.open() as store, store.writing():
        practice_data.add_folder_service(store, spec.name, content.decode("utf-8"), sha256(content).hexdigest())
    common.done(f"added {spec.name}: {spec.title}")
    return Exit.DONE


@verb
def services_remove(common: Common, service: Annotated[str, typer.Argument(help="The service.", metavar="S")]) -> int:
    """Remove a service that was added from a folder, unless something was claimed under it."""
    from ..store import practice_data

    with common.open() as store, store.writing():
        practice_data.remove_folder_service(store, service)
    common.done(f"removed {service}")
    return Exit.DONE
