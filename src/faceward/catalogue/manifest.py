"""JSON that describes a model in, a manifest out: what it is, takes, gives, and may be used for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from faceward import reading
from faceward.errors import InvalidValue
from faceward.reading import Record

_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_REMEDY = "Correct the file; docs/models.md describes every key."
_SHORTEST = 32  # Shorter rows come from networks that judge traits; known embedders give 128 or more. Ours.


class Task(StrEnum):
    """What a network is for. There is no other kind: nothing here infers a trait."""

    DETECTOR = "detector"
    EMBEDDER = "embedder"


class ChannelOrder(StrEnum):
    """Order of the colour channels the network was trained on."""

    RGB = "rgb"
    BGR = "bgr"


class Layout(StrEnum):
    """Order of the axes the network as shipped takes."""

    NCHW = "nchw"
    NHWC = "nhwc"


@dataclass(frozen=True, slots=True)
class Licence:
    """What the rights holder allows.

    Attributes:
        spdx: SPDX expression, or ``LicenseRef-...`` for one of the publisher's own.
        commercial_use: Whether the licence of the weights permits commercial use.
        notice: Who grants it, where it is stated, and what is left open.
    """

    spdx: str
    commercial_use: bool
    notice: str


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file that a Python distribution installs."""

    package: str
    version: str
    file: str


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file that a user put beside its manifest; a bare name, never a path."""

    file: str


ModelFile: TypeAlias = PackageFile | FolderFile


@dataclass(frozen=True, slots=True)
class Pin:
    """What the prepared graph must hash to, so that a planted cache file is never believed.

    Attributes:
        preparation: Version of the preparation that the digest belongs to.
        sha256: Digest of the prepared ONNX file.
    """

    preparation: int
    sha256: str


@dataclass(frozen=True, slots=True)
class InputContract:
    """What the network as shipped takes: ``(pixel - mean) / std``, for each channel in its own order.

    Attributes:
        channel_order: Order of the channels, and of ``mean`` and ``std``.
        layout: Order of the axes.
        mean: What is subtracted from a pixel of 0–255.
        std: What the difference is divided by.
        sides: Height and width in pixels, or nothing where any multiple of ``multiple`` will do.
        multiple: What the sides must be a multiple of; 1 where they are fixed.
    """

    channel_order: ChannelOrder
    layout: Layout
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    sides: tuple[int, int] | None
    multiple: int


@dataclass(frozen=True, slots=True)
class FeatureOutput:
    """One row of features for each image, not yet of length 1.

    Attributes:
        length: Number of features.
        alignment: Name of the landmark template the face was warped to.
    """

    length: int
    alignment: str


@dataclass(frozen=True, slots=True)
class YuNetOutput:
    """``cls_s``, ``obj_s``, ``bbox_s`` and ``kps_s`` for each stride ``s``, shape ``(N, A, k)``.

    Prepared, they are one output, ``cells``: see `core.cells.yunet_detections`.
    """

    strides: tuple[int, ...]


OutputContract: TypeAlias = FeatureOutput | YuNetOutput


@dataclass(frozen=True, slots=True)
class Rate:
    """One figure somebody measured, and who did.

    Attributes:
        measure: What was measured, in words, for example ``FNMR at FMR 1e-4``.
        value: The figure, a share from 0 to 1.
        dataset: On what.
        measured_by: Who measured it and where that is written down.
    """

    measure: str
    value: float
    dataset: str
    measured_by: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything that must be known about a model before it may run.

    Attributes:
        identifier: Lower-case name, unique in the catalogue.
        task: Detector or embedder.
        title: A name for people.
        licence: What its rights holder allows.
        file: Where the file as shipped is found.
        sha256: Digest of the file as shipped.
        pin: Digest of the prepared graph; nothing while a model is being added.
        input: What it takes.
        output: What it gives.
        training_data: What it was trained on, as far as known.
        provenance: Who made it and by which way it came here.
        citation: The paper.
        intended_uses: What it was measured for.
        forbidden_uses: What it must not be used for.
        rates: What was measured, by others and by us.
        limits: Where it is known to fail.
    """

    identifier: str
    task: Task
    title: str
    licence: Licence
    file: ModelFile
    sha256: str
    pin: Pin | None
    input: InputContract
    output: OutputContract
    training_data: str
    provenance: str
    citation: str
    intended_uses: tuple[str, ...]
    forbidden_uses: tuple[str, ...]
    rates: tuple[Rate, ...]
    limits: tuple[str, ...]


def parse(text: str | bytes, place: str) -> Manifest:
    """Read a manifest.

    Args:
        text: The JSON.
        place: What to call it in messages, usually a file name.

    Raises:
        InvalidValue: A key is missing, unknown or makes no sense; the message says which and why.
    """
    record = reading.read(text, place, _REMEDY)
    identifier = record.text("identifier")
    if not _IDENTIFIER.fullmatch(identifier):
        raise InvalidValue(
            f"{place}.identifier is {identifier!r}.",
            remedy="Use up to 64 lower-case letters, digits, dots, dashes and underscores.",
        )
    task = record.choice("task", Task)
    manifest = Manifest(
        identifier=identifier,
        task=task,
        title=record.text("title"),
        licence=_licence(record.record("licence")),
        file=_file(record.record("file")),
        sha256=record.sha256("sha256"),
        pin=_pin(record.record("prepared")) if record.has("prepared") else None,
        input=_input(record.record("input")),
        output=_output(record.record("output"), task),
        training_data=record.text("training_data"),
        provenance=record.text("provenance"),
        citation=record.text("citation"),
        intended_uses=record.texts("intended_uses"),
        forbidden_uses=record.texts("forbidden_uses"),
        rates=tuple(map(_rate, record.records("rates"))),
        limits=record.texts("limits"),
    )
    record.done()
    return manifest


def as_json(manifest: Manifest) -> dict[str, Any]:
    """The manifest as JSON values; `parse` gives back an equal manifest."""
    it = manifest
    values: dict[str, Any] = {
        "identifier": it.identifier,
        "task": str(it.task),
        "title": it.title,
        "licence": {
            "spdx": it.licence.spdx,
            "commercial_use": it.licence.commercial_use,
            "notice": it.licence.notice,
        },
        "file": (
            {"package": it.file.package, "version": it.file.version, "file": it.file.file}
            if isinstance(it.file, PackageFile)
            else {"file": it.file.file}
        ),
        "sha256": it.sha256,
        "input": {
            "channel_order": str(it.input.channel_order),
            "layout": str(it.input.layout),
            "mean": list(it.input.mean),
            "std": list(it.input.std),
            "multiple": it.input.multiple,
        },
        "output": (
            {"length": it.output.length, "alignment": it.output.alignment}
            if isinstance(it.output, FeatureOutput)
            else {"strides": list(it.output.strides)}
        ),
        "training_data": it.training_data,
        "provenance": it.provenance,
        "citation": it.citation,
        "intended_uses": list(it.intended_uses),
        "forbidden_uses": list(it.forbidden_uses),
        "rates": [
            {"measure": r.measure, "value": r.value, "dataset": r.dataset, "measured_by": r.measured_by}
            for r in it.rates
        ],
        "limits": list(it.limits),
    }
    if it.input.sides is not None:
        values["input"]["height"], values["input"]["width"] = it.input.sides
    if it.pin is not None:
        values["prepared"] = {"preparation": it.pin.preparation, "sha256": it.pin.sha256}
    return values


def _licence(record: Record) -> Licence:
    licence = Licence(record.text("spdx"), record.flag("commercial_use"), record.text("notice"))
    record.done()
    return licence


def _file(record: Record) -> ModelFile:
    name = record.text("file", longest=200)
    parts = name.split("/")
    if name.startswith("/") or "\\" in name or any(part in {"", ".", ".."} for part in parts):
        raise InvalidValue(
            f"{record.place}.file is {name!r}, which leaves its folder.",
            remedy="Give a plain name, or a path inside the package.",
        )
    file: ModelFile
    if record.has("package"):
        file = PackageFile(record.text("package"), record.text("version"), name)
    elif len(parts) == 1:
        file = FolderFile(name)
    else:
        raise InvalidValue(f"{record.place}.file is {name!r}.", remedy="Give a plain name without a folder.")
    record.done()
    return file


def _pin(record: Record) -> Pin:
    pin = Pin(record.whole("preparation", least=1), record.sha256("sha256"))
    record.done()
    return pin


def _input(record: Record) -> InputContract:
    order = record.choice("channel_order", ChannelOrder)
    layout = record.choice("layout", Layout)
    mean = record.numbers("mean", count=3)
    std = record.numbers("std", count=3)
    if min(std) <= 0:
        raise InvalidValue(f"{record.place}.std holds {min(std):g}.", remedy="Give three positive numbers.")
    sides = None
    if record.has("height") or record.has("width"):
        sides = (record.whole("height", least=8, most=4096), record.whole("width", least=8, most=4096))
    multiple = record.whole("multiple", least=1, most=256)
    record.done()
    return InputContract(
        order, layout, (mean[0], mean[1], mean[2]), (std[0], std[1], std[2]), sides, multiple
    )


def _output(record: Record, task: Task) -> OutputContract:
    output: OutputContract
    if task is Task.EMBEDDER:
        output = FeatureOutput(record.whole("length", least=_SHORTEST, most=8192), record.text("alignment"))
    else:
        strides = record.numbers("strides", count=3)
        if any(stride != int(stride) or stride <= 0 for stride in strides):
            raise InvalidValue(f"{record.place}.strides must be whole numbers.", remedy="Give 8, 16 and 32.")
        output = YuNetOutput(tuple(int(stride) for stride in strides))
    record.done()
    return output


def _rate(record: Record) -> Rate:
    rate = Rate(
        record.text("measure"),
        record.number("value", least=0, most=1),
        record.text("dataset"),
        record.text("measured_by"),
    )
    record.done()
    return rate
