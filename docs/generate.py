"""Write docs/reference, what commands print in other pages, and the parts that schemas share.

    python docs/generate.py [--check]

`--check` writes nothing, names the pages that are out of date, and exits 1 when there are any.
"""

from __future__ import annotations

import importlib.metadata
import inspect
import io
import json
import os
import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator
from contextlib import redirect_stdout
from importlib.resources import files
from pathlib import Path
from typing import Any

from walked import walked

import lescli_schemas
from lescli import api, hookspecs
from lescli.cli import version
from lescli.cli.run import run
from lescli.cli.verb_table import VERBS, overview
from lescli.cli.version import version_text
from lescli.errors import Exit
from lescli.model import Records
from lescli.specification.dated_terms import KEYS
from lescli.specification.kinds import every_service, kind, kinds_of, type_of_setting
from lescli.specification.parse import digest_of, faults_in
from lescli.specification.shape_words import in_toml
from lescli.specification.toml_words import toml_of

DOCS = Path(__file__).parent
_SCHEMAS = "../schemas/lescli_schemas"
WALKED = ("tutorial/first-month.md", "tutorial/your-own-service.md", "how-to/add-a-service.md", "how-to/own-columns.md")
WIDTH = "100"
NOTE = "<!-- Written by docs/generate.py from the program; do not edit. -->\n\n"

EXIT_WORDS = {
    Exit.DONE: "Done.",
    Exit.REFUSED: "Refused or failed; nothing was changed.",
    Exit.USAGE: "The command was typed wrongly; nothing was changed.",
    Exit.NEEDS_PERSON: "Done, but a person must act: rows are in quarantine, an activity has no price, terms are not "
    "set, patients with a service's codes are on no register, a register value or a result cannot be true, the newest "
    "export no longer states a fact, a death has no day, two numbers may be one person's, a check failed, a duty is "
    "overdue, or a service is broken. `les status` also: a deadline or a clock has passed, a claim window "
    "closes within 31 days, or closed on unclaimed work in the last 31 days, or a month that ran by itself "
    "failed. `les duties` also: a duty was never confirmed.",
    Exit.LOCKED: "The store is in use by another program, or its key is wrong or missing; nothing was changed.",
    Exit.INTERRUPTED: "Interrupted; nothing was changed.",
}


def table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table; a cell's `|` and line breaks are kept from breaking it."""
    heads = list(columns)
    lines = [heads, ["---"] * len(heads), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")


def commands() -> str:
    """Every verb's own --help."""
    parts = ["# Commands\n", f"```text\n{overview()}```\n"]
    parts.append(f"## les --version\n\n```text\n{version_text(['--version'])}```\n\n{inspect.getdoc(version)}\n")
    for name in VERBS:
        parts.append(f"## les {name}\n\n```text\n{_help(name)}```\n")
    return "\n".join(parts)


def _help(verb: str) -> str:
    said = io.StringIO()
    with redirect_stdout(said):
        code = run([*verb.split(" "), "--help"])
    if code:
        raise SystemExit(f"`les {verb} --help` ended with exit code {code}")
    return "\n".join(line.rstrip() for line in said.getvalue().rstrip().splitlines()) + "\n"


def hooks() -> str:
    """The plugin interface: hooks, what a rule may see of the store, and everything a plugin may import."""
    parts = ["# Hooks\n", f"{inspect.getdoc(hookspecs)}\n"]
    for name, hook in _public(hookspecs, "les_"):
        parts.append(f"## {name}\n\n```python\ndef {name}{_signature(hook)}\n```\n\n{inspect.getdoc(hook)}\n")
    parts.append(f"## Records\n\n{inspect.getdoc(Records)}\n")
    parts.append(table(("member", "what it gives"), _members(Records)))
    parts.append("## What a plugin imports\n\nEverything is in `lescli.api`; a plugin imports nothing else of ours.\n")
    parts.append(table(("name", "what it is"), ((f"`{name}`", _first_sentence(name)) for name in api.__all__)))
    return "\n".join(parts)


def _members(view: type) -> Iterator[tuple[str, str]]:
    for name, member in vars(view).items():
        if not name.startswith("_"):
            getter = member.fget if isinstance(member, property) else member
            signature = _signature(getter).replace("(self, ", "(").replace("(self)", "()")
            if getter is not member:
                signature = signature.removeprefix("()")
            yield f"`{name}{signature}`", inspect.getdoc(getter) or ""


def _signature(function: Callable[..., Any]) -> str:
    """As it stands in the source: annotations are kept as text there, and would be shown in quotes."""
    return str(inspect.signature(function)).replace("'", "")


def _public(module: Any, prefix: str) -> Iterator[tuple[str, Any]]:
    for name, member in vars(module).items():
        if name.startswith(prefix) and inspect.isfunction(member):
            yield name, member


def _first_sentence(name: str) -> str:
    member = getattr(api, name)
    if not (inspect.isfunction(member) or inspect.isclass(member)):
        return "marks a function as the answer to the hook of its name" if name == "hookimpl" else "a type"
    return (inspect.getdoc(member) or "").split("\n\n", 1)[0]


def json_page() -> str:
    """Every JSON that `les` writes, field by field, from its schema."""
    parts = ["# JSON\n", "Identifiers and codes are text. Money is in whole pence. Each answer names its schema. The "
             "schemas (JSON Schema 2020-12) come with the program: `lescli_schemas.load(NAME)`.\n"]  # fmt: skip
    for name in lescli_schemas.names():
        if name not in ("service", "service-tests"):
            schema = lescli_schemas.load(name)
            parts.append(f"## {schema['$id']}\n\n{schema['title']}\n")
            parts.append(table(("field", "type", "required", "what it is"), _fields(schema)))
    return "\n".join(parts)


def _fields(schema: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """One row a field, `claims[].claim_id` for a field of the objects of a list."""

    def of(node: dict[str, Any], place: str, seen: tuple[str, ...]) -> Iterator[tuple[str, str, str, str]]:
        node, seen = _followed(schema, node, seen)
        for way in [*node.get("oneOf", ())][:1]:
            yield from of(way, place, seen)
        for name, field in node.get("properties", {}).items():
            whole, further = _followed(schema, field, seen)
            told = field.get("description") or whole.get("description") or whole.get("title") or ""
            here = f"{place}{name}"
            yield f"`{here}`", _type(schema, whole), "yes" if name in node.get("required", ()) else "", told
            yield from of(whole, f"{here}.", further)
        if isinstance(node.get("items"), dict):
            yield from of(node["items"], f"{place.removesuffix('.')}[].", seen)
        if isinstance(node.get("additionalProperties"), dict):
            yield from of(node["additionalProperties"], f"{place}NAME.", seen)

    yield from of(schema, "", ())


def _followed(
    schema: dict[str, Any], node: dict[str, Any], seen: tuple[str, ...]
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The node itself, references resolved; one that leads back into itself is not followed again."""
    while "$ref" in node:
        name = node["$ref"].rpartition("/")[2]
        if name in seen:
            return {}, seen
        node, seen = {**schema["$defs"][name], **{key: node[key] for key in node if key != "$ref"}}, (*seen, name)
    return node, seen


def _type(schema: dict[str, Any], node: dict[str, Any]) -> str:
    node, _ = _followed(schema, node, ())
    if "const" in node:
        return f"`{json.dumps(node['const'])}`"
    if "enum" in node:
        return " or ".join(f"`{json.dumps(value)}`" for value in node["enum"])
    ways = node.get("anyOf") or node.get("oneOf")
    if ways and "type" not in node:
        return " or ".join(dict.fromkeys(_type(schema, way) for way in ways))
    kinds = node.get("type", "object")
    named = [kinds] if isinstance(kinds, str) else kinds
    inner = f" of {_type(schema, node['items'])}" if isinstance(node.get("items"), dict) else ""
    return " or ".join(named) + inner


def service_toml() -> str:
    """The tables and keys of a service.toml, and the standard vocabulary they may name."""
    schema = lescli_schemas.load("service")
    intro = "A service is data. `les services new NAME` writes one to fill in; `les services check` names its faults"
    parts = ["# service.toml\n", f"{intro}.\n"]
    required = schema.get("required", [])
    for name, section in schema["properties"].items():
        repeated = section.get("type") == "array"
        named = section.get("type") == "object" and isinstance(section.get("additionalProperties"), dict)
        head = f"[[{name}]]" if repeated else f"[{name}.NAME]" if named else f"[{name}]"
        inner = section["items"] if repeated else section["additionalProperties"] if named else section
        must = "Required. " if name in required else ""
        about = section.get("description", "")
        parts.append(f"## `{head}`\n\n{must}{about[:1].upper()}{about[1:]}".rstrip() + "\n")
        parts.append(table(KEY_COLUMNS, _key_rows(schema, _followed(schema, inner, ())[0])))
    parts.append(f"## Dated terms\n\n{DATED}\n")
    parts.append(
        table(("key", "example", "what it is"), ((f"`{k}`", f"`{e}`", about) for k, (e, about) in KEYS.items()))
    )
    for what, (head, about) in KINDS.items():
        parts.append(f"## {head}\n\n{about} Beside the keys above, each has these. Any other key is a fault.\n")
        for name in kinds_of(what):
            found = kind(what, name)
            parts.append(f"### `{name}`\n\n{found['description']}\n")
            if found["properties"]:
                parts.append(table(KEY_COLUMNS, _key_rows(schema, found)))
    parts.append(f"## Settings that every service has\n\n{SHARED}\n")
    shared = ((f"`{name}`", type_of_setting(one), one["title"]) for name, one in every_service().items())
    parts.append(table(("setting", "type", "what it says"), shared))
    return "\n".join(parts)


DATED = """A `[[terms]]` block says what changes from a day on. A key that holds a dot stands in quotes:

```toml
[[terms]]
from = "2027-04-01"
clause = "contract variation 2, section 4"

[terms.set]
"price.injection" = "22.50"
window_months = 2
```

`les services set` takes the same keys. Of two values of one key, the one that begins later counts; of two from one day,
the practice's own."""

SHARED = """A file need not name these. It does so to give a clause or a value of its own. `les services set S
setting.NAME=VALUE` sets one. The keys `period.start` and `period.end` of that command move the first and the last day
of every service."""

KEY_COLUMNS = ("key", "type", "required", "what it is", "example")
KINDS = {
    "register": ("Register rules", "`rule` of `[register]` says how patients come onto the register."),
    "recall": ("Kinds of recall", "`kind` of a `[[recall]]` says who is called."),
    "item": ("Kinds of item", "`kind` of an `[[item]]` says what is counted and paid."),
    "check": ("Checks", "`rule` of an `[[item.check]]` says what every row of the item must meet."),
    "evidence": ("Kinds of evidence", "`kind` of an `[[evidence]]` table says where to find it."),
    "measure": ("Kinds of measure", "`kind` of a `[[measure]]` says what is counted."),
}


def _key_rows(schema: dict[str, Any], found: Any) -> Iterator[tuple[str, str, str, str, str]]:
    """One row for each key of a table, `options.detail` or `price[].amount` for a key of a table inside it."""
    for name, node in found["properties"].items():
        node, _ = _followed(schema, node, ())
        must = "yes" if name in found.get("required", ()) else ""
        inside, _ = _followed(schema, node["items"], ()) if isinstance(node.get("items"), dict) else (node, ())
        if inside.get("properties"):
            about = node.get("description", "")
            yield f"`{name}`", "tables" if inside is not node else "table", must, about, ""
            mark = "" if inside is node else "[]"
            for row in _key_rows(schema, inside):
                yield (f"`{name}{mark}.{row[0].strip('`')}`", *row[1:])
            continue
        example = f"`{name} = {in_toml(node['examples'][0])}`" if "examples" in node else ""
        yield f"`{name}`", _type(schema, node), must, node.get("description", ""), example


def exit_codes() -> str:
    """What each exit code says."""
    rows = ((f"`{int(code)}`", EXIT_WORDS[code]) for code in Exit)
    return "# Exit codes\n\n" + table(("code", "what it says"), rows)


def reasons() -> str:
    """Why an activity is not simply payable: what every service shares, and what each says itself."""
    shared = tomllib.loads(files("lescli.rules").joinpath("reasons.toml").read_text(encoding="utf-8"))
    parts = ["# Reasons\n", "Why an activity has its verdict. A service gives a reason the clause of its own "
             "document, and may add reasons of its own.\n", "## Every service\n"]  # fmt: skip
    columns = ("reason", "verdict", "what it says", "what to do", "clause")
    parts.append(table(columns, _reason_rows(shared)))
    for point in sorted(importlib.metadata.entry_points(group="lescli.services"), key=lambda point: point.name):
        data = tomllib.loads(files(point.module).joinpath("service.toml").read_text(encoding="utf-8"))
        own = data.get("reasons", {})
        if own:
            parts.append(f"## {point.name}\n")
            parts.append(table(columns, _reason_rows({name: {**shared.get(name, {}), **own[name]} for name in own})))
    return "\n".join(parts)


def _reason_rows(found: dict[str, Any]) -> Iterator[tuple[str, ...]]:
    for name, reason in found.items():
        yield (f"`{name}`", *(reason.get(key, "") for key in ("verdict", "text", "fix", "clause")))


def tests_toml() -> str:
    """The tables and keys of a tests.toml, each with an example."""
    schema = lescli_schemas.load("service-tests")
    practice, test = schema["properties"]["practice"], schema["properties"]["test"]["items"]
    about = schema["title"].partition(": ")[2].capitalize()
    parts = ["# tests.toml\n", f"{about}. It stands beside service.toml. `les services test FOLDER` runs it, without "
             "a store, and prints a sentence for each failure. A table is text: a line of column names, then a line "
             "for each row, with `|` between the cells. A patient is a name, the same in every table. A cell of an "
             "expected table that ends with `...` is compared by its beginning.\n"]  # fmt: skip
    columns = ("key", "required", "what it is", "example")
    for head, section, required in (
        ("[practice]", practice, ()),
        ("[[test]]", test, test["required"]),
        ("claim of a [[test]]", test["properties"]["claim"], test["properties"]["claim"]["required"]),
    ):
        about = section.get("description") or schema["properties"]["test"]["description"]
        parts.append(f"## `{head}`\n\n{about[:1].upper()}{about[1:]}.\n")
        rows = []
        for name, key in section["properties"].items():
            place = f"claim.{name}" if head.startswith("claim") else name
            example = "<br>".join(f"`{line}`" for line in toml_lines(place, key.get("examples", (None,))[0]))
            rows.append((f"`{place}`", "yes" if name in required else "", key["description"], example))
        parts.append(table(columns, rows))
    return "\n".join(parts)


def toml_lines(key: str, value: Any) -> list[str]:
    """A key and its value as lines of a tests.toml."""
    if isinstance(value, str) and "\n" in value:
        return [f'{key} = """', *value.splitlines(), '"""']
    if isinstance(value, dict):
        inner = ", ".join(f"{json.dumps(name)} = {json.dumps(one)}" for name, one in value.items())
        return [f"{key} = {{ {inner} }}"]
    return [] if value is None else [f"{key} = {json.dumps(value)}"]


def sound_files() -> str:
    """The digests of the shipped service.toml files without a fault, so that no command needs to check them again."""
    digests = []
    for path in sorted((DOCS.parent / "plugins").glob("*/lescli_*/service.toml")):
        content = path.read_bytes()
        digest = digest_of(content)
        if not faults_in(toml_of(content), digest):
            digests.append(digest)
    return "".join(f"{digest}\n" for digest in sorted(digests))


PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands,
    "hooks.md": hooks,
    "json.md": json_page,
    "service-toml.md": service_toml,
    "tests-toml.md": tests_toml,
    "exit-codes.md": exit_codes,
    "reasons.md": reasons,
}


def pages() -> Iterator[tuple[str, str]]:
    """Every written page by its place in docs, as it should be now."""
    # Help is folded to the terminal's width, and the pages must not depend on whose terminal it is.
    os.environ["COLUMNS"] = WIDTH
    for name in lescli_schemas.names():
        whole = lescli_schemas.with_shared(name)
        if whole != lescli_schemas.load(name):
            yield f"{_SCHEMAS}/{name}.json", json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
    for name, page in PAGES.items():
        yield f"reference/{name}", NOTE + page()
    yield "../lescli/specification/sound.txt", sound_files()
    for name in WALKED:
        yield name, walked((DOCS / name).read_text(encoding="utf-8"))


def _shown(name: str) -> str:
    return name.removeprefix("../") if name.startswith("../") else f"docs/{name}"


def main() -> int:
    """Write the pages, or with --check compare them."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, text in pages():
        path = DOCS / name
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    for name in stale:
        print(f"{_shown(name)} {'is out of date: run python docs/generate.py' if check else 'written'}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
