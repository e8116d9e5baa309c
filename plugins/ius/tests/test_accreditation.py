"""The fitter's FSRH Letter of Competence on the day of the fitting (4.3 Clinical Qualifications)."""

from __future__ import annotations

import pytest

import lescli_ius
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim

SERVICE = service_of(lescli_ius, origin="package")
PRICE = "key | value | from\n price.fitting | 80.00 | 2020-04-01"


def fitted(clinician: str, letters: str) -> Surgery:
    """One fitting, on 4 May 2020, whose record lacks nothing."""
    return Surgery(
        SERVICE,
        terms=PRICE,
        accreditations=f"clinician | kind | from | to\n{letters}" if letters else "",
        activity=f"patient | date | clinician\n Ann | 2020-05-04 | {clinician}",
        register="""
            patient | entered    | indication  | device type | batch number | device expiry | consent
            Ann     | 2020-05-04 | menorrhagia | Mirena      | T1           | 2023-01-31    | written
        """,
    )


@pytest.mark.parametrize(
    ("letters", "verdict", "reason"),
    [
        ("Dr A | fsrh-loc | 2015-05-04 | 2020-05-03", "refused", "accreditation-lapsed"),
        ("Dr A | fsrh-loc | 2015-05-04 | 2020-05-04", "payable", "accepted"),
        ("Dr A | fsrh-loc | 2015-05-04 | 2020-05-05", "payable", "accepted"),
        ("Dr A | fsrh-loc | 2020-05-04 | 2025-05-03", "payable", "accepted"),
        # A first letter that begins after the fitting did not cover it either.
        ("Dr A | fsrh-loc | 2020-05-05 | 2025-05-04", "refused", "accreditation-lapsed"),
        # Renewed in between, without a gap and with one.
        ("Dr A|fsrh-loc|2015-05-04|2020-05-03\nDr A|fsrh-loc|2020-05-04|2025-05-03", "payable", "accepted"),
        ("Dr A|fsrh-loc|2015-05-03|2020-05-02\nDr A|fsrh-loc|2020-05-03|2025-05-02", "payable", "accepted"),
        ("Dr A|fsrh-loc|2015-05-04|2020-05-03\nDr A|fsrh-loc|2020-05-05|2025-05-04", "refused", "accreditation-lapsed"),
        # Another clinician's letter, and another kind of letter, say nothing.
        ("Dr B | fsrh-loc | 2015-05-04 | 2025-05-03", "check", "accreditation-unknown"),
        ("Dr A | fsrh-implants | 2015-05-04 | 2025-05-03", "check", "accreditation-unknown"),
        ("", "check", "accreditation-unknown"),
    ],
)
def test_the_letter_on_the_day(letters: str, verdict: str, reason: str) -> None:
    assert_claim(fitted("Dr A", letters), f"verdict | reason\n{verdict} | {reason}", month="2020-05")


@pytest.mark.parametrize("spelt", ["DR ANN FITTER", "dr  ann   fitter", "Dr. Ann Fitter", " Dr Ann-Fitter "])
def test_the_name_in_another_spelling(spelt: str) -> None:
    surgery = fitted(spelt, "Dr Ann Fitter | fsrh-loc | 2015-05-04 | 2025-05-03")
    assert_claim(surgery, "verdict | reason\n payable | accepted", month="2020-05")


@pytest.mark.parametrize("other", ["Dr A Fitter", "Fitter, Ann (Dr)", ""])
def test_another_name_is_another_clinician(other: str) -> None:
    surgery = fitted(other, "Dr Ann Fitter | fsrh-loc | 2015-05-04 | 2025-05-03")
    assert_claim(surgery, "verdict | reason\n check | accreditation-unknown", month="2020-05")
