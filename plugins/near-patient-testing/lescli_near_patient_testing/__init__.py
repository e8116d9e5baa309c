"""Near patient testing: the standard rules, plus each patient's level and weeks by the code of the drug."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date

from lescli.api import Records, Register, RegisterEntry, ServiceSpec, hookimpl, specification_of, standard_register

Coded = tuple[date, str, int, str]
"""The day of a drug's code, the drug's level, its weeks between blood tests (0: not set) and the evidence."""


@hookimpl
def les_service() -> ServiceSpec:
    """The specification in service.toml."""
    return specification_of(__package__)


@hookimpl
def les_register(spec: ServiceSpec, records: Records) -> Register:
    """The standard register, with what the table of drugs and the settings say of each patient's drugs."""
    coded: dict[str, list[Coded]] = defaultdict(list)
    for drug, level in spec.table("drugs").rows:
        weeks = int(str(spec.setting(f"weeks_{drug}", records.as_of) or 0))
        for one in records.activity(drug):
            coded[one.nhs_number].append((one.day, level, weeks, one.evidence))
    entries = standard_register(spec, records).entries
    return Register(entries=tuple(_with_drugs(one, sorted(coded[one.nhs_number]), records.as_of) for one in entries))


def _with_drugs(entry: RegisterEntry, coded: list[Coded], as_of: date) -> RegisterEntry:
    """The level of the newest drug, and the shortest weeks of all drugs so far, until the practice writes its own."""
    own = {name: day for day, name, _ in reversed(entry.history)}
    history, shortest = list(entry.history), 0
    for day, level, weeks, _ in coded:
        shortest = min(filter(None, (weeks, shortest)), default=0)
        found = {"level": level} | ({"weeks": shortest} if shortest else {})
        history += [(day, name, value) for name, value in found.items() if day < own.get(name, date.max)]
    history.sort(key=lambda one: one[0])
    details = {name: value for day, name, value in history if day <= as_of}
    return replace(
        entry,
        history=tuple(history),
        details=tuple(sorted(details.items())),
        missing=tuple(name for name in entry.missing if name not in details),
        evidence=tuple(dict.fromkeys((*entry.evidence, *(one[3] for one in coded)))),
    )
