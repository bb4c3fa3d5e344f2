"""Applications, decisions and trials in, where each deployment stands out.

Everything is folded anew from the signed documents, in the order they were filed, whenever one is added. So
an approval by a key that was struck from the charter's list counts no longer, from that moment.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from faceward.governance.charters.charter import GOVERNING, Role
from faceward.governance.documents.separation import approvers
from faceward.governance.documents.snapshots import Document, Snapshot
from faceward.governance.documents.statements import Kind
from faceward.governance.reviews import applications, decisions, trials
from faceward.governance.reviews.decisions import Act, Decision
from faceward.governance.reviews.deployments import (
    Approval,
    Deployment,
    Deployments,
    Version,
    objections_to_application,
    objections_to_trial,
    retiered,
    tier_of,
)
from faceward.governance.reviews.organisations import REMEDY
from faceward.governance.reviews.scale import TRIAL, Scale
from faceward.reading import Record
from faceward.transparency.words import Status


def deployments(snapshot: Snapshot) -> Deployments:
    """Every deployment by its identifier. Ask for it with `Snapshot.view`, which keeps it."""
    found: dict[str, Deployment] = {}
    for document in snapshot.documents:
        match document.statement.kind:
            case Kind.TRIAL:
                _open(snapshot, found, document)
            case Kind.APPLICATION:
                _apply(snapshot, found, document)
            case Kind.DECISION:
                _decide(snapshot, found, document)
    return MappingProxyType(found)


def _open(snapshot: Snapshot, found: dict[str, Deployment], document: Document) -> None:
    name, it = document.statement.identifier, trials.parse(document.statement.body)
    operated = any(Role.OPERATOR in key.roles for key in snapshot.signers(document))
    # What a later review finds the organisation to be is judged with each request.
    if not operated or objections_to_trial(found, name, it, document.filed, None):
        return
    approval = Approval(it, TRIAL, document.filed, document.filed + trials.LASTS, (), trials.SCALE)
    found[name] = Deployment(name, it.customer, None, approval, Status.APPROVED)


def _apply(snapshot: Snapshot, found: dict[str, Deployment], document: Document) -> None:
    name = document.statement.identifier
    it = applications.parse(Record(dict(document.statement.body), "application", REMEDY))
    old = found.get(name)
    if objections_to_application(old, it) or not _signed_as(snapshot, document, Role.OPERATOR):
        return
    version = Version(document, it, tier_of(found, name, it, document.filed))
    if old is None:
        found[name] = Deployment(name, it.customer, version, None, Status.PENDING)
    else:
        pending = Status.PENDING if old.status is Status.REFUSED else old.status
        found[name] = replace(old, newest=version, status=pending)


def _decide(snapshot: Snapshot, found: dict[str, Deployment], document: Document) -> None:
    it, old = decisions.parse(document.statement.body), found.get(document.statement.identifier)
    if old is None or old.status is Status.CLOSED or not _signed_as(snapshot, document, *GOVERNING):
        return
    if it.act.judges:
        changed = _judged(snapshot, retiered(found, old, document.filed), it, document)
    else:
        changed = _steered(snapshot, old, it, document)
    found[old.identifier] = changed


def _judged(snapshot: Snapshot, old: Deployment, it: Decision, document: Document) -> Deployment:
    in_force = None if old.approval is None else old.approval.use
    if isinstance(in_force, Version) and it.act is Act.REFUSE and it.application == in_force.digest:
        return replace(old, approval=None, status=Status.REFUSED)
    version = old.newest
    # Whoever judges an older version has not seen what is applied for now.
    if version is None or version.settled or it.application != version.digest:
        return old
    if not it.act.approves:
        refused = it.act is Act.REFUSE and old.status is Status.PENDING
        settled = replace(version, settled=True)
        return replace(old, newest=settled, status=Status.REFUSED if refused else old.status)
    version = replace(version, approvals=(*version.approvals, document))
    counted = approvers(snapshot, version.document, version.approvals)
    if len(counted) < version.needed:
        return replace(old, newest=version)
    status = old.status if old.status is Status.SUSPENDED else Status.APPROVED
    approval = _approval(version, tuple(counted.values()), document.filed)
    return replace(old, newest=replace(version, settled=True), approval=approval, status=status)


def _approval(version: Version, accounts: tuple[str, ...], opened: datetime) -> Approval:
    given = [decisions.parse(it.statement.body) for it in version.approvals]
    asked = version.application.scale
    ends = [it.until for it in given if it.until is not None]
    return Approval(
        version,
        version.tier,
        opened,
        min(*ends, version.longest_at(opened)),
        accounts,
        Scale(
            min(asked.people, *(it.people or asked.people for it in given)),
            min(asked.daily, *(it.uses_a_day or asked.daily for it in given)),
        ),
        tuple(dict.fromkeys(words for it in given for words in it.conditions)),
    )


def _steered(snapshot: Snapshot, old: Deployment, it: Decision, document: Document) -> Deployment:
    if it.act is Act.CLOSE:
        return replace(old, status=Status.CLOSED, ended=document.filed)
    if it.act is Act.SUSPEND:
        return replace(old, status=Status.SUSPENDED, resumed_by=())
    if old.status is not Status.SUSPENDED:
        return old
    resumed = replace(old, resumed_by=(*old.resumed_by, document))
    if not may_go_on(snapshot, resumed):
        return resumed
    going = Status.PENDING if old.approval is None else Status.APPROVED
    return replace(resumed, status=going, resumed_by=())


def may_go_on(snapshot: Snapshot, suspended: Deployment) -> bool:
    """Whether enough people signed that a suspended deployment goes on: those who could approve it."""
    version = suspended.newest
    if suspended.approval is not None and isinstance(suspended.approval.use, Version):
        version = suspended.approval.use
    if version is None:
        # Nobody reviewed a trial, so one operator or reviewer is enough to go on with it.
        return bool(suspended.resumed_by)
    return len(approvers(snapshot, version.document, suspended.resumed_by)) >= version.needed


def _signed_as(snapshot: Snapshot, document: Document, *roles: Role) -> bool:
    return any(key.roles & set(roles) for key in snapshot.signers(document))
