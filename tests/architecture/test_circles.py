"""No module of the core imports itself by way of others, not even inside a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter


def types_only(tree: ast.Module) -> set[ast.AST]:
    """What stands under `if TYPE_CHECKING`: it is never imported when the program runs."""
    return {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }


def imported(module, names: set[str]) -> Iterator[str]:
    """The modules of the core that a module imports when it runs, at its top or inside a function."""
    left_out = types_only(module.tree)
    kept = [node for node in ast.walk(module.tree) if node not in left_out]
    for node in kept:
        if not isinstance(node, ast.ImportFrom):
            continue
        base = [node.module] if node.module else []
        if node.level:
            here = module.name.split(".")
            up = node.level - 1 if module.is_package else node.level
            base = here[: len(here) - up] + base
        for alias in node.names:
            whole = ".".join([*base, alias.name])
            yield whole if whole in names else ".".join(base)


def circle(modules) -> list[str]:
    """The modules of one circle, in the order in which they import one another; empty where there is none."""
    names = {module.name for module in modules}
    graph = {
        module.name: {name for name in imported(module, names) if name in names and name != module.name}
        for module in modules
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_no_module_imports_itself_by_way_of_others(core):
    assert circle(core) == []


def test_a_circle_is_found(core):
    """One line more, inside a function of a low module, makes a circle, which is named."""
    (errors,) = [module for module in core if module.name == "lescli.errors"]
    above = ast.parse("def late():\n    from .store import open_store")
    low = [replace(errors, tree=above) if module is errors else module for module in core]
    assert {"lescli.errors", "lescli.store"} <= set(circle(low))
