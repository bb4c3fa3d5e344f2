"""A deployment and a moment in, the facts that rules may speak of out, and what else the gate must know."""

from __future__ import annotations

from datetime import datetime

from faceward.errors import InputError
from faceward.governance.documents.separation import approvers
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.facts import DeploymentFacts, InstrumentFacts
from faceward.governance.laws.challenges import suspends_deployment
from faceward.governance.laws.law_register import Filed, register
from faceward.governance.laws.moments import LONG_AGO, NEVER
from faceward.governance.reviews.deployments import Approval, Deployment, Version, others, together
from faceward.governance.reviews.factors import NO_INSTRUMENT
from faceward.governance.reviews.organisations import body_at, organisations
from faceward.governance.reviews.review import deployments
from faceward.governance.reviews.scale import Scale, limits
from faceward.governance.reviews.trials import Trial
from faceward.transparency.words import Body, Status, strictest


class DeploymentUnknown(InputError):
    """There is no deployment of that name."""

    code = "deployment_unknown"
    remedy = "Run `faceward deployment list` for those there are."


def found(snapshot: Snapshot, deployment: str) -> Deployment:
    """Give a deployment by its identifier.

    Raises:
        DeploymentUnknown: There is none.
    """
    it = snapshot.view(deployments).get(deployment)
    if it is None:
        raise DeploymentUnknown("There is no deployment of that name.")
    return it


def status_at(snapshot: Snapshot, deployment: str, at: datetime) -> Status:
    """Where a deployment stands at a moment; an approval that has run out makes it pending again.

    Raises:
        DeploymentUnknown: There is none.
    """
    it = found(snapshot, deployment)
    if it.status is Status.APPROVED and not it.live(at):
        return Status.PENDING
    return _status(snapshot, it)


def challenges_of(snapshot: Snapshot, deployment: str) -> tuple[Filed, ...]:
    """The challenges that were filed of a deployment, in the order they were filed."""
    return snapshot.view(register).of_deployments.get(deployment, ())


def challenged(snapshot: Snapshot, deployment: str) -> bool:
    """Whether a challenge of a deployment was upheld, which suspends it for good."""
    return suspends_deployment(it.challenge for it in challenges_of(snapshot, deployment))


def _status(snapshot: Snapshot, it: Deployment) -> Status:
    """Where it stands; what was approved is suspended where a challenge of it was upheld."""
    suspended = it.status is Status.APPROVED and challenged(snapshot, it.identifier)
    return Status.SUSPENDED if suspended else it.status


def agency_at(snapshot: Snapshot, deployment: str, at: datetime) -> Body:
    """What kind of body operates a deployment, as far as anyone may rely on it now.

    What the operator of a trial declares counts while no review is on record. The stricter of the two wins.

    Raises:
        DeploymentUnknown: There is none.
    """
    it = found(snapshot, deployment)
    reviewed = body_at(snapshot, it.customer, at)
    use = None if it.approval is None else it.approval.use
    if not isinstance(use, Trial):
        return reviewed
    if it.customer not in snapshot.view(organisations):
        return use.body
    return reviewed if strictest(reviewed, use.body) is reviewed.sector else use.body


def bodies_at(snapshot: Snapshot, deployment: str, at: datetime) -> tuple[Body, ...]:
    """The kinds of body that operate a deployment or get its results; the strictest of them decides.

    Raises:
        DeploymentUnknown: There is none.
    """
    it = found(snapshot, deployment)
    got = (body_at(snapshot, name, at) for name in it.recipients)
    return (agency_at(snapshot, deployment, at), *got)


def customer_limits(snapshot: Snapshot, deployment: str, at: datetime) -> Scale:
    """How many people and uses a day the deployment's tier allows its whole customer.

    Raises:
        DeploymentUnknown: There is none.
    """
    it = found(snapshot, deployment)
    if it.approval is None:
        return Scale(0, 0)
    all_of_them = (*others(snapshot.view(deployments), it.customer, deployment, at), it)
    return limits(it.approval.tier, together(all_of_them))


def deployment_facts(snapshot: Snapshot, deployment: str, at: datetime) -> DeploymentFacts:
    """Gather what is known of a deployment at a moment.

    The same value comes back as long as nothing of it changes, so whatever is made of it may be kept.

    Args:
        snapshot: What is in force.
        deployment: Its identifier.
        at: When.

    Raises:
        DeploymentUnknown: There is none.
    """
    it = found(snapshot, deployment)
    agency = agency_at(snapshot, deployment, at)
    law = _law(it)
    instrument = None if law is None else snapshot.view(register).facts(law, at)
    kept = snapshot.view(_kept)
    key = deployment, agency, instrument
    facts = kept.get(key)
    if facts is None:
        facts = kept.setdefault(key, _facts(snapshot, it, agency, instrument))
    return facts


def _kept(_snapshot: Snapshot) -> dict[tuple[str, Body, InstrumentFacts | None], DeploymentFacts]:
    return {}


def _law(it: Deployment) -> str | None:
    use = it.newest if it.approval is None else it.approval.use
    if not isinstance(use, Version) or use.application.instrument == NO_INSTRUMENT:
        return None
    return use.application.instrument


def _facts(
    snapshot: Snapshot, it: Deployment, agency: Body, instrument: InstrumentFacts | None
) -> DeploymentFacts:
    approval = it.approval
    if approval is not None and isinstance(approval.use, Trial):
        return _of_trial(approval, approval.use, agency, _status(snapshot, it))
    version = it.newest if approval is None or isinstance(approval.use, Trial) else approval.use
    assert version is not None  # noqa: S101 - a deployment is a trial or has an application
    what = version.application
    signed = approvers(snapshot, version.document, version.approvals)
    scale = what.scale if approval is None else approval.scale
    return DeploymentFacts(
        country=what.country,
        agency=agency,
        place=what.place,
        tier=version.tier,
        status=_status(snapshot, it),
        opened=NEVER if approval is None else approval.opened,
        review_until=LONG_AGO if approval is None else approval.until,
        purposes=what.purposes,
        functions=what.functions,
        captures=what.captures,
        approvers=len(signed),
        enhanced=what.enhanced and len(signed) >= 2,
        factors=True,  # an application that leaves one open cannot be filed
        voluntary=what.voluntary,
        human=what.human,
        safeguards=what.safeguards,
        max_enrolled=scale.people,
        max_daily=scale.daily,
        instrument=instrument,
    )


def _of_trial(approval: Approval, trial: Trial, agency: Body, status: Status) -> DeploymentFacts:
    return DeploymentFacts(
        country=trial.country,
        agency=agency,
        place=trial.place,
        tier=approval.tier,
        status=status,
        opened=approval.opened,
        review_until=approval.until,
        purposes=frozenset({trial.purpose}),
        functions=trial.functions,
        captures=trial.captures,
        approvers=0,
        enhanced=False,
        factors=True,  # those that a trial asks, its promises answer
        voluntary=True,
        human=True,
        safeguards=trial.safeguards,
        max_enrolled=approval.scale.people,
        max_daily=approval.scale.daily,
        instrument=None,
    )
