"""The five services, each with its reckoning, its practices, and the verdicts that they must meet."""

from __future__ import annotations

import lescli_anticoag
import lescli_denosumab
import lescli_ius
import lescli_pessary
import lescli_phlebotomy

from . import anticoag, denosumab, ius, kinds, pessary, phlebotomy
from .compared import Contest

CONTESTS = {
    "denosumab": Contest(
        package=lescli_denosumab,
        service=denosumab.DENOSUMAB,
        reckon=denosumab.reckon,
        kind=kinds.DENOSUMAB,
        verdicts=("claimed", "refused", "expired", "check", "payable"),
    ),
    "anticoag": Contest(
        package=lescli_anticoag,
        service=anticoag.ANTICOAG,
        reckon=anticoag.reckon,
        kind=kinds.ANTICOAG,
        verdicts=("claimed", "refused", "check", "payable"),
    ),
    "ius": Contest(
        package=lescli_ius,
        service=ius.IUS,
        reckon=ius.reckon,
        kind=kinds.IUS,
        verdicts=("claimed", "refused", "check", "unpriced", "payable"),
    ),
    "pessary": Contest(
        package=lescli_pessary,
        service=pessary.PESSARY,
        reckon=pessary.reckon,
        kind=kinds.PESSARY,
        verdicts=("claimed", "refused", "check", "over_cap", "unpriced", "payable"),
    ),
    "phlebotomy": Contest(
        package=lescli_phlebotomy,
        service=phlebotomy.PHLEBOTOMY,
        reckon=phlebotomy.reckon,
        kind=kinds.PHLEBOTOMY,
        verdicts=("claimed", "refused", "check", "unpriced", "payable"),
    ),
}
