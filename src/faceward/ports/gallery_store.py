"""Galleries, people, references and consents in, and out again; they change only together with a record.

Reading is free of any transaction. Every change is made through `Changes`, which a store gives for the
transaction of a ledger that lies in the same database: so what was changed and the record of it are durable
together, or neither is. A store hands out and takes in closed templates (`ports.vault`), never open ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from faceward.core.values import TemplateContract
from faceward.errors import ConflictError, DependencyError, InputError
from faceward.ports.ledger import Transaction
from faceward.transparency.words import Ground, Purpose, Source


class GalleryUnknown(InputError):
    """There is no gallery of that name in this deployment."""

    code = "gallery_unknown"
    remedy = "List the galleries of this deployment, or make one."


class SubjectUnknown(InputError):
    """Nobody of that name is in the gallery."""

    code = "subject_unknown"
    remedy = "List the subjects of this gallery, or record a consent first and enrol."


class ReferenceUnknown(InputError):
    """There is no reference of that identifier in the gallery."""

    code = "reference_unknown"
    remedy = "List the references of the subject."


class CorrectionUnknown(InputError):
    """There is no correction of that identifier in this gallery."""

    code = "correction_unknown"
    remedy = "List the corrections of this gallery."


class AlreadyThere(ConflictError):
    """Something of that name is there already."""

    code = "already_there"
    remedy = "Use another name, or the one that is there."


class StoreUnavailable(DependencyError):
    """The store cannot be read or written, so nothing of it may be used."""

    code = "store_unavailable"
    remedy = "See that the database runs and has room, then try again; `faceward doctor` says more."


class StoreCorrupt(DependencyError):
    """The store holds what it was never given."""

    code = "store_corrupt"
    remedy = "Stop the service, keep the files as they are, and restore a backup."


@dataclass(frozen=True, slots=True)
class Gallery:
    """A set of people of one deployment.

    Attributes:
        name: Unique in an installation: name of the deployment, ``/``, and what the caller calls it.
        deployment: The reviewed use that it belongs to.
        tenant: The organisation that operates it; its key closes the templates.
        contract: What all its templates are made by.
        false_match_rate: How often a stranger may match one person, 0 to 1.
        false_positive_identification_rate: How often a search for a stranger may give a candidate, 0 to 1.
        source: Where its photos come from.
        created: When it was made, UTC.
    """

    name: str
    deployment: str
    tenant: str
    contract: TemplateContract
    false_match_rate: float
    false_positive_identification_rate: float
    source: Source
    created: datetime


@dataclass(frozen=True, slots=True)
class Extent:
    """How much a gallery holds now.

    Attributes:
        revision: Grows with each change of its references, subjects or consents, by any process.
        subjects: People with at least one reference.
        references: References.
    """

    revision: int
    subjects: int
    references: int


class Majority(StrEnum):
    """Whether a subject is of age; unknown counts as a minor where minors may be met."""

    ADULT = "adult"
    MINOR = "minor"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody known to a gallery, enrolled or not yet.

    Attributes:
        gallery: The gallery's name.
        name: What the operator calls them; unique in the gallery.
        majority: Whether they are of age.
        created: When they became known, UTC.
        references: How many references there are.
    """

    gallery: str
    name: str
    majority: Majority
    created: datetime
    references: int


@dataclass(frozen=True, slots=True)
class Reference:
    """One template that a subject was enrolled with, closed.

    Attributes:
        identifier: Unique in an installation, 32 hexadecimal digits.
        gallery: The gallery's name.
        subject: The subject's name.
        sealed: The closed template; only the vault opens it, and only in this very place.
        epoch: Which key of the tenant it was closed with.
        photo: The closed photo, where a consent says that it may be kept; empty otherwise.
        created: When, UTC.
    """

    identifier: str
    gallery: str
    subject: str
    sealed: bytes
    epoch: int
    photo: bytes
    created: datetime


class ConsentState(StrEnum):
    """Where a consent stands, by its last event."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Consent:
    """What a store must know of a consent, or of another recorded ground, beside its document.

    Attributes:
        identifier: Unique in an installation, 32 hexadecimal digits.
        gallery: The gallery's name.
        subject: The subject's name.
        purposes: What for; a ground holds for these alone.
        ground: Consent, or another recorded ground.
        photos: Whether photos may be kept, which is a choice of its own.
        state: Where it stands.
        until: From when it does not hold any more, UTC.
        erase_by: When what rests on it alone must be gone at the latest, UTC.
        document: The whole signed record, as the person got it.
    """

    identifier: str
    gallery: str
    subject: str
    purposes: frozenset[Purpose]
    ground: Ground
    photos: bool
    state: ConsentState
    until: datetime
    erase_by: datetime
    document: bytes

    def holds(self, purpose: Purpose, at: datetime) -> bool:
        """Whether it is a ground for a purpose at a moment."""
        return self.state is ConsentState.GIVEN and purpose in self.purposes and at < self.until


class CorrectionKind(StrEnum):
    """What a correction did."""

    MOVED = "moved"  # references went to another subject
    BARRED = "barred"  # somebody said that a reference does not show another subject


@dataclass(frozen=True, slots=True)
class Correction:
    """A mistake that was corrected, and all it takes to take that back.

    Attributes:
        identifier: Unique in an installation, 32 hexadecimal digits.
        gallery: The gallery's name.
        kind: What it did.
        before: The subject who had the references.
        after: The subject who got them, or who they do not show.
        references: Their identifiers.
        made: When, UTC.
        undone: Whether it was taken back.
    """

    identifier: str
    gallery: str
    kind: CorrectionKind
    before: str
    after: str
    references: tuple[str, ...]
    made: datetime
    undone: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed in the references of a gallery after some revision.

    Attributes:
        revision: The revision that it leads to.
        removed: Identifiers of references that are gone, or were replaced or moved; they go before any is
            added, and some may never have been seen.
        added: References that are new, or as they are after they were replaced or moved; without photos.
    """

    revision: int
    removed: tuple[str, ...]
    added: tuple[Reference, ...]


class Changes(Protocol):
    """Changes a store within one open transaction of the ledger; it sees what came before in it.

    Each method raises `StoreUnavailable` where the database fails; then the whole transaction is undone.
    """

    def extent(self, gallery: str) -> Extent:
        """How much a gallery holds now. Raises `GalleryUnknown`."""

    def difference(self, gallery: str, since: int) -> Difference | None:
        """What changed after a revision; ``None`` where that is remembered no more."""

    def permitted(
        self, gallery: str, subjects: Sequence[str], purpose: Purpose, at: datetime
    ) -> frozenset[str]:
        """Who of some subjects has a ground for a purpose at a moment; who is not known has none."""

    def subject(self, gallery: str, name: str) -> Subject:
        """A subject. Raises `GalleryUnknown` or `SubjectUnknown`."""

    def references(self, gallery: str, subject: str) -> tuple[Reference, ...]:
        """The references of a subject, the oldest first; none where nobody of that name is known."""

    def consents(self, gallery: str, subject: str) -> tuple[Consent, ...]:
        """The consents of a subject, the oldest first; none where nobody of that name is known."""

    def failed_tries(self, gallery: str, subject: str) -> int:
        """How often in a row a subject was not recognised; 0 where nobody of that name is known."""

    def set_failed_tries(self, gallery: str, subject: str, count: int) -> None:
        """Say how often in a row a subject was not recognised; the gallery's revision stays."""

    def correction(self, gallery: str, identifier: str) -> Correction:
        """A correction. Raises `CorrectionUnknown`."""

    def note(self, correction: Correction) -> None:
        """Keep a correction, until a subject of it is forgotten; one of the same identifier is replaced.

        Raises:
            SubjectUnknown: Nobody of that name is known there.
            AlreadyThere: Another gallery has a correction of that identifier.
        """

    def barred(self, gallery: str, subject: str) -> frozenset[str]:
        """References of which somebody said that they do not show a subject."""

    def bar(self, gallery: str, reference: str, subject: str) -> None:
        """Remember that a reference does not show a subject, until either is gone.

        Raises:
            SubjectUnknown: Nobody of that name is known there.
            ReferenceUnknown: There is no such reference.
        """

    def unbar(self, gallery: str, reference: str, subject: str) -> None:
        """Remember that no more."""

    def make(self, gallery: Gallery) -> None:
        """Make a gallery. Raises `AlreadyThere`."""

    def close(self, gallery: str) -> None:
        """Remove a gallery with nobody in it. Raises `GalleryUnknown`, or `ConflictError` if not empty."""

    def introduce(self, subject: Subject) -> None:
        """Make a subject known, without references.

        Raises:
            GalleryUnknown: There is no such gallery.
            AlreadyThere: Somebody of that name is known, or was forgotten and is not buried yet.
        """

    def add(self, reference: Reference) -> None:
        """Add a reference to a subject. Raises `SubjectUnknown` or `AlreadyThere`."""

    def introduce_all(self, subjects: Sequence[Subject]) -> None:
        """Make many subjects known, at a fraction of the cost of one by one. Raises as `introduce`."""

    def add_all(self, references: Sequence[Reference]) -> None:
        """Add many references, at a fraction of the cost of one by one. Raises as `add`."""

    def record_all(self, consents: Sequence[Consent]) -> None:
        """Keep many consents, at a fraction of the cost of one by one. Raises as `record`."""

    def replace(self, reference: Reference) -> None:
        """Put another closed template, photo or subject in the place of a reference.

        Raises:
            SubjectUnknown: Nobody of that name is known there.
            ReferenceUnknown: There is no such reference.
        """

    def remove(self, gallery: str, identifiers: Sequence[str]) -> int:
        """Remove references, and say how many were there."""

    def forget(self, gallery: str, subject: str) -> int:
        """Remove a subject with all that is kept of them, and say how many references went.

        Only that they were there is remembered, until `bury`: whoever ends their key must know whose.
        """

    def bury(self, gallery: str, subject: str) -> bool:
        """Remember a subject who was forgotten no more, and say whether they were remembered."""

    def record(self, consent: Consent) -> None:
        """Keep a consent; one of the same identifier is replaced.

        Raises:
            SubjectUnknown: Nobody of that name is known there.
            AlreadyThere: Somebody else has a consent of that identifier.
        """


class GalleryStore(Protocol):
    """Keeps galleries. Every adapter passes tests/contracts/test_gallery_store.py. Safe from many threads.

    Names are compared as they are, byte by byte. Lists are in order of name, pages begin after a name.
    Each method raises `StoreUnavailable` where the database cannot be read.
    """

    def within(self, transaction: Transaction) -> Changes:
        """What changes this store as part of a transaction of the ledger in the same database."""

    def gallery(self, name: str) -> Gallery:
        """A gallery. Raises `GalleryUnknown`."""

    def galleries(self, deployment: str, after: str = "", most: int = 100) -> tuple[Gallery, ...]:
        """The galleries of a deployment."""

    def extent(self, gallery: str) -> Extent:
        """How much a gallery holds now; cheap, and true for every process. Raises `GalleryUnknown`."""

    def subject(self, gallery: str, name: str) -> Subject:
        """A subject. Raises `GalleryUnknown` or `SubjectUnknown`."""

    def subjects(self, gallery: str, after: str = "", most: int = 100) -> tuple[Subject, ...]:
        """The subjects of a gallery. Raises `GalleryUnknown`."""

    def references(self, gallery: str, subject: str) -> tuple[Reference, ...]:
        """The references of a subject, the oldest first; none where nobody of that name is known."""

    def difference(self, gallery: str, since: int) -> Difference | None:
        """What changed after a revision; ``None`` where that is remembered no more, so that all is read anew.

        Raises:
            GalleryUnknown: There is no such gallery.
        """

    def everything(self, gallery: str) -> tuple[int, Iterator[Sequence[Reference]]]:
        """The revision, and every reference of it in portions, all of one moment, without photos.

        Whoever begins must go to the end or close the iterator. Raises `GalleryUnknown`.
        """

    def consents(self, gallery: str, subject: str) -> tuple[Consent, ...]:
        """The consents of a subject, the oldest first; none where nobody of that name is known."""

    def ground(self, gallery: str, subjects: Sequence[str], purpose: Purpose, at: datetime) -> Ground:
        """The weakest ground of some subjects, or of all of the gallery who have one.

        Args:
            gallery: The gallery.
            subjects: The people that are named: where one has no ground, there is none. Where nobody is
                named, who has no ground does not count, for they are never compared.
            purpose: What for.
            at: When.

        Returns:
            The weakest ground. `Ground.CONSENT` for all of a gallery without any reference, for there nobody
            is compared; `Ground.NONE` for a gallery that is not known.
        """

    def barred(self, gallery: str, references: Sequence[str]) -> frozenset[tuple[str, str]]:
        """Of some references, pairs of one and a subject whom it does not show."""

    def corrections(self, gallery: str, most: int = 100) -> tuple[Correction, ...]:
        """The newest corrections of a gallery, the newest first. Raises `GalleryUnknown`."""

    def correction(self, gallery: str, identifier: str) -> Correction:
        """A correction. Raises `CorrectionUnknown`."""

    def overdue(self, at: datetime, most: int = 100, deployment: str = "") -> tuple[Consent, ...]:
        """Consents whose erasure is due at a moment, the most overdue first, while their subject is known.

        Args:
            at: The moment.
            most: How many at most.
            deployment: Of whose galleries; of all where it is empty.
        """

    def forgotten(self) -> tuple[tuple[str, str], ...]:
        """Gallery and name of everybody who was forgotten and is not buried yet."""

    def scrub(self) -> bool:
        """Overwrite what was removed wherever the database would keep it for a while: WAL, free pages.

        To be called after what removed it is durable. Returns whether nothing is left; if not, it may be
        tried again, and only the subject's key being gone keeps what is left closed.
        """

    def shut(self) -> None:
        """Give the database free."""
