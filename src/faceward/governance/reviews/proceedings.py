"""What somebody decides and their key in, a filed document out, or every reason why it may not be.

Each act looks at one snapshot, judges, signs and files; where anything was filed in between, it is told so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from faceward.errors import RefusedError
from faceward.governance.charters.charter import Keyholder, Role
from faceward.governance.documents import separation
from faceward.governance.documents.filing import file, holder_of
from faceward.governance.documents.registry import Event, Registry
from faceward.governance.documents.snapshots import Document
from faceward.governance.documents.statements import Kind
from faceward.governance.reviews import applications, audits, decisions, organisations, trials
from faceward.governance.reviews.applications import Application
from faceward.governance.reviews.audits import Audit
from faceward.governance.reviews.decisions import Decision
from faceward.governance.reviews.deployments import (
    Deployment,
    Version,
    objections_to_application,
    objections_to_trial,
    retiered,
    tier_of,
)
from faceward.governance.reviews.judgements import event_type, objections
from faceward.governance.reviews.organisations import Organisation, body_at
from faceward.governance.reviews.review import deployments
from faceward.governance.reviews.standing import agency_at, found
from faceward.governance.reviews.trials import Trial
from faceward.ports.ledger import JsonValue
from faceward.transparency import kinds
from faceward.transparency.signatures import SigningKey
from faceward.transparency.words import AuditVerdict, Body, Function, Purpose


class ReviewRefused(RefusedError):
    """An application, a decision or a trial is not allowed; every reason is given."""

    code = "review_refused"
    remedy = "See docs/explanation/governance.md for who may decide what."


def open_trial(registry: Registry, name: str, trial: Trial, key: SigningKey) -> Document:
    """Open a trial: an operator alone may.

    Raises:
        ReviewRefused: There can be no such trial now; every reason is given.
    """
    on, at = registry.snapshot(), registry.now()
    holder = holder_of(on, key, at)
    reviewed = None
    if trial.customer in on.view(organisations.organisations):
        reviewed = body_at(on, trial.customer, at)
    reasons = list(objections_to_trial(on.view(deployments), name, trial, at, reviewed))
    if Role.OPERATOR not in holder.roles:
        reasons.append("The key does not have the role operator.")
    _refuse("This trial cannot be opened.", reasons)
    event = _review_event(
        registry, "approved", name, holder,
        tier=0, functions=trial.functions, purposes=(trial.purpose,), body=trial.body,
        approvers=(holder.account,), expires=at + trials.LASTS,
    )  # fmt: skip
    return file(registry, on, Kind.TRIAL, name, trials.as_json(trial), key, event)


def apply(registry: Registry, name: str, application: Application, key: SigningKey) -> Document:
    """File an application, or a new version of one.

    Raises:
        ReviewRefused: It cannot be filed; every reason is given.
    """
    on, at = registry.snapshot(), registry.now()
    holder = holder_of(on, key, at)
    existing = on.view(deployments)
    reasons = list(objections_to_application(existing.get(name), application))
    if Role.OPERATOR not in holder.roles:
        reasons.append("The key does not have the role operator.")
    _refuse("This application cannot be filed.", reasons)
    event = _review_event(
        registry, "applied", name, holder,
        tier=tier_of(existing, name, application, at), functions=application.functions,
        purposes=application.purposes, body=body_at(on, application.customer, at), approvers=(), expires=None,
    )  # fmt: skip
    return file(registry, on, Kind.APPLICATION, name, applications.as_json(application), key, event)


def decide(registry: Registry, name: str, decision: Decision, key: SigningKey) -> Deployment:
    """File a decision about a deployment, and give where it stands then.

    Raises:
        DeploymentUnknown: There is no such deployment.
        ReviewRefused: This person may not decide that, or not now; every reason is given.
    """
    on, at = registry.snapshot(), registry.now()
    holder, it = holder_of(on, key, at), retiered(on.view(deployments), found(on, name), at)
    reasons = list(objections(on, it, decision, holder, at))
    _refuse(f"This person cannot {decision.act.replace('_', ' ')} the deployment.", reasons)
    version = it.newest if it.approval is None or decision.act.judges else it.approval.use
    what, approving = event_type(on, it, decision, holder)
    use = version.application if isinstance(version, Version) else version
    assert use is not None  # noqa: S101 - a deployment is a trial or has an application
    event = _review_event(
        registry, what, name, holder,
        tier=version.tier if isinstance(version, Version) else 0,
        functions=use.functions,
        purposes=(use.purpose,) if isinstance(use, Trial) else use.purposes,
        body=agency_at(on, name, at), approvers=approving, expires=decision.until,
        conditions=decision.conditions_counted,
    )  # fmt: skip
    body = decisions.as_json(decision)
    decisions.parse(body)
    file(registry, on, Kind.DECISION, name, body, key, event)
    return found(registry.snapshot(), name)


def review_organisation(registry: Registry, name: str, organisation: Organisation, key: SigningKey) -> Body:
    """File what a review found an organisation to be, and give what it counts as then.

    Raises:
        ReviewRefused: This person reviews no organisations, or the review would hold too long.
    """
    on, at = registry.snapshot(), registry.now()
    holder = holder_of(on, key, at)
    who = separation.parties(on, ())
    reasons = []
    if Role.REVIEWER not in holder.roles:
        reasons.append("The key does not have the role reviewer.")
    if who.person(holder.account) in who.operators:
        reasons.append("Whoever operates reviews no organisations, with whichever key.")
    if not at < organisation.until <= at + decisions.LONGEST:
        reasons.append("A review holds for twelve months at most, and ends later than now.")
    _refuse("This review cannot be filed.", reasons)
    event = Event(
        "organisation.reviewed",
        {
            "body_kind": str(organisation.body),
            "approvers": _pseudonyms(registry, (holder.account,)),
            "expires": kinds.stamp(organisation.until),
        },
        actor=registry.pseudonyms.actor(holder.account),
    )
    file(registry, on, Kind.ORGANISATION, name, organisations.as_json(organisation), key, event)
    return body_at(registry.snapshot(), name, at)


def record_audit(registry: Registry, name: str, audit: Audit, key: SigningKey) -> AuditVerdict:
    """File an audit, and give what it says of what it was made for.

    Raises:
        ReviewRefused: This person audits nothing, or the audit would hold too long.
    """
    on, at = registry.snapshot(), registry.now()
    holder = holder_of(on, key, at)
    who = separation.parties(on, ())
    reasons = []
    if Role.AUDITOR not in holder.roles:
        reasons.append("The key does not have the role auditor.")
    if who.person(holder.account) in who.operators:
        reasons.append("Whoever operates audits nothing, with whichever key.")
    if not at < audit.until <= at + audits.LONGEST:
        reasons.append("An audit holds for twelve months at most, and ends later than now.")
    _refuse("This audit cannot be filed.", reasons)
    says = _worst(audits.judged(audit, one, audit.people) for one in audit.functions)
    event = Event(
        "audit.run",
        {
            "model": audit.model,
            "verdict": str(says),
            "expires": kinds.stamp(audit.until),
            "signers": _pseudonyms(registry, (holder.account,)),
        },
        actor=registry.pseudonyms.actor(holder.account),
    )
    file(registry, on, Kind.AUDIT, name, audits.as_json(audit), key, event)
    return says


def _review_event(  # noqa: PLR0913 - the parts of an entry
    registry: Registry,
    what: str,
    name: str,
    holder: Keyholder,
    *,
    tier: int,
    functions: Iterable[Function],
    purposes: Iterable[Purpose],
    body: Body,
    approvers: Iterable[str],
    expires: datetime | None,
    conditions: int = 0,
) -> Event:
    values: dict[str, JsonValue] = {
        "tier": tier,
        "functions": sorted(str(it) for it in functions),
        "purposes": sorted(str(it) for it in purposes),
        "body_kind": str(body),
        "approvers": _pseudonyms(registry, approvers),
        "conditions": conditions,
        "expires": None if expires is None else kinds.stamp(expires),
    }
    pseudonyms = registry.pseudonyms
    return Event(f"review.{what}", values, pseudonyms.deployment(name), pseudonyms.actor(holder.account))


def _pseudonyms(registry: Registry, accounts: Iterable[str]) -> list[JsonValue]:
    return [*sorted({registry.pseudonyms.actor(account) for account in accounts})]


def _refuse(cause: str, reasons: list[str]) -> None:
    if reasons:
        raise ReviewRefused(cause, reasons=tuple(dict.fromkeys(reasons)))


def _worst(verdicts: Iterable[AuditVerdict]) -> AuditVerdict:
    order = (AuditVerdict.FAIL, AuditVerdict.INCONCLUSIVE, AuditVerdict.PASS)
    return min(verdicts, key=order.index, default=AuditVerdict.INCONCLUSIVE)
