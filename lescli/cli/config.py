"""`les config`: the settings of this computer, each with where it comes from."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Annotated

import typer

from ..errors import Exit, LesError, UsageError, did_you_mean
from .options import FORMATS, Common, verb
from .settings_file import SETTINGS, from_file, read_settings, settings_path, write_settings


@verb
def config(common: Common) -> int:
    """Show each setting and where it comes from: an option, a LES_* variable, the settings file, or the default."""
    from ..outputs import Answer, Column, Grid

    columns = (
        Column("name", "Setting"),
        Column("value", "Value"),
        Column("origin", "From"),
        Column("what", "What it is"),
    )
    rows = tuple((name, *_value(common, name), what) for name, (_, what, _) in SETTINGS.items())
    fault = ""
    try:
        read_settings()
    except LesError as wrong:
        fault = str(wrong)
    data = {
        "schema": "les-config/1",
        "file": str(settings_path()),
        "settings": [dict(zip((c.name for c in columns), row, strict=True)) for row in rows],
    }
    title = f"Settings; their file is {settings_path()}"
    common.show(Answer(data=data, title=title, grids=(Grid(title="Settings", columns=columns, rows=rows),)))
    if fault:
        common.tell(fault)
    return Exit.NEEDS_PERSON if fault else Exit.DONE


def _value(common: Common, name: str) -> tuple[str, str]:
    variable, _, default = SETTINGS[name]
    if name == "store" and common.store_path is not None:
        return str(common.store_path), "option --store"
    if name in from_file and os.environ.get(variable) == from_file[name]:
        return from_file[name], "settings file"
    if value := os.environ.get(variable):
        return value, variable
    return (str(common.path), "default") if name == "store" else (default, "default")


@verb
def config_set(
    common: Common,
    name: Annotated[str, typer.Argument(help="The setting.", metavar="NAME")],
    value: Annotated[str, typer.Argument(help="Its value.", metavar="VALUE")],
) -> int:
    """Write one setting to the settings file. An option or a LES_* variable still counts before it."""
    name = _known(name)
    if name == "format" and value not in FORMATS:
        raise UsageError(
            "there is no such format", did_you_mean(value, FORMATS) or f"choose one of {', '.join(FORMATS)}"
        )
    if name == "plugin_seconds" and not (value.isascii() and value.isdigit()):
        raise UsageError("plugin_seconds is a whole number of seconds", "0 means without a limit")
    if not value.strip():
        raise UsageError("the value is empty", f"`les config unset {name}` takes the setting out")
    write_settings({**read_settings(), name: value})
    common.done(f"{name} is set in {settings_path()}")
    return Exit.DONE


@verb
def config_unset(common: Common, name: Annotated[str, typer.Argument(help="The setting.", metavar="NAME")]) -> int:
    """Take one setting out of the settings file. A file that cannot be read is replaced by an empty one."""
    name = _known(name)
    held: dict[str, str] = {}
    with suppress(LesError):
        held = read_settings()
    write_settings({key: value for key, value in held.items() if key != name})
    common.done(f"{name} is {'out of' if name in held else 'not in'} {settings_path()}")
    return Exit.DONE


def _known(name: str) -> str:
    if name not in SETTINGS:
        hint = did_you_mean(name, SETTINGS) or f"there are {', '.join(SETTINGS)}"
        raise UsageError("there is no setting of that name", hint)
    return name
