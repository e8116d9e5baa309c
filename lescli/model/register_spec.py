"""What a specification says of its register: who is on it, and what is recorded about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plausible:
    """From where to where a number can be true, both inside; None where nothing bounds it."""

    least: float | None
    most: float | None
    clause: str

    def holds(self, value: float) -> bool:
        """Whether a value lies between them."""
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailField:
    """One thing a register entry records. `type` is date, text, integer, number, yes-no or choice.

    `past` is a date of something that has happened: it lies after no day asked on. `range` bounds a number.
    """

    name: str
    title: str
    type: str
    clause: str
    required: bool
    choices: tuple[str, ...] = ()
    past: bool = False
    range: Plausible | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterSpec:
    """Who is on the register: everyone with a code of `find_by`, and those added by hand."""

    rule: str
    clause: str
    find_by: tuple[str, ...]
    details: tuple[DetailField, ...]

    def field(self, name: str) -> DetailField | None:
        """The field of a name."""
        return next((field for field in self.details if field.name == name), None)
