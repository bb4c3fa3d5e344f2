"""``faceward embed``: a photo and a recipient's key in, a template file that only they can open out."""

from __future__ import annotations

import argparse
from pathlib import Path

from faceward import wiring
from faceward.cli import schemas
from faceward.cli.arguments import Parser, common, engine, selection, settings
from faceward.cli.exits import Exit, about
from faceward.cli.files import write
from faceward.cli.keys import public_key
from faceward.cli.output import Output, file_name
from faceward.core.detection import Selection
from faceward.errors import InvalidValue

WHAT_UNPROTECTED_MEANS = (
    "This template is not protected. Anyone who gets the file can compare it with photos and find the "
    "person, and can reconstruct a face that looks like theirs. A password can be changed; a face cannot. "
    "Delete the file as soon as it has served its purpose."
)


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward embed",
        description="Make the template of a face, sealed so that only the holder of a key can open it.",
    )
    it.add_argument("photo", metavar="PHOTO", help="a photo of the person")
    it.add_argument("-o", "--out", required=True, metavar="OUT", help="where to write the template file")
    closing = it.add_mutually_exclusive_group(required=True)
    closing.add_argument("--recipient", metavar="KEY", help="public key file of whoever may open it")
    closing.add_argument(
        "--unprotected", action="store_true", help="write it for anyone to read; says what that means"
    )
    it.add_argument("--force", action="store_true", help="replace a file that is there already")
    selection(it, default=Selection.PROMINENT)
    engine(it)
    common(it)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Make a template file. It is readable by this account alone, sealed or not.

    Raises:
        AboutFile: The photo or the key cannot be used, or the file cannot be written.
        DependencyError: The networks do not run.
    """
    target = Path(arguments.out)
    if target.is_dir():
        raise InvalidValue("--out names a folder.", remedy="Give the name of the file to write.")
    sealing = wiring.sealing()
    # The key first: nothing is computed about a face for a recipient who could not open it.
    key = None if arguments.recipient is None else public_key(arguments.recipient)
    recogniser = wiring.connect(settings(arguments)).recogniser
    with about(arguments.photo):
        portrait = recogniser.portrait(recogniser.open(arguments.photo), Selection(arguments.which))
    if key is None:
        content = sealing.unprotected(portrait.template)
    else:
        with about(arguments.recipient):
            content = sealing.sealed(portrait.template, key)
    write(target, content, replace=arguments.force, private=True)
    usability = portrait.usability(recogniser.quality_limits)
    out.document(
        {
            "schema": "faceward/embed/1",
            "path": file_name(arguments.out),
            "protected": key is not None,
            **({} if key is not None else {"warning": WHAT_UNPROTECTED_MEANS}),
            "contract": schemas.contract(portrait.template.contract),
            "face": schemas.face(portrait.face, usability),
        }
    )
    state = "sealed" if key is not None else "NOT PROTECTED"
    out.line(f"{file_name(arguments.out)}: {len(content)} bytes, {state}")
    for finding in usability.findings:
        out.line(f"  caution: {finding.cause} {finding.remedy}")
    if key is None and not out.json:
        out.complaint((WHAT_UNPROTECTED_MEANS,))
    return Exit.DONE
