"""``faceward charter matrix``: a date in, what each stand leaves of each sector's uses out."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from faceward import wiring
from faceward.cli import charter_policies as policies
from faceward.cli.arguments import Actions, common
from faceward.cli.exits import AboutFile, Exit
from faceward.cli.files import write
from faceward.cli.law import moment
from faceward.cli.output import Output, file_name
from faceward.errors import InvalidValue
from faceward.governance.policies.archetypes import FUNCTIONS, PURPOSES
from faceward.governance.policies.matrix import COLUMNS, JUDGED_ON, ROWS, Cell, Column, Mark, Matrix, matrix
from faceward.governance.policies.matrix_drawing import SHORT, as_svg
from faceward.governance.policies.matrix_page import as_html
from faceward.settings import Settings

_WRITERS = {".html": as_html, ".svg": as_svg}
_ABOUT = (
    f"Of {len(PURPOSES)} purposes that a review can open, how many each stand leaves to uses that are",
    "in order in every other respect. 1:1 compares with one person, 1:N searches among several,",
    "live looks for people who do not present themselves, find only finds faces.",
)


def add(actions: Actions) -> None:
    """Add what the verb understands."""
    it = actions.add_parser("matrix", description="Show what each stand leaves of each sector's uses.")
    it.add_argument("-o", "--out", metavar="FILE", help="page (.html) or drawing (.svg) to write")
    it.add_argument(
        "--on",
        metavar="DATE",
        help="when the uses would be; UTC (default: now, for a stand that is over a day that it speaks of)",
    )
    common(it)


def run(arguments: argparse.Namespace, _chosen: Settings, out: Output) -> int:
    """Show or write the matrix.

    Raises:
        InputError: The date is none.
        AboutFile: The file has another ending, or is there already.
        PolicyInvalid: The rules cannot be judged.
    """
    path = None if arguments.out is None else Path(arguments.out)
    if path is not None and path.suffix not in _WRITERS:
        raise AboutFile(
            path,
            InvalidValue("It is not said what to write.", remedy="End the name in .html or in .svg."),
        )
    made = matrix(_columns(None if arguments.on is None else moment(arguments.on)))
    values: dict[str, object] = {"schema": "faceward/charter-matrix/1", "cells": list(_cells(made))}
    if path is None:
        out.document(values)
        _tell(made, out)
        return Exit.DONE
    write(path, _WRITERS[path.suffix](made).encode(), replace=False, private=False)
    out.document({**values, "path": file_name(path)})
    out.line(f"{file_name(path)} is written.")
    return Exit.DONE


def _columns(on: datetime | None) -> Iterator[Column]:
    now = wiring.clock().now()
    for name, stands in COLUMNS.items():
        packs = policies.of_stands(stands)
        yield Column(name, packs, wiring.engine(packs), on or JUDGED_ON.get(name, now))


def _cells(made: Matrix) -> Iterator[dict[str, object]]:
    for column in made.columns:
        for row in ROWS:
            for function in FUNCTIONS:
                cell = made.cell(column, row, function)
                yield {
                    "stand": column.name,
                    "on": column.on.isoformat(),
                    "sector": str(row.sector),
                    "with_law": row.with_law,
                    "function": str(function),
                    "allowed": [str(it) for it in cell.allowed],
                    "refused_by": [rule.name for rule in cell.refused_by],
                }


def _tell(made: Matrix, out: Output) -> None:
    for text in _ABOUT:
        out.line(text)
    for column in made.columns:
        out.line()
        out.line(f"{column.name}, on {column.on:%Y-%m-%d}")
        out.table(
            ("sector", *(f">{SHORT[function]}" for function in FUNCTIONS)),
            (
                (row.words, *(_short(made.cell(column, row, function)) for function in FUNCTIONS))
                for row in ROWS
            ),
            indent="  ",
        )


def _short(cell: Cell) -> str:
    return str(len(cell.allowed)) if cell.mark is Mark.SOME else str(cell.mark)
