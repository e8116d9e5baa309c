"""`les services set` reaches every term of a service, and `les services show` prints each with its day and source."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

import lescli.services as loaded
from lescli.specification import LocalTerm, with_local_terms
from tests.specification.next_year import PAGE, TERMS, as_text

SHAPES = Path(__file__).parents[1] / "specification" / "shapes"


@pytest.fixture
def setting(les_here, store) -> Callable[..., object]:
    """Types one term, by default from April 2027."""

    def typed(term: str, service: str = "denosumab", **named: str) -> object:
        start = named.get("start", "2027-04-01")
        return les_here("services", "set", service, term, "--from", start, "--source", "a letter", store=store)

    return typed


def shown(les_here, store, service="denosumab"):
    return les_here("services", "show", service, "--json", store=store).json


@pytest.mark.parametrize(
    ("term", "key", "value"),
    [
        ("window_months=2", "window_months", "2"),
        ("window_months=none", "window_months", "none"),
        ("deadline.day=12", "deadline.day", "12"),
        ("deadline.weeks=3", "deadline.weeks", "3"),
        ("interval.injection=5", "interval.injection", "5"),
        ("cap.injection=2", "cap.injection", "2"),
        ("check.injection.age.from=18", "check.injection.age.from", "18"),
        ("check.injection.consultation-type=off", "check.injection.consultation-type", "off"),
        ("check.injection.age={ from = 18, below = 90 }", "check.injection.age", "from 18, below 90"),
        ("payment.every=quarter", "payment.every", "quarter"),
    ],
)
def test_a_term_is_recorded_and_shown_with_its_day_and_source(les_here, store, setting, term, key, value):
    assert setting(term).code == 0
    answer = shown(les_here, store)
    (line,) = [one for one in answer["terms"] if one["term"] == key]
    assert line == {"term": key, "value": value, "from": "2027-04-01", "clause": "a letter", "decided": "local"}
    assert [one["key"] for one in answer["local_terms"]] == [key]
    assert "already" in setting(term).err


def test_codes_are_added_and_removed(les_here, store, setting):
    assert setting("codes.injection+=22778000", start="2026-06-01").code == 0
    assert setting("codes.injection-=700139004", start="2027-04-01").code == 0
    assert setting("codes.injection+=700139004", start="2027-05-01").code == 0
    codes = [(one["from"], one["value"]) for one in shown(les_here, store)["terms"] if one["term"] == "codes.injection"]
    assert codes == [
        (None, "snomed:700139004"),
        ("2026-06-01", "snomed:700139004, snomed:22778000"),
        ("2027-04-01", "snomed:22778000"),
        ("2027-05-01", "snomed:22778000, snomed:700139004"),
    ]
    answer = shown(les_here, store)
    assert [(one["adds"], one["removes"]) for one in answer["local_terms"]] == [
        (True, False),
        (False, True),
        (True, False),
    ]
    assert "-=700139004" in les_here("services", "show", "denosumab", store=store).out
    assert les_here("verify", store=store).code == 0


def test_a_code_is_added_again_after_it_was_removed(les_here, store, setting):
    for term in ("codes.injection+=22778000", "codes.injection-=22778000", "codes.injection+=22778000"):
        assert "recorded 1 term" in setting(term).err
    assert "already" in setting("codes.injection+=22778000").err
    last = [one["value"] for one in shown(les_here, store)["terms"] if one["term"] == "codes.injection"][-1]
    assert last == "snomed:700139004, snomed:22778000"


@pytest.mark.parametrize(
    ("term", "told"),
    [
        ("windw_months=2", "denosumab has no term `windw_months`; did you mean `window_months`? it has price."),
        ("cap.injections=2", "denosumab has no term `cap.injections`; did you mean `cap.injection`? it has"),
        ("price.injections=2.00", "did you mean `price.injection`? it has"),
        ("window_months=two", "window_months: it is not a whole number; write a whole number, as in 2"),
        ("window_months=0", "window_months: the number is too small; write 1 or more"),
        ("deadline.day=31", "deadline.day: the number is too large; write 28 or less"),
        ("check.injection.age=young", "check.injection.age: it is switched on or off"),
        ("check.injection.age.form=18", "check.injection.age.form: "),
        ("cap.injection=none", "cap.injection: there is nothing to take away on that day; leave it out"),
        ("codes.injection-=22778000", "codes.injection: not all of it is in the list on 01 Apr 2027; name only"),
        ("window_months+=2", "`+=` and `-=` change a list of codes or a list setting, not window_months; use ="),
        ("price.injection-=2.00", "`+=` and `-=` change a list of codes or a list setting, not price.injection"),
    ],
)  # fmt: skip
def test_a_term_that_cannot_be_set_is_one_line_and_records_nothing(les_here, store, setting, term, told):
    done = setting(term)
    assert done.code == 1
    assert len(done.err.splitlines()) == 1
    assert told in done.err
    assert shown(les_here, store)["local_terms"] == []


def test_the_practices_own_term_counts_beside_one_of_the_file_from_the_same_day(les_here, store, setting, tmp_path):
    folder = tmp_path / "wound"
    folder.mkdir()
    text = as_text().replace('name = "denosumab"', 'name = "wound"', 1)
    (folder / "service.toml").write_text(text, encoding="utf-8")
    assert les_here("services", "add", folder, store=store).code == 0
    assert setting("cap.injection=9", "wound").code == 0
    held = [
        (one["value"], one["decided"])
        for one in shown(les_here, store, "wound")["terms"]
        if one["term"] == "cap.injection"
    ]
    assert held == [("2", "specification"), ("9", "local")]


@pytest.mark.parametrize(
    "text",
    [
        'from = "2027-04-01"\nsource = "letter"\nwindow_months = 2\n[check.injection.age]\nfrom = 18\n',
        '[[term]]\nkey = "window_months"\nvalue = 2\nfrom = "2027-04-01"\nsource = "letter"\n',
        TERMS,
    ],
    ids=["keys", "term", "terms"],
)  # fmt: skip
def test_terms_are_loaded_from_a_file(les_here, store, tmp_path, text):
    file = tmp_path / "terms.toml"
    file.write_text(text, encoding="utf-8")
    done = les_here("services", "set", "denosumab", "--load", file, store=store)
    assert (done.code, "recorded" in done.err) == (0, True)
    shown_terms = {one["term"]: one for one in shown(les_here, store)["terms"] if one["decided"] == "local"}
    assert shown_terms["window_months"]["value"] == "2"
    assert shown_terms["window_months"]["from"] == "2027-04-01"
    if text == TERMS:
        assert len(shown(les_here, store)["local_terms"]) == 7


def commands_of_the_page() -> list[str]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.startswith("les services set ") and "--load" not in line]


def test_the_commands_of_the_how_to_work_as_printed(les_here, store):
    typed = commands_of_the_page()
    assert len(typed) > 5
    for command in typed:
        done = les_here(*shlex.split(command)[1:], store=store)
        assert done.code == 0, (command, done.err)


def test_an_uplift_shows_each_old_and_new_price(les_here, store, setting):
    done = setting("price.*=+2.15%", start="2026-10-01")
    assert done.code == 0
    assert done.err.splitlines() == [
        "les: price.injection: £20.00 becomes £20.43 from 01 Oct 2026",
        "les: denosumab: recorded 1 term",
    ]
    (term,) = shown(les_here, store)["local_terms"]
    assert (term["value"], term["source"]) == ("20.43", "a letter; +2.15% on £20.00")


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ("drug-level", ["monitoring.low: £12.50 becomes £12.77", "monitoring.high: £25.00 becomes £25.54"]),
        ("length-part", ["visit: £69.25 becomes £70.74", "third: £69.20 becomes £70.69"]),
    ],
)
def test_an_uplift_reaches_each_price_of_an_item_with_several(les_here, store, setting, shape, told):
    assert les_here("services", "add", SHAPES / shape, store=store).code == 0
    done = setting("price.*=+2.15%", shape)
    assert (done.code, done.err.splitlines()[:-1]) == (0, [f"les: price.{one} from 01 Apr 2027" for one in told])


def test_a_second_uplift_from_the_same_day_corrects_the_first(les_here, store, setting):
    assert setting("price.*=+2.15%").code == 0
    assert "already" in setting("price.*=+2.15%").err
    assert "£20.00 becomes £20.50" in setting("price.*=+2.5%").err
    assert "£20.50 becomes £20.91" in setting("price.*=+2%", start="2028-04-01").err
    prices = [one["value"] for one in shown(les_here, store)["terms"] if one["term"] == "price.injection"]
    assert prices == ["£20.00", "£20.43", "£20.50", "£20.91"]


@pytest.mark.parametrize(
    ("term", "start", "told"),
    [
        ("price.*=+2.15%", "2026-03-31", "denosumab has no price on 31 Mar 2026 to change"),
        ("price.*=2.15%", "2027-04-01", "write the change of the whole tariff in percent; as in `price.*=+2.15%`"),
        ("price.*=+0%", "2027-04-01", "price.*: write the change"),
        ("price.*=-100%", "2027-04-01", "price.*: no price would be left"),
    ],
)  # fmt: skip
def test_an_uplift_of_nothing_is_refused(setting, term, start, told):
    done = setting(term, start=start)
    assert (done.code, told in done.err) == (1, True)


def services_with_prices() -> list[tuple[str, str]]:
    found = []
    for service in loaded.load_catalog().services:
        days = [price.start for item in service.spec.items for price in item.prices]
        found += [(service.name, max(days).isoformat())] if days else []
    return found


@pytest.mark.parametrize(("service", "start"), services_with_prices())
def test_every_shipped_price_is_lifted_to_the_penny(les_here, store, setting, service, start):
    spec = loaded.load_catalog().service(service).spec
    assert setting("price.*=+2.15%", service, start=start).code == 0
    recorded = {one["key"]: Decimal(one["value"]) for one in shown(les_here, store, service)["local_terms"]}
    expected = {}
    for item in spec.items:
        assert not item.price_by
        held = [
            price.value.pence
            for price in sorted(item.prices, key=lambda one: one.start)
            if price.start.isoformat() <= start
        ]
        if held and held[-1] is not None:
            exact = Decimal(held[-1]) / 100 * Decimal("1.0215")
            expected[f"price.{item.name}"] = exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert recorded == expected


def test_a_file_writes_a_check_anew_as_the_terminal_does(les_here, store, setting, tmp_path):
    assert setting("check.injection.age={ from = 18, below = 65 }").code == 0
    path = tmp_path / "terms.toml"
    path.write_text('from = "2027-06-01"\nsource = "a letter"\n[check.injection]\nage = { from = 16 }\n', "utf-8")
    assert les_here("services", "set", "denosumab", "--load", path, store=store).code == 0
    (line,) = [one for one in shown(les_here, store)["terms"] if one["from"] == "2027-06-01"]
    assert (line["term"], line["value"]) == ("check.injection.age", "from 16")


@pytest.mark.parametrize(
    ("term", "edge"),
    [
        ("period.end=2017-03-31", "begins on 01 Apr 2026"),
        ("period.end=2026-03-31", "begins on 01 Apr 2026"),
        ("period.start=2027-04-01", "ends on 31 Mar 2027"),
    ],
)
def test_a_period_that_leaves_no_day_is_refused(les_here, store, setting, term, edge):
    done = setting(term)
    assert done.code == 1
    assert f"no day of the service would be left, which {edge}" in done.err
    assert not shown(les_here, store)["local_terms"]
    assert setting("period.end=2026-04-01").code == 0
    assert setting("period.end=2027-03-31").code == 0


def test_an_option_can_have_a_decimal_point(les_here, store, setting):
    assert setting("check.injection.value.above=4.5").code == 0
    assert [one["value"] for one in shown(les_here, store)["local_terms"]] == ["4.5"]


def test_an_interval_that_does_not_fit_another_names_it(setting):
    assert setting("overdue_interval.injection=8").code == 0
    done = setting("interval.injection=9")
    assert done.code == 1
    assert "interval.injection: it does not fit overdue_interval.injection: it is shorter" in done.err


def test_a_term_after_the_last_day_is_recorded_and_said(setting):
    done = setting("price.injection=21.00")
    assert done.code == 0
    assert "denosumab ends on 31 Mar 2027, so nothing changes on 01 Apr 2027 yet" in done.err
    assert "`les services set denosumab period.end=DATE --from 2027-04-01 --source TEXT`" in done.err
    assert "yet" not in setting("period.end=2028-03-31").err
    assert "yet" not in setting("price.injection=21.50").err


SHARED = 'from = "2026-06-01"\nsource = "a letter"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SHARED, "terms.toml sets no term; write one"),
        (
            '[terms]\nfrom = "2026-06-01"\nclause = "a letter"\nset = { window_months = 2 }\n',
            "begin each with [[terms]]",
        ),
        (SHARED + "term = [3]\n", "begin each with [[term]]"),
        ('[[terms]]\nfrom = "2026-06-01"\nclause = "a letter"\nset = 3\n', "write its keys below [terms.set]"),
        (SHARED + "[price]\ninjection = 20.60\n", 'price.injection is a number; write the price in quotes: "20.60"'),
        (SHARED + "[codes]\ninjection = []\n", "a term (codes.injection) has no value"),
    ],
)
def test_a_file_of_terms_with_a_slip_is_refused_with_a_cure(les_here, store, tmp_path, text, told):
    path = tmp_path / "terms.toml"
    path.write_text(text, "utf-8")
    done = les_here("services", "set", "denosumab", "--load", path, store=store)
    assert (done.code, told in done.err) == (1, True), done.err


def test_work_is_shared_only_with_a_service_that_exists(setting):
    done = setting("setting.shared_with+=phlebotomi")
    assert done.code == 1
    assert "setting.shared_with: there is no service of that name; did you mean `phlebotomy`?" in done.err
    assert setting("setting.shared_with+=phlebotomy").code == 0
    assert setting("setting.shared_with-=phlebotomy").code == 0


def test_a_check_that_was_switched_off_is_switched_on_again_as_printed(les_here, store, setting):
    rule = "check.injection.consultation-type"
    assert setting(f"{rule}=off", start="2026-06-01").code == 0
    assert setting(f"{rule}=on", start="2026-07-01").code == 0
    spec = loaded.load_catalog().service("denosumab").spec
    terms = [
        LocalTerm(key=rule, value=value, start=date(2026, month, 1), source="a letter")
        for value, month in (("off", 6), ("on", 7))
    ]
    changed = with_local_terms(spec, terms)
    printed, off, on = (changed.on(date(2026, month, 2)).item("injection").checks for month in (5, 6, 7))
    assert (len(printed), off) == (1, ())
    assert [replace(one, clause="") for one in on] == [replace(one, clause="") for one in printed]


def test_a_day_of_payment_can_be_taken_back(les_here, store, setting):
    for term in ("payment.every=quarter", "payment.within_days=30", "payment.every=none"):
        assert setting(term, start="2026-06-01").code == 0, term
    assert "nothing to take away" in setting("payment.within_days=none", start="2026-06-01").err
    assert setting("payment.every=month", start="2026-06-01").code == 0
