"""Rubbish for `garbage.py`: seeded rows of every kind that a report can go wrong in, in the form of each profile."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable, Iterator

from lescli.testing import nhs_number

PATIENTS = 400
CODES = ("700139004", "165581004", "22778000", "65200003")
LES = [
    *("nhs_number", "family_name", "given_name", "date_of_birth", "sex", "registered_practice", "registration"),
    *("registered_on", "left_on", "died_on", "housebound", "date", "code", "code_system", "term", "value", "unit"),
    *("consultation_type", "clinician", "done_at", "recorded_on", "source_id"),
]
EMIS = [
    *("NHS Number", "Family Name", "Given Name", "Date of Birth", "Gender"),
    *("Code Term", "SNOMED CT Concept ID", "Date", "Value", "Consultation Type"),
    *("Code Term", "SNOMED CT Concept ID", "Date", "Value"),
]
EMIS_GROUPS = ((5, 6, 7, 8, 9), (10, 11, 12, 13))
"""The cells of each group of an EMIS line; a row of the import for each that has a code or a date."""
EMIS_PREAMBLE = "Rubbish,,\r\nLast Run:,,,05/11/2026 09:14\r\n,,\r\nPatient Details,,,,,INR,,,,,Denosumab,,,\r\n"

SYSTMONE = [
    *("NHS number", "Surname", "First name", "Date of birth", "Sex", "Deduction date"),
    *("Event date", "SNOMED code", "Code description", "Numeric value", "Consultation type", "Event done by"),
]

DATES = (
    *("2026-02-30", "31/13/2026", "0000-00-00", "yesterday", "45000", "٢٠٢٦-٠٥-٠١", "1849-12-31", "1-Mai-2026"),
    *("12/31/2026", "2026-05-01T00:00:00", "20260501", "5/2026", "-", "#VALUE!", "1 May 26", "2026-5-1"),
)
NUMBERS = (
    *("", "9.99E+09", "999000001", "99900000188", "9990000017", "٩٩٩٠٠٠٠٠١٨", "NHS", "999-000-00l8", "9990000018.0"),
)
BAD_CODES = (
    *("7.00E+08", "7001390040", "0700139004", "700139005", "42QE.00", "EMISNQ1", "700139004;22778000", "₇₀₀", ""),
)
SYSTEMS = ("icd10", "READ2", "snomed ", "ctv3", "local", "?")
WORDS = ("maybe", "F", "REGULAR", "1", "yes?", "none")
TEXTS = (
    *(
        "=cmd|' /C calc'!A0",
        "+44",
        "-1",
        "@SUM(A1)",
        '="42"',
        "'42",
        "'",
        "\t",
        '"',
        '""',
        "a\nb",
        "a\r\nb",
        "a\rb",
        ",",
        ";",
        "NULL",
        "\\",
    ),
    *("x" * 1000, "x" * 1001, "y" * 3000, "“quoted” – €5 ™", "Séguin", "\x01", "\x1b[31mred", "\x7f", "\x0b\x0c"),
)
"""Texts that Windows-1252 has; `WIDE_TEXTS` are the others."""
WIDE_TEXTS = ("\U0001f489 jab", "e\u0301", "\u202eabc", "\ufeff", "\u2028", "Łukasz", "李", "\U000e0001")
ANY_KEY = [chr(place) for place in (9, 10, 13, *range(32, 127))]

Row = list[str]
Good = Callable[[random.Random, int], Row]


def good_les(chance: random.Random, place: int) -> Row:
    """A row with nothing wrong, known by its source_id or by its value, which no other row has."""
    patient = chance.randrange(PATIENTS)
    row = dict.fromkeys(LES, "")
    row |= {"nhs_number": nhs_number(patient), "date_of_birth": f"19{patient % 90 + 10}-02-03", "sex": "female"}
    row |= {"family_name": f"Name{patient}", "registered_on": "2010-01-05", "clinician": f"Dr {patient % 9}"}
    if chance.random() < 0.9:
        row |= {"date": f"2026-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}", "code": chance.choice(CODES)}
        row |= {"value": f"v{place}"} if chance.random() < 0.5 else {"source_id": f"s{place}"}
    return list(row.values())


def good_emis(chance: random.Random, place: int) -> Row:
    """One line of a report: a patient, or blank cells for the patient above, and up to two entries."""
    patient = chance.randrange(PATIENTS)
    who = [nhs_number(patient), f"Name{patient}", "Ann", f"03-Feb-19{patient % 90 + 10}", "Female"]
    cells = ([""] * 5 if chance.random() < 0.3 else who) + [""] * 9
    for group in EMIS_GROUPS:
        if chance.random() < 0.7:
            day = f"{chance.randint(1, 28):02}-May-2026"
            cells[group[0] : group[0] + 4] = ["Term", chance.choice(CODES), day, f"v{place}-{group[0]}"]
    return cells


def good_systmone(chance: random.Random, place: int) -> Row:
    """A row with nothing wrong but the stray blanks that such reports have."""
    patient = chance.randrange(PATIENTS)
    row = dict.fromkeys(SYSTMONE, "")
    row |= {"NHS number": f" {nhs_number(patient)}", "Surname": f"Name{patient} ", "Sex": "Female"}
    row |= {"Date of birth": f"03-Feb-19{patient % 90 + 10}"}
    if chance.random() < 0.9:
        day = f"{chance.randint(1, 28):02}-{chance.choice(('Apr', 'May', 'Jun'))}-2026"
        row |= {"Event date": day, "SNOMED code": chance.choice(CODES), "Numeric value": f"v{place}"}
    return list(row.values())


def rubbish(chance: random.Random, rows: int, good: Good, names: list[str], texts: tuple[str, ...]) -> Iterator[Row]:
    """Rows good and bad, blank ones, headings in the middle, enormous cells, and some rows twice."""
    held: Row = []
    for place in range(rows):
        kind = chance.random()
        if kind < 0.4:
            row = good(chance, place)
        elif kind < 0.9:
            row = spoilt(good(chance, place), chance, names, texts)
        elif kind < 0.95 and held:
            row = held
        elif kind < 0.97:
            row = chance.choice(([], [""] * len(names), ["  "] * len(names), [" "]))
        elif kind < 0.98:
            row = list(names)
        elif kind < 0.9999:
            row = [";".join(good(chance, place))]
        else:
            row = good(chance, place)
            row[-1] = "z" * 120_000
        held = row if chance.random() < 0.1 or not held else held
        yield row


def spoilt(row: Row, chance: random.Random, names: list[str], texts: tuple[str, ...]) -> Row:
    """The row with one thing wrong, or several, in any of its cells or in their number."""
    row = list(row)
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        at = chance.randrange(len(row))
        kind = chance.random()
        if kind < 0.5:
            row[at] = chance.choice(_fitting(names[at].casefold() if at < len(names) else "", texts))
        elif kind < 0.7:
            row[at] = "".join(chance.choice(texts) for _ in range(3))
        elif kind < 0.8:
            row[at] = "".join(chance.choice(ANY_KEY) for _ in range(chance.randrange(40)))
        elif kind < 0.87:
            row = row[: max(1, at)]
        elif kind < 0.94:
            row += [chance.choice(("", "surplus"))] * chance.randint(1, 3)
        else:
            chance.shuffle(row)
    return row


def _fitting(name: str, texts: tuple[str, ...]) -> tuple[str, ...]:
    """What goes wrong in a column of that name."""
    if "date" in name or name.endswith("_on"):
        return DATES
    if name in ("nhs_number", "nhs number"):
        return NUMBERS
    if "concept" in name or name == "code":
        return BAD_CODES
    return {"code_system": SYSTEMS, "sex": WORDS, "registration": WORDS, "housebound": WORDS}.get(name, texts)


def text_of(rows: Iterable[Row], chance: random.Random, before: str, names: list[str]) -> str:
    """The rows as RFC 4180, with the line ends and the quoting of various programs."""
    out = io.StringIO(newline="")
    out.write(before)
    writers = [
        csv.writer(out, lineterminator=end, quoting=quoting)
        for end in ("\r\n", "\n")
        for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL)
    ]
    writers[0].writerow(names)
    for row in rows:
        chance.choice(writers).writerow(row)
    return out.getvalue()
