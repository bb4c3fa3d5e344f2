"""``faceward ledger``: show, export, verify and prove what was recorded, and give strangers the means to."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from faceward import wiring
from faceward.adapters.ledger import export
from faceward.adapters.ledger.verifier import verifier
from faceward.cli import telling
from faceward.cli.arguments import Parser, common, entry_place, settings
from faceward.cli.exits import Exit, about
from faceward.cli.files import read, write
from faceward.cli.output import Output, file_name
from faceward.errors import InvalidValue
from faceward.ports.ledger import Filing, Ledger, Writing
from faceward.settings import Settings
from faceward.transparency.__main__ import options, public_key, trust
from faceward.transparency.cosigning import COSIGNED, cosigned
from faceward.transparency.entries import decode
from faceward.transparency.export import opened
from faceward.transparency.notes import Checkpoint, KeyType, Note, verifying
from faceward.transparency.proofs import CosigningRequest, InclusionReceipt
from faceward.transparency.verification import Trust, verified_receipt, verify


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(prog="faceward ledger", description="Show and prove what this installation recorded.")
    actions = it.add_subparsers(dest="action", required=True, metavar="|".join(_ACTIONS))
    show = actions.add_parser("show", description="Show entries in words.")
    show.add_argument("place", nargs="?", type=int, metavar="N", help="all of one entry")
    show.add_argument("--last", type=int, default=20, metavar="COUNT", help="how many (default: 20)")
    out = actions.add_parser("export", description="Write a folder that anyone can verify.")
    out.add_argument("folder", metavar="DIR", help="the folder to make")
    check = actions.add_parser("verify", description="Verify an export, or the ledger that is in use.")
    check.add_argument(
        "folder", nargs="?", metavar="DIR", help="an export; what is in use where there is none"
    )
    check.add_argument("--live", action="store_true", help="the ledger that is in use")
    options(check)
    checkpoint = actions.add_parser("checkpoint", description="Sign what is there, and write it.")
    key = actions.add_parser("key", description="Name the public key, to be published.")
    prove = actions.add_parser("prove", description="Write a receipt that shows that an entry is there.")
    prove.add_argument("place", type=int, metavar="N", help="number of the entry")
    request = actions.add_parser("request", description="Ask a witness for a cosignature.")
    request.add_argument("since", type=int, metavar="SIZE", help="what it cosigned last; 0 at first")
    cosign = actions.add_parser("cosign", description="Take in the cosignature of a witness.")
    cosign.add_argument("line", metavar="FILE", help="what the witness wrote")
    cosign.add_argument("--witness", required=True, metavar="KEY", help="its public key, or a file with it")
    program = actions.add_parser("verifier", description="Write the verifier as a program to give away.")
    for action in (checkpoint, prove, request, program):
        action.add_argument("-o", "--out", metavar="FILE", required=action is program, help="file to write")
    for action in (show, out, check, checkpoint, key, prove, request, cosign, program):
        common(action)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about the ledger.

    Raises:
        InputError: There is no such entry, or a file or a key is none.
        DependencyError: The ledger or a key cannot be read.
    """
    return _ACTIONS[arguments.action](arguments, settings(arguments), out)


def _show(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with closing(wiring.ledger(chosen)) as ledger:
        size = ledger.size()
        if arguments.place is not None:
            start, stop = entry_place(arguments.place, size), arguments.place + 1
        else:
            start, stop = max(0, size - arguments.last), size
        contents = ledger.entries(start, stop)
    entries = [decode(content) for content in contents]
    out.document(
        {
            "schema": "faceward/ledger-show/1",
            "size": size,
            "entries": [
                {
                    "seq": it.seq,
                    "t": it.time.isoformat(),
                    "type": it.type,
                    "deployment": it.deployment,
                    "actor": it.actor,
                    "policy": it.policy,
                    "body": dict(it.body),
                }
                for it in entries
            ],
        }
    )
    if arguments.place is not None:
        out.table(("part", "value"), telling.detailed(entries[0]))
    else:
        for it in entries:
            out.line(telling.told(it))
        out.note(f"{len(entries):,} of {size:,} entries.")
    return Exit.DONE


def _export(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with closing(wiring.ledger(chosen)) as ledger, about(arguments.folder):
        newest = export.exported(ledger, Path(arguments.folder))
    out.document(
        {
            "schema": "faceward/ledger-export/1",
            "folder": file_name(arguments.folder),
            "origin": newest.origin,
            "entries": newest.size,
        }
    )
    out.line(f"{file_name(arguments.folder)}: {newest.size:,} entries of {newest.origin}, signed.")
    out.line("Whoever verifies it needs the public key from you, by another way than this folder.")
    return Exit.DONE


def _verify(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    if arguments.live and arguments.folder is not None:
        raise InvalidValue("Both a folder and --live were given.", remedy="Give one of them.")
    given = trust(arguments)
    if arguments.folder is None and given.receipts and given.logs and not arguments.live:
        return _receipts(given, out)
    if arguments.folder is not None:
        if not given.logs:
            raise InvalidValue(
                "No public key was given.",
                remedy="Take the log's key from where it is published, and give it with --key.",
            )
        with about(arguments.folder):
            report = verify(opened(Path(arguments.folder)), given)
    else:
        own = Trust(
            (verifying(wiring.log_key(chosen)), *given.logs),
            given.witnesses, given.policies, given.kept, given.receipts,
        )  # fmt: skip
        with closing(wiring.ledger(chosen)) as ledger:
            report = verify(export.shown(ledger), own)
    out.document({"schema": "faceward/ledger-verify/1", **report.values()})
    for line in report.lines():
        out.line(line)
    return Exit.DONE if report.holds else Exit.NON_MATCH


def _receipts(given: Trust, out: Output) -> int:
    """Check receipts by themselves."""
    receipts = [verified_receipt(text, given.logs) for text in given.receipts]
    holds = all(receipts)
    out.document(
        {
            "schema": "faceward/ledger-verify/1",
            "verified": holds,
            "entries": [it and it.entry.decode() for it in receipts],
        }
    )
    for it in receipts:
        out.line(telling.told(decode(it.entry)) if it else "This receipt does not verify.")
    out.line("VERIFIED" if holds else "DOES NOT VERIFY")
    return Exit.DONE if holds else Exit.NON_MATCH


def _checkpoint(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with closing(wiring.ledger(chosen)) as ledger:
        note = export.notes(ledger)[-1]
    newest = Checkpoint.read(note.text)
    values = {"origin": newest.origin, "size": newest.size, "root": newest.root.hex()}
    return _given("checkpoint", str(note), arguments.out, out, values)


def _key(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    del arguments
    key = verifying(wiring.log_key(chosen))
    out.document({"schema": "faceward/ledger-key/1", "origin": key.name, "key": key.text()})
    out.line(key.text())
    return Exit.DONE


def _prove(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with closing(wiring.ledger(chosen)) as ledger:
        note = export.notes(ledger)[-1]
        size = Checkpoint.read(note.text).size
        place = entry_place(arguments.place, size)
        (entry,) = ledger.entries(place, place + 1)
        receipt = InclusionReceipt(entry, place, tuple(ledger.inclusion(place, size)), note)
    return _given("prove", receipt.text(), arguments.out, out, {"place": place, "size": size})


def _request(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    with closing(wiring.ledger(chosen)) as ledger:
        note = export.notes(ledger)[-1]
        size = Checkpoint.read(note.text).size
        if not 0 <= arguments.since <= size:
            raise InvalidValue(
                f"The ledger has {size} entries, and never had {arguments.since}.",
                remedy="Ask the witness with `faceward witness show` how many it cosigned.",
            )
        proof = tuple(ledger.consistency(arguments.since, size))
    text = CosigningRequest(arguments.since, proof, note).text()
    return _given("request", text, arguments.out, out, {"since": arguments.since, "size": size})


def _cosign(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    witness = public_key(arguments.witness, KeyType.COSIGNATURE_V1)
    line = read(arguments.line).decode("utf-8", "replace")
    with closing(wiring.ledger(chosen)) as ledger, about(arguments.line):
        note = cosigned(line, [Note.read(text) for text in ledger.checkpoints()], witness)
        size = Checkpoint.read(note.text).size
        _file(ledger, f"{size}-{witness.identifier.hex()}", str(note))
    out.document({"schema": "faceward/ledger-cosign/1", "witness": witness.name, "size": size})
    out.line(f"{witness.name} cosigned {size:,} entries. Exports carry it from now on.")
    return Exit.DONE


def _file(ledger: Ledger, identifier: str, text: str) -> None:
    ledger.write(Writing((), filings=(Filing(COSIGNED, identifier, text.encode()),)))


def _verifier(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    del chosen
    content = verifier()
    write(Path(arguments.out), content, replace=False, private=False)
    digest = sha256(content).hexdigest()
    out.document({"schema": "faceward/ledger-verifier/1", "path": file_name(arguments.out), "sha256": digest})
    out.line(f"{file_name(arguments.out)}: sha256 {digest}")
    out.line(
        "Publish it with this digest and the ledger's public key. It needs Python 3.11 and cryptography."
    )
    return Exit.DONE


def _given(name: str, text: str, path: str | None, out: Output, values: dict[str, object]) -> int:
    """Write a text to a file that was named, and else where it can be read."""
    if path is not None:
        write(Path(path), text.encode(), replace=True, private=False)
        values = {"path": file_name(path), **values}
    out.document({"schema": f"faceward/ledger-{name}/1", **values, "text": text})
    if path is not None:
        out.line(f"{file_name(path)} is written.")
    else:
        for line in text.removesuffix("\n").split("\n"):
            out.line(line)
    return Exit.DONE


_ACTIONS: dict[str, Callable[[argparse.Namespace, Settings, Output], int]] = {
    "show": _show,
    "export": _export,
    "verify": _verify,
    "checkpoint": _checkpoint,
    "key": _key,
    "prove": _prove,
    "request": _request,
    "cosign": _cosign,
    "verifier": _verifier,
}
