"""`les services check`: every fault of a service.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, LesError, SpecificationError
from .options import Common, verb
from .run import complain


@verb
def services_check(
    common: Common, path: Annotated[Path, typer.Argument(help="A folder or its service.toml.", metavar="PATH")]
) -> int:
    """Check a service; prints nothing when all is well, else one line for each fault."""
    from ..specification import parse_specification

    content, where = read_service(path)
    try:
        parse_specification(content, where=where)
    except SpecificationError as fault:
        for problem in fault.problems:
            complain(f"{where}: {problem}")
        return Exit.NEEDS_PERSON
    return Exit.DONE


def read_service(path: Path) -> tuple[bytes, str]:
    """The bytes of the service.toml a person named, by its folder or itself."""
    file = path / "service.toml" if path.is_dir() else path
    try:
        return file.read_bytes(), file.name
    except OSError as fault:
        raise LesError(f"{path} cannot be read: {fault.strerror}", "name a folder that holds a service.toml") from None
