"""Completes what a person types in bash, zsh, fish and PowerShell: verbs, options, services, months, claims, terms.

The shell calls `les _complete WORD...`, which prints one suggestion a line and never an error or a patient. A store
that is locked, missing or encrypted gives fewer suggestions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from ..errors import Exit, LesError, UsageError, did_you_mean
from .options import FORMATS, Common, verb
from .settings_file import SETTINGS, apply_settings
from .verb_table import VERBS, words_of

_MONTHS = 15
_BY_HAND = "type `les completion show SHELL` and put it in place by hand"
_BEGIN, _END = "# >>> les completion >>>", "# <<< les completion <<<"

SCRIPTS = {
    "bash": """\
_les_complete() {
  local IFS=$'\\n'
  COMPREPLY=($(les _complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  if [ ${#COMPREPLY[@]} -eq 0 ]; then compopt -o default; fi
}
complete -F _les_complete les
""",
    "zsh": """\
_les_complete() {
  local -a found
  found=("${(@f)$(les _complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  found=(${found:#})
  if (( ${#found} )); then compadd -U -- "${found[@]}"; else _files; fi
}
autoload -Uz compinit && compinit -C
compdef _les_complete les
""",
    "fish": """\
function __les_complete
  set -l words (commandline -opc) (commandline -ct)
  les _complete $words[2..-1] 2>/dev/null
end
complete -c les -a '(__les_complete)'
""",
    "powershell": """\
Register-ArgumentCompleter -Native -CommandName les -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '' }
  les _complete @words 2>$null | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
""",
}
"""What each shell runs. It is the same for every version of les, so it need not be installed again."""


def complete(words: list[str]) -> None:
    """Print the suggestions for the last of the words typed after `les`."""
    try:
        with suppress(LesError):
            apply_settings()
        if store := _named_store(words[:-1]):
            os.environ["LES_STORE"] = store
        found = sorted(dict.fromkeys(suggestions(words)))
    except Exception:
        # A shell shows whatever a completion prints in the middle of the line being typed.
        return
    sys.stdout.write("".join(f"{one}\n" for one in found))


def _named_store(words: list[str]) -> str:
    """The store that the line being typed names. Its claims are the ones to suggest."""
    for place, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option == "--store":
            return value if equals else " ".join(words[place + 1 : place + 2])
    return ""


def suggestions(words: list[str]) -> Iterator[str]:
    """What may stand for the last word, given the words before it. It may be empty."""
    *before, last = _without_leading(words) or [""]
    if not before:
        return _starting(last, [*dict.fromkeys(verb.split(" ")[0] for verb in VERBS), "--help", "--version"])
    name = " ".join(before[:2]) if " ".join(before[:2]) in VERBS else before[0]
    seconds = [verb.split(" ")[1] for verb in words_of(before[0]) if " " in verb]
    if len(before) == 1 and seconds and (name not in VERBS or not last.startswith("-")):
        more = _values(name, before, last) if name in VERBS else ()
        return iter([*_starting(last, seconds), *more])
    return iter([*_values(name, before, last)]) if name in VERBS else iter(())


def _without_leading(words: list[str]) -> list[str]:
    """The words from the verb on: `--store FILE` and `--as-of DATE` may stand before it."""
    rest = list(words)
    while len(rest) > 1 and rest[0].startswith("-"):
        rest = rest[1:] if "=" in rest[0] else rest[2:]
    return rest


def _starting(last: str, known: Iterable[str]) -> Iterator[str]:
    typed = last.casefold()
    return (one for one in known if one.casefold().startswith(typed))


def _values(name: str, before: list[str], last: str) -> Iterator[str]:
    """The options of a verb, or what may follow the option before, or what may stand at this place."""
    import inspect
    from importlib import import_module

    module, function, _ = VERBS[name]
    parameters = inspect.signature(getattr(import_module(f"lescli.cli.{module}"), function)).parameters.values()
    infos: list[tuple[Any, Any]] = [
        (getattr(one.annotation, "__metadata__", (None,))[0], one.annotation) for one in parameters
    ]
    words = {word: kind for info, kind in infos for word in _words(info)}
    if last.startswith("-"):
        yield from _starting(last, [*words, "--help"])
        return
    previous, given = before[-1], _given(before[len(name.split(" ")) :], words)
    if previous in words and not _is_flag(words[previous]):
        yield from _after(name, previous, last)
        return
    places = [info.metavar or "" for info, _ in infos if type(info).__name__ == "ArgumentInfo"]
    if len(given) < len(places) or (places and "..." in places[-1]):
        yield from _argument(name, places[min(len(given), len(places) - 1)], given, last)


def _after(name: str, option: str, last: str) -> Iterator[str]:
    """The values of an option. None where it takes a file, a day or words of a person."""
    if option in ("--month", "--period"):
        yield from _starting(last, _months())
    elif option == "--service":
        yield from _starting(last, _services())
    elif option == "--by" and name in ("invite", "recall"):
        from .records import MEANS

        yield from _starting(last, MEANS)
    elif option == "--for":
        from ..outputs.exports.layout import layouts

        yield from _starting(last, layouts())
    elif option == "--format":
        yield from _starting(last, FORMATS)


def _given(words: list[str], options: dict[str, Any]) -> list[str]:
    """The arguments among words: neither options nor their values."""
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            found.append(word)
        elif word in options and not _is_flag(options[word]):
            next(rest, "")
    return found


def _words(info: object) -> tuple[str, ...]:
    """The words of an option. Typer takes the first of them for a default until it reads the whole signature."""
    words = (getattr(info, "default", None), *(getattr(info, "param_decls", None) or ()))
    return tuple(word for word in words if isinstance(word, str) and word.startswith("-"))


def _is_flag(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) is bool


def _argument(name: str, place: str, given: list[str], last: str) -> Iterator[str]:
    """What may stand at a place of the verb. The place is named as in its help, so that a new verb needs no line here.

    A place that takes a file gives nothing: the shell then completes file names.
    """
    kind = place.strip("[]").removesuffix("...")
    is_file = kind == "PATH|S" and any(mark in last for mark in "./\\")
    if kind in ("S", "PATH|S") and name != "services new" and not is_file:
        yield from _starting(last, _services())
    elif kind == "ID":
        yield from _starting(last, _claim_ids())
    elif kind == "M":
        yield from _starting(last, [*_months(), "last-month"])
    elif kind == "KEY=VALUE" and given:
        yield from _starting(last, (f"{key}=" for key in _keys(given[0])))
    elif kind == "SHELL":
        yield from _starting(last, SCRIPTS)
    elif name.startswith("config "):
        if kind == "NAME":
            yield from _starting(last, SETTINGS)
        elif given[0] == "format":
            yield from _starting(last, FORMATS)


def _months() -> list[str]:
    """This month and the ones before it, newest first."""
    from ..calendar import Month, today

    now = Month.of(today())
    return [str(now.plus(-back)) for back in range(_MONTHS)]


def _services() -> list[str]:
    """Every installed service, and those in the store."""
    from importlib.metadata import entry_points

    names = [point.name for point in entry_points(group="lescli.services")]
    try:
        from ..store import open_store
        from ..store.practice_data import folder_services
        from .options import default_store

        with open_store(default_store()) as store:
            names += [name for name, _ in folder_services(store)]
    except LesError:
        pass
    return names


def _claim_ids() -> list[str]:
    from ..store import open_store
    from ..store.ledger.read import claims
    from .options import default_store

    with open_store(default_store()) as store:
        return [claim.claim_id for claim in claims(store)]


def _keys(service: str) -> tuple[str, ...]:
    from ..services import load_catalog
    from ..specification.own_days import keys_of

    return keys_of(load_catalog((), (service,)).service(service).spec)


@verb
def completion_show(
    common: Common,
    shell: Annotated[str, typer.Argument(help="bash, zsh, fish or powershell.", metavar="SHELL")],
) -> int:
    """Print the script of a shell, for a place of your own choice."""
    sys.stdout.write(SCRIPTS[_known(shell)])
    return Exit.DONE


@verb
def completion_install(
    common: Common,
    shell: Annotated[str, typer.Argument(help="bash, zsh, fish or powershell; default: yours.", metavar="SHELL")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which file would change, and how.")] = False,
) -> int:
    """Put completion into the start file of your shell. Installed again, it changes nothing."""
    name = _known(shell or _own_shell())
    path = _start_file(name)
    before = _read(path)
    after = _without(before) + _block(name)
    if dry_run:
        common.tell(f"it would {'change nothing in' if after == before else 'write to'} {path}:")
        sys.stdout.write(_block(name))
        return Exit.DONE
    if after == before:
        common.done(f"completion for {name} is in {path} already")
        return Exit.DONE
    _write(path, after)
    common.done(f"completion for {name} is in {path}; open a new terminal to use it")
    return Exit.DONE


@verb
def completion_uninstall(
    common: Common,
    shell: Annotated[str, typer.Argument(help="bash, zsh, fish or powershell; default: yours.", metavar="SHELL")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say which file would change.")] = False,
) -> int:
    """Take completion out of the start file of your shell. The rest of the file stays as it is."""
    name = _known(shell or _own_shell())
    path = _start_file(name)
    before = _read(path)
    after = _without(before)
    if after == before:
        common.done(f"completion for {name} is not in {path}")
        return Exit.DONE
    if dry_run:
        common.done(f"it would be taken out of {path}")
        return Exit.DONE
    _write(path, after)
    common.done(f"completion for {name} is out of {path}")
    return Exit.DONE


def _known(shell: str) -> str:
    name = {"pwsh": "powershell"}.get(shell.casefold(), shell.casefold())
    if name not in SCRIPTS:
        hint = did_you_mean(name, SCRIPTS) or f"there are {', '.join(SCRIPTS)}"
        raise UsageError("completion is not made for that shell", hint)
    return name


def _own_shell() -> str:
    if sys.platform == "win32":
        return "powershell"
    return Path(os.environ.get("SHELL", "")).name or "bash"


def _start_file(name: str) -> Path:
    home = Path.home()
    if name == "bash":
        return home / ".bashrc"
    if name == "zsh":
        return Path(os.environ.get("ZDOTDIR") or home) / ".zshrc"
    if name == "fish":
        return Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "fish" / "completions" / "les.fish"
    documents = home / "Documents" if sys.platform == "win32" else home / ".config"
    return documents / ("PowerShell" if sys.platform == "win32" else "powershell") / "Microsoft.PowerShell_profile.ps1"


def _block(name: str) -> str:
    return f"{_BEGIN}\n{SCRIPTS[name]}{_END}\n"


def _read(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError):
        raise LesError(
            f"{path} cannot be read", "type `les completion show SHELL` and put it in place by hand"
        ) from None


def _without(text: str) -> str:
    """The file without our block. What a person wrote around it stays."""
    start, end = text.find(_BEGIN), text.find(_END)
    if start < 0 or end < start:
        return text if not text or text.endswith("\n") else f"{text}\n"
    return text[:start] + text[end + len(_END) :].removeprefix("\n")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError:
        raise LesError(
            f"{path} cannot be written", "type `les completion show SHELL` and put it in place by hand"
        ) from None
