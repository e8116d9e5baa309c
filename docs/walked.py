"""Run the commands of a page's console blocks, each page in a folder of its own, and put what they print beneath them.

A page holds the files it needs as blocks that name them (```csv activity.csv). A name that ends with `+` adds the block
to the file, and a `diff` block changes lines of it. Commands are lines that begin with `$ ` in blocks marked `console`.
What changes from day to day or with any word of a specification stands as `…`.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import sys
import tempfile
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

from lescli.cli.run import run

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTH = "110"
_BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<file>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_DIGEST = re.compile(r"\b[0-9a-f]{12}(?:[0-9a-f]{52})?\b")


def walked(page: str) -> str:
    """The page with the output of every console block as it is now."""
    with _folder():
        return _BLOCK.sub(lambda block: f"```{block['kind']}{_after(block)}\n{_body(block)}```", page)


def _after(block: re.Match[str]) -> str:
    return f" {block['file']}" if block["file"] else ""


def _body(block: re.Match[str]) -> str:
    if block["file"]:
        _write(block["kind"], block["file"], block["body"])
    if block["kind"] != "console":
        return block["body"]
    typed = [line for line in block["body"].splitlines() if line.startswith("$ ")]
    return "".join(f"{line}\n{_output(line.removeprefix('$ '))}" for line in typed)


def _write(kind: str, name: str, body: str) -> None:
    """Write, add to or change a file as its block says."""
    path = Path(name.removesuffix("+"))
    path.parent.mkdir(parents=True, exist_ok=True)
    text = path.read_text(encoding="utf-8") if name.endswith("+") or kind == "diff" else ""
    if kind == "diff":
        lines = body.splitlines(keepends=True)
        old, new = ("".join(line[1:] for line in lines if line.startswith(sign)) for sign in "-+")
        if text.count(old) != 1:
            raise ValueError(f"{name} must have the lines that a block changes once")
        body, text = text.replace(old, new), ""
    path.write_text(f"{text}\n{body}" if text else body, encoding="utf-8")


_last_code = 0


def _output(command: str) -> str:
    """What a command prints, messages where they were said; `export` and `echo $?` work as in a shell."""
    global _last_code
    words = shlex.split(command, comments=True)
    if words[0] == "export":
        name, _, value = words[1].partition("=")
        os.environ[name] = value
        return ""
    if words == ["echo", "$?"]:
        return f"{_last_code}\n"
    if words[0] != "les":
        raise ValueError(f"a page may run les, export and echo $?, not {words[0]}")
    raw = io.BytesIO()
    said = io.TextIOWrapper(raw, encoding="utf-8", write_through=True)
    with redirect_stdout(said), redirect_stderr(said):
        _last_code = run(words[1:])
    text = raw.getvalue().decode("utf-8")
    return "".join(f"{_DIGEST.sub('…', line).rstrip()}\n" for line in text.splitlines())


@contextmanager
def _folder() -> Iterator[None]:
    """A new folder to work in, and the environment as it was afterwards."""
    before, here = dict(os.environ), Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COLUMNS"] = WIDTH
        for name in ("LES_STORE", "LES_KEY_FILE"):
            os.environ.pop(name, None)
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)


if __name__ == "__main__":
    sys.stdout.write(walked(Path(sys.argv[1]).read_text(encoding="utf-8")))
