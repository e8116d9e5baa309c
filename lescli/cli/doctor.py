"""`les doctor`: check how this machine is set up."""

from __future__ import annotations

from ..errors import Exit
from .options import Common, verb


@verb
def doctor(common: Common) -> int:
    """Check versions, the store's location, permissions, disk, locks, services and backups. Each gets one line."""
    from ..operations.doctor import doctor_answer

    answer, attention = doctor_answer(common.path, common.as_of)
    common.show(answer)
    return Exit.NEEDS_PERSON if attention else Exit.DONE
