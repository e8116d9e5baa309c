"""The five services, each with its reckoning and its practices."""

from __future__ import annotations

import lescli_denosumab

from . import denosumab, kinds
from .compared import Contest

CONTESTS = {
    "denosumab": Contest(
        lescli_denosumab,
        denosumab.reckon,
        kinds.DENOSUMAB,
        ("claimed", "refused", "expired", "check", "payable"),
    ),
}
