"""``faceward compare``: two photos or sealed templates in, a decision with its evidence out."""

from __future__ import annotations

import argparse
import contextlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from faceward import wiring
from faceward.cli import schemas
from faceward.cli.arguments import Parser, common, engine, rate, selection, settings
from faceward.cli.exits import Exit, about
from faceward.cli.output import Output, file_name
from faceward.core.comparison import comparison_score
from faceward.core.decision import Decision, decide
from faceward.core.detection import Selection
from faceward.core.quality import Usability
from faceward.core.values import Face, Template, TemplateContract
from faceward.errors import ContractMismatch
from faceward.library import DEFAULT_FALSE_MATCH_RATE
from faceward.settings import Settings

# Enough to tell a template file from a photo.
_FIRST_BYTES = 16


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward compare",
        description="Decide whether two photos show one person. Exit code 0 is a match, 1 a non-match.",
    )
    it.add_argument("probe", metavar="A", help="a photo, or a template file that `faceward embed` wrote")
    it.add_argument("reference", metavar="B", help="another")
    it.add_argument(
        "--fmr",
        type=rate,
        default=DEFAULT_FALSE_MATCH_RATE,
        metavar="RATE",
        help="how often two different people may match (default: %(default)g); the threshold follows from it",
    )
    selection(it, default=Selection.PROMINENT)
    it.add_argument("--key-file", metavar="KEY", help="private key that opens sealed template files")
    engine(it)
    common(it)
    return it


@dataclass(frozen=True, slots=True)
class _Side:
    """What is known of one of the two; of a template file there is no face."""

    path: str
    template: Template
    face: Face | None = None
    usability: Usability | None = None


class _Reader:
    """Reads photos and template files; loads the networks when the first photo needs them."""

    def __init__(self, chosen: Settings, which: Selection, key_file: str | None) -> None:
        self._settings, self._which, self._key_file = chosen, which, key_file
        self._sealing = wiring.sealing()

    @cached_property
    def _parts(self) -> wiring.Parts:
        return wiring.connect(self._settings)

    def side(self, path: str) -> _Side:
        """Read one of the two.

        Raises:
            AboutFile: It cannot be opened, or shows no face.
            DependencyError: The networks do not run.
        """
        if self._is_template_file(path):
            from faceward.cli.files import read
            from faceward.cli.keys import private_key

            key = None if self._key_file is None else private_key(self._key_file)
            content = read(path)
            with about(path):
                return _Side(path, self._sealing.opened(content, key))
        recogniser = self._parts.recogniser
        with about(path):
            portrait = recogniser.portrait(recogniser.open(path), self._which)
        return _Side(path, portrait.template, portrait.face, portrait.usability(recogniser.quality_limits))

    def _is_template_file(self, path: str) -> bool:
        with contextlib.suppress(OSError, ValueError), Path(path).open("rb") as stream:
            return self._sealing.is_template_file(stream.read(_FIRST_BYTES))
        return False  # Whatever is wrong with the file is better said by whoever opens it as a photo.


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Compare two, and say on which evidence.

    Raises:
        AboutFile: One of the two cannot be opened, or shows no face.
        ContractMismatch: The two must not be compared.
        OperatingPointUnsupported: There is no evidence for the rate.
        DependencyError: The networks do not run.
    """
    chosen = settings(arguments)
    reader = _Reader(chosen, Selection(arguments.which), arguments.key_file)
    probe, reference = reader.side(arguments.probe), reader.side(arguments.reference)
    catalogue = wiring.catalogue(chosen)
    one, other = probe.template.contract, reference.template.contract
    score = comparison_score(probe.template, reference.template)
    entry = catalogue.manifest(one.model)
    if entry.sha256 != one.model_sha256:
        raise ContractMismatch(
            f"The templates were made with another file than the {one.model} of this catalogue."
        )
    table = catalogue.calibration(one.model, one.preprocessing, (one.precision, other.precision))
    decision = decide(score, table.at(arguments.fmr))
    out.document(
        {
            "schema": "faceward/compare/1",
            **schemas.decision(decision),
            "probe": _document(probe),
            "reference": _document(reference),
            "model": {"identifier": entry.identifier, "licence": entry.licence.spdx},
        }
    )
    _show(decision, (probe, reference), out)
    if not out.quiet:
        out.line(f"model       {entry.identifier}, licence {entry.licence.spdx}")
    return Exit.DONE if decision.match else Exit.NON_MATCH


def _document(it: _Side) -> schemas.Json:
    seen = {} if it.face is None or it.usability is None else {"face": schemas.face(it.face, it.usability)}
    return {"path": file_name(it.path), "contract": schemas.contract(it.template.contract), **seen}


def _show(decision: Decision, sides: tuple[_Side, _Side], out: Output) -> None:
    at = decision.at
    out.line(f"decision    {decision}")
    out.line(f"score       {decision.comparison_score:.3f}, threshold {at.threshold:.4f}")
    out.line(
        f"evidence    {at.standing}: of {at.non_mated_trials:,} comparisons of different people "
        f"{at.false_matches:,} matched (FMR {at.false_match_rate:.0e})"
    )
    out.line(
        f"            of {at.mated_trials:,} comparisons of one person {at.false_non_match_rate:.2%} did not"
    )
    out.line(f"source      {at.report}")
    out.line(f"precision   {_precision(sides[0].template.contract, sides[1].template.contract)}")
    for it in sides:
        if it.usability is not None:
            for finding in it.usability.findings:
                out.line(f"caution     {file_name(it.path)}: {finding.cause} {finding.remedy}")


def _precision(one: TemplateContract, other: TemplateContract) -> str:
    return one.precision if one.precision == other.precision else f"{one.precision} against {other.precision}"
