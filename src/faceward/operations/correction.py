"""A mistake in a gallery and a permit in, the mistake corrected out, and what takes the correction back.

Splitting a subject and merging two are moves: some references, or all, go to another subject, who must have a
ground of their own. "This is not her" is remembered with the reference, and holds for every later merge.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from faceward.errors import ConflictError
from faceward.governance.outcomes import Counts, Pending, Performed
from faceward.governance.permits import Permit, PermitRefused, Scope
from faceward.operations.enrolment import MOST_REFERENCES, GroundMissing, TooManyReferences
from faceward.operations.resources import Resources, place_of
from faceward.ports.gallery_store import (
    Changes,
    Correction,
    CorrectionKind,
    Gallery,
    Reference,
    ReferenceUnknown,
)
from faceward.ports.ledger import Transaction
from faceward.transparency.words import Action


class CorrectionOver(ConflictError):
    """The correction cannot be taken back: it was, or what it changed has changed since."""

    code = "correction_over"
    remedy = "Look at the references of both subjects, and correct them anew."


class KnownToDiffer(ConflictError):
    """Somebody said before that this reference does not show this person."""

    code = "known_to_differ"
    remedy = "Take that correction back first, if it was wrong."


def move(permit: Permit, *, resources: Resources, references: Sequence[str]) -> Pending[Correction]:
    """Move references from one subject to another: some to split, all to merge.

    Args:
        permit: Allows `Action.CORRECT` of two subjects of a gallery, the one who has them first.
        resources: What to work with.
        references: Their identifiers; none means all.

    Raises:
        PermitRefused: The permit is not for this.
        ReferenceUnknown: The subject has not all of them.
        GroundMissing: The other person has given no ground for this purpose.
        KnownToDiffer: Somebody said that one of them is not this person.
        TooManyReferences: The other person would have more than anybody may have.
    """
    scope = permit.spend(Action.CORRECT)
    before, after = _two(scope)
    gallery = resources.gallery(scope)
    moved = _moved(resources, gallery, before, after, references)

    def settle(transaction: Transaction) -> Performed[Correction]:
        changes, now = resources.store.within(transaction), resources.clock.now()
        counts = _carry(changes, scope, before, after, moved, now)
        done = Correction(
            identifier=secrets.token_hex(16),
            gallery=gallery.name,
            kind=CorrectionKind.MOVED,
            before=before,
            after=after,
            references=tuple(it.identifier for it in moved),
            made=now,
            undone=False,
        )
        changes.note(done)
        return Performed(done, counts)

    return Pending(settle)


def bar(permit: Permit, *, resources: Resources, reference: str) -> Pending[Correction]:
    """Remember that a reference of one subject does not show another person.

    Args:
        permit: Allows `Action.CORRECT` of two subjects of a gallery, the one who has the reference first.
        resources: What to work with.
        reference: Its identifier.

    Raises:
        PermitRefused: The permit is not for this.
        ReferenceUnknown: The subject has no such reference.
    """
    scope = permit.spend(Action.CORRECT)
    before, after = _two(scope)

    def settle(transaction: Transaction) -> Performed[Correction]:
        changes = resources.store.within(transaction)
        changes.subject(scope.gallery, after)
        _hold(changes, scope.gallery, before, (reference,))
        changes.bar(scope.gallery, reference, after)
        done = Correction(
            identifier=secrets.token_hex(16),
            gallery=scope.gallery,
            kind=CorrectionKind.BARRED,
            before=before,
            after=after,
            references=(reference,),
            made=resources.clock.now(),
            undone=False,
        )
        changes.note(done)
        return Performed(done)

    return Pending(settle)


def undo(permit: Permit, *, resources: Resources, correction: Correction) -> Pending[Correction]:
    """Take a correction back, as long as what it changed is as it left it.

    Args:
        permit: Allows `Action.CORRECT` of the two subjects, the one who had the references first.
        resources: What to work with.
        correction: As the store gave it.

    Raises:
        PermitRefused: The permit is not for this.
        CorrectionOver: It was taken back, or the references are elsewhere now.
        GroundMissing: The person who had them has no ground any more.
        KnownToDiffer: Somebody said meanwhile that one of them is not the person who had it.
        TooManyReferences: The person who had them would have more than anybody may have.
    """
    scope = permit.spend(Action.CORRECT, gallery=correction.gallery)
    before, after = _two(scope)
    if (before, after) != (correction.before, correction.after):
        raise PermitRefused("This permit is for other people.", reasons=("gate/permit",))
    back: tuple[Reference, ...] = ()
    if correction.kind is CorrectionKind.MOVED:
        gallery = resources.gallery(scope)
        try:
            back = _moved(resources, gallery, after, before, correction.references)
        except ReferenceUnknown:
            raise CorrectionOver("The references are with somebody else now, or gone.") from None

    def settle(transaction: Transaction) -> Performed[Correction]:
        changes, now = resources.store.within(transaction), resources.clock.now()
        if changes.correction(scope.gallery, correction.identifier).undone:
            raise CorrectionOver("The correction was taken back already.")
        counts = Counts()
        if correction.kind is CorrectionKind.BARRED:
            changes.unbar(scope.gallery, correction.references[0], after)
        else:
            counts = _carry(changes, scope, after, before, back, now)
        done = replace(correction, undone=True)
        changes.note(done)
        return Performed(done, counts)

    return Pending(settle)


def _two(scope: Scope) -> tuple[str, str]:
    if len(scope.subjects) != 2 or scope.subjects[0] == scope.subjects[1]:
        raise PermitRefused("This permit is not for two subjects.", reasons=("gate/permit",))
    return scope.subjects[0], scope.subjects[1]


def _moved(
    resources: Resources, gallery: Gallery, before: str, after: str, wanted: Sequence[str]
) -> tuple[Reference, ...]:
    """References of one subject, closed anew for another: what is closed opens in its own place only."""
    there = {it.identifier: it for it in resources.store.references(gallery.name, before)}
    if not there or not set(wanted) <= set(there):
        raise ReferenceUnknown("The subject has not all of these references.")
    old = tuple(there[it] for it in (wanted or there))
    epoch = resources.vault.epoch(gallery.tenant)
    moved = []
    for reference, features in zip(old, resources.opened(gallery, old), strict=True):
        new = replace(reference, subject=after, epoch=epoch)
        place = place_of(gallery, new)
        photo = b""
        if reference.photo:
            opened = resources.vault.opened_photo(reference.photo, place_of(gallery, reference))
            photo = resources.vault.closed_photo(opened, place)
        moved.append(replace(new, sealed=resources.vault.closed(features, place), photo=photo))
    return tuple(moved)


def _carry(  # noqa: PLR0913, PLR0917 - what goes from whom to whom, as part of what
    changes: Changes, scope: Scope, giver: str, taker: str, moved: tuple[Reference, ...], now: datetime
) -> Counts:
    """Give references to somebody who has a ground for them, and say who is enrolled or no more by it.

    A photo goes with them only where the taker agreed to photos.
    """
    gallery, identifiers = scope.gallery, {it.identifier for it in moved}
    had = changes.subject(gallery, taker).references
    grounds = [it for it in changes.consents(gallery, taker) if it.holds(scope.purpose, now)]
    if not grounds:
        raise GroundMissing("The person who would get them has no ground for this purpose that holds now.")
    _hold(changes, gallery, giver, tuple(identifiers))
    if had + len(moved) > MOST_REFERENCES:
        raise TooManyReferences(f"The subject would have {had + len(moved)} of {MOST_REFERENCES} at most.")
    if changes.barred(gallery, taker) & identifiers:
        raise KnownToDiffer("Somebody said that a reference does not show this person.")
    keeps = any(it.photos for it in grounds)
    for it in moved:
        changes.replace(it if keeps else replace(it, photo=b""))
    left = changes.subject(gallery, giver).references
    return Counts(enrolled=int(not had), erased=int(not left))


def _hold(changes: Changes, gallery: str, subject: str, references: Sequence[str]) -> None:
    """See that the references are still where they were looked up."""
    if not set(references) <= {it.identifier for it in changes.references(gallery, subject)}:
        raise ReferenceUnknown("The subject has not all of these references any more.")
