"""Small drawings of the measures, as SVG that can be read on light and dark grounds alike."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import numpy as np

from iio_kg.evaluate.measures import reliability, risk_coverage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from iio_kg.evaluate.outcome import Outcome

_WIDTH, _HEIGHT = 520, 340
#: Left, top, right and bottom of the area that is drawn in.
_LEFT, _TOP, _RIGHT, _BOTTOM = 56, 40, 500, 290
_STYLE = """
    text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-weight: 600 }
    .axis { stroke: #59636e; fill: none } .grid { stroke: #59636e; stroke-opacity: .25; fill: none }
    .a { stroke: #0550ae; fill: #0550ae } .b { stroke: #bc4c00; fill: #bc4c00 }
    .a.line, .b.line { fill: none; stroke-width: 2 } .b.line { stroke-dasharray: 6 3 }
    .ideal { stroke: #59636e; stroke-dasharray: 2 4; fill: none }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 } .axis, .grid, .ideal { stroke: #9198a1 }
      .a { stroke: #79c0ff; fill: #79c0ff } .b { stroke: #ffa657; fill: #ffa657 }
    }"""
_CLASSES = ("a", "b")


def draw_reliability(groups: Mapping[str, Sequence[Outcome]]) -> str:
    """How often answers are right against how likely they were said to be; the nearer to the diagonal, the better.

    Args:
        groups: Up to two groups of outcomes by name.
    """
    parts = [_line([(0, 0), (1, 1)], "ideal")]
    for css, (name, outcomes) in zip(_CLASSES, groups.items(), strict=False):
        bins = reliability([o.confidence for o in outcomes], [o.right for o in outcomes])
        points = [(one.confidence, one.right) for one in bins]
        said = [f"{name}: {b.size} questions said {b.confidence:.2f}, right {b.right:.2f}" for b in bins]
        parts += [_line(points, f"{css} line"), *map(_dot, points, [css] * len(points), said)]
    return _figure("Right answers by confidence", "confidence", "share right", parts, list(groups))


def draw_risk(groups: Mapping[str, Sequence[Outcome]]) -> str:
    """The share of wrong answers when only the most confident are given; a dot where the line is drawn now."""
    parts = []
    for css, (name, outcomes) in zip(_CLASSES, groups.items(), strict=False):
        coverage, risk = risk_coverage([o.confidence for o in outcomes], [o.right for o in outcomes])
        # A hundred points are as many as can be seen.
        shown = sorted(set(np.linspace(0, len(risk) - 1, min(len(risk), 100)).astype(int).tolist()))
        parts.append(_line([(float(coverage[i]), float(risk[i])) for i in shown], f"{css} line"))
        answered = [o for o in outcomes if o.answered]
        if answered:
            point = (len(answered) / len(outcomes), 1 - sum(o.right for o in answered) / len(answered))
            parts.append(_dot(point, css, f"{name}: answers {point[0]:.2f} of all, {point[1]:.2f} of them wrong"))
    return _figure("Wrong answers by share of questions answered", "share answered", "share wrong", parts, list(groups))


def draw_bars(title: str, rows: Sequence[tuple[str, Mapping[str, float]]], names: Sequence[str]) -> str:
    """Bars for shares, a row of them for each of several things.

    Args:
        title: What is shown.
        rows: The name of each row and its shares by group.
        names: The groups, up to two, in order.
    """
    left, step = 150, 30
    height = _TOP + step * len(rows) + 40
    scale = _RIGHT - left
    parts = []
    for mark in (0, 0.25, 0.5, 0.75, 1):
        x = left + mark * scale
        parts.append(f'<path class="grid" d="M{x:.1f} {_TOP}V{height - 34}"/>')
        parts.append(f'<text x="{x:.1f}" y="{height - 16}" text-anchor="middle">{mark:g}</text>')
    for number, (label, shares) in enumerate(rows):
        y = _TOP + number * step + 4
        parts.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{escape(label)}</text>')
        for css, offset, name in zip(_CLASSES, (0, 11), names, strict=False):
            if name in shares and not np.isnan(shares[name]):
                said = escape(f"{label}, {name}: {shares[name]:.3f}")
                size = f'x="{left}" y="{y + offset}" width="{max(shares[name] * scale, 1):.1f}" height="9"'
                parts.append(f'<rect class="{css}" {size}><title>{said}</title></rect>')
    return _svg(title, height, parts, names)


def _figure(title: str, x_name: str, y_name: str, parts: Sequence[str], names: Sequence[str]) -> str:
    grid = []
    for mark in (0, 0.25, 0.5, 0.75, 1):
        x, y = _at(mark, mark)
        grid.append(f'<path class="grid" d="M{x:.1f} {_TOP}V{_BOTTOM}M{_LEFT} {y:.1f}H{_RIGHT}"/>')
        grid.append(f'<text x="{x:.1f}" y="{_BOTTOM + 18}" text-anchor="middle">{mark:g}</text>')
        grid.append(f'<text x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{mark:g}</text>')
    middle = (_TOP + _BOTTOM) / 2
    axes = [
        f'<path class="axis" d="M{_LEFT} {_TOP}V{_BOTTOM}H{_RIGHT}"/>',
        f'<text x="{(_LEFT + _RIGHT) / 2:.0f}" y="{_BOTTOM + 38}" text-anchor="middle">{escape(x_name)}</text>',
        f'<text transform="translate(14 {middle:.0f}) rotate(-90)" text-anchor="middle">{escape(y_name)}</text>',
    ]
    return _svg(title, _HEIGHT, [*grid, *axes, *parts], names)


def _svg(title: str, height: float, parts: Sequence[str], names: Sequence[str]) -> str:
    key = []
    for number, (css, name) in enumerate(zip(_CLASSES, names, strict=False)):
        x = _RIGHT - 60 * (len(names) - number)
        key.append(f'<rect class="{css}" x="{x}" y="14" width="14" height="9"/>')
        key.append(f'<text x="{x + 20}" y="23">{escape(name)}</text>')
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" width="{_WIDTH}" role="img">'
    body = "\n  ".join([*key, *parts])
    return (
        f"{head}\n  <title>{escape(title)}</title>\n  <style>{_STYLE}\n  </style>\n"
        f'  <text class="title" x="8" y="23">{escape(title)}</text>\n  {body}\n</svg>\n'
    )


def _at(x: float, y: float) -> tuple[float, float]:
    return _LEFT + x * (_RIGHT - _LEFT), _BOTTOM - y * (_BOTTOM - _TOP)


def _line(points: Sequence[tuple[float, float]], css: str) -> str:
    places = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(*point) for point in points))
    return f'<polyline class="{css}" points="{places}"/>'


def _dot(point: tuple[float, float], css: str, said: str) -> str:
    x, y = _at(*point)
    return f'<circle class="{css}" cx="{x:.1f}" cy="{y:.1f}" r="4"><title>{escape(said)}</title></circle>'
