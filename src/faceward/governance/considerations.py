"""A request in, everything that is known about it out, at one moment; nothing here judges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from faceward.errors import RefusedError

if TYPE_CHECKING:
    from datetime import datetime

    from faceward.governance.facts import UseFacts
    from faceward.governance.requests import Request
    from faceward.governance.rulebook import Rulebook
    from faceward.ports.ledger import Claim
    from faceward.ports.policy_engine import Surroundings


class UnknownDeployment(RefusedError):
    """No deployment of that name is on record, so nothing is known for the request."""

    code = "deployment_not_on_record"
    remedy = "Open a trial with `faceward deployment trial`, or have the use reviewed."


@dataclass(frozen=True, slots=True)
class Considered:
    """All that a decision rests on.

    Attributes:
        member: Whether the actor works for the deployment.
        use: What is known of the request.
        around: What is known of the deployment and its law; the same object as long as that does not change.
        claims: The scale that the act uses up, reserved together with the record of the decision.
        enrolled_counters: The counters of people that the act adds to or takes from.
        rulebook: The rules that are in force for it.
    """

    member: bool
    use: UseFacts
    around: Surroundings
    claims: tuple[Claim, ...]
    enrolled_counters: tuple[str, ...]
    rulebook: Rulebook


class Dossier(Protocol):
    """Knows the documents and the measured state that requests are held against."""

    def consider(self, request: Request, now: datetime) -> Considered:
        """Gather what is known.

        Raises:
            UnknownDeployment: There is no such deployment.
            DependencyError: What is known cannot be read, so nothing may be decided.
        """

    def rulebook(self) -> Rulebook:
        """The rules in force now.

        Raises:
            CharterMissing: There is no charter yet.
            PolicyInvalid: The rules cannot be read, so nothing may be decided.
        """

    def pseudonym(self, kind: str, name: str) -> str:
        """What the ledger calls something; empty for an empty name.

        Args:
            kind: ``deployment``, ``actor``, ``gallery``, ``organisation`` or ``authority``.
            name: What the installation calls it.
        """

    def subject(self, gallery: str, name: str) -> str:
        """What the ledger calls a subject of a gallery, until their key is destroyed."""

    def digest(self, salt: bytes, content: bytes) -> str:
        """A keyed digest under a key of this one record, 64 hexadecimal digits; empty for empty content."""
