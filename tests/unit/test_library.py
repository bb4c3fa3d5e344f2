"""Two photos in, a decision with its evidence out."""

from __future__ import annotations

import io
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from faceward import Comparison, Detection, Engine
from faceward.catalogue import calibration
from faceward.core.decision import CalibrationTable, OperatingPoint, Standing
from faceward.core.values import Template
from faceward.errors import (
    DamagedImage,
    InputError,
    InvalidValue,
    NoFaceFound,
    OperatingPointUnsupported,
)
from faceward.recognition.recogniser import PREPROCESSING

POINT = OperatingPoint(0.43, 1e-4, Standing.CALIBRATED, 1_000_000, 99, 0.02, 9_000, "made up for tests")
FACELESS = np.full((200, 300, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def engine(settings, tmp_path_factory) -> Engine:
    """With a calibration of the test's own, so that nothing rests on the one that ships."""
    models = tmp_path_factory.mktemp("models")
    tables = models / "calibrations"
    tables.mkdir(mode=0o700)
    table = CalibrationTable(
        settings.embedder, PREPROCESSING, ("f32", "f32"), "none", "0" * 64, "2026-01-01", "none",
        (POINT, replace(POINT, threshold=0.6, false_match_rate=1e-6, standing=Standing.REFUSED)),
    )  # fmt: skip
    (tables / "own.json").write_text(calibration.as_text(table), encoding="utf-8")
    return Engine(replace(settings, models_dir=str(models)))


@pytest.fixture
def files(astronaut, tmp_path) -> tuple[Path, Path]:
    """The photo, and its mirror image as a JPEG in a folder whose name is not ASCII."""
    folder = tmp_path / "Fotos für Żaneta 写真"
    folder.mkdir()
    probe, reference = folder / "probe.png", folder / "reference.jpg"
    Image.fromarray(astronaut).save(probe)
    Image.fromarray(np.ascontiguousarray(astronaut[:, ::-1])).save(reference, quality=90)
    return probe, reference


def test_two_photos_of_one_person_match(engine, files):
    """And the decision carries the operating point it was taken at."""
    comparison = engine.compare(*files)
    assert comparison.decision.match
    assert str(comparison.decision) == "match"
    assert comparison.decision.at == POINT
    assert comparison.contract == engine.contract
    assert comparison.usability[0].usable


def test_paths_bytes_and_pixels_are_the_same_photo(engine, files, astronaut):
    """To the last bit of the score."""
    probe, reference = files
    expected = engine.compare(probe, reference).decision.comparison_score
    for given in (str(probe), probe.read_bytes(), astronaut):
        assert engine.compare(given, reference).decision.comparison_score == expected


def test_the_public_score_is_rounded(engine, files):
    """More digits would only help to reconstruct a template."""
    comparison = engine.compare(*files)
    assert comparison.comparison_score == round(comparison.decision.comparison_score, 3)


def test_what_is_no_face_of_the_same_person_is_no_match(engine, astronaut, files):
    """The two halves of a face exchanged top and bottom are nobody that was compared before."""
    shuffled = astronaut.copy()
    shuffled[95:112, 195:260] = astronaut[95:112, 195:260][:, ::-1] // 3
    comparison = engine.compare(files[0], shuffled)
    assert comparison.comparison_score < engine.compare(*files).comparison_score


@pytest.mark.parametrize("rate", [1e-6, 1e-2, 0.0, 1.0, float("nan")])
def test_a_rate_without_evidence_is_refused_before_a_photo_is_opened(engine, rate: float):
    """A refused operating point included; the remedy names the rates there are."""
    with pytest.raises(OperatingPointUnsupported, match="1e-04"):
        engine.compare("nowhere.jpg", "nowhere.jpg", false_match_rate=rate)


def test_detection_gives_every_face_or_the_one_that_is_meant(engine, astronaut):
    """In pixels of the upright photo."""
    group = np.tile(astronaut, (1, 2, 1))
    found = engine.detect(group)
    assert (found.width, found.height, len(found.faces)) == (1024, 512, 2)
    for which in ("prominent", "largest", "central"):
        assert len(engine.detect(group, which).faces) == 1
    assert engine.detect(FACELESS).faces == ()
    assert engine.detect(FACELESS, "largest").faces == ()


def test_a_sideways_photo_whose_camera_says_so_is_upright(engine, astronaut):
    """EXIF orientation is applied once, and places are those of the upright photo."""
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise to see it upright
    target = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(np.rot90(astronaut[:, :400]))).save(target, "PNG", exif=exif)
    found = engine.detect(target.getvalue())
    upright = engine.detect(np.ascontiguousarray(astronaut[:, :400]))
    assert (found.width, found.height) == (400, 512)
    np.testing.assert_allclose(found.faces[0].face.box_xyxy, upright.faces[0].face.box_xyxy, atol=0.01)


@pytest.mark.parametrize("which", ["biggest", "", "LARGEST", 3])
def test_a_selection_that_does_not_exist_is_an_error_that_names_those_that_do(engine, which):
    """Before anything is opened."""
    for ask in (lambda: engine.detect("nowhere.jpg", which), lambda: engine.compare("a", "b", which=which)):
        with pytest.raises(InvalidValue) as caught:
            ask()
        assert "prominent, largest, central" in caught.value.remedy


def test_a_photo_without_a_face_cannot_be_compared(engine, files):
    """On either side."""
    for pair in ((FACELESS, files[0]), (files[0], FACELESS)):
        with pytest.raises(NoFaceFound):
            engine.compare(*pair)


def test_what_is_no_photo_is_an_input_error(engine, files, tmp_path):
    """Missing, empty, mislabelled, cut short: the message says which."""
    text = tmp_path / "photo.jpg"
    text.write_text("I am no photo", encoding="utf-8")
    for source in (tmp_path / "missing.jpg", text, b""):
        with pytest.raises(InputError):
            engine.detect(source)
    with pytest.raises(DamagedImage):
        engine.detect(files[1].read_bytes()[:3000])


def test_nothing_public_gives_a_template():
    """Features stay inside: what is public has no field of that kind, and the engine no such name."""
    for public in (Comparison, Detection):
        assert not any("template" in field.name or "feature" in field.name for field in fields(public))
        assert Template.__name__ not in " ".join(str(field.type) for field in fields(public)).replace(
            "TemplateContract", ""
        )
    assert {name for name in dir(Engine) if not name.startswith("_")} == {"compare", "contract", "detect"}


def test_a_model_that_wants_another_alignment_is_refused_before_it_is_used(settings):
    """It would run, and compare badly without a word."""
    from dataclasses import replace

    from faceward import wiring
    from faceward.catalogue.bundles import Catalogue, shipped
    from faceward.errors import InvalidValue

    entry = shipped().manifest(settings.embedder)

    class Source:
        """One entry, said to want a larger face."""

        def manifest(self, model: str):
            return replace(entry, input=replace(entry.input, sides=(160, 160)))

    assert isinstance(shipped(), Catalogue)
    with pytest.raises(InvalidValue, match="aligned in another way"):
        wiring.contract(Source(), settings.embedder, "f32")
