"""Photos in, how fast we and our peers are on them out: ``make bench``, or ``python -m benchmarks.bench``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import photos
from benchmarks.cold_start import cold_start
from benchmarks.peers.install import PEERS, interpreter, missing
from benchmarks.reporting import Report, Target, milliseconds
from benchmarks.speed import Contender, Ratio, Times, in_turns, ratio
from benchmarks.throughput import throughput
from benchmarks.workers import Worker
from faceward import settings

PRECISIONS = ("bf16", "f32")

# From the project's charter of speed: set, precision, peer, how many times as fast we must be.
_TARGETS = (
    ("wider", "bf16", "verifyface", 3.5),
    ("wider", "f32", "verifyface", 2.2),
    ("wider", "bf16", "face_recognition", 20.0),
    ("lfw", "bf16", "verifyface", 1.8),
    ("large", "bf16", "verifyface", 5.0),
)
_OWN_CODE = 1.15
_ALL_CORES = 0.9
"""Share of the perfect speed-up that all cores together must give: 1.8 times one on two cores."""
_STAGES = ("decode", "detector", "embedder")


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write; returns the exit code."""
    asked = _asked(arguments)
    pack = Path(settings.read().eval) if settings.read().eval else None
    if pack is None or not pack.is_dir():
        print(
            "Set FACEWARD_EVAL to the folder of an evaluation pack; benchmarks/README.md says what is in it."
        )
        return 2
    if missing():
        print(f"Run `python -m benchmarks.peers.install` first: there is no {', '.join(missing())}.")
        return 2
    report = Report("bench")
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        sets = _sets(pack, Path(folder), asked)
        contenders = _contenders(stack, cores[-1], asked.precisions)
        for name, files in sets.items():
            _compare(report, name, files, contenders, asked)
        if not asked.quick:
            _all_cores(report, sets["wider"], cores, asked.precisions)
    _cold(report, pack)
    report.finish(asked.output)
    return report.exit_code(strict=asked.strict)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few photos and rounds: a look, not a result")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a target is missed")
    parser.add_argument("--rounds", type=int, default=7, help="how often each photo is shown")
    parser.add_argument("--sets", nargs="+", default=["wider", "lfw", "large"])
    parser.add_argument("--precisions", nargs="+", default=list(PRECISIONS), choices=PRECISIONS)
    parser.add_argument("--output", type=Path, help="where to write the JSON")
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.rounds = min(asked.rounds, 3)
    return asked


def _sets(pack: Path, folder: Path, asked: argparse.Namespace) -> dict[str, list[str]]:
    every = 4 if asked.quick else 1
    makers = {
        "wider": lambda: photos.wider(pack)[::every],
        "lfw": lambda: photos.lfw_sample(pack, 200 // every),
        "large": lambda: photos.large(pack, folder)[::every],
    }
    return {name: list(makers[name]()) for name in asked.sets}


def _contenders(stack: ExitStack, core: int, precisions: list[str]) -> list[Contender]:
    """Everybody, on one core; nobody works while another is being timed."""
    contenders = []
    for precision in precisions:
        ours = stack.enter_context(Worker("serve_faceward", (core,), precision, 1))
        apart = stack.enter_context(Worker("serve_floor", (core,), precision))
        contenders += [
            Contender(f"faceward {precision}", ours),
            Contender(f"stages {precision}", apart),
            Contender(f"floor {precision}", apart, "floor"),
        ]
    for peer in PEERS:
        worker = stack.enter_context(Worker(f"serve_{peer}", (core,), python=interpreter(peer)))
        contenders.append(Contender(peer, worker))
    return contenders


def _compare(
    report: Report, name: str, files: list[str], contenders: list[Contender], asked: argparse.Namespace
) -> None:
    """One set of photos: whole times, ratios, stages, floors and memory."""
    slow = {"wider": 1, "lfw": 2, "large": 4}[name]
    taking_part = [
        Contender(one.name, one.worker, one.operation, 2, slow) if one.name == "face_recognition" else one
        for one in contenders
    ]
    runs = {
        one.name: [one.worker.ask("record", photo=photo) for photo in files]
        for one in contenders
        if one.operation == "floor"
    }
    times = in_turns(taking_part, files, asked.rounds)
    ours = [f"faceward {precision}" for precision in asked.precisions]
    section: dict[str, Any] = {"photos": len(files), "rounds": asked.rounds, "contenders": {}, "ratios": {}}
    rows = []
    for one in contenders:
        if one.operation == "floor" or one.name.startswith("stages"):
            continue
        mine = times[one.name]
        shown = ~np.isnan(mine.per_photo)
        figures = {
            "photos": int(shown.sum()),
            "templates": int(mine.made.sum()),
            "p50_seconds": float(np.median(mine.per_photo[shown])),
            "mean_seconds": float(np.mean(mine.per_photo[shown])),
            "peak_bytes": one.worker.ask("memory")["peak_bytes"],
        }
        section["contenders"][one.name] = figures
        ratios = {us: ratio(mine, times[us]) for us in ours if us != one.name}
        section["ratios"][one.name] = {us: asdict(value) for us, value in ratios.items()}
        rows.append((
            one.name, f"{figures['templates']} / {figures['photos']}", milliseconds(figures["p50_seconds"]),
            milliseconds(figures["mean_seconds"]), round(figures["peak_bytes"] / 1e6),
            *(_ratio_in_words(ratios.get(us)) for us in ours),
        ))  # fmt: skip
    header = (
        "contender",
        "templates",
        "p50 ms",
        "mean ms",
        "peak MB",
        *(f"× {us} (all photos)" for us in ours),
    )
    report.say(f"{name}: file → template, one core", header, rows)
    section["stages"] = _stages(report, name, times, runs, asked.precisions)
    report.figures[name] = section
    for photo_set, precision, peer, wanted in _TARGETS:
        if photo_set == name and precision in asked.precisions:
            measured = section["ratios"][peer][f"faceward {precision}"]["median"]
            report.targets.append(Target(f"{name}: × {peer}, {precision}", measured, wanted))
    for precision in asked.precisions:
        measured = section["stages"][precision]["whole_over_floor"]
        name_of_target = f"{name}: whole / floor, {precision}"
        report.targets.append(Target(name_of_target, measured, _OWN_CODE, at_most=True))


def _ratio_in_words(measured: Ratio | None) -> str:
    return f"{measured.median:.2f} ({measured.median_of_all:.2f})" if measured else ""


def _stages(
    report: Report, name: str, times: dict[str, Times], runs: dict[str, list[Any]], precisions: list[str]
) -> dict[str, Any]:
    """Where our time goes, and how far we are above the floor."""
    section: dict[str, Any] = {}
    rows = []
    for precision in precisions:
        apart, floor = times[f"stages {precision}"], times[f"floor {precision}"].per_photo
        parts = {stage: apart.stage(stage) for stage in _STAGES if stage in apart.stages}
        whole = apart.per_photo
        parts["own code"] = whole - sum(parts.values())
        seen = runs[f"floor {precision}"]
        shapes = Counter(str(tuple(run)) for photo in seen for run in photo["runs"])
        same = _same_faces(apart, times[f"faceward {precision}"])
        section[precision] = {
            "p50_seconds": {stage: float(np.median(seconds)) for stage, seconds in parts.items()},
            "whole_p50_seconds": float(np.median(whole)),
            "floor_p50_seconds": float(np.median(floor)),
            "whole_over_floor": float(np.median(whole / floor)),
            "photos_decoded_more_than_once": sum(photo["decodes"] > 1 for photo in seen),
            "runs": dict(shapes.most_common()),
            "same_face_as_default": same,
        }
        rows.append((
            precision, *(milliseconds(float(np.median(seconds))) for seconds in parts.values()),
            milliseconds(float(np.median(whole))), milliseconds(float(np.median(floor))),
            f"{np.median(whole / floor):.3f}", f"{sum(len(photo['runs']) for photo in seen) / len(seen):.2f}",
            same,
        ))  # fmt: skip
    header = ("precision", *parts, "whole", "floor", "whole / floor", "runs a photo", "same face")
    report.say(f"{name}: our stages, p50 ms", header, rows)
    return section


def _same_faces(one: Times, other: Times) -> str:
    """On how many photos the pipeline that was taken apart chose the face that the default chose."""
    pairs = list(zip(one.boxes, other.boxes, strict=True))
    same = sum(a is b is None or (a and b and np.allclose(a, b, atol=2)) or False for a, b in pairs)
    return f"{same} / {len(pairs)}"


def _all_cores(report: Report, files: list[str], cores: list[int], precisions: list[str]) -> None:
    rows = []
    section = {}
    for precision in precisions:
        measured = throughput(files, cores, precision, rounds=5)
        section[precision] = asdict(measured)
        gains = {
            "threads": measured.threads / measured.one_core,
            "processes": measured.processes / measured.one_core,
        }
        rows.append((
            precision, f"{measured.one_core:.1f}", f"{measured.threads:.1f}", f"{measured.processes:.1f}",
            *(f"{gain:.2f}" for gain in gains.values()),
        ))  # fmt: skip
        report.targets += [
            Target(f"{len(cores)} cores × one, {layout}, {precision}", gain, _ALL_CORES * len(cores))
            for layout, gain in gains.items()
        ]
    header = ("precision", "one core", "threads", "processes", "threads ×", "processes ×")
    report.say(f"Photos a second on {len(cores)} cores (WIDER)", header, rows)
    report.figures["throughput"] = section


def _cold(report: Report, pack: Path) -> None:
    """Fresh processes on two photos of one person."""
    probe, reference = (str(pack / "demo" / name) for name in ("obama.jpg", "obama2.jpg"))
    measured = cold_start(probe, reference)
    report.figures["cold_start"] = asdict(measured)
    report.say("Cold start, median of 10 processes", ("what", "ms"), [
        ("python alone", milliseconds(measured.bare_seconds)),
        ("import faceward", milliseconds(measured.import_seconds)),
        ("first comparison", measured.failure or milliseconds(measured.comparison_seconds or 0)),
    ])  # fmt: skip
    report.targets += [
        Target("import faceward, s", measured.import_seconds, 0.12, at_most=True),
        Target("heavy modules loaded by import", float(len(measured.loaded)), 0, at_most=True),
        Target("cold first comparison, s", measured.comparison_seconds, 0.8, at_most=True),
    ]


if __name__ == "__main__":
    sys.exit(main())
