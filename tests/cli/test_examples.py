"""Every verb's help has a worked example, and every example works as it stands."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from lescli.cli.verb_table import VERBS, WRITES
from lescli.testing import nhs_number

from .conftest import held, installed


@pytest.fixture
def les(les_here):
    return les_here


EXAMPLES = Path(__file__).parents[2] / "lescli" / "cli" / "examples.txt"
LINES = [line for line in EXAMPLES.read_text(encoding="utf-8").splitlines() if line.startswith("les ")]
ANN = "9990000018"

DENOSUMAB = Path(__file__).parents[2] / "plugins" / "denosumab" / "lescli_denosumab" / "service.toml"
NEEDS_A_PERSON = re.compile(r"les (?:import|services check|verify|doctor|status|evidence|duties|group|month|reconcile)")
"""Examples that may end with 3: what they look at may need a person."""


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help_has_an_example(les, verb, flag):
    shown = les(*verb.split(" "), flag)
    assert (shown.code, shown.err) == (0, "")
    own = re.findall(rf"^ +les {verb}(?: .*)?$", shown.out, re.MULTILINE)
    assert own, shown.out
    assert "--store" in shown.out


@pytest.fixture
def typed(les, submitted_with_more, tmp_path, activity_file, monkeypatch):
    """Type an example, after what it needs is there; returns how it ended, and whether it changed the store."""

    def type_it(line: str):
        store, arguments = arranged(line, les, submitted_with_more, tmp_path, activity_file, monkeypatch)
        before = held(store)
        done = les(*arguments, store=store)
        return done, held(store) != before

    return type_it


@pytest.mark.parametrize("line", LINES)
def test_an_example_works(typed, line):
    done, changed = typed(line)
    assert done.code in ((0, 3) if NEEDS_A_PERSON.match(line) else (0,)), done
    assert not changed or verb_of(line) in WRITES, "a verb that changes the store is not marked as one"


@pytest.mark.parametrize("verb", sorted(WRITES))
def test_a_verb_that_is_marked_as_one_that_writes_does(typed, verb):
    assert any(typed(line)[1] for line in LINES if verb_of(line) == verb)


def verb_of(line: str) -> str:
    words = line.split(" ")[1:]
    return " ".join(words[:2]) if " ".join(words[:2]) in VERBS else words[0]


FIRST = {
    "les services unset": "les services set ius price.fitting=81.31 --from 2026-04-01 --source letter",
    "les services disallow": "les services allow my-package",
    "les services sign": "les services unsign denosumab --on 2026-03-31",
    "les services remove": "les services add my-service",
    f"les invite denosumab {ANN} --on 2026-05-01 --by phone --remove": (
        f"les invite denosumab {ANN} --on 2026-05-01 --by phone"
    ),
    "les invite denosumab --on 2026-06-05 --by letter": f"les invite denosumab {ANN} --on 2026-06-05 --by letter",
    "les clinician": 'les clinician "Dr D McAvenue" --accreditation fsrh-loc --from 2022-05-01 --to 2026-04-30',
    "les incident denosumab --kind emergency-admission --on 2026-05-01T14:30 --patient 9990000018 --": (
        "les incident denosumab --kind emergency-admission --on 2026-05-01T14:30 --patient 9990000018"
    ),
}
"""What is typed before an example, by how the example begins."""


def arranged(line, les, store, tmp_path, activity_file, monkeypatch) -> tuple[Path, list[str]]:
    """The store that an example is typed for, with all that it needs, and its words."""
    arguments = shlex.split(line)[1:]
    if line.startswith(("les init", "les restore")):
        store = tmp_path / "new.les"
    if line.startswith("les claim denosumab --month 2026-05"):
        store = tmp_path / "before-the-claim.les"
    for verbs, first in (("les encrypt", "decrypt --yes"), ("les rekey", "encrypt"), ("les decrypt", "encrypt")):
        if line.startswith(verbs):
            assert les(*first.split(" "), store=store).code in (0, 1)
    if line.startswith(("les quarantine --settle ", "les quarantine --reopen")):
        activity = activity_file(f"{ANN},,,,neither,,2026-06-04,700139004,,Home visit,,bad", name="activity.csv")
        assert les("import", activity, store=store).code == 3
    if line.startswith("les quarantine --reopen"):
        assert les("quarantine", "--settle", *arguments[2:], store=store).code == 0
    if line.startswith(("les register denosumab --amend", "les register denosumab --remove")):
        add = ("register", "denosumab", "--add", ANN, "--set", "t_score=-3.1", "--from", "2026-05-20")
        assert les(*add, "--as-of", "2026-06-05", store=store).code == 0
    if line.startswith(("les patients merge", "les patients apart")):
        same = "9990000069,Sentinelle,Philippa,1948-03-02,female,2010-01-05,2026-05-04,700139004,,Home visit,,other"
        assert les("import", activity_file(same, name="numbers.csv"), store=store).code == 3
    if line.startswith("les patients settle 9990000018 --fact entry"):
        header = "nhs_number,date_of_birth,date,code"
        days = [f"{ANN},1948-03-02,2026-05-{day},165581004" for day in ("07", "08", "09")]
        for name, rows in (("before.csv", days), ("after.csv", days[::2])):
            assert les("import", activity_file(*rows, name=name, header=header), store=store).code in (0, 3)
    if line.startswith("les patients settle 9990000018 --fact died"):
        for name, died in (("dead.csv", "2026-06-01"), ("alive.csv", "")):
            told = activity_file(f"{ANN},{died}", name=name, header="nhs_number,died_on")
            assert les("import", told, store=store).code in (0, 3)
    if line.startswith("les group"):
        members = "ods_code,name,network_code,network_name\nA99999,Demo Surgery,U1,North\n"
        (tmp_path / "members.csv").write_text(members, encoding="utf-8")
        (tmp_path / "practices").mkdir()
        shutil.copy(store, tmp_path / "practices" / "one.les")
        (tmp_path / "sent").mkdir()
        claim = ("claim", "denosumab", "--month", "2026-05", "--out", tmp_path / "sent" / "claim.json")
        assert les(*claim, store=store).code == 0
    if line.startswith("les reconcile"):
        (tmp_path / "paid.csv").write_text("item,quantity\ninjection,3\n", encoding="utf-8")
    if "--load remittance.csv" in line:
        text = "claim,amount,date,reference\ndenosumab-2026-05,20.00,2026-06-30,B9\n"
        (tmp_path / "remittance.csv").write_text(text, encoding="utf-8")
    if "--load calls.csv" in line:
        text = f"nhs_number,services,outcome\n{ANN},denosumab,booked\n"
        (tmp_path / "calls.csv").write_text(text, encoding="utf-8")
    if line.startswith("les month"):
        (tmp_path / "inbox").mkdir()
        shutil.copy(tmp_path / "may.csv", tmp_path / "inbox")
    if "my-package" in line:
        installed(tmp_path / "site", "my-package")
        monkeypatch.syspath_prepend(tmp_path / "site")
    for begins, first in FIRST.items():
        if line.startswith(begins):
            assert les(*shlex.split(first)[1:], store=store).code == 0
    if "--submit" in arguments or line.startswith("les claims withdraw"):
        # Today is long after the claim window of the example.
        arguments += ["--as-of", "2026-06-05"]
    return store, arguments


SERVICE = """
[service]
name = "my-service"
title = "My service"
commissioner = "An ICB"
document = "Specification"

[[period]]
start = "2026-04-01"
clause = "1"

[codelists.done]
title = "Done"
status = "specified"
clause = "2"
snomed = ["9999999105"]

[register]
rule = "coded"
clause = "3"
find_by = ["done"]

[[item]]
name = "done"
title = "Done"
kind = "per-activity"
clause = "4"
codelists = ["done"]
unit = "attendance"

[[item.price]]
amount = "12.34"
from = "2026-04-01"
clause = "4"

[submission]
clause = "5"
by = "email"
day = 10
"""


@pytest.fixture(scope="module")
def made_once(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("examples") / "made"


@pytest.fixture
def submitted_with_more(les, store, tmp_path, activity_file, made_once) -> Path:
    """What the examples name is there: files to import and load, a service to check, May already claimed."""
    if not made_once.exists():
        make(les, store, tmp_path, activity_file)
        shutil.copytree(tmp_path, made_once)
    shutil.copytree(made_once, tmp_path, dirs_exist_ok=True)
    return store


def make(les, store, tmp_path, activity_file) -> None:
    shutil.copy(store, tmp_path / "before-the-claim.les")
    for name in ("activity.csv", "may.csv", "june.csv"):
        activity_file(f"{ANN},,,,,,2026-06-04,700139004,,Home visit,,{name}", name=name)
    (tmp_path / "exports").mkdir()
    shutil.copy(tmp_path / "may.csv", tmp_path / "exports")
    shutil.make_archive(str(tmp_path / "exports"), "zip", tmp_path / "exports")
    many = [
        f"{nhs_number(n)},Patient,Syn,1950-01-01,female,2010-01-01,2026-05-{n - 9:02},700139004,,Home visit,,m{n}"
        for n in range(10, 22)
    ]
    assert les("import", activity_file(*many), store=store).code == 0
    (tmp_path / "register.csv").write_text(f"nhs_number,first_dose_on\n{ANN},2025-11-04\n", encoding="utf-8")
    (tmp_path / "terms.toml").write_text(
        '[[term]]\nkey = "price.fitting"\nvalue = "81.31"\nfrom = "2026-04-01"\nsource = "letter"\n', encoding="utf-8"
    )
    (tmp_path / "my-service").mkdir()
    (tmp_path / "services").mkdir()
    (tmp_path / "my-service" / "service.toml").write_text(SERVICE, encoding="utf-8")
    (tmp_path / "next-year").mkdir()
    shutil.copy(DENOSUMAB, tmp_path / "next-year" / "service.toml")
    (tmp_path / "my-service" / "tests.toml").write_text(
        '[[test]]\ntitle = "nobody is on the register"\nas_of = "2026-05-04"\nregister_expect = "patient"\n',
        encoding="utf-8",
    )
    submit = ("claim", "denosumab", "--month", "2026-05", "--as-of", "2026-06-05", "--submit", "--by", "A. Admin")
    assert les(*submit, store=store).code == 0
    shutil.copy(store, tmp_path / "practice-backup.les")
