"""Decides whether an indication is atrial fibrillation, however it was written."""

from __future__ import annotations

from datetime import date

from lescli.api import RegisterEntry, ServiceSpec, holds_phrase

DETAIL = "indication"


def has_af(spec: ServiceSpec, entry: RegisterEntry, day: date) -> bool | None:
    """Whether the indication is atrial fibrillation, by the phrases in force on a day; None when none is recorded.

    The indication is the one known on the day asked about, because it is often recorded after treatment began.
    """
    written = entry.detail(DETAIL)
    if written is None:
        return None
    meant = holds_phrase(str(written), spec.setting("af_indications", day))
    return meant and not holds_phrase(str(written), spec.setting("not_af_indications", day))
