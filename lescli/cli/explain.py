"""`les explain`: everything the rules say about one patient."""

from __future__ import annotations

from typing import Annotated

import typer

from ..errors import Exit
from .options import Common, parse_patient, verb


@verb
def explain(
    common: Common,
    service: Annotated[str, typer.Argument(help="The service.", metavar="S")],
    patient: Annotated[str, typer.Option("--patient", help="The patient's NHS number.", metavar="NHS")],
) -> int:
    """Explain what the rules say about one patient, with clause and evidence."""
    from ..operations.choose_services import one_service
    from ..operations.patients.explain import explain_answer

    nhs_number = parse_patient("--patient", patient)
    with common.open() as store:
        common.show(explain_answer(store, one_service(store, service), nhs_number, common.as_of))
    return Exit.DONE
