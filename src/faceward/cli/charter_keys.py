"""``faceward charter key``: key pairs to sign with, and proposals to list, retire or strike them."""

from __future__ import annotations

import argparse
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from faceward import wiring
from faceward.cli import proposals
from faceward.cli.arguments import common, settings
from faceward.cli.exits import Exit
from faceward.cli.keys import new_signing_key, verifying_key
from faceward.cli.law import moment
from faceward.cli.output import Output, file_name
from faceward.errors import ConflictError, InvalidValue
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Charter, Keyholder, Role


def add(parser: argparse.ArgumentParser) -> None:
    """Add what the verb understands."""
    actions = parser.add_subparsers(dest="key_action", required=True, metavar="new|add|retire|remove")
    new = actions.add_parser("new", description="Write NAME.key, which signs, and NAME.pub, to be listed.")
    new.add_argument("name", metavar="NAME", help="path of the two files without their ending")
    adding = actions.add_parser("add", description="Propose a charter that lists one key more.")
    adding.add_argument("public", metavar="KEY.pub", help="public key")
    adding.add_argument("--account", required=True, metavar="NAME", help="whose key it is")
    adding.add_argument(
        "--role", action="append", required=True, choices=[str(it) for it in Role], help="may be repeated"
    )
    adding.add_argument(
        "--minted-by", default="", metavar="NAME", help="account of whoever made the key, if not its holder"
    )
    adding.add_argument("--until", metavar="DATE", help="from when it may sign nothing more")
    retire = actions.add_parser(
        "retire", description="Propose that a key signs nothing more; what it signed still counts."
    )
    retire.add_argument("public", metavar="KEY.pub", help="public key")
    retire.add_argument("--until", required=True, metavar="DATE", help="from when; UTC")
    remove = actions.add_parser(
        "remove", description="Propose to strike a key; approvals and audits it signed count no longer."
    )
    remove.add_argument("public", metavar="KEY.pub", help="public key")
    for action in (adding, retire, remove):
        action.add_argument("-o", "--out", required=True, metavar="FILE", help="proposal to write")
    for action in (new, adding, retire, remove):
        common(action)


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about keys.

    Raises:
        InputError: A file is no key, or there is one already.
        ConflictError: The key is on the list already, or is not.
    """
    if arguments.key_action == "new":
        private, public, half = new_signing_key(Path(arguments.name))
        names = {"private": file_name(private), "public": file_name(public), "key": half}
        out.document({"schema": "faceward/charter-key/1", **names})
        out.line(f"{file_name(private)}: signs in your name. Keep it secret, and keep a copy.")
        out.line(f"{file_name(public)}: give it to an operator, to be listed in the charter.")
        return Exit.DONE
    chosen = settings(arguments)
    half = verifying_key(arguments.public)
    with closing(wiring.ledger(chosen)) as ledger:
        registry = wiring.registry(chosen, ledger)
        charter = registry.snapshot().charter
        proposals.propose(registry, _changed(charter, half, arguments), arguments.out, out)
    return Exit.DONE


def _changed(charter: Charter, half: str, arguments: argparse.Namespace) -> Charter:
    held = charter.keyholder(half)
    others = tuple(it for it in charter.keys if it.public != half)
    if arguments.key_action == "add":
        if held is not None:
            raise ConflictError("This key is on the list already.", remedy="Make a new one for another use.")
        roles = frozenset(Role(name) for name in arguments.role)
        until = None if arguments.until is None else moment(arguments.until)
        new = Keyholder(half, arguments.account, roles, arguments.minted_by, until)
        keys = (*others, new)
    elif held is None:
        raise ConflictError("This key is not on the list.", remedy="See `faceward charter show`.")
    elif arguments.key_action == "retire":
        keys = (*others, replace(held, until=moment(arguments.until)))
    else:
        keys = others
    if not keys:
        raise InvalidValue("No key would be left.", remedy="Add another first.")
    in_order = tuple(sorted(keys, key=lambda it: (it.account, it.public)))
    return replace(charters.successor(charter), keys=in_order)
