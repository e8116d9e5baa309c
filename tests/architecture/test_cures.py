"""Every error says how to mend it: `LesError(what, fix)` and its kinds are never raised with a `what` alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

NOT_TOLD_SO = {
    "InterruptedByPerson",  # It is no error: a person stopped the command.
    "SpecificationError",  # Its own constructor gives the cure.
}

PASSED_ON = {
    ("lescli/operations/claims/support.py", "look_again"),
    ("lescli/operations/month.py", "_data"),
    ("lescli/operations/patients/send.py", "gathered"),
    ("lescli/services/service.py", "service"),
}
"""Module and function of the errors whose one text is the whole line of another error, with its cure."""

ONLY_COMFORT = re.compile(r"(nothing|the new backup) (was|is) [a-z]+")
"""What may stand beside a cure and is none."""


def kinds_of_error(modules: Iterable) -> set[str]:
    """LesError and every class that is made from it."""
    found = {"LesError"}
    classes = [node for module in modules for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef)]
    while more := {one.name for one in classes if one.name not in found and found & set(map(_name, one.bases))}:
        found |= more
    return found - NOT_TOLD_SO


def _name(node: ast.expr) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def without_cure(module, kinds: set[str], allowed: set[tuple[str, str]] = frozenset()) -> Iterator[tuple[int, str]]:
    """Line and fault of every error of a module that has no cure. `allowed` are those that pass on another's text."""
    for function, call in _calls(module.tree):
        if _name(call.func) not in kinds:
            continue
        given = call.args[1:2] + [word.value for word in call.keywords if word.arg == "fix"]
        if any(isinstance(one, ast.Starred) for one in call.args):
            yield call.lineno, "unpack the two: what is wrong, and the cure"
        elif not given and (str(module), getattr(function, "name", "")) not in allowed:
            yield call.lineno, "no cure"
        elif given and not _mends(given[0], [function, *getattr(module.tree, "body", ())]):
            yield call.lineno, "the cure may be empty, or says only that nothing has changed"


def _calls(tree: ast.AST, function: ast.AST | None = None) -> Iterator[tuple[ast.AST, ast.Call]]:
    """Every call, with the innermost function around it, else the statement of the module."""
    for node in ast.iter_child_nodes(tree):
        around = node if function is None or isinstance(node, ast.FunctionDef) else function
        if isinstance(node, ast.Call):
            yield around, node
        yield from _calls(node, around)


def _mends(cure: ast.expr, places: list[ast.AST], known: frozenset[str] = frozenset()) -> bool:
    """Whether a cure says something, whichever way it comes about. What another function returns is believed.

    `places` are where its name may be given a value: the function around it first, then the module's statements.
    """
    if isinstance(cure, ast.Constant | ast.JoinedStr):
        text = ast.unparse(cure).removeprefix("f").strip("'\"")
        return bool(text.strip()) and not ONLY_COMFORT.fullmatch(text)
    if isinstance(cure, ast.BoolOp):
        return _mends(cure.values[-1], places, known)
    if isinstance(cure, ast.IfExp):
        return _mends(cure.body, places, known) and _mends(cure.orelse, places, known)
    if isinstance(cure, ast.Name) and cure.id not in known:
        given = next((values for place in places if (values := [*_values(cure.id, place)])), [])
        return all(_mends(one, places, known | {cure.id}) for one in given)
    # It is "" when no word is like the one that was typed.
    return not (isinstance(cure, ast.Call) and _name(cure.func) == "did_you_mean")


def _values(name: str, place: ast.AST) -> Iterator[ast.expr]:
    """What is given to a name: in an assignment, or as the default of a parameter."""
    for node in ast.walk(place):
        if isinstance(node, ast.Assign) and any(_name(target) == name for target in node.targets):
            yield node.value
        elif isinstance(node, ast.arguments):
            last = node.args[len(node.args) - len(node.defaults) :]
            pairs = [*zip(last, node.defaults, strict=True), *zip(node.kwonlyargs, node.kw_defaults, strict=True)]
            yield from (default for one, default in pairs if one.arg == name and default is not None)


def test_every_error_says_how_to_mend_it(core, plugins):
    modules = [*core, *plugins]
    kinds = kinds_of_error(modules)
    assert {"LesError", "UsageError", "PluginError", "EqualPaymentError"} <= kinds
    wrong = [
        f"{module}:{line}: {fault}" for module in modules for line, fault in without_cure(module, kinds, PASSED_ON)
    ]
    assert not wrong, "\n".join(wrong)


def test_no_exception_outlives_its_reason(core):
    kinds = kinds_of_error(core)
    needed = {
        (str(module), getattr(function, "name", ""))
        for module in core
        for function, call in _calls(module.tree)
        if _name(call.func) in kinds and len(call.args) == 1 and not call.keywords
    }
    assert needed == PASSED_ON


@pytest.mark.parametrize(
    "source",
    [
        "raise LesError('the file is damaged')",
        "raise UsageError('--set: write it as name=value')",
        "raise LesError('the file is damaged', '')",
        "raise LesError('the file is damaged', fix='')",
        "raise LesError('the row is reversed', 'nothing was changed')",
        "raise LesError(f'{row} is reversed', f'nothing was recorded')",
        "raise LesError(*fault)",
        "raise UsageError('no such format', did_you_mean(typed, known))",
        "raise UsageError('no such format', did_you_mean(typed, known) or '')",
        "hint = did_you_mean(typed, known)\nraise UsageError('no such format', hint)",
        "hint = many and '' if known else 'there are none'\nraise UsageError('no such format', hint)",
        "def read(text, cure=''):\n    raise UsageError(text, cure)",
        "def read(text, *, cure=''):\n    raise UsageError(text, cure)",
        "class Late(UsageError):\n    pass\nraise Late('it is too late')",
    ],
)
def test_an_error_without_a_cure_is_found(source):
    module = SimpleNamespace(tree=ast.parse(source))
    assert [*without_cure(module, kinds_of_error([module]) | {"UsageError", "Late"})]


@pytest.mark.parametrize(
    "source",
    [
        "raise LesError('the file is damaged', 'export it again')",
        "raise LesError('the file is damaged', fix='export it again; nothing was changed')",
        "raise UsageError('no such format', did_you_mean(typed, known) or f'choose one of {known}')",
        "hint = did_you_mean(typed, known) or 'leave it out'\nraise UsageError('no such format', hint)",
        "raise LesError(fault.what, fault.fix)",
        "raise ValueError('not a date')",
    ],
)
def test_an_error_with_a_cure_is_let_pass(source):
    module = SimpleNamespace(tree=ast.parse(source))
    assert not [*without_cure(module, kinds_of_error([module]) | {"UsageError"})]


def test_only_the_named_function_may_pass_on_a_text():
    class Module:
        tree = ast.parse("def told():\n    raise LesError(lines[0])\ndef other():\n    raise LesError(lines[0])")

        def __str__(self) -> str:
            return Path("lescli", "told.py").as_posix()

    assert [line for line, _ in without_cure(Module(), {"LesError"}, {("lescli/told.py", "told")})] == [4]
