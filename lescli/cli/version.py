"""`les --version`: the version, and with `-v` what it was built from and runs on.

`les --version -v` adds lines for the commit the package was built from (if from a git checkout), Python, SQLite, and
SQLCipher with the SQLite inside it (if the extra is installed). It needs no store.
"""

from __future__ import annotations

from .. import __version__

ASKED = frozenset({"-V", "--version"})
MORE = frozenset({"-v", "--verbose"})


def asks_version(arguments: list[str]) -> bool:
    """Whether these arguments ask for the version and for nothing else."""
    words = set(arguments)
    return bool(words & ASKED) and words <= ASKED | MORE


def version_text(arguments: list[str]) -> str:
    """The text for these arguments: one line, or with `-v` one for everything that a bug report should name."""
    first = f"les {__version__}\n"
    return first + _built_on() if MORE & set(arguments) else first


def _built_on() -> str:
    """Imported here: without `-v` the version must cost no more than `--help`."""
    import platform

    from ..store.database import encryption, location

    lines = {
        "commit": built_from() or "not known: not built from a git checkout",
        "Python": platform.python_version(),
        "SQLite": location.sqlite_version()[0],
        "SQLCipher": encryption.version() or "not installed",
    }
    return "".join(f"{name:<11}{value}\n" for name, value in lines.items())


def built_from() -> str | None:
    """The commit that the build wrote into the package. git is not called, and an editable install has none."""
    from importlib.resources import files

    written = files("lescli").joinpath("commit.txt")
    return written.read_text(encoding="utf-8").strip() if written.is_file() else None
