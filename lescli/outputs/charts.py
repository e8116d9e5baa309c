"""A chart as inline SVG, with title and description for screen readers, and readable in black and white.

Bars differ by filling and lines by dashes, never by colour alone. A value that is missing is a gap. The table of the
same numbers stands beneath it on the page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from math import ceil, floor, log10

from .answer import Chart, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """The size of a chart, and the space around the area in which it draws."""

    width: int
    height: int
    left: int
    right: int
    top: int
    bottom: int
    most_ticks: int


_LARGE = _Size(width=720, height=280, left=64, right=150, top=16, bottom=40, most_ticks=5)
_SMALL = _Size(width=300, height=150, left=40, right=8, top=10, bottom=26, most_ticks=3)
_FILLS = ("#1d3557", "#ffffff", "url(#{id}-lines)", "#8d99a6", "url(#{id}-dots)")
_DASHES = ("", "7 4", "2 3", "10 3 2 3", "4 2")
_INK = "#212b32"
_STEPS = (1, 2, 2.5, 5, 10)
_CHARACTER = 6
_FONT = 'font-family="system-ui, sans-serif" font-size="11"'


def svg(chart: Chart) -> str:
    """The chart as an `svg` element; "" when it has no number at all."""
    values = [value for one in chart.series for value in one.values if value is not None]
    if not values or not chart.labels:
        return ""
    key = "c" + sha256(repr(chart).encode()).hexdigest()[:8]
    size = _SMALL if chart.is_small else _LARGE
    ticks = _ticks(min(0.0, *values), max(0.0, *values), size.most_ticks)
    draw = _Area(chart, ticks, key, size)
    shapes = draw.bars() if chart.shape == "bars" else draw.lines()
    legend = () if chart.is_small else draw.legend()
    box = f"0 0 {size.width} {size.height}"
    return (
        f'<svg class="chart" role="img" aria-labelledby="{key}-t {key}-d" viewBox="{box}" {_FONT}>\n'
        f'<title id="{key}-t">{escape(chart.title)}</title>\n<desc id="{key}-d">{escape(chart.description)}</desc>\n'
        f"{_patterns(key)}\n{''.join(draw.axes())}{''.join(shapes)}{''.join(legend)}</svg>"
    )


def _ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from at most the lowest to at least the highest value."""
    span = (high - low) or 1.0
    rough = span / most
    size = 10.0 ** floor(log10(rough))
    step = next(size * one for one in _STEPS if size * one >= rough)
    # All zero: one step, so that there is a picture.
    return [step * number for number in range(floor(low / step), max(ceil(high / step), floor(low / step) + 1) + 1)]


def _patterns(key: str) -> str:
    lines = '<path d="M0 6L6 0" stroke="#1d3557" stroke-width="1.5"/>'
    dots = '<circle cx="3" cy="3" r="1.4" fill="#1d3557"/>'
    size = 'width="6" height="6" patternUnits="userSpaceOnUse"'
    drawn = "".join(
        f'<pattern id="{key}-{name}" {size}>{one}</pattern>' for name, one in (("lines", lines), ("dots", dots))
    )
    return f"<defs>{drawn}</defs>"


class _Area:
    """The space between the axes, and where a value stands in it."""

    def __init__(self, chart: Chart, ticks: Sequence[float], key: str, size: _Size) -> None:
        self._chart, self._ticks, self._key, self._size = chart, ticks, key, size
        self._slot = (size.width - size.left - size.right) / len(chart.labels)

    def _y(self, value: float) -> float:
        low, high = self._ticks[0], self._ticks[-1]
        size = self._size
        return size.top + (high - value) / (high - low) * (size.height - size.top - size.bottom)

    def _text(self, value: float) -> str:
        if self._chart.unit is Kind.PENCE:
            return f"{'-' if value < 0 else ''}£{abs(value) / 100:,.{0 if value % 100 == 0 else 2}f}"
        return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"

    def axes(self) -> Iterator[str]:
        """Lines at round numbers with their values, and the labels below."""
        left, right = self._size.left, self._size.width - self._size.right
        for tick in self._ticks:
            y = self._y(tick)
            width = 1.5 if tick == 0 else 0.5
            yield f'<path d="M{left} {y:.1f}H{right}" stroke="#768692" stroke-width="{width}"/>\n'
            yield f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end" fill="{_INK}">{self._text(tick)}</text>\n'
        # A label takes about 6 units a character; one that would touch the next is left out.
        longest = max(len(label) for label in self._chart.labels)
        every = max(1, ceil((longest + 1) * _CHARACTER / self._slot))
        for place, label in enumerate(self._chart.labels):
            if place % every == 0:
                x = left + self._slot * (place + 0.5)
                y = self._size.height - self._size.bottom + 18
                yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle" fill="{_INK}">{escape(label)}</text>\n'

    def bars(self) -> Iterator[str]:
        """Bars side by side for each label, with the value above each while there is room."""
        series = self._chart.series
        width = self._slot * 0.8 / len(series)
        texts = [self._text(value) for one in series for value in one.values if value]
        are_few = max(map(len, texts), default=0) * _CHARACTER * 0.8 <= max(width, self._slot / 2)
        zero = self._y(0)
        for number, one in enumerate(series):
            fill = _FILLS[number % len(_FILLS)].format(id=self._key)
            for place, value in enumerate(one.values):
                if value is None:
                    continue
                x = self._size.left + self._slot * (place + 0.1) + width * number
                top, size = min(self._y(value), zero), abs(self._y(value) - zero)
                yield f'<rect x="{x:.1f}" y="{top:.1f}" width="{width:.1f}" height="{size:.1f}" fill="{fill}" '
                yield f'stroke="{_INK}" stroke-width="0.8"/>\n'
                if are_few and value:
                    middle = x + width / 2
                    above = top - 3 if value > 0 else top + size + 11
                    yield f'<text x="{middle:.1f}" y="{above:.1f}" text-anchor="middle" font-size="9" fill="{_INK}">'
                    yield f"{self._text(value)}</text>\n"

    def lines(self) -> Iterator[str]:
        """A line for each series with a point at each value; a missing value interrupts it."""
        for number, one in enumerate(self._chart.series):
            dash = _DASHES[number % len(_DASHES)]
            path, is_open = [], False
            for place, value in enumerate(one.values):
                if value is None:
                    is_open = False
                    continue
                x, y = self._size.left + self._slot * (place + 0.5), self._y(value)
                path.append(f"{'L' if is_open else 'M'}{x:.1f} {y:.1f}")
                is_open = True
                yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{_INK}"/>\n'
            if path:
                yield f'<path d="{"".join(path)}" fill="none" stroke="{_INK}" stroke-width="2" '
                yield f'stroke-dasharray="{dash}"/>\n'

    def legend(self) -> Iterator[str]:
        """The name of each series beside a piece of it."""
        for number, one in enumerate(self._chart.series):
            x, y = self._size.width - self._size.right + 12, self._size.top + 8 + 18 * number
            if self._chart.shape == "bars":
                fill = _FILLS[number % len(_FILLS)].format(id=self._key)
                yield f'<rect x="{x}" y="{y - 8}" width="14" height="10" fill="{fill}" stroke="{_INK}"/>\n'
            else:
                dash = _DASHES[number % len(_DASHES)]
                yield f'<path d="M{x} {y - 3}h18" stroke="{_INK}" stroke-width="2" stroke-dasharray="{dash}"/>\n'
            yield f'<text x="{x + 24}" y="{y + 1}" fill="{_INK}">{escape(one.name)}</text>\n'
