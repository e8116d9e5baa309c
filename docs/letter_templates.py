"""Make the two letters that ship, letter.docx and letter-large-print.docx: `python docs/letter_templates.py`."""

from __future__ import annotations

import io
from datetime import datetime
from pathlib import Path

from docx import Document
from docx.enum.text import WD_LINE_SPACING
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from lescli.outputs.exports import letters

FOLDER = Path(letters.__file__).parent
SIZES = {"letter.docx": 12, "letter-large-print.docx": 16}
_MADE = datetime(2026, 1, 1)  # noqa: DTZ001  # Word wants a time without a zone.


def template(points: int) -> bytes:
    """One letter on A4. The message is the text of the recall's stage and asks for one thing."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(25)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(points)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "Arial")
    normal.paragraph_format.space_after = Pt(points)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE

    def line(text: str, *, bold: bool = False, more: int = 0, after: int | None = None) -> None:
        paragraph = document.add_paragraph()
        run = paragraph.add_run(text)
        run.bold, run.font.size = bold, Pt(points + more)
        if after is not None:
            paragraph.paragraph_format.space_after = Pt(after)

    line("{{ practice }}", bold=True, more=4, after=0)
    # A tag that begins with `%p` takes its paragraph away with it.
    line("{%p if practice_telephone %}")
    line("Telephone: {{ practice_telephone }}")
    line("{%p endif %}")
    line("{{ today }}")
    line("{{ name }}", after=0)
    line("NHS number: {{ nhs_number }}", after=points * 2)
    line("Dear {{ name }}")
    line("{{ title }}", bold=True, more=2)
    line("{{ message }}")
    line("Yours sincerely", after=points * 2)
    line("{{ practice }}")
    about = document.core_properties
    about.author, about.title, about.comments = "", "Letter to a patient", ""
    about.created = about.modified = _MADE
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


if __name__ == "__main__":
    for name, points in SIZES.items():
        (FOLDER / name).write_bytes(template(points))
