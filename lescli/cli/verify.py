"""`les verify`: check that the store is whole."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from ..errors import Exit, UsageError
from .options import Common, verb

_HEAD = re.compile(r"[0-9a-f]{64}")


@verb
def verify(
    common: Common,
    head: Annotated[
        list[str] | None,
        typer.Option("--head", help="A chain head printed earlier, to be found in today's chain.", metavar="HASH"),
    ] = None,
) -> int:
    """Check everything and change nothing. Silent when all is well, else one line for each fault and exit code 3."""
    from ..operations.verify import verify_answer
    from ..outputs.to_stdout import write_stdout

    heads = [text.strip().lower() for text in head or ()]
    if not all(map(_HEAD.fullmatch, heads)):
        raise UsageError("--head: not a chain head", "it is 64 figures and letters from a to f, as a claim prints it")
    answer, faults, looked_at = verify_answer(common.path, heads)
    if common.format != "table" or common.out is not None:
        common.show(answer)
    elif faults:
        write_stdout("".join(f"{line}\n" for line in faults))
    if common.verbose:
        common.tell(looked_at)
    return Exit.NEEDS_PERSON if faults else Exit.DONE
