"""The patients one question is about: loaded when the first of them is asked for, all together and once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ...model import Patient
from ..database.connection import Store
from .rows import patients


class PatientsAsked:
    """Patients by NHS number. It lasts as long as the question: what is written meanwhile is not seen."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._loaded: dict[str, Patient] = {}
        self._met: set[str] = set()
        self._everybody: tuple[Patient, ...] | None = None
        self._sizes: dict[date, int] = {}

    def meet(self, numbers: Iterable[str]) -> None:
        """Something of these was read: they are loaded with the next one that is asked for."""
        self._met.update(numbers)

    def one(self, nhs_number: str) -> Patient:
        """One patient; KeyError when the store does not know them."""
        if nhs_number not in self._loaded:
            wanted = (self._met | {nhs_number}) - self._loaded.keys()
            self._met.clear()
            self._loaded |= {patient.nhs_number: patient for patient in patients(self._store, wanted)}
        return self._loaded[nhs_number]

    def list_size(self, on: date) -> int:
        """How many of everybody are registered with the practice and alive on a day."""
        if on not in self._sizes:
            if self._everybody is None:
                self._everybody = patients(self._store)
            practice = self._store.practice.ods_code
            self._sizes[on] = sum(one.registered_on(on, practice) and one.alive_on(on) for one in self._everybody)
        return self._sizes[on]
