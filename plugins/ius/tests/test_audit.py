"""The annual audit: devices, reasons for removal, complications over the register (4.3 Activity and Audits)."""

from __future__ import annotations

import lescli_ius
from lescli.services import service_of
from lescli.testing import Surgery, assert_rows, read_table, table_rows

SERVICE = service_of(lescli_ius, origin="package")
YEAR = "2020-21"


def test_devices_in_place_by_indication_and_type() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | code
            Ann     | 2020-05-04 | fitting
            Bea     | 2020-05-04 | fitting
            Gay     | 2020-05-04 | fitting
            Gay     | 2020-08-04 | removal
            Hue     | 2020-05-04 | fitting
        """,
        register="""
            patient | entered    | ended      | end reason | indication             | device type | removed on
            Ann     | 2020-05-04 |            |            | menorrhagia            | Mirena      |
            Bea     | 2020-05-04 |            |            | menorrhagia            | MIRENA      |
            Cat     | 2018-05-04 |            |            | endometrial-protection | Levosert    |
            Dee     | 2018-05-04 |            |            | contraception          | Mirena      |
            Eve     | 2018-05-04 | 2021-03-30 | moved      | menorrhagia            | Mirena      |
            Fay     | 2018-05-04 |            |            | menorrhagia            | Mirena      | 2020-06-01
            Gay     | 2020-05-04 |            |            | menorrhagia            | Mirena      |
        """,
    )
    expected = """
        indication             | device_type  | count
        menorrhagia            | MIRENA       | 2
        endometrial-protection | Levosert     | 1
        not recorded           | not recorded | 1
        """
    assert_rows(expected, table_rows(surgery.report(YEAR), "devices"))


def test_reasons_for_removal_of_the_devices_removed_in_the_period() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | code    | done at
            Ann     | 2018-05-04 | fitting |
            Ann     | 2020-05-04 | removal |
            Bea     | 2018-05-04 | fitting |
            Bea     | 2020-05-04 | removal |
            Cat     | 2018-05-04 | fitting |
            Cat     | 2020-04-01 | removal | Z00001
            Dee     | 2018-05-04 | fitting |
            Dee     | 2020-03-31 | removal |
            Eve     | 2018-05-04 | fitting |
            Hue     | 2018-05-04 | fitting |
            Hue     | 2020-05-04 | removal |
        """,
        register="""
            patient | entered    | from       | indication    | removed on | removal reason
            Ann     | 2018-05-04 | 2020-05-04 | menorrhagia   |            | Irregular bleeding
            Bea     | 2018-05-04 | 2020-05-04 | menorrhagia   | 2020-05-05 | irregular  bleeding.
            Dee     | 2018-05-04 | 2020-03-31 | menorrhagia   | 2020-04-02 | expulsion
            Eve     | 2018-05-04 | 2018-05-04 | menorrhagia   | 2021-03-31 | expulsion
            Hue     | 2018-05-04 | 2020-05-04 | contraception |            | wish for pregnancy
        """,
    )
    # Bea's two records a day apart are one removal; Dee's was in March; Eve's was typed without a date of its own.
    expected = """
        reason             | count
        Irregular bleeding | 2
        expulsion          | 1
        not recorded       | 1
        """
    assert_rows(expected, table_rows(surgery.report(YEAR, "2021-04-30"), "removals"))


def test_in_an_exchange_the_reason_is_that_of_the_old_device() -> None:
    surgery = Surgery(
        SERVICE,
        activity="""
            patient | date       | code
            Ann     | 2015-05-04 | fitting
            Ann     | 2020-05-04 | removal
            Ann     | 2020-05-04 | fitting
            Ann     | 2020-09-01 | removal
        """,
        register="patient | entered | from | indication\n Ann | 2015-05-04 | 2015-05-04 | menorrhagia",
    )
    surgery.add_register(
        read_table("""
            patient | from       | removal reason
            Ann     | 2020-05-04 | due for replacement
        """)
    )
    expected = "reason | count\n due for replacement | 1\n not recorded | 1"
    assert_rows(expected, table_rows(surgery.report(YEAR), "removals"))
    surgery.add_register(
        read_table("patient | from | removed on | removal reason\n Ann | 2020-09-02 | 2020-09-01 | pain")
    )
    expected = "reason | count\n due for replacement | 1\n pain | 1"
    assert_rows(expected, table_rows(surgery.report(YEAR), "removals"))


def test_complications_and_problems_recorded_in_the_period() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | complications | insertion problems | indication
            Ann     | 2020-03-01 | 2020-03-31 | infection     |                    | menorrhagia
            Bea     | 2020-03-01 | 2020-04-01 | Infection     | cervical stenosis  | menorrhagia
            Cat     | 2020-03-01 | 2021-03-31 | infection     |                    |
            Dee     | 2020-03-01 | 2021-04-01 | perforation   |                    | menorrhagia
            Eve     | 2020-03-01 | 2020-05-01 | perforation   |                    | contraception
        """,
    )
    expected = """
        kind               | what              | count
        complications      | Infection         | 2
        insertion_problems | cervical stenosis | 1
        """
    assert_rows(expected, table_rows(surgery.report(YEAR), "complications"))


def test_nothing_to_audit() -> None:
    report = Surgery(SERVICE).report(YEAR)
    assert [table_rows(report, name) for name in ("devices", "removals", "complications")] == [[], [], []]


def test_asked_in_the_middle_of_the_year_later_records_are_not_there_yet() -> None:
    surgery = Surgery(
        SERVICE,
        register="""
            patient | entered    | from       | complications | indication
            Ann     | 2020-03-01 | 2020-05-31 | infection     | menorrhagia
            Bea     | 2020-03-01 | 2020-06-01 | perforation   | menorrhagia
        """,
    )
    rows = table_rows(surgery.report(YEAR, "2020-05-31"), "complications")
    assert_rows("what | count\n infection | 1", rows)
