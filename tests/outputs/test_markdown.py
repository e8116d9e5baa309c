from __future__ import annotations

from lescli.outputs import Answer, Column, Grid, Kind
from lescli.outputs.markdown import markdown


def test_the_whole_answer() -> None:
    columns = (Column("item", "Item"), Column("amount_pence", "Amount", Kind.PENCE))
    lines = Grid(title="Lines", columns=columns, rows=(("injection", 24000),))
    reasons = Grid(title="Reasons", columns=columns, rows=(), empty="everything is payable")
    answer = Answer(data={}, title="Claim", grids=(lines, reasons), identifiable=True)
    assert markdown(answer) == (
        "# Claim\n\n**identifiable: names patients**\n\n## Lines\n\n"
        "| Item | Amount |\n| --- | ---: |\n| injection | £240.00 |\n\n## Reasons\n\neverything is payable\n"
    )


def test_a_cell_cannot_open_a_cell_a_link_or_markup() -> None:
    evil = "a|b\n[x](http://y) <img src=x> `c` *d* \\|"
    grid = Grid(title="T", columns=(Column("a", "A|B"),), rows=((evil,),))
    text = markdown(Answer(data={}, title="T", grids=(grid,)))
    assert text.splitlines()[-3:] == [
        "| A\\|B |",
        "| --- |",
        r"| a\|b \[x\]\(http://y\) &lt;img src=x&gt; \`c\` \*d\* \\\| |",
    ]


def test_a_table_without_a_title_follows_the_title_of_the_answer() -> None:
    grid = Grid(title="", columns=(Column("a", "A"),), rows=(("1",),))
    assert markdown(Answer(data={}, title="T", grids=(grid,))) == "# T\n\n| A |\n| --- |\n| 1 |\n"
