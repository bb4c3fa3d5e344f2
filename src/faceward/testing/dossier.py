"""Facts in, a dossier that knows them and nothing else out."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from faceward.governance.considerations import Considered, UnknownDeployment
from faceward.governance.facts import DeploymentFacts, UseFacts, surroundings
from faceward.governance.policies.archetypes import Archetype, archetypal
from faceward.governance.requests import Request
from faceward.governance.rulebook import Rulebook
from faceward.ports.ledger import Claim
from faceward.ports.policy_engine import PolicyEngine, Surroundings
from faceward.transparency.kinds import keyed
from faceward.transparency.words import AuditVerdict, Function, Purpose, Sector

_DAY = datetime(2026, 2, 1, tzinfo=UTC)
_KIND = Archetype(Sector.COMMERCIAL, Function.VERIFY, Purpose.VERIFY_WORKER)
_CASE = archetypal(_KIND, _DAY)

WORKER_CHECK = replace(
    _CASE.deployment,
    tier=0,
    approvers=0,
    enhanced=False,
    functions=frozenset({Function.VERIFY, Function.ANALYSE}),
    max_enrolled=100,
    max_daily=1000,
)
"""A trial in which a company checks that its driver is the account holder."""

CHECK = replace(
    _CASE.use,
    authority=False,
    audit=AuditVerdict.NONE,
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
