"""Photos in, photos a second on one core and on all out, in both layouts of workers that we ship."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from benchmarks.workers import Worker

_CALLERS = 2
"""Threads for each stream: while one decodes or holds Python's lock, another's networks run. With one thread
for each stream a fifth of two cores was idle here, with two threads a fifteenth."""


@dataclass(frozen=True, slots=True)
class Throughput:
    """Photos a second.

    Attributes:
        cores: How many cores "all" are.
        one_core: One pinned process with one stream; the mean over cores.
        threads: One process with as many streams as cores, and two threads for each.
        processes: One pinned process with one stream for each core, all at once.
        busy: In the same order, how much of the time of those cores was ours. What is missing, we waited or
            others had: a ratio is worth little where it is far from 1.
    """

    cores: int
    one_core: float
    threads: float
    processes: float
    busy: tuple[float, float, float]


def throughput(photos: Sequence[str], cores: Sequence[int], precision: str, rounds: int) -> Throughput:
    """Measure the layouts in turns; medians over rounds."""
    count = len(cores)
    seen = []
    with ExitStack() as stack:
        pinned = [stack.enter_context(Worker("serve_faceward", (core,), precision, 1)) for core in cores]
        together = stack.enter_context(Worker("serve_faceward", cores, precision, count))
        # Compiling for the shapes of these photos takes two rounds, so the first two do not count.
        for _ in range(rounds + 2):
            alone = [_asked([worker], photos) for worker in pinned]
            # As many times the photos, so that each core gets as much to do as alone.
            seen.append((
                tuple(float(mean) for mean in np.mean(alone, axis=0)),
                _asked([together], list(photos) * count, _CALLERS * count),
                _asked(pinned, photos),
            ))  # fmt: skip
    rates, busy = np.median(seen[2:], axis=0).T
    one, threads, processes = (float(rate) for rate in rates)
    one_busy, threads_busy, processes_busy = (float(share) for share in busy)
    return Throughput(count, one, threads, processes, (one_busy, threads_busy, processes_busy))


def _asked(workers: Sequence[Worker], photos: Sequence[str], threads: int = 1) -> tuple[float, float]:
    """Photos a second of workers that begin at once, and how much of their cores' time they had."""
    for worker in workers:
        worker.tell("many", photos=list(photos), threads=threads)
    answers = [worker.hear() for worker in workers]
    slowest = max(answer["seconds"] for answer in answers)
    computing = sum(answer["computing_seconds"] for answer in answers)
    cores = sum(len(worker.cores) for worker in workers)
    return len(photos) * len(workers) / slowest, computing / (slowest * cores)
