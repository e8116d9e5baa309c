"""A service's own tests.toml: every expectation can fail, in a sentence, and a broken file is told with its cure."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lescli.api import hookimpl
from lescli.cli.run import run as les
from lescli.services import Service, service_of
from lescli.services.service import DataOnlyPlugin
from lescli.specification import parse_specification
from lescli.testing.service_tests import problems_of_tests
from lescli_schemas import load

SERVICE = """
[service]
name = "dressings"
title = "Dressings after an operation"
commissioner = "An ICB"
document = "Dressings after an operation, 1 April 2026"

[[period]]
start = "2026-04-01"
end = "2027-03-31"
clause = "1"

[codelists.dressing]
title = "Wound dressed"
status = "unset"
clause = "2"

[register]
rule = "coded"
clause = "3"
find_by = ["dressing"]

[[register.detail]]
name = "level"
title = "Level"
type = "integer"
required = false
range = { least = 1, most = 5, clause = "3" }
clause = "3"

[[recall]]
name = "dressing"
title = "Next dressing"
kind = "every"
codelist = "dressing"
interval = 7
unit = "days"
clause = "3.2"

[claim]
window_months = 3
clause = "5"

[[item]]
name = "dressing"
title = "Wound dressed"
kind = "per-activity"
clause = "4"
codelists = ["dressing"]
unit = "dressing"

[[item.check]]
rule = "accreditation"
kind = "wound-course"
warn_days = "365"
clause = "4"

[submission]
clause = "5"
by = "email"
day = 10

[[submission.address]]
address = "claims@example.nhs.uk"
from = "2026-04-01"
clause = "5"

[[incident]]
kind = "fall"
title = "A fall"
clause = "6"
hours = 72

[[duty]]
name = "annual-audit"
title = "An audit every year"
clause = "7"
every_months = 12
evidence = "the audit"

[[measure]]
id = "dressings"
title = "Wounds dressed"
kind = "items"
of = "dressing"
unit = "dressings"
clause = "6"

[[measure]]
id = "on-time"
title = "Dressed on time"
kind = "on-time"
of = "dressing"
unit = "percent"
clause = "6"
"""


def service(text: str = SERVICE) -> Service:
    return service_of(DataOnlyPlugin(parse_specification(text.encode(), where="service.toml")), origin="folder")


def run(tests: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return problems_of_tests(service(), tests.encode())


def told(key: str, value: str) -> str:
    """The one failure of a test of two dressings that expects one thing."""
    text = value if value[:1] in "[{" else f'"""{value}"""' if "\n" in value else value
    faults, failures = run(f"{PRACTICE}{key} = {text}\n")
    assert faults == ()
    (failure,) = failures
    assert failure.startswith("two dressings: ")
    return failure.removeprefix("two dressings: ")


PRACTICE = '''
[practice]
terms = { "price.dressing" = "10.00" }
invent_codes = true

[[test]]
title = "two dressings"
as_of = "2026-06-05"
activity = """
  patient | date       | clinician
  Ann     | 2026-05-04 | Dr A
  Bob     | 2026-05-06 | Dr A
"""
accreditations = """
  clinician | kind         | from       | to
  Dr A      | wound-course | 2026-01-01 | 2026-12-31
"""
incidents = "kind | on\\n fall | 2026-05-04T14:30"
claim.month = "2026-05"
'''


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        (
            "claim.expect",
            "patient | verdict | price\nAnn | payable | 10.00\nBob | refused | 10.00",
            "the claim for 2026-05: Bob should have verdict `refused` but has `payable`",
        ),
        (
            "claim.expect",
            "patient | date | verdict\nAnn | 2026-05-04 | payable",
            "the claim for 2026-05 has Bob 2026-05-06 (verdict payable, reason accepted), which was not expected",
        ),
        (
            "claim.expect",
            "patient | item | verdict\nAnn | dressing | payable",
            "the claim for 2026-05 has Bob dressing 2026-05-06 "
            "(verdict payable, reason accepted), which was not expected",
        ),
        (
            "claim.expect",
            "patient | verdict\nAnn | payable\nBob | payable\nEve | payable",
            "the claim for 2026-05 should have Eve (verdict payable), but has no such row",
        ),
        ("claim.total", '"10.00"', "the claim for 2026-05 should come to 10.00, not 20.00"),
        (
            "claim.submit_by",
            '"2026-06-11"',
            "the claim for 2026-05 should be submitted by 2026-06-11, not 2026-06-10",
        ),
        ("claim.send_to", '""', "the claim for 2026-05 should be sent to nothing, not claims@example.nhs.uk"),
        (
            "register_expect",
            "patient | entered\nAnn | 2026-05-04\nBob | 2026-05-07",
            "the register on 2026-06-05: Bob 2026-05-07 should have entered `2026-05-07` but has `2026-05-06`",
        ),
        (
            "register_refuses",
            "patient | level\nAnn | 6\nAnn | 5",
            "the register should refuse level `5` of Ann, but takes it",
        ),
        (
            "recall_expect",
            "patient | due\nBob | 2026-05-13\nAnn | 2026-05-11",
            "the recall on 2026-06-05 has the right rows in another order: they came as Ann 2026-05-11, Bob 2026-05-13",
        ),
        (
            "explain_expect",
            "patient | reason\nAnn | accepted\nBob | expired",
            "les explain on 2026-06-05: Bob should have reason `expired` but has `accepted`",
        ),
        (
            "incidents_expect",
            "kind | due\nfall | 2026-05-07T14:31",
            "the untoward events: fall 2026-05-07T14:31 should have due `2026-05-07T14:31` but has `2026-05-07T14:30`",
        ),
        (
            "lapsing_expect",
            "clinician | ends\nDr A | 2026-12-30",
            "the warnings on 2026-06-05: Dr A should have ends `2026-12-30` but has `2026-12-31`",
        ),
        (
            "duties_expect",
            "duty | status\nannual-audit | due",
            "les duties on 2026-06-05: annual-audit should have status `due` but has `never`",
        ),
        ("measures", "{ dressings = 3 }", "the measure dressings for 2026-05 should be 3, not 2"),
        ("measures", '{ on-time = "1 of 2" }', "the measure on-time for 2026-05 should be 1 of 2, not none"),
        (
            "report",
            '{ verdicts = "verdict | count\\n payable | 1" }',
            "the table verdicts for 2026-05: a row should have count `1` but has `2`",
        ),
        ("report", '{ nothing = "verdict" }', "the report for 2026-05 has no table nothing"),
        ("notes", '["something"]', "no note holds `something`"),
    ],
)
def test_each_expectation_fails_in_a_sentence(key: str, value: str, sentence: str) -> None:
    assert told(key, value) == sentence


def test_a_cell_that_ends_with_dots_is_compared_by_its_beginning() -> None:
    right = 'claim.expect = "patient | reason\\n Ann | acc...\\n Bob | accepted"\n'
    assert run(PRACTICE + right) == ((), ())
    assert run(PRACTICE + right.replace("acc...", "axx..."))[1]


def test_what_comes_later_is_not_in_the_claim_that_was_submitted() -> None:
    more = 'later = "patient | date | clinician\\n Cat | 2026-05-07 | Dr A"\n'
    more += 'submitted = "month | on\\n 2026-05 | 2026-06-02"\n'
    more += 'claim.expect = "patient | verdict\\n Ann | claimed\\n Bob | claimed\\n Cat | payable"\n'
    assert run(PRACTICE + more) == ((), ())


def keys() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key of the schema with its place."""
    schema = load("service-tests")
    for name, key in schema["properties"]["practice"]["properties"].items():
        yield f"practice.{name}", key
    test = schema["properties"]["test"]["items"]["properties"]
    yield from test.items()
    for name, key in test["claim"]["properties"].items():
        yield f"claim.{name}", key


def test_every_key_has_an_example_and_the_examples_hold_together() -> None:
    examples = {name: key["examples"][0] for name, key in keys() if name != "claim"}
    data: dict[str, Any] = {"practice": {}, "claim": {}}
    for name, example in examples.items():
        place, _, key = name.rpartition(".")
        (data.setdefault(place, {}) if place else data)[key] = example
    practice, notes, _ = data.pop("practice"), data.pop("notes"), data.pop("later")
    lines = ["[practice]", *(f"{key} = {written(value)}" for key, value in practice.items()), "[[test]]"]
    lines += [f"{key} = {written(value)}" for key, value in data.items() if key != "claim"]
    lines += [f"claim.{key} = {written(value)}" for key, value in data["claim"].items()]
    assert run("\n".join(lines)) == ((), ())
    # This note is told while a code list is empty.
    bare = '[[test]]\ntitle = "a"\nclaim.month = "2026-05"\n'
    assert run(f"{bare}notes = {written(notes)}") == ((), ())
    sentence = f"a: a note holds `{notes[0]}`, and should not"
    assert run(f"{bare}no_notes = {written(notes)}") == ((), (sentence,))


def written(value: Any) -> str:
    import json

    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {json.dumps(one)}" for key, one in value.items()) + " }"
    return json.dumps(value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[test]", "line 1: a bracket is missing; write [[test]]"),
        ("", "the file: the key `test` is missing; add it"),
        ('[[test]]\ntitel = "a"', "test[1]: the key `title` is missing; add it"),
        ('[[test]]\ntitle = "a"', "test[1]: nothing is expected; add one of claim, register_expect, "),
        (
            '[[test]]\ntitle = "a"\nregister_expect = "patient"',
            'test[1]: no day is asked on; add `as_of = "2026-06-05"`',
        ),
        (
            '[[test]]\ntitle = "a"\nas_of = "2026-02-30"\nregister_expect = "patient"',
            'test[1].as_of: "2026-02-30" is not a date of the calendar; write one as "2026-04-01"',
        ),
        ("claim.month = 5", 'test[1].claim.month: it is a number; write it in quotes: "5"'),
        ('claim.month = "2026-Q1"', "test[1].claim.month: "),
        ('activity = "patient | day\\n Ann | 2026-05-04"', "test[1].activity: there is no column `day`; "),
        ('activity = "patient\\n Ann"', "test[1].activity: the column `date` is missing; add it"),
        (
            'activity = "patient | date\\n Ann"',
            "test[1].activity: row 1 of the table has 1 cells, its header 2; ",
        ),
        (
            'activity = "patient | date | code\\n Ann | 2026-05-04 | dresing"',
            "test[1].activity: there is no code list `dresing`; did you mean `dressing`?",
        ),
        (
            'activity = "patient | date\\n Ann | 2026-02-30"',
            "test[1].activity: `2026-02-30` is not a day; write one as 2026-05-04",
        ),
        (
            'register = "patient | levle\\n Ann | 1"',
            "test[1].register: there is no column `levle`; did you mean `level`?",
        ),
        (
            'claim.expect = "patient | verdict\\n Ann | paid"',
            "test[1].claim.expect: there is no verdict `paid`; write one of check, claimed, ",
        ),
        (
            'claim.expect = "patient | outcome\\n Ann | paid"',
            "test[1].claim.expect: there is no column `outcome`; ",
        ),
        ("measures = { dresings = 1 }", "test[1].measures: there is no measure `dresings`; did you mean `dressings`?"),
        (
            'terms = "key | value | from\\n price.dresing | 1.00 | 2026-04-01"',
            "test[1]: dressings has no term `price.dresing`; did you mean `price.dressing`?",
        ),
        (
            'incidents = "kind | on\\n fal | 2026-05-04"',
            "test[1].incidents: there is no kind `fal`; did you mean `fall`?",
        ),
    ],
)
def test_a_broken_file_is_told_with_place_and_cure(text: str, fault: str) -> None:
    whole = text if text.startswith("[") or not text else f'[[test]]\ntitle = "a"\n{text}\n'
    if whole != text and "claim.month" not in text:
        whole += 'claim.month = "2026-05"\n'
    faults, failures = run(whole)
    assert failures == ()
    assert [one[: len(fault)] for one in faults if one.startswith(fault)] == [fault], faults


def test_every_fault_of_a_file_is_told_at_once_and_a_title_is_used_once() -> None:
    test = '[[test]]\ntitle = "a"\nclaim.month = "2026-05"\nmeasures = { x = 1 }\n'
    faults, _ = run(test + test)
    assert [one.partition(":")[0] for one in faults] == ["test[1].measures", "test[2].measures", "test[2].title"]


def test_it_runs_without_pytest(tmp_path: Path) -> None:
    """An author who installed `les` alone has no pytest."""
    (tmp_path / "service.toml").write_text(SERVICE, encoding="utf-8")
    (tmp_path / "tests.toml").write_text(PRACTICE + 'claim.total = "20.00"\n', encoding="utf-8")
    code = (
        "import sys; sys.modules['pytest'] = None; from lescli.cli.run import run;"
        f" sys.exit(run(['services', 'test', {str(tmp_path)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["service.toml", "tests.toml"]


def test_tests_toml_of_the_shipped_services_is_read_as_toml() -> None:
    for path in Path(__file__).parents[2].glob("plugins/*/lescli_*/tests.toml"):
        assert tomllib.loads(path.read_text(encoding="utf-8"))["test"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "service.toml").write_text(SERVICE, encoding="utf-8")
    return tmp_path


def test_the_command_says_each_failure_and_ends_with_1(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tests.toml").write_text(PRACTICE + 'claim.total = "1.00"\n', encoding="utf-8")
    for named in (folder, folder / "service.toml"):
        assert les(["services", "test", str(named)]) == 1
        said = capsys.readouterr()
        assert (said.out, said.err) == (
            "",
            "les: two dressings: the claim for 2026-05 should come to 1.00, not 20.00\n",
        )
    (folder / "__init__.py").touch()
    assert les(["services", "test", str(folder)]) == 1
    assert "has Python of its own, which was not run: install its package" in capsys.readouterr().err


def test_the_command_says_each_fault_of_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert les(["services", "test", str(folder)]) == 1
    assert "has no tests.toml; write one beside service.toml" in capsys.readouterr().err
    (folder / "tests.toml").write_text("[[test]]\n", encoding="utf-8")
    assert les(["services", "test", str(folder)]) == 1
    assert capsys.readouterr().err.startswith("les: tests.toml: test[1]: the key `title` is missing; add it")
    assert les(["services", "test", str(folder / "nothing")]) == 2
    assert "no such folder, and no service of that name is installed" in capsys.readouterr().err


def test_a_service_whose_plugin_fails_is_told_and_the_other_tests_go_on() -> None:
    bare = service()

    class Broken(DataOnlyPlugin):
        @hookimpl
        def les_recall(self, spec: Any, records: Any, register: Any) -> Any:
            raise RuntimeError("of 9990000018")

    broken = service_of(Broken(bare.spec), origin="folder")
    asked = 'title = "{}"\nas_of = "2026-06-05"\n{}_expect = "patient"\n'
    tests = f"[[test]]\n{asked.format('one', 'recall')}[[test]]\n{asked.format('two', 'register')}"
    faults, (told_of,) = problems_of_tests(broken, tests.encode())
    assert faults == ()
    assert told_of.startswith("one: it could not be asked: dressings: its plugin failed in les_recall")
    assert "9990000018" not in told_of
