"""What is wrong with a plugin, for its author: a misnamed hook or argument, and where and why it failed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from .. import hookspecs
from ..errors import did_you_mean, shows_exception_texts
from ..hookspecs import PROJECT

TELL_ITS_AUTHOR = "this is a fault of its plugin: send this line to its author"
"""The cure of a plugin that fails or answers wrongly."""

_MARK = f"{PROJECT}_impl"
_MOST_CHARACTERS = 300
_WORD = re.compile(r"[^\W_]+")


@runtime_checkable
class _Naming(Protocol):
    """Records that know the words of all patients' names; those of tests need not."""

    def words_of_names(self) -> frozenset[str]: ...


def hook_names() -> tuple[str, ...]:
    """The hooks of the plugin interface."""
    return tuple(name for name, member in vars(hookspecs).items() if name.startswith("les_") and callable(member))


def fault_of_hooks(plugin: object) -> str:
    """The first misnamed, unmarked or misdeclared hook of a plugin, and what to write; "" when there is none."""
    return next(_faults(plugin), "")


def _faults(plugin: object) -> Iterator[str]:
    known = hook_names()
    for name in dir(plugin):
        member = inspect.getattr_static(plugin, name, None)
        member = member.__func__ if isinstance(member, staticmethod | classmethod) else member
        marked = getattr(member, _MARK, None)
        is_marked = marked is not None
        if not is_marked and not name.startswith("les_"):
            continue
        # pluggy lets a function of another name answer a hook.
        name = (marked or {}).get("specname") or name
        if name not in known:
            hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
            yield f"there is no hook `{name}`; {hint}"
        elif not is_marked and inspect.isroutine(member):
            yield f"{name} is not marked as a hook, so it would never be asked; write @hookimpl above it"
        elif is_marked and callable(member):
            yield from _faults_of_arguments(name, member)


def _faults_of_arguments(hook: str, function: object) -> Iterator[str]:
    taken = list(inspect.signature(getattr(hookspecs, hook)).parameters)
    try:
        parameters = inspect.signature(function).parameters.values()  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    for one in parameters:
        if one.name in ("self", "cls") or one.name in taken:
            if one.default is not inspect.Parameter.empty:
                # pluggy passes nothing to an argument with a default.
                yield f"{hook}: `{one.name}` has a default, so it would never be given; leave the default out"
            continue
        hint = did_you_mean(one.name, taken)
        may = f"it may take {', '.join(taken)}" if taken else "it takes none"
        yield f"{hook} has no argument `{one.name}`; {f'{hint} ' if hint else ''}{may}"


def where(fault: BaseException) -> str:
    """The type of an exception and the file and line that raised it."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = ""
    if trace is not None:
        name = trace.tb_frame.f_code.co_filename.replace("\\", "/").rsplit("/", 1)[-1]
        place = f" at {name}:{trace.tb_lineno}"
    return f"{type(fault).__name__}{place}"


def missing_module(fault: BaseException) -> str:
    """The module that an import did not find, as `: there is no module NAME`; "" for any other fault."""
    name = fault.name if isinstance(fault, ModuleNotFoundError) else None
    is_plain = name and name.isascii() and name.replace(".", "_").isidentifier() and not re.search(r"\d{3}", name)
    return f": there is no module {name}" if is_plain else ""


def text_of(fault: BaseException, records: object) -> str:
    """With `-v`, the exception's text as `: TEXT`, every number and every word of a patient's name masked; else ""."""
    if not shows_exception_texts.get():
        return ""
    try:
        names = records.words_of_names() if isinstance(records, _Naming) else None
        text = " ".join(str(fault).split())[:_MOST_CHARACTERS]
    except Exception:
        return ""
    # Without the names nothing can be masked for certain.
    return f": {_masked(text, names)}" if text and names is not None else ""


def _masked(text: str, names: frozenset[str]) -> str:
    def shown(found: re.Match[str]) -> str:
        word = found[0]
        if any(character.isdigit() for character in word):
            return "[number]"
        return "[name]" if word.casefold() in names else word

    return _WORD.sub(shown, text)
