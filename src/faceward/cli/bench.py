"""``faceward bench``: photos in, how long each stage takes on this machine out.

A look at one machine in half a minute; the comparison with others is ``make bench``.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np

from faceward import wiring
from faceward.adapters.drawing.synthetic import drawn_photo
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import Exit, about
from faceward.cli.files import photo_files, read
from faceward.cli.output import Output
from faceward.cli.schemas import Json
from faceward.cli.stopwatch import STAGES, Stopwatch
from faceward.errors import InputError
from faceward.ports.codec import Source
from faceward.recognition.listening import listened
from faceward.recognition.plan import SearchPlan
from faceward.recognition.recogniser import Recogniser
from faceward.settings import Settings

_DRAWN_SIDES = (250, 1024, 3000)
_WARM_UP = 3


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward bench",
        description="Measure how long file → template takes here, stage by stage, on one thread and on all.",
    )
    it.add_argument("paths", nargs="*", metavar="PHOTO", help="photos or folders (drawn faces, of nobody)")
    it.add_argument("--repeat", type=int, default=20, metavar="N", help="runs of each photo (default: 20)")
    it.add_argument("--precision", choices=("f32", "bf16"), help="only this one (all that run natively here)")
    common(it)
    return it


@dataclass(frozen=True, slots=True)
class _Photos:
    words: str
    sources: tuple[Source, ...]


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Measure.

    Raises:
        InputError: A photo cannot be opened or shows no face, or an option makes no sense.
        DependencyError: The networks do not run.
    """
    chosen = settings(arguments)
    if arguments.repeat < 1:
        raise InputError("--repeat asks for no run.", remedy="Ask for 1 or more.")
    photos = _photos(arguments.paths, chosen)
    native = wiring.runtime(chosen.runtime).precisions(chosen.device)
    precisions = native if arguments.precision is None else (arguments.precision,)
    results = [
        _measured(replace(chosen, precision=precision), photos, arguments.repeat, out)
        for precision in precisions
    ]
    out.document({"schema": "faceward/bench/1", "photos": photos.words, "results": results})
    out.line(f"file → template of one face; {photos.words}; milliseconds, median and 95th percentile")
    for result in results:
        out.line()
        out.line(f"{result['precision']} on {result['device']}, one thread, {result['runtime']}")
        rows = [
            (stage, f"{times['p50_ms']:.2f}", f"{times['p95_ms']:.2f}", f"{times['runs']:.1f}")
            for stage, times in result["stages"].items()
        ]
        out.table(("stage", ">p50", ">p95", ">runs a photo"), rows, indent="  ")
        speeds = [f"{it['photos_per_second']:.0f} on {it['workers']}" for it in result["throughput"]]
        out.line(f"  photos a second: {', '.join(speeds)} cores")
    return Exit.DONE


def _photos(paths: list[str], chosen: Settings) -> _Photos:
    """Read the photos into memory: the disk is not what is measured."""
    if not paths:
        drawn = tuple(drawn_photo(side) for side in _DRAWN_SIDES)
        sides = ", ".join(f"{side}²" for side in _DRAWN_SIDES)
        return _Photos(f"drawn faces of nobody, {sides} px, as no photo was named", drawn)
    files = photo_files(paths).files
    if not files:
        raise InputError("There is no photo here.", remedy="Name photos, or a folder with some.")
    sources = tuple(read(str(file.path), chosen.max_bytes) for file in files)
    return _Photos(f"{len(sources)} photos as named", sources)


def _measured(chosen: Settings, photos: _Photos, repeat: int, out: Output) -> Json:
    parts = wiring.connect(chosen)
    watch = Stopwatch(SearchPlan().crop_side)
    timed = listened(watch, wiring.codec(), parts.networks, wiring.image_limits(chosen))
    times: dict[str, list[float]] = {stage: [] for stage in (*STAGES, "rest", "whole")}
    runs = dict.fromkeys(times, 0)
    with out.progress(f"Measuring {chosen.precision}", len(photos.sources)) as progress:
        for number, source in enumerate(photos.sources, 1):
            with about(f"photo {number}"):
                for _ in range(_WARM_UP):
                    _templated(timed, source)
                for _ in range(repeat):
                    watch.reset()
                    started = perf_counter()
                    _templated(timed, source)
                    whole = perf_counter() - started
                    for stage in STAGES:
                        times[stage].append(watch.seconds[stage])
                        runs[stage] += watch.runs[stage]
                    times["rest"].append(whole - sum(watch.seconds.values()))
                    times["whole"].append(whole)
            progress.advance()
    total = repeat * len(photos.sources)
    runs["rest"] = runs["whole"] = total
    return {
        "precision": parts.placement.precision,
        "device": parts.placement.device,
        "runtime": parts.runtime,
        "stages": {
            stage: {
                "p50_ms": _milliseconds(seconds, 50),
                "p95_ms": _milliseconds(seconds, 95),
                "runs": round(runs[stage] / total, 2),
            }
            for stage, seconds in times.items()
        },
        "throughput": [
            {
                "workers": workers,
                "photos_per_second": _rate(parts.recogniser, photos, repeat, workers),
            }
            for workers in _worker_counts(wiring.usable_cores())
        ],
    }


def _templated(recogniser: Recogniser, source: Source) -> None:
    recogniser.portrait(recogniser.open(source))


def _worker_counts(cores: int) -> list[int]:
    """1, 2, 4, … and all cores."""
    counts = [1]
    while counts[-1] * 2 < cores:
        counts.append(counts[-1] * 2)
    return counts if cores == 1 else [*counts, cores]


def _rate(recogniser: Recogniser, photos: _Photos, repeat: int, workers: int) -> float:
    """Photos a second with so many of them under way at once."""
    jobs = list(photos.sources) * max(repeat // 2, 1) * workers
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(lambda source: _templated(recogniser, source), jobs[:workers]))
        started = perf_counter()
        list(pool.map(lambda source: _templated(recogniser, source), jobs))
        return round(len(jobs) / (perf_counter() - started), 1)


def _milliseconds(seconds: Sequence[float], percent: int) -> float:
    return round(float(np.percentile(seconds, percent)) * 1000, 3)
