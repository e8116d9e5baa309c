"""`les reconcile`: the commissioner's figures or rows against ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..errors import Exit
from .options import Common, parse_month, verb


@verb
def reconcile(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    file: Annotated[Path, typer.Argument(help="Their file: csv or xlsx.", metavar="FILE")],
    month: Annotated[str, typer.Option("--month", help="The month claimed, such as 2026-05.", metavar="M")],
    rows: Annotated[bool, typer.Option("--rows", help="Also the activities that differ; names patients.")] = False,
) -> int:
    """Compare their figures with our claim, and say why each difference is there and what to send.

    Their file has the columns item, quantity and, if they give it, amount; or nhs_number, date and, if they give them,
    item and amount. Differences end with exit code 3.
    """
    from ..operations.choose_services import claimed_for, one_service
    from ..operations.reconcile.run import check_file
    from ..operations.reconcile.run import reconcile as compared

    check_file(file)
    with common.open() as store:
        asked = one_service(store, service)
        period = claimed_for(asked.spec, parse_month(month, common.as_of))
        answer = compared(store, asked, period, file, common.as_of, rows=rows)
    differ = isinstance(answer.data, dict) and answer.data["differences"]
    code = Exit.NEEDS_PERSON if differ else Exit.DONE
    common.show(answer, code)
    return code
