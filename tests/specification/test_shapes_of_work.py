"""Episodes, work of several parts, caps, needs and prices: invented services claimed on both sides of each boundary."""

from __future__ import annotations

import pytest

from lescli.errors import SpecificationError
from lescli.services import service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.store.ledger import write
from lescli.testing import Surgery, assert_claim, claim_rows
from lescli.testing.tables import add_term
from tests.specification.test_shapes import SHAPES, shape

OPENED, CLOSED = "opened", "closed"


def wounds(*rows: str) -> Surgery:
    return Surgery(shape("wound-episode"), activity="\n".join(["patient | date | code", *rows]))


def paid(surgery: Surgery, month: str, as_of: str | None = None) -> list[tuple[str, int]]:
    """The day and pence of each payable row."""
    rows = surgery.claim(month, as_of).rows
    return [(row.day.isoformat(), row.unit_price_pence) for row in rows if row.unit_price_pence is not None]


def told(surgery: Surgery, month: str, as_of: str | None = None) -> list[tuple[str, str, str]]:
    rows = surgery.claim(month, as_of).rows
    return [(row.day.isoformat(), row.verdict.value, row.reason) for row in rows]


class TestEpisodes:
    def test_an_episode_is_paid_once_on_the_day_it_opens(self) -> None:
        surgery = wounds("Ann | 2026-05-20 | opened", "Ann | 2026-06-10 | opened", "Ann | 2026-07-01 | closed")
        assert paid(surgery, "2026-07") == [("2026-05-20", 8000)]

    def test_it_is_not_paid_twice_over_the_end_of_a_month_or_a_year(self) -> None:
        surgery = wounds("Ann | 2027-03-20 | opened", "Ann | 2027-04-10 | opened")
        surgery.submit("2027-03", "2027-04-05")
        assert told(surgery, "2027-04") == [("2027-03-20", "claimed", "claimed")]

    @pytest.mark.parametrize(
        ("again", "days"), [("2026-05-29", ["2026-05-01"]), ("2026-05-30", ["2026-05-01", "2026-05-30"])]
    )
    def test_it_opens_again_on_the_day_after_the_gap(self, again: str, days: list[str]) -> None:
        surgery = wounds("Ann | 2026-05-01 | opened", f"Ann | {again} | opened")
        assert [day for day, _ in paid(surgery, "2026-05")] == days

    @pytest.mark.parametrize(
        ("again", "days"), [("2026-05-10", ["2026-05-01"]), ("2026-05-11", ["2026-05-01", "2026-05-11"])]
    )
    def test_a_closing_code_ends_it_and_the_day_after_another_can_open(self, again: str, days: list[str]) -> None:
        surgery = wounds("Ann | 2026-05-01 | opened", "Ann | 2026-05-10 | closed", f"Ann | {again} | opened")
        assert [day for day, _ in paid(surgery, "2026-05")] == days

    def test_a_closing_code_alone_opens_nothing(self) -> None:
        assert told(wounds("Ann | 2026-05-10 | closed"), "2026-05") == []

    def test_work_on_the_day_of_the_next_answer_belongs_to_the_next_episode(self) -> None:
        rows = ["asked | 05-01", "work | 05-01", "work | 05-09", "work | 05-10", "asked | 05-10", "work | 05-11"]
        head = "patient | code | date"
        surgery = Surgery(
            shape("answer-episode"),
            activity="\n".join([head, *(f"Ann | {row.replace('05-', '2026-05-')}" for row in rows)]),
        )
        assert paid(surgery, "2026-05") == [("2026-05-01", 2000), ("2026-05-10", 2000)]

    def test_a_closing_entry_is_never_what_is_paid(self) -> None:
        surgery = Surgery(
            shape("wound-episode"),
            activity="""
                patient | date       | code   | done at
                Ann     | 2026-05-03 | opened | Y12345
                Ann     | 2026-05-04 | closed |
            """,
        )
        assert paid(surgery, "2026-05") == []

    def test_the_first_entry_that_counts_opens_it(self) -> None:
        surgery = Surgery(
            shape("wound-episode"),
            activity="""
                patient | date       | code   | consultation type | done at
                Ann     | 2026-05-01 | opened | Telephone         |
                Ann     | 2026-05-03 | opened |                   | Y12345
                Ann     | 2026-05-04 | opened | Face to face      |
                Ben     | 2026-05-01 | opened | Telephone         |
            """,
        )
        assert_claim(
            surgery,
            """
            patient | date       | verdict | reason
            Ann     | 2026-05-04 | payable | accepted
            Ben     | 2026-05-01 | check   | consultation-type
            """,
            month="2026-05",
        )

    @pytest.mark.parametrize(("as_of", "verdict"), [("2026-11-01", "payable"), ("2026-11-02", "expired")])
    def test_its_window_runs_from_the_opening_entry_although_it_goes_on(self, as_of: str, verdict: str) -> None:
        rows = [f"Ann | 2026-{month:02d}-01 | opened" for month in range(5, 6)] + [
            f"Ann | {day} | opened"
            for day in (
                "2026-05-25",
                "2026-06-20",
                "2026-07-15",
                "2026-08-10",
                "2026-09-05",
                "2026-10-01",
                "2026-10-25",
            )
        ]
        found = wounds(*rows).claim("2026-11", as_of).rows
        assert [(row.day.isoformat(), row.verdict.value) for row in found] == [("2026-05-01", verdict)]

    def test_a_reversed_episode_is_paid_again_and_a_claimed_one_stays_on_its_day(self) -> None:
        surgery = wounds("Ann | 2026-05-10 | opened")
        surgery.submit("2026-05", "2026-06-01")
        surgery.add(activity="patient | date | code\nAnn | 2026-05-02 | opened")
        assert told(surgery, "2026-06") == [("2026-05-10", "claimed", "claimed")]
        with surgery.store.writing():
            write.reverse(
                surgery.store, "wound-episode-2026-05", 1, reason="test", on=surgery.records("2026-06-02").as_of
            )
        assert told(surgery, "2026-06") == [("2026-05-02", "payable", "accepted")]

    @pytest.mark.parametrize(
        ("also", "left"),
        [
            ("Ann | 2026-06-02 | opened |", [("2026-06-02", "claimed")]),
            ("Ann | 2026-06-03 | opened |", [("2026-06-03", "payable")]),
            ("Ann | 2026-05-04 | opened |", [("2026-05-04", "claimed")]),
            ("Ann | 2026-05-06 | closed |", []),
            ("Ann | 2026-05-06 | closed |\nAnn | 2026-05-07 | opened |", [("2026-05-07", "payable")]),
        ],
    )
    def test_the_rest_of_an_episode_is_not_paid_again_when_its_claimed_entry_is_gone(
        self, also: str, left: list[tuple[str, str]]
    ) -> None:
        head = "patient | date | code | id"
        surgery = Surgery(shape("wound-episode"), activity=f"{head}\nAnn | 2026-05-05 | opened | 1")
        surgery.submit("2026-05", "2026-06-01")
        surgery.add(activity=f"{head}\nAnn | 2026-05-05 | snomed:22298006 | 1\n{also}")
        assert [(day, verdict) for day, verdict, _ in told(surgery, "2026-06")] == left
        with surgery.store.writing():
            on = surgery.records("2026-07-01").as_of
            write.reverse(surgery.store, "wound-episode-2026-05", 1, reason="test", on=on)
        assert [(day, verdict) for day, verdict, _ in told(surgery, "2026-06")] == [(day, "payable") for day, _ in left]

    def test_two_claimed_episodes_that_are_one_now_stay_claimed_and_one_is_to_be_reversed(self) -> None:
        surgery = wounds("Ann | 2026-05-01 | opened", "Ann | 2026-06-20 | opened")
        surgery.submit("2026-06", "2026-07-01")
        surgery.add(activity="patient | date | code\nAnn | 2026-05-26 | opened")
        rows = surgery.claim("2026-06", "2026-07-01").rows
        assert [(row.day.isoformat(), row.verdict.value, [one.reason for one in row.also]) for row in rows] == [
            ("2026-05-01", "claimed", []),
            ("2026-06-20", "claimed", ["duplicate"]),
        ]

    def test_a_patient_who_left_or_died_before_it_opened_is_not_paid_for(self) -> None:
        surgery = Surgery(
            shape("wound-episode"),
            patients="""
                patient | registered | left       | died
                Left    | 2020-01-01 | 2026-05-01 |
                Died    | 2020-01-01 |            | 2026-05-01
            """,
            activity="""
                patient | date       | code
                Left    | 2026-05-01 | opened
                Left    | 2026-06-15 | opened
                Died    | 2026-05-01 | opened
                Died    | 2026-06-15 | opened
            """,
        )
        assert [day for day, _ in paid(surgery, "2026-06")] == ["2026-05-01", "2026-05-01"]

    def test_the_third_episode_of_a_year_is_over_the_cap_and_shown(self) -> None:
        surgery = wounds(*(f"Ann | 2026-{month:02d}-01 | opened" for month in (4, 6, 8)), "Ann | 2027-04-01 | opened")
        assert told(surgery, "2026-08") == [
            ("2026-04-01", "payable", "accepted"),
            ("2026-06-01", "payable", "accepted"),
            ("2026-08-01", "over_cap", "over-cap"),
        ]
        assert paid(surgery, "2027-04") == [("2027-04-01", 8000)]


def reviews(*rows: str, register: str = "Ann | 2026-04-01 | yes") -> Surgery:
    return Surgery(
        shape("dementia-review"),
        activity="\n".join(["patient | date | code", *rows]),
        register=f"patient | entered | on medication\n{register}",
    )


class TestWorkOfSeveralParts:
    def test_it_is_dated_the_entry_that_completes_it(self) -> None:
        surgery = reviews("Ann | 2026-05-01 | review", "Ann | 2026-06-02 | medication-review")
        rows = surgery.claim("2026-06").rows
        assert [(row.day.isoformat(), row.unit_price_pence, len(row.evidence)) for row in rows] == [
            ("2026-06-02", 12000, 2)
        ]
        assert paid(surgery, "2026-05", "2026-06-02") == []

    def test_a_part_is_asked_only_of_those_with_the_detail(self) -> None:
        surgery = reviews("Ann | 2026-05-01 | review", register="Ann | 2026-04-01 | no")
        assert paid(surgery, "2026-05") == [("2026-05-01", 12000)]

    def test_a_detail_that_is_not_recorded_waits_for_a_person(self) -> None:
        surgery = reviews("Ann | 2026-05-01 | review", register="Ann | 2026-04-01 |")
        assert told(surgery, "2026-05") == [("2026-05-01", "check", "detail-missing")]
        (row,) = surgery.claim("2026-05").rows
        assert "--add NHS --from DATE --set on_medication=VALUE`" in row.fix

    @pytest.mark.parametrize(
        ("as_of", "verdict", "reason"),
        [("2027-03-31", "check", "work-incomplete"), ("2027-04-01", "refused", "work-not-completed")],
    )
    def test_what_is_missing_is_named_until_it_can_no_longer_be_completed(
        self, as_of: str, verdict: str, reason: str
    ) -> None:
        surgery = reviews("Ann | 2027-02-01 | review")
        (row,) = surgery.claim("2027-03" if as_of < "2027-04" else "2027-04", as_of).rows
        assert (row.verdict.value, row.reason) == (verdict, reason)
        if verdict == "check":
            assert row.fix == "still missing: Medication review; it can be completed until 31 Mar 2027"

    def test_parts_of_two_years_do_not_make_one(self) -> None:
        surgery = reviews("Ann | 2027-03-31 | review", "Ann | 2027-04-01 | medication-review")
        assert paid(surgery, "2027-04") == []

    def test_it_is_paid_once_a_year_and_again_in_the_next(self) -> None:
        surgery = reviews(
            *("Ann | 2026-05-01 | review", "Ann | 2026-05-02 | medication-review"),
            *("Ann | 2026-09-01 | review", "Ann | 2026-09-02 | medication-review"),
            *("Ann | 2027-04-01 | review", "Ann | 2027-04-01 | medication-review"),
        )
        assert paid(surgery, "2026-09") == [("2026-05-02", 12000)]
        surgery.submit("2026-05", "2026-06-01")
        assert paid(surgery, "2026-09") == []
        assert paid(surgery, "2027-04") == [("2027-04-01", 12000)]

    def test_a_claimed_year_stays_on_its_day_when_an_earlier_entry_comes_to_light(self) -> None:
        surgery = reviews("Ann | 2026-05-01 | review", "Ann | 2026-06-02 | medication-review")
        surgery.submit("2026-06", "2026-07-01")
        surgery.add(activity="patient | date | code\nAnn | 2026-05-05 | medication-review")
        assert told(surgery, "2026-07") == [("2026-06-02", "claimed", "claimed")]

    @pytest.mark.parametrize(
        ("review", "medication", "found"),
        [
            ("face to face", "telephone", ("2026-05-20", "accepted")),
            ("face to face", "", ("2026-05-20", "accepted")),
            ("", "face to face", ("2026-05-20", "consultation-type")),
            ("telephone", "face to face", ("2026-05-20", "work-incomplete")),
        ],
    )
    def test_a_check_asks_only_the_parts_that_it_names(self, review: str, medication: str, found: object) -> None:
        surgery = Surgery(
            shape("dementia-review"),
            activity=f"""
                patient | date       | code              | consultation type
                Ann     | 2026-05-01 | review            | {review}
                Ann     | 2026-05-20 | medication-review | {medication}
                """,
            register="patient | entered | on medication\nAnn | 2026-04-01 | yes",
        )
        assert [(row.day.isoformat(), row.reason) for row in surgery.claim("2026-05").rows] == [found]

    @pytest.mark.parametrize(("second", "pence"), [("2026-05-31", [4500]), ("2026-06-01", [])])
    def test_the_last_day_of_the_span_still_completes_it(self, second: str, pence: list[int]) -> None:
        surgery = Surgery(
            shape("bundle-within"), activity=f"patient | date | code\nAnn | 2026-05-01 | first\nAnn | {second} | second"
        )
        assert [amount for _, amount in paid(surgery, "2026-06")] == pence

    def test_a_first_part_too_early_gives_way_to_a_later_one(self) -> None:
        surgery = Surgery(
            shape("bundle-within"),
            activity="""
                patient | date       | code
                Ann     | 2026-05-01 | first
                Ann     | 2026-05-20 | first
                Ann     | 2026-06-10 | second
                Ann     | 2026-07-10 | second
                Ann     | 2026-08-01 | first
            """,
        )
        assert [day for day, _ in paid(surgery, "2026-08")] == ["2026-06-10", "2026-08-01"]

    def test_a_part_done_elsewhere_does_not_count(self) -> None:
        surgery = Surgery(
            shape("bundle-within"),
            activity="""
                patient | date       | code   | done at
                Ann     | 2026-05-01 | first  |
                Ann     | 2026-05-10 | second | Y12345
            """,
        )
        assert [row.reason for row in surgery.claim("2026-05").rows] == ["done-elsewhere"]
        surgery.add(activity="patient | date | code\nAnn | 2026-05-31 | second")
        assert paid(surgery, "2026-05") == [("2026-05-31", 4500)]

    def test_one_part_is_enough_from_the_day_the_setting_says_so(self) -> None:
        surgery = Surgery(
            shape("bundle-within"),
            terms="key | value | from\nsetting.needs_both | no | 2026-05-10",
            activity="""
                patient | date       | code
                Ann     | 2026-05-09 | first
                Ben     | 2026-05-10 | first
                Ben     | 2026-06-09 | second
                Ben     | 2026-06-10 | second
                Cat     | 2026-05-09 | first
                Cat     | 2026-05-11 | first
                Dot     | 2026-05-09 | first
                Dot     | 2026-05-12 | second
            """,
        )
        names = surgery.names()
        rows = surgery.claim("2026-06").rows
        assert sorted((names[row.nhs_number], row.day.isoformat(), row.reason) for row in rows) == [
            ("Ann", "2026-05-09", "work-not-completed"),
            ("Ben", "2026-05-10", "accepted"),
            ("Ben", "2026-06-10", "accepted"),
            ("Cat", "2026-05-11", "accepted"),
            ("Dot", "2026-05-12", "accepted"),
        ]
        assert [len(row.evidence) for row in rows if names[row.nhs_number] == "Dot"] == [2]

    def test_only_the_work_that_was_claimed_in_a_quarter_is_claimed(self) -> None:
        text = (SHAPES / "bundle-within" / "service.toml").read_text(encoding="utf-8")
        text = text.replace("within_days = 30", 'within_days = 14\nevery = "quarter"')
        surgery = Surgery(
            service_of(DataOnlyPlugin(parse_specification(text.encode(), where="bundle")), origin="test"),
            activity="""
                patient | date       | code
                Ann     | 2026-04-02 | first
                Ann     | 2026-05-05 | first
                Ann     | 2026-05-06 | second
                Ann     | 2026-06-05 | first
                Ann     | 2026-06-06 | second
            """,
        )
        before = told(surgery, "2026-06")
        surgery.submit("2026-06", "2026-07-01")
        assert told(surgery, "2026-06") == [
            ("2026-04-02", "refused", "work-not-completed"),
            ("2026-05-06", "claimed", "claimed"),
            ("2026-06-06", "refused", "duplicate"),
        ]
        assert [row.also for row in surgery.claim("2026-06").rows if row.verdict.value == "claimed"] == [()]
        surgery.add(activity="patient | date | code\nAnn | 2026-04-03 | second")
        assert [verdict for _, verdict, _ in told(surgery, "2026-06")] == ["refused", "claimed", "refused"]
        with surgery.store.writing():
            on = surgery.records("2026-07-01").as_of
            write.reverse(surgery.store, "bundle-within-2026-06", 2, reason="test", on=on)
        assert [verdict for _, verdict, _ in told(surgery, "2026-06")] == ["payable", "refused", "refused"]
        assert before[1] == ("2026-05-06", "payable", "accepted")


OWN_OR_OTHER = {
    "wound-episode": ("gap_days = 28\n", "Ann | 2026-05-01 | opened"),
    "bundle-within": ("within_days = 30\n", "Ann | 2026-05-01 | first\nAnn | 2026-05-01 | second"),
}


@pytest.mark.parametrize("name", OWN_OR_OTHER)
@pytest.mark.parametrize(("place", "item"), [("", 0), ("A12345", 1)])
def test_work_has_one_row_where_one_item_is_for_our_patients_and_one_for_others(
    name: str, place: str, item: int
) -> None:
    text = (SHAPES / name / "service.toml").read_text(encoding="utf-8")
    key, work = OWN_OR_OTHER[name]
    start = text.index("[[item]]")
    block, begins, rest = text[start:].partition("[settings")
    other = block.replace('name = "', 'name = "other-', 1).replace(key, f'{key}population = "other"\n')
    text = text[:start] + block + other + begins + rest
    service = service_of(DataOnlyPlugin(parse_specification(text.encode(), where=name)), origin="test")
    surgery = Surgery(
        service,
        patients=f"patient | registered | registered at\nAnn | 2020-01-01 | {place}",
        activity=f"patient | date | code\n{work}",
    )
    names = [one.name for one in service.spec.items]
    assert [(row.item, row.verdict.value) for row in surgery.claim("2026-05").rows] == [(names[item], "payable")]
    surgery.submit("2026-05", "2026-06-01")
    # The registration is corrected: what was claimed stays where it was claimed.
    corrected = "A12345" if not place else "Y99999"
    surgery.add(patients=f"patient | registered | registered at\nAnn | 2020-01-01 | {corrected}")
    assert [(row.item, row.verdict.value) for row in surgery.claim("2026-06").rows] == [(names[item], "claimed")]


class TestCaps:
    def test_a_patient_has_two_a_quarter_and_the_third_is_shown(self) -> None:
        days = ("2026-04-01", "2026-05-01", "2026-06-30", "2026-07-01")
        surgery = Surgery(
            shape("capped"), activity="\n".join(["patient | date | code", *(f"Ann | {d} | work" for d in days)])
        )
        assert [(day, verdict) for day, verdict, _ in told(surgery, "2026-07")] == [
            ("2026-04-01", "payable"), ("2026-05-01", "payable"), ("2026-06-30", "over_cap"), ("2026-07-01", "payable"),
        ]  # fmt: skip

    def test_the_practice_has_three_a_month_over_all_patients(self) -> None:
        rows = [f"{who} | 2026-05-0{n} | more" for n, who in enumerate(("Ann", "Ben", "Cat", "Dan"), start=1)]
        surgery = Surgery(
            shape("capped"), activity="\n".join(["patient | date | code", *rows, "Ann | 2026-06-01 | more"])
        )
        assert [verdict for _, verdict, _ in told(surgery, "2026-06")] == ["payable"] * 3 + ["over_cap", "payable"]

    def test_what_is_claimed_uses_it_up_first(self) -> None:
        surgery = Surgery(
            shape("capped"), activity="patient | date | code\nAnn | 2026-05-10 | work\nAnn | 2026-05-11 | work"
        )
        surgery.submit("2026-05", "2026-06-01")
        surgery.add(activity="patient | date | code\nAnn | 2026-05-01 | work")
        assert [verdict for _, verdict, _ in told(surgery, "2026-06")] == ["over_cap", "claimed", "claimed"]


class TestPrices:
    def test_the_level_decides_and_without_one_it_waits(self) -> None:
        surgery = Surgery(
            shape("drug-level"),
            register="""
                patient | entered    | level
                Ann     | 2026-04-01 | low
                Ben     | 2026-04-01 | high
                Cat     | 2026-04-01 |
                Dan     | 2026-04-01 | new
            """,
        )
        assert_claim(
            surgery,
            """
            patient | verdict  | reason         | price
            Ann     | payable  | accepted       | 12.50
            Ben     | payable  | accepted       | 25.00
            Cat     | check    | detail-missing |
            Dan     | unpriced | no-price       |
            """,
            month="2026-27-Q1",
        )
        (cat,) = [row for row in surgery.claim("2026-27-Q1").rows if row.verdict == "check"]
        assert "`les register drug-level --add NHS --from DATE --set level=VALUE`" in cat.fix
        (dan,) = [row for row in surgery.claim("2026-27-Q1").rows if row.verdict == "unpriced"]
        assert "price.monitoring.new=AMOUNT" in dan.fix

    def test_the_practice_can_set_the_price_of_a_level(self) -> None:
        surgery = Surgery(
            shape("drug-level"),
            register="patient | entered | level\nDan | 2026-04-01 | new",
            terms="key | value | from\nprice.monitoring.new | 30.00 | 2026-04-01",
        )
        assert paid(surgery, "2026-27-Q1") == [("2026-04-01", 3000)]

    def test_the_level_of_the_last_active_day_decides_on_both_sides_of_a_change(self) -> None:
        for changed, pence in (("2026-06-30", 2500), ("2026-07-01", 1250)):
            surgery = Surgery(
                shape("drug-level"),
                register=f"""
                    patient | entered    | from       | level
                    Ann     | 2026-04-01 | 2026-04-01 | low
                    Ann     |            | {changed}  | high
                """,
            )
            assert [one for _, one in paid(surgery, "2026-27-Q1")][:1] == [pence]

    def test_the_code_list_of_the_entry_decides(self) -> None:
        surgery = Surgery(
            shape("drug-list"), activity="patient | date | code\nAnn | 2026-05-01 | simple\nAnn | 2026-05-02 | complex"
        )
        assert paid(surgery, "2026-05") == [("2026-05-01", 800), ("2026-05-02", 1600)]

    def test_the_first_three_of_a_contract_year_have_the_first_price(self) -> None:
        days = [f"2026-05-0{day}" for day in range(1, 6)]
        surgery = Surgery(
            shape("volume-price"),
            activity="\n".join(
                ["patient | date | code", *(f"P{d} | {d} | work" for d in days), "New | 2027-04-01 | work"]
            ),
        )
        assert [pence for _, pence in paid(surgery, "2026-05")] == [3000, 3000, 3000, 2000, 2000]
        assert paid(surgery, "2027-04") == [("2027-04-01", 3000)]

    def test_what_is_paid_counts_first_and_a_reversal_frees_its_place(self) -> None:
        rows = [f"P{day} | 2026-05-{day:02d} | work" for day in range(11, 15)]
        surgery = Surgery(shape("volume-price"), activity="\n".join(["patient | date | code", *rows]))
        assert surgery.submit("2026-05", "2026-06-01").total_pence == 3 * 3000 + 2000
        surgery.add(activity="patient | date | code\nLate | 2026-05-01 | work")
        assert paid(surgery, "2026-06") == [("2026-05-01", 2000)]
        with surgery.store.writing():
            write.reverse(
                surgery.store, "volume-price-2026-05", 2, reason="test", on=surgery.records("2026-06-02").as_of
            )
        # Late's scan takes the freed place of the first three, and the reversed one comes after it.
        assert paid(surgery, "2026-06") == [("2026-05-01", 3000), ("2026-05-12", 2000)]

    def test_what_was_claimed_at_a_price_that_is_corrected_since_keeps_its_place(self) -> None:
        text = (SHAPES / "volume-price" / "service.toml").read_text(encoding="utf-8").replace("above = 3", "above = 2")
        text += '\n[[item.price]]\namount = "10.00"\nfrom = "2026-04-01"\nclause = "5"\nabove = 4\n'
        rows = [f"P{day} | 2026-05-0{day} | work" for day in range(1, 5)]
        surgery = Surgery(
            service_of(DataOnlyPlugin(parse_specification(text.encode(), where="volume")), origin="test"),
            activity="\n".join(["patient | date | code", *rows]),
        )
        assert surgery.submit("2026-05", "2026-06-01").total_pence == 2 * 3000 + 2 * 2000
        with surgery.store.writing():
            add_term(
                surgery.store,
                surgery.shipped.spec,
                {"key": "price.scan.above-2", "value": "21.00", "from": "2026-04-01"},
            )
        surgery.add(activity="patient | date | code\nNew | 2026-06-01 | work")
        assert paid(surgery, "2026-06") == [("2026-06-01", 1000)]

    def test_no_length_is_asked_where_no_price_has_one(self) -> None:
        surgery = Surgery(shape("length-part"), activity="patient | date | code\nAnn | 2026-05-01 | third")
        assert paid(surgery, "2026-05") == [("2026-05-01", 2307)]

    @pytest.mark.parametrize(
        ("minutes", "pence"), [("1", 3463), ("30", 3463), ("31", 5194), ("45", 5194), ("45.5", 6925), ("300", 6925)]
    )
    def test_the_length_decides_which_part_is_paid(self, minutes: str, pence: int) -> None:
        surgery = Surgery(
            shape("length-part"), activity=f"patient | date | code | value\nAnn | 2026-05-01 | work | {minutes}"
        )
        assert paid(surgery, "2026-05") == [("2026-05-01", pence)]

    @pytest.mark.parametrize("minutes", ["", "long", "0", "-5", "nan"])
    def test_without_a_length_it_waits(self, minutes: str) -> None:
        surgery = Surgery(
            shape("length-part"), activity=f"patient | date | code | value\nAnn | 2026-05-01 | work | {minutes}"
        )
        assert told(surgery, "2026-05") == [("2026-05-01", "check", "length-missing")]

    def test_a_third_of_6920_three_times_is_6920(self) -> None:
        surgery = Surgery(shape("length-part"))
        for number, month in enumerate(("2026-05", "2026-06", "2026-07"), start=1):
            surgery.add(activity=f"patient | date | code | value\nP{number} | {month}-10 | third | 20")
            surgery.submit(month, f"{month}-28")
        amounts = [
            row[0]
            for row in surgery.store.rows("SELECT amount_pence FROM claim_row WHERE verdict = 'payable' ORDER BY id")
        ]
        assert (amounts, sum(amounts)) == ([2307, 2306, 2307], 6920)
        together = Surgery(
            shape("length-part"),
            activity="\n".join(
                ["patient | date | code | value", *(f"Ann | 2026-05-0{n} | third | 20" for n in (1, 2, 3))]
            ),
        )
        assert sum(pence for _, pence in paid(together, "2026-05")) == 6920


class TestNeeds:
    @pytest.mark.parametrize(
        ("held", "verdict", "reason"),
        [
            ({"tier-one": "2026-04-01", "tier-two": "2026-05-10"}, "payable", "accepted"),
            ({"tier-one": "2026-04-01", "tier-two": "2026-05-11"}, "check", "needs-service"),
            ({"tier-one": "2026-04-01"}, "check", "needs-service"),
            ({}, "check", "needs-service"),
        ],
    )  # fmt: skip
    def test_it_is_paid_only_while_the_other_contracts_are_held(
        self, held: dict[str, str], verdict: str, reason: str
    ) -> None:
        surgery = Surgery(shape("needs-another"), activity="patient | date | code\nAnn | 2026-05-10 | work")
        for name, start in held.items():
            with surgery.store.writing():
                surgery.store.connection.execute(
                    "INSERT INTO signature (service, start_on, end_on, source) VALUES (?, ?, NULL, 'test')",
                    (name, start),
                )
        (row,) = surgery.claim("2026-05").rows
        assert (row.verdict.value, row.reason) == (verdict, reason)
        if not held:
            assert "les services sign tier-one" in row.fix


def test_rows_of_a_shape_name_what_they_pay() -> None:
    surgery = wounds("Ann | 2026-05-20 | opened")
    assert [row["item"] for row in claim_rows(surgery, surgery.claim("2026-05"))] == ["episode"]


BARE = """
[[item.price]]
percent = 50
up_to_minutes = 30
from = "2026-04-01"
clause = "5"
[[item.price]]
percent = 100
from = "2026-04-01"
clause = "5"
"""


def test_the_practice_sets_the_sum_of_which_a_part_is_paid() -> None:
    text = (SHAPES / "length-part" / "service.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("[[item.price]]")
    bare = head + BARE + "\n[[item]]" + rest.partition("[[item]]")[2]
    service = service_of(DataOnlyPlugin(parse_specification(bare.encode(), where="length-part")), origin="test")
    rows = "patient | date | code | value\nAnn | 2026-05-01 | work | 30\nBen | 2026-05-01 | work | 31"
    assert [row.reason for row in Surgery(service, activity=rows).claim("2026-05").rows] == ["no-price", "no-price"]
    terms = "key | value | from\nprice.visit | 60.00 | 2026-04-01"
    assert [pence for _, pence in paid(Surgery(service, activity=rows, terms=terms), "2026-05")] == [3000, 6000]


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        (
            "drug-level",
            'level = "low"',
            'level = "lo"',
            "item[1].price[1].level: there is no `lo`; write one of low, high, new",
        ),
        (
            "drug-level",
            'level = "low"',
            "",
            'item[1].price[1]: the key level is missing; write which detail it is for, as in level = "low"',
        ),
        (
            "drug-level",
            '[item.price_by]\ndetail = "level"',
            "",
            "item[1].price[1].level: it needs `price_by` detail in its item; ",
        ),
        (
            "volume-price",
            "above = 3",
            'above = 3\nlevel = "x"',
            "item[1].price[2].level: it needs `price_by` detail in its item",
        ),
        (
            "wound-episode",
            'closed_by = ["closed"]\ngap_days = 28',
            "",
            "item[1]: one of the keys closed_by, closed_before and gap_days is missing",
        ),
        ("capped", "per_month = 3", "", "item[2].cap: one of the keys per_contract_year"),
        (
            "capped",
            "per_month = 3",
            "per_month = 3\nper_quarter = 5",
            "item[2].cap: per_quarter and per_month cannot be used together",
        ),
        ("bundle-within", "within_days = 30", "", "item[1]: one of the keys within_days and every is missing"),
        (
            "dementia-review",
            'when = { on_medication = "yes" }',
            'when = { on_medicine = "yes" }',
            "item[1].element[1].when: there is no register detail `on_medicine`",
        ),
        (
            "dementia-review",
            'codelist = "medication-review"',
            'codelist = "med"',
            "item[1].element[1].codelist: there is no code list `med`",
        ),
    ],
)
def test_what_would_pay_wrongly_is_a_fault(name: str, old: str, new: str, fault: str) -> None:
    text = (SHAPES / name / "service.toml").read_text(encoding="utf-8")
    assert text.count(old) == 1
    with pytest.raises(SpecificationError) as shown:
        parse_specification(text.replace(old, new).encode(), where="service.toml")
    assert any(told.startswith(fault) for told in shown.value.problems), shown.value.problems
