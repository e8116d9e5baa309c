"""Each kind of check, item, recall, measure and register takes its own keys, and a name in it points at something."""

from __future__ import annotations

import pytest

from lescli.rules.checks import STANDARD_CHECKS
from lescli.rules.claim import KINDS as ITEM_KINDS
from lescli.rules.claim_row import standard_reasons
from lescli.rules.measures import KINDS as MEASURE_KINDS
from lescli.rules.recall import KINDS as RECALL_KINDS
from lescli.specification import kinds, parse_specification
from tests.specification.broken import RIGHT, broken, faults_of_text

AGE = 'rule = "age"\nfrom = "16"\nreason = "age"\n'
COUNTED = 'kind = "items"\nof = "dressing"\n'
INTERVAL = 'interval = 6\nunit = "months"\n'
PRICE = '[[item.price]]\namount = "10.00"\nfrom = "2026-04-01"\nclause = "5"\n'
PERIOD = 'end = "2027-03-31"\nclause = "1"\n'


@pytest.mark.parametrize(
    ("what", "counted"),
    [
        ("check", set(STANDARD_CHECKS)),
        ("item", set(ITEM_KINDS)),
        ("recall", set(RECALL_KINDS)),
        ("measure", {*MEASURE_KINDS, "own"}),
    ],
)
def test_the_schema_and_the_rules_know_the_same_kinds(what: str, counted: set[str]) -> None:
    assert set(kinds.kinds_of(what)) == counted


def test_the_specification_knows_every_standard_reason() -> None:
    assert set(kinds.standard_reasons()) == set(standard_reasons())


def test_the_file_that_is_broken_below_is_right() -> None:
    assert parse_specification(RIGHT.encode(), where="service.toml").name == "wounds"


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            'reason = "age"',
            'reason = "aeg"',
            ["item[1].check[1].reason: there is no reason `aeg`; did you mean `age`?"],
        ),
        (
            'reason = "age"',
            'reason = "under-sixteen"',
            ["item[1].check[1].reason: there is no reason `under-sixteen`; add [reasons.under-sixteen]"],
        ),
        (
            'from = "16"',
            'minimum = "16"',
            [
                "item[1].check[1]: one of the keys from and below is missing; add it",
                "item[1].check[1]: unknown key `minimum`; this check takes from, below, reason; leave `minimum` out",
            ],
        ),
        (
            'from = "16"',
            'from = "five"',
            ['item[1].check[1].from: "five" is not an age in whole years, in figures, as in "16"'],
        ),
        (
            'from = "16"',
            'from = "16"\nbelow = "16"',
            ["item[1].check[1]: nobody is 16 or older and under 16; correct one of the two"],
        ),
        (
            AGE,
            'rule = "accreditation"\n',
            ['item[1].check[1]: the key `kind` is missing; add it, as in kind = "letter"'],
        ),
        (
            AGE,
            'rule = "consultation-type"\nsetting = "seen_so"\nof = "review"\n',
            ["item[1].check[1].of: the item has no code list `review`; write one of dressing"],
        ),
        (
            AGE,
            f"{AGE}unless_setting = 'seen_so'\n",
            ["item[1].check[1].unless_setting: the setting `seen_so` is not yes or no"],
        ),
        (
            'details = "level, indication"',
            'details = "level indication"',
            [
                "item[1].check[2].details: there is no register detail `level indication`; "
                "write a comma between two names"
            ],
        ),
        (
            'only_if = { level = "3|4" }',
            'only_if = { level = "3|6" }',
            ["recall[1].only_if.level: `level` is never `6`; write one of 3, 4, 5"],
        ),
        (
            INTERVAL,
            "",
            ["recall[1]: one of the keys interval and interval_setting is missing; add it"],
        ),
        (
            'unit = "months"\n',
            "",
            ["recall[1]: `interval` needs `unit` beside it; add it"],
        ),
        (
            PRICE,
            f"{PRICE}\n{PRICE.replace('10', '12')}",
            ["item[1].price[2].from: price[1] begins on 2026-04-01 too; leave one out, or change its day"],
        ),
        (
            PERIOD,
            f'{PERIOD}\n[[period]]\nstart = "2027-03-31"\nclause = "1"\n',
            ["period[2]: it overlaps period[1]; end one of them on the day before the other starts"],
        ),
        (
            'rule = "coded"',
            'rule = "read-coded"',
            ['register.rule: "read-coded" is not allowed here; write "coded"'],
        ),
        (
            'from = "2026-04-01"',
            'from = "2027-04-01"',
            [
                "item[1].price[1].from: the price begins on 2027-04-01, after the last period ends on 2027-03-31; "
                "correct the day, or add the [[period]] it belongs to"
            ],
        ),
        (
            "active_setting = ",
            "actve_setting = ",
            ["item[2].options: unknown key `actve_setting`; did you mean `active_setting`?"],
        ),
        (
            COUNTED,
            'kind = "on-time"\nof = "dressing"\n',
            ["measure[1].of: there is no recall `dressing`; add a [[recall]] of that name"],
        ),
        (
            COUNTED,
            'kind = "incidents"\nof = "fall, burn"\n',
            ["measure[1].of: there is no kind of incident `burn`; add an [[incident]] of that kind"],
        ),
    ],
)
def test_what_would_pay_or_count_wrongly_is_a_fault(old: str, new: str, told: list[str]) -> None:
    assert faults_of_text(broken(old, new)) == told


@pytest.mark.parametrize(
    ("old", "new", "begins", "ends"),
    [
        (
            INTERVAL,
            f'{INTERVAL}done_codelist = "dressing"\n',
            "recall[1]: `done_codelist` is for a recall of kind after, on",
            ", not every; leave it out",
        ),
        (
            COUNTED,
            'kind = "register-size"\nof = "dressing"\n',
            "measure[1]: `of` is for a measure of kind items, on-time, overdue",
            ", not register-size; leave it out",
        ),
    ],
)
def test_a_key_that_a_kind_ignores_names_the_kinds_that_have_it(old: str, new: str, begins: str, ends: str) -> None:
    (told,) = faults_of_text(broken(old, new))
    assert told.startswith(begins)
    assert told.endswith(ends)


@pytest.mark.parametrize("kind", ["per-visit", "per-patient-year"])
def test_a_kind_of_item_that_nothing_counts_is_a_fault(kind: str) -> None:
    assert kind not in ITEM_KINDS
    (told,) = faults_of_text(broken('kind = "per-patient-month"', f'kind = "{kind}"'))
    assert told.startswith(f'item[2].kind: "{kind}" is not allowed here; ')
    assert '"per-activity", "per-episode"' in told


@pytest.mark.parametrize("given", ['"16"', "16"])
def test_an_age_is_a_number_with_or_without_quotes(given: str) -> None:
    spec = parse_specification(broken('from = "16"', f"from = {given}").encode(), where="service.toml")
    assert dict(spec.item("dressing").checks[0].options) == {"from": "16", "reason": "age"}


@pytest.mark.parametrize("given", ['"level, indication"', '["level", "indication"]'])
def test_details_are_a_list_or_a_text_with_commas(given: str) -> None:
    text = broken('details = "level, indication"', f"details = {given}")
    spec = parse_specification(text.encode(), where="service.toml")
    assert spec.item("dressing").checks[1].options["details"] == "level, indication"


def test_a_name_is_told_beside_the_faults_of_shape() -> None:
    text = broken('reason = "age"', 'reason = "aeg"', text=broken("window_months", "window_month"))
    assert faults_of_text(text) == [
        "claim: unknown key `window_month`; did you mean `window_months`?",
        "item[1].check[1].reason: there is no reason `aeg`; did you mean `age`?",
    ]
