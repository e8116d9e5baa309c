"""`les services new`, `check`, `add` and `remove`: services in a folder with a service.toml."""

from __future__ import annotations

import re
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, LesError, SpecificationError, UsageError
from .options import Common, verb
from .run import complain

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@verb
def services_new(
    common: Common,
    service: Annotated[str, typer.Argument(help="The new service's name.", metavar="S")],
    in_: Annotated[Path, typer.Option("--in", help="The folder to make it in.", metavar="DIR")] = Path(),
) -> int:
    """Write a commented service.toml. `les services check` reports what is still missing."""
    if not _NAME.fullmatch(service):
        raise UsageError("a service's name is lower-case letters, digits and hyphens", "as in wound-care")
    folder = in_ / service
    template = files("lescli.specification").joinpath("new_service.toml").read_text(encoding="utf-8")
    try:
        folder.mkdir(parents=True)
        (folder / "service.toml").write_text(template.replace("NAME", service), encoding="utf-8", newline="\n")
    except FileExistsError:
        raise LesError(f"there is already a folder {folder}", "choose another name; nothing was changed") from None
    except OSError as fault:
        raise LesError(f"cannot write to {folder}: {fault.strerror}") from None
    common.done(f"made {folder / 'service.toml'}: fill it in, then `les services check {folder}`")
    return Exit.DONE


@verb
def services_check(
    common: Common, path: Annotated[Path, typer.Argument(help="A folder or its service.toml.", metavar="PATH")]
) -> int:
    """Check a service. Prints nothing when all is well, else one line for each fault."""
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
