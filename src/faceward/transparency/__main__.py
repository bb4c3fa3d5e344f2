"""``python -m faceward.transparency``: an export and public keys in, whether it verifies out.

It runs on the standard library and the package ``cryptography`` alone, so that a stranger need not install
what is to be checked. Exit codes: 0 verified, 1 does not verify, 2 the command line or a file is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from faceward.errors import FacewardError, InputError
from faceward.transparency.export import opened, text_of
from faceward.transparency.notes import KeyType, VerifyingKey
from faceward.transparency.verification import Trust, verified_receipt, verify


def options(parser: argparse.ArgumentParser) -> None:
    """Add what `trust` reads: whose word counts, and what its holder kept."""
    key = "public key NAME+ID+BASE64, or a file with it; may be given more than once"
    parser.add_argument("--key", action="append", default=[], metavar="KEY", help=f"the log's {key}")
    parser.add_argument("--witness", action="append", default=[], metavar="KEY", help=f"a witness's {key}")
    parser.add_argument("--policy", action="append", default=[], metavar="DIGEST", help="a published policy")
    for name, what in (("checkpoint", "a checkpoint you kept"), ("receipt", "a receipt you were given")):
        parser.add_argument(f"--{name}", action="append", default=[], metavar="FILE", help=what)


def trust(arguments: argparse.Namespace) -> Trust:
    """Read the keys and files that the options name.

    Raises:
        InputError: One of them cannot be read, or is no key.
    """
    return Trust(
        tuple(public_key(text, KeyType.ED25519) for text in arguments.key),
        tuple(public_key(text, KeyType.COSIGNATURE_V1) for text in arguments.witness),
        frozenset(arguments.policy),
        tuple(text_of(Path(name)) for name in arguments.checkpoint),
        tuple(text_of(Path(name)) for name in arguments.receipt),
    )


def public_key(text: str, of_type: KeyType) -> VerifyingKey:
    """Read a public key, from a file where there is one of that name.

    Args:
        text: The key or the name of a file.
        of_type: What the key signs: checkpoints of its own log, or those of others.

    Raises:
        InputError: It is no key of that type, or the file cannot be read.
    """
    key = VerifyingKey.read((text_of(Path(text)) if Path(text).is_file() else text).strip())
    if key.type is not of_type:
        raise InputError(
            "A key of a witness was given for one of a log, or the other way round.",
            remedy="Look up which of the two it was published as.",
        )
    return key


def main(words: Sequence[str] | None = None) -> int:
    """Check an export, or a receipt by itself.

    Args:
        words: The command line without the program's name; that of this process where it is ``None``.

    Returns:
        The exit code.
    """
    parser = argparse.ArgumentParser(prog="faceward.transparency", description="Verify an exported ledger.")
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="the export; not needed for a receipt")
    parser.add_argument("--json", action="store_true", help="write JSON, described in docs/reference/cli.md")
    options(parser)
    arguments = parser.parse_args(words)
    try:
        return _run(arguments)
    except FacewardError as error:
        sys.stderr.write(f"{error.cause}\n  {error.remedy}\n")
        return 2


def _run(arguments: argparse.Namespace) -> int:
    trusted = trust(arguments)
    if not trusted.logs:
        raise InputError("No public key was given.", remedy="Take the log's key from where it is published.")
    if arguments.folder is not None:
        report = verify(opened(Path(arguments.folder)), trusted)
        lines, values, holds = report.lines(), report.values(), report.holds
    elif trusted.receipts:
        receipts = [verified_receipt(text, trusted.logs) for text in trusted.receipts]
        holds = all(receipts)
        lines = tuple(
            f"receipt of entry {it.place}: VERIFIED" if it else "receipt: DOES NOT VERIFY" for it in receipts
        )
        values = {"verified": holds, "entries": [it and it.entry.decode() for it in receipts]}
    else:
        raise InputError("There is nothing to check.", remedy="Name the folder of an export, or a receipt.")
    text = json.dumps(values) if arguments.json else "\n".join(lines)
    sys.stdout.write(text.encode("ascii", "backslashreplace").decode() + "\n")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
