"""`les verify`: whether a store is whole, one line for each fault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..outputs import Answer, Column, Grid, counted, masked
from ..store.verify.run import Verified, verify

_COLUMNS = (Column("check", "Check"), Column("fault", "Fault"))

_CHAINS = {"ledger": "ledger", "audit": "audit trail"}


def verify_answer(path: Path, heads: Sequence[str]) -> tuple[Answer, tuple[str, ...], str]:
    """The answer, its faults as lines, and the number of things checked. The store is only read."""
    found = verify(path, heads)
    faults = tuple((fault.check, masked(fault.text)) for fault in found.faults)
    data: dict[str, Any] = {
        "schema": "les-verify/1",
        "whole": not faults,
        "faults": [{"check": check, "fault": text} for check, text in faults],
        "looked_at": [{"table": table, "rows": rows} for table, rows in found.looked_at.items()],
        "heads": [{"chain": chain, "head": head} for chain, head in found.heads.items()],
    }
    answer = Answer(
        data=data,
        title=f"Verify: {counted(len(faults), 'fault')}",
        grids=(Grid(title="", columns=_COLUMNS, rows=faults, empty="the store is whole"),),
    )
    return answer, tuple(f"{check}: {text}" for check, text in faults), _looked_at(found)


def _looked_at(found: Verified) -> str:
    counts = ", ".join(f"{table.replace('_', ' ')} {count}" for table, count in found.looked_at.items())
    heads = "".join(f"; head of the {_CHAINS[chain]}: {head}" for chain, head in found.heads.items())
    return f"looked at {counts}{heads}"
