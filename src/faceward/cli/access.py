"""``faceward access``: a deployment and an account in, an API key out; and who holds one, and no more."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from faceward import wiring
from faceward.cli import proposals
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import Exit
from faceward.cli.files import write
from faceward.cli.keys import signing_key
from faceward.cli.output import Output, file_name
from faceward.errors import InvalidValue
from faceward.governance.accounts.api_keys import EXCHANGED_WITHIN, ApiKey, ApiKeys, Scope, Wanted
from faceward.governance.outcomes import Performed
from faceward.governance.permits import Permit
from faceward.governance.requests import Request
from faceward.operations import administration
from faceward.transparency.words import Action, Purpose

T = TypeVar("T")


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(prog="faceward access", description="Say who may ask the server, for which deployment.")
    actions = it.add_subparsers(dest="action", required=True, metavar="issue|list|revoke")
    issue = actions.add_parser("issue", description="Make an API key. Its secret is shown once.")
    issue.add_argument("account", metavar="ACCOUNT", help="whose it will be: a person or a program")
    issue.add_argument(
        "--scope", action="append", required=True, type=Scope, choices=tuple(Scope), metavar="WORD",
        help="what it may ask for, may be repeated: %(choices)s",
    )  # fmt: skip
    issue.add_argument("--days", type=int, default=90, metavar="N", help="how long it lives (default: 90)")
    issue.add_argument(
        "--exchange", action="store_true",
        help="make a first key that lives an hour and is only good to be exchanged for the one that lasts",
    )  # fmt: skip
    issue.add_argument("--out", metavar="FILE", help="private file for the secret, in place of the terminal")
    listing = actions.add_parser("list", description="List the keys of a deployment, without any secret.")
    revoke = actions.add_parser("revoke", description="End a key at once.")
    revoke.add_argument("key", metavar="KEY", help="its identifier, see `faceward access list`")
    for one in (issue, listing, revoke):
        one.add_argument("--deployment", required=True, metavar="NAME", help="what it is for")
        proposals.key_option(one)
        common(one)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about keys.

    Raises:
        InvalidValue: A secret would be shown on what is no terminal.
        AboutFile: The operator's key cannot be read, or the secret cannot be written.
        RefusedError: Whoever asks does not operate the deployment.
        DependencyError: It cannot be judged or recorded.
    """
    return {"issue": _issue, "list": _list, "revoke": _revoke}[arguments.action](arguments, out)


def _issue(arguments: argparse.Namespace, out: Output) -> int:
    if arguments.out is None and not sys.stdout.isatty():
        raise InvalidValue(
            "The secret of a key is shown on a terminal, and this is none.",
            remedy="Name a private file for it: --out FILE.",
        )
    lives = EXCHANGED_WITHIN if arguments.exchange else timedelta(days=arguments.days)

    def work(permit: Permit, keys: ApiKeys, account: str) -> Performed[administration.Issued]:
        clock = wiring.clock()
        wanted = Wanted(
            account=arguments.account,
            deployment=arguments.deployment,
            scopes=frozenset(arguments.scope),
            until=clock.now() + lives,
            minted_by=account,
            exchange_days=arguments.days if arguments.exchange else 0,
        )
        return administration.mint(permit, keys=keys, clock=clock, wanted=wanted)

    issued = _asked(arguments, work)
    document = {"schema": "faceward/access-issue/1", **_words(issued.key)}
    if arguments.out is None:
        out.document({**document, "secret": issued.secret})
        out.line(issued.secret)
        out.note(f"Key {issued.key.identifier} of {issued.key.account}; it is shown this once.")
    else:
        write(Path(arguments.out), issued.secret.encode() + b"\n", replace=False, private=True)
        out.document({**document, "file": file_name(arguments.out)})
        out.line(f"{file_name(arguments.out)}: key {issued.key.identifier} of {issued.key.account}")
    return Exit.DONE


def _list(arguments: argparse.Namespace, out: Output) -> int:
    found = _asked(arguments, _listed)
    out.document({"schema": "faceward/access-list/1", "keys": [_words(it) for it in found]})
    out.table(
        ("key", "account", "scopes", "until", "made by"),
        [
            (it.identifier, it.account, ", ".join(sorted(it.scopes)), f"{it.until:%Y-%m-%d}", it.minted_by)
            for it in found
        ],
    )
    return Exit.DONE


def _listed(permit: Permit, keys: ApiKeys, account: str) -> Performed[tuple[ApiKey, ...]]:
    del account
    return administration.listed(permit, keys=keys)


def _revoke(arguments: argparse.Namespace, out: Output) -> int:
    def work(permit: Permit, keys: ApiKeys, account: str) -> Performed[None]:
        del account
        return administration.cancel(permit, keys=keys, identifier=arguments.key)

    _asked(arguments, work)
    out.document({"schema": "faceward/access-revoke/1", "key": arguments.key})
    out.line(f"Key {arguments.key} opens nothing any more.")
    return Exit.DONE


def _asked(arguments: argparse.Namespace, work: Callable[[Permit, ApiKeys, str], Performed[T]]) -> T:
    """Ask the gate, as the account of whoever holds the operator's key."""
    chosen = settings(arguments)
    key = signing_key(proposals.key_path(arguments.key_file, chosen))
    with wiring.installation(chosen) as installation:
        account = proposals.account(installation.registry.snapshot(), key)
        keys = ApiKeys(installation.ledger, wiring.keyring(chosen))
        request = Request(account, arguments.deployment, Action.ADMINISTER, Purpose.UNKNOWN)
        return installation.gate.perform(request, lambda permit: work(permit, keys, account))


def _words(key: ApiKey) -> dict[str, object]:
    return {
        "key": key.identifier,
        "account": key.account,
        "deployment": key.deployment,
        "scopes": sorted(it.value for it in key.scopes),
        "until": key.until.isoformat(),
        "minted_by": key.minted_by,
    }
