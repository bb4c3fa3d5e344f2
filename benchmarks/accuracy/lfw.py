"""The LFW part of a pack in, how often comparisons of its people are wrong out."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np

from benchmarks.pack import Pack, Pairs
from benchmarks.reporting import Report, Target
from faceward import wiring
from faceward.adapters.datasets.acquisition import Acquisition, acquired
from faceward.adapters.datasets.label_errors import KnownErrors
from faceward.adapters.datasets.labelled_photos import LabelledPhotos
from faceward.core.decision import CalibrationTable, OperatingPoint
from faceward.core.detection import Selection
from faceward.core.values import Face
from faceward.errors import ConflictError
from faceward.evaluation.all_pairs import all_pairs
from faceward.evaluation.operating_points import operating_points
from faceward.evaluation.pairs_accuracy import PairsAccuracy, accuracy_over_folds
from faceward.evaluation.rates import measured_false_non_match_rate
from faceward.evaluation.trials import Trials, listed_pairs
from faceward.recognition.recogniser import Recogniser
from faceward.wiring import Parts

_PAIRS = 0.998
_FNMR = 0.0195
_RATE = 1e-4
_SAME = 0.002
"""How far, as a cosine, two runs may put a threshold apart; our number."""
_NEAR_CENTRE = 20.0
"""Pixels of a photo of 250: no second face can be nearer the centre than one that is as near as this."""


@dataclass(frozen=True, slots=True, eq=False)
class _Scores:
    """Templates of the same photos in two precisions, which may be the same."""

    images: tuple[str, ...]
    photos: LabelledPhotos
    probes: Any
    references: Any

    def trials(self, errors: KnownErrors) -> Trials:
        return all_pairs(self.probes, errors.labels(self.photos, self.images), references=self.references)

    def pairs(self, pairs: Pairs, errors: KnownErrors) -> PairsAccuracy:
        places, folds = pairs.places(self.images)
        scores = np.einsum("ij,ij->i", self.probes[places[:, 0]], self.references[places[:, 1]])
        labels = errors.labels(self.photos, self.images)
        return accuracy_over_folds(listed_pairs(places, folds, scores, labels))


def evaluate(report: Report, pack: Pack, parts: dict[str, Parts]) -> dict[str, tuple[OperatingPoint, ...]]:
    """Compare all with all, with and without the known label errors.

    Returns:
        The operating points without the errors, by precision.
    """
    photos = pack.lfw()
    known = {"with errors": KnownErrors(), "without": pack.lfw_errors(photos)}
    made = acquired(
        photos,
        [it.recogniser for it in parts.values()],
        Selection.PROMINENT,
        workers=wiring.usable_cores(),
    )
    features = dict(zip(parts, made.features, strict=True))
    figures: dict[str, Any] = {"photos": len(photos.photos), "people": photos.subjects}
    report.figures["lfw"] = figures
    figures |= _faces(report, photos, made, next(iter(parts.values())).recogniser)
    rows, points, clean = [], [], {}
    # The fastest precision comes last, so that the probes of a mixed pair are those of the shipped table.
    for one, other in combinations_with_replacement(reversed(parts), 2):
        scores = _Scores(made.images, photos, features[one], features[other])
        name = one if one == other else f"{one} × {other}"
        figures[name] = {}
        for labels, errors in known.items():
            accuracy = scores.pairs(pack.lfw_pairs(), errors)
            trials = scores.trials(errors)
            found = operating_points(trials, "make eval")
            at = next(point for point in found if point.false_match_rate == _RATE)
            fnmr = measured_false_non_match_rate(trials, at.threshold)
            rows.append((
                name, labels, f"{accuracy.mean:.4f}", f"{at.threshold:.4f}", f"{fnmr.rate:.4f}",
                f"{fnmr.interval.lower:.4f} to {fnmr.interval.upper:.4f}",
                f"{trials.mated_total:,}", f"{trials.non_mated.total:,}",
            ))  # fmt: skip
            figures[name][labels] = {
                "pairs_accuracy": accuracy.mean,
                "pairs_accuracy_folds": [[it.right, it.pairs] for it in accuracy.folds],
                "fnmr_at_1e-4": fnmr.rate,
                "fnmr_interval": [fnmr.interval.lower, fnmr.interval.upper],
                "mated_trials": trials.mated_total,
                "non_mated_trials": trials.non_mated.total,
                "points": [_point(point) for point in found],
            }
            if labels == "with errors":
                report.targets.append(Target(f"LFW FNMR at 1e-4, errors in, {name}", fnmr.rate, _FNMR, True))
                continue
            report.targets.append(Target(f"LFW pairs without errors, {name}", accuracy.mean, _PAIRS))
            if one == other:
                clean[one] = found
            shipped = _shipped(parts[one], (one, other))
            points += [_against(name, point, shipped) for point in found]
            figures[name]["shipped_table_agrees"] = _agrees(found, shipped)
            report.targets.append(
                Target(f"shipped table agrees, {name}", float(_agrees(found, shipped) or 0), 1)
            )
    header = ("precision", "labels", "pairs", "at 1e-4", "FNMR", "interval", "mated", "non-mated")
    report.say("LFW: pairs over folds, and all pairs at FMR 1e-4", header, rows)
    report.say(
        "LFW: operating points without the known label errors",
        ("precision", "FMR", "threshold", "standing", "false matches", "FNMR", "shipped threshold"),
        points,
    )
    return clean


def _faces(
    report: Report, photos: LabelledPhotos, made: Acquisition, recogniser: Recogniser
) -> dict[str, Any]:
    """Photos without a face, and photos in which the default takes another than the subject's."""
    elsewhere = []
    for photo in photos.photos:
        if photo.image not in made.images:
            continue
        opened = recogniser.open(photo.path)
        chosen = recogniser.sightings(opened, Selection.PROMINENT)[0].face
        centre = (opened.width / 2, opened.height / 2)
        if _offset(chosen, centre) <= _NEAR_CENTRE:
            continue
        everybody = [sighting.face for sighting in recogniser.sightings(opened)]
        nearest = min(everybody, key=lambda face: _offset(face, centre), default=chosen)
        # Another face, not the same one placed a little differently.
        if _offset(chosen, centre) - _offset(nearest, centre) > min(nearest.size, chosen.size) / 2:
            elsewhere.append(photo.image)
    report.targets += [
        Target("LFW photos without a face", float(len(made.failures)), 0, at_most=True),
        Target("LFW photos with another face chosen", float(len(elsewhere)), 0, at_most=True),
    ]
    header = ("photos", "without a face", "another than the most central face chosen")
    report.say("LFW: faces", header, [(len(photos.photos), len(made.failures), len(elsewhere))])
    return {"without_a_face": [it.image for it in made.failures], "another_face_chosen": elsewhere}


def _offset(face: Face, centre: tuple[float, float]) -> float:
    left, top, right, bottom = face.box_xyxy
    return float(np.hypot((left + right) / 2 - centre[0], (top + bottom) / 2 - centre[1]))


def _shipped(parts: Parts, precisions: tuple[str, str]) -> CalibrationTable | None:
    try:
        return parts.calibration(*precisions)
    except ConflictError:
        return None


def _point(point: OperatingPoint) -> dict[str, Any]:
    return {
        "false_match_rate": point.false_match_rate,
        "threshold": point.threshold,
        "standing": str(point.standing),
        "false_matches": point.false_matches,
        "false_non_match_rate": point.false_non_match_rate,
    }


def _against(name: str, point: OperatingPoint, shipped: CalibrationTable | None) -> tuple[object, ...]:
    """One operating point beside the one that the catalogue ships."""
    theirs = "no table"
    for claimed in shipped.points if shipped else ():
        if claimed.false_match_rate == point.false_match_rate:
            theirs = f"{claimed.threshold:.4f} ({claimed.threshold - point.threshold:+.4f})"
    return (
        name, f"{point.false_match_rate:.0e}", f"{point.threshold:.4f}", point.standing, point.false_matches,
        f"{point.false_non_match_rate:.4f}", theirs,
    )  # fmt: skip


def _agrees(found: tuple[OperatingPoint, ...], shipped: CalibrationTable | None) -> bool | None:
    """Whether the shipped thresholds are those of this run; ``None`` where none are shipped.

    Processors and tile sizes move the last bits of a score; what moves more than this is another pipeline.
    """
    if shipped is None:
        return None
    claimed = {point.false_match_rate: point.threshold for point in shipped.points}
    return all(abs(claimed.get(it.false_match_rate, np.inf) - it.threshold) <= _SAME for it in found)
