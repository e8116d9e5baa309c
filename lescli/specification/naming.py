"""Names in a service.toml that refer to something else in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def unknown(place: str, name: object, known: set[str], what: str) -> Iterator[str]:
    """The fault of a name that refers to nothing; none where no name is given."""
    if name is not None and name not in known:
        yield f"{place}: there is no {what} `{name}`"


def as_list(given: object) -> list[str]:
    """One name or several, as a list."""
    return [given] if isinstance(given, str) else [str(one) for one in given] if isinstance(given, Iterable) else []
