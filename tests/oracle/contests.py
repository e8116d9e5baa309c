"""The five services, each with its reckoning, its practices, and the verdicts that they must meet."""

from __future__ import annotations

import lescli_denosumab
import lescli_phlebotomy

from . import denosumab, kinds, phlebotomy
from .compared import Contest

CONTESTS = {
    "denosumab": Contest(
        package=lescli_denosumab,
        service=denosumab.DENOSUMAB,
        reckon=denosumab.reckon,
        kind=kinds.DENOSUMAB,
        verdicts=("claimed", "refused", "expired", "check", "payable"),
    ),
    "phlebotomy": Contest(
        package=lescli_phlebotomy,
        service=phlebotomy.PHLEBOTOMY,
        reckon=phlebotomy.reckon,
        kind=kinds.PHLEBOTOMY,
        verdicts=("claimed", "refused", "check", "unpriced", "payable"),
    ),
}
