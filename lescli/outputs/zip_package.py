"""The parts of a Word file or a workbook as one file: the same bytes for the same parts, on any computer and day."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can hold, as the time of writing would make other bytes."""
_ANY_SYSTEM = 0


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts by their names, in their order."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Python would write on which system it runs.
            entry.create_system = _ANY_SYSTEM
            package.writestr(entry, content)
    return whole.getvalue()
