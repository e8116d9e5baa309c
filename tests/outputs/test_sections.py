"""An answer that is a page has its sections, in place of its tables, in the formats for people."""

from __future__ import annotations

from lescli.outputs import Answer, Column, Grid, Section
from lescli.outputs.html import html
from lescli.outputs.markdown import markdown

_GRID = Grid(title="", columns=(Column("count", "Patients"),), rows=(("12",),))
_EMPTY = Grid(title="", columns=_GRID.columns, rows=(), empty="nobody is late")
_PAGE = Answer(
    data={},
    title="Demo",
    grids=(Grid(title="Only in csv", columns=_GRID.columns, rows=(("9",),)),),
    sections=(
        Section(heading="Seen <in> time", text=("12 of 20 & more.",), grid=_GRID),
        Section(heading="Late", grid=_EMPTY),
    ),
)


def test_the_page_shows_its_sections_and_not_its_tables() -> None:
    text = html(_PAGE)
    assert "<h2>Seen &lt;in&gt; time</h2>\n<p>12 of 20 &amp; more.</p>" in text
    assert "nobody is late" in text
    assert "Only in csv" not in text


def test_markdown_shows_the_same_sections() -> None:
    text = markdown(_PAGE)
    assert "## Seen &lt;in&gt; time\n\n12 of 20 &amp; more.\n\n| Patients |" in text
    assert text.endswith("## Late\n\nnobody is late\n")
    assert "Only in csv" not in text
