"""The place of a ledger's database in, the galleries in it out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection

from faceward.adapters.gallery_store import corrections, engine, questions, schema
from faceward.adapters.gallery_store.changes import SqlChanges
from faceward.adapters.gallery_store.faults import told
from faceward.adapters.gallery_store.guests import guest
from faceward.ports.gallery_store import Consent, Correction, Difference, Extent, Gallery, Reference, Subject
from faceward.ports.ledger import Transaction
from faceward.transparency.words import Ground, Purpose

_PORTION = 10_000
_SCRUB_SECONDS = 0.5
"""How long emptying the write-ahead log of SQLite waits for those who read; nobody can write meanwhile."""


class SqlGalleryStore:
    """Keeps galleries in the database of the ledger, which must be open before: it makes the database.

    Args:
        place: The file of a SQLite ledger, or the address of a PostgreSQL database.
        wait_seconds: How long to wait for another process, or for a connection.

    Raises:
        StoreUnavailable: It cannot be opened, is no ledger's, or was made by a newer version.
    """

    def __init__(self, place: Path | str, *, wait_seconds: float = 10.0) -> None:
        self._url = engine.address(place)
        self._engine = engine.reading(self._url, wait_seconds)
        self._guest: tuple[Transaction, Connection] | None = None
        self._guesting = Lock()
        try:
            schema.prepare(self._engine, self._url, wait_seconds)
        except BaseException:
            self._engine.dispose()
            raise

    def within(self, transaction: Transaction) -> SqlChanges:
        """What changes this store as part of a transaction of the ledger in the same database."""
        # A ledger writes through one connection, again and again; what wraps it is kept for the next time.
        with told(), self._guesting:
            found = self._guest
            if found is None or found[0] is not transaction or found[1].invalidated or found[1].closed:
                found = (transaction, guest(self._url.get_backend_name(), transaction))
                self._guest = found
        return SqlChanges(found[1])

    def gallery(self, name: str) -> Gallery:
        """A gallery. Raises `GalleryUnknown`."""
        with self._asked() as asked:
            return questions.gallery(asked, name)

    def galleries(self, deployment: str, after: str = "", most: int = 100) -> tuple[Gallery, ...]:
        """The galleries of a deployment."""
        with self._asked() as asked:
            return questions.galleries_of(asked, deployment, after, most)

    def extent(self, gallery: str) -> Extent:
        """How much a gallery holds now; cheap, and true for every process. Raises `GalleryUnknown`."""
        with self._asked() as asked:
            return questions.extent(asked, gallery)

    def subject(self, gallery: str, name: str) -> Subject:
        """A subject. Raises `GalleryUnknown` or `SubjectUnknown`."""
        with self._asked() as asked:
            return questions.subject(asked, gallery, name)

    def subjects(self, gallery: str, after: str = "", most: int = 100) -> tuple[Subject, ...]:
        """The subjects of a gallery. Raises `GalleryUnknown`."""
        with self._asked() as asked:
            return questions.subjects_of(asked, gallery, after, most)

    def references(self, gallery: str, subject: str) -> tuple[Reference, ...]:
        """The references of a subject, the oldest first; none where nobody of that name is known."""
        with self._asked() as asked:
            return questions.references(asked, gallery, subject)

    def difference(self, gallery: str, since: int) -> Difference | None:
        """What changed after a revision; nothing where that is not known. Raises `GalleryUnknown`."""
        with told(), engine.snapshot(self._engine) as asked:
            return questions.difference(asked, gallery, since)

    def everything(self, gallery: str) -> tuple[int, Iterator[Sequence[Reference]]]:
        """The revision, and every reference of it in portions, all of one moment. Raises `GalleryUnknown`."""
        with told(), ExitStack() as opened:
            asked = opened.enter_context(engine.snapshot(self._engine))
            revision, portions = questions.everything(asked, gallery, _PORTION)
            return revision, _until_the_end(opened.pop_all(), portions)

    def consents(self, gallery: str, subject: str) -> tuple[Consent, ...]:
        """The consents of a subject, the oldest first; none where nobody of that name is known."""
        with self._asked() as asked:
            return questions.consents_of(asked, gallery, subject)

    def barred(self, gallery: str, references: Sequence[str]) -> frozenset[tuple[str, str]]:
        """Of some references, pairs of one and a subject whom it is not."""
        with self._asked() as asked:
            return questions.barred(asked, gallery, references)

    def ground(self, gallery: str, subjects: Sequence[str], purpose: Purpose, at: datetime) -> Ground:
        """The weakest ground of some subjects, or of all of the gallery who have one."""
        with self._asked() as asked:
            return questions.ground(asked, gallery, subjects, purpose, at)

    def corrections(self, gallery: str, most: int = 100) -> tuple[Correction, ...]:
        """The newest corrections of a gallery, the newest first. Raises `GalleryUnknown`."""
        with self._asked() as asked:
            return corrections.newest(asked, gallery, most)

    def correction(self, gallery: str, identifier: str) -> Correction:
        """A correction. Raises `CorrectionUnknown`."""
        with self._asked() as asked:
            return corrections.correction(asked, gallery, identifier)

    def overdue(self, at: datetime, most: int = 100, deployment: str = "") -> tuple[Consent, ...]:
        """Consents whose erasure is due at a moment, the most overdue first, while their subject is known."""
        with self._asked() as asked:
            return questions.overdue(asked, at, most, deployment)

    def forgotten(self) -> tuple[tuple[str, str], ...]:
        """Gallery and name of everybody who was forgotten and is not buried yet."""
        with self._asked() as asked:
            return questions.not_buried(asked)

    def scrub(self) -> bool:
        """Overwrite what was removed where the database keeps it, and say whether that is done.

        On SQLite, what is removed is overwritten at once, and this empties the write-ahead log; while
        somebody reads a long time it cannot. On PostgreSQL nothing can be done from here: see decision 0030.
        """
        if self._url.get_backend_name() != "sqlite":
            return False
        return engine.emptied_journal(self._url, _SCRUB_SECONDS)

    def shut(self) -> None:
        """Give the database free."""
        with self._guesting:
            self._guest = None
        self._engine.dispose()

    @contextmanager
    def _asked(self) -> Iterator[Connection]:
        with told(), self._engine.connect() as asked:
            yield asked


def _until_the_end(opened: ExitStack, portions: questions.Portions) -> questions.Portions:
    with told(), opened, closing(portions):
        yield from portions
