"""How large the house is: files, lines, median and longest file and function of lescli.

    python benchmarks/house.py [FOLDER ...]

Counts `lescli/` of each checkout named, this one if none is. A line of code is one that holds a token which is neither
a comment nor a docstring. Prints a row a checkout, so that two commits can be laid side by side.
"""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path
from statistics import median

_NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def docstring_lines(tree: ast.Module) -> set[int]:
    """The lines of every string that stands alone as documentation."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def code_lines(text: str) -> int:
    """Lines that hold code."""
    held = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(held - docstring_lines(ast.parse(text)))


def function_lines(text: str) -> list[int]:
    """The length of each function and method, from `def` to its last line."""
    return [
        (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def row(folder: Path) -> str:
    """One checkout's figures."""
    texts = {path: path.read_text(encoding="utf-8") for path in sorted((folder / "lescli").rglob("*.py"))}
    files = {path: len(text.splitlines()) for path, text in texts.items()}
    functions = [length for text in texts.values() for length in function_lines(text)]
    code = sum(map(code_lines, texts.values()))
    longest = max(files, key=lambda path: files[path])
    return (
        f"{len(files)} files, {sum(files.values())} lines, {code} of code; file median {median(files.values()):g}, "
        f"longest {files[longest]} ({longest.relative_to(folder).as_posix()}); function median {median(functions):g}, "
        f"longest {max(functions)}; {1000 * len(files) / code:.1f} files per 1,000 lines of code"
    )


def main() -> int:
    """Print a row for each checkout."""
    for name in sys.argv[1:] or [str(Path(__file__).resolve().parents[1])]:
        print(row(Path(name)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
