"""Charters in, files that people pass around to sign out, and back."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from faceward import reading
from faceward.cli.exits import about
from faceward.cli.files import read, write
from faceward.cli.output import Output, file_name
from faceward.errors import InvalidValue
from faceward.governance.charters import adoption, succession
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Charter
from faceward.governance.charters.succession import Change
from faceward.governance.documents.registry import Registry
from faceward.governance.documents.snapshots import Snapshot, StatementRefused, charter_of
from faceward.governance.documents.statements import Kind, Signed, from_json
from faceward.settings import Settings
from faceward.transparency.signatures import SigningKey


def key_option(parser: argparse.ArgumentParser) -> None:
    """Add whose key signs."""
    parser.add_argument(
        "--key-file",
        metavar="FILE",
        help="private key to sign with (default: the one that `faceward charter init` wrote)",
    )


def key_path(given: str | None, chosen: Settings) -> Path:
    """Where the private key lies: where it was said to, or where the founder's is."""
    return chosen.state_folder / "founder.key" if given is None else Path(given)


def account(snapshot: Snapshot, key: SigningKey) -> str:
    """Whose key it is: on the command line, whoever holds a key acts as its account.

    Raises:
        StatementRefused: The charter in force does not list it.
    """
    holder = snapshot.charter.keyholder(key.public.hex())
    if holder is None:
        raise StatementRefused("The charter in force does not list this key.")
    return holder.account


def charter_file(path: str) -> Charter:
    """Read a charter that somebody wrote.

    Raises:
        AboutFile: It cannot be read, or makes no sense.
    """
    content = read(path)
    with about(path):
        return charters.from_record(reading.read(content, "charter", charters.REMEDY))


def proposal_file(path: str) -> Signed:
    """Read a proposal with the signatures below it.

    Raises:
        AboutFile: It cannot be read, or is no proposal.
    """
    content = read(path)
    with about(path):
        try:
            values = json.loads(content)
        except (ValueError, RecursionError):
            values = None
        proposal = from_json(values)
        if proposal.statement.kind is not Kind.CHARTER:
            raise InvalidValue("This is no proposal of a charter.", remedy="See `faceward charter propose`.")
        charter_of(proposal.statement)
        return proposal


def charter_or_proposal(path: str) -> Charter:
    """Read a charter that somebody wrote, or the one that a proposal would put in force.

    Raises:
        AboutFile: It cannot be read, or is neither.
    """
    try:
        values = json.loads(read(path))
    except (ValueError, RecursionError):
        values = None
    if isinstance(values, dict) and "statement" in values:
        return charter_of(proposal_file(path).statement)
    return charter_file(path)


def write_proposal(path: str, proposal: Signed, *, replace: bool) -> None:
    """Write a proposal.

    Raises:
        AboutFile: A file is there already, or it cannot be written.
    """
    text = json.dumps(proposal.as_json(), indent=2, ensure_ascii=True) + "\n"
    write(Path(path), text.encode(), replace=replace, private=False)


def propose(registry: Registry, charter: Charter, path: str, out: Output) -> None:
    """Write a charter as a proposal, and say what it changes and what it takes.

    Raises:
        InvalidValue: It makes no sense.
        AboutFile: It cannot be written.
    """
    charters.checked(charter)
    before = registry.snapshot().charter
    change = succession.change(before, charter)
    write_proposal(path, Signed(adoption.propose(registry, charter)), replace=False)
    out.document({"schema": "faceward/charter-propose/1", "proposal": file_name(path), **changes(change)})
    tell(change, out)
    out.line(f"{file_name(path)}: let them run `faceward charter sign {file_name(path)}`, then adopt it.")


def changes(change: Change) -> dict[str, object]:
    """What a charter changes, as JSON values."""
    return {
        "stands_added": list(change.stands_added),
        "stands_removed": list(change.stands_removed),
        "packs_added": change.packs_added,
        "packs_removed": change.packs_removed,
        "keys_changed": change.keys_changed,
        "weakens": change.weakens,
    }


def tell(change: Change, out: Output) -> None:
    """Say what a charter changes, and whose signatures that takes."""
    for words, names in (
        ("adds the stand", change.stands_added),
        ("removes the stand", change.stands_removed),
    ):
        for name in names:
            out.line(f"{words} {name}")
    for words, count in (("own packs new or changed", change.packs_added), ("gone", change.packs_removed)):
        if count:
            out.line(f"{words}: {count}")
    if change.keys_changed:
        out.line("changes the list of keys")
    takes = "two different people" if change.weakens or change.keys_changed else "one operator"
    out.line(f"It takes the signature of {takes}.")
