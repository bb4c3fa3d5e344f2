"""The matrix of stands in, one drawing that says it at a glance out; it stands on its own, light and dark."""

from __future__ import annotations

from faceward.governance.policies.archetypes import FUNCTIONS, PURPOSES
from faceward.governance.policies.matrix import ROWS, Cell, Column, Mark, Matrix
from faceward.transparency.words import Function

_SIDE, _STEP, _GAP, _LINE = 22, 25, 18, 34
_LEFT, _TOP, _MARGIN = 226, 156, 24
SHORT = {
    Function.VERIFY: "1:1",
    Function.IDENTIFY: "1:N",
    Function.LIVE: "live",
    Function.ANALYSE: "find",
}
"""Functions as the drawing writes them."""

# Blue and orange of Okabe and Ito's palette, "Color Universal Design", 2008, which every eye can tell apart;
# and each mark has a shape of its own. Text has a contrast of 4.5 to 1 or more, light and dark. Colours are
# written out for each class, since not every viewer knows variables.
_STYLE = """
      text { font-family: system-ui, "DejaVu Sans", sans-serif; font-size: 13px; fill: #1d2329 }
      .paper { fill: #ffffff }
      .title { font-size: 19px; font-weight: 650 }
      .quiet { font-size: 12px; fill: #545d66 }
      .stand { font-weight: 650; text-anchor: middle }
      .small { font-size: 11px; text-anchor: middle; fill: #545d66 }
      .row { text-anchor: end }
      .band { fill: #f3f5f7 }
      .all { fill: #0072b2 }
      .tick { fill: none; stroke: #ffffff; stroke-width: 2.2; stroke-linecap: round; stroke-linejoin: round }
      .some { fill: #e69f00; stroke: #a86f00 }
      .count { font-size: 12px; font-weight: 700; text-anchor: middle }
      .none { fill: none; stroke: #c9cfd4; stroke-width: 1.3 }
      .cross { fill: none; stroke: #6b747c; stroke-width: 1.8; stroke-linecap: round }
      @media (prefers-color-scheme: dark) {
        text { fill: #e9edf0 }
        .paper { fill: #14181c }
        .quiet, .small { fill: #a7b0b8 }
        .band { fill: #1d242a }
        .all { fill: #56b4e9 }
        .tick { stroke: #0d1a22 }
        .count { fill: #14181c }
        .none { stroke: #39434b }
        .cross { stroke: #8f99a1 }
      }"""


def as_svg(matrix: Matrix) -> str:
    """Draw a matrix: sectors down, stands across, four functions within each stand."""
    width = _x(len(matrix.columns)) - _GAP + _MARGIN
    bottom = _TOP + _LINE * len(ROWS)
    height = bottom + 110
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{_summary(matrix)}">',
        f"  <style>{_STYLE}\n  </style>",
        f'  <rect width="{width}" height="{height}" class="paper"/>',
        f'  <text class="title" x="{_MARGIN}" y="38">'
        "What each stand leaves, once everything else is in order</text>",
        f'  <text class="quiet" x="{_MARGIN}" y="60">Uses with the enhanced review, a passed audit, consent, '
        "every safeguard and an open authority; each stand alone on top of the base.</text>",
    ]
    for number in range(0, len(ROWS), 2):
        top = _TOP + _LINE * number
        pieces.append(
            f'  <rect class="band" x="{_MARGIN - 8}" y="{top}" width="{width - 2 * _MARGIN + 16}" '
            f'height="{_LINE}" rx="6"/>'
        )
    for number, row in enumerate(ROWS):
        middle = _TOP + _LINE * number + _LINE / 2
        pieces += [
            f'  <text class="row" x="{_LEFT - 16}" y="{middle + lift:g}">{line}</text>'
            for line, lift in _lines(row.words)
        ]
    for place, column in enumerate(matrix.columns):
        pieces += _heading(column, _x(place))
        for number, row in enumerate(ROWS):
            for turn, function in enumerate(FUNCTIONS):
                cell = matrix.cell(column, row, function)
                what = f"{column.name}, {row.words}, {SHORT[function]}: {cell.words}"
                x, y = _x(place) + _STEP * turn, _TOP + _LINE * number + (_LINE - _SIDE) / 2
                pieces.append(f"  <g><title>{what}</title>{_mark(cell, x, y)}</g>")
    return "\n".join([*pieces, *_legend(bottom + 34), "</svg>"]) + "\n"


def _x(place: int) -> int:
    return _LEFT + (_STEP * len(FUNCTIONS) + _GAP) * place


def _lines(words: str) -> list[tuple[str, float]]:
    """A row's name on one line, or on two where it is long."""
    if len(words) < 26:
        return [(words, 4.5)]
    head, _, tail = words.partition(", ")
    return [(f"{head},", -3), (tail, 12)]


def _heading(column: Column, x: float) -> list[str]:
    middle = x + (_STEP * len(FUNCTIONS) - (_STEP - _SIDE)) / 2
    head, _, tail = column.name.rpartition("-") if len(column.name) > 15 else ("", "", column.name)
    lines = [f"{head}-", tail] if head else [tail]
    first = _TOP - 44 - 16 * (len(lines) - 1)
    pieces = [
        f'  <text class="stand" x="{middle:g}" y="{first + 16 * number}">{line}</text>'
        for number, line in enumerate(lines)
    ]
    pieces.append(f'  <text class="small" x="{middle:g}" y="{_TOP - 28}">{column.on:%B %Y}</text>')
    for turn, function in enumerate(FUNCTIONS):
        at = x + _STEP * turn + _SIDE / 2
        pieces.append(f'  <text class="small" x="{at:g}" y="{_TOP - 7}">{SHORT[function]}</text>')
    return pieces


def _mark(cell: Cell, x: float, y: float) -> str:
    box = f'x="{x:g}" y="{y:g}" width="{_SIDE}" height="{_SIDE}" rx="5"'
    if cell.mark is Mark.ALL:
        return f'<rect class="all" {box}/><path class="tick" d="M{x + 5.5:g} {y + 11.5:g}l4 4.2 7.2 -8.6"/>'
    if cell.mark is Mark.SOME:
        count = f'<text class="count" x="{x + _SIDE / 2:g}" y="{y + 15.5:g}">{len(cell.allowed)}</text>'
        return f'<rect class="some" {box}/>{count}'
    return f'<rect class="none" {box}/><path class="cross" d="M{x + 7:g} {y + 7:g}l8 8m0 -8l-8 8"/>'


def _legend(y: float) -> list[str]:
    samples = (
        (Cell(PURPOSES, ()), f"all {len(PURPOSES)} purposes that a review can open"),
        (Cell(PURPOSES[:2], ()), "only so many of them"),
        (Cell((), ()), "none"),
    )
    pieces, x = [], float(_MARGIN)
    for sample, words in samples:
        pieces.append(f"  <g>{_mark(sample, x, y - 15.5)}</g>")
        pieces.append(f'  <text x="{x + _SIDE + 8:g}" y="{y}">{words}</text>')
        x += _SIDE + 8 + 6.6 * len(words) + 28
    for number, explained in enumerate(
        (
            "1:1 compares with one named person; 1:N searches among several; find says where faces are, not "
            "whose.",
            "live looks for named people who do not present themselves, by fixed cameras in a public place; "
            "the rest is in private ones.",
        )
    ):
        pieces.append(f'  <text class="quiet" x="{_MARGIN}" y="{y + 32 + 18 * number:g}">{explained}</text>')
    return pieces


def _summary(matrix: Matrix) -> str:
    """The drawing in words, for whoever does not see it."""
    parts = []
    for column in matrix.columns:
        marks = {
            mark: [
                f"{row.words} {SHORT[function]}"
                for row in ROWS
                for function in FUNCTIONS
                if matrix.cell(column, row, function).mark is mark
            ]
            for mark in Mark
        }
        total = len(ROWS) * len(FUNCTIONS)
        parts.append(
            f"{column.name}: {len(marks[Mark.ALL])} of {total} cells allow all purposes, "
            f"{len(marks[Mark.SOME])} some, {len(marks[Mark.NONE])} none"
        )
    return f"What each stand leaves of {len(ROWS)} kinds of users and 4 functions. {'; '.join(parts)}."
