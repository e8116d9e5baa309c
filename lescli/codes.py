"""NHS numbers, ODS codes and the codes of English clinical records: a type, a check and its source for each.

Every `parse` function returns the one spelling that the store keeps, or raises ValueError with a message that does not
repeat the text, because it may be an identifier.
"""

from __future__ import annotations

import re
from typing import NewType

NhsNumber = NewType("NhsNumber", str)
SnomedConcept = NewType("SnomedConcept", str)
Read2Code = NewType("Read2Code", str)
Ctv3Code = NewType("Ctv3Code", str)
OdsCode = NewType("OdsCode", str)

_TEN_DIGITS = re.compile(r"[0-9]{10}")
# What a spreadsheet makes of a number: a text formula `="9990000018"`, an apostrophe, decimals, thousands separators,
# powers of ten.
_TEXT_FORMULA = re.compile(r'="([^"]*)"')
_WHOLE = re.compile(r"([0-9]{10}|[0-9](?:,[0-9]{3}){3})(?:\.0+)?")
_ALL_TEN = re.compile(r"([0-9]\.[0-9]{9})[eE]\+?0*9")
_POWER = re.compile(r"[0-9]+(?:[.,][0-9]*)?[eE][+-]?[0-9]+")
_APOSTROPHES = "'\u2018\u2019"
_NOT_DIGITS = re.compile("[\\s\u2010-\u2015\u2060\u200b\ufeff-]")
_SNOMED = re.compile(r"[1-9][0-9]{5,17}")
# Five characters, then (in Read v2) the two-character term code that clinical systems append: `42QE.00`, `133F.11`.
_READ2 = re.compile(r"([0-9A-Za-z][0-9A-Za-z.]{1,4})(?:[0-9A-Za-z]{2})?")
_FIVE_BYTES = re.compile(r"[0-9A-Za-z][0-9A-Za-z.]{1,4}")
_DOTS_INSIDE = re.compile(r"\.[0-9A-Za-z]")
# It matches all 6,872 practices that were active in NHS Digital's list of 2019.
_PRACTICE = re.compile(r"[A-HJ-NPY][0-9]{5}")
_ORGANISATION = re.compile(r"[A-Z0-9]{3,10}")

# Verhoeff's dihedral-group check (J. Verhoeff, Error Detecting Decimal Codes, 1969), as SNOMED CT's technical guide
# uses it: the multiplication table of D5 and the permutation by position.
_D5 = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 2, 3, 4, 0, 6, 7, 8, 9, 5),
    (2, 3, 4, 0, 1, 7, 8, 9, 5, 6),
    (3, 4, 0, 1, 2, 8, 9, 5, 6, 7),
    (4, 0, 1, 2, 3, 9, 5, 6, 7, 8),
    (5, 9, 8, 7, 6, 0, 4, 3, 2, 1),
    (6, 5, 9, 8, 7, 1, 0, 4, 3, 2),
    (7, 6, 5, 9, 8, 2, 1, 0, 4, 3),
    (8, 7, 6, 5, 9, 3, 2, 1, 0, 4),
    (9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
)
_PERMUTATION = (
    (0, 1, 2, 3, 4, 5, 6, 7, 8, 9),
    (1, 5, 7, 6, 2, 8, 3, 0, 9, 4),
    (5, 8, 0, 3, 7, 9, 6, 1, 4, 2),
    (8, 9, 1, 6, 0, 4, 3, 5, 2, 7),
    (9, 4, 5, 3, 1, 2, 6, 8, 7, 0),
    (4, 2, 8, 6, 5, 7, 3, 9, 0, 1),
    (2, 7, 9, 3, 8, 0, 6, 4, 1, 5),
    (7, 0, 4, 6, 9, 1, 3, 2, 5, 8),
)


def parse_nhs_number(text: str) -> NhsNumber:
    """An NHS number: ten ASCII digits with a Modulus 11 check digit (NHS Data Dictionary); spaces and hyphens go."""
    digits = text.replace(" ", "").replace("-", "")
    if not _TEN_DIGITS.fullmatch(digits):
        raise ValueError("an NHS number has 10 digits")
    weighted = sum(int(digit) * (10 - place) for place, digit in enumerate(digits[:9]))
    check = (11 - weighted % 11) % 11
    if check == 10 or check != int(digits[9]):
        raise ValueError("the NHS number fails its check digit (Modulus 11)")
    return NhsNumber(digits)


def unwrapped(text: str) -> str:
    """A cell without the marks that make a spreadsheet treat a number as text: `="42"` and `'42` -> `42`."""
    cell = text.strip()
    # This runs for every cell of a report, and hardly any is wrapped.
    if cell and (cell[0] == "=" or cell[0] in _APOSTROPHES or cell[-1] in _APOSTROPHES):
        found = _TEXT_FORMULA.fullmatch(cell)
        return (found[1] if found else cell).strip().strip(_APOSTROPHES).strip()
    return cell


def mend_nhs_number(text: str) -> NhsNumber:
    """The NHS number in a cell that went through a spreadsheet, if all ten digits are still there.

    Nothing is guessed: `9.99000E+09` could be any of ten thousand numbers, so it is refused whatever its check digit.
    Do not use this for what a person types, where a slip must be noticed.
    """
    cell = unwrapped(text)
    if found := _WHOLE.fullmatch(cell):
        cell = found[1].replace(",", "")
    elif found := _ALL_TEN.fullmatch(cell):
        cell = found[1].replace(".", "")
    elif _POWER.fullmatch(cell):
        raise ValueError(
            "a spreadsheet rounded the NHS number and its digits are lost; export again without opening the file in a "
            "spreadsheet"
        )
    return parse_nhs_number(_NOT_DIGITS.sub("", cell))


def verhoeff(digits: str) -> int:
    """The Verhoeff checksum of a string of digits; 0 when the last digit is the right check digit."""
    checksum = 0
    for place, digit in enumerate(reversed(digits)):
        checksum = _D5[checksum][_PERMUTATION[place % 8][int(digit)]]
    return checksum


def parse_snomed(text: str) -> SnomedConcept:
    """A SNOMED CT concept id: 6 to 18 digits, no leading zero, Verhoeff digit, partition 00 or 10 (technical guide)."""
    code = text.strip()
    if not _SNOMED.fullmatch(code):
        raise ValueError("a SNOMED CT concept id has 6 to 18 digits and no leading zero")
    if code[-3:-1] not in ("00", "10"):
        raise ValueError("the SNOMED CT id is not a concept (its partition is neither 00 nor 10)")
    if verhoeff(code):
        raise ValueError("the SNOMED CT id fails its check digit (Verhoeff): was it damaged by a spreadsheet?")
    return SnomedConcept(code)


def parse_read2(text: str) -> Read2Code:
    """A Read v2 code, stored as its first five characters without trailing dots: `42QE.00` -> `42QE`."""
    code = text.strip()
    if not _READ2.fullmatch(code) or _DOTS_INSIDE.search(code[:5]):
        raise ValueError(
            "a Read v2 code has up to five letters, digits and trailing dots, and a two-character term code"
        )
    return Read2Code(code[:5].rstrip("."))


def parse_ctv3(text: str) -> Ctv3Code:
    """A CTV3 (Read v3) code, stored without trailing dots: `XaMh8`, `22A..` -> `22A`."""
    code = text.strip()
    if not _FIVE_BYTES.fullmatch(code) or _DOTS_INSIDE.search(code):
        raise ValueError("a CTV3 code has up to five letters, digits and trailing dots")
    return Ctv3Code(code.rstrip("."))


def parse_local(text: str) -> str:
    """A clinical system's own code, such as EMIS's `EMISNQPR489`, stored as it is but with %20 for a space inside it.

    The store separates the codes of an entry by spaces. No specification has local codes.
    """
    code = text.strip()
    if not code or len(code) > 40 or not code.isascii() or not code.isprintable():
        raise ValueError("a local code has 1 to 40 printable characters")
    return code.replace(" ", "%20")


PARSERS = {"snomed": parse_snomed, "read2": parse_read2, "ctv3": parse_ctv3, "local": parse_local}
"""The function that reads a code, by `code_system`."""


def parse_code(system: str, text: str) -> str:
    """The stored spelling of a code in a named coding system; ValueError for an unknown system or a malformed code."""
    parser = PARSERS.get(system)
    if parser is None:
        raise ValueError(f"code_system is one of {', '.join(PARSERS)}")
    return parser(text)


def parse_practice(text: str) -> OdsCode:
    """The ODS code of an English GP practice: a letter and five digits."""
    code = text.strip().upper()
    if not _PRACTICE.fullmatch(code):
        raise ValueError("a GP practice's ODS code is a letter and five digits, as in A99999")
    return OdsCode(code)


def parse_organisation(text: str) -> OdsCode:
    """The ODS code of any organisation (a practice, trust, hub or site)."""
    code = text.strip().upper()
    if not _ORGANISATION.fullmatch(code):
        raise ValueError("an ODS code has 3 to 10 letters and digits")
    return OdsCode(code)
