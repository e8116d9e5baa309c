"""Whether an indication, in whatever words it was written, is atrial fibrillation."""

from __future__ import annotations

from datetime import date

from lescli.api import RegisterEntry, ServiceSpec, folded

DETAIL = "indication"


def has_af(spec: ServiceSpec, entry: RegisterEntry, day: date) -> bool | None:
    """True or false by the phrases in force on a day; None where nobody recorded an indication.

    The indication is taken as it is known now: it is often written into the register after treatment began.
    """
    written = entry.detail(DETAIL)
    if written is None:
        return None
    words = f" {folded(str(written))} "
    return _any_of(spec, "af_indications", day, words) and not _any_of(spec, "not_af_indications", day, words)


def _any_of(spec: ServiceSpec, setting: str, day: date, words: str) -> bool:
    phrases = spec.setting(setting, day)
    return isinstance(phrases, tuple) and any(f" {folded(phrase)} " in words for phrase in phrases)
