"""Deployments on record in, the uses that may be asked about out, each with what simulations assume of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.facts import DeploymentFacts
from faceward.governance.laws.authority import open_authority
from faceward.governance.laws.authority_register import authorities
from faceward.governance.policies.archetypes import FUNCTIONS
from faceward.governance.requests import Request
from faceward.governance.reviews.review import deployments
from faceward.governance.reviews.standing import deployment_facts
from faceward.transparency.words import Capture, Function, Purpose

_ANYBODY = "a member of the deployment"


@dataclass(frozen=True, slots=True)
class Prospect:
    """One use of a deployment that was approved, or is applied for.

    Attributes:
        deployment: Its identifier.
        purpose: What for.
        function: What it amounts to.
        capture: What photos are taken with.
    """

    deployment: str
    purpose: Purpose
    function: Function
    capture: Capture

    def request(self) -> Request:
        """The plainest request of such a use: one comparison, by a member, on behalf of nobody else."""
        return Request(
            actor=_ANYBODY,
            deployment=self.deployment,
            action=FUNCTIONS[self.function],
            purpose=self.purpose,
            comparisons=1,
            capture=self.capture,
            live=self.function is Function.LIVE,
        )


def prospects(snapshot: Snapshot, at: datetime, names: Iterable[str] = ()) -> tuple[Prospect, ...]:
    """Every use that deployments were approved for, or are applied for where nothing was approved.

    Args:
        snapshot: What is on record.
        at: When.
        names: Which deployments; all of them where none is named.

    Raises:
        DeploymentUnknown: There is no deployment of a name.
    """
    chosen = tuple(names) or tuple(sorted(snapshot.view(deployments)))
    return tuple(
        Prospect(name, purpose, function, capture)
        for name in chosen
        for facts in (deployment_facts(snapshot, name, at),)
        for purpose in sorted(facts.purposes)
        for function in FUNCTIONS
        if function in facts.functions
        for capture in sorted(facts.captures)
    )


def authorised(snapshot: Snapshot, it: Prospect, facts: DeploymentFacts, at: datetime) -> bool:
    """Whether an authority on record covers a use; whoever it names is taken to be who is looked for."""
    known = [one.record for one in snapshot.view(authorities) if one.counts]
    return open_authority(known, it.deployment, at, facts.place, it.purpose) is not None
