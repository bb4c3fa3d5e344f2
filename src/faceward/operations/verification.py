"""A photo, and another or a subject, and a permit in, a decision at the permitted operating point out."""

from __future__ import annotations

from dataclasses import dataclass

from faceward.core.comparison import comparison_score, comparison_scores, fused_score
from faceward.core.decision import Decision, decide
from faceward.core.detection import Selection
from faceward.core.quality import Usability
from faceward.errors import ConflictError
from faceward.governance.outcomes import Counts, Pending, Performed
from faceward.governance.permits import Permit, PermitRefused, Scope
from faceward.operations.enrolment import GroundMissing
from faceward.operations.resources import Resources, hold_probe, only_subject, operating_point
from faceward.ports.gallery_store import Changes
from faceward.ports.ledger import Transaction
from faceward.recognition.recogniser import Recogniser
from faceward.transparency.words import Action

MOST_TRIES = 3
"""Failed tries to verify one person before a person must look. Source: governance rules; our choice."""


class NotEnrolled(ConflictError):
    """The subject has no reference to be compared with."""

    code = "subject_not_enrolled"
    remedy = "Enrol a reference of this person first."


class TriesExhausted(ConflictError):
    """This person was not recognised three times in a row; the next decision is a human one."""

    code = "tries_exhausted"
    remedy = (
        "Have a person look, or use the other way that the deployment offers. Nobody loses an account by "
        "machine. When a person has looked, `POST …/subjects/{subject}/review` opens it again."
    )


@dataclass(frozen=True, slots=True)
class Verified:
    """What comparing with a subject gave.

    Attributes:
        decision: Match or not, the score, and the operating point behind it.
        usability: What the presented face is fit for.
        references: With how many references it was compared; their mean is the score.
        tries_left: How often this person may fail before a person must look.
    """

    decision: Decision
    usability: Usability
    references: int
    tries_left: int


def compare(
    permit: Permit,
    *,
    recogniser: Recogniser,
    probe: bytes,
    references: tuple[bytes, ...],
    which: Selection = Selection.PROMINENT,
) -> Performed[tuple[Decision, ...]]:
    """Decide for each reference photo whether it shows the person of the probe. Nothing is kept.

    Args:
        permit: Allows `Action.COMPARE` of this very probe, with at least as many comparisons as there are
            references, at an operating point.
        recogniser: Makes templates of photos.
        probe: The encoded photo that is presented.
        references: The encoded photos that it is held against, at least one.
        which: Whose face is meant in a photo of several people.

    Returns:
        One decision for each reference, in their order.

    Raises:
        PermitRefused: The permit is not for this, not for this photo, or for fewer comparisons.
        InputError: A photo cannot be opened or shows no face.
    """
    scope = permit.spend(Action.COMPARE)
    _hold(scope, probe, references)
    at = operating_point(scope)
    presented = recogniser.portrait(recogniser.open(probe), which).template
    decisions = tuple(
        decide(
            comparison_score(presented, recogniser.portrait(recogniser.open(reference), which).template), at
        )
        for reference in references
    )
    return Performed(
        decisions,
        Counts(
            comparisons=len(decisions),
            faces=1 + len(decisions),
            candidates=sum(it.match for it in decisions),
            top_score=max(it.comparison_score for it in decisions),
        ),
    )


def verify(
    permit: Permit, *, resources: Resources, probe: bytes, which: Selection = Selection.PROMINENT
) -> Pending[Verified]:
    """Decide whether a photo shows one subject of a gallery.

    The ground of the subject is looked up, and the try counted, in the transaction that records the outcome.

    Args:
        permit: Allows `Action.VERIFY` of this very photo with one subject, at an operating point.
        resources: What to work with.
        probe: The encoded photo that is presented.
        which: Whose face is meant in a photo of several people.

    Raises:
        PermitRefused: The permit is not for this.
        GalleryUnknown: There is no such gallery.
        SubjectUnknown: Nobody of that name is known.
        NotEnrolled: The subject has no reference.
        TriesExhausted: A person must look first.
        GroundMissing: The subject withdrew, or has no ground for this purpose now.
        InputError: The photo cannot be opened or shows no face.
    """
    scope = permit.spend(Action.VERIFY)
    hold_probe(scope, probe)
    at, gallery, subject = operating_point(scope), resources.gallery(scope), only_subject(scope)
    resources.store.subject(gallery.name, subject)
    references = resources.store.references(gallery.name, subject)
    if not references:
        raise NotEnrolled("The subject has no reference.")
    presented = resources.recogniser.portrait(resources.recogniser.open(probe), which)
    scores = comparison_scores(presented.template.features, resources.opened(gallery, references))
    decision = decide(fused_score(scores), at)
    found = presented.usability(resources.recogniser.quality_limits)

    def settle(transaction: Transaction) -> Performed[Verified]:
        changes = resources.store.within(transaction)
        if not changes.permitted(gallery.name, (subject,), scope.purpose, resources.clock.now()):
            raise GroundMissing("This person has given no ground for this purpose that holds now.")
        left = _counted(changes, gallery.name, subject, match=decision.match)
        counts = Counts(
            comparisons=1, faces=1, candidates=int(decision.match), top_score=decision.comparison_score
        )
        return Performed(Verified(decision, found, len(references), left), counts)

    return Pending(settle)


def _counted(changes: Changes, gallery: str, subject: str, *, match: bool) -> int:
    """Count a try, and say how many are left."""
    failed = changes.failed_tries(gallery, subject)
    if failed >= MOST_TRIES:
        raise TriesExhausted(f"This person was not recognised {failed} times in a row.")
    now = 0 if match else failed + 1
    if now != failed:
        changes.set_failed_tries(gallery, subject, now)
    return MOST_TRIES - now


def _hold(scope: Scope, probe: bytes, references: tuple[bytes, ...]) -> None:
    hold_probe(scope, probe)
    if not 1 <= len(references) <= scope.comparisons:
        raise PermitRefused(
            f"This permit is for {scope.comparisons} comparisons, not for {len(references)}.",
            reasons=("gate/permit",),
        )
