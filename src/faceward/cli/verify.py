"""``faceward verify``: two photos and a reviewed use in, a judged and recorded decision out.

The same comparison as ``faceward compare``, through the gate: it runs only where the charter lets this
deployment have this purpose, and leaves two records whatever comes of it.
"""

from __future__ import annotations

import argparse
from functools import partial
from hashlib import sha256

from faceward import wiring
from faceward.cli import proposals, schemas
from faceward.cli.arguments import Parser, common, engine, rate, selection, settings
from faceward.cli.exits import Exit
from faceward.cli.files import read
from faceward.cli.keys import signing_key
from faceward.cli.output import Output, file_name
from faceward.core.decision import Decision
from faceward.core.detection import Selection
from faceward.governance.requests import Request
from faceward.library import DEFAULT_FALSE_MATCH_RATE
from faceward.operations.verification import compare
from faceward.transparency.words import Action, Capture, Purpose


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward verify",
        description="Compare two photos for a reviewed use, judged and recorded by the gate. "
        "Exit code 0 is a match, 1 a non-match, 3 a refusal.",
    )
    it.add_argument("probe", metavar="PROBE", help="the photo that is presented")
    it.add_argument("reference", metavar="REFERENCE", help="the photo it is held against")
    it.add_argument("--deployment", required=True, metavar="NAME", help="the reviewed use it is part of")
    it.add_argument("--purpose", required=True, type=Purpose, metavar="PURPOSE", help="what for")
    it.add_argument(
        "--capture", type=Capture, choices=tuple(Capture), default=Capture.UNKNOWN,
        help="what the probe was taken with; what is not known is refused",
    )  # fmt: skip
    it.add_argument("--on-behalf-of", default="", metavar="NAME", help="organisation that has the benefit")
    it.add_argument("--recipient", default="", metavar="NAME", help="organisation that gets the result")
    it.add_argument("--authority", default="", metavar="ID", help="warrant, order or emergency on record")
    it.add_argument(
        "--fmr", type=rate, default=DEFAULT_FALSE_MATCH_RATE, metavar="RATE",
        help="how often two different people may match (default: %(default)g)",
    )  # fmt: skip
    selection(it, default=Selection.PROMINENT)
    proposals.key_option(it)
    engine(it)
    common(it)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Compare two photos if that may be.

    Raises:
        AboutFile: A photo or the key cannot be read.
        InputError: A photo shows no face.
        RefusedError: A rule forbids it. The refusal is on record.
        ConflictError: There is no charter yet, or no evidence for the rate.
        DependencyError: It cannot be judged or recorded, so nothing was done.
    """
    chosen = settings(arguments)
    key = signing_key(proposals.key_path(arguments.key_file, chosen))
    probe, reference = (
        read(path, max_bytes=chosen.max_bytes) for path in (arguments.probe, arguments.reference)
    )
    with wiring.installation(chosen) as installation:
        parts = wiring.connect(chosen)
        request = Request(
            actor=proposals.account(installation.registry.snapshot(), key),
            deployment=arguments.deployment,
            action=Action.COMPARE,
            purpose=arguments.purpose,
            probe_sha256=sha256(probe).digest(),
            operating_point=parts.operating_point(arguments.fmr),
            model_sha256=parts.recogniser.contract.model_sha256,
            comparisons=1,
            on_behalf_of=arguments.on_behalf_of,
            recipient=arguments.recipient,
            capture=arguments.capture,
            authority=arguments.authority,
        )
        work = partial(
            compare,
            recogniser=parts.recogniser,
            probe=probe,
            references=(reference,),
            which=Selection(arguments.which),
        )
        (decision,) = installation.gate.perform(request, work)
    _show(decision, arguments, out)
    return Exit.DONE if decision.match else Exit.NON_MATCH


def _show(decision: Decision, arguments: argparse.Namespace, out: Output) -> None:
    at = decision.at
    out.document(
        {
            "schema": "faceward/verify/1",
            **schemas.decision(decision),
            "deployment": arguments.deployment,
            "purpose": str(arguments.purpose),
            "probe": {"path": file_name(arguments.probe)},
            "reference": {"path": file_name(arguments.reference)},
        }
    )
    out.line(f"decision    {decision}")
    out.line(f"score       {decision.comparison_score:.3f}, threshold {at.threshold:.4f}")
    out.line(
        f"evidence    {at.standing}: FMR {at.false_match_rate:.0e} over {at.non_mated_trials:,} comparisons"
    )
    out.line(f"use         {arguments.purpose} of {arguments.deployment}; see `faceward ledger show`")
