"""The bytes of a file become lines of text. A file that is not text is recognised by its first bytes."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple

from ..errors import UnreadableFileError

MAX_LINE = 1 << 20
"""The most characters in one line. A row of a report has hundreds; a file with a longer line is not a report."""

_CHUNK = 1 << 20
_LINES = 250  # A chunk of a report's lines then fits the processor's cache.
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){9,}")


class Kind(NamedTuple):
    """What a file is, to follow "FILE is", and how to fix it."""

    what: str
    fix: str


_AS_XLSX = "open it in Excel, save it as .xlsx, and import that"
OLD_WORKBOOK = Kind("an old Excel workbook (.xls)", _AS_XLSX)
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
# Names of streams inside an old Office file. The first one found decides.
_IN_OLE = (
    (
        "EncryptedPackage",
        Kind(
            "protected with a password",
            "open it in Excel, take the password off (File, Info, Protect Workbook), save it, then import it",
        ),
    ),
    ("__substg1.0_", Kind("an e-mail (.msg)", "save the file attached to it, and import that")),
    ("WordDocument", Kind("a Word document", _DOCUMENT)),
    ("PowerPoint Document", Kind("a PowerPoint document", _DOCUMENT)),
    ("Workbook", OLD_WORKBOOK),
    ("Book", OLD_WORKBOOK),
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
    """What a file that begins with `head` is; None for what may be a table or a bundle. `pieces` gives all of its
    bytes.
    """
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
    """What an Office file of before 2007 is, by the stream names in it. They are in UTF-16 and may be anywhere in the
    file.
    """
    wanted = [(name.encode("utf-16-le"), kind) for name, kind in _IN_OLE]
    found: set[bytes] = set()
    tail, seen = b"", 0
    for piece in pieces:
        found |= {name for name, _ in wanted if name in tail + piece}
        tail, seen = piece[-100:], seen + len(piece)
        if seen > _MAX_OLE:
            break
    return next((kind for name, kind in wanted if name in found), _OTHER_OLE)


def shown(path: Path) -> str:
    """The file's base name for messages. People put NHS numbers into file names, so long numbers are masked."""
    return ascii_safe(_LONG_NUMBER.sub("**********", path.name or path.resolve().name))


def ascii_safe(text: str) -> str:
    """The text on one line. A file name may have a line break or an escape sequence in it, which becomes `?`."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def container_of(path: Path) -> Kind | None:
    """What an Office file of before 2007 is; None for any other file, and for one that cannot be read."""
    try:
        # Opening a pipe could wait for ever.
        if not path.is_file():
            return None
        with path.open("rb") as file:
            return _in_container(_pieces(path)) if file.read(len(_OLE)) == _OLE else None
    except OSError:
        return None


def sha256_of(path: Path) -> str:
    """The SHA-256 of the file's bytes as 64 hex digits. The file is read a piece at a time."""
    _must_be_file(path)
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    except OSError as error:
        raise _cannot_open(path, error) from None
    return digest.hexdigest()


def encoding_of(path: Path) -> str:
    """The Python name of the file's encoding: UTF-8 or UTF-16, with or without a BOM, else Windows-1252.

    Without a BOM the whole file is decoded once as UTF-8, a piece at a time: the only letter beyond ASCII may be in a
    name such as `José` in the last row. That takes a fifth of a second for 200 MB. Raises UnreadableFileError for a
    file that is missing, empty, a folder or not text. The length of lines is not checked here: JSON may be one long
    line.
    """
    return _encoding_and_bound(path)[0]


def glimpsed(path: Path) -> Iterator[str]:
    """The lines of a file for recognising it: bytes that are not UTF-8 are replaced, and long lines are cut.

    The whole file is not searched for its encoding first. Raises UnreadableFileError like `encoding_of`.
    """
    _must_be_file(path)
    try:
        with path.open("rb") as file:
            encoding = _encoding_from_head(path, _head_of(path, file)) or "utf-8"
        with path.open(encoding=encoding, errors="replace", newline="") as text:
            yield from iter(partial(text.readline, MAX_LINE), "")
    except OSError as error:
        raise _cannot_open(path, error) from None


def lines(path: Path) -> Iterator[str]:
    """The lines of a text file, unchanged and with their line ends. A UTF-8 or UTF-16 BOM is dropped.

    Raises UnreadableFileError while iterating: see `encoding_of`. It also does so for bytes that are not text in the
    file's encoding, and for a line longer than a row of any report.
    """
    return chain.from_iterable(line_chunks(path))


def line_chunks(path: Path) -> Iterator[list[str]]:
    """The lines of `lines`, a few hundred at a time. One by one they would take a tenth of the time of an import."""
    encoding, bounded = _encoding_and_bound(path)
    try:
        # newline="": csv must see the line ends inside quotes unchanged.
        with path.open(encoding=encoding, newline="") as file:
            # readline with a limit is slower. It is only for files in which a line may never end.
            source = file if bounded else iter(partial(file.readline, MAX_LINE), "")
            while chunk := list(islice(source, _LINES)):
                if max(map(len, chunk)) >= MAX_LINE:
                    raise _too_long(path)
                yield chunk
    except UnicodeError:
        raise UnreadableFileError(
            f"{shown(path)} has bytes that are not text in its encoding ({encoding})", "run the export again"
        ) from None
    except OSError as error:
        raise _cannot_open(path, error) from None


def _must_be_file(path: Path) -> None:
    if path.is_dir():
        raise UnreadableFileError(f"{shown(path)} is a folder", "name the files in it")
    if path.exists() and not path.is_file():
        # A pipe can be read only once, and recognising a file reads it twice. Opening a pipe may also wait for ever.
        raise UnreadableFileError(f"{shown(path)} is not a file", "save the export to disk and import that")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_CHUNK), b"")


def _encoding_from_head(path: Path, head: bytes) -> str | None:
    """The encoding, when the first bytes decide it; None when the whole file must be read."""
    if kind := kind_of(head, lambda: _pieces(path)):
        raise UnreadableFileError(f"{shown(path)} is {kind.what}", kind.fix)
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    if b"\0" not in head:
        return None
    # Latin text in UTF-16 has a zero byte in every other place and hardly any in between.
    pairs = max(1, len(head) // 2)
    even, odd = head[0::2].count(0) / pairs, head[1::2].count(0) / pairs
    if odd > 0.5 and even < 0.05:
        return "utf-16-le"
    if even > 0.5 and odd < 0.05:
        return "utf-16-be"
    raise _binary(path)


def _head_of(path: Path, file: IO[bytes]) -> bytes:
    head = file.read(1 << 16)
    if not head:
        raise UnreadableFileError(f"{shown(path)} is empty", "run the export again")
    return head


def _encoding_and_bound(path: Path) -> tuple[str, bool]:
    """The encoding, and whether every line is known to be shorter than two pieces of the file."""
    _must_be_file(path)
    try:
        with path.open("rb") as file:
            if found := _encoding_from_head(path, _head_of(path, file)):
                return found, False
            file.seek(0)
            return _encoding_from_whole(path, iter(lambda: file.read(_CHUNK), b""))
    except OSError as error:
        raise _cannot_open(path, error) from None


def _encoding_from_whole(path: Path, chunks: Iterator[bytes]) -> tuple[str, bool]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid, beyond_ascii, bounded = True, False, True
    for chunk in chunks:
        if b"\0" in chunk:
            raise _binary(path)
        bounded = bounded and (len(chunk) < _CHUNK or b"\n" in chunk or b"\r" in chunk)
        if valid:
            try:
                decoded = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                valid = False
                decoded = error.object[: error.start].decode("utf-8", "ignore")
            beyond_ascii = beyond_ascii or not decoded.isascii()
    if valid and not decoder.getstate()[0]:
        return "utf-8", bounded
    if beyond_ascii:
        # Reading it as Windows-1252 would turn every earlier `é` into `Ã©`.
        raise UnreadableFileError(
            f"{shown(path)} is partly UTF-8 and partly not: it is damaged or two files were joined",
            "run the export again",
        )
    return "cp1252", bounded


def _binary(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        f"{shown(path)} is not a text file (it holds zero bytes)", "export it again, as CSV, .xlsx or JSON"
    )


def _too_long(path: Path) -> UnreadableFileError:
    return UnreadableFileError(
        f"{shown(path)} has a line of more than {MAX_LINE:,} characters",
        "export the report as CSV, with one row for each entry",
    )


def _cannot_open(path: Path, error: OSError) -> UnreadableFileError:
    if isinstance(error, FileNotFoundError):
        return UnreadableFileError(f"{shown(path)} is not there", "check the folder and the name")
    if isinstance(error, PermissionError):
        return UnreadableFileError(
            f"{shown(path)} cannot be read: you do not have permission", "ask for access, or copy the file"
        )
    # error.strerror, not str(error): the latter has the whole path, and folders may be named after patients.
    return UnreadableFileError(f"{shown(path)} cannot be read ({error.strerror or 'disk error'})", "copy it and retry")
