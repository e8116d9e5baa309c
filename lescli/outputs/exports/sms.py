"""How many parts a text message has, as networks count and charge them.

GSM 03.38 (3GPP TS 23.038): 160 characters in one part, 153 in each of several; a character of the extension table
counts twice. A character outside both tables makes the whole message UCS-2: 70 in one part, 67 in each of several.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from math import ceil

from ...errors import LesError

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("\f^{}\\[~]|€")
_PENNY = Decimal()
_SINGLE, _SEVERAL = 160, 153
_SINGLE_UCS2, _SEVERAL_UCS2 = 70, 67


def sms_parts(text: str) -> int:
    """The number of parts of a message; 0 for an empty one."""
    if not text:
        return 0
    if all(character in _BASIC or character in _EXTENSION for character in text):
        return _parts([2 if character in _EXTENSION else 1 for character in text], _SINGLE, _SEVERAL)
    # A character beyond the first plane takes two units of UCS-2.
    return _parts([len(character.encode("utf-16-le")) // 2 for character in text], _SINGLE_UCS2, _SEVERAL_UCS2)


def _parts(units: list[int], single: int, several: int) -> int:
    if sum(units) <= single:
        return 1
    if max(units) == 1:
        return ceil(len(units) / several)
    # A pair of units may not be cut, so a part may end one unit early.
    parts, used = 1, 0
    for one in units:
        if used + one > several:
            parts, used = parts + 1, 0
        used += one
    return parts


def whole_pence(cost: Decimal) -> int:
    """An exact cost to the nearest penny, half a penny up. Parts are summed first and rounded once."""
    return int(cost.quantize(_PENNY, rounding=ROUND_HALF_UP))


_MOST_DIGITS = 3


def price_of(text: str) -> Decimal:
    """The pence of one part of a text message; LesError when it is no price."""
    try:
        price = Decimal(text.strip().removesuffix("p"))
    except InvalidOperation:
        price = None
    if price is None or not price.is_finite() or price < 0 or len(str(int(price))) > _MOST_DIGITS:
        raise LesError(
            "setting.sms_part_price is no price in pence",
            "write the pence of one part with VAT in figures, as in `setting.sms_part_price=2.88`",
        )
    return price
