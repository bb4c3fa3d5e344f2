"""Portraits and faces of all ages in, how thresholds chosen on press photos do on them out.

No trait is inferred: the groups are labels that came with the data, and may be wrong. The counts say how far
a figure goes; the faces of all ages have no names, so two photos of one person would count as a false match.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.pack import Pack
from benchmarks.reporting import Report
from faceward import wiring
from faceward.adapters.datasets.acquisition import acquired
from faceward.adapters.datasets.label_errors import KnownErrors
from faceward.core.decision import OperatingPoint, Standing
from faceward.core.detection import Selection
from faceward.core.values import FloatArray
from faceward.evaluation.all_pairs import all_pairs
from faceward.evaluation.labels import Labels
from faceward.evaluation.rates import (
    MeasuredRate,
    measured_false_match_rate,
    measured_false_non_match_rate,
)
from faceward.evaluation.trials import Trials
from faceward.wiring import Parts

_RATE = 1e-4
_MINORS = ("00-09", "10-17")


def evaluate(
    report: Report, pack: Pack, parts: dict[str, Parts], points: dict[str, tuple[OperatingPoint, ...]]
) -> None:
    """Measure at the operating points that LFW gave, without choosing anything anew."""
    for precision, it in parts.items():
        usable = [one for one in points[precision] if one.standing is not Standing.REFUSED]
        report.figures[f"congress {precision}"] = _portraits(report, pack, precision, it, usable)
    precision = next(iter(parts))
    at = next(one for one in points[precision] if one.false_match_rate == _RATE)
    report.figures[f"utkface {precision}"] = _ages(report, pack, precision, parts[precision], at)


def _portraits(
    report: Report, pack: Pack, precision: str, parts: Parts, points: list[OperatingPoint]
) -> dict[str, Any]:
    """Official portraits about ten years apart."""
    photos = pack.congress()
    made = acquired(photos, [parts.recogniser], Selection.PROMINENT, workers=wiring.usable_cores())
    labels = KnownErrors().labels(photos, made.images)
    trials = all_pairs(made.features[0], labels, largest_rate=1.0)
    rows, figures = [], {}
    for point in points:
        missed = measured_false_non_match_rate(trials, point.threshold)
        wrong = measured_false_match_rate(trials, point.threshold)
        figures[f"{point.false_match_rate:.0e}"] = {"fnmr": _figures(missed), "fmr": _figures(wrong)}
        rows.append(
            (f"{point.false_match_rate:.0e}", f"{point.threshold:.4f}", _words(missed), _words(wrong))
        )
    header = ("FMR on LFW", "threshold", "FNMR here", "FMR here")
    report.say(f"Portraits ten years apart ({photos.subjects} people, {precision})", header, rows)
    return {"photos": len(photos.photos), "without_a_face": len(made.failures), **figures}


def _ages(report: Report, pack: Pack, precision: str, parts: Parts, at: OperatingPoint) -> dict[str, Any]:
    """Strangers of one group, compared with each other at a threshold chosen on press photos."""
    photos, groups = pack.utkface()
    made = acquired(photos, [parts.recogniser], Selection.PROMINENT, workers=wiring.usable_cores())
    rows, figures = [], {}
    ages = np.array([groups[image]["age_band"] for image in made.images])
    for column in ("age_band", "sex", "race"):
        values = np.array([groups[image][column] for image in made.images])
        for value in np.unique(values):
            inside = values == value
            if column != "age_band":
                # Children match each other far too often; they would hide what else differs.
                inside &= ~np.isin(ages, _MINORS)
            rate = measured_false_match_rate(_strangers(made.features[0][inside], made.images), at.threshold)
            lost = sum(groups[it.image][column] == value for it in made.failures)
            figures[f"{column} {value}"] = {**_figures(rate), "without_a_face": lost}
            rows.append((
                column, value, int(inside.sum()), lost, f"{rate.rate:.1e}", rate.errors, f"{rate.trials:,}",
                f"{rate.interval.lower:.1e} to {rate.interval.upper:.1e}", round(rate.rate / _RATE),
            ))  # fmt: skip
    title = (
        f"WARNING: strangers of one group at the LFW threshold for {_RATE:.0e} ({precision}); "
        "sex and race of adults only"
    )
    header = ("label", "group", "photos", "no face", "FMR", "false", "of", "interval", "× as claimed")
    report.say(title, header, rows)
    return figures


def _strangers(features: FloatArray, images: tuple[str, ...]) -> Trials:
    """All pairs of photos, each taken to show somebody else."""
    names = images[: len(features)]
    return all_pairs(features, Labels(names, names), largest_rate=1.0)


def _figures(rate: MeasuredRate) -> dict[str, Any]:
    return {
        "rate": rate.rate,
        "errors": rate.errors,
        "trials": rate.trials,
        "interval": [rate.interval.lower, rate.interval.upper],
    }


def _words(rate: MeasuredRate) -> str:
    return f"{rate.rate:.4f} ({rate.errors} / {rate.trials:,}; up to {rate.interval.upper:.4f})"
