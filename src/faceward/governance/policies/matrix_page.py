"""The matrix of stands in, a page that loads nothing out: the drawing, and all of it in tables and words."""

from __future__ import annotations

from html import escape

from faceward.governance.policies.archetypes import FUNCTIONS, PURPOSES
from faceward.governance.policies.matrix import ROWS, Column, Mark, Matrix, spoken
from faceward.governance.policies.matrix_drawing import as_svg
from faceward.governance.reviews.factors import NEVER
from faceward.transparency.words import Function

FULL = {
    Function.VERIFY: "compare with one named person (1:1)",
    Function.IDENTIFY: "search among several (1:N)",
    Function.LIVE: "look for named people who do not present themselves (live)",
    Function.ANALYSE: "find faces, not whose they are",
}
"""Functions as the tables write them."""

_SIGNS = {Mark.ALL: "✓", Mark.SOME: "◐", Mark.NONE: "✕"}
_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1d2329; --quiet: #545d66; --line: #d5dade;
  --all: #005a8d; --some: #7a5200; --none: #545d66 }
@media (prefers-color-scheme: dark) {
  :root { --paper: #14181c; --ink: #e9edf0; --quiet: #a7b0b8; --line: #38424a;
    --all: #7cc5ee; --some: #f0b740; --none: #a7b0b8 }
}
body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.5 system-ui, "DejaVu Sans", sans-serif }
h1 { font-size: 1.7rem; line-height: 1.2 }
h2 { margin-top: 2.5rem; font-size: 1.2rem }
p, li { max-width: 46rem }
.wide { overflow-x: auto }
svg { min-width: 54rem }
table { table-layout: fixed; border-collapse: collapse; width: 100%; min-width: 46rem; font-size: .9rem }
caption, .quiet { text-align: left; color: var(--quiet) }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top }
th { font-weight: 600 }
code { font-size: .92em; overflow-wrap: anywhere }
.all b { color: var(--all) }
.some b { color: var(--some) }
.none b { color: var(--none) }
""".strip()


def as_html(matrix: Matrix) -> str:
    """Write a matrix as a page that reads without colour and follows the reader's choice of light or dark."""
    purposes = ", ".join(spoken(purpose) for purpose in PURPOSES)
    never = ", ".join(sorted(spoken(purpose) for purpose in NEVER))
    pieces = [
        '<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>What each stand leaves</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n<main>",
        "<h1>What each stand leaves</h1>",
        "<p>Uses that are in order in every other respect: the enhanced review with two approvers, a passed "
        "audit, consent, every safeguard, an open authority. Each stand is judged alone, on top of the base. "
        "Nothing here is typed by hand: the policies themselves were asked.</p>",
        f"<p>Purposes that a review can open, {len(PURPOSES)}: {purposes}.</p>",
        f"<p>Purposes that nothing opens: {never}.</p>",
        f'<div class="wide">\n{as_svg(matrix)}</div>',
        *(_table(matrix, column) for column in matrix.columns),
        "</main>\n</body>\n</html>",
    ]
    return "\n".join(pieces) + "\n"


def _table(matrix: Matrix, column: Column) -> str:
    heads = "".join(f'<th scope="col">{FULL[function]}</th>' for function in FUNCTIONS)
    rows = []
    for row in ROWS:
        cells = []
        for function in FUNCTIONS:
            cell = matrix.cell(column, row, function)
            sign, words = _SIGNS[cell.mark], _coded(cell.words)
            cells.append(f'<td class="{cell.mark}"><b aria-hidden="true">{sign}</b> {words}</td>')
        rows.append(f'<tr><th scope="row">{escape(row.words)}</th>{"".join(cells)}</tr>')
    rules = {
        rule.name: rule
        for (name, _, _), cell in matrix.cells.items()
        if name == column.name
        for rule in cell.refused_by
    }
    said = "".join(
        f"<li><code>{name}</code>: {escape(rule.says)}</li>" for name, rule in sorted(rules.items())
    )
    return "\n".join(
        [
            f"<h2>{escape(column.name)}</h2>",
            f'<div class="wide"><table>\n<caption>Judged on {column.on.day} {column.on:%B %Y}.</caption>',
            f'<thead><tr><th scope="col">who</th>{heads}</tr></thead>\n<tbody>',
            *rows,
            "</tbody>\n</table></div>",
            f"<ul>{said}</ul>" if said else '<p class="quiet">It refuses none of these.</p>',
        ]
    )


def _coded(words: str) -> str:
    """A cell's words with the names of rules as code."""
    head, mark, rules = words.partition(": ")
    if not mark:
        return escape(words)
    return f"{escape(head)}: " + ", ".join(f"<code>{escape(rule)}</code>" for rule in rules.split(", "))
