"""A request or a use that may be asked about in, what the audits on record say of it out."""

from __future__ import annotations

from datetime import datetime

from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.particulars import Particulars
from faceward.governance.policies.prospects import Prospect
from faceward.governance.requests import Request
from faceward.governance.reviews.audits import AuditedUse, audits, verdict
from faceward.transparency.words import Action, AuditVerdict, Function

_KEEPING = frozenset({Action.CORRECT, Action.EXPORT, Action.RETEMPLATE})
_WORST_FIRST = (
    AuditVerdict.FAIL,
    AuditVerdict.NONE,
    AuditVerdict.EXPIRED,
    AuditVerdict.INCONCLUSIVE,
    AuditVerdict.PASS,
)


def of_request(
    snapshot: Snapshot, known: Particulars, request: Request, now: datetime, people: int
) -> AuditVerdict:
    """The verdict of the audits; for upkeep the worst of those for what the deployment may do.

    A trial needs none, so nothing is looked up for it.

    Args:
        snapshot: What is on record.
        known: What holds for the deployment.
        request: What is asked.
        now: When.
        people: People in the galleries that are searched, after the act.
    """
    facts, at = known.facts, request.operating_point
    if facts.tier == 0 or at is None or not request.model_sha256:
        return AuditVerdict.NONE
    upkeep = request.function is Function.UPKEEP
    functions = facts.functions - {Function.ANALYSE} if upkeep else {request.function}
    captures = facts.captures if request.action in _KEEPING else {request.capture}
    threshold = round(at.threshold * 1e6)
    uses = (
        AuditedUse(request.model_sha256, threshold, function, request.purpose, capture, people)
        for function in functions
        for capture in captures
    )
    return min((_verdict(snapshot, known, request, it, now) for it in uses), key=_WORST_FIRST.index,
               default=AuditVerdict.NONE)  # fmt: skip


def _verdict(
    snapshot: Snapshot, known: Particulars, request: Request, use: AuditedUse, now: datetime
) -> AuditVerdict:
    said = known.verdicts.get(use)
    if said is None:
        said = known.verdicts[use] = verdict(snapshot, request.deployment, use, now)
    return said


def best(snapshot: Snapshot, it: Prospect, at: datetime) -> AuditVerdict:
    """What the audits say of a use, for whichever audited model and operating point they say most of.

    Raises:
        DeploymentUnknown: There is no such deployment.
    """
    audited = {(audit.model, audit.threshold_millionths) for _, audit in snapshot.view(audits)}
    uses = (
        AuditedUse(model, threshold, it.function, it.purpose, it.capture, people=0)
        for model, threshold in audited
    )
    verdicts = (verdict(snapshot, it.deployment, use, at) for use in uses)
    return max(verdicts, key=_WORST_FIRST.index, default=AuditVerdict.NONE)
