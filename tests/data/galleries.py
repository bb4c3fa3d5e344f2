"""A kind of database in, a gallery store in it and a way to settle changes of it out; and people to keep."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from data.drafts import signer

from faceward.adapters.gallery_store import SqlGalleryStore
from faceward.adapters.ledger import SqliteLedger
from faceward.core.values import TemplateContract
from faceward.ports.gallery_store import Changes, Consent, ConsentState, Gallery, Majority, Reference, Subject
from faceward.ports.ledger import Settled, Writing
from faceward.testing import SetClock
from faceward.transparency.words import Ground, Purpose, Source

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
G = "acme/staff"
DAY = timedelta(days=1)
CONTRACT = TemplateContract("sface-2021dec", "ab" * 32, "flip-2", "bf16", 128)
STAFF = Gallery(
    "acme/staff", "acme", "Acme Ltd", CONTRACT, 1e-5, 0.01, Source.SUBJECTS,
    NOW.replace(microsecond=123456),
)  # fmt: skip


def gallery(name: str = "acme/staff", **other: Any) -> Gallery:
    """A gallery."""
    return replace(STAFF, name=name, deployment=name.partition("/")[0], **other)


def subject(name: str, of: str = "acme/staff") -> Subject:
    """Somebody without references."""
    return Subject(of, name, Majority.ADULT, NOW, 0)


def identifier(number: int) -> str:
    """An identifier that is told by its number."""
    return f"{number:032x}"


def reference(number: int, name: str, of: str = "acme/staff", **other: Any) -> Reference:
    """A reference that is told by its number."""
    made = Reference(identifier(number), of, name, b"closed %d" % number, 1, b"", NOW + number * DAY)
    return replace(made, **other)


def consent(number: int, name: str, of: str = "acme/staff", **other: Any) -> Consent:
    """A consent to access for thirty days."""
    made = Consent(
        identifier(number), of, name, frozenset({Purpose.ACCESS_OPTIN}), Ground.CONSENT, False,
        ConsentState.GIVEN, NOW + 30 * DAY, NOW + 60 * DAY, b"signed %d" % number,
    )  # fmt: skip
    return replace(made, **other)


class Installation:
    """A database with a ledger, or what settles as one does, and stores over it.

    Args:
        place: The file of a SQLite ledger, or the address of a PostgreSQL database.
    """

    def __init__(self, place: Path | str) -> None:
        self.place = place
        self._opened = ExitStack()
        self._ledger = None
        if isinstance(place, Path):
            self._ledger = SqliteLedger(place, SetClock(NOW), signer())
            self._opened.callback(self._ledger.close)
        else:
            import psycopg

            self._raw = self._opened.enter_context(psycopg.connect(place, autocommit=True))
        self.store = self.another()

    def another(self) -> SqlGalleryStore:
        """One more store over the same database, as another process would open it."""
        made = SqlGalleryStore(self.place, wait_seconds=5)
        self._opened.callback(made.shut)
        return made

    def settle(self, change: Callable[[Changes], Any], store: SqlGalleryStore | None = None) -> Any:
        """Change the store in a transaction of the ledger, and give what the change gives."""
        results: list[Any] = []

        def settled(transaction: object) -> Settled:
            results.append(change((store or self.store).within(transaction)))
            return Settled(())

        self.settle_raw(settled)
        return results[-1]

    def settle_raw(self, settled: Callable[[object], Settled]) -> None:
        """Let something happen in a transaction of the ledger."""
        if self._ledger is not None:
            self._ledger.write(Writing((), settle=settled))
            return
        with self._raw.transaction(), self._raw.transaction():
            settled(self._raw)

    def close(self) -> None:
        """Give everything free."""
        self._opened.close()
