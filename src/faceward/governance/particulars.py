"""A deployment and a second in, what holds for it as such out: facts, limits, sites, bans, bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from faceward.governance.documents.pseudonyms import Pseudonyms
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.facts import DeploymentFacts, surroundings
from faceward.governance.laws.place_bans import banned
from faceward.governance.reviews.audits import AuditedUse
from faceward.governance.reviews.deployments import Deployment, others
from faceward.governance.reviews.review import deployments
from faceward.governance.reviews.scale import Scale
from faceward.governance.reviews.standing import bodies_at, customer_limits, deployment_facts, found
from faceward.governance.reviews.trials import Trial
from faceward.ports.policy_engine import Surroundings
from faceward.transparency.words import AuditVerdict, Body, Ground, Minors, Place, Sector, Source


@dataclass(frozen=True, slots=True)
class Declared:
    """What a trial or an application says of its photos and people.

    Attributes:
        locality: Town or region; empty where it is not stated.
        source: Where photos of the gallery come from.
        ground: On which legal ground.
        minors: Whether people below the age of majority may be met.
    """

    locality: str
    source: Source
    ground: Ground
    minors: Minors


@dataclass(frozen=True, slots=True)
class Particulars:
    """What holds for a deployment as such.

    Attributes:
        second: When it was gathered, seconds since 1970; whatever has an end is compared with the exact time
            by the rules.
        facts: What rules may speak of.
        around: The entities of it, the same object as long as the facts are the same.
        bodies: Who operates it or gets its results.
        declared: What was said of its photos and people.
        limits: What its tier allows the whole customer.
        sites: How many sites the customer has in all.
        places: What places the customer has in all.
        deployment: Pseudonym.
        customer: Pseudonym.
        banned: For each sector whether a local ban covers it.
        verdicts: What audits say of uses that were asked about in this second.
    """

    second: int
    facts: DeploymentFacts
    around: Surroundings
    bodies: tuple[Body, ...]
    declared: Declared
    limits: Scale
    sites: int
    places: frozenset[Place]
    deployment: str
    customer: str
    banned: Mapping[Sector, bool]
    verdicts: dict[AuditedUse, AuditVerdict] = field(default_factory=dict)


def particulars(snapshot: Snapshot, deployment: str, now: datetime, names: Pseudonyms) -> Particulars:
    """Gather what holds for a deployment; once a second at most, for it is kept with the snapshot.

    Raises:
        DeploymentUnknown: There is no such deployment.
    """
    kept, second = snapshot.view(_kept), int(now.timestamp())
    known = kept.get(deployment)
    if known is None or known.second != second:
        known = kept[deployment] = _gathered(snapshot, deployment, now, names, known)
    return known


def _kept(_snapshot: Snapshot) -> dict[str, Particulars]:
    return {}


def _gathered(
    snapshot: Snapshot,
    deployment: str,
    now: datetime,
    names: Pseudonyms,
    before: Particulars | None,
) -> Particulars:
    it = found(snapshot, deployment)
    facts = deployment_facts(snapshot, deployment, now)
    also = others(snapshot.view(deployments), it.customer, deployment, now)
    declared = _declared(it)
    # Engines keep what they made of the same object.
    around = before.around if before is not None and before.facts is facts else surroundings(facts)
    return Particulars(
        second=int(now.timestamp()),
        facts=facts,
        around=around,
        bodies=bodies_at(snapshot, deployment, now),
        declared=declared,
        limits=customer_limits(snapshot, deployment, now),
        sites=len(it.sites.union(*(one.sites for one in also))),
        places=frozenset({it.place, *(one.place for one in also)}),
        deployment=names.deployment(deployment),
        customer=names.organisation(it.customer),
        banned={
            sector: bool(banned(facts.country, declared.locality, sector, now, facts.place))
            for sector in Sector
        },
    )


def _declared(it: Deployment) -> Declared:
    use = it.newest if it.approval is None else it.approval.use
    if isinstance(use, Trial):
        return Declared("", Source.SUBJECTS, Ground.CONSENT, Minors.NONE)
    assert use is not None  # noqa: S101 - a deployment is a trial or has an application
    what = use.application
    return Declared(what.locality, what.source, what.ground, what.minors)
