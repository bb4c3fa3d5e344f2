"""Two photos and a permit in, a decision at the permitted operating point out."""

from __future__ import annotations

from hashlib import sha256

from faceward.core.comparison import comparison_score
from faceward.core.decision import Decision, decide
from faceward.core.detection import Selection
from faceward.errors import InvalidValue
from faceward.governance.outcomes import Counts, Performed
from faceward.governance.permits import Permit, PermitRefused, Scope
from faceward.recognition.recogniser import Recogniser
from faceward.transparency.words import Action


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
    if scope.operating_point is None:
        raise InvalidValue(
            "A comparison was asked for without an operating point.",
            remedy="Name the false match rate; the threshold follows from it.",
        )
    presented = recogniser.portrait(recogniser.open(probe), which).template
    decisions = tuple(
        decide(
            comparison_score(presented, recogniser.portrait(recogniser.open(reference), which).template),
            scope.operating_point,
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


def _hold(scope: Scope, probe: bytes, references: tuple[bytes, ...]) -> None:
    if sha256(probe).digest() != scope.probe_sha256:
        raise PermitRefused("This permit is for another photo.", reasons=("gate/permit",))
    if not 1 <= len(references) <= scope.comparisons:
        raise PermitRefused(
            f"This permit is for {scope.comparisons} comparisons, not for {len(references)}.",
            reasons=("gate/permit",),
        )
