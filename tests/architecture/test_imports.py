"""Imports run one way, plugins come in through lescli.api only, and the core knows no service by name.

It reads the source, so a new plugin is covered without a line here; a new part of the core must be given its place.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator

BASE = {"errors", "calendar", "typed_dates", "amounts", "codes", "model"}
"""What anything may stand on, and what stands on nothing but itself."""

RULES = BASE | {"rules", "specification", "hookspecs"}
ENGINE = RULES | {"files", "services", "store", "readers", "outputs"}
WHOLE = ENGINE | {"operations"}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "calendar": set(),
    "typed_dates": {"calendar"},
    "codes": set(),
    "amounts": set(),
    "model": {"calendar"},
    "files": set(),
    "hookspecs": {"calendar", "model"},
    "rules": {"calendar", "codes", "model", "errors"},
    "specification": BASE,
    "api": RULES,
    "readers": BASE,
    "outputs": BASE - {"model"} | {"files"},
    "services": RULES,
    "store": BASE | {"files", "specification", "readers"},
    "operations": ENGINE,
    "group": WHOLE,
    "demo": WHOLE | {"cli"},
    "cli": WHOLE | {"group", "demo", "testing", "__version__"},
    "testing": WHOLE,
    "__main__": {"cli"},
    "__init__": set(),
}
"""Each part of lescli and the parts it may import: cli -> operations -> services, store, readers, outputs -> rules,
hookspecs, specification -> model, codes, calendar; whatever writes to a disk -> files."""


def part_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def is_outside_stdlib(name: str) -> bool:
    return name.split(".")[0] not in sys.stdlib_module_names


def test_every_part_has_a_place(core):
    assert {part_of(module.name) for module in core} <= set(MAY_IMPORT)


def test_the_table_itself_runs_one_way():
    done: set[str] = set()
    left = {part: needs & set(MAY_IMPORT) for part, needs in MAY_IMPORT.items() if part not in ("cli", "demo")}
    while left:
        ready = {part for part, needs in left.items() if needs <= done | {"cli", "demo"}}
        assert ready, f"these import one another in a circle: {sorted(left)}"
        done |= ready
        left = {part: needs for part, needs in left.items() if part not in ready}


def test_imports_run_one_way(core):
    wrong = [
        f"{module}:{line} imports {name}"
        for module in core
        for line, name in module.imports()
        if name.split(".")[0] == "lescli"
        and part_of(name) != part_of(module.name)
        and part_of(name) not in MAY_IMPORT[part_of(module.name)]
    ]
    assert not wrong, "\n".join(wrong)


def test_the_core_imports_no_plugin(core, service_names):
    plugins = {f"lescli_{name.replace('-', '_')}" for name in service_names}
    wrong = [
        f"{module}:{line} imports {name}"
        for module in core
        for line, name in module.imports()
        if name.split(".")[0] in plugins or (name.startswith("lescli_") and name.split(".")[0] != "lescli_schemas")
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_store_and_the_catcher_of_its_errors_know_sqlite(core):
    wrong = [
        f"{module}:{line}"
        for module in core
        for line, name in module.imports()
        if name.split(".")[0] in ("sqlite3", "sqlite_utils", "sqlcipher3")
        and part_of(module.name) != "store"
        and module.name != "lescli.cli.run"
    ]
    assert not wrong, "\n".join(wrong)


def test_only_the_command_line_knows_typer(core):
    wrong = [
        f"{module}:{line}"
        for module in core
        for line, name in module.imports()
        if name.split(".")[0] in ("typer", "click") and part_of(module.name) not in ("cli", "demo")
    ]
    assert not wrong, "\n".join(wrong)


def test_plugins_import_the_api_the_standard_library_and_themselves(plugins):
    def allowed(own: str, name: str) -> bool:
        top = name.split(".")[0]
        return name.startswith("lescli.api.") or top == own or not is_outside_stdlib(name)

    wrong = [
        f"{module}:{line} imports {name}"
        for module in plugins
        for line, name in module.imports()
        if not allowed(module.name.split(".")[0], name)
    ]
    assert not wrong, "\n".join(wrong)


def clock_calls(module) -> Iterator[int]:
    """Lines that ask what day or time it is."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if called in ("today", "now", "utcnow", "time", "localtime", "gmtime"):
                yield node.lineno


NOT_PURE = {
    "os",
    "sys",
    "io",
    "pathlib",
    "sqlite3",
    "socket",
    "subprocess",
    "time",
    "random",
    "urllib",
    "http",
    "shutil",
}


def test_plugins_touch_no_file_no_network_and_no_clock(plugins):
    wrong = [
        f"{module}:{line} imports {name}"
        for module in plugins
        for line, name in module.imports()
        if name.split(".")[0] in NOT_PURE
    ]
    wrong += [f"{module}:{line} reads the clock" for module in plugins for line in clock_calls(module)]
    assert not wrong, "\n".join(wrong)


def test_no_rule_reads_the_clock(core):
    """`calendar.today` is the only clock, and only the command line calls it."""
    wrong = [
        f"{module}:{line}"
        for module in core
        for line in clock_calls(module)
        if module.name != "lescli.calendar" and part_of(module.name) not in ("cli", "demo")
    ]
    assert not wrong, "\n".join(wrong)


def service_words(names: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b", re.IGNORECASE)


def test_the_core_names_no_service(core, service_names):
    assert "denosumab" in service_names
    named = service_words(service_names)
    wrong = [
        f"{module}:{line}: {found[0]}"
        for module in core
        for line, text in module.words_outside_comments()
        if (found := named.search(text))
    ]
    assert not wrong, "\n".join(wrong)
