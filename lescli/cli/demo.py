"""`les demo`: make a synthetic practice and walk it through every verb."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit, LesError
from .options import Common, verb
from .run import run

MARK = "MADE-BY-LES-DEMO.txt"
STORE = "practice.les"


@verb
def demo(
    common: Common,
    folder: Annotated[Path, typer.Argument(help="The folder to make.", metavar="[DIR]")] = Path("les-demo"),
) -> int:
    """Print each command and its answer. All files stay in the folder, to try things on."""
    _make(folder)
    script = files("lescli.demo").joinpath("walk.txt").read_text(encoding="utf-8")
    here, store = Path.cwd(), os.environ.get("LES_STORE")
    os.chdir(folder)
    os.environ["LES_STORE"] = STORE
    try:
        for line in script.splitlines():
            if line.startswith("$"):
                _step(line)
            else:
                print(line)
    finally:
        os.chdir(here)
        if store is None:
            del os.environ["LES_STORE"]
        else:
            os.environ["LES_STORE"] = store
    print(f"\nThe demo practice is in {folder}: try `les recall --store {folder / STORE} --as-of 2026-07-06`")
    return Exit.DONE


def _make(folder: Path) -> None:
    """Make the folder with the demo's files. Only an earlier demo or an empty folder is overwritten."""
    from ..files import make_private

    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).exists():
            raise LesError(f"{folder} is not empty and was not made by the demo", "name another folder")
        if (folder / MARK).exists():
            shutil.rmtree(folder)
        make_private(folder)
        (folder / MARK).write_text("Synthetic people only. `les demo` writes this folder anew.\n", encoding="utf-8")
        for source in files("lescli.demo").iterdir():
            if source.name.endswith(".csv"):
                (folder / source.name).write_bytes(source.read_bytes())
    except OSError as fault:
        raise LesError(f"cannot write to {folder}: {fault.strerror}", "name another folder") from None


def _step(line: str) -> None:
    """Run one command: `$ les …`, or `$3 les …` where it should end with exit code 3."""
    mark, _, command = line.partition(" ")
    expected = int(mark[1:] or 0)
    print(f"\n$ {command}", flush=True)
    arguments = shlex.split(command)[1:]
    # Both go to one stream, so that messages are printed in their place.
    stderr, sys.stderr = sys.stderr, sys.stdout
    try:
        code = run(arguments)
    finally:
        sys.stderr = stderr
    if expected:
        print(f"(exit code {code})")
    if code != expected:
        raise LesError(f"a step of the demo ended with exit code {code}", "please report it with what is printed above")
