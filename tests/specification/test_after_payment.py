"""`[payment]` and `[[evidence]]` of a service.toml are read in full, and a name that refers to nothing is a fault."""

from __future__ import annotations

from datetime import date

import pytest

from lescli.errors import SpecificationError
from lescli.model import EvidenceField, PaymentTerm, ServiceSpec
from lescli.specification import parse_specification

PLAIN = """
[service]
name = "bloods"
title = "Bloods"
commissioner = "Test ICB"
document = "Test document"

[[period]]
start = "2025-04-01"
clause = "1"

[codelists.sample]
title = "Sample"
status = "unset"
clause = "2"

[register]
rule = "coded"
clause = "3"

[[register.detail]]
name = "started_on"
title = "Started"
type = "date"
required = true
clause = "3"

[[item]]
name = "sample"
title = "Sample"
kind = "per-activity"
codelists = ["sample"]
unit = "sample"
clause = "4"

[submission]
clause = "5"
by = "email"
"""


def read(more: str) -> ServiceSpec:
    return parse_specification((PLAIN + more).encode(), where="bloods")


def evidence(**keys: str) -> str:
    given = {"name": '"a"', "title": '"A"', "kind": '"entry"', "of": '"clinician"', "clause": '"6"', **keys}
    return "\n[[evidence]]\n" + "".join(f"{key} = {value}\n" for key, value in given.items() if value)


def test_a_file_without_evidence_and_payment_has_neither() -> None:
    spec = read("")
    assert (spec.payment, spec.evidence) == (None, ())


def test_evidence_and_payment_are_read_in_full() -> None:
    spec = read('\n[payment]\nevery = "quarter"\nwithin_days = 30\nclause = "7"\n' + evidence() + evidence(
        name='"b"', kind='"register"', of="", items='["sample"]', required="false"))  # fmt: skip
    assert spec.payment == PaymentTerm(every="quarter", clause="7", within_days=30)
    assert spec.evidence == (
        EvidenceField(name="a", title="A", kind="entry", clause="6", of="clinician"),
        EvidenceField(name="b", title="A", kind="register", clause="6", items=("sample",), required=False),
    )
    day = date(2026, 5, 4)
    assert spec.evidence[0].asked_of("anything", day)
    assert not spec.evidence[1].asked_of("anything", day)


def test_evidence_is_asked_only_of_work_between_its_days() -> None:
    later = evidence(**{"from": '"2027-04-01"'})
    dropped = evidence(name='"b"', until='"2027-03-31"')
    asked = [
        [field.name for field in read(later + dropped).evidence if field.asked_of("sample", day)]
        for day in (date(2027, 3, 31), date(2027, 4, 1))
    ]
    assert asked == [["b"], ["a"]]


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        (evidence(of='"nothing"'), 'evidence[1].of: "nothing" is not allowed here; write one of "date", "code"'),
        (evidence(of=""), "evidence[1]: the key `of` is missing; add it"),
        (evidence(kind='"detail"', of='"nothing"'), "evidence[1].of: there is no register detail `nothing`"),
        (evidence(kind='"latest"', of='"nothing"'), "evidence[1].of: there is no code list `nothing`"),
        (evidence(kind='"accreditation"', of=""), "evidence[1]: the key `of` is missing; add it"),
        (evidence(items='["nothing"]'), "evidence[1].items: there is no item `nothing`"),
        (evidence() + evidence(), "evidence[2].name: the name `a` is used twice"),
        (evidence(kind='"x-ray"'), 'evidence[1].kind: "x-ray" is not allowed here; write one of "entry", "detail"'),
        (
            evidence(**{"from": '"2027-04-02"', "until": '"2027-04-01"'}),
            "evidence[1].until: it is before `from`",
        ),
        (evidence(clause=""), "evidence[1]: the key `clause` is missing; add it"),
        ('\n[payment]\nevery = "year"\nclause = "7"\n', 'payment.every: "year" is not allowed here; write one of'),
        ('\n[payment]\nevery = "month"\n', "payment: the key `clause` is missing; add it"),
    ],
)
def test_every_fault_is_named_with_its_path(more: str, fault: str) -> None:
    with pytest.raises(SpecificationError) as caught:
        read(more)
    assert [problem for problem in caught.value.problems if problem.startswith(fault)], caught.value.problems


def test_names_that_exist_are_accepted() -> None:
    read(evidence(kind='"detail"', of='"started_on"') + evidence(name='"b"', kind='"latest"', of='"sample"'))
    read(evidence(kind='"accreditation"', of='"letter"', items='["sample"]'))
