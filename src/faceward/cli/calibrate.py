"""``faceward calibrate``: labelled photos in, a calibration table with its evidence out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from faceward import wiring
from faceward.adapters.datasets import label_errors, labelled_photos
from faceward.adapters.datasets.acquisition import Acquisition, acquired
from faceward.adapters.datasets.label_errors import KnownErrors
from faceward.adapters.datasets.labelled_photos import LabelledPhotos
from faceward.catalogue import calibration
from faceward.cli import schemas
from faceward.cli.arguments import Parser, common, engine, selection, settings
from faceward.cli.exits import Exit, about
from faceward.cli.files import write
from faceward.cli.output import Output
from faceward.cli.reproduction import command
from faceward.core.decision import CalibrationTable
from faceward.core.detection import Selection
from faceward.core.values import TemplateContract
from faceward.errors import InputError, InvalidValue
from faceward.evaluation.all_pairs import all_pairs
from faceward.evaluation.operating_points import RATES, Provenance, calibration_table

_DESCRIPTION = """Compare every photo with every other and find, for each false match rate, the threshold
that keeps it. SOURCE is a folder with one folder for each person, or a CSV file with the columns image and
subject."""


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(prog="faceward calibrate", description=_DESCRIPTION)
    it.add_argument("source", metavar="SOURCE", help="folder with a folder for each person, or a CSV file")
    it.add_argument("--root", metavar="DIR", help="where the images of a CSV file lie (its folder)")
    it.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="COLUMN=VALUE[,VALUE…]",
        help="take only these lines of the CSV file, for example split=test",
    )
    it.add_argument("--label-errors", metavar="CSV", help="known label errors: item, truth and kind")
    it.add_argument(
        "--against",
        choices=("f32", "bf16"),
        help="compare templates of --precision with templates of this one, each photo in both",
    )
    it.add_argument("--name", metavar="WORDS", help="what the data set is called (name of its folder)")
    it.add_argument("--date", type=_date, metavar="YYYY-MM-DD", help="date to record (today)")
    it.add_argument("-o", "--out", metavar="JSON", help="write the table here")
    it.add_argument("--install", action="store_true", help="use the table from now on")
    it.add_argument("--force", action="store_true", help="replace a file that is there already")
    selection(it, default=Selection.PROMINENT)
    engine(it)
    common(it)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Make a calibration table.

    Raises:
        InputError: The data set or its labels cannot be used.
        AboutFile: The table cannot be written.
        DependencyError: The networks do not run.
    """
    chosen = settings(arguments)
    data = _read(arguments)
    recognisers = [wiring.connect(chosen).recogniser]
    if arguments.against is not None:
        recognisers.append(wiring.connect(replace(chosen, precision=arguments.against)).recogniser)
    if recognisers[0].contract.precision == arguments.against:
        raise InvalidValue(
            f"--against names {arguments.against}, which is the precision of the other side too.",
            remedy="Give --precision f32 --against bf16, or leave --against away.",
        )
    with out.progress("Making templates", len(data.photos.photos)) as progress:
        made = acquired(
            data.photos,
            recognisers,
            Selection(arguments.which),
            workers=wiring.workers(),
            done=progress.advance,
        )
    table = _table(data, made, [it.contract for it in recognisers], arguments)
    text = calibration.as_text(table).encode()
    if arguments.out is not None:
        write(Path(arguments.out), text, replace=arguments.force, private=False)
    installed = None
    if arguments.install:
        installed = wiring.added_models(chosen).keep(table)
    _show(table, data, made, out)
    for words, path in (("The table is", arguments.out), ("The table is installed as", installed)):
        if path is not None:
            out.note(f"{words} {path}.")
    return Exit.DONE


@dataclass(frozen=True, slots=True)
class _Data:
    photos: LabelledPhotos
    errors: KnownErrors
    root: Path


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date like 2026-01-31") from None


def _read(arguments: argparse.Namespace) -> _Data:
    source = Path(arguments.source)
    if source.is_dir():
        if arguments.root is not None or arguments.only:
            raise InvalidValue("--root and --only go with a CSV file.", remedy="Leave them away.")
        root = source
        with about(arguments.source):
            photos = labelled_photos.from_folders(source)
    else:
        root = source.parent if arguments.root is None else Path(arguments.root)
        columns = _columns(arguments.only)
        with about(arguments.source):
            photos = labelled_photos.from_manifest(source, root, columns)
    errors = KnownErrors()
    if arguments.label_errors is not None:
        with about(arguments.label_errors):
            errors = label_errors.read_label_errors(Path(arguments.label_errors), photos)
    return _Data(photos, errors, root)


def _columns(only: Sequence[str]) -> dict[str, frozenset[str]]:
    columns: dict[str, frozenset[str]] = {}
    for words in only:
        column, equals, values = words.partition("=")
        if not equals or not column or column in columns:
            raise InvalidValue(
                f"--only {words} makes no sense.", remedy="Give each column once, like --only split=test,dev."
            )
        columns[column] = frozenset(values.split(","))
    return columns


def _table(
    data: _Data,
    made: Acquisition,
    contracts: Sequence[TemplateContract],
    arguments: argparse.Namespace,
) -> CalibrationTable:
    if not made.images:
        raise InputError(
            f"None of {len(data.photos.photos)} photos gave a template.",
            remedy="Look at one with `faceward detect`, and check --root.",
        )
    labels = data.errors.labels(data.photos, made.images)
    references = made.features[1] if len(made.features) > 1 else None
    trials = all_pairs(made.features[0], labels, references=references, largest_rate=max(RATES))
    one, other = sorted((contracts[0].precision, contracts[-1].precision))
    name = arguments.name or data.root.resolve().name
    left_out = len(data.errors.mislabelled) + len(data.errors.same_person)
    provenance = Provenance(
        model=contracts[0].model,
        preprocessing=contracts[0].preprocessing,
        precisions=(one, other),
        dataset=f"{name}: all pairs of {len(labels.items) - len(labels.mislabelled):,} photos of "
        f"{trials.people:,} people, {left_out} known label errors left out, "
        f"{len(made.failures)} photos without a template",
        dataset_sha256=labelled_photos.digest(data.photos, made.content_sha256, data.errors.lines),
        made_on=(arguments.date or datetime.now(UTC).date()).isoformat(),
        command=command(arguments, contracts[0].precision, settings(arguments).eval, data.root),
    )
    return calibration_table(trials, provenance)


def _show(table: CalibrationTable, data: _Data, made: Acquisition, out: Output) -> None:
    out.document(
        {
            "schema": "faceward/calibrate/1",
            "table": schemas.calibration(table),
            "failures_to_acquire": [
                {"image": it.image, "code": it.error.code, "cause": it.error.cause} for it in made.failures
            ],
            "label_errors": {
                "mislabelled": len(data.errors.mislabelled),
                "same_person": len(data.errors.same_person),
                "absent": len(data.errors.absent),
            },
        }
    )
    out.line(f"{table.model}, {table.preprocessing}, {' against '.join(table.precisions)}")
    out.line(table.dataset)
    if data.errors.absent:
        out.line(f"{len(data.errors.absent)} known label errors concern nothing here and were passed over.")
    out.line(f"failures to acquire: {len(made.failures)} of {len(data.photos.photos)}")
    for failure in made.failures:
        out.line(f"  {failure.image}: {failure.error.cause}")
    out.line()
    out.table(
        (">FMR", ">threshold", "standing", ">false matches", ">of non-mated", ">FNMR", ">of mated"),
        (
            (
                f"{point.false_match_rate:.0e}",
                f"{point.threshold:.4f}",
                str(point.standing),
                f"{point.false_matches:,}",
                f"{point.non_mated_trials:,}",
                f"{point.false_non_match_rate:.4f}",
                f"{point.mated_trials:,}",
            )
            for point in table.points
        ),
    )
