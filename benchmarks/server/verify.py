"""A photo in, how many verifications a second the engine makes alone and the server makes of it out."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reporting import Report, Target
from benchmarks.server import load
from benchmarks.server.place import GALLERY, PERSON, USE, enrol, running
from benchmarks.workers import ROOT
from faceward import wiring
from faceward.core.comparison import comparison_score
from faceward.settings import read

_CONNECTIONS = 16
_LOAD = 0.8
"""Of its own throughput, at which the server must stay quick."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What verifying over HTTP costs.

    Attributes:
        engine: Verifications a second of the engine alone, every core busy; median of the rounds.
        server: Of the server, with key, gate, consent and durable ledger; median.
        ratio: Of the two, median of the rounds.
        p50: Seconds at 80 % of the server's own rate, from when each was meant to be asked.
        p99: Likewise.
        failed: Answers that were none.
    """

    engine: float
    server: float
    ratio: float
    p50: float
    p99: float
    failed: int


def verified(photo: bytes, other: bytes, seconds: float = 5.0, rounds: int = 3) -> Verified:
    """Measure, in turns.

    Args:
        photo: What is enrolled.
        other: What is presented, of the same person.
        seconds: Of each turn.
        rounds: How many turns each has.
    """
    with tempfile.TemporaryDirectory() as folder, running(Path(folder) / "state") as at:
        enrol(at, photo)
        path = f"/v1/galleries/{GALLERY}/subjects/{PERSON}/verify"
        request = load.upload(at.address, path, at.key, other, USE)
        load.closed(at.address, request, _CONNECTIONS, 1.0)
        engine, server, failed = [], [], 0
        for _ in range(rounds):
            engine.append(_engine(other, seconds))
            answered = load.closed(at.address, request, _CONNECTIONS, seconds)
            server.append(answered.a_second)
            failed += answered.others
        calm = load.open_loop(
            at.address, request, _LOAD * statistics.median(server), 2 * seconds, 2 * _CONNECTIONS
        )
    ratios = [mine / alone for mine, alone in zip(server, engine, strict=True)]
    return Verified(
        statistics.median(engine),
        statistics.median(server),
        statistics.median(ratios),
        calm.percentile(0.5),
        calm.percentile(0.99),
        failed + calm.others,
    )


def report_on(report: Report, it: Verified) -> None:
    """Add a table, figures and targets to a report."""
    report.say(
        "Verification over HTTP",
        ("", ""),
        [
            ("engine alone, every core, verifications/s", f"{it.engine:.1f}"),
            ("server, with key, gate, consent and durable ledger", f"{it.server:.1f}"),
            ("ratio", f"{it.ratio:.3f}"),
            ("p50 at 80 % load, ms", f"{1e3 * it.p50:.1f}"),
            ("p99 at 80 % load, ms", f"{1e3 * it.p99:.1f}"),
        ],
    )
    report.figures["verify over HTTP"] = {
        "engine_a_second": it.engine,
        "server_a_second": it.server,
        "ratio": it.ratio,
        "p50_seconds": it.p50,
        "p99_seconds": it.p99,
        "failed": it.failed,
    }
    report.targets += [
        Target("verify over HTTP / engine alone", it.ratio, 0.85),
        Target("p99 / p50 at 80 % load", it.p99 / it.p50, 3.0, at_most=True),
        Target("answers that were none", it.failed, 0, at_most=True),
    ]


def _engine(photo: bytes, seconds: float) -> float:
    """Verifications a second in a process of its own."""
    command = (sys.executable, "-m", "benchmarks.server.verify", str(seconds))
    done = subprocess.run(command, input=photo, capture_output=True, check=True, cwd=ROOT)
    return float(done.stdout)


def _alone(photo: bytes, seconds: float) -> float:
    recogniser = wiring.connect(read()).recogniser
    kept = recogniser.portrait(recogniser.open(photo)).template
    over = threading.Event()

    def work() -> int:
        count = 0
        while not over.is_set():
            comparison_score(recogniser.portrait(recogniser.open(photo)).template, kept)
            count += 1
        return count

    with ThreadPoolExecutor(wiring.workers()) as pool:
        started = time.perf_counter()
        running_ = [pool.submit(work) for _ in range(wiring.workers())]
        time.sleep(seconds)
        over.set()
        counts = sum(it.result() for it in running_)
        return counts / (time.perf_counter() - started)


if __name__ == "__main__":
    print(_alone(sys.stdin.buffer.read(), float(sys.argv[1])))
