"""``faceward doctor``: nothing in, what runs where and what to do about each problem out."""

from __future__ import annotations

import argparse

from faceward.cli import schemas
from faceward.cli.arguments import Parser, common, engine, settings
from faceward.cli.checkup import checked
from faceward.cli.exits import Exit
from faceward.cli.output import Output
from faceward.ports.model_source import Severity

_MARKS = {Severity.GOOD: "good", Severity.WARNING: "warning", Severity.ERROR: "BROKEN"}


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward doctor",
        description="Say what runs where, and what to do about each problem. Exit code 4: one is serious.",
    )
    engine(it)
    common(it)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Look at every part of this installation.

    Raises:
        InputError: The settings make no sense.
    """
    found = checked(settings(arguments))
    out.document(
        {
            "schema": "faceward/doctor/1",
            "broken": found.broken,
            "facts": found.facts,
            "findings": [schemas.finding(it) for it in found.findings],
        }
    )
    width = max(map(len, found.facts)) + 2
    for name, words in found.facts.items():
        out.line(f"{name:<{width}}{words}")
    out.line()
    for it in found.findings:
        out.line(f"{_MARKS[it.severity]:<9}{it.about}: {it.cause} {it.remedy}".rstrip())
    return Exit.DEPENDENCY if found.broken else Exit.DONE
