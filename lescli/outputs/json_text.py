"""An answer for a program: its JSON value, byte for byte the same for the same answer."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from json.encoder import encode_basestring
from typing import Any

from ..errors import LesError
from .answer import Answer

# JSON escapes C0 controls itself, but may leave DEL, C1 controls (0x9B starts a terminal sequence) and direction marks
# raw. Escaped, the value is the same and cannot harm a terminal. Lone surrogates have no UTF-8 but have this escape.
_RAW = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def json_text(answer: Answer) -> str:
    """The JSON value, indented by 2, keys in the given order, with one newline at the end. LesError for NaN or
    infinity.
    """
    try:
        text = indented(_marked(answer))
    except ValueError:
        raise LesError("the answer holds a number that JSON cannot write", "report this as a fault of les") from None
    return _RAW.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def indented(value: Any, margin: str = "\n") -> str:
    """The text of `json.dumps` with `indent=2`, several times faster: json indents in Python, not in C."""
    if isinstance(value, str):
        return encode_basestring(value)
    if value is None:
        return "null"
    if type(value) is int:
        return str(value)
    inner = f"{margin}  "
    if isinstance(value, dict) and value:
        pairs = [f"{encode_basestring(name)}: {indented(one, inner)}" for name, one in value.items()]
        return f"{{{inner}{f',{inner}'.join(pairs)}{margin}}}"
    if isinstance(value, (list, tuple)) and value:
        return f"[{inner}{f',{inner}'.join([indented(one, inner) for one in value])}{margin}]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _marked(answer: Answer) -> Any:
    """The value with `"identifiable": true` after its `schema` if it names patients. In a list, each item gets it."""
    if not answer.identifiable:
        return answer.data
    if isinstance(answer.data, list):
        return [_marked(replace(answer, data=one)) for one in answer.data]
    first = {name: answer.data[name] for name in ("schema",) if name in answer.data}
    return {**first, "identifiable": True, **answer.data}
