from __future__ import annotations

from html.parser import HTMLParser

from lescli.outputs import Answer, Column, Grid
from lescli.outputs.html import html


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def having(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_loads_nothing_from_outside(answer: Answer) -> None:
    page = Page(html(answer))
    assert not {tag for tag, _ in page.tags} & {"script", "link", "img", "iframe", "object", "form", "a"}
    assert not any({"src", "href"} & set(attributes) for _, attributes in page.tags)
    assert "url(" not in html(answer)


def test_the_page_works_with_a_screen_reader(answer: Answer) -> None:
    page = Page(html(answer))
    assert page.having("html") == [{"lang": "en"}]
    assert len(page.having("caption")) == len(page.having("table")) == 1
    assert {head["scope"] for head in page.having("th")} == {"col"}
    assert "Who is due" in page.words
    assert "nobody waits" in page.words


def test_identifiers_are_whole_and_the_page_is_marked(answer: Answer) -> None:
    words = Page(html(answer)).words
    assert {"9990000018", "999000051000000107", "01 May 2026", "£240.00", "80,443 | <b>é王␛[31m\ufffd"} <= set(words)
    assert "identifiable: names patients" in words
    assert "identifiable: names patients · Recall on 01 May 2026" in words  # the tab and the printed page's margin


def test_every_text_is_escaped() -> None:
    evil = '"><script>alert(1)</script>'
    grid = Grid(title=evil, columns=(Column("a", evil),), rows=((evil,),))
    empty = Grid(title=evil, columns=(), rows=(), empty=evil)
    text = html(Answer(data={}, title=evil, grids=(grid, empty)))
    assert "<script" not in text
    assert "identifiable" not in text
    assert Page(text).words.count(evil) == 6


def test_a_table_without_a_title_has_the_title_of_the_answer_as_caption() -> None:
    grid = Grid(title="", columns=(Column("a", "A"),), rows=(("1",),))
    # For a screen reader alone: the heading above it has the same words.
    page = html(Answer(data={}, title="Claims & co", grids=(grid,)))
    assert '<caption class="hidden">Claims &amp; co</caption>' in page


def test_a_command_is_shown_as_one_and_not_between_backticks() -> None:
    cell = Grid(title="`les a`", columns=(Column("a", "A"),), rows=(("`les claims` lists <them>, `other`",),))
    page = html(Answer(data={}, title="`les b`", grids=(cell,)))
    assert "<code>les claims</code> lists &lt;them&gt;, <code>other</code>" in page
    assert page.count("<code>") == 2  # Never in a title or an attribute.
