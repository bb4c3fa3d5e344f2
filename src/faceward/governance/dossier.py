"""Documents and counters in, everything known about one request at one moment out.

What holds for a deployment as such is gathered once a second and kept with the snapshot it was gathered from;
what depends on the request is gathered for each. Whatever has an end is compared with the exact time by the
rules themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from faceward.governance.audits import AuditedUse, verdict
from faceward.governance.authority import AuthorityRecord, allows_subjects, covers
from faceward.governance.considerations import Considered, UnknownDeployment
from faceward.governance.deployments import others, together
from faceward.governance.facts import DeploymentFacts, UseFacts, surroundings
from faceward.governance.place_bans import banned
from faceward.governance.pseudonyms import Pseudonyms, keyed_digest
from faceward.governance.registry import Registry, policy_digest
from faceward.governance.requests import Request
from faceward.governance.review import deployments
from faceward.governance.scale import Scale, limits, tier
from faceward.governance.snapshots import Snapshot
from faceward.governance.standing import (
    DeploymentUnknown,
    Instruments,
    bodies_at,
    deployment_facts,
    found,
    members,
    no_instruments,
)
from faceward.governance.organisations import body_at
from faceward.governance.trials import Trial
from faceward.ports.holdings import Holdings
from faceward.ports.keyring import Keyring
from faceward.ports.ledger import Claim, Ledger
from faceward.ports.policy_engine import Surroundings
from faceward.transparency.kinds import keyed
from faceward.transparency.words import (
    Action,
    AuditVerdict,
    Body,
    Capture,
    Function,
    Ground,
    Minors,
    Sector,
    Source,
    strictest,
)

_RECORDS = "record"
_KEEPING = frozenset({Action.CORRECT, Action.EXPORT, Action.RETEMPLATE})
_WORST_FIRST = (
    AuditVerdict.FAIL,
    AuditVerdict.NONE,
    AuditVerdict.EXPIRED,
    AuditVerdict.INCONCLUSIVE,
    AuditVerdict.PASS,
)

Authorities = Callable[[Snapshot], tuple[AuthorityRecord, ...]]


def no_authorities(_snapshot: Snapshot) -> tuple[AuthorityRecord, ...]:
    """No authority is on record."""
    return ()
