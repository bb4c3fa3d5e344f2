"""A photo, a gallery and a permit in, for each face who it may be out: a list of candidates, often empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from faceward.core.comparison import Candidate
from faceward.core.quality import Usability
from faceward.core.values import Face
from faceward.errors import OperatingPointUnsupported
from faceward.evaluation.search_rates import false_positive_identification_rate
from faceward.governance.outcomes import Counts, Pending, Performed
from faceward.governance.permits import Permit
from faceward.operations.points import SearchPoint
from faceward.operations.resources import Resources, hold_probe, operating_point
from faceward.ports.ledger import Transaction
from faceward.ports.vector_index import Hit
from faceward.transparency.words import Action

MOST_FACES = 64
"""Faces of one photo that are searched for, the most surely found first. Our choice."""


@dataclass(frozen=True, slots=True)
class Searched:
    """One face of the photo.

    Attributes:
        face: Where it is.
        usability: What it is fit for.
        candidates: Who it may be, best first; empty means that nobody enrolled is claimed to be this person.
    """

    face: Face
    usability: Usability
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Identification:
    """What a search gave. A candidate is somebody to look at, not an identity.

    Attributes:
        faces: Every face of the photo.
        point: Where it was decided, and what that means for a gallery of this size.
        expected_false_candidates: How many of the faces would get a candidate if all were strangers.
        photo_width: Columns of the photo.
        photo_height: Rows of the photo.
    """

    faces: tuple[Searched, ...]
    point: SearchPoint
    expected_false_candidates: float
    photo_width: int
    photo_height: int


def identify(
    permit: Permit, *, resources: Resources, probe: bytes, most: int, largest: int
) -> Pending[Identification]:
    """Search a gallery for every face of a photo.

    Who withdrew, whose consent has run out or who has none for this purpose is no candidate: that is looked
    up in the transaction that records the search, whatever the index says.

    Args:
        permit: Allows `Action.IDENTIFY` of this very photo in one gallery, at an operating point.
        resources: What to work with.
        probe: The encoded photo.
        most: The most candidates for each face, at least 1.
        largest: The most references for which the operating point keeps the gallery's promise.

    Raises:
        PermitRefused: The permit is not for this, or for another photo.
        GalleryUnknown: There is no such gallery.
        ContractMismatch: Another model made its templates.
        OperatingPointUnsupported: The gallery grew beyond what the operating point supports.
        InputError: The photo cannot be opened.
    """
    scope = permit.spend(Action.IDENTIFY)
    hold_probe(scope, probe)
    at = operating_point(scope)
    gallery = resources.gallery(scope)
    photo = resources.recogniser.open(probe)
    portraits = resources.recogniser.portraits(photo)[:MOST_FACES]
    hits: tuple[tuple[Hit, ...], ...] = ()
    extent = resources.store.extent(gallery.name)
    if portraits and extent.references:
        probes = np.stack([it.template.features for it in portraits])
        extent, hits = resources.holding.search(gallery, probes, at.threshold, _HITS)
    if extent.references > largest:
        raise OperatingPointUnsupported(
            f"The gallery has grown to {extent.references:,} templates; this operating point supports "
            f"{largest:,}."
        )
    claims = [_best(it) for it in hits] or [()] * len(portraits)
    limits = resources.recogniser.quality_limits
    rate = false_positive_identification_rate((at.false_match_rate,), (extent.references,))
    point = SearchPoint(at, extent.references, rate, largest)

    def settle(transaction: Transaction) -> Performed[Identification]:
        names = sorted({it.subject for candidates in claims for it in candidates})
        allowed = frozenset[str]()
        if names:
            changes = resources.store.within(transaction)
            allowed = changes.permitted(gallery.name, names, scope.purpose, resources.clock.now())
        kept = [tuple(it for it in candidates if it.subject in allowed)[:most] for candidates in claims]
        faces = tuple(
            Searched(portrait.face, portrait.usability(limits), candidates)
            for portrait, candidates in zip(portraits, kept, strict=True)
        )
        scores = [it.comparison_score for candidates in kept for it in candidates]
        counts = Counts(faces=len(faces), candidates=len(scores), top_score=max(scores, default=None))
        result = Identification(faces, point, rate * len(faces), photo.width, photo.height)
        return Performed(result, counts)

    return Pending(settle)


_HITS = 1024
"""References that are looked at for each face before consent is: far more than one person has."""


def _best(hits: tuple[Hit, ...]) -> tuple[Candidate, ...]:
    """The best score of each subject, best first, ties in order of subject."""
    best: dict[str, float] = {}
    for hit in hits:
        best[hit.subject] = max(hit.comparison_score, best.get(hit.subject, -1.0))
    ranked = sorted(best.items(), key=lambda it: (-it[1], it[0]))
    return tuple(Candidate(subject, score) for subject, score in ranked)
