"""Photos in, photos a second on one core and on all out, in both layouts of workers that we ship."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from benchmarks.workers import Worker


@dataclass(frozen=True, slots=True)
class Throughput:
    """Photos a second.

    Attributes:
        cores: How many cores "all" are.
        one_core: One pinned process with one stream; the mean over cores.
        threads: One process with as many streams and threads as cores.
        processes: One pinned process with one stream for each core, all at once.
    """

    cores: int
    one_core: float
    threads: float
    processes: float


def throughput(photos: Sequence[str], cores: Sequence[int], precision: str, rounds: int) -> Throughput:
    """Measure the layouts in turns; medians over rounds.

    Whoever shares the machine takes from "all" at once and from "one" only now and then: a ratio is worth
    what the machine's other load is.
    """
    many = {"photos": list(photos)}
    with ExitStack() as stack:
        pinned = [stack.enter_context(Worker("serve_faceward", (core,), precision, 1)) for core in cores]
        threaded = stack.enter_context(Worker("serve_faceward", cores, precision, len(cores)))
        for worker in (*pinned, threaded):
            worker.ask("many", **many, threads=1)
        singles, threads, processes = [], [], []
        for _ in range(rounds):
            alone = [worker.ask("many", **many, threads=1)["seconds"] for worker in pinned]
            singles.append(sum(len(photos) / seconds for seconds in alone) / len(alone))
            # As many times the photos: each core gets as much to do as alone.
            shared = {"photos": list(photos) * len(cores), "threads": len(cores)}
            threads.append(len(photos) * len(cores) / threaded.ask("many", **shared)["seconds"])
            for worker in pinned:
                worker.tell("many", **many, threads=1)
            slowest = max(worker.hear()["seconds"] for worker in pinned)
            processes.append(len(photos) * len(cores) / slowest)
    return Throughput(len(cores), median(singles), median(threads), median(processes))
