"""Arguments in, a ledger under load from several threads out: what durability tests watch or kill.

``kill KIND FILE THREADS``: write until killed, and say place and number of each answer on stdout.
``trace KIND FILE ANSWERS``: write so many, and leave every write, fsync and answer in FILE.events.
A kind that ends in ``careless`` does not wait for the disk, which the tests must notice.
"""

from __future__ import annotations

import itertools
import os
import pickle
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from data import sqlite_tracing
from data.drafts import draft, signer
from data.sqlite_tracing import Event

from faceward.adapters.clock import SystemClock
from faceward.adapters.ledger import FileLedger, SqliteLedger
from faceward.adapters.ledger.disk import Disk
from faceward.adapters.ledger.postgres import PostgresLedger
from faceward.ports.ledger import Claim, Filing, Writing

_THREADS = 8
_NORMAL = 1


class CarelessSqliteLedger(SqliteLedger):
    """Commits with ``synchronous = NORMAL``."""

    _SYNCHRONOUS = _NORMAL


class TracedDisk(Disk):
    """Notes what it does to one file."""

    def __init__(self, name: str, events: list[Event], *, is_careless: bool) -> None:
        self._name, self._events, self._is_careless = name, events, is_careless

    def write(self, descriptor: int, content: bytes, place: int) -> None:
        super().write(descriptor, content, place)
        self._events.append(("write", self._name, place, content))

    def synchronise(self, descriptor: int) -> None:
        if self._is_careless:
            return
        begun = len(self._events)
        super().synchronise(descriptor)
        self._events.append(("sync", self._name, begun))


def opened(
    kind: str, path: Path | str, events: list[Event] | None = None
) -> SqliteLedger | FileLedger | PostgresLedger:
    """A ledger of a kind that signs every 50 entries."""
    match kind.split("-"):
        case ["sqlite"]:
            return SqliteLedger(path, SystemClock(), signer(entries=50), wait_seconds=60)
        case ["postgres"]:  # instead of a file, a URL
            return PostgresLedger(str(path), SystemClock(), signer(entries=50), wait_seconds=60)
        case ["sqlite", "careless"]:
            return CarelessSqliteLedger(path, SystemClock(), signer(entries=50), wait_seconds=60)
        case ["file", *careless]:
            disk = None if events is None else TracedDisk(path.name, events, is_careless=bool(careless))
            return FileLedger(path, SystemClock(), signer(entries=50), disk=disk)
    raise ValueError(kind)


def writing(number: int) -> Writing:
    """An entry, a counter of all entries, and now and then a document that replaces the one before."""
    filings = (Filing("last", "number", b"%d" % number),) if number % 7 == 0 else ()
    return Writing((draft(number),), (Claim("entries", 1),), filings)


def kill(kind: str, path: Path | str, threads: int) -> None:
    """Write until killed."""
    ledger = opened(kind, path)
    numbers = itertools.count(ledger.size())

    def work(_thread: int) -> None:
        for number in numbers:
            receipt = ledger.write(writing(number))
            os.write(1, b"%d %d\n" % (receipt.first, number))

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(work, range(threads)))


def trace(kind: str, path: Path, answers: int) -> None:
    """Write, and note what reached the disk when."""
    events: list[Event] = []
    if kind.startswith("sqlite"):
        sqlite_tracing.trace(events)
    ledger = opened(kind, path, events)
    ledger.write(writing(0))
    if isinstance(ledger, SqliteLedger):  # Often, so that a short trace has several.
        ledger._writer.execute("PRAGMA wal_autocheckpoint = 40").fetchall()
    shutil.copytree(path.parent, path.parent.with_name("base"))
    events.clear()

    def work(number: int) -> None:
        ledger.write(writing(number))
        events.append(("answer", number))

    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(work, range(1, answers + 1)))
    path.parent.with_name("events").write_bytes(pickle.dumps(events))
    os._exit(0)


if __name__ == "__main__":
    what, of_kind, file, number = sys.argv[1:]
    {"kill": kill, "trace": trace}[what](of_kind, file if "://" in file else Path(file), int(number))
