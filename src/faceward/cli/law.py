"""``faceward law``: list, show and check the laws that are known, condition by condition."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from faceward.cli import files, schemas
from faceward.cli.arguments import Parser, common
from faceward.cli.exits import Exit, about
from faceward.cli.output import Output
from faceward.errors import InvalidValue
from faceward.governance import instruments, law_gate, place_bans
from faceward.governance.criteria import CORE, Answer
from faceward.governance.instruments import Instrument
from faceward.governance.law_gate import Condition, Operator
from faceward.governance.moments import written
from faceward.transparency.words import Body, Function, Purpose

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(prog="faceward law", description="Say which laws are known, and what each of them allows.")
    actions = it.add_subparsers(dest="action", required=True, metavar="list|show|check")
    listing = actions.add_parser("list", description="List the laws and the local bans that are known.")
    show = actions.add_parser("show", description="Show all that is known of one law.")
    check = actions.add_parser("check", description="Say whether a law allows a body a use, and why not.")
    for action in (show, check):
        action.add_argument("law", metavar="LAW", help="identifier from `faceward law list`, or a JSON file")
    check.add_argument("--country", required=True, metavar="CODE", help="of who would act, as in ISO 3166-1")
    _word(check, "--agency", "who would act", map(str, Body))
    check.add_argument("--on", required=True, metavar="DATE", help="when, such as 2026-01-31; UTC")
    functions = sorted(map(str, instruments.FUNCTIONS))
    _word(check, "--function", "what they would do", functions, Function.IDENTIFY)
    _word(check, "--purpose", "for what", map(str, Purpose), Purpose.CRIMINAL_INVESTIGATION)
    for action in (listing, show, check):
        common(action)
    return it


def _word(
    parser: argparse.ArgumentParser, name: str, asks: str, words: Iterable[str], default: str | None = None
) -> None:
    choices = tuple(words)
    parser.add_argument(
        name,
        choices=choices,
        default=default,
        required=default is None,
        metavar="WORD",
        help=f"{asks}: {', '.join(choices)}" + (f" (default: {default})" if default else ""),
    )


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about laws.

    Raises:
        InputError: There is no such law, or a file or an option makes no sense.
    """
    match arguments.action:
        case "list":
            return _list(out)
        case "show":
            return _show(_law(arguments.law), out)
    function, purpose = Function(arguments.function), Purpose(arguments.purpose)
    country = arguments.country
    if not _COUNTRY.fullmatch(country):
        raise InvalidValue(f"{country!r} is no country.", remedy="Give two capital letters, such as US.")
    operator = Operator(country, Body(arguments.agency), frozenset({function}))
    found = law_gate.satisfied(_law(arguments.law), operator, moment(arguments.on), function, purpose)
    values = schemas.law_findings(found)
    out.document(
        {
            "schema": "faceward/law-check/1",
            "country": country,
            "agency": str(operator.agency),
            "function": str(function),
            "purpose": str(purpose),
            **values,
        }
    )
    blocking = sum(it.blocks for it in found.conditions)
    out.line(
        f"{found.instrument} on {arguments.on}, {operator.agency} of {country}, {function} for {purpose}: "
        + ("satisfied." if found.satisfied else "not satisfied.")
    )
    out.line(f"{len(found.missing)} of {blocking} conditions do not hold; each of them is enough.")
    for condition in found.conditions:
        _tell(condition, out)
    return Exit.DONE if found.satisfied else Exit.REFUSED


def moment(text: str) -> datetime:
    """Read a day, or a moment in UTC.

    Raises:
        InvalidValue: It is neither.
    """
    try:
        it = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue(f"{text!r} is no date.", remedy="Write it as 2026-01-31.") from None
    return it.replace(tzinfo=UTC) if it.tzinfo is None else it.astimezone(UTC)


def _tell(it: Condition, out: Output) -> None:
    out.line()
    out.line(f"{'yes' if it.holds else 'NO' if it.blocks else 'no':<5}{it.name}: {it.asks}")
    out.line(f"     {it.record}")
    if it.remedy:
        out.line(f"     {it.remedy if it.blocks else 'Recorded; it blocks nothing.'}")


def _law(name: str) -> Instrument:
    """The law of an identifier, or of a file."""
    known = instruments.shipped()
    if name in known:
        return known[name]
    if not name.endswith(".json"):
        raise InvalidValue(
            f"There is no law {name!r}.", remedy=f"Name a JSON file, or one of: {', '.join(known)}."
        )
    with about(name):
        return instruments.parse(files.read(name), Path(name).name)


def _list(out: Output) -> int:
    laws, bans = instruments.shipped().values(), place_bans.shipped()
    out.document(
        {
            "schema": "faceward/law-list/1",
            "laws": [schemas.law_summary(it) for it in laws],
            "bans": [schemas.ban(it) for it in bans],
        }
    )
    out.table(
        ("law", "country", "level", "status", "begins", ">core met", "title"),
        (
            (
                it.identifier, it.country, str(it.level), str(it.status), written(it.effective)[:10],
                f"{_met(it)} of {len(CORE)}", it.title,
            )
            for it in laws
        ),
    )  # fmt: skip
    out.line()
    out.table(
        ("ban", "place", "covers", "begins", "source"),
        (
            (
                it.identifier, f"{it.locality}, {it.region}", ", ".join(sorted(map(str, it.sectors))),
                written(it.effective)[:10], it.source_title,
            )
            for it in bans
        ),
    )  # fmt: skip
    return Exit.DONE


def _met(law: Instrument) -> int:
    return sum(law.answer(name).answer is Answer.MET for name in CORE)


def _show(it: Instrument, out: Output) -> int:
    out.document(
        {
            "schema": "faceward/law-show/1",
            "law": instruments.as_json(it),
            "digest": instruments.digest(it),
        }
    )
    scope = it.scope
    for name, words in (
        ("law", f"{it.identifier}: {it.title}"),
        ("citation", it.citation),
        ("source", it.source_title),
        ("text", f"sha256 {it.text_sha256}"),
        ("level", f"{it.level}, {it.country}"),
        ("status", f"{it.status}; begins: {written(it.effective)}; ends: {written(it.ends)}"),
        ("agencies", ", ".join(sorted(scope.agencies)) or "none"),
        ("functions", ", ".join(sorted(scope.functions)) or "none"),
        ("purposes", ", ".join(sorted(scope.purposes)) or "none"),
        *(
            (
                answer.name,
                f"{answer.answer}{f' at {answer.pinpoint}' if answer.pinpoint else ''}: {answer.note or '-'}",
            )
            for answer in it.criteria
        ),
        *(("review", f"{r.outcome} by {r.reviewer}, {r.organisation} ({r.kind})") for r in it.reviews),
        *(("challenge", f"{c.outcome}, by {c.by}, {written(c.opened)}") for c in it.challenges),
        ("window", f"closed: {written(it.window_closed_at)}"),
        ("reviews", f"hold until: {written(it.review_until)}"),
        ("digest", f"sha256 {instruments.digest(it)}; reviews must name it"),
    ):
        out.line(f"{name:<12}{words}")
    return Exit.DONE
