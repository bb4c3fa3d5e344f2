"""A connection inside of the ledger's transaction in, changes that become durable with it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from faceward.adapters.gallery_store import corrections, enrolled, grounds, people, questions
from faceward.adapters.gallery_store.faults import told
from faceward.ports.gallery_store import (
    Consent,
    Correction,
    Difference,
    Extent,
    Gallery,
    Reference,
    Subject,
)
from faceward.transparency.words import Purpose

_Row = TypeVar("_Row", Subject, Reference, Consent)


class SqlChanges:
    """Changes a store within one open transaction; nothing here begins or ends one.

    Args:
        inside: A connection over that of the ledger.
    """

    __slots__ = ("_inside",)

    def __init__(self, inside: Connection) -> None:
        self._inside = inside

    def extent(self, gallery: str) -> Extent:
        """How much a gallery holds now. Raises `GalleryUnknown`."""
        with self._open() as inside:
            return questions.extent(inside, gallery)

    def difference(self, gallery: str, since: int) -> Difference | None:
        """What changed after a revision; nothing where that is not known. Raises `GalleryUnknown`."""
        with self._open() as inside:
            return questions.difference(inside, gallery, since)

    def permitted(
        self, gallery: str, subjects: Sequence[str], purpose: Purpose, at: datetime
    ) -> frozenset[str]:
        """Who of some subjects has a ground for a purpose at a moment; who is not known has none."""
        with self._open() as inside:
            return frozenset(questions.grounds_of(inside, gallery, subjects, purpose, at))

    def subject(self, gallery: str, name: str) -> Subject:
        """A subject. Raises `GalleryUnknown` or `SubjectUnknown`."""
        with self._open() as inside:
            return questions.subject(inside, gallery, name)

    def references(self, gallery: str, subject: str) -> tuple[Reference, ...]:
        """The references of a subject, the oldest first; none where nobody of that name is known."""
        with self._open() as inside:
            return questions.references(inside, gallery, subject)

    def consents(self, gallery: str, subject: str) -> tuple[Consent, ...]:
        """The consents of a subject, the oldest first; none where nobody of that name is known."""
        with self._open() as inside:
            return questions.consents_of(inside, gallery, subject)

    def barred(self, gallery: str, subject: str) -> frozenset[str]:
        """References of which somebody said that they do not show a subject."""
        with self._open() as inside:
            return corrections.barred_from(inside, gallery, subject)

    def correction(self, gallery: str, identifier: str) -> Correction:
        """A correction. Raises `CorrectionUnknown`."""
        with self._open() as inside:
            return corrections.correction(inside, gallery, identifier)

    def note(self, correction: Correction) -> None:
        """Keep a correction, until a subject of it is forgotten; one of the same identifier is replaced."""
        with self._open() as inside:
            corrections.note(inside, correction)

    def failed_tries(self, gallery: str, subject: str) -> int:
        """How often in a row a subject was not recognised; 0 where nobody of that name is known."""
        with self._open() as inside:
            return questions.failed_tries(inside, gallery, subject)

    def set_failed_tries(self, gallery: str, subject: str, count: int) -> None:
        """Say how often in a row a subject was not recognised; the gallery's revision stays."""
        with self._open() as inside:
            people.set_failed_tries(inside, gallery, subject, count)

    def make(self, gallery: Gallery) -> None:
        """Make a gallery. Raises `AlreadyThere`."""
        with self._open() as inside:
            people.make(inside, gallery)

    def close(self, gallery: str) -> None:
        """Remove a gallery with nobody in it. Raises `GalleryUnknown`, or `ConflictError` if not empty."""
        with self._open() as inside:
            people.close(inside, gallery)

    def introduce(self, subject: Subject) -> None:
        """Make a subject known, without references. Raises `GalleryUnknown` or `AlreadyThere`."""
        self.introduce_all((subject,))

    def introduce_all(self, subjects: Sequence[Subject]) -> None:
        """Make many subjects known. Raises `GalleryUnknown` or `AlreadyThere`."""
        self._each(people.introduce, subjects)

    def add(self, reference: Reference) -> None:
        """Add a reference to a subject. Raises `SubjectUnknown` or `AlreadyThere`."""
        self.add_all((reference,))

    def add_all(self, references: Sequence[Reference]) -> None:
        """Add many references. Raises `SubjectUnknown` or `AlreadyThere`."""
        self._each(enrolled.add, references)

    def replace(self, reference: Reference) -> None:
        """Put another closed template, photo or subject in the place of a reference.

        Raises:
            SubjectUnknown: Nobody of that name is known there.
            ReferenceUnknown: There is no such reference.
        """
        with self._open() as inside:
            enrolled.replace(inside, reference)

    def remove(self, gallery: str, identifiers: Sequence[str]) -> int:
        """Remove references, and say how many were there."""
        with self._open() as inside:
            return enrolled.remove(inside, gallery, identifiers)

    def forget(self, gallery: str, subject: str) -> int:
        """Remove a subject with all that is kept of them, and say how many references went."""
        with self._open() as inside:
            return enrolled.forget(inside, gallery, subject)

    def bury(self, gallery: str, subject: str) -> bool:
        """Remember a subject who was forgotten no more, and say whether they were remembered."""
        with self._open() as inside:
            return people.bury(inside, gallery, subject)

    def record(self, consent: Consent) -> None:
        """Keep a consent; one of the same identifier is replaced. Raises `SubjectUnknown`."""
        self.record_all((consent,))

    def record_all(self, consents: Sequence[Consent]) -> None:
        """Keep many consents. Raises `SubjectUnknown`."""
        self._each(grounds.record, consents)

    def bar(self, gallery: str, reference: str, subject: str) -> None:
        """Remember that a reference is not of a subject. Raises `SubjectUnknown` or `ReferenceUnknown`."""
        with self._open() as inside:
            corrections.bar(inside, gallery, reference, subject)

    def unbar(self, gallery: str, reference: str, subject: str) -> None:
        """Remember it no more."""
        with self._open() as inside:
            corrections.unbar(inside, gallery, reference, subject)

    @contextmanager
    def _open(self) -> Iterator[Connection]:
        with told():
            yield self._inside

    def _each(self, change: Callable[[Connection, str, Sequence[_Row]], None], rows: Sequence[_Row]) -> None:
        """Change what belongs to each gallery, in parts that one statement can name."""
        of: dict[str, list[_Row]] = {}
        for row in rows:
            of.setdefault(row.gallery, []).append(row)
        with self._open() as inside:
            for gallery, theirs in of.items():
                for part in questions.parts(theirs):
                    change(inside, gallery, part)
