"""Letters to patients: one Word file with a page for each, from the practice's own template or the one that ships."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from ...calendar import day_in_full
from ...errors import LesError, did_you_mean
from ..zip_package import packed

PATIENT = ("name", "given_name", "family_name", "nhs_number", "date_of_birth", "title", "due_on", "message", "service")
"""The fields of a template that differ from letter to letter."""
PRACTICE = ("practice", "practice_telephone", "today")
"""The fields that are the same in every letter. A header or footer takes these alone."""

_MOST_BYTES = 50_000_000
_HEADER_OR_FOOTER = ("/header", "/footer")
_LINK = "/hyperlink"
_NOT_A_DOCUMENT = LesError("--template: the file is no Word document", "save it in Word as .docx")
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# docxtpl would put the value of such a field where Word allows no text.
_SPECIAL = re.compile(r"\{\{\s*(?:r|p|tr|tc)\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What every letter of a file shares: its template and the day it is dated."""

    template: bytes
    today: date


def shipped_template(*, large: bool) -> bytes:
    """The letter that ships: 12 point, or 16 point as large print."""
    name = "letter-large-print.docx" if large else "letter.docx"
    return files(__package__).joinpath(name).read_bytes()


def letters(letter: Letter, rows: Sequence[Mapping[str, object]]) -> bytes:
    """The Word file with a page for each row, in their order; the same bytes for the same letter and rows.

    A template can name fields and ask `if` one is there, and nothing more: it cannot run anything. LesError names what
    is wrong with it.
    """
    try:
        from docxtpl import DocxTemplate
        from lxml import etree
    except ImportError:
        raise LesError("letters need an extra of les", "type `pip install 'lescli[letters]'`") from None
    members = _members(letter.template)
    try:
        template = DocxTemplate(io.BytesIO(letter.template))
        document = template.get_docx().part
    except (KeyError, ValueError, etree.XMLSyntaxError, zipfile.BadZipFile):
        raise _NOT_A_DOCUMENT from None
    shared = {"practice": "", "practice_telephone": "", "today": day_in_full(letter.today)}
    if rows:
        shared |= {name: _text(rows[0][name]) for name in ("practice", "practice_telephone")}
    filled = _Filled(template)
    members[str(document.partname).lstrip("/")] = filled.pages(
        document.element, [{**shared, **_fields(row)} for row in rows]
    )
    for relation in document.rels.values():
        if relation.reltype.endswith(_HEADER_OR_FOOTER) and not relation.is_external:
            part = relation.target_part
            members[str(part.partname).lstrip("/")] = filled.part(etree.fromstring(part.blob, _parser()), shared)
    return packed(members)


def _members(template: bytes) -> dict[str, bytes]:
    """The parts of a template by name. LesError when it could do more than be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(template)) as folder:
            if sum(one.file_size for one in folder.infolist()) > _MOST_BYTES:
                raise LesError("--template: the file is too large", "take large pictures out of it")
            members = {one.filename: folder.read(one) for one in folder.infolist() if not one.is_dir()}
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError):
        raise _NOT_A_DOCUMENT from None
    if any("vbaproject" in name.lower() for name in members):
        raise LesError("--template: the file has macros", "save it in Word as .docx, without macros")
    for name, content in members.items():
        if name.endswith(".rels"):
            for tag in re.findall(rb"<Relationship\s[^>]*>", content):
                if re.search(rb"TargetMode\s*=\s*[\"']External", tag) and _LINK.encode() not in tag:
                    raise LesError(
                        "--template: the file fetches something from another place, such as a linked picture",
                        "put the picture itself into it, and attach no other template",
                    )
    return members


class _Filled:
    """Fills the parts of one template."""

    def __init__(self, template: Any) -> None:
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        self._template = template
        self._environment = ImmutableSandboxedEnvironment(autoescape=True)
        self._environment.globals.clear()
        self._environment.filters.clear()

    def pages(self, document: Any, values: Iterable[Mapping[str, str]]) -> bytes:
        """The document with its body once for each of `values`, each beginning on a new page."""
        render = self._template_of(document, (*PATIENT, *PRACTICE))
        whole: Any = None
        for one in values:
            page = _read(render.render(one))
            if whole is None:
                whole = page
                continue
            body = whole.find(f"{_W}body")
            last = body[-1] if len(body) and body[-1].tag == f"{_W}sectPr" else None
            for index, element in enumerate(one for one in page.find(f"{_W}body") if one.tag != f"{_W}sectPr"):
                if index == 0:
                    element = _on_a_new_page(element, body, last)
                if element is not None:
                    _put(element, body, last)
        if whole is None:
            raise LesError("there is nobody to write to", "ask for more with --status upcoming or --within 60d")
        for number, drawing in enumerate(whole.iter(_DRAWING), start=1):
            drawing.set("id", str(number))
        return _bytes(whole)

    def part(self, part: Any, values: Mapping[str, str]) -> bytes:
        """A header or a footer filled."""
        return _bytes(_read(self._template_of(part, PRACTICE).render(values)))

    def _template_of(self, part: Any, known: Sequence[str]) -> Any:
        from jinja2 import TemplateError, nodes
        from lxml import etree

        for paragraph in part.iter(f"{_W}p"):
            if _SPECIAL.search("".join(one.text or "" for one in paragraph.iter(f"{_W}t"))):
                raise LesError("--template: a field begins with r, p, tr or tc", "write {{ name }} alone")
        xml = self._template.patch_xml(etree.tostring(part, encoding="unicode"))
        try:
            tree = self._environment.parse(xml)
        except TemplateError:
            raise LesError(
                "--template: a field or an `if` is not closed", "write {{ name }}, or {% if name %} ... {% endif %}"
            ) from None
        for node in tree.find_all(nodes.Node):
            if not isinstance(node, _harmless()):
                raise LesError("--template: it has more than fields", "write {{ name }} and {% if name %} alone")
        for node in tree.find_all(nodes.Name):
            if node.name not in known:
                raise LesError(f"--template: there is no field `{node.name}`", _cure(node.name, known))
        return self._environment.from_string(xml)


_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"


def _harmless() -> tuple[type, ...]:
    from jinja2 import nodes

    return (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.If, nodes.Not, nodes.And, nodes.Or)


def _cure(name: str, known: Sequence[str]) -> str:
    if known == PRACTICE and name in PATIENT:
        return f"a header or footer takes {', '.join(PRACTICE)} alone: move it into the page"
    return did_you_mean(name, known) or f"there are {', '.join(known)}"


def _on_a_new_page(first: Any, body: Any, last: Any) -> Any:
    """The first thing of a letter, so that it begins a page. A table cannot: a small paragraph before it does."""
    from lxml import etree

    paragraph = first if first.tag == f"{_W}p" else etree.Element(f"{_W}p")
    properties = paragraph.find(f"{_W}pPr")
    if properties is None:
        properties = etree.Element(f"{_W}pPr")
        paragraph.insert(0, properties)
    style = properties.find(f"{_W}pStyle")
    # Word asks for the properties in their order: the style, keepNext, keepLines, then this.
    place = 0 if style is None else 1
    while place < len(properties) and properties[place].tag in (f"{_W}keepNext", f"{_W}keepLines"):
        place += 1
    for old in properties.findall(f"{_W}pageBreakBefore"):
        properties.remove(old)
    properties.insert(place, etree.Element(f"{_W}pageBreakBefore"))
    if paragraph is first:
        return first
    _put(paragraph, body, last)
    return first


def _put(element: Any, body: Any, last: Any) -> None:
    if last is None:
        body.append(element)
    else:
        last.addprevious(element)


def _fields(row: Mapping[str, object]) -> dict[str, str]:
    number, telephone = _text(row["nhs_number"]), _text(row["practice_telephone"])
    message = _text(row["message"])
    if telephone:
        # A number that is broken over two lines is misread.
        message = message.replace(telephone, telephone.replace(" ", "\N{NO-BREAK SPACE}"))
    return {
        "name": " ".join(filter(None, (_text(row["given_name"]), _text(row["family_name"])))),
        "given_name": _text(row["given_name"]),
        "family_name": _text(row["family_name"]),
        "nhs_number": f"{number[:3]} {number[3:6]} {number[6:]}",
        "date_of_birth": _text(row["date_of_birth"]),
        "title": _text(row["recall"]),
        "due_on": _text(row["due_on"]),
        "message": message,
        "service": _text(row["service_title"]),
    }


def _text(value: object) -> str:
    if isinstance(value, date):
        return day_in_full(value)
    # Word can read no control character, and a name from an export may hold one.
    return "".join(one for one in str(value or "") if one.isprintable())


def _read(filled: str) -> Any:
    """A part that is filled. An `if` over two paragraphs would leave half of each."""
    from lxml import etree

    try:
        return etree.fromstring(filled.encode("utf-8"), _parser())
    except etree.XMLSyntaxError:
        raise LesError(
            "--template: an `if` begins in one paragraph and ends in another",
            "give {%p if name %} and {%p endif %} a paragraph each",
        ) from None


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True)


def _bytes(part: Any) -> bytes:
    from lxml import etree

    return bytes(etree.tostring(part, xml_declaration=True, encoding="UTF-8", standalone=True))
