"""The marks of entries. Few entries have one, so marks have a table of their own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from ...amounts import counted
from ...model.record import MARKS
from ..database.connection import Store

Marks = tuple[str, ...]


def marks_of(store: Store) -> dict[int, Marks]:
    """The marks of every entry that has any, by the id of the entry."""
    return {number: tuple(marks.split()) for number, marks in store.rows("SELECT * FROM activity_mark")}


class MarkWriter:
    """Keeps the marks up to date during an import."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _held(self) -> dict[int, Marks]:
        return marks_of(self._store)

    def of(self, number: int) -> Marks:
        """The marks of one entry, by its id."""
        return self._held.get(number, ())

    def note(self, number: int, marks: Marks) -> None:
        """Set the marks of an entry; they replace the earlier ones."""
        if marks == self.of(number):
            return
        run = self._store.connection.execute
        if marks:
            self._held[number] = marks
            run(
                "INSERT INTO activity_mark VALUES (?, ?) ON CONFLICT DO UPDATE SET marks = excluded.marks",
                (number, " ".join(marks)),
            )
        else:
            del self._held[number]
            run("DELETE FROM activity_mark WHERE activity_id = ?", (number,))


def marks_known(store: Store) -> Iterator[str]:
    """A check of `les verify`: the stored marks are all marks that an import writes."""
    wrong = sum(not marks or not set(marks) <= MARKS for marks in marks_of(store).values())
    if wrong:
        yield f"activity_mark: {counted(wrong, 'entry', 'entries')} with a mark that no import writes"
