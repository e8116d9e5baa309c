"""What is wrong in a register file, by line: gathered over all of it and told at once, to be mended in one go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from ...errors import LesError, LockedError

_ENDINGS = ("nothing was changed", "nothing was loaded")


@dataclass(slots=True)
class Faults:
    """The faults of one file, by its name."""

    name: str = ""
    found: list[tuple[int, str, str]] = field(default_factory=list)

    def add(self, line: int, what: str, fix: str = "") -> None:
        """One more."""
        self.found.append((line, what, fix))

    def has(self, line: int | None) -> bool:
        """Whether something is wrong on a line."""
        return any(line == one for one, _, _ in self.found)

    @contextmanager
    def of(self, line: int | None) -> Iterator[None]:
        """Keep a refusal as a fault of a line; what stands on no line of a file is refused at once."""
        try:
            yield
        except LockedError:
            raise
        except LesError as fault:
            if line is None:
                raise
            self.add(line, fault.what, fault.fix)

    def tell(self) -> None:
        """LesError with all of them, each with its line and its cure once; nothing where there are none."""
        if not self.found:
            return
        told = "; ".join(f"line {line}: {what}" for line, what, _ in sorted(self.found, key=_line))
        fixes = [_without_ending(fix) for _, _, fix in self.found]
        cures = "; ".join(dict.fromkeys(filter(None, fixes)))
        where = f"{self.name}: " if self.name else ""
        raise LesError(f"{where}{told}", f"{cures}; nothing was loaded" if cures else "nothing was loaded") from None


def _line(fault: tuple[int, str, str]) -> int:
    return fault[0]


def _without_ending(fix: str) -> str:
    for ending in _ENDINGS:
        fix = fix.removesuffix(ending).removesuffix("; ")
    return fix
