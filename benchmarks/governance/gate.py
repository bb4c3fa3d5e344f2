"""A folder on a disk in, what a judged and twice recorded act costs there out.

The gate is the whole one: documents that people signed, the shipped rules, a ledger that waits for the disk.
The work behind it does nothing, so all that is measured is the asking. It is measured with the process on one
core, as one of a process for each core would be, and again where its threads may go to any: they hand the
interpreter's lock from core to core then, which costs more than the second core gives.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.reporting import Report, Target
from demo.uses import DRIVERS, POLICE, city_police
from faceward.adapters.clock import SystemClock
from faceward.adapters.keyring import FileKeyring
from faceward.adapters.ledger import Signer, SqliteLedger
from faceward.core.decision import OperatingPoint, Standing
from faceward.governance.facts import question
from faceward.governance.outcomes import Counts, Performed
from faceward.governance.permits import Permit
from faceward.governance.requests import Request
from faceward.testing.installation import OPERATOR, Audited, SampleInstallation
from faceward.transparency import signatures
from faceward.transparency.words import Action, Body, Capture, Ground, Purpose, Source

_THREADS = 16
_LONE = 1000
_MODEL = "ab" * 32
_AT = OperatingPoint(0.43, 1e-4, Standing.CALIBRATED, 1_000_000, 100, 0.01, 1000, "a benchmark")
_FULL = 2
"""What SQLite calls ``synchronous = FULL``."""


@dataclass(frozen=True, slots=True)
class Together:
    """Calls of all threads together; medians over rounds.

    Attributes:
        a_second: Whole calls a second.
        entries_a_second: Entries that these made durable, a second.
        cpu_seconds: What the process computed for one of them.
    """

    a_second: float
    entries_a_second: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Gated:
    """What asking costs.

    Attributes:
        synchronous: How SQLite waits for the disk, as read back; 2 is FULL.
        decision_seconds: To gather what is known and judge it by parsed rules; median.
        judge_seconds: Of that, the rules alone; median.
        lone_seconds: A whole call with both records durable, one caller; median.
        pinned: 16 threads of a process that has one core.
        free: 16 threads of a process that may use every core.
    """

    synchronous: int
    decision_seconds: float
    judge_seconds: float
    lone_seconds: float
    pinned: Together
    free: Together


def gated(folder: Path | None = None, seconds: float = 3.0, rounds: int = 5) -> Gated:
    """Measure.

    Args:
        folder: Where the ledger lies; a folder for temporary files by default.
        seconds: How long the threads ask in a round.
        rounds: How often.
    """
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        clock = SystemClock()
        key = signatures.loaded("log.example/benchmark", bytes(signatures.SEED_BYTES))
        ledger = SqliteLedger(Path(inside) / "ledger" / "ledger.db", clock, Signer(key))
        place = _installation(ledger, FileKeyring(Path(inside) / "keys"), clock)
        ask = partial(place.gate.perform, _REQUEST, _nothing)

        def decide() -> None:
            known = place.dossier.consider(_REQUEST, clock.now())
            asked = question(_REQUEST.action, known.use, known.around, member=known.member)
            assert known.rulebook.engine.answer(asked).allowed

        known = place.dossier.consider(_REQUEST, clock.now())
        asked = question(_REQUEST.action, known.use, known.around, member=known.member)
        ask()
        lone = _median(ask, _LONE)
        cores = os.sched_getaffinity(0)
        pinned, free = [], []
        try:
            for _ in range(rounds):
                os.sched_setaffinity(0, {max(cores)})
                pinned.append(_together(ledger, ask, seconds))
                os.sched_setaffinity(0, cores)
                free.append(_together(ledger, ask, seconds))
        finally:
            os.sched_setaffinity(0, cores)
        found = Gated(
            synchronous=int(ledger._writer.execute("PRAGMA synchronous").fetchone()[0]),
            decision_seconds=_median(decide, _LONE),
            judge_seconds=_median(partial(known.rulebook.engine.answer, asked), _LONE),
            lone_seconds=lone,
            pinned=_middle(pinned),
            free=_middle(free),
        )
        ledger.close()
        return found


def report_on(report: Report, measured: Gated) -> None:
    """Add a table, figures and targets to a report."""
    report.say(
        "The gate",
        ("", ""),
        [
            ("decision with parsed policies, p50 ms", f"{1e3 * measured.decision_seconds:.3f}"),
            ("of that, the rules alone, p50 ms", f"{1e3 * measured.judge_seconds:.3f}"),
            ("lone call with both records durable, p50 ms", f"{1e3 * measured.lone_seconds:.3f}"),
            (f"calls/s from {_THREADS} threads on one core", f"{measured.pinned.a_second:.0f}"),
            ("durable entries/s from these", f"{measured.pinned.entries_a_second:.0f}"),
            ("cpu µs for one of them", f"{1e6 * measured.pinned.cpu_seconds:.0f}"),
            (f"calls/s from {_THREADS} threads on any core", f"{measured.free.a_second:.0f}"),
            ("cpu µs for one of them, on any core", f"{1e6 * measured.free.cpu_seconds:.0f}"),
            ("synchronous, as read back", "FULL" if measured.synchronous == _FULL else "NOT FULL"),
        ],
    )
    report.figures["gate"] = asdict(measured)
    report.targets += [
        Target("decision with parsed policies, ms", 1e3 * measured.decision_seconds, 0.2, at_most=True),
        Target("gate calls/s, 16 threads, one core", measured.pinned.a_second, 2000),
        Target("durable entries/s through the gate, one core", measured.pinned.entries_a_second, 4000),
        Target("gate calls/s, 16 threads, any core", measured.free.a_second, 2000),
        Target("lone gate call, p50 ms", 1e3 * measured.lone_seconds, 1.0, at_most=True),
        Target("SQLite synchronous", float(measured.synchronous), _FULL),
    ]


_REQUEST = Request(
    actor=OPERATOR,
    deployment="drivers",
    action=Action.COMPARE,
    purpose=Purpose.VERIFY_WORKER,
    probe_sha256=bytes(32),
    operating_point=_AT,
    model_sha256=_MODEL,
    comparisons=1,
    capture=Capture.SUPERVISED,
)


def _installation(ledger: SqliteLedger, keyring: FileKeyring, clock: SystemClock) -> SampleInstallation:
    """A company's deployment of the largest tier, so that no quota ends the measurement."""
    place = SampleInstallation(ledger, keyring, clock)
    application = replace(
        POLICE,
        customer=DRIVERS.customer,
        purposes=frozenset({Purpose.VERIFY_WORKER}),
        source=Source.SUBJECTS,
        ground=Ground.CONSENT,
        people=100_000,
        uses_a_day=10**9,
    )
    customer = replace(city_police(place.until(200)), name=DRIVERS.name, body=Body.COMPANY)
    place.review("drivers", customer, application, Audited(_MODEL, _AT.threshold))
    return place


def _nothing(permit: Permit) -> Performed[None]:
    permit.spend(Action.COMPARE)
    return Performed(None, Counts(comparisons=1))


def _together(ledger: SqliteLedger, ask: Callable[[], object], seconds: float) -> tuple[float, float, float]:
    """Calls a second, entries a second, and cpu seconds a call, of all threads together."""
    before, computed, started = ledger.size(), time.process_time(), time.perf_counter()
    stop = started + seconds

    def work(_thread: int) -> int:
        calls = 0
        while time.perf_counter() < stop:
            ask()
            calls += 1
        return calls

    with ThreadPoolExecutor(_THREADS) as pool:
        calls = sum(pool.map(work, range(_THREADS)))
    took = time.perf_counter() - started
    assert ledger.size() - before == 2 * calls
    return calls / took, 2 * calls / took, (time.process_time() - computed) / calls


def _middle(rounds: list[tuple[float, float, float]]) -> Together:
    return Together(*(median(it[part] for it in rounds) for part in range(3)))


def _median(what: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        what()
        taken.append(time.perf_counter() - started)
    return median(taken)
