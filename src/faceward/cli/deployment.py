"""``faceward deployment``: open a trial, apply for a use, review it, and see where each stands."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from faceward import wiring
from faceward.cli import deployment_disputes, deployment_files, proposals
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.deployment_reports import Report, described, listed, reported
from faceward.cli.exits import Exit
from faceward.cli.files import write
from faceward.cli.keys import signing_key
from faceward.cli.law import moment
from faceward.cli.output import Output, file_name
from faceward.governance.documents.registry import Registry
from faceward.governance.reviews import proceedings, trials
from faceward.governance.reviews.decisions import Act, Decision
from faceward.governance.reviews.factors import template
from faceward.governance.reviews.review import deployments
from faceward.governance.reviews.standing import found
from faceward.governance.reviews.trials import Trial
from faceward.settings import Settings
from faceward.transparency.signatures import SigningKey
from faceward.transparency.words import Body, Capture, Place, Purpose

_ACTS = {
    "approve": "Approve the newest application.",
    "refuse": "Refuse the newest application, or the one in force.",
    "more": "Say what an application lacks.",
    "suspend": "Stop a deployment at once.",
    "resume": "Let a suspended deployment go on.",
    "close": "End a deployment for good.",
}
_WORDS = {"more": Act.NEED_MORE}
_TRIAL_CAPTURES = (Capture.UPLOAD, Capture.SUPERVISED, Capture.UNATTENDED, Capture.KIOSK)


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(prog="faceward deployment", description="Review uses, and see where each stands.")
    actions = it.add_subparsers(dest="action", required=True, metavar="|".join(_ACTIONS))
    trial = actions.add_parser(
        "trial",
        description="Open a trial: at most 100 people who all consented, for 90 days, once in a year.",
        epilog="By opening it you promise: " + " ".join(trials.PROMISES),
    )
    trial.add_argument("name", nargs="?", default="trial", metavar="NAME", help="(default: trial)")
    trial.add_argument("--organisation", required=True, metavar="WORDS", help="who operates it")
    _word(trial, "--body", "what that organisation is", Body)
    _word(trial, "--purpose", "what for", sorted(trials.PURPOSES))
    trial.add_argument("--country", required=True, metavar="CODE", help="as in ISO 3166-1, such as DE")
    _word(trial, "--place", "where photos are taken", sorted(trials.PLACES), Place.PRIVATE)
    trial.add_argument("--site", default="main", metavar="WORDS", help="the one site (default: main)")
    captures = ", ".join(_TRIAL_CAPTURES)
    trial.add_argument(
        "--capture", action="append", choices=sorted(trials.CAPTURES), metavar="WORD",
        help=f"what photos are taken with, may be repeated: {', '.join(sorted(trials.CAPTURES))} "
        f"(default: {captures})",
    )  # fmt: skip
    blank = actions.add_parser("template", description="Write an application to fill in.")
    blank.add_argument("-o", "--out", metavar="FILE", help="file to write; otherwise it is shown")
    apply = actions.add_parser("apply", description="File an application, or a new version of one.")
    apply.add_argument("name", metavar="NAME", help="what the deployment is called")
    apply.add_argument("file", metavar="FILE", help="the application that was filled in, TOML")
    judging = [_judging(actions.add_parser(name, description=words), name) for name, words in _ACTS.items()]
    audit = actions.add_parser("audit", description="File an audit of a model for a use.")
    audit.add_argument("name", metavar="NAME", help="identifier of the audit")
    audit.add_argument("file", metavar="FILE", help="the audit, TOML")
    listing = actions.add_parser("list", description="List the deployments and where each stands.")
    show = actions.add_parser("show", description="Show all that is known of one deployment.")
    show.add_argument("name", metavar="NAME", help="which")
    for action in (trial, apply, audit, *judging):
        proposals.key_option(action)
    disputing = deployment_disputes.parsers(actions)
    for action in (trial, blank, apply, audit, *judging, *disputing, listing, show):
        common(action)
    return it


def _word(
    parser: argparse.ArgumentParser,
    name: str,
    asks: str,
    words: type[StrEnum] | list[StrEnum] | list[Purpose] | list[Place],
    default: str | None = None,
) -> None:
    choices = [str(it) for it in words]
    parser.add_argument(
        name, choices=choices, default=default, required=default is None, metavar="WORD",
        help=f"{asks}: {', '.join(choices)}" + (f" (default: {default})" if default else ""),
    )  # fmt: skip


def _judging(it: Parser, name: str) -> Parser:
    it.add_argument("name", metavar="NAME", help="which deployment")
    it.add_argument("--reason", required=True, metavar="WORDS", help="why")
    if name == "approve":
        it.add_argument("--until", metavar="DATE", help="when it runs out (default: as late as it may)")
        it.add_argument("--condition", action="append", default=[], metavar="WORDS", help="may be repeated")
        it.add_argument("--people", type=int, metavar="N", help="fewer people than were applied for")
        it.add_argument("--uses-a-day", type=int, metavar="N", help="fewer uses than were applied for")
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about deployments.

    Raises:
        InputError: A file or an option makes no sense, or there is no such deployment.
        RefusedError: It may not be, or not by this person; every reason is given.
        ConflictError: There is no charter yet, or somebody else filed something at the same time.
        DependencyError: The ledger, a key or a document cannot be read, or was altered.
    """
    action = arguments.action
    return _ACTIONS.get(action, _decide)(arguments, settings(arguments), out)


@contextmanager
def _desk(chosen: Settings) -> Iterator[Registry]:
    with closing(wiring.ledger(chosen)) as ledger:
        yield wiring.registry(chosen, ledger)


def _key(arguments: argparse.Namespace, chosen: Settings) -> SigningKey:
    return signing_key(proposals.key_path(arguments.key_file, chosen))


def _trial(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    trial = Trial(
        slug(arguments.organisation),
        arguments.organisation,
        Body(arguments.body),
        Purpose(arguments.purpose),
        arguments.country,
        Place(arguments.place),
        arguments.site,
        frozenset(Capture(it) for it in arguments.capture or _TRIAL_CAPTURES),
    )
    trials.parse(trials.as_json(trial))
    with _desk(chosen) as registry:
        proceedings.open_trial(registry, arguments.name, trial, _key(arguments, chosen))
        reported(_report(registry, arguments.name), out)
    out.line()
    out.line("You promised:")
    for words in trials.PROMISES:
        out.line(f"  {words}")
    return Exit.DONE


def _template(arguments: argparse.Namespace, _chosen: Settings, out: Output) -> int:
    text = template()
    if arguments.out is not None:
        write(Path(arguments.out), text.encode(), replace=False, private=False)
        out.line(f"{file_name(arguments.out)}: answer every factor, then `faceward deployment apply`.")
    else:
        for line in text.splitlines():
            out.line(line)
    out.document({"schema": "faceward/deployment-template/1", "template": text})
    return Exit.DONE


def _apply(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    application = deployment_files.application(arguments.file)
    with _desk(chosen) as registry:
        proceedings.apply(registry, arguments.name, application, _key(arguments, chosen))
        reported(_report(registry, arguments.name), out)
    return Exit.DONE


def _decide(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    act = _WORDS.get(arguments.action) or Act(arguments.action)
    with _desk(chosen) as registry:
        newest = found(registry.snapshot(), arguments.name).newest
        digest = newest.digest if act.judges and newest is not None else ""
        decision = Decision(act, arguments.reason, digest)
        if act.approves and newest is not None:
            decision = _approval(arguments, digest, newest.longest_at(registry.now()))
        proceedings.decide(registry, arguments.name, decision, _key(arguments, chosen))
        reported(_report(registry, arguments.name), out)
    return Exit.DONE


def _approval(arguments: argparse.Namespace, digest: str, latest: datetime) -> Decision:
    narrowed = arguments.condition or arguments.people or arguments.uses_a_day
    return Decision(
        Act.APPROVE_WITH_CONDITIONS if narrowed else Act.APPROVE,
        arguments.reason,
        digest,
        tuple(arguments.condition),
        arguments.people,
        arguments.uses_a_day,
        # A minute less, for the clock goes on until it is filed.
        (latest - timedelta(minutes=1)).replace(microsecond=0)
        if arguments.until is None
        else moment(arguments.until),
    )


def _audit(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    audit = deployment_files.audit(arguments.file)
    with _desk(chosen) as registry:
        says = proceedings.record_audit(registry, arguments.name, audit, _key(arguments, chosen))
    out.document({"schema": "faceward/deployment-audit/1", "audit": arguments.name, "verdict": str(says)})
    out.line(f"{arguments.name}: {says}, by the intervals that were measured.")
    return Exit.DONE


def _list(_arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with _desk(chosen) as registry:
        snapshot = registry.snapshot()
        rows = [_report(registry, name) for name in snapshot.view(deployments)]
    out.document({"schema": "faceward/deployment-list/1", "deployments": [described(it) for it in rows]})
    listed(rows, out)
    return Exit.DONE


def _show(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with _desk(chosen) as registry:
        reported(_report(registry, arguments.name), out, whole=True)
    return Exit.DONE


def _report(registry: Registry, name: str) -> Report:
    return Report.of(registry.snapshot(), name, registry.now())


def slug(words: str) -> str:
    """An identifier made of the name of an organisation: one name, however it is typed, gives one."""
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")[:60].rstrip("-") or "unnamed"


_ACTIONS: dict[str, Callable[[argparse.Namespace, Settings, Output], int]] = {
    "trial": _trial,
    "template": _template,
    "apply": _apply,
    **dict.fromkeys(_ACTS, _decide),
    "audit": _audit,
    "challenge": deployment_disputes.challenge,
    "rule": deployment_disputes.rule,
    "list": _list,
    "show": _show,
}
