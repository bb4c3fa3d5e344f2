"""Facts in, a dossier that knows them and nothing else out."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from faceward.governance.considerations import Considered, UnknownDeployment
from faceward.governance.facts import DeploymentFacts, UseFacts, surroundings
from faceward.governance.requests import Request
from faceward.governance.rulebook import Rulebook
from faceward.ports.ledger import Claim
from faceward.ports.policy_engine import PolicyEngine, Surroundings
from faceward.transparency.kinds import keyed
from faceward.transparency.words import (
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

WORKER_CHECK = DeploymentFacts(
    country="IE",
    agency=Body.COMPANY,
    place=Place.PRIVATE,
    tier=0,
    status=Status.APPROVED,
    opened=datetime(2026, 1, 1, tzinfo=UTC),
    review_until=datetime(2026, 4, 1, tzinfo=UTC),
    purposes=frozenset({Purpose.VERIFY_WORKER}),
    functions=frozenset({Function.VERIFY, Function.ANALYSE}),
    captures=frozenset({Capture.SUPERVISED}),
    approvers=0,
    enhanced=False,
    factors=True,
    voluntary=True,
    human=True,
    safeguards=frozenset(Safeguard),
    max_enrolled=100,
    max_daily=1000,
    instrument=None,
)
"""A trial in which a company checks that its driver is the account holder."""

CHECK = UseFacts(
    now=datetime(2026, 2, 1, tzinfo=UTC),
    purpose=Purpose.VERIFY_WORKER,
    function=Function.VERIFY,
    sector=Sector.COMMERCIAL,
    capture=Capture.SUPERVISED,
    live=False,
    targeted=True,
    own_gallery=True,
    source=Source.SUBJECTS,
    ground=Ground.CONSENT,
    minors=Minors.NONE,
    authority=False,
    audit=AuditVerdict.NONE,
    banned=False,
    enrolled_after=10,
    daily_after=1,
    customer_enrolled_after=10,
    customer_daily_after=1,
    tier_enrolled=100,
    tier_daily=1000,
    customer_tier=0,
)
"""One such check."""


WORDS = {"base/expired": "The review is over. Have it reviewed again."}
"""What one rule says."""


@dataclass(frozen=True)
class FixedDossier:
    """Knows one deployment, ``drivers``, whose facts do not change with what happens.

    Attributes:
        engine: Judges.
        deployment: What is known of it.
        use: What is known of each request; purpose, function, capture and time are taken from the request.
        claims: What each allowed act reserves.
        enrolled_counters: Where enrolments are counted.
    """

    engine: PolicyEngine
    deployment: DeploymentFacts = WORKER_CHECK
    use: UseFacts = CHECK
    claims: tuple[Claim, ...] = ()
    enrolled_counters: tuple[str, ...] = ()
    _around: Surroundings = field(init=False, repr=False)
    _rulebook: Rulebook = field(init=False, repr=False)

    def __post_init__(self) -> None:
        policy = hashlib.sha256(b"charter").hexdigest()
        object.__setattr__(self, "_around", surroundings(self.deployment))
        object.__setattr__(self, "_rulebook", Rulebook(policy, self.engine, WORDS))

    def consider(self, request: Request, now: datetime) -> Considered:
        """The facts it was made with.

        Raises:
            UnknownDeployment: The request is for another deployment.
        """
        if request.deployment != "drivers":
            raise UnknownDeployment("There is no such deployment.")
        use = replace(
            self.use,
            now=now,
            purpose=request.purpose,
            function=request.function,
            capture=request.capture,
            live=request.live,
        )
        return Considered(
            member=True,
            use=use,
            around=self._around,
            claims=self.claims,
            enrolled_counters=self.enrolled_counters,
            rulebook=self.rulebook(),
        )

    def rulebook(self) -> Rulebook:
        """Always the same."""
        return self._rulebook

    def pseudonym(self, kind: str, name: str) -> str:
        """Under a key that everybody knows."""
        return f"{kind[0]}-{_mac(b'testing', f'{kind}:{name}'.encode()).hex()[:32]}" if name else ""

    def subject(self, gallery: str, name: str) -> str:
        """Under a key that everybody knows."""
        return f"s-{_mac(gallery.encode(), name.encode()).hex()[:32]}"

    def digest(self, salt: bytes, content: bytes) -> str:
        """Under a key that everybody knows."""
        return keyed(_mac(salt, content)) if content else ""


def _mac(key: bytes, content: bytes) -> bytes:
    return hmac.new(key, content, hashlib.sha256).digest()
