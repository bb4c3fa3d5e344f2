"""A consent, a withdrawal or an erasure and a permit in, what changed for the person out.

Rights come before everything else: no stand blocks them, and they need no ground.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from faceward.errors import InputError
from faceward.governance.outcomes import Counts, Pending, Performed
from faceward.governance.permits import Permit
from faceward.operations.consenting import Stated
from faceward.operations.resources import Resources, only_subject
from faceward.ports.gallery_store import Changes, Consent, ConsentState, Majority, Subject, SubjectUnknown
from faceward.ports.ledger import Transaction
from faceward.transparency.words import Action


class ConsentUnknown(InputError):
    """There is no consent of that identifier from this person."""

    code = "consent_unknown"
    remedy = "List the consents of this subject."


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased.

    Attributes:
        references: How many references went.
        consents: How many consents went.
    """

    references: int
    consents: int


def record(permit: Permit, *, resources: Resources, stated: Stated, majority: Majority) -> Pending[Consent]:
    """Record a consent, a refusal or another ground; it makes a person known who was not.

    Args:
        permit: Allows `Action.CONSENT` of one subject of a gallery.
        resources: What to work with.
        stated: The consent, for this gallery and this subject, and what the ledger holds of it.
        majority: Whether the person is of age, where they become known by this.

    Raises:
        PermitRefused: The permit is not for this.
        GalleryUnknown: There is no such gallery.
    """
    scope = permit.spend(Action.CONSENT, gallery=stated.consent.gallery)
    subject = only_subject(scope)

    def settle(transaction: Transaction) -> Performed[Consent]:
        changes = resources.store.within(transaction)
        kept = replace(stated.consent, subject=subject)
        try:
            changes.subject(kept.gallery, subject)
        except SubjectUnknown:
            changes.introduce(Subject(kept.gallery, subject, majority, resources.clock.now(), 0))
        changes.record(kept)
        return Performed(kept, commitment=stated.commitment)

    return Pending(settle)


def withdraw(
    permit: Permit,
    *,
    resources: Resources,
    identifier: str,
    withdrawn: Callable[[Consent, datetime], Stated],
) -> Pending[Consent]:
    """Withdraw a consent: what rests on it alone is unusable at once, and erased by its clock.

    Args:
        permit: Allows `Action.WITHDRAW` of one subject of a gallery.
        resources: What to work with.
        identifier: Which consent.
        withdrawn: Gives the consent as it stands after it was withdrawn at a moment.

    Raises:
        PermitRefused: The permit is not for this.
        ConsentUnknown: There is no such consent.
    """
    scope = permit.spend(Action.WITHDRAW)
    subject = only_subject(scope)

    def settle(transaction: Transaction) -> Performed[Consent]:
        changes = resources.store.within(transaction)
        found = [it for it in changes.consents(scope.gallery, subject) if it.identifier == identifier]
        if not found:
            raise ConsentUnknown("There is no such consent of this person.")
        if found[0].state is ConsentState.WITHDRAWN:
            return Performed(found[0])
        stated = withdrawn(found[0], resources.clock.now())
        changes.record(stated.consent)
        return Performed(stated.consent, commitment=stated.commitment)

    return Pending(settle)


def erase(permit: Permit, *, resources: Resources) -> Pending[Erased]:
    """Erase everything of a subject: references, photos, consents, name; `finish_erasures` ends their key.

    Args:
        permit: Allows `Action.ERASE` of one subject of a gallery.
        resources: What to work with.

    Raises:
        PermitRefused: The permit is not for this.
        SubjectUnknown: Nobody of that name is known.
    """
    scope = permit.spend(Action.ERASE)
    subject = only_subject(scope)

    def settle(transaction: Transaction) -> Performed[Erased]:
        changes = resources.store.within(transaction)
        was_enrolled = changes.subject(scope.gallery, subject).references > 0
        consents = len(changes.consents(scope.gallery, subject))
        references = changes.forget(scope.gallery, subject)
        return Performed(Erased(references, consents), Counts(erased=int(was_enrolled)))

    return Pending(settle)


def lapse(permit: Permit, *, resources: Resources) -> Pending[Erased]:
    """Erase a subject whose clocks have run out, unless another ground of theirs still holds.

    What rests on a ground that holds stays until that one ends, and so do the records of those that ended.
    Photos go where none that holds is for photos.

    Args:
        permit: Allows `Action.ERASE` of one subject of a gallery.
        resources: What to work with.

    Raises:
        PermitRefused: The permit is not for this.
        SubjectUnknown: Nobody of that name is known.
    """
    scope = permit.spend(Action.ERASE)
    subject = only_subject(scope)

    def settle(transaction: Transaction) -> Performed[Erased]:
        changes, now = resources.store.within(transaction), resources.clock.now()
        consents = changes.consents(scope.gallery, subject)
        holding = [it for it in consents if it.state is ConsentState.GIVEN and now < it.until]
        if holding:
            last = max(it.erase_by for it in holding)
            for ended in (it for it in consents if it.erase_by <= now):
                changes.record(replace(ended, erase_by=last))
            if not any(it.photos for it in holding):
                _forget_photos(changes, scope.gallery, subject)
            return Performed(Erased(0, 0))
        was_enrolled = changes.subject(scope.gallery, subject).references > 0
        references = changes.forget(scope.gallery, subject)
        return Performed(Erased(references, len(consents)), Counts(erased=int(was_enrolled)))

    return Pending(settle)


def _forget_photos(changes: Changes, gallery: str, subject: str) -> None:
    for it in changes.references(gallery, subject):
        if it.photo:
            changes.replace(replace(it, photo=b""))
