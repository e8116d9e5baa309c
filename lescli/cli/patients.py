"""`les patients`: NHS numbers that may be one person's, and what was decided of them."""

from __future__ import annotations

from ..errors import Exit
from .options import Common, verb


@verb
def patients(common: Common) -> int:
    """List who may be one person under two NHS numbers; exit code 3 while somebody has to decide."""
    from ..operations.patients.same_person import patients_answer

    with common.open() as store:
        answer = patients_answer(store)
    code = Exit.NEEDS_PERSON if answer.notes else Exit.DONE
    common.show(answer, code)
    return code
