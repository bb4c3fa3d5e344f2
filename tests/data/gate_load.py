"""Arguments in, a gate under load from several threads out: what durability tests watch or kill.

``kill FILE THREADS``: ask until killed, and say the number of each answer on stdout.
``trace FILE ANSWERS [careless]``: ask so many times, and leave every write, fsync and answer in FILE.events.
"""

from __future__ import annotations

import itertools
import os
import pickle
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from data import sqlite_tracing
from data.drafts import signer
from data.ledger_load import CarelessSqliteLedger

from faceward.adapters.clock import SystemClock
from faceward.adapters.ledger import SqliteLedger
from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.governance.gate import Gate
from faceward.governance.outcomes import Counts, Performed
from faceward.governance.permits import Permit
from faceward.governance.policies.packs import active_packs, shipped_schema
from faceward.governance.requests import Request
from faceward.testing.dossier import CHECK, WORKER_CHECK, FixedDossier
from faceward.transparency.words import Action, Capture, Function, Purpose

FIRST = 100_000
"""Numbers begin here, so that none is found inside another number of an entry."""
_THREADS = 8


def gate(ledger: SqliteLedger) -> Gate:
    """The shipped rules over a deployment that may compare a photo with any number of others."""
    packs = active_packs(CedarLanguage(shipped_schema()))
    deployment = replace(
        WORKER_CHECK,
        functions=WORKER_CHECK.functions | {Function.IDENTIFY},
        review_until=datetime(9999, 1, 1, tzinfo=UTC),
    )
    engine = CedarEngine(packs.schema, packs.texts)
    return Gate(ledger, SystemClock(), FixedDossier(engine, deployment, CHECK))


def ask(of: Gate, number: int) -> int:
    """Have a comparison with ``number`` photos judged and done; the answer is the number."""
    request = Request(
        "amy",
        "drivers",
        Action.COMPARE,
        Purpose.VERIFY_WORKER,
        comparisons=number,
        capture=Capture.SUPERVISED,
    )

    def work(permit: Permit) -> Performed[int]:
        permit.spend(Action.COMPARE)
        return Performed(number, Counts(comparisons=number))

    return of.perform(request, work)


def kill(path: Path, threads: int) -> None:
    """Ask until killed."""
    ledger = SqliteLedger(path, SystemClock(), signer(entries=50), wait_seconds=60)
    it, numbers = gate(ledger), itertools.count(FIRST + ledger.size())

    def work(_thread: int) -> None:
        for number in numbers:
            os.write(1, b"%d\n" % ask(it, number))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))


def trace(path: Path, answers: int, careless: str = "") -> None:
    """Ask, and note what reached the disk when."""
    events: list[sqlite_tracing.Event] = []
    sqlite_tracing.trace(events)
    kind = CarelessSqliteLedger if careless else SqliteLedger
    it = gate(kind(path, SystemClock(), signer(entries=50)))

    def work(number: int) -> None:
        events.append(("answer", ask(it, number)))

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(work, range(FIRST, FIRST + answers)))
    path.with_name("events").write_bytes(pickle.dumps(events))
    os._exit(0)


if __name__ == "__main__":
    what, file, count, *rest = sys.argv[1:]
    {"kill": kill, "trace": trace}[what](Path(file), int(count), *rest)
