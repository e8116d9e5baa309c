"""Run one verb. A failure ends with one clear line. An unexpected fault is reported without any patient's data."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import TracebackType

from ..errors import Exit, LesError, UsageError, did_you_mean
from .settings_file import apply_settings
from .verb_table import VERBS, words_of

_LEADING = ("--store", "--as-of")
_EXTRA = "unexpected extra argument"


def run(arguments: list[str]) -> int:
    """Run `les` with these arguments. The result is an exit code of docs/reference/exit-codes.md."""
    try:
        leading, rest = _leading(arguments)
        name, rest = _verb(rest)
        if name.split(" ")[0] != "config":
            apply_settings()
        else:
            with suppress(LesError):
                apply_settings()
        # Also where help is asked for: `-h` may be the value of an option, and the store that was named must stay.
        return _call(name, [*leading, *rest])
    except LesError as fault:
        complain(str(fault))
        return int(fault.exit_code)
    except KeyboardInterrupt:
        complain("interrupted, nothing changed")
        return int(Exit.INTERRUPTED)
    except Exception as fault:
        return _unexpected(fault)


def complain(text: str) -> None:
    """Write one line to stderr."""
    from ..outputs.table import say

    say(text)


def _leading(arguments: list[str]) -> tuple[list[str], list[str]]:
    """`--store` and `--as-of` typed before the verb, and the remaining arguments."""
    leading: list[str] = []
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        name, equals, _ = rest[0].partition("=")
        if name in ("--version", "-V"):
            raise UsageError(f"{name} goes with -v or with nothing", "type `les --version -v`")
        if name not in _LEADING:
            raise UsageError(f"{name} comes after the verb", "see `les --help`")
        if equals:
            leading.append(rest.pop(0))
        elif len(rest) > 1:
            leading += [rest.pop(0), rest.pop(0)]
        else:
            raise UsageError(f"{name} needs a value", "see `les --help`")
    if not rest:
        raise UsageError("no verb was given", "see `les --help`")
    return leading, rest


def _verb(rest: list[str]) -> tuple[str, list[str]]:
    two = " ".join(rest[:2])
    if two in VERBS:
        return two, rest[2:]
    if rest[0] in VERBS:
        return rest[0], rest[1:]
    if seconds := [name for name in words_of(rest[0]) if " " in name]:
        words = [name.split(" ")[1] for name in seconds]
        hint = did_you_mean(rest[1], words, before=f"les {rest[0]} ") if len(rest) > 1 else ""
        raise UsageError(f"`les {rest[0]}` needs a second word", hint or f"there are {', '.join(words)}")
    hint = did_you_mean(rest[0], dict.fromkeys(name.split(" ")[0] for name in VERBS), before="les ")
    raise UsageError("there is no such verb", hint or "see `les --help`")


def _asks_help(rest: list[str]) -> bool:
    return any(word in ("-h", "--help") for word in rest)


def _call(name: str, arguments: list[str]) -> int:
    import typer

    module, function, summary = VERBS[name]
    verb: Callable[..., int] = getattr(import_module(f"lescli.cli.{module}"), function)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    app.command(
        name=name,
        context_settings=settings,
        epilog=_examples(name) if _asks_help(arguments) else None,
        help=f"{_capitalised(summary)}.",
    )(verb)
    command = typer.main.get_command(app)
    # The parent of typer.BadParameter is the parser's own usage error, whichever parser typer uses.
    usage_error: type[Exception] = typer.BadParameter.__mro__[1]
    try:
        code = command.main(args=arguments, prog_name=f"les {name}", standalone_mode=False)
    except usage_error as fault:
        said = getattr(fault, "format_message", None)
        message = said() if said else str(fault)
        for word in arguments:
            if not word.startswith("-"):
                message = message.replace(f"'{word}'", "that")
        if _EXTRA in message.lower():
            what, cure = _too_many(name, arguments)
            raise UsageError(what, cure) from None
        raise UsageError(message.rstrip("."), f"see `les {name} --help`") from None
    except typer.Abort:
        raise KeyboardInterrupt from None
    return int(code or 0)


def expanded_pattern() -> tuple[str, str]:
    """The error for a pattern of stores without quotes: the shell puts the names of all files in its place."""
    return "the pattern of --stores is not in quotes", "write it as --stores 'practices/*.les'"


def _too_many(name: str, arguments: list[str]) -> tuple[str, str]:
    """The error for more words than the verb takes, often a mistyped second word. It repeats nothing that was typed."""
    if name.startswith("group ") and any(word.lower().endswith(".les") for word in arguments):
        return expanded_pattern()
    seconds = [other.split(" ")[1] for other in VERBS if other.startswith(f"{name} ")]
    if not seconds:
        hint = f"put a name or a text of several words in quotes; see `les {name} --help`"
        return f"`les {name}` was given more words than it takes", hint
    first = next((word for word in arguments if not word.startswith("-")), "")
    hint = did_you_mean(first, seconds, before=f"les {name} ")
    every = f"there are {', '.join(seconds)}; see also `les {name} --help`"
    return f"there is no such verb of `les {name}`", hint or every


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _examples(name: str) -> str:
    lines = Path(__file__).with_name("examples.txt").read_text(encoding="utf-8").splitlines()
    own = [line for line in lines if line.startswith("les ") and _verb(line.split(" ")[1:])[0] == name]
    # A lone \b keeps the parser from joining the lines into a paragraph.
    return "\b\nexample:\n" + "\n".join(f"  {line}" for line in own)


def _unexpected(fault: Exception) -> int:
    """Report a fault of the program: its type and place, never its text, which may have patient data in it."""
    import sqlite3

    from ..store.database.connection import clear_errors

    if isinstance(fault, sqlite3.Error):
        try:
            with clear_errors(None):
                raise fault
        except LesError as clear:
            complain(str(clear).replace("None", "the store", 1))
            return int(clear.exit_code)
        except sqlite3.Error:
            pass
    if isinstance(fault, OSError) and fault.filename is not None and not isinstance(fault, FileNotFoundError):
        # An error of the operating system, not a fault of les. Its path is not repeated, because people name files
        # after patients. Nor is its text, because a library may have put anything into it.
        why = os.strerror(fault.errno) if fault.errno else "no reason is given"
        complain(f"a file or folder that was named cannot be used: {why}; check its permissions, or name another")
        return int(Exit.REFUSED)
    broke = f"{type(fault).__name__}{place_of(fault.__traceback__)}"
    complain(f"a fault of the program ({broke}); please report it with the command you typed")
    return int(Exit.REFUSED)


def place_of(trace: TracebackType | None) -> str:
    """Where an exception was raised, as ` at file.py:12`; "" when that is not known."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return _at(trace.tb_frame.f_code.co_filename, trace.tb_lineno) if trace is not None else ""


def speak_for_python() -> None:
    """Replace what Python prints by itself for faults and warnings, text included, by the same short report.

    This covers exceptions in a thread, in a `__del__` or outside every verb, and warnings. Hooks that are already set,
    as a test runner does, are left alone.
    """
    if sys.unraisablehook is not sys.__unraisablehook__:
        return
    sys.excepthook = lambda kind, _, trace: _tell(kind, trace)
    sys.unraisablehook = lambda found: _tell(found.exc_type, found.exc_traceback)
    threading.excepthook = lambda found: _tell(found.exc_type, found.exc_traceback)
    warnings.showwarning = lambda message, category, filename, lineno, file=None, line=None: complain(
        f"a warning of the program ({category.__name__}{_at(filename, lineno)})"
    )


def _tell(kind: type[BaseException], trace: TracebackType | None) -> None:
    if not issubclass(kind, SystemExit):
        complain(f"a fault of the program ({kind.__name__}{place_of(trace)})")


def _at(file: str, line: int) -> str:
    return f" at {file.replace(chr(92), '/').rsplit('/', 1)[-1]}:{line}"
