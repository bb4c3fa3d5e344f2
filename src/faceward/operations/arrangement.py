"""A gallery's terms and a permit in, a gallery made or closed out; and what there is for whoever may look."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from faceward.errors import InvalidValue
from faceward.governance.outcomes import Counts, Pending, Performed
from faceward.governance.permits import Permit, PermitRefused
from faceward.operations.resources import Resources, only_subject
from faceward.ports.gallery_store import Gallery, GalleryStore, ReferenceUnknown
from faceward.ports.ledger import Transaction
from faceward.transparency.words import Action

T = TypeVar("T")


def make(permit: Permit, *, resources: Resources, gallery: Gallery) -> Pending[Gallery]:
    """Make a gallery.

    Args:
        permit: Allows `Action.ARRANGE` of the gallery.
        resources: What to work with.
        gallery: Its terms.

    Raises:
        PermitRefused: The permit is not for this gallery or its deployment.
        AlreadyThere: There is one of that name.
        OperatingPointUnsupported: No evidence supports the false match rate that it promises.
        InvalidValue: The rate of searches is none.
    """
    scope = permit.spend(Action.ARRANGE)
    if gallery.deployment != scope.deployment or not gallery.name.startswith(f"{scope.deployment}/"):
        raise PermitRefused("This permit is for another deployment.", reasons=("gate/permit",))
    if not 0.0 < gallery.false_positive_identification_rate < 1.0:
        raise InvalidValue(
            "A false positive identification rate lies between 0 and 1.", remedy="Promise 0.01, for example."
        )
    resources.table(gallery).at(gallery.false_match_rate)

    def settle(transaction: Transaction) -> Performed[Gallery]:
        resources.store.within(transaction).make(gallery)
        return Performed(gallery)

    return Pending(settle)


def close(permit: Permit, *, resources: Resources) -> Pending[None]:
    """Close a gallery with nobody in it.

    Args:
        permit: Allows `Action.ARRANGE` of the gallery.
        resources: What to work with.

    Raises:
        PermitRefused: The permit is not for this.
        GalleryUnknown: There is none.
        ConflictError: Somebody is in it.
    """
    scope = permit.spend(Action.ARRANGE)

    def settle(transaction: Transaction) -> Performed[None]:
        resources.store.within(transaction).close(scope.gallery)
        return Performed(None)

    return Pending(settle)


def reopen(permit: Permit, *, resources: Resources) -> Pending[None]:
    """Let a person be verified again, after somebody has looked at the tries that failed.

    Args:
        permit: Allows `Action.ARRANGE` of one subject of a gallery.
        resources: What to work with.

    Raises:
        PermitRefused: The permit is not for this.
        SubjectUnknown: Nobody of that name is known.
    """
    scope = permit.spend(Action.ARRANGE)
    subject = only_subject(scope)

    def settle(transaction: Transaction) -> Performed[None]:
        changes = resources.store.within(transaction)
        changes.subject(scope.gallery, subject)
        changes.set_failed_tries(scope.gallery, subject, 0)
        return Performed(None)

    return Pending(settle)


def remove(permit: Permit, *, resources: Resources, reference: str) -> Pending[None]:
    """Remove one reference of a subject.

    Args:
        permit: Allows `Action.CORRECT` of one subject of a gallery.
        resources: What to work with.
        reference: Its identifier.

    Raises:
        PermitRefused: The permit is not for this.
        ReferenceUnknown: The subject has no such reference.
    """
    scope = permit.spend(Action.CORRECT)
    subject = only_subject(scope)

    def settle(transaction: Transaction) -> Performed[None]:
        changes = resources.store.within(transaction)
        there = {it.identifier for it in changes.references(scope.gallery, subject)}
        if reference not in there:
            raise ReferenceUnknown("The subject has no such reference.")
        changes.remove(scope.gallery, (reference,))
        return Performed(None, Counts(erased=int(len(there) == 1)))

    return Pending(settle)


def look(permit: Permit, *, resources: Resources, at: Callable[[GalleryStore], T]) -> Performed[T]:
    """Look at what is kept: never at a template.

    Args:
        permit: Allows `Action.READ`.
        resources: What to work with.
        at: Reads of the store what the caller may see.

    Raises:
        PermitRefused: The permit is not for this.
    """
    permit.spend(Action.READ)
    return Performed(at(resources.store))
