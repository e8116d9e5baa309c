"""The source of the project as the architecture tests read it: parsed, never imported."""

from __future__ import annotations

import ast
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Module:
    """One Python file: its dotted name as it is imported, its path and its tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        return self.path.name == "__init__.py"

    def __str__(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def imports(self) -> Iterator[tuple[int, str]]:
        """Line and dotted name of every import, relative ones resolved; `from a import b` gives `a.b`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                base = [node.module] if node.module else []
                if node.level:
                    up = node.level - 1 if self.is_package else node.level
                    here = self.name.split(".")
                    base = here[: len(here) - up] + base
                yield from ((node.lineno, ".".join([*base, alias.name])) for alias in node.names)

    def constants(self) -> Iterator[ast.Constant]:
        """Every literal but docstrings (and other strings that stand alone as documentation)."""
        prose = {
            id(node.value)
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Constant) and id(node) not in prose:
                yield node

    def words_outside_comments(self) -> Iterator[tuple[int, str]]:
        """Line and text of every token that is not a comment."""
        with self.path.open("rb") as file:
            for token in tokenize.tokenize(file.readline):
                if token.type not in (tokenize.COMMENT, tokenize.ENCODING):
                    yield token.start[0], token.string


def _module(path: Path, root: Path) -> Module:
    parts = list(path.relative_to(root).with_suffix("").parts)
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, ast.parse(path.read_text(encoding="utf-8"), str(path)))


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def core() -> list[Module]:
    """The modules of lescli."""
    return [_module(path, ROOT) for path in sorted((ROOT / "lescli").rglob("*.py"))]


@pytest.fixture(scope="session")
def plugins() -> list[Module]:
    """The modules of every service plugin, tests left out."""
    return [
        _module(path, folder)
        for folder in sorted((ROOT / "plugins").iterdir())
        for path in sorted(folder.glob("lescli_*/**/*.py"))
    ]


@pytest.fixture
def module_of() -> Callable[[str], Module]:
    """A module of a source that no file holds, to see a test catch it."""
    return lambda source: Module("made", ROOT / "made.py", ast.parse(source))


@pytest.fixture(scope="session")
def service_names() -> list[str]:
    """The name of every service in plugins/."""
    return sorted(path.name for path in (ROOT / "plugins").iterdir() if path.is_dir())
