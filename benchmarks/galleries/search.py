"""Drawn vectors in, what an exact search of them costs beside a plain read of the same bytes out.

Run ``python -m benchmarks.galleries.search``. A speed test: its vectors are drawn, so it says nothing of how
often a search is wrong. The plain read is a 64-bit sum by numpy over what the index itself scans, taken in
turns with the searches, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

import numpy as np

from benchmarks.reporting import Report, Target, milliseconds
from faceward.adapters.vector_index import ExactIndex
from faceward.adapters.vector_index.exact import scores_of
from faceward.core.values import FloatArray

LENGTH = 128
MOST = 10
THRESHOLD = 0.363
"""About what an operating point asks of SFace; few drawn vectors reach it."""

_WANTED_RATIO = 1.15
_WANTED_ENROLMENTS = 500
_SECONDS_OF_CHANGES = 5.0


@dataclass(frozen=True, slots=True)
class Scan:
    """Searches of all rows by one thread, beside a plain read of the same bytes.

    Attributes:
        galleries: How many there are; each turn searches all of them once.
        rows: How many each holds.
        load_seconds: What it took to load them.
        read_seconds: A plain read of everything that is scanned; median.
        search_seconds: A search of each gallery; median.
        search_p99_seconds: 99 of 100 turns took no longer.
        ratio: Median of the turns' own ratios.
        batch_seconds: The same search for four probes at once; median.
        scanned_bytes: What is read.
        memory_bytes: What the index says it takes, f32 vectors and names included.
        top_equal: Share of probes whose top ten, with no threshold, are those of comparing everything in f32.
    """

    galleries: int
    rows: int
    load_seconds: float
    read_seconds: float
    search_seconds: float
    search_p99_seconds: float
    ratio: float
    batch_seconds: float
    scanned_bytes: int
    memory_bytes: int
    top_equal: float


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes, one at a time, at a set pace, of a large gallery that another thread searches without pause.

    Attributes:
        kind: ``enrolments`` or ``removals``, each of one reference.
        a_second: Changes a second that were reached.
        p99_seconds: 99 of 100 took no longer.
        search_seconds: A search of the other thread meanwhile; median.
        search_p99_seconds: 99 of 100 took no longer.
    """

    kind: str
    a_second: float
    p99_seconds: float
    search_seconds: float
    search_p99_seconds: float


def drawn(rows: int, seed: int) -> FloatArray:
    """Vectors of length 1, evenly over all directions, shape ``(rows, 128)``."""
    draw = np.random.default_rng(seed)
    made = np.empty((rows, LENGTH), np.float32)
    for first in range(0, rows, 50_000):
        part = draw.standard_normal(made[first : first + 50_000].shape, dtype=np.float32)
        made[first : first + 50_000] = part / np.linalg.norm(part, axis=1, keepdims=True)
    return made


def scan(index: ExactIndex, galleries: int, rows: int, features: FloatArray, turns: int) -> Scan:
    """Load galleries and search them in turns with plain reads."""
    names = [f"{number:032x}" for number in range(rows)]
    started = time.perf_counter()
    for number in range(galleries):
        part = features[number * rows : (number + 1) * rows]
        index.load(str(number), 1, names, names, part)
    load_seconds = time.perf_counter() - started
    held = [
        stretch.halves[: stretch.count].reshape(-1).view(np.uint64)
        for number in range(galleries)
        for stretch in index._galleries[str(number)].stretches
    ]
    probes = drawn(turns + 4, 99)

    def read() -> None:
        for words in held:
            words.sum()

    def search(some: FloatArray) -> None:
        for number in range(galleries):
            index.search(str(number), some, THRESHOLD, MOST)

    reads, searches = [], []
    for turn in range(turns):
        reads.append(_seconds(read))
        searches.append(_seconds(lambda turn=turn: search(probes[turn : turn + 1])))  # type: ignore[misc]
    pairs = [one / other for one, other in zip(searches, reads, strict=True)]
    batches = [_seconds(lambda: search(probes[:4])) for _ in range(max(3, turns // 10))]
    return Scan(
        galleries, rows, load_seconds, median(reads), median(searches), quantiles(searches, n=100)[-1],
        median(pairs), median(batches), sum(words.nbytes for words in held), index.memory_bytes(),
        _top_equal(index, names, features[:rows], probes[:10]),
    )  # fmt: skip


def _top_equal(index: ExactIndex, names: Sequence[str], features: FloatArray, probes: FloatArray) -> float:
    equal = 0
    for probe in probes:
        scores = scores_of(features, probe)
        best = sorted(zip(-scores.astype(np.float64), names, strict=True))[:MOST]
        found = index.search("0", probe[None], -2.0, MOST)[1][0]
        equal += [(-hit.comparison_score, hit.reference) for hit in found] == best
    return equal / len(probes)


def changes(index: ExactIndex) -> tuple[Changes, Changes]:
    """Enrol into gallery 0, and remove again, while another thread searches it."""
    rows = drawn(int(2 * _WANTED_ENROLMENTS * _SECONDS_OF_CHANGES), 5)

    def enrol(at: int) -> bool:
        return index.update("0", 1 + at, 2 + at, [], [f"e{at:031x}"], ["x"], rows[at : at + 1])

    count, enrolments = _under_searches(index, "enrolments", enrol, len(rows))

    def remove(at: int) -> bool:
        return index.update("0", 1 + count + at, 2 + count + at, [f"e{at:031x}"], [], [], rows[:0])

    return enrolments, _under_searches(index, "removals", remove, count)[1]


def _under_searches(
    index: ExactIndex, kind: str, change: Callable[[int], bool], most: int
) -> tuple[int, Changes]:
    probe, over, searches, took = drawn(1, 6), threading.Event(), list[float](), list[float]()

    def search() -> None:
        while not over.is_set():
            searches.append(_seconds(lambda: index.search("0", probe, THRESHOLD, MOST)))

    searcher = threading.Thread(target=search)
    searcher.start()
    started = time.perf_counter()
    try:
        while len(took) < most and time.perf_counter() - started < _SECONDS_OF_CHANGES:
            took.append(_seconds(lambda: _taken(change(len(took)))))
            due = started + len(took) / (2 * _WANTED_ENROLMENTS)  # twice the pace that is wanted
            time.sleep(max(0.0, due - time.perf_counter()))
        lasted = time.perf_counter() - started
    finally:
        over.set()
        searcher.join()
    return len(took), Changes(
        kind, len(took) / lasted, quantiles(took, n=100)[-1], median(searches), quantiles(searches, n=100)[-1]
    )


def _taken(taken: bool) -> None:
    if not taken:
        message = "a change was not taken"
        raise RuntimeError(message)


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def report_on(report: Report, scans: Sequence[Scan], changed: Sequence[Changes]) -> None:
    """Add figures, tables and targets to a report."""
    report.figures["scans"] = [asdict(each) for each in scans]
    report.figures["changes"] = [asdict(each) for each in changed]
    report.say(
        "Exact search, one thread",
        (
            "galleries",
            "read ms",
            "search ms",
            "p99 ms",
            "ratio",
            "4 probes ms",
            "scanned MB",
            "memory MB",
            "load s",
        ),
        [
            (
                f"{each.galleries:,} × {each.rows:,}",
                milliseconds(each.read_seconds),
                milliseconds(each.search_seconds),
                milliseconds(each.search_p99_seconds),
                f"{each.ratio:.3f}",
                milliseconds(each.batch_seconds),
                round(each.scanned_bytes / 1e6),
                round(each.memory_bytes / 1e6),
                f"{each.load_seconds:.1f}",
            )
            for each in scans
        ],
    )
    report.say(
        "Changes of the large gallery, 1,000 a second wanted, searched all the while",
        ("change", "a second", "p99 ms", "search ms", "search p99 ms"),
        [
            (
                each.kind,
                f"{each.a_second:.0f}",
                *map(milliseconds, (each.p99_seconds, each.search_seconds, each.search_p99_seconds)),
            )
            for each in changed
        ],
    )
    for each in scans:
        size = f"{each.galleries:,} × {each.rows:,}"
        report.targets += [
            Target(f"search / plain read, {size}", each.ratio, _WANTED_RATIO, at_most=True),
            Target(f"top ten equal to f32, {size}", each.top_equal, 1.0),
        ]
    report.targets.append(Target("enrolments/s under searches", changed[0].a_second, _WANTED_ENROLMENTS))


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; returns 0, or 1 with ``--strict`` where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.galleries.search", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows, for a look")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a target is missed")
    parser.add_argument("--output", type=Path, help="where to write the JSON")
    asked = parser.parse_args(arguments)
    rows, turns = (100_000, 20) if asked.quick else (1_000_000, 200)
    report, features = Report("bench-galleries"), drawn(rows, 1)
    large = ExactIndex()
    one = scan(large, 1, rows, features, turns)
    changed = changes(large)
    large.drop("0")
    many = scan(ExactIndex(), rows // 1000, 1000, features, max(20, turns // 4))
    report_on(report, (one, many), changed)
    report.finish(asked.output)
    return report.exit_code(strict=asked.strict)


if __name__ == "__main__":
    raise SystemExit(main())
