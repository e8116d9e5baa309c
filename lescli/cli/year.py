"""`les year`: the money of a contract year."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit
from .options import Common, verb
from .run import complain


@verb
def year(
    common: Common,
    year: Annotated[str, typer.Argument(help="Such as 2026-27; default: this year.", metavar="[YEAR]")] = "",
) -> int:
    """Show by service and month what was claimed, paid, is owed, can still be claimed, and is lost."""
    from ..operations.year import year_of

    with common.open() as store:
        done = year_of(store, year.strip(), common.as_of)
    code = Exit.NEEDS_PERSON if done.failed else Exit.DONE
    common.show(done.answer, code)
    for line in done.failed:
        complain(line)
    return code
