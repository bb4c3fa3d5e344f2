"""A photo, a subject and a permit in, one more reference of that subject out, or why not."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

import numpy as np

from faceward.core.comparison import comparison_scores, fused_score
from faceward.core.decision import OperatingPoint
from faceward.core.values import FloatArray
from faceward.errors import ConflictError, InputError, RefusedError
from faceward.governance.outcomes import Counts, Pending, Performed
from faceward.governance.permits import Permit
from faceward.operations.points import duplicate_point
from faceward.operations.resources import Resources, hold_probe, only_subject, place_of
from faceward.ports.gallery_store import Changes, Gallery, Reference
from faceward.ports.ledger import Transaction
from faceward.recognition.recogniser import Portrait
from faceward.transparency.words import Action

MOST_REFERENCES = 32
"""References of one subject. Our choice: more make no comparison better, and each is one more to protect."""

_HITS = 1024


class PoorReference(InputError):
    """The face is not fit to be a reference; the cause says what is missing."""

    code = "reference_poor"
    remedy = "Take the photo again as the cause says."


class SeveralFaces(InputError):
    """The photo shows several people, and a reference is of one."""

    code = "reference_several_faces"
    remedy = "Send a photo of this person alone, or cut the others off."


class ConflictingReference(ConflictError):
    """The face does not look like the references that the subject has."""

    code = "reference_conflicting"
    remedy = "Compare the photo with those that were enrolled; if one was wrong, remove it first."


class DuplicateFace(ConflictError):
    """The face belongs to another subject of the gallery already."""

    code = "reference_duplicate"
    remedy = (
        "Look at the photo beside your records: merge the two subjects if they are one person, or enrol "
        "twins and the like with `accept_duplicate`."
    )


class GroundMissing(RefusedError):
    """There is no consent and no other recorded ground for this person and this purpose now."""

    code = "ground_missing"
    remedy = "Record the consent of the person, or another legal ground, for this very purpose."


class TooManyReferences(ConflictError):
    """The subject has as many references as anybody may have."""

    code = "references_too_many"
    remedy = "Remove a reference first."


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What was enrolled.

    Attributes:
        reference: Identifier of the new reference.
        references: How many the subject has now.
        checked_at: Where the face would have been taken for another subject's.
        others: With how many references of others it was compared.
        photo_kept: Whether the photo was kept too, closed, because a consent says so.
    """

    reference: str
    references: int
    checked_at: OperatingPoint
    others: int
    photo_kept: bool


def enrol(
    permit: Permit, *, resources: Resources, photo: bytes, accept_duplicate: bool = False
) -> Pending[Enrolled]:
    """Add a reference to a subject who has a ground for it.

    Args:
        permit: Allows `Action.ENROL` of this very photo for one subject of one gallery.
        resources: What to work with.
        photo: The encoded photo.
        accept_duplicate: Whether the operator has looked at a face that is taken for another subject's.

    Raises:
        PermitRefused: The permit is not for this.
        PoorReference: The face is not usable.
        SeveralFaces: There are several faces that could be meant.
        ConflictingReference: It does not look like the subject's other references.
        DuplicateFace: It looks like another subject.
        GroundMissing: Nobody recorded a ground.
        TooManyReferences: There are enough.
        SubjectUnknown: Nobody of that name is known; recording their consent makes them known.
    """
    scope = permit.spend(Action.ENROL)
    hold_probe(scope, photo)
    gallery, subject = resources.gallery(scope), only_subject(scope)
    resources.store.subject(gallery.name, subject)
    features = _usable(resources, photo).template.features
    own = resources.store.references(gallery.name, subject)
    extent = resources.store.extent(gallery.name)
    table = resources.table(gallery)
    _fits(features, resources.opened(gallery, own), table.at(gallery.false_match_rate))
    at = duplicate_point(table, gallery.false_positive_identification_rate, extent.references)
    searched = extent.revision
    if extent.references and not accept_duplicate:
        extent, (hits,) = resources.holding.search(gallery, features[None], at.threshold, _HITS)
        searched = extent.revision
        _is_new(any(it.subject != subject for it in hits), at)
    reference = _closed(resources, gallery, subject, features)
    kept = resources.vault.closed_photo(photo, place_of(gallery, reference))

    def settle(transaction: Transaction) -> Performed[Enrolled]:
        changes, now = resources.store.within(transaction), resources.clock.now()
        if not accept_duplicate:
            _look_at_newcomers(resources, changes, gallery, searched, subject, features, at)
        grounds = [it for it in changes.consents(gallery.name, subject) if it.holds(scope.purpose, now)]
        if not grounds:
            raise GroundMissing("This person has given no ground for this purpose that holds now.")
        there = changes.subject(gallery.name, subject).references
        if there >= MOST_REFERENCES:
            raise TooManyReferences(f"The subject has {there} references, of {MOST_REFERENCES} at most.")
        keeps = any(it.photos for it in grounds)
        changes.add(replace(reference, photo=kept if keeps else b""))
        others = changes.extent(gallery.name).references - there - 1
        enrolled = Enrolled(reference.identifier, there + 1, at, others, keeps)
        return Performed(enrolled, Counts(faces=1, enrolled=int(not there)))

    return Pending(settle)


def _usable(resources: Resources, photo: bytes) -> Portrait:
    """The one face of a photo that is fit to be a reference."""
    opened = resources.recogniser.open(photo)
    sightings = resources.recogniser.sightings(opened)
    if sum(it.usability.usable for it in sightings) > 1:
        raise SeveralFaces(f"The photo shows {len(sightings)} faces, and a reference is of one.")
    portrait = resources.recogniser.portrait(opened)
    found = portrait.usability(resources.recogniser.quality_limits)
    if not found.usable:
        causes = " ".join(it.cause for it in found.findings)
        remedies = " ".join(dict.fromkeys(it.remedy for it in found.findings))
        raise PoorReference(f"The face is not fit to be a reference. {causes}", remedy=remedies)
    return portrait


def _fits(features: FloatArray, own: FloatArray, at: OperatingPoint) -> None:
    """See that a face looks like the references that a subject has."""
    if not len(own):
        return
    score = fused_score(comparison_scores(features, own))
    if score < at.threshold:
        raise ConflictingReference(
            f"The face scores {score:.3f} against the subject's references; {at.threshold:.3f} is a match "
            f"at a false match rate of {at.false_match_rate:g}."
        )


def _is_new(others: bool, at: OperatingPoint) -> None:
    if others:
        raise DuplicateFace(
            f"This face reaches {at.threshold:.3f}, the threshold for a false match rate of "
            f"{at.false_match_rate:g}, against another subject of this gallery."
        )


def _look_at_newcomers(  # noqa: PLR0913, PLR0917 - what a second look needs
    resources: Resources,
    changes: Changes,
    gallery: Gallery,
    searched: int,
    subject: str,
    features: FloatArray,
    at: OperatingPoint,
) -> None:
    """Look at those who were enrolled while this face was searched for."""
    if changes.extent(gallery.name).revision == searched:
        return
    difference = changes.difference(gallery.name, searched)
    if difference is None:
        raise ConflictError("The gallery changed too much meanwhile.", remedy="Enrol the photo again.")
    added = tuple(it for it in difference.added if it.subject != subject)
    if added:
        scores = comparison_scores(features, resources.opened(gallery, added))
        _is_new(bool(np.any(np.asarray(scores, np.float64) >= at.threshold)), at)


def _closed(resources: Resources, gallery: Gallery, subject: str, features: FloatArray) -> Reference:
    reference = Reference(
        identifier=secrets.token_hex(16),
        gallery=gallery.name,
        subject=subject,
        sealed=b"",
        epoch=resources.vault.epoch(gallery.tenant),
        photo=b"",
        created=resources.clock.now(),
    )
    return replace(reference, sealed=resources.vault.closed(features, place_of(gallery, reference)))
