"""Native charts in a workbook, from the same values as the charts of a page."""

from __future__ import annotations

from typing import Any

from .answer import Chart, Kind, Section

_MOST_NAME = 31


def add_charts(book: Any, sections: tuple[Section, ...], formats: dict[str, Any]) -> None:
    """A sheet for each chart: its numbers, and the picture of them beside it."""
    number = 0
    for section in sections:
        if section.chart is not None and any(v is not None for one in section.chart.series for v in one.values):
            number += 1
            _add(book, section.chart, f"Chart {number}"[:_MOST_NAME], formats)


def _add(book: Any, chart: Chart, name: str, formats: dict[str, Any]) -> None:
    sheet = book.add_worksheet(name)
    money = chart.unit is Kind.PENCE
    sheet.write_string(0, 0, chart.title, formats["head"])
    sheet.set_column(0, 0, 18)
    for place, one in enumerate(chart.series, start=1):
        sheet.write_string(0, place, one.name, formats["head"])
        for line, value in enumerate(one.values, start=1):
            if value is not None:
                sheet.write_number(
                    line, place, value / 100 if money else value, formats["money" if money else "number"]
                )
    for line, label in enumerate(chart.labels, start=1):
        sheet.write_string(line, 0, label, formats["text"])
    picture = book.add_chart({"type": "column" if chart.shape == "bars" else "line"})
    last = len(chart.labels)
    for place in range(1, len(chart.series) + 1):
        picture.add_series(
            {"name": [name, 0, place], "categories": [name, 1, 0, last, 0], "values": [name, 1, place, last, place]}
        )
    picture.set_title({"name": chart.title, "name_font": {"size": 11}})
    picture.set_size({"width": 720, "height": 320})
    sheet.insert_chart(last + 2, 0, picture, {"description": chart.description})
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 1)
