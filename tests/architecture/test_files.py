"""Files stay small, have names that say something, and open with a sentence on what their user gets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

CORE_LINES = 400
PLUGIN_LINES = 150
HOOKSPEC_LINES = 60
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helper", "helpers", "manager", "common", "misc", "tools", "base"}


def line_count(module) -> int:
    return len(module.path.read_text(encoding="utf-8").splitlines())


def public(module) -> Iterator[ast.FunctionDef | ast.ClassDef]:
    """Functions and classes of the module that others may use."""
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


def test_files_of_the_core_are_short(core):
    assert {str(module): count for module in core if (count := line_count(module)) > CORE_LINES} == {}


def test_files_of_plugins_are_shorter(plugins):
    assert {str(module): count for module in plugins if (count := line_count(module)) > PLUGIN_LINES} == {}


def test_the_plugin_interface_is_read_in_a_minute(core):
    (hookspecs,) = [module for module in core if module.name == "lescli.hookspecs"]
    assert line_count(hookspecs) <= HOOKSPEC_LINES


def test_names_say_something(core, plugins):
    named = {str(module) for module in [*core, *plugins] if set(module.name.split(".")) & NAMES_THAT_SAY_NOTHING}
    assert named == set()


def test_every_module_opens_with_a_sentence(core, plugins):
    silent = [str(module) for module in [*core, *plugins] if not ast.get_docstring(module.tree)]
    assert not silent, "\n".join(silent)


def test_what_is_public_says_what_it_does(core, plugins):
    silent = [
        f"{module}:{node.lineno} {node.name}"
        for module in [*core, *plugins]
        for node in public(module)
        if not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)


def test_functions_say_what_they_return(core, plugins):
    silent = [
        f"{module}:{node.lineno} {node.name}"
        for module in [*core, *plugins]
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef) and node.returns is None
    ]
    assert not silent, "\n".join(silent)


def test_every_plugin_has_its_data_tests_and_readme(root, service_names):
    missing = [
        f"plugins/{name}/{wanted}"
        for name in service_names
        for package in [f"lescli_{name.replace('-', '_')}"]
        for wanted in (f"{package}/__init__.py", f"{package}/service.toml", f"{package}/tests.toml",
                       f"{package}/py.typed", "tests", "README.md")
        if not (root / "plugins" / name / wanted).exists()
    ]  # fmt: skip
    assert not missing, "\n".join(missing)
