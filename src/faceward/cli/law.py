"""``faceward law``: which laws are known, what each allows, and what people file about them."""

from __future__ import annotations

import argparse
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from faceward import wiring
from faceward.cli import files, law_acts, schemas
from faceward.cli.arguments import Parser, common, settings, word
from faceward.cli.exits import Exit, about
from faceward.cli.output import Output
from faceward.errors import InvalidValue
from faceward.governance.documents.snapshots import NOTHING, Snapshot
from faceward.governance.laws import instruments, place_bans
from faceward.governance.laws.criteria import CORE, Answer
from faceward.governance.laws.instruments import Instrument
from faceward.governance.laws.law_filings import LawUnknown
from faceward.governance.laws.law_gate import Condition, Operating, Operator
from faceward.governance.laws.law_register import LawRegister, register
from faceward.governance.laws.moments import written
from faceward.governance.reviews import standing
from faceward.settings import Settings
from faceward.transparency.words import Body, Function, Purpose

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(prog="faceward law", description="Say which laws are known, and what each of them allows.")
    verbs = "list|show|check|file|review|challenge|rule"
    actions = it.add_subparsers(dest="action", required=True, metavar=verbs)
    listing = actions.add_parser("list", description="List the laws and the local bans that are known.")
    show = actions.add_parser("show", description="Show all that is known of one law.")
    check = actions.add_parser("check", description="Say whether a law allows a body a use, and why not.")
    for action in (show, check):
        action.add_argument("law", metavar="LAW", help="identifier from `faceward law list`, or a JSON file")
    check.add_argument("--deployment", metavar="NAME", help="who would act: one that was applied for")
    check.add_argument("--country", metavar="CODE", help="or else of whom, as in ISO 3166-1")
    word(check, "--agency", "and what they are", Body)
    check.add_argument("--on", required=True, metavar="DATE", help="when, such as 2026-01-31; UTC")
    word(check, "--function", "what they would do", sorted(instruments.FUNCTIONS), default=Function.IDENTIFY)
    word(check, "--purpose", "for what", Purpose, default=Purpose.CRIMINAL_INVESTIGATION)
    for action in (listing, show, check, *law_acts.parsers(actions)):
        common(action)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about laws.

    Raises:
        InputError: There is no such law, or a file or an option makes no sense.
        RefusedError: Whoever signs may not.
        DependencyError: The ledger or a key cannot be read.
    """
    chosen = settings(arguments)
    match arguments.action:
        case "list":
            return _list(_known(chosen).view(register), out)
        case "show":
            known = _known(chosen).view(register)
            return _show(_law(known, arguments.law), known, out)
        case "check":
            return _check(arguments, _known(chosen), out)
    return law_acts.run(arguments, chosen, out)


def _known(chosen: Settings) -> Snapshot:
    """What is on file; nothing where this account has no ledger yet, and none is made."""
    if not wiring.has_ledger(chosen):
        return NOTHING
    with closing(wiring.ledger(chosen)) as ledger:
        return wiring.registry(chosen, ledger).snapshot()


def _check(arguments: argparse.Namespace, on: Snapshot, out: Output) -> int:
    function, purpose = Function(arguments.function), Purpose(arguments.purpose)
    known, at = on.view(register), moment(arguments.on)
    operator = _operator(arguments, on, at)
    found = known.judge(_law(known, arguments.law), operator, at, function, purpose)
    out.document(
        {
            "schema": "faceward/law-check/1",
            "country": operator.country,
            "agency": str(operator.agency),
            "function": str(function),
            "purpose": str(purpose),
            **schemas.law_findings(found),
        }
    )
    who = f"{operator.agency} of {operator.country}, {function} for {purpose}"
    verdict = "satisfied" if found.satisfied else "not satisfied"
    out.line(f"{found.instrument} on {arguments.on}, {who}: {verdict}.")
    if found.missing:
        blocking = sum(it.blocks for it in found.conditions)
        out.line(f"{len(found.missing)} of {blocking} conditions do not hold; each of them is enough.")
    for condition in found.conditions:
        _tell(condition, out)
    return Exit.DONE if found.satisfied else Exit.REFUSED


def _operator(arguments: argparse.Namespace, on: Snapshot, at: datetime) -> Operating:
    if arguments.deployment and not (arguments.country or arguments.agency):
        return standing.deployment_facts(on, arguments.deployment, at)
    if arguments.deployment or not (arguments.country and arguments.agency):
        raise InvalidValue(
            "It is not said who would act.", remedy="Give --deployment, or --country and --agency."
        )
    if not _COUNTRY.fullmatch(arguments.country):
        raise InvalidValue(
            f"{arguments.country!r} is no country.", remedy="Give two capital letters, such as US."
        )
    return Operator(arguments.country, Body(arguments.agency), frozenset({Function(arguments.function)}))


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


def _law(known: LawRegister, name: str) -> Instrument:
    """The law of an identifier, or of a file."""
    if name in known.laws:
        return known.laws[name]
    if not name.endswith(".json"):
        raise LawUnknown(
            f"There is no law {name!r}.", remedy=f"Name a JSON file, or one of: {', '.join(known.laws)}."
        )
    with about(name):
        return instruments.parse(files.read(name), Path(name).name)


def _list(known: LawRegister, out: Output) -> int:
    laws, bans = known.laws.values(), place_bans.shipped()
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


def _show(it: Instrument, known: LawRegister, out: Output) -> int:
    filed = known.of_laws.get(it.identifier, ()) if known.laws.get(it.identifier) == it else ()
    out.document(
        {
            "schema": "faceward/law-show/1",
            "law": instruments.as_json(it),
            "digest": instruments.digest(it),
            "challenges": [{"digest": one.digest, "outcome": str(one.challenge.outcome)} for one in filed],
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
        *(("challenge", f"{c.outcome}, by {c.by}, {written(c.opened)}: {c.text}") for c in it.challenges),
        *(("challenge", f"{one.challenge.outcome}: digest {one.digest}") for one in filed),
        ("window", f"closed: {written(it.window_closed_at)}"),
        ("reviews", f"hold until: {written(it.review_until)}"),
        ("digest", f"sha256 {instruments.digest(it)}; reviews must name it"),
    ):
        out.line(f"{name:<12}{words}")
    return Exit.DONE
