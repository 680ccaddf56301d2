"""Small plots as SVG: bars with intervals, and curves in the unit square.

Colours are classes (`s0` to `s5`) that the page's style sheet defines for light and dark. Every plot has a
title and a description for those who cannot see it. Lengths are in pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from mtfix.evaluation.report.text import safe

COLOURS = 6
_WIDTH = 550
_BAR, _GAP, _TOP, _BOTTOM = 14, 10, 6, 24
_LETTER = 7.6  # width of a character at 13 px in a wide font
_LONGEST = 24  # characters of a label


@dataclass(frozen=True, slots=True)
class Bar:
    """low, high: its interval, where there is one. text: what is written beside it."""

    series: int
    value: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Curve:
    """points: (x, y) in the unit square. sizes: radii; none are drawn without."""

    series: int
    points: Sequence[tuple[float, float]]
    sizes: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """A marked point with its label. hollow: a ring instead of a disc."""

    series: int
    x: float
    y: float
    text: str
    hollow: bool = False


def colour(series: int) -> str:
    return f"s{series % COLOURS}"


def bars(title: str, description: str, groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Horizontal bars, a group for each label, values in a column on the right."""
    left = 14 + _LETTER * min(_LONGEST, max(len(label) for label, _ in groups))
    every = [bar for _, found in groups for bar in found]
    right = _WIDTH - 12 - 7.0 * max(len(bar.text) for bar in every)
    ends = [end for bar in every for end in (bar.value, bar.low, bar.high) if end is not None]
    marks = ticks(min(0.0, *ends), max(0.0, *ends))
    scale = (right - left) / (marks[-1] - marks[0])

    def place(value: float) -> float:
        return left + (value - marks[0]) * scale

    parts, y = [], float(_TOP)
    height = _TOP + sum(len(found) * _BAR + _GAP for _, found in groups) + _BOTTOM
    for mark in marks:
        x = place(mark)
        kind = "axis" if mark == 0 else "grid"
        parts.append(f'<line class="{kind}" x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{height - _BOTTOM}"/>')
        parts.append(_text(x, height - 8, tick(mark, marks), "tick middle"))
    for label, found in groups:
        parts.append(_text(left - 8, y + len(found) * _BAR / 2 + 4, _cut(label), "end", label))
        for bar in found:
            parts += _bar(bar, y, place, right)
            y += _BAR
        y += _GAP
    return _svg(title, description, _WIDTH, height, parts)


def _bar(bar: Bar, y: float, place: Callable[[float], float], right: float) -> Iterable[str]:
    start, end = sorted((place(0.0), place(bar.value)))
    middle = y + _BAR / 2
    yield (
        f'<rect class="{colour(bar.series)} fill" x="{start:.1f}" y="{y + 1.5:.1f}" '
        f'width="{max(end - start, 1):.1f}" height="{_BAR - 3}"/>'
    )
    if bar.low is not None and bar.high is not None and bar.low < bar.high:
        low, high = place(bar.low), place(bar.high)
        yield (
            f'<path class="whisker" d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 3}v6'
            f'M{high:.1f} {middle - 3}v6"/>'
        )
    yield _text(right + 8, middle + 4, bar.text, "value")


def unit_square(
    title: str, description: str, axes: tuple[str, str], curves: Sequence[Curve], spots: Sequence[Spot] = (), *,
    diagonal: bool = False, size: int = 400,
) -> str:  # fmt: skip
    """Curves over 0 to 1 on both axes; with `diagonal` the line on which both are equal."""
    left, bottom, top, end = 52, 46, 10, 14

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * (size - left - end), size - bottom - y * (size - bottom - top)

    parts = []
    for mark in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        (x, low), (_, high) = at(mark, 0), at(mark, 1)
        (a, y), (b, _) = at(0, mark), at(1, mark)
        kind = "grid" if mark else "axis"
        parts.append(f'<path class="{kind}" d="M{x:.1f} {low:.1f}V{high:.1f}M{a:.1f} {y:.1f}H{b:.1f}"/>')
        parts.append(_text(x, low + 17, f"{mark:.1f}", "tick middle") + _text(a - 7, y + 4, f"{mark:.1f}", "tick end"))
    middle = at(0.5, 0.5)
    parts.append(_text(middle[0], size - 8, axes[0], "middle"))
    parts.append(f'<g transform="translate(14 {middle[1]:.1f}) rotate(-90)">{_text(0, 0, axes[1], "middle")}</g>')
    if diagonal:
        (a, y), (b, high) = at(0, 0), at(1, 1)
        parts.append(f'<path class="diagonal" d="M{a:.1f} {y:.1f}L{b:.1f} {high:.1f}"/>')
    for curve in curves:
        places = [at(*point) for point in curve.points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        parts.append(f'<path class="{colour(curve.series)} line" d="M{path}"/>')
        parts += [_disc(curve.series, *place, radius) for place, radius in zip(places, curve.sizes, strict=False)]
    parts += _spots([(spot, at(spot.x, spot.y)) for spot in spots], at(1, 0)[0])
    return _svg(title, description, size, size, parts)


def _spots(spots: Sequence[tuple[Spot, tuple[float, float]]], edge: float) -> Iterable[str]:
    """The points, and their labels kept apart from each other from top to bottom."""
    last = float("-inf")
    labels = []
    for spot, (x, y) in sorted(spots, key=lambda pair: pair[1][1]):
        yield _disc(spot.series, x, y, *((6, "ring line") if spot.hollow else (4.5,)))
        last = max(y - 8, last + 15)
        inside = x + 12 + _LETTER * len(spot.text) <= edge
        labels.append(_text(x + 10 if inside else x - 10, last, spot.text, "halo" if inside else "halo end"))
    yield from labels


def _disc(series: int, x: float, y: float, radius: float, kind: str = "fill dot") -> str:
    return f'<circle class="{colour(series)} {kind}" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'


def swatch(series: int) -> str:
    """The colour of a series for a legend."""
    return (
        '<svg class="swatch" viewBox="0 0 22 12" width="22" height="12" aria-hidden="true">'
        f'<path class="{colour(series)} line" d="M1 6H21"/><rect class="{colour(series)} fill" x="6" y="1" '
        'width="10" height="10"/></svg>'
    )


def ticks(low: float, high: float) -> list[float]:
    """Four to eight round numbers from at or below `low` to at or above `high`."""
    span = (high - low) or 1.0
    rough = span / 5
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first, last = floor(low / step + 1e-9), ceil((high if high > low else low + 1) / step - 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def tick(value: float, marks: Sequence[float]) -> str:
    """As many decimals as the step between the marks needs."""
    step = marks[1] - marks[0]
    decimals = next(n for n in range(13) if 0 < round(step * 10**n) == round(step * 10**n, 6))
    return f"{value:.{decimals}f}".replace("-", "−")


def _text(x: float, y: float, text: str, kind: str, whole: str = "") -> str:
    tip = f"<title>{safe(whole)}</title>" if whole else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{tip}{safe(text)}</text>'


def _cut(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"


def _svg(title: str, description: str, width: float, height: float, parts: Iterable[str]) -> str:
    name = safe(f"{title}. {description}")
    return (
        f'<svg class="plot" role="img" aria-label="{name}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}">{"".join(parts)}</svg>'
    )
