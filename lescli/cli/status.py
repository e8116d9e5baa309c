"""`les status`: everything that cannot wait."""

from __future__ import annotations

from .options import Common, verb


@verb
def status(common: Common) -> int:
    """Show deadlines, money at risk, overdue recalls, running clocks and lapsing accreditations of every service."""
    from ..operations.many_stores import StatusQuestion, ask_status

    return common.reply(ask_status(common.path, StatusQuestion(as_of=common.as_of)))
