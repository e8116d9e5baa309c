"""Numbers for tests: NHS numbers that belong to nobody, and SNOMED-shaped concepts that mean nothing."""

from __future__ import annotations

from collections.abc import Iterator

from ..codes import verhoeff

_TEST_RANGE = "999"
# A namespace nobody was given: a concept made with it cannot be mistaken for a real one.
_NO_NAMESPACE = "9999999"
_EXTENSION = "10"


def nhs_number(n: int) -> str:
    """The n-th NHS number (from 0) of the 999 range, which is never issued; ten digits with the Modulus 11 digit."""
    while len(_made) <= n:
        _made.append(next(_numbers))
    return _made[n]


def _valid_numbers() -> Iterator[str]:
    for count in range(1_000_000):
        digits = f"{_TEST_RANGE}{count:06d}"
        weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(digits))
        check = (11 - weighted % 11) % 11
        if check < 10:  # One body in eleven has no check digit and is no NHS number.
            yield f"{digits}{check}"


_numbers = _valid_numbers()
_made: list[str] = []


def snomed_concept(n: int) -> str:
    """The n-th concept id (from 0) of a namespace nobody was given, with its Verhoeff digit."""
    body = f"{n + 1}{_NO_NAMESPACE}{_EXTENSION}"
    return next(f"{body}{digit}" for digit in range(10) if verhoeff(f"{body}{digit}") == 0)
