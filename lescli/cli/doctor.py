"""`les doctor`: whether this machine is set up right."""

from __future__ import annotations

from ..errors import Exit
from .options import Common, verb


@verb
def doctor(common: Common) -> int:
    """Look at versions, the store's place, permissions, disk, locks, services and backups; one line each."""
    from ..operations.doctor import doctor_answer

    answer, attention = doctor_answer(common.path, common.as_of)
    common.show(answer)
    return Exit.NEEDS_PERSON if attention else Exit.DONE
