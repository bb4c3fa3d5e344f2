"""Photos of a folder in, decisions, the stories of the gate and of the server, an annotated picture out."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from demo.service import check_a_driver, started
from demo.story import tell
from faceward import Comparison, Engine, wiring
from faceward.adapters.drawing.annotation import Mark, annotated_png
from faceward.errors import FacewardError

_PAIRS = [
    ("president-1.jpg", "president-2.jpg"),
    ("president-1.jpg", "half-a-face.jpg"),
    ("president-1.jpg", "other-president.jpg"),
    ("president-1.jpg", "astronaut.png"),
]


def main(folder: Path) -> int:
    """Do the main job on the photos below a folder and say how long it took."""
    began = time.perf_counter()
    photos = folder / "photos"
    with started(folder / "server") as server:
        engine = Engine()
        print(f"faceward: {engine.contract.model} in {engine.contract.precision}, on this machine alone\n")
        find(engine, photos)
        compare(engine, photos)
        refuse(engine, photos)
        tell(photos, folder / "state")
        check_a_driver(server, photos)
    picture = folder / "annotated.png"
    annotate(engine, photos, picture)
    print(f"\nAnnotated picture: {picture}")
    print(f"Done in {time.perf_counter() - began:.1f} s.")
    return 0


def find(engine: Engine, photos: Path) -> None:
    """Find the faces of every photo."""
    print("Faces")
    files = sorted(photos.iterdir())
    with ThreadPoolExecutor(wiring.workers()) as pool:
        detections = list(pool.map(engine.detect, files))
    for photo, detection in zip(files, detections, strict=True):
        for it in detection.faces:
            words = "; ".join(f"{finding.cause} {finding.remedy}" for finding in it.usability.findings)
            eyes = it.face.inter_eye_distance
            print(f"  {photo.name:22} eyes {eyes:4.0f} px apart, {words or 'fit for comparison'}")


def compare(engine: Engine, photos: Path) -> None:
    """Compare some people with others."""
    print("\nComparisons at a false match rate of 1 in 10,000")
    for probe, reference in _PAIRS:
        print(f"  {probe:16} {reference:20} {line(engine.compare(photos / probe, photos / reference))}")
    at = engine.compare(photos / _PAIRS[0][0], photos / _PAIRS[0][1]).decision.at
    print(f"  Evidence: {at.non_mated_trials:,} comparisons of different people, {at.false_matches} matched;")
    print(
        f"            {at.mated_trials:,} of one person, {at.false_non_match_rate:.1%} not ({at.standing})."
    )
    print(f"            {at.report.split(';')[0]}")


def line(it: Comparison) -> str:
    """One comparison in words."""
    return f"{it.decision!s:10} score {it.comparison_score:+.3f}, threshold {it.decision.at.threshold:.3f}"


def refuse(engine: Engine, photos: Path) -> None:
    """Ask for what is not given: a rate without evidence, and a file that is no photo."""
    print("\nWhat it does not do")
    photo = photos / "president-1.jpg"
    for wanted in (
        lambda: engine.compare(photo, photo, false_match_rate=1e-6),
        lambda: engine.detect(b"This is not a photo, whatever its name says."),
    ):
        try:
            wanted()
        except FacewardError as error:
            print(f"  {error}")


def annotate(engine: Engine, photos: Path, target: Path) -> None:
    """Put photos side by side, find the faces of all at once and draw them."""
    pixels = montage(
        [photos / name for name in ("president-1.jpg", "president-2.jpg", "other-president.jpg")]
    )
    marks = [
        Mark(it.face, (f"score {it.face.detection_score:.2f}", f"eyes {it.face.inter_eye_distance:.0f} px"),
             it.usability.usable)
        for it in engine.detect(pixels).faces
    ]  # fmt: skip
    target.write_bytes(annotated_png(pixels, 1.0, marks))


def montage(photos: list[Path], height: int = 900) -> np.ndarray:
    """Photos side by side at one height, shape ``(height, width, 3)``, uint8, RGB."""
    pictures = [Image.open(photo).convert("RGB") for photo in photos]
    return np.hstack([np.asarray(it.resize((it.width * height // it.height, height))) for it in pictures])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
