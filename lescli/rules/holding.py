"""The days whose work a practice can claim with this program: in force, signed, not claimed by other means."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from ..calendar import Month
from ..model import Records, ServiceSpec, Span

CLAIMS_FROM = "claims_from"
_ALWAYS = Span(start=date.min, end=None, source="")


def claims_from(spec: ServiceSpec, as_of: date) -> Month | None:
    """The first month claimed with this program; None where the practice set none."""
    if not any(setting.name == CLAIMS_FROM for setting in spec.settings):
        return None
    value = spec.setting(CLAIMS_FROM, as_of)
    return Month.parse(value) if isinstance(value, str) else None


def first_claim_day(spec: ServiceSpec, records: Records) -> date | None:
    """The earliest such day; None where there is none."""
    return min((span.start for span in _held(spec, records)), default=None)


def held_in(spec: ServiceSpec, records: Records, month: Month) -> bool:
    """Some day of a month is one of them."""
    return any(
        span.start <= month.last and (span.end is None or month.first <= span.end) for span in _held(spec, records)
    )


def _held(spec: ServiceSpec, records: Records) -> Iterator[Span]:
    since = claims_from(spec, records.as_of)
    # A practice that never said which contracts it holds is warned, not refused.
    for signed in records.signed() or (_ALWAYS,):
        for period in spec.periods:
            start = max(signed.start, period.start, since.first if since else date.min)
            end = min((end for end in (signed.end, period.end) if end), default=None)
            if end is None or start <= end:
                yield Span(start=start, end=end, source=period.source)
