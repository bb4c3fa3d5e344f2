"""A judged request in, a permit that can be spent once out.

A permit itself holds nothing. What it allows stands in the register of the gate that made it, under that very
object: one made by hand, a copy, or one that was kept finds nothing there.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

from faceward.core.decision import OperatingPoint
from faceward.errors import RefusedError
from faceward.ports.clock import Clock
from faceward.transparency.words import Action, Capture, Ground, Purpose


class PermitRefused(RefusedError):
    """A permit was not made by the gate, is spent or over, or is for something else."""

    code = "permit_refused"
    remedy = "Let the work run inside `gate.perform`, and spend its permit once, for what was asked."


@dataclass(frozen=True, slots=True)
class Scope:
    """What one operation may touch: it takes these from here, and never from its arguments.

    Attributes:
        action: What it may do.
        deployment: The reviewed use it is part of.
        purpose: What for.
        gallery: The gallery it may touch; empty for none.
        subjects: The enrolled people it may touch; empty for none by name.
        operating_point: Where it decides; ``None`` where it does not.
        probe_sha256: Digest of the one photo it may look at; empty for none.
        comparisons: Comparisons outside of a gallery that it may make.
        enrolling: People it may enrol.
        capture: What the photo was taken with.
        ground: The legal ground that was found.
        expires: When the permit ends, spent or not.
    """

    action: Action
    deployment: str
    purpose: Purpose
    gallery: str
    subjects: tuple[str, ...]
    operating_point: OperatingPoint | None
    probe_sha256: bytes
    comparisons: int
    enrolling: int
    capture: Capture
    ground: Ground
    expires: datetime


class Permit:
    """Proof that one request was judged and recorded. It cannot be copied or pickled, only spent."""

    __slots__ = ("__weakref__",)

    def __copy__(self) -> NoReturn:
        raise _refused("A permit cannot be copied.")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise _refused("A permit cannot be copied.")

    def __reduce__(self) -> NoReturn:
        raise _refused("A permit cannot be stored or sent.")

    def spend(self, action: Action, gallery: str | None = None) -> Scope:
        """Use the permit up, and learn what may be touched.

        Args:
            action: What the operation is about to do.
            gallery: The gallery the operation is bound to; ``None`` where it is bound to none.

        Raises:
            PermitRefused: The gate did not make it, it was spent, it is over, or it is for something else. A
                permit that was tried for something else is spent all the same.
        """
        with _LOCK:
            entry = _LIVE.pop(self, None)
        if entry is None:
            raise _refused("This permit is not in the register of a gate: forged, spent or over.")
        scope, clock, spent = entry
        if clock.now() >= scope.expires:
            raise _refused("This permit has expired.")
        if action is not scope.action:
            raise _refused(f"This permit is for {scope.action}, not for {Action(action)}.")
        if gallery is not None and gallery != scope.gallery:
            raise _refused("This permit is for another gallery.")
        spent.append(scope.action)
        return scope


_LOCK = threading.Lock()
_LIVE: dict[Permit, tuple[Scope, Clock, list[Action]]] = {}
"""Permits whose work is running, each under its own identity; the gates put them in and take them out."""


def issue(scope: Scope, clock: Clock) -> tuple[Permit, list[Action]]:
    """Make a permit; for gates alone.

    Returns:
        The permit, and a list that holds its action as soon as it was spent.
    """
    permit, spent = Permit(), list[Action]()
    with _LOCK:
        _LIVE[permit] = (scope, clock, spent)
    return permit, spent


def revoke(permit: Permit) -> None:
    """End a permit, spent or not; for gates alone."""
    with _LOCK:
        _LIVE.pop(permit, None)


def _refused(cause: str) -> PermitRefused:
    return PermitRefused(cause, reasons=("gate/permit",))
