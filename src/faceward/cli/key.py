"""``faceward key new``: a name in, a private and a public key file out."""

from __future__ import annotations

import argparse
from pathlib import Path

from faceward import wiring
from faceward.cli.arguments import Parser, common
from faceward.cli.exits import AboutFile, Exit
from faceward.cli.files import write
from faceward.cli.output import Output, file_name
from faceward.errors import InvalidValue


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(prog="faceward key", description="Make the key pair that templates are sealed with.")
    actions = it.add_subparsers(dest="action", required=True, metavar="new")
    new = actions.add_parser("new", description="Write NAME.key, which opens, and NAME.pub, which seals.")
    new.add_argument("name", metavar="NAME", help="path of the two files without their ending")
    common(new)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Make a key pair. A key is never replaced: what it sealed could not be opened any more.

    Raises:
        AboutFile: A file is there already, or cannot be written.
    """
    private, public = Path(f"{arguments.name}.key"), Path(f"{arguments.name}.pub")
    for path in (private, public):
        if path.exists():
            raise AboutFile(path, InvalidValue("There is a key already.", remedy="Give another name."))
    pair = wiring.sealing().new_key()
    write(private, pair.private, replace=False, private=True)
    write(public, pair.public, replace=False, private=False)
    out.document({"schema": "faceward/key/1", "private": file_name(private), "public": file_name(public)})
    out.line(f"{file_name(private)}: opens templates. Keep it secret, and keep a copy.")
    out.line(f"{file_name(public)}: seals templates. Give it to whoever makes them.")
    return Exit.DONE
