"""Finds the stores that a group command names."""

from __future__ import annotations

from collections.abc import Iterable
from glob import glob
from pathlib import Path

from ..errors import UsageError

_ENDING = ".les"


def find_stores(named: Iterable[str]) -> tuple[Path, ...]:
    """The files that patterns, files or folders name, each once, in the order of their names.

    `les` expands a pattern itself, because a shell may not: Windows has none that does. A folder means its `*.les`
    files. UsageError for a name that finds no file.
    """
    found: dict[Path, Path] = {}
    for text in named:
        path = Path(text).expanduser()
        if path.is_file():
            those = [path]
        elif path.is_dir():
            those = [one for one in path.iterdir() if one.suffix.lower() == _ENDING]
        else:
            # Path.glob takes no pattern that begins at the root.
            those = [Path(one) for one in glob(str(path), recursive=True)]  # noqa: PTH207
        those = [one for one in those if one.is_file()]
        if not those:
            raise UsageError(
                "--stores: a name finds no store",
                f"write a pattern in quotes such as 'practices/*{_ENDING}', or a folder that holds {_ENDING} files",
            )
        for one in those:
            # The same file under two names would be counted twice.
            found.setdefault(one.resolve(), one)
    return tuple(sorted(found.values()))
