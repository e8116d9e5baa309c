"""Whether the very same row may have been met before, in a fixed amount of memory.

A first, large file is taken in without indexes, so nothing can be looked up. A row whose mark is new is certainly new;
one whose mark is there (a repeat, or one row in some hundred by chance) waits until the indexes are built.
"""

from __future__ import annotations

from zlib import crc32

_BITS = 28
MASK = (1 << _BITS) - 1
# Odd numbers with many bits: neighbouring patients, acts and days land far apart. The result must not depend on the
# process (Python's own hash of a text does), so that the same files give the same store.
PATIENT, ACT, DAY = 2654435761, 97561729, 40503


class Marks:
    """32 MiB of bits, one looked at for each row; the operating system gives them as they are touched."""

    def __init__(self) -> None:
        self.bits = bytearray(1 << (_BITS - 3))

    def is_new(self, mark: int) -> bool:
        """Whether this mark was never set; it is from now on."""
        mark &= MASK
        place, bit = mark >> 3, 1 << (mark & 7)
        if self.bits[place] & bit:
            return False
        self.bits[place] |= bit
        return True


def day_mark(day: str) -> int:
    """The part of a row's mark that its day makes, for `2026-05-01`."""
    return int(day[:4] + day[5:7] + day[8:]) * DAY


def value_mark(value: str) -> int:
    """The part that its value makes."""
    return crc32(value.encode()) if value else 0


def row_mark(patient: int, day: str, act: int, value: str) -> int:
    """The mark of a row: the sum of its parts, for they repeat and are kept apart."""
    return patient * PATIENT + act * ACT + day_mark(day) + value_mark(value)
