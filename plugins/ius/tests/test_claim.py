"""Claims for intrauterine systems: golden patients, what becomes of each activity and why (1.1, 3, 4.3)."""

from __future__ import annotations

import pytest

import lescli_ius
from lescli.calendar import Month
from lescli.errors import LesError
from lescli.operations.claim.submit import submit
from lescli.services import service_of
from lescli.testing import Surgery, assert_claim, read_table

SERVICE = service_of(lescli_ius, origin="package")
PRICES = """
    key           | value | from
    price.fitting | 80.00 | 2020-04-01
    price.check   | 20.00 | 2020-04-01
    price.removal | 30.00 | 2020-04-01
    codes.check   | 22778000 | 2020-04-01
"""
LETTERS = """
    clinician | kind     | from       | to
    Dr Valid  | fsrh-loc | 2018-05-01 | 2023-04-30
    Dr Lapsed | fsrh-loc | 2015-05-01 | 2020-04-30
"""
RECORD = "menorrhagia | Mirena | T1 | 2023-01-31 | written"
HEADER = "patient | entered | indication | device type | batch number | device expiry | consent"


def register(*patients: str, on: str = "2020-05-04") -> str:
    """Patients whose record lacks nothing."""
    return "\n".join([HEADER, *(f"{patient} | {on} | {RECORD}" for patient in patients)])


def test_each_activity_has_its_verdict() -> None:
    surgery = Surgery(
        SERVICE,
        terms=PRICES,
        accreditations=LETTERS,
        activity="""
            patient | date       | code    | clinician
            Ann     | 2020-05-04 | fitting | Dr Valid
            Bea     | 2020-05-04 | fitting | Dr Valid
            Cat     | 2020-05-04 | fitting | Dr Valid
            Dee     | 2020-05-04 | fitting | Dr Lapsed
            Eve     | 2020-05-04 | fitting | Dr Unknown
            Fay     | 2020-05-04 | fitting | Dr Valid
            Gay     | 2020-05-04 | removal | Dr Unknown
            Hue     | 2020-05-04 | removal | Dr Unknown
            Ida     | 2020-05-04 | check   | Dr Lapsed
            Joy     | 2020-05-04 | fitting | Dr Valid
            Kay     | 2020-05-04 | check   | Dr Valid
            Liz     | 2020-05-04 | removal | Dr Valid
        """,
        register="""
            patient | entered    | indication                | device type | batch number | device expiry | consent
            Ann     | 2020-05-04 | menorrhagia               | Mirena      | T1           | 2023-01-31    | written
            Bea     | 2020-05-04 | contraception             | Mirena      | T1           | 2023-01-31    | written
            Cat     | 2020-05-04 |                           | Mirena      | T1           | 2023-01-31    | written
            Dee     | 2020-05-04 | endometrial-protection    | Mirena      | T1           | 2023-01-31    | verbal
            Eve     | 2020-05-04 | menorrhagia               | Mirena      | T1           | 2023-01-31    | verbal
            Fay     | 2020-05-04 | menorrhagia+contraception | Mirena      |              | 2023-01-31    | written
            Gay     | 2016-05-04 | menorrhagia               |             |              |               |
            Ida     | 2020-03-01 | endometrial-protection    |             |              |               |
            Joy     | 2020-05-04 | menorrhagia+contraception | Mirena      | T1           | 2023-01-31    | verbal
            Kay     | 2020-03-01 | contraception             |             |              |               |
            Liz     | 2020-03-01 | contraception             |             |              |               |
        """,
    )
    # Only a fitting needs the letter and the record of the device (4.3); each needs an indication that is ours (3.4).
    expected = """
        patient | item    | verdict | reason                | price | clause
        Ann     | fitting | payable | accepted              | 80.00 | 3.2; 4.3 Payment; Schedule 3 Part A
        Bea     | fitting | refused | contraception         |       | 1.1; 3.1; 3.4
        Cat     | fitting | check   | indication            |       | 3.4
        Dee     | fitting | refused | accreditation-lapsed  |       | 4.3 Clinical Qualifications
        Eve     | fitting | check   | accreditation-unknown |       | 4.3 Clinical Qualifications
        Fay     | fitting | check   | record-incomplete     |       | {clause}
        Gay     | removal | payable | accepted              | 30.00 | 3.2; 4.3 Payment; Schedule 3 Part A
        Hue     | removal | check   | indication            |       | 3.4
        Ida     | check   | payable | accepted              | 20.00 | 3.2; 4.3 Payment; Schedule 3 Part A
        Joy     | fitting | payable | accepted              | 80.00 | 3.2; 4.3 Payment; Schedule 3 Part A
        Kay     | check   | refused | contraception         |       | 1.1; 3.1; 3.4
        Liz     | removal | refused | contraception         |       | 1.1; 3.1; 3.4
        """
    clause = "4.3 Activity and Audits; holding the claim back is our decision"
    assert_claim(surgery, expected.format(clause=clause), month="2020-05")


@pytest.mark.parametrize("lacking", ["device type", "batch number", "device expiry", "consent"])
def test_a_fitting_without_any_of_its_record_is_held_back(lacking: str) -> None:
    (row,) = read_table(register("Ann"))
    surgery = Surgery(
        SERVICE, terms=PRICES, accreditations=LETTERS, activity="patient|date|clinician\nAnn|2020-05-04|Dr Valid"
    )
    surgery.add_register([{**row, lacking: ""}])
    assert_claim(surgery, "verdict | reason\n check | record-incomplete", month="2020-05")


def test_the_record_must_hold_on_the_day_of_the_fitting() -> None:
    surgery = Surgery(
        SERVICE,
        terms=PRICES,
        accreditations=LETTERS,
        activity="""
            patient | date       | clinician
            Ann     | 2020-05-04 | Dr Valid
            Bea     | 2020-05-04 | Dr Valid
            Cat     | 2020-05-04 | Dr Valid
        """,
        register="\n".join(
            [
                "patient | entered | from | indication | device type | batch number | device expiry | consent",
                f"Ann | 2020-05-04 | 2020-05-03 | {RECORD}",
                f"Bea | 2020-05-04 | 2020-05-04 | {RECORD}",
                f"Cat | 2020-05-04 | 2020-05-05 | {RECORD}",
            ]
        ),
    )
    expected = """
        patient | verdict | reason     | also
        Ann     | payable | accepted   |
        Bea     | payable | accepted   |
        Cat     | check   | indication | record-incomplete
        """
    assert_claim(surgery, expected, month="2020-05")


def test_what_the_record_must_hold_is_a_dated_setting() -> None:
    terms = f"{PRICES}\nsetting.fitting_record | device_type,batch_number | 2020-05-05"
    surgery = Surgery(
        SERVICE,
        terms=terms,
        accreditations=LETTERS,
        activity="patient | date | clinician\n Ann | 2020-05-04 | Dr Valid\n Bea | 2020-05-05 | Dr Valid",
        register="""
            patient | entered    | indication  | device type | batch number
            Ann     | 2020-05-04 | menorrhagia | Mirena      | T1
            Bea     | 2020-05-05 | menorrhagia | Mirena      | T1
        """,
    )
    expected = "patient | verdict | reason\n Ann | check | record-incomplete\n Bea | payable | accepted"
    assert_claim(surgery, expected, month="2020-05")


def test_unset_prices_are_said_with_the_command() -> None:
    surgery = Surgery(
        SERVICE,
        accreditations=LETTERS,
        activity="""
            patient | date       | code    | clinician
            Ann     | 2020-05-04 | fitting | Dr Valid
            Bea     | 2020-05-04 | removal | Dr Valid
        """,
        register=register("Ann", "Bea"),
    )
    expected = """
        patient | verdict  | reason   | price | clause                              | fix
        Ann     | unpriced | no-price |       | 3.2; 4.3 Payment; Schedule 3 Part A | {fitting}
        Bea     | unpriced | no-price |       | 3.2; 4.3 Payment; Schedule 3 Part A | {removal}
        """
    fixes = {
        name: f"`les services set ius price.{name}=AMOUNT --from DATE --source TEXT`" for name in ("fitting", "removal")
    }
    assert_claim(surgery, expected.format(**fixes), month="2020-05")
    with pytest.raises(LesError, match="without a price"):
        submit(surgery.store, surgery.service, Month(2020, 5), Month(2020, 6).first, by="A Clerk", authorised_by=None)


def test_a_price_holds_from_its_own_day() -> None:
    surgery = Surgery(
        SERVICE,
        terms=f"{PRICES}\nprice.removal | 31.00 | 2020-05-05",
        activity="""
            patient | date       | code
            Ann     | 2020-05-04 | removal
            Bea     | 2020-05-05 | removal
        """,
        register=register("Ann", "Bea"),
    )
    assert_claim(surgery, "patient | price\n Ann | 30.00\n Bea | 31.00", month="2020-05")


def test_without_a_code_the_check_is_not_found_and_the_claim_says_so() -> None:
    claim = Surgery(SERVICE).claim("2020-05")
    assert claim.notes == (
        "check: no code is known for `check` (3.2 names no code), so nothing can be found; set it with "
        "`les services set ius codes.check=CODE --from DATE --source TEXT`",
    )
    assert claim.incomplete == ()
    assert Surgery(SERVICE, terms=PRICES).claim("2020-05").notes == ()


def test_the_precedence_of_verdicts() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\n price.removal | 30.00 | 2020-05-01",
        accreditations=LETTERS,
        activity="""
            patient | date       | code    | clinician
            Ann     | 2020-05-04 | fitting | Dr Lapsed
            Bea     | 2020-05-04 | fitting | Dr Lapsed
            Cat     | 2020-05-04 | fitting | Dr Valid
            Dee     | 2020-05-04 | removal | Dr Valid
            Eve     | 2020-04-30 | removal | Dr Valid
        """,
        register="""
            patient | entered    | indication
            Ann     | 2020-05-04 | contraception
            Bea     | 2020-05-04 | menorrhagia
            Cat     | 2020-05-04 | menorrhagia
            Dee     | 2020-05-04 | menorrhagia
            Eve     | 2020-04-30 | menorrhagia
        """,
    )
    expected = """
        patient | verdict  | reason               | also
        Ann     | refused  | contraception        | accreditation-lapsed, record-incomplete
        Bea     | refused  | accreditation-lapsed | record-incomplete
        Cat     | check    | record-incomplete    |
        Dee     | payable  | accepted             |
        Eve     | unpriced | no-price             |
        """
    assert_claim(surgery, expected, month="2020-05")
    surgery.submit("2020-05", "2020-06-05")
    surgery.add_register(read_table("patient | entered | from | indication\n Dee | | 2020-05-04 | contraception"))
    expected = expected.replace(
        "Dee     | payable  | accepted             |", "Dee | claimed | claimed | contraception"
    )
    assert_claim(surgery, expected, month="2020-05", as_of="2020-06-06")
