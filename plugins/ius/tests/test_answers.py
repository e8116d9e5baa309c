"""What the standard vocabulary answers from this service's data."""

from __future__ import annotations

from pathlib import Path

from lescli.services import service_of
from lescli.services.standard import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing import Surgery, assert_claim, assert_recall

TOML = Path(__file__).parents[1] / "lescli_ius" / "service.toml"
SERVICE = service_of(DataOnlyPlugin(parse_specification(TOML.read_bytes(), where="ius")), origin="test")


def practice(terms: str = "") -> Surgery:
    return Surgery(
        SERVICE,
        terms=terms,
        accreditations="""
            clinician | kind     | from       | to
            Dr Valid  | fsrh-loc | 2018-05-01 | 2023-04-30
            Dr Lapsed | fsrh-loc | 2015-05-01 | 2020-04-30
        """,
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
        """,
        register="""
            patient | entered    | indication                | device type | batch number | device expiry | consent
            Ann     | 2020-05-04 | menorrhagia               | Mirena      | T1           | 2023-01-31    | written
            Bea     | 2020-05-04 | contraception             | Mirena      | T1           | 2023-01-31    | written
            Cat     | 2020-05-04 |                           | Mirena      | T1           | 2023-01-31    | written
            Dee     | 2020-05-04 | endometrial-protection    | Mirena      | T1           | 2023-01-31    | verbal
            Eve     | 2020-05-04 | menorrhagia               | Mirena      | T1           | 2023-01-31    | verbal
            Fay     | 2020-05-04 | menorrhagia+contraception | Mirena      |              | 2023-01-31    | written
            Gay     | 2016-05-04 | menorrhagia               | Mirena      | T1           | 2018-01-31    | written
        """,
    )


def test_each_fitting_has_its_verdict() -> None:
    assert_claim(
        practice(terms="key | value | from\nprice.fitting | 1.00 | 2020-04-01"),
        """
            patient | item    | verdict  | reason                | price
            Ann     | fitting | payable  | accepted              | 1.00
            Bea     | fitting | refused  | contraception         |
            Cat     | fitting | check    | indication            |
            Dee     | fitting | refused  | accreditation-lapsed  |
            Eve     | fitting | check    | accreditation-unknown |
            Fay     | fitting | check    | record-incomplete     |
            Gay     | removal | unpriced | no-price              |
            Hue     | removal | check    | indication            |
        """,
        month="2020-05",
    )


def test_without_a_code_for_the_check_the_claim_says_so() -> None:
    assert [note for note in practice().claim("2020-05").notes if "codes.check" in note]


def test_recalls_by_indication() -> None:
    surgery = Surgery(
        SERVICE,
        terms="key | value | from\ncodes.check | 22778000 | 2020-04-01",
        activity="""
            patient | date       | code
            Ann     | 2020-05-04 | fitting
            Bea     | 2020-05-04 | fitting
            Bea     | 2020-06-20 | check
        """,
        register="""
            patient | entered    | fitted on  | indication
            Ann     | 2020-05-04 |            | menorrhagia
            Bea     | 2020-05-04 |            | endometrial-protection
            Cat     | 2020-05-04 | 2020-05-04 | menorrhagia+contraception
        """,
    )
    assert_recall(
        surgery,
        """
            patient | kind                                  | due        | late
            Ann     | check                                 | 2020-06-15 | 16
            Cat     | check                                 | 2020-06-15 | 16
            Bea     | replacement-endometrial-protection    | 2024-05-04 | 0
            Ann     | replacement-menorrhagia               | 2025-05-04 | 0
            Cat     | replacement-menorrhagia-contraception | 2025-05-04 | 0
        """,
        as_of="2020-07-01",
    )
