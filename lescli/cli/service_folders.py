"""`les services new`: start a service, a folder with a service.toml to fill in."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, LesError, UsageError
from .options import Common, verb

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@verb
def services_new(
    common: Common,
    service: Annotated[str, typer.Argument(help="The new service's name.", metavar="S")],
    in_: Annotated[Path, typer.Option("--in", help="The folder to make it in.", metavar="DIR")] = Path(),
) -> int:
    """Write a commented service.toml; `les services check` says what is still missing."""
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
