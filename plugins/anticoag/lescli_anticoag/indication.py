"""Whether an indication, in whatever words it was written, is atrial fibrillation."""

from __future__ import annotations

from datetime import date

from lescli.api import RegisterEntry, ServiceSpec, holds_phrase

DETAIL = "indication"


def has_af(spec: ServiceSpec, entry: RegisterEntry, day: date) -> bool | None:
    """True or false by the phrases in force on a day; None where nobody recorded an indication.

    The indication is taken as it is known now: it is often written into the register after treatment began.
    """
    written = entry.detail(DETAIL)
    if written is None:
        return None
    meant = holds_phrase(str(written), spec.setting("af_indications", day))
    return meant and not holds_phrase(str(written), spec.setting("not_af_indications", day))
