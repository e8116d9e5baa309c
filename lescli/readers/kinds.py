"""What a file is that is neither a table nor a bundle, told by how it begins, each with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Kind(NamedTuple):
    """What a file is, to follow "FILE is", and how to mend it."""

    what: str
    fix: str


_AS_XLSX = "open it in Excel, save it as .xlsx, and import that"
_PICTURE = Kind("a picture", "run the report again and export it as CSV")
_PACKED = Kind("a compressed archive", "unpack it and import what is in it")
_DOCUMENT = "run the report again and export it as CSV: a document cannot be read"

_BEGINNINGS = (
    (
        b"PK\x03\x04",
        Kind("an Excel workbook or a zip archive", "import the archive itself, or unpack it and import what is in it"),
    ),
    (b"%PDF", Kind("a PDF", "run the report again and export it as CSV")),
    (b"\x1f\x8b", _PACKED),
    (b"7z\xbc\xaf\x27\x1c", _PACKED),
    (b"Rar!", _PACKED),
    (b"BZh", _PACKED),
    (b"\xfd7zXZ", _PACKED),
    (b"\x89PNG", _PICTURE),
    (b"\xff\xd8\xff", _PICTURE),
    (b"GIF8", _PICTURE),
    (b"II*\0", _PICTURE),
    (b"MM\0*", _PICTURE),
    (b"{\\rtf", Kind("a document (RTF)", _DOCUMENT)),
    (b"SQLite format 3", Kind("a database", "name the exports of the clinical system")),
)
_OLE = b"\xd0\xcf\x11\xe0"
# The names of what lies in such a container, in the order in which they tell.
_IN_OLE = (
    (
        "EncryptedPackage",
        Kind(
            "protected with a password",
            "open it in Excel, take the password off (File, Info, Protect Workbook), save it, and import it then",
        ),
    ),
    ("__substg1.0_", Kind("an e-mail (.msg)", "save the file attached to it, and import that")),
    ("WordDocument", Kind("a Word document", _DOCUMENT)),
    ("PowerPoint Document", Kind("a PowerPoint document", _DOCUMENT)),
    ("Workbook", Kind("an old Excel workbook (.xls)", _AS_XLSX)),
    ("Book", Kind("an old Excel workbook (.xls)", _AS_XLSX)),
)
_OTHER_OLE = Kind("an old Office file", _AS_XLSX)
_MAX_OLE = 64 << 20

_MAIL = re.compile(
    r"(?:(?:Return-Path|Received|Delivered-To|From|To|Subject|Date|Message-ID|MIME-Version|X-[\w-]+): ?[^\n]*\n"
    r"(?:[ \t][^\n]*\n)*){2}",
    re.IGNORECASE,
)
_IN_MAIL = re.compile(r"^(?:MIME-Version|Message-ID|Received):", re.IGNORECASE | re.MULTILINE)
_XML = (
    ("urn:schemas-microsoft-com:office:spreadsheet", Kind("an XML spreadsheet", _AS_XLSX)),
    ("http://hl7.org/fhir", Kind("a FHIR record in XML", "ask for the record as JSON")),
)
_OTHER_XML = Kind("an XML file", "export the report as CSV")


def kind_of(head: bytes, pieces: Callable[[], Iterator[bytes]]) -> Kind | None:
    """What a file is that begins so; None for what may be a table or a bundle. `pieces` gives all of its bytes."""
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head.startswith(_OLE):
        return _in_container(pieces())
    return _text_kind(head)


def _text_kind(head: bytes) -> Kind | None:
    text = head.decode("utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig", "ignore").lstrip()
    if text.startswith("<?xml"):
        return next((kind for mark, kind in _XML if mark in text), _OTHER_XML if "<html" not in text.lower() else None)
    text = text.replace("\r\n", "\n")
    if _MAIL.match(text) and _IN_MAIL.search(text):
        if "multipart/related" in text:
            return Kind("a web archive (.mht)", _AS_XLSX)
        return Kind("an e-mail (.eml)", "save the file attached to it, and import that")
    return None


def _in_container(pieces: Iterator[bytes]) -> Kind:
    """What an Office file of before 2007 holds, by the names in it: they are in UTF-16 and may stand anywhere."""
    wanted = [(name.encode("utf-16-le"), kind) for name, kind in _IN_OLE]
    found: set[bytes] = set()
    tail, seen = b"", 0
    for piece in pieces:
        found |= {name for name, _ in wanted if name in tail + piece}
        tail, seen = piece[-100:], seen + len(piece)
        if seen > _MAX_OLE:
            break
    return next((kind for name, kind in wanted if name in found), _OTHER_OLE)
