"""`les services show`: a service's terms, clause by clause, beside local ones."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit
from .options import Common, verb


@verb
def services_show(common: Common, service: Annotated[str, typer.Argument(help="The service.", metavar="S")]) -> int:
    """Show every term with its clause, so that it can be laid beside the commissioner's document."""
    from ..operations.services import shown_answer

    with common.open() as store:
        common.show(shown_answer(store, service))
    return Exit.DONE
