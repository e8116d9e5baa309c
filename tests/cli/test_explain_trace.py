"""`les explain` as a computation: what each rule read, from when and by which clause; as a tree; against a file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from lescli.model import ServiceSpec
from lescli.operations.choose_services import one_service
from lescli.operations.patients.trace import trace_of
from lescli.services.trace import Recorder
from lescli.store import open_store

from .conftest import ANN, BEN, Les

AS_OF = ("--as-of", "2026-06-05")


@pytest.fixture
def les(les_here: Les, store: Path) -> Any:
    return lambda *arguments: les_here(*arguments, store=store)


def explained(les: Any, patient: str = ANN, as_of: str = "2026-06-05") -> Any:
    return les("explain", "denosumab", "--patient", patient, "--as-of", as_of, "--json").json


def terms(data: Any, name: str, hook: str = "les_claim") -> list[dict[str, Any]]:
    """A term as each rule of a hook read it, each reading once."""
    rules = (rule for rule in data["trace"]["rules"] if rule["hook"] == hook)
    found = [term for rule in rules for term in rule["terms"] if term["term"] == name]
    return [one for place, one in enumerate(found) if one not in found[:place]]


def test_each_term_has_its_value_its_first_day_and_its_clause(les: Any) -> None:
    data = explained(les)
    price = {"term": "price.injection", "value": "2000 pence", "from": "2026-04-01", "clause": "4", "local": False}
    assert terms(data, "price.injection") == [price]
    assert [(one["value"], one["clause"]) for one in terms(data, "window_months")] == [("3", "4")]
    assert [(one["value"], one["clause"]) for one in terms(data, "recall.injection.interval", "les_recall")] == [
        ("6", "2.2; 5 (4)")
    ]
    assert terms(data, "setting.accepted_consultation_types")[0]["value"] == "face to face, home visit, enterprise"
    assert data["trace"]["engine"]
    assert data["trace"]["plugin"]["name"] == "lescli"


def test_a_rule_is_named_with_what_it_does_and_the_entry_it_looked_at(les: Any) -> None:
    data = explained(les)
    (rule,) = [
        one
        for one in data["trace"]["rules"]
        if (one["hook"], one["rule"]) == ("les_claim", "rules.checks.consultation_type")
    ]
    assert rule["about"].startswith("The consultation type contains one of the phrases of a setting")
    (entry,) = [one for claim in data["claims"] for one in claim["evidence"]]
    assert rule["evidence"] == [entry]


def test_a_local_term_is_shown_with_its_letter_and_only_from_its_day(les: Any) -> None:
    les("services", "set", "denosumab", "price.injection=21.50", "--from", "2026-05-04", "--source", "letter of 1 May")
    (price,) = terms(explained(les), "price.injection")
    assert (price["value"], price["from"], price["clause"], price["local"]) == (
        *("2150 pence", "2026-05-04", "letter of 1 May"),
        True,
    )
    les("services", "set", "denosumab", "price.injection=22.00", "--from", "2026-05-05", "--source", "letter of 2 May")
    assert terms(explained(les), "price.injection") == [price]


def test_a_dated_term_has_the_day_from_which_it_holds(les: Any) -> None:
    les("services", "set", "denosumab", "window_months=2", "--from", "2026-05-04", "--source", "variation")
    changed = {"term": "window_months", "value": "2", "from": "2026-05-04", "clause": "variation", "local": True}
    assert changed in terms(explained(les), "window_months")
    # The interval has not changed on that day.
    assert [one["from"] for one in terms(explained(les), "recall.injection.interval", "les_recall")] == [None]


def test_the_answers_of_the_trace_are_those_of_explain(les: Any) -> None:
    for patient in (ANN, BEN):
        data = explained(les, patient)
        claims = [f"{one['verdict']}, {one['reason']}" for one in data["claims"]]
        told = [one["answer"] for one in data["trace"]["answers"] if one["hook"] == "les_claim"]
        assert [text.partition(", £")[0] for text in told] == claims
        assert sum(one["hook"] == "les_recall" for one in data["trace"]["answers"]) == len(data["recalls"])


def test_a_table_has_no_trace_and_a_tree_has_it(les: Any) -> None:
    plain = les("explain", "denosumab", "--patient", ANN, *AS_OF)
    assert "rules.checks" not in plain.out
    tree = les("explain", "denosumab", "--patient", ANN, "--tree", *AS_OF)
    assert "price.injection = 2000 pence, from 01 Apr 2026 (4)" in tree.out
    assert "injection of 04 May 2026: payable, accepted, £20.00 (4; 5) <- activity:1" in tree.out


def test_two_traces_are_compared_term_by_term(les: Any, tmp_path: Path) -> None:
    file = tmp_path / "before.json"
    ask = ("explain", "denosumab", "--patient", ANN, *AS_OF)
    les(*ask, "--out", file)
    same = les(*ask, "--against", file, "--json")
    assert same.json["differences"] == []
    assert "nothing differs" in les(*ask, "--against", file).out

    les("services", "set", "denosumab", "price.injection=21.50", "--from", "2026-05-01", "--source", "letter of 1 May")
    found = {
        one["what"]: (one["then"], one["now"]) for one in les(*ask, "--against", file, "--json").json["differences"]
    }
    assert found["les_claim rules.claim_row.price_of: price.injection"] == (
        "2000 pence from 2026-04-01 (4)",
        "2150 pence from 2026-05-01 (letter of 1 May)",
    )
    assert found["les_claim injection of 04 May 2026"][1].startswith("payable, accepted, £21.50")
    assert len(found) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "the file cannot be read"),
        ("not json", "the file is not JSON"),
        ("[]", "the file has no trace of les explain"),
        ('{"schema": "les-explain/1"}', "the file has no trace of les explain"),
        (
            '{"schema": "les-explain/1", "service": "ius", "trace": {}}',
            "the file is about another service than denosumab",
        ),
        (
            '{"schema": "les-explain/1", "service": "denosumab", "trace": {}}',
            "the file is not as les explain writes it",
        ),
    ],
)
def test_a_file_without_a_trace_is_refused(les: Any, tmp_path: Path, content: str | None, said: str) -> None:
    file = tmp_path / "other.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    done = les("explain", "denosumab", "--patient", ANN, *AS_OF, "--against", file)
    assert (done.code, said in done.err) == (1, True), done.err


def test_every_service_of_the_demo_can_be_traced_and_answers_as_it_does_untraced(les_here: Les, tmp_path: Path) -> None:
    assert les_here("demo", tmp_path / "demo").code == 0
    path, as_of = tmp_path / "demo" / "practice.les", date(2026, 7, 5)
    tried = 0
    with open_store(path) as store:
        for name in ("denosumab", "anticoag", "ius", "pessary", "phlebotomy"):
            service = one_service(store, name)
            codes = tuple(sorted({code.code for one in service.spec.codelists for code in one.all_codes()}))
            found = store.rows(
                "SELECT DISTINCT p.nhs_number FROM patient p JOIN activity a ON a.patient_id = p.id"
                " JOIN code_set_member m"
                f" ON m.code_set_id = a.code_set_id WHERE m.code IN ({', '.join('?' * len(codes))}) LIMIT 4",
                *codes,
            )
            for (nhs_number,) in found:
                data = les_here(
                    "explain", name, "--patient", nhs_number, "--as-of", as_of.isoformat(), "--json", store=path
                ).json
                told = [one["answer"] for one in data["trace"]["answers"] if one["hook"] == "les_claim"]
                assert [text.partition(", £")[0] for text in told] == [
                    f"{one['verdict']}, {one['reason']}" for one in data["claims"]
                ]
                tried += bool(told)
                assert trace_of(store, service, nhs_number, as_of) == trace_of(store, service, nhs_number, as_of)
    assert tried >= 8


def test_only_explain_gets_a_specification_that_notes_what_is_read(store: Path) -> None:
    with open_store(store) as opened:
        service = one_service(opened, "denosumab")
        recorder = Recorder()
        traced = recorder.spec(service.spec)
        assert type(service.spec) is ServiceSpec
        assert isinstance(traced, ServiceSpec)
        assert type(traced) is not ServiceSpec
        with recorder.asking("les_claim"):
            assert traced.setting("accept_done_at", date(2026, 6, 5)) == ()
        # This test is no rule, and what it reads is noted under its own name.
        assert [one.rule.rpartition(".")[2] for one in recorder.rules()] == [
            "test_only_explain_gets_a_specification_that_notes_what_is_read"
        ]
