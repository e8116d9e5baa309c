"""No price, code, date or clause of a specification stands in Python: they are data, in each service.toml.

Besides shapes (money, SNOMED CT ids, dates) it looks for the very values of every service.toml in plugins/.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest

from lescli.codes import verhoeff

POUNDS = re.compile(r"£\s*\d")
MONEY = re.compile(r"\d+\.\d{2}")
LONG_DIGITS = re.compile(r"\b[1-9]\d{5,17}\b")
ISO_DATE = re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}")
CLAUSE = re.compile(
    r"(?:App(?:endix|\.)|Sch(?:edule|\.)|section|clause|paragraph)\s*\d|\d{1,2}(?:\.\d{1,2}){1,3}", re.IGNORECASE
)
READ_CODE = re.compile(r"Xa[A-Za-z0-9]{2,3}\.{0,2}|[1-9][0-9A-Z][A-Z][A-Za-z0-9.]{1,2}")
CLOCKS = {"date", "datetime"}


def texts(module) -> Iterator[tuple[int, str]]:
    """Line and text of every string, what the help of an option shows as an example left out."""
    shown = {
        id(word.value)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call)
        for word in node.keywords
        if word.arg in ("help", "metavar")
    }
    for node in module.constants():
        if isinstance(node.value, str) and id(node) not in shown:
            yield node.lineno, node.value


def snomed_ids(text: str) -> list[str]:
    return [found for found in LONG_DIGITS.findall(text) if verhoeff(found) == 0]


def money_literals(module) -> Iterator[int]:
    """Lines of `Decimal("20.00")`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "Decimal":
            yield from (node.lineno for argument in node.args if isinstance(argument, ast.Constant))


def date_literals(module) -> Iterator[int]:
    """Lines of `date(2026, 4, 1)`; the epochs of file formats lie earlier."""
    for node in ast.walk(module.tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "id", getattr(node.func, "attr", "")) in CLOCKS
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, int)
            and node.args[0].value > 2000
        ):
            yield node.lineno


@pytest.fixture(scope="module")
def modules(core, plugins):
    """The core and the plugins; lescli.testing is the material of tests, and so may hold anything."""
    return [*(module for module in core if not module.name.startswith("lescli.testing")), *plugins]


def test_no_amount_of_money(modules):
    wrong = [f"{module}:{line}" for module in modules for line in money_literals(module)]
    wrong += [
        f"{module}:{line}: {text!r}"
        for module in modules
        for line, text in texts(module)
        if POUNDS.search(text) or MONEY.fullmatch(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_clinical_code(modules):
    wrong = [
        f"{module}:{line}: {text!r}"
        for module in modules
        for line, text in texts(module)
        if snomed_ids(text) or READ_CODE.fullmatch(text)
    ]
    wrong += [
        f"{module}:{node.lineno}: {node.value}"
        for module in modules
        for node in module.constants()
        if type(node.value) is int and LONG_DIGITS.fullmatch(str(node.value)) and verhoeff(str(node.value)) == 0
    ]
    assert not wrong, "\n".join(wrong)


def test_no_date(modules):
    wrong = [f"{module}:{line}" for module in modules for line in date_literals(module)]
    wrong += [
        f"{module}:{line}: {text!r}" for module in modules for line, text in texts(module) if ISO_DATE.fullmatch(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_clause(modules):
    wrong = [
        f"{module}:{line}: {text!r}"
        for module in modules
        for line, text in texts(module)
        if CLAUSE.fullmatch(text) and module.name != "lescli"  # whose one number is its version
    ]
    assert not wrong, "\n".join(wrong)


def values_of(node: object, key: str = "") -> Iterator[tuple[str, str]]:
    """Every text value of a service.toml with the key it stands under."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from values_of(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from values_of(value, key)
    elif isinstance(node, str):
        yield key, node


def test_no_value_of_any_specification(modules, root):
    """Prices, codes, dates, clauses and addresses, whatever they look like."""
    telling = {"amount", "snomed", "read2", "ctv3", "from", "start", "end", "clause", "address", "cap_clause"}
    specified: set[str] = set()
    for path in sorted((root / "plugins").glob("*/lescli_*/*.toml")):
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        specified |= {value for key, value in values_of(found) if key in telling}
    assert "700139004" in specified, "the specifications were not read"
    # A clause may be a mere digit, which says nothing, or say that the specification says nothing.
    specified = {value for value in specified if len(value) > 2 and not value.startswith("our decision")}
    wrong = [
        f"{module}:{line}: {text!r}" for module in modules for line, text in texts(module) if text.strip() in specified
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("source", "caught"),
    [
        ("a = Decimal('20.00')", money_literals),
        ("a = date(2026, 4, 1)", date_literals),
        ("a = datetime.date(2026, 4, 1)", date_literals),
    ],
)
def test_it_can_fail(source, caught):
    class Module:
        tree = ast.parse(source)

    assert list(caught(Module)) == [1]


def test_a_snomed_id_is_told_from_other_digits():
    assert snomed_ids("code 700139004 here") == ["700139004"]
    assert snomed_ids("700139005") == []
    assert ISO_DATE.fullmatch("2026-04-01")
    assert READ_CODE.fullmatch("XaMh8")
    assert READ_CODE.fullmatch("66QD")
