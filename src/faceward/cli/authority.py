"""``faceward authority``: record the warrants, orders and emergencies that uses rest on, and end them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from faceward import wiring
from faceward.cli import deployment_files, proposals
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import Exit
from faceward.cli.files import write
from faceward.cli.keys import signing_key
from faceward.cli.output import Output, file_name
from faceward.governance.documents.snapshots import NOTHING
from faceward.governance.laws import authority, authority_filings
from faceward.governance.laws.authority_register import OPENERS, Recorded, authorities
from faceward.governance.laws.moments import written
from faceward.governance.reviews.review import deployments
from faceward.settings import Settings


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward authority",
        description="Record warrants, orders and emergencies. Two people file each, in equal words.",
    )
    actions = it.add_subparsers(dest="action", required=True, metavar="|".join(_ACTIONS))
    listing = actions.add_parser("list", description="List the records, and what each still lacks.")
    opening = actions.add_parser("open", description="Sign and file a record that was filled in.")
    opening.add_argument("file", metavar="FILE", help="the record, TOML; both people file the same")
    ending = actions.add_parser("end", description="End a record at once; one person may.")
    ending.add_argument("name", metavar="ID", help="which")
    ending.add_argument("--reasons", required=True, metavar="WORDS", help="why")
    blank = actions.add_parser("template", description="Write a record to fill in.")
    blank.add_argument("-o", "--out", metavar="FILE", help="file to write; otherwise it is shown")
    for action in (opening, ending):
        proposals.key_option(action)
    for action in (listing, opening, ending, blank):
        common(action)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about authority records.

    Raises:
        InputError: A file or an option makes no sense, or there is no such record.
        RefusedError: It may not be filed, or not by this person; every reason is given.
        ConflictError: There is no charter yet, or somebody else filed something at the same time.
        DependencyError: The ledger, a key or a document cannot be read, or was altered.
    """
    return _ACTIONS[arguments.action](arguments, settings(arguments), out)


def _list(_arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    on, now = NOTHING, wiring.clock().now()
    if wiring.has_ledger(chosen):  # who only asks makes none
        with closing(wiring.ledger(chosen)) as ledger:
            on = wiring.registry(chosen, ledger).snapshot()
    known = on.view(authorities)
    out.document(
        {
            "schema": "faceward/authority-list/1",
            "authorities": [
                {
                    "record": authority.as_json(it.record),
                    "until": written(it.record.until),
                    **_stands(it, now),
                }
                for it in known
            ],
        }
    )
    if not known:
        out.line("There is no authority record; `faceward authority template` writes one to fill in.")
        return Exit.DONE
    out.table(
        ("authority", "kind", "deployment", "standing", "until"),
        (
            (
                it.record.identifier, str(it.record.kind), it.record.deployment, _standing(it, now),
                f"{it.record.until:%Y-%m-%d %H:%M}",
            )
            for it in known
        ),
    )  # fmt: skip
    return Exit.DONE


def _open(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    record = deployment_files.authority(arguments.file)
    key = signing_key(proposals.key_path(arguments.key_file, chosen))
    with closing(wiring.ledger(chosen)) as ledger:
        registry = wiring.registry(chosen, ledger)
        it = authority_filings.open_authority(registry, record, key)
        named = record.deployment in registry.snapshot().view(deployments)
        now = registry.now()
    out.document({"schema": "faceward/authority-open/1", "authority": record.identifier, **_stands(it, now)})
    out.line(f"{record.identifier} is on file: {_standing(it, now)}.")
    if not it.counts:
        out.line("It counts once somebody else files this same file; one of the two must be an operator.")
    if not named:
        out.note(f"There is no deployment {record.deployment!r} yet, which alone may act on it.")
    return Exit.DONE


def _end(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    key = signing_key(proposals.key_path(arguments.key_file, chosen))
    with closing(wiring.ledger(chosen)) as ledger:
        registry = wiring.registry(chosen, ledger)
        ended = authority_filings.end_authority(registry, arguments.name, arguments.reasons, key)
    until = max(it.until for it in ended)
    out.document({"schema": "faceward/authority-end/1", "authority": arguments.name, "until": written(until)})
    out.line(f"{arguments.name} has ended, and covers nothing since {until:%Y-%m-%d %H:%M}.")
    return Exit.DONE


def _template(arguments: argparse.Namespace, _chosen: Settings, out: Output) -> int:
    text = authority.template(wiring.clock().now())
    if arguments.out is not None:
        write(Path(arguments.out), text.encode(), replace=False, private=False)
        out.line(f"{file_name(arguments.out)}: fill it in, then `faceward authority open`.")
    else:
        for line in text.splitlines():
            out.line(line)
    out.document({"schema": "faceward/authority-template/1", "template": text})
    return Exit.DONE


def _stands(it: Recorded, now: datetime) -> dict[str, object]:
    return {"standing": _standing(it, now), "counts": it.counts, "signatures": len(it.signers)}


def _standing(it: Recorded, now: datetime) -> str:
    """Where a record stands, in words."""
    record = it.record
    if record.closed is not None and now >= record.closed:
        return "ended"
    if now >= record.until:
        return "over"
    if not it.counts:
        return "a second signature is missing" if len(it.signers) < OPENERS else "no operator signed it"
    return "not yet open" if now < record.opened else "open"


_ACTIONS: dict[str, Callable[[argparse.Namespace, Settings, Output], int]] = {
    "list": _list,
    "open": _open,
    "end": _end,
    "template": _template,
}
