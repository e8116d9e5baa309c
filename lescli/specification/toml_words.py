"""Reads the text of a TOML file, and says in plain words on which line it is not TOML and what to write instead."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

_PLACE = re.compile(r"\(at line ([0-9]+), column ([0-9]+)\)$")
_KEY = re.compile(r"""\s*([\w."'-]+)\s*=\s*(.*?)\s*$""")
_OURS = re.compile(r"[a-z0-9_.-]+")
_HEADING = re.compile(r"\s*(\[+)([^\[\]#]*)(\]*)\s*(.*?)\s*$")
_CURLY = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'"})
_SPACES = re.compile("[\u00a0\u2000-\u200f\u202f\u2028\u2029\u3000\ufeff]")
_TRUE = {"true": "true", "yes": "true", "on": "true", "false": "false", "no": "false", "off": "false"}
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})[/.-]([0-9]{1,2})[/.-]([0-9]{1,2})")
_COMMA = re.compile(r"£?\s*([0-9]+),([0-9]{2})")
_TEXT = re.compile(r""""(?:[^"\\]|\\.)*"|'[^']*'""")
_MONEY = re.compile(r"£\s*([0-9]+)(\.[0-9]{2})?")


def toml_of(content: bytes) -> Mapping[str, Any]:
    """The tables of a TOML file; ValueError says where it is not one, and what to write."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise ValueError("save the file as UTF-8: it is UTF-16 now") from None
        number = content[: fault.start].count(b"\n") + 1
        raise ValueError(f"line {number}: save the file as UTF-8: one character here is not") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        number, told = _in_words(text.replace("\r\n", "\n").split("\n"), str(fault))
        raise ValueError(f"line {number}: {told}") from None


def line_of(content: bytes, place: str) -> int | None:
    """The line of a place such as `item[1].price[2].level`: of its key, else of the table that lacks the key.

    None when the file has neither.
    """
    lines = _lines_of(content.decode("utf-8-sig", "replace"))
    while place:
        if place in lines:
            return lines[place]
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return None


def _lines_of(text: str) -> dict[str, int]:
    """The line of each table and key of a TOML file, by its place. Tables of a list are numbered from 1."""
    lines: dict[str, int] = {}
    numbers: dict[str, int] = {}
    table, in_text, open_lists = "", False, 0
    for number, line in enumerate(text.splitlines(), start=1):
        inside, in_text = in_text, in_text != bool((line.count('"""') + line.count("'''")) % 2)
        bare = _TEXT.sub("", line).partition("#")[0]
        if inside or open_lists:
            open_lists = max(open_lists + (0 if inside else bare.count("[") - bare.count("]")), 0)
            continue
        heading = _HEADING.fullmatch(line)
        if heading and heading[1] in ("[", "[["):
            *outer, name = (part.strip().strip("\"'") for part in heading[2].split("."))
            before = ""
            for part in outer:
                before += part
                before += f"[{numbers[before]}]." if before in numbers else "."
            table = before + name
            if heading[1] == "[[":
                numbers[table] = numbers.get(table, 0) + 1
                table += f"[{numbers[table]}]"
            lines.setdefault(table, number)
        elif key := _KEY.fullmatch(line):
            name = key[1].strip("\"'")
            open_lists = max(bare.count("[") - bare.count("]"), 0)
            lines.setdefault(f"{table}.{name}" if table else name, number)
    return lines


def _in_words(lines: list[str], fault: str) -> tuple[int, str]:
    found = _PLACE.search(fault)
    number = int(found[1]) if found else max((n for n, line in enumerate(lines, 1) if line.strip()), default=1)
    if "Unclosed array" in fault or "Unclosed inline table" in fault:
        opened = "[" if "array" in fault else "{"
        number = next((n for n in range(number, 0, -1) if re.search(rf"=\s*\{opened}", lines[n - 1])), number)
        what = "list" if opened == "[" else "table"
        return number, f"a {what} has no closing {']' if what == 'list' else '}'}, or two entries have no comma between"
    line = lines[number - 1]
    return number, _of_line(line, lines, fault)


def _of_line(line: str, lines: list[str], fault: str) -> str:
    straight = line.translate(_CURLY)
    outside = re.sub(r'"[^"]*"', "", line)
    if outside != outside.translate(_CURLY):
        return f"the quotes are curly; write straight ones: {straight.strip()}"
    if _SPACES.search(outside):
        return "a character here only looks like a space; type the space again"
    if re.search(r"[^\x00-\x7f]", outside.partition("#")[0].partition("=")[0]):
        return "a name has plain letters only, a to z, without accents"
    heading = _HEADING.fullmatch(line)
    if heading:
        return _of_heading(heading, lines, fault)
    found = _KEY.fullmatch(line)
    if found is None:
        if ":" in outside and "=" not in outside:
            return f"write = and not a colon: {line.replace(':', ' =', 1).strip()}"
        if "=" in outside:
            return "a key has no spaces; write a hyphen or _ in their place"
        return 'this is neither a heading nor KEY = VALUE; write one of them, as in title = "TEXT"'
    if "overwrite" in fault:
        return f"`{found[1]}` is written twice under one heading; leave one out"
    return _of_value(found[1], found[2], fault)


def _of_heading(heading: re.Match[str], lines: list[str], fault: str) -> str:
    opened, name, closed, rest = heading.groups()
    both = "[[", "]]"
    if "twice" in fault or "overwrite" in fault:
        is_list = any(line.strip().startswith(f"[[{name}]]") for line in lines)
        if is_list:
            return f"write `[[{name}]]`, two brackets, each time"
        # The file may be another than was meant, so only what looks like a name of ours is repeated.
        shown = f"[{name}]" if _OURS.fullmatch(name) else "a heading"
        return f"{shown} is written twice; leave one out, or give it another name"
    if len(closed) != len(opened):
        pair = both if len(opened) > 1 else ("[", "]")
        return f"a bracket is missing; write {pair[0]}{name.strip()}{pair[1]}"
    if rest and not rest.startswith("#"):
        return f"a heading has a line of its own; write `{rest}` on the next line"
    return f"a heading has no spaces; write {opened}{'-'.join(name.split())}{closed}"


def _of_value(key: str, value: str, fault: str) -> str:
    bare = value.partition("#")[0].strip().rstrip(";,").strip()
    if not bare:
        return f"`{key}` has no value; write one, or leave the line out"
    if "Unescaped" in fault:
        return "a \\ in a text is written twice: \\\\"
    if "Illegal character" in fault or "Unterminated" in fault:
        return f"the text of `{key}` has no closing quote, or a line break inside it"
    if bare.lower() in _TRUE:
        return f"write {key} = {_TRUE[bare.lower()]}, in small letters and without quotes"
    if bare.startswith("="):
        return f"write one =, not two: {key} {bare}"
    if "Invalid date" in fault:
        return f"{bare} is not a date of the calendar"
    if written := written_date(bare):
        return f'a date is written year first and in quotes: {key} = "{written}"'
    if money := _COMMA.fullmatch(bare):
        return f'an amount has a point, and stands in quotes: {key} = "{money[1]}.{money[2]}"'
    if money := _MONEY.fullmatch(bare):
        return f'an amount has no £, and stands in quotes: {key} = "{money[1]}{money[2] or ".00"}"'
    if bare.endswith("%"):
        return f"leave the % out: {key} = {bare.rstrip('%').strip()}"
    if counted := re.fullmatch(r"([0-9]+)\s*[A-Za-z]+", bare):
        return f"write the number alone: {key} = {counted[1]}"
    if re.fullmatch(r"0[0-9]+", bare):
        return f'a number has no 0 before it, and a code stands in quotes: {key} = {int(bare)} or "{bare}"'
    if re.match(r'"[^"]*"\s*,', bare) or re.match(r'"[^"]*"\s+"', bare):
        return f"a list stands in square brackets, with a comma between two entries: {key} = [{_with_commas(bare)}]"
    if "//" in bare and not bare.startswith('"'):
        return "a remark begins with #, not with //"
    if bare[0] in "\"'[{" or value.rstrip().endswith((",", ";")):
        return f"something stands after the value of `{key}`; leave it out, or write # before a remark"
    return f'write the text in quotes: {key} = "{bare}"'


def _with_commas(entries: str) -> str:
    return re.sub(r'"\s+"', '", "', entries)


def written_date(text: str) -> str:
    """A date that somebody wrote day first, or without its zeros, as a service.toml has it; empty for any other."""
    for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_YEAR_FIRST, (1, 2, 3))):
        if found := pattern.fullmatch(text):
            try:
                return date(*(int(found[part]) for part in order)).isoformat()
            except ValueError:
                return ""
    return ""
