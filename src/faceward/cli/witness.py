"""``faceward witness``: a checkpoint of somebody's ledger in, a cosignature out, if it only grew."""

from __future__ import annotations

import argparse
from pathlib import Path

from faceward import wiring
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import Exit, about
from faceward.cli.files import read, write
from faceward.cli.output import Output, file_name
from faceward.errors import InvalidValue
from faceward.ports.witness import Witness
from faceward.settings import Settings
from faceward.transparency.__main__ import public_key
from faceward.transparency.export import opened
from faceward.transparency.notes import KeyType
from faceward.transparency.proofs import CosigningRequest
from faceward.transparency.requesting import request_for


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward witness",
        description="Cosign the checkpoints of a ledger, as another account or on another machine.",
    )
    actions = it.add_subparsers(dest="action", required=True, metavar="init|cosign|show")
    init = actions.add_parser("init", description="Make a witness, or have one cosign for more ledgers.")
    init.add_argument("name", metavar="NAME", help="like an address, for example witness.example.org/a")
    init.add_argument(
        "--log", action="append", required=True, metavar="KEY", help="public key of a ledger; may be repeated"
    )
    cosign = actions.add_parser("cosign", description="Cosign a checkpoint that continues the last one.")
    cosign.add_argument("source", metavar="SOURCE", help="an export, or what `faceward ledger request` wrote")
    cosign.add_argument("-o", "--out", metavar="FILE", help="file to write the cosignature to")
    show = actions.add_parser("show", description="Show its public key and what it saw.")
    for action in (init, cosign, show):
        action.add_argument(
            "--folder", metavar="DIR", help="its state (default: in this account's state folder)"
        )
        common(action)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked of the witness.

    Raises:
        InputError: A file or a key is none, or the ledger is not one it cosigns for.
        RefusedError: The ledger was rolled back or forked.
        ConflictError: The proof does not begin where the witness is.
        DependencyError: Its folder or its key cannot be used.
    """
    chosen = settings(arguments)
    folder = Path(arguments.folder).expanduser() if arguments.folder else _default(chosen)
    match arguments.action:
        case "init":
            logs = [public_key(text, KeyType.ED25519) for text in arguments.log]
            witness = wiring.witness(folder, arguments.name)
            witness.trust(logs)
        case "cosign":
            return _cosign(arguments, wiring.witness(folder), out)
        case _:
            witness = wiring.witness(folder)
    _show(arguments.action, witness, out)
    return Exit.DONE


def _default(chosen: Settings) -> Path:
    return chosen.state_folder / "witness"


def _show(action: str, witness: Witness, out: Output) -> None:
    key, logs = witness.key(), witness.logs()
    seen = {log.name: witness.last(log.name) for log in logs}
    out.document(
        {
            "schema": f"faceward/witness-{action}/1",
            "witness": key.name,
            "key": key.text(),
            "logs": [
                {"origin": name, "size": last.size if last else 0, "root": last.root.hex() if last else None}
                for name, last in seen.items()
            ],
        }
    )
    out.line(key.text())
    for name, last in seen.items():
        out.line(f"{name}: cosigned {last.size if last else 0:,} entries")


def _cosign(arguments: argparse.Namespace, witness: Witness, out: Output) -> int:
    source = Path(arguments.source)
    with about(source):
        if source.is_dir():
            request = request_for(opened(source), witness.logs(), witness.last)
        else:
            request = CosigningRequest.read(_text(arguments.source))
        signature = witness.cosign(request, wiring.clock().now())
    if arguments.out is not None:
        write(Path(arguments.out), signature.line().encode(), replace=True, private=False)
    out.document(
        {"schema": "faceward/witness-cosign/1", "witness": signature.name, "line": signature.line().rstrip()}
    )
    if arguments.out is not None:
        out.line(f"{file_name(arguments.out)} is written.")
    else:
        out.line(signature.line().rstrip())
    return Exit.DONE


def _text(path: str) -> str:
    try:
        return read(path).decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidValue("This is no request to a witness.") from None
