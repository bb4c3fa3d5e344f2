"""A folder on a disk in, durable writes a second by threads, and what the disk takes alone, out.

Run ``python -m benchmarks.governance.durability``, with ``--folder`` on the disk that will hold the ledger:
on memory (tmpfs) an fsync costs nothing and the figures mean nothing. The product's own 2 cores do all of it,
so what else they do shows; ``cpu`` is what this process took for a write, and is the steadier figure.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

from benchmarks.reporting import Report, Target
from faceward.adapters.clock import SystemClock
from faceward.adapters.ledger import FileLedger, Signer, SqliteLedger
from faceward.ports.ledger import Claim, Draft, Ledger, Writing
from faceward.transparency import signatures

THREADS = (1, 2, 4, 16, 32)
KINDS: dict[str, Callable[..., Ledger]] = {"sqlite": SqliteLedger, "file": FileLedger}

_BYTES = 600
"""About one entry with its nodes of the tree."""
_WANTED = 4000
_WANTED_LONE_SECONDS = 0.35e-3


@dataclass(frozen=True, slots=True)
class Writes:
    """Durable writes of one ledger by some threads, each in a loop; each write is one entry and one claim.

    Attributes:
        kind: ``sqlite`` or ``file``.
        threads: How many.
        a_second: Writes a second, of all of them together.
        p50_seconds: Half of the writes took no longer.
        p99_seconds: 99 of 100 took no longer.
        cpu_seconds: What this process computed for a write.
    """

    kind: str
    threads: int
    a_second: float
    p50_seconds: float
    p99_seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Durability:
    """What durability costs on one disk.

    Attributes:
        append_seconds: Append 600 bytes to a file and wait for the disk; median, in the quietest round.
        overwrite_seconds: The same where the file is long enough already, as SQLite's journal mostly is.
        writes: By ledger and number of threads.
    """

    append_seconds: float
    overwrite_seconds: float
    writes: tuple[Writes, ...]

    def of(self, kind: str, threads: int) -> Writes:
        """The writes of one ledger with so many threads."""
        return next(it for it in self.writes if (it.kind, it.threads) == (kind, threads))


def durability(
    folder: Path | None = None, seconds: float = 2.0, threads: Sequence[int] = THREADS, rounds: int = 3
) -> Durability:
    """Measure, in turns.

    Args:
        folder: Where; a folder for temporary files by default.
        seconds: How long each combination writes in a round.
        threads: Numbers of threads.
        rounds: How often; the round with the median number of writes counts.
    """
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        place = Path(inside)
        alone: list[tuple[float, float]] = []
        seen: dict[tuple[str, int], list[Writes]] = {}
        for number in range(rounds):
            alone.append(_fsync(place / f"fsync-{number}"))
            for kind in KINDS:
                for count in threads:
                    path = place / f"{kind}-{count}-{number}" / "ledger"
                    seen.setdefault((kind, count), []).append(_writes(kind, path, count, seconds))
    middle = [sorted(them, key=lambda it: it.a_second)[len(them) // 2] for them in seen.values()]
    # Where others compute, a thread that was asleep waits for its turn, and that is not the disk's time.
    append, overwrite = (min(them) for them in zip(*alone, strict=True))
    return Durability(append, overwrite, tuple(middle))


def report_on(report: Report, measured: Durability) -> None:
    """Add tables, figures and targets to a report."""
    report.say(
        "fsync alone",
        (f"{_BYTES} bytes", "p50 ms"),
        [
            ("appended", f"{1e3 * measured.append_seconds:.3f}"),
            ("overwritten", f"{1e3 * measured.overwrite_seconds:.3f}"),
        ],
    )
    report.say(
        "Durable writes",
        ("ledger", "threads", "writes/s", "p50 ms", "p99 ms", "cpu µs"),
        [
            (
                it.kind, it.threads, f"{it.a_second:.0f}", f"{1e3 * it.p50_seconds:.2f}",
                f"{1e3 * it.p99_seconds:.2f}", f"{1e6 * it.cpu_seconds:.0f}",
            )
            for it in measured.writes
        ],
    )  # fmt: skip
    report.figures["durability"] = asdict(measured)
    together, lone = measured.of("sqlite", 16), measured.of("sqlite", 1)
    report.targets += [
        Target("durable writes/s, sqlite, 16 threads", together.a_second, _WANTED),
        Target(
            "lone durable write, sqlite, p50 ms",
            1e3 * lone.p50_seconds, 1e3 * _WANTED_LONE_SECONDS, at_most=True,
        ),
    ]  # fmt: skip


def _writes(kind: str, path: Path, threads: int, seconds: float) -> Writes:
    key = signatures.loaded("log.example/benchmark", bytes(signatures.SEED_BYTES))
    ledger = KINDS[kind](path, SystemClock(), Signer(key))
    writing = Writing((_draft(),), (Claim("day", 1, 10**9),))
    ledger.write(writing)
    stop = time.perf_counter() + seconds
    computed = time.process_time()

    def work(_thread: int) -> list[float]:
        times = [time.perf_counter()]
        while times[-1] < stop:
            ledger.write(writing)
            times.append(time.perf_counter())
        return [after - before for before, after in pairwise(times)]

    with ThreadPoolExecutor(threads) as pool:
        every = [one for times in pool.map(work, range(threads)) for one in times]
    computed = time.process_time() - computed
    assert ledger.size() == len(every) + 1
    ledger.close()
    cuts = quantiles(every, n=100)
    return Writes(kind, threads, len(every) / seconds, median(every), cuts[98], computed / len(every))


def _fsync(path: Path) -> tuple[float, float]:
    """Seconds for bytes to be on the disk: at the end of a file, and within it."""
    synchronise = getattr(os, "fdatasync", os.fsync)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
    found = []
    try:
        for _ in range(2):  # What was appended in the first pass is there in the second.
            times = []
            for number in range(1000):
                started = time.perf_counter()
                os.pwrite(descriptor, bytes(_BYTES), number * _BYTES)
                synchronise(descriptor)
                times.append(time.perf_counter() - started)
            found.append(median(times))
    finally:
        os.close(descriptor)
    return found[0], found[1]


def _draft() -> Draft:
    """The end of a verification, as the gate writes it."""
    moment = "2026-01-01T00:00:00.000000Z"
    body = {
        "request": f"r-{1:032x}", "decision": 1, "ending": "done", "error": "", "start": moment,
        "end": moment, "comparisons": 1, "faces": 2, "candidates": 1, "enrolled": 0, "erased": 0,
        "top_score_thousandths": 712,
        "ground": "consent", "authority": "", "document": "", "salt": "", "testing": False,
    }  # fmt: skip
    return Draft("verify", f"d-{2:032x}", f"a-{3:032x}", f"{4:064x}", body)


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; returns 0, or 1 with ``--strict`` where a target is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.governance.durability", description="Durable writes."
    )
    parser.add_argument("--folder", type=Path, help="a folder on the disk to be measured")
    parser.add_argument("--seconds", type=float, default=2.0, help="how long each writes in a round")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a target is missed")
    parser.add_argument("--output", type=Path, help="where to write the JSON")
    asked = parser.parse_args(arguments)
    report = Report("durability")
    report_on(report, durability(asked.folder, asked.seconds))
    report.finish(asked.output)
    return report.exit_code(strict=asked.strict)


if __name__ == "__main__":
    raise SystemExit(main())
