"""``faceward stand``: list the positions that an installation can take, show what each refuses in words."""

from __future__ import annotations

import argparse
from contextlib import closing

from faceward import wiring
from faceward.cli import schemas
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import Exit
from faceward.cli.output import Output, counted
from faceward.governance.charters import charter as charters
from faceward.governance.policies.packs import BASE, Pack
from faceward.settings import Settings


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(prog="faceward stand", description="See what an installation can refuse beyond the base.")
    actions = it.add_subparsers(dest="action", required=True, metavar="list|show")
    listing = actions.add_parser("list", description="List the base and every stand, and which are active.")
    show = actions.add_parser("show", description="Show every rule of a stand, in words.")
    show.add_argument("stand", metavar="NAME", choices=[BASE, *charters.Stand], help="its name, or base")
    for action in (listing, show):
        common(action)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """List stands, or show one.

    Raises:
        DependencyError: The packs, or the ledger with the charter in force, cannot be read.
    """
    chosen = settings(arguments)
    packs = {pack.name: pack for pack in wiring.all_packs().active}
    if arguments.action == "show":
        return _show(packs[arguments.stand], out)
    active = {BASE, *_active(chosen)}
    out.document(
        {
            "schema": "faceward/stand-list/1",
            "stands": [
                {"name": name, "active": name in active, "rules": len(pack.rules)}
                for name, pack in packs.items()
            ],
        }
    )
    out.table(
        ("stand", "active", ">rules"),
        ((name, "yes" if name in active else "-", str(len(pack.rules))) for name, pack in packs.items()),
    )
    return Exit.DONE


def _active(chosen: Settings) -> tuple[str, ...]:
    """The stands of the charter in force; none where nothing was founded yet."""
    if not wiring.has_ledger(chosen):
        return ()
    with closing(wiring.ledger(chosen)) as ledger:
        snapshot = wiring.registry(chosen, ledger).snapshot()
    return snapshot.charter.stands if snapshot.charters else ()


def _show(pack: Pack, out: Output) -> int:
    rules: list[schemas.Json] = [
        {"name": it.name, "says": it.says, "change": it.change, "source": it.source} for it in pack.rules
    ]
    out.document({"schema": "faceward/stand-show/1", "name": pack.name, "rules": rules})
    out.line(f"{pack.name}, {counted(len(rules), 'rule')}; in full in docs/reference/policies.md")
    for it in pack.rules:
        out.line()
        out.line(it.name)
        out.line(f"  says    {it.says}")
        out.line(f"  change  {it.change}")
        out.line(f"  source  {it.source}")
    return Exit.DONE
