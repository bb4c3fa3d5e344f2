"""A decision and who would take it in, why they may not out, and what the ledger calls it where they may."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from faceward.governance.charters.charter import GOVERNING, Keyholder, Role
from faceward.governance.documents import separation
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.reviews.decisions import Act, Decision
from faceward.governance.reviews.deployments import Deployment, Version
from faceward.governance.reviews.standing import challenged
from faceward.transparency.words import Status


def objections(
    on: Snapshot, it: Deployment, decision: Decision, holder: Keyholder, at: datetime
) -> Iterable[str]:
    """Every reason why somebody may not take a decision now; nothing where they may.

    Args:
        on: What is in force.
        it: The deployment.
        decision: What would be decided.
        holder: Who would decide.
        at: When.
    """
    if it.status is Status.CLOSED:
        yield "The deployment was closed, which is final."
    if not holder.roles & GOVERNING:
        yield "The key has neither the role reviewer nor the role operator."
    match decision.act:
        case Act.APPROVE | Act.APPROVE_WITH_CONDITIONS:
            yield from _objections_to_approval(on, it, decision, holder, at)
        case Act.REFUSE | Act.NEED_MORE:
            if Role.REVIEWER not in holder.roles:
                yield "The key does not have the role reviewer."
            if it.newest is None or decision.application not in _judgeable(it):
                yield "The decision is about another version of the application than the newest."
        case Act.RESUME:
            yield from _objections_to_resumption(on, it, holder)


def _objections_to_approval(
    on: Snapshot, it: Deployment, decision: Decision, holder: Keyholder, at: datetime
) -> Iterable[str]:
    version = it.newest
    if version is None:
        yield "A trial is not approved; apply for a deployment."
        return
    if decision.application != version.digest:
        yield "The decision is about another version of the application than the newest."
    elif version.settled:
        yield "This version was decided already; a new one must be applied for."
    yield from separation.objections_to_approver(on, version.document, version.approvals, holder.account)
    if decision.until is None or not at < decision.until <= version.longest_at(at):
        days = (version.longest_at(at) - at).days
        yield f"An approval of this application ends later than now, and after {days} days at most."


def _objections_to_resumption(on: Snapshot, it: Deployment, holder: Keyholder) -> Iterable[str]:
    if challenged(on, it.identifier):
        yield "A challenge of it was upheld, which stays. Close it, and apply for another deployment."
    elif it.status is not Status.SUSPENDED:
        yield "The deployment is not suspended."
    use = it.newest if it.approval is None else it.approval.use
    if isinstance(use, Version):
        yield from separation.objections_to_approver(on, use.document, it.resumed_by, holder.account)


def _judgeable(it: Deployment) -> set[str]:
    """The versions that may still be refused: the newest, and the one in force."""
    uses = (it.newest, None if it.approval is None else it.approval.use)
    return {one.digest for one in uses if isinstance(one, Version)}


def event_type(
    on: Snapshot, it: Deployment, decision: Decision, holder: Keyholder
) -> tuple[str, tuple[str, ...]]:
    """What the ledger calls a decision, and who approved so far.

    The first of two approvals approves nothing yet, so it is called "more".
    """
    match decision.act:
        case Act.APPROVE | Act.APPROVE_WITH_CONDITIONS:
            assert it.newest is not None  # noqa: S101 - it was judged
            so_far = separation.approvers(on, it.newest.document, it.newest.approvals)
            accounts = (*so_far.values(), holder.account)
            return ("approved" if len(accounts) >= it.newest.needed else "more"), accounts
        case Act.REFUSE:
            return "refused", ()
        case Act.NEED_MORE:
            return "more", ()
        case Act.SUSPEND:
            return "suspended", ()
        case Act.RESUME:
            return "resumed", (holder.account,)
    return "closed", ()
