"""Reviewed documents and measured state in, the facts that rules may speak of out; nothing here judges.

The three values mirror the schema of the packs name for name; a test holds that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from weakref import WeakKeyDictionary

from faceward.ports.policy_engine import Entity, EntityName, Fact, Question, Surroundings
from faceward.transparency.words import (
    Action,
    AuditVerdict,
    Body,
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Safeguard,
    Sector,
    Source,
    Status,
)


@dataclass(frozen=True, slots=True)
class InstrumentFacts:
    """What is known of the law that a deployment names.

    Attributes:
        country: ISO 3166-1 alpha-2.
        level: ``national``, ``supranational`` or ``subnational``.
        status: ``bill``, ``enacted``, ``in_force``, ``suspended`` or ``repealed``.
        effective: When it comes into force.
        ends: When it ends; ``None`` where it does not.
        agencies: Kinds of body it names.
        functions: What it allows: ``verify``, ``identify``, ``live``.
        purposes: For what.
        met: Criteria that are answered "met", ``HR-01`` to ``HR-18``.
        approvals: Approving reviewers of different organisations, none a vendor or customer.
        public_interest: How many of them are of civil society or academic.
        window_closed: End of the challenge window.
        upheld_challenge: Whether a challenge was upheld, or is undecided.
        review_until: When its reviews must be made anew.
    """

    country: str
    level: str
    status: str
    effective: datetime
    ends: datetime | None
    agencies: frozenset[str]
    functions: frozenset[str]
    purposes: frozenset[str]
    met: frozenset[str]
    approvals: int
    public_interest: int
    window_closed: datetime
    upheld_challenge: bool
    review_until: datetime


@dataclass(frozen=True, slots=True)
class DeploymentFacts:
    """What is known of one reviewed use by one customer, at one moment.

    Attributes:
        country: ISO 3166-1 alpha-2.
        agency: Kind of body that operates it.
        place: Where photos are taken.
        tier: 0 to 3.
        status: Where it stands.
        opened: From when it may work.
        review_until: Until when.
        purposes: What was approved.
        functions: What was approved.
        captures: What was approved.
        approvers: Different people who approved, none of them the applicant.
        enhanced: Whether the review was the enhanced one.
        factors: Whether every review factor was answered.
        voluntary: Whether enrolment is optional.
        human: Whether a person decides.
        safeguards: What protects those whom a comparison fails.
        max_enrolled: People in its galleries that were approved.
        max_daily: Uses a day that were approved.
        instrument: The law it names; ``None`` where it names none that is on record.
    """

    country: str
    agency: Body
    place: Place
    tier: int
    status: Status
    opened: datetime
    review_until: datetime
    purposes: frozenset[Purpose]
    functions: frozenset[Function]
    captures: frozenset[Capture]
    approvers: int
    enhanced: bool
    factors: bool
    voluntary: bool
    human: bool
    safeguards: frozenset[Safeguard]
    max_enrolled: int
    max_daily: int
    instrument: InstrumentFacts | None


@dataclass(frozen=True, slots=True)
class UseFacts:
    """What is known of one request.

    Attributes:
        now: When.
        purpose: What for.
        function: What it amounts to.
        sector: The strictest of operator, beneficiary and recipient.
        capture: What the photo was taken with.
        live: Whether people are looked for who do not present themselves.
        targeted: Whether only named subjects are looked for.
        own_gallery: Whether every gallery concerned belongs to the deployment.
        source: Where the gallery's photos come from, the worst of several.
        ground: The legal ground, the weakest of several.
        minors: Whether people below the age of majority may be met.
        authority: Whether an open authority record covers now, the place and the purpose.
        audit: The verdict for this model, operating point and use.
        banned: Whether a local ban covers the place.
        enrolled_after: People in the deployment's galleries after the act.
        daily_after: Uses of the deployment today, with this one.
        customer_enrolled_after: People in all galleries of the customer after the act.
        customer_daily_after: Uses of all deployments of the customer today, with this one.
        tier_enrolled: People that the deployment's tier allows the whole customer.
        tier_daily: Uses a day that the deployment's tier allows the whole customer.
        customer_tier: What the customer's people, sites and places amount to, as measured.
    """

    now: datetime
    purpose: Purpose
    function: Function
    sector: Sector
    capture: Capture
    live: bool
    targeted: bool
    own_gallery: bool
    source: Source
    ground: Ground
    minors: Minors
    authority: bool
    audit: AuditVerdict
    banned: bool
    enrolled_after: int
    daily_after: int
    customer_enrolled_after: int
    customer_daily_after: int
    tier_enrolled: int
    tier_daily: int
    customer_tier: int


_DEPLOYMENT = EntityName("Deployment", "this")
_MEMBER = EntityName("Client", "member")
_STRANGER = EntityName("Client", "stranger")
_INSTRUMENT = EntityName("Instrument", "this")
_USE = EntityName("Use", "this")

MOMENTARY = frozenset(
    {"now", "enrolled_after", "daily_after", "customer_enrolled_after", "customer_daily_after"}
)
"""The facts of a use that differ from one request to the next; the others are an entity that engines keep."""

_MOST_KEPT = 256
"""Kinds of request that are kept for one deployment; far more than one deployment has."""


def surroundings(deployment: DeploymentFacts) -> Surroundings:
    """The entities that rules speak of. Keep it while the facts hold: engines keep what they made of it."""
    attributes = dict(_attributes(deployment, _NAMES[DeploymentFacts]))
    entities = [Entity(_MEMBER, {}, (_DEPLOYMENT,)), Entity(_STRANGER, {})]
    if deployment.instrument is not None:
        attributes["instrument"] = _INSTRUMENT
        entities.append(Entity(_INSTRUMENT, _attributes(deployment.instrument, _NAMES[InstrumentFacts])))
    return Surroundings((Entity(_DEPLOYMENT, attributes), *entities))


def question(action: Action, use: UseFacts, around: Surroundings, *, member: bool) -> Question:
    """Ask whether one use of a deployment may be.

    Args:
        action: What is to be done.
        use: What is known of the request.
        around: What `surroundings` gave for the deployment.
        member: Whether the actor works for that deployment.
    """
    context = {**_attributes(use, _OF_MOMENTS), "use": _USE}
    return Question(_MEMBER if member else _STRANGER, action.value, _DEPLOYMENT, context, _with(around, use))


def _with(around: Surroundings, use: UseFacts) -> Surroundings:
    """The entities with that of the use: the same object for requests of which the same is known."""
    kept = _KEPT.get(around)
    if kept is None:
        kept = _KEPT.setdefault(around, {})
    key = _standing(use)
    found = kept.get(key)
    if found is None:
        if len(kept) >= _MOST_KEPT:
            kept.clear()
        entity = Entity(_USE, dict(zip(_OF_USES, key, strict=True)))
        found = kept.setdefault(key, Surroundings((*around.entities, entity)))
    return found


def _attributes(
    it: InstrumentFacts | DeploymentFacts | UseFacts, names: tuple[str, ...]
) -> Mapping[str, Fact]:
    values = {name: getattr(it, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


_NAMES = {
    kind: tuple(field.name for field in fields(kind) if field.name != "instrument")
    for kind in (InstrumentFacts, DeploymentFacts, UseFacts)
}
_OF_MOMENTS = tuple(name for name in _NAMES[UseFacts] if name in MOMENTARY)
_OF_USES = tuple(name for name in _NAMES[UseFacts] if name not in MOMENTARY)
_standing = attrgetter(*_OF_USES)
_KEPT: WeakKeyDictionary[Surroundings, dict[tuple[Fact, ...], Surroundings]] = WeakKeyDictionary()
