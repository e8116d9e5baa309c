"""A chart is valid SVG with its words, true to its numbers, and readable without colour."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from lescli.outputs import Answer, Chart, Kind, Section, Series
from lescli.outputs.charts import svg
from lescli.outputs.html import html

NS = "{http://www.w3.org/2000/svg}"


def drawn(*series: tuple[float | None, ...], shape: str = "bars", unit: Kind = Kind.COUNT) -> ET.Element:
    labels = tuple(f"M{n}" for n in range(len(series[0])))
    names = tuple(Series(name=f"S <{n}>", values=one) for n, one in enumerate(series))
    chart = Chart(shape=shape, title="T & t", description="What <it> shows", labels=labels, series=names, unit=unit)
    text = svg(chart)
    assert svg(chart) == text
    return ET.fromstring(text)


def texts(root: ET.Element) -> list[str]:
    return [one.text or "" for one in root.iter("text")]


def test_it_has_a_title_and_a_description() -> None:
    root = drawn((1, 2))
    assert root.attrib["role"] == "img"
    held = {one.attrib["id"]: one.text for one in (*root.iter("title"), *root.iter("desc"))}
    assert [held[key] for key in root.attrib["aria-labelledby"].split()] == ["T & t", "What <it> shows"]
    assert "S <0>" in texts(root)


def bars(root: ET.Element) -> list[tuple[float, float]]:
    return [
        (float(one.attrib["y"]), float(one.attrib["height"]))
        for one in root.iter("rect")
        if float(one.attrib["x"]) < 570
    ]


def test_bars_are_as_high_as_their_numbers() -> None:
    (_, one), (_, two), (_, four) = bars(drawn((1, 2, 4)))
    assert two == pytest.approx(2 * one, rel=0.02)
    assert four == pytest.approx(4 * one, rel=0.02)


def test_a_missing_number_is_a_gap_and_zero_is_not() -> None:
    assert len(bars(drawn((1, None, 0)))) == 2
    paths = [one.attrib["d"] for one in drawn((1, 2, None, 3, 4), shape="lines").iter("path")]
    assert any(path.count("M") == 2 and path.count("L") == 2 for path in paths)


def test_a_negative_number_hangs_below_the_line() -> None:
    (up, high), (down, low) = bars(drawn((5, -5)))
    assert down == pytest.approx(up + high, abs=0.2)
    assert low == pytest.approx(high, abs=0.2)


@pytest.mark.parametrize("shape", ["bars", "lines"])
@pytest.mark.parametrize("values", [((3,),), ((0, 0),), ((1e9, 2e9),), tuple((n, n + 1) for n in range(14))])
def test_odd_numbers_are_drawn_inside_the_picture(shape: str, values: tuple[tuple[float, ...], ...]) -> None:
    root = drawn(*values, shape=shape)
    for one in root.iter("rect"):
        assert 0 <= float(one.attrib["y"]) <= 280
    assert texts(root)


def test_no_number_is_no_picture() -> None:
    assert (
        svg(Chart(shape="bars", title="", description="", labels=("A",), series=(Series(name="", values=(None,)),)))
        == ""
    )


def test_money_is_pounds() -> None:
    assert "£240" in texts(drawn((24000,), unit=Kind.PENCE))


def test_series_differ_without_colour() -> None:
    fills = [one.attrib["fill"] for one in drawn((1,), (2,), (3,)).iter("rect")]
    assert len(set(fills)) == 3
    dashes = [one.attrib.get("stroke-dasharray") for one in drawn((1, 2), (2, 3), shape="lines").iter("path")]
    assert {"", "7 4"} <= set(dashes)


def test_a_page_has_it_above_the_table() -> None:
    chart = Chart(shape="bars", title="T", description="D", labels=("A",), series=(Series(name="S", values=(1,)),))
    page = html(Answer(data={}, title="P", grids=(), sections=(Section(heading="H", chart=chart),)))
    assert page.index("<h2>H</h2>") < page.index("<svg ")
    assert "script" not in page
