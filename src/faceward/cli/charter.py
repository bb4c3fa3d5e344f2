"""``faceward charter``: found an installation, and change what it promises only with enough signatures."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from faceward import wiring
from faceward.cli import (
    charter_diff,
    charter_explain,
    charter_keys,
    charter_matrix,
    charter_simulate,
    proposals,
)
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import AboutFile, Exit
from faceward.cli.keys import new_signing_key, signing_key
from faceward.cli.output import Output, counted, file_name
from faceward.errors import ConflictError, InvalidValue
from faceward.governance.charters import adoption
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Charter, Keyholder, OwnPack, Role, Stand
from faceward.governance.documents import statements
from faceward.governance.documents.concordance import concordance
from faceward.settings import Settings


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward charter", description="Found an installation; see, change and question its promise."
    )
    actions = it.add_subparsers(dest="action", required=True, metavar="|".join(_ACTIONS))
    init = actions.add_parser("init", description="Found an installation: one person, the default stand.")
    init.add_argument("--account", default="founder", metavar="NAME", help="who you are (default: founder)")
    init.add_argument("--origin", default="", metavar="NAME", help="name of the installation, for ever")
    init.add_argument(
        "--key-file",
        metavar="FILE",
        help="your private key; made where there is none",
    )
    show = actions.add_parser("show", description="Show the charter in force.")
    propose = actions.add_parser("propose", description="Write a charter for others to sign.")
    propose.add_argument("file", nargs="?", metavar="FILE", help="a whole charter in JSON")
    for name, words in (("--add-stand", "activate"), ("--remove-stand", "deactivate")):
        propose.add_argument(name, action="append", default=[], choices=[*Stand], help=f"{words} a stand")
    propose.add_argument("--own-packs", action="store_true", help="take the own packs that lie there now")
    propose.add_argument("-o", "--out", required=True, metavar="FILE", help="proposal to write")
    key = actions.add_parser("key", description="Make keys, and propose who may sign what.")
    charter_keys.add(key)
    sign = actions.add_parser("sign", description="Put your signature below a proposal.")
    adopt = actions.add_parser("adopt", description="Put a signed proposal in force.")
    for action in (sign, adopt):
        action.add_argument("proposal", metavar="FILE", help="the proposal")
    proposals.key_option(sign)
    verify = actions.add_parser("verify", description="Check every document against its record.")
    for question in _QUESTIONS.values():
        question.add(actions)
    for action in (init, show, propose, sign, adopt, verify):
        common(action)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about the charter.

    Raises:
        InputError: A file or an option makes no sense.
        RefusedError: A charter does not follow, or too few people signed it.
        ConflictError: There is no charter yet, or one already.
        DependencyError: The ledger, a key or a document cannot be read, or was altered.
    """
    return _ACTIONS[arguments.action](arguments, settings(arguments), out)


def _init(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    chosen = replace(chosen, ledger_origin=arguments.origin or chosen.ledger_origin)
    path = proposals.key_path(arguments.key_file, chosen)
    if path.suffix != ".key":
        raise AboutFile(path, InvalidValue("A private key ends in .key.", remedy="Name it so."))
    with closing(wiring.ledger(chosen)) as ledger:
        registry = wiring.registry(chosen, ledger)
        if registry.snapshot().charters:
            raise ConflictError(
                "This installation has a charter already.", remedy="See it with `faceward charter show`."
            )
        if not path.exists():
            new_signing_key(path.with_suffix(""))
        key = signing_key(path)
        founder = Keyholder(key.public.hex(), arguments.account, frozenset({Role.OPERATOR}))
        charter = charters.first(wiring.log_key(chosen).name, founder)
        charters.checked(charter)
        adoption.adopt(registry, statements.signed(adoption.propose(registry, charter), key))
    out.document({"schema": "faceward/charter-init/1", "key": file_name(path), **_described(charter)})
    out.line(f"{charter.origin} is founded, with the stand {', '.join(charter.stands)}.")
    out.line(f"{file_name(path)}: signs in your name. Keep it secret, and keep a copy.")
    out.line("You are its only person, so it opens a trial and no more: `faceward deployment trial --help`.")
    return Exit.DONE


def _show(_arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with closing(wiring.ledger(chosen)) as ledger:
        charter = wiring.registry(chosen, ledger).snapshot().charter
    people = charter.people()
    out.document({"schema": "faceward/charter-show/1", **_described(charter)})
    for name, words in (
        ("origin", charter.origin),
        ("digest", charter.digest),
        ("stands", ", ".join(charter.stands) or "none"),
        ("own packs", ", ".join(pack.name for pack in charter.packs) or "none"),
        ("people", f"{len(set(people.values()))}"),
    ):
        out.line(f"{name:<11}{words}")
    out.line()
    out.table(
        ("account", "person", "roles", "until", "key"),
        (
            (
                it.account,
                people[it.account],
                ", ".join(sorted(it.roles)),
                "-" if it.until is None else f"{it.until:%Y-%m-%d}",
                it.public[:16],
            )
            for it in charter.keys
        ),
    )
    return Exit.DONE


def _propose(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with closing(wiring.ledger(chosen)) as ledger:
        registry = wiring.registry(chosen, ledger)
        charter = charters.successor(registry.snapshot().charter)
        if arguments.file is not None:
            charter = proposals.charter_file(arguments.file)
        removed = {Stand(name) for name in arguments.remove_stand}
        stands = ({*charter.stands} - removed) | {Stand(name) for name in arguments.add_stand}
        charter = replace(charter, stands=tuple(sorted(stands)))
        if arguments.own_packs:
            packs = wiring.packs_there(chosen)
            charter = replace(charter, packs=tuple(OwnPack(it.name, adoption.digest_of(it)) for it in packs))
        proposals.propose(registry, charter, arguments.out, out)
    return Exit.DONE


def _key(arguments: argparse.Namespace, _chosen: Settings, out: Output) -> int:
    return charter_keys.run(arguments, out)


def _sign(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    proposal = proposals.proposal_file(arguments.proposal)
    key = signing_key(proposals.key_path(arguments.key_file, chosen))
    proposals.write_proposal(arguments.proposal, proposal.with_signature(key), replace=True)
    signers = len(proposal.keys | {key.public.hex()})
    out.document(
        {
            "schema": "faceward/charter-sign/1",
            "proposal": file_name(arguments.proposal),
            "signatures": signers,
        }
    )
    out.line(f"{file_name(arguments.proposal)}: {counted(signers, 'signature')}.")
    return Exit.DONE


def _adopt(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    proposal = proposals.proposal_file(arguments.proposal)
    with closing(wiring.ledger(chosen)) as ledger:
        charter = adoption.adopt(wiring.registry(chosen, ledger), proposal)
    out.document({"schema": "faceward/charter-adopt/1", **_described(charter)})
    out.line(f"In force: {charter.digest}")
    return Exit.DONE


def _verify(_arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with closing(wiring.ledger(chosen)) as ledger:
        snapshot = wiring.registry(chosen, ledger).snapshot()
        wiring.packs(chosen, snapshot.charter)
        found = concordance(snapshot, ledger.entries())
    out.document(
        {
            "schema": "faceward/charter-verify/1",
            "holds": found.holds,
            "charters": len(snapshot.charters),
            "documents": found.documents,
            "unrecorded": list(found.unrecorded),
            "undocumented": list(found.undocumented),
        }
    )
    out.line(f"{counted(len(snapshot.charters), 'charter')}, each following from the one before.")
    out.line(f"{counted(found.documents, 'document')}, every signature right.")
    for words, places in (
        ("Documents that no entry of the ledger names", found.unrecorded),
        ("Entries whose document is not there", found.undocumented),
    ):
        if places:
            out.line(f"{words}: {', '.join(map(str, places))}")
    return Exit.DONE if found.holds else Exit.DEPENDENCY


def _described(charter: Charter) -> dict[str, object]:
    people = charter.people()
    return {
        "digest": charter.digest,
        "charter": charters.as_json(charter),
        "people": {account: people[account] for account in sorted(people)},
    }


_QUESTIONS = {
    "explain": charter_explain,
    "simulate": charter_simulate,
    "diff": charter_diff,
    "matrix": charter_matrix,
}
_ACTIONS: dict[str, Callable[[argparse.Namespace, Settings, Output], int]] = {
    "init": _init,
    "show": _show,
    "propose": _propose,
    "key": _key,
    "sign": _sign,
    "adopt": _adopt,
    "verify": _verify,
    "explain": charter_explain.run,
    "simulate": charter_simulate.run,
    "diff": charter_diff.run,
    "matrix": charter_matrix.run,
}
