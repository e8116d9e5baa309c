"""The words of each shipped service to its patients: one action, no link, at most two parts of a text message."""

from __future__ import annotations

from datetime import date
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from lescli.errors import SpecificationError
from lescli.model import Patient, ServiceSpec
from lescli.operations.patients.export import Practical, Sent, words_of
from lescli.outputs.exports.sms import sms_parts
from lescli.specification import parse_specification
from lescli.specification.messages import STAGES, message_of

FILES = sorted((Path(__file__).parents[2] / "plugins").glob("*/*/service.toml"))
DAY = date(2026, 11, 20)
PRACTICE = Practical(ods_code="A81001", name="The Village Green Medical Centre", as_of=DAY)
PATIENT = Patient(
    nhs_number="9990000018", family_name="Example", given_name="Ann", date_of_birth=date(1950, 2, 1), sex="female"
)
SHIPPED = [parse_specification(path.read_bytes(), where=path.parent.name) for path in FILES]
EACH = [(spec, one.recall, one.what, stage) for spec in SHIPPED for one in spec.wordings for stage in STAGES]


def told(spec: ServiceSpec, recall: str, what: str, stage: str, due_on: date) -> str:
    return words_of(
        Sent(
            service=spec.name,
            service_title=spec.title,
            kind=recall,
            title="",
            what=what,
            due_on=due_on,
            status="due",
            days_overdue=0,
            invitations=0,
            stage=stage,
            text=message_of(spec, recall, stage, DAY),
            last_done_on=None,
            last_contact=None,
            telephone="01632 960000",
            part_price="",
        ),
        PATIENT,
        PRACTICE,
    )


@pytest.mark.parametrize(
    ("spec", "recall", "what", "stage"), EACH, ids=[f"{spec.name}-{recall}-{stage}" for spec, recall, _, stage in EACH]
)
def test_each_shipped_text_fits_and_asks_for_one_thing(spec: ServiceSpec, recall: str, what: str, stage: str) -> None:
    for due_on in (date(2025, 9, 30), DAY, date(2026, 12, 30)):
        text = told(spec, recall, what, stage, due_on)
        assert sms_parts(text) <= 2
        assert what in text
        assert text.lower().count("call ") == 1
        assert not {"{", "}"} & set(text)
        assert not any(mark in text.lower() for mark in ("http", "www.", "@", "click"))
        assert ("was due" in text) == (due_on < DAY and stage != "first")


def test_every_shipped_service_is_looked_at() -> None:
    assert len(SHIPPED) == len(
        [one for one in entry_points(group="lescli.services") if one.value.startswith("lescli_")]
    )
    assert len({spec.name for spec, *_ in EACH}) > 5


def test_a_recall_without_words_has_none_at_any_stage() -> None:
    silent = [(spec, one.name) for spec in SHIPPED for one in (*spec.recalls, *spec.clocks)]
    silent = [(spec, name) for spec, name in silent if name not in {one.recall for one in spec.wordings}]
    assert silent
    assert {message_of(spec, name, stage, DAY) for spec, name in silent for stage in STAGES} == {""}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('recall = "injektion"\nwhat = "x"', "there is no recall or clock `injektion`"),
        ('recall = "injection"\nwhat = "x"\nfirst = "Dear {nmae}"', "message[2].first"),
        ('recall = "injection"\nwhat = "x"\nfirst = "Dear {"', "a brace is not closed"),
    ],
)
def test_a_wrong_message_is_a_fault_of_the_file(line: str, said: str) -> None:
    path = next(one for one in FILES if one.parent.name == "lescli_denosumab")
    text = path.read_text(encoding="utf-8") + f'\n[[message]]\n{line}\nclause = "ours"\n'
    with pytest.raises(SpecificationError) as fault:
        parse_specification(text.encode(), where="denosumab")
    assert said in str(fault.value)


def test_the_words_of_a_service_replace_the_shipped_ones() -> None:
    path = next(one for one in FILES if one.parent.name == "lescli_denosumab")
    text = path.read_text(encoding="utf-8").replace(
        'what = "denosumab injection"', 'what = "denosumab injection"\nsecond = "Please call {practice}."'
    )
    spec = parse_specification(text.encode(), where="denosumab")
    assert message_of(spec, "injection", "second", DAY) == "Please call {practice}."
    assert message_of(spec, "injection", "first", DAY).startswith("Your {title} is due.")
