"""A deployment and a moment in, what people and programs are told of it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from faceward.cli.output import Output
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.facts import DeploymentFacts
from faceward.governance.laws import challenges
from faceward.governance.laws.law_register import Filed
from faceward.governance.reviews import applications, trials
from faceward.governance.reviews.deployments import Deployment
from faceward.governance.reviews.standing import challenged, challenges_of, deployment_facts, found, status_at
from faceward.governance.reviews.trials import Trial
from faceward.transparency.words import Status


@dataclass(frozen=True, slots=True)
class Report:
    """What is told of a deployment.

    Attributes:
        deployment: Where it stands.
        facts: What rules may speak of.
        status: Where it stands at this moment.
        challenges: What was filed against it.
        challenged: Whether one of them was upheld.
        at: The moment.
    """

    deployment: Deployment
    facts: DeploymentFacts
    status: Status
    challenges: tuple[Filed, ...]
    challenged: bool
    at: datetime

    @classmethod
    def of(cls, snapshot: Snapshot, name: str, at: datetime) -> Report:
        """Gather it.

        Raises:
            DeploymentUnknown: There is no such deployment.
        """
        return cls(
            found(snapshot, name),
            deployment_facts(snapshot, name, at),
            status_at(snapshot, name, at),
            challenges_of(snapshot, name),
            challenged(snapshot, name),
            at,
        )

    @property
    def words(self) -> str:
        """Where it stands, in words."""
        it, newest = self.deployment, self.deployment.newest
        if self.status is Status.PENDING and it.approval is not None:
            return "run out"
        if self.status is Status.PENDING and newest is not None:
            missing = newest.needed - self.facts.approvers
            waits = f"pending, {missing} of {newest.needed} approvals missing"
            return "sent back" if newest.settled else waits
        if self.status is Status.SUSPENDED and self.challenged:
            return "suspended, for a challenge was upheld"
        return str(self.status)


def described(it: Report) -> dict[str, object]:
    """A report as JSON values; the keys are documented."""
    approval, facts = it.deployment.approval, it.facts
    return {
        "name": it.deployment.identifier,
        "customer": it.deployment.customer,
        "status": str(it.status),
        "standing": it.words,
        "tier": facts.tier,
        "agency": str(facts.agency),
        "country": facts.country,
        "place": str(facts.place),
        "purposes": sorted(facts.purposes),
        "functions": sorted(facts.functions),
        "captures": sorted(facts.captures),
        "approvers": facts.approvers,
        "enhanced": facts.enhanced,
        "opened": None if approval is None else approval.opened.isoformat(),
        "until": None if approval is None else approval.until.isoformat(),
        "people": facts.max_enrolled,
        "uses_a_day": facts.max_daily,
        "conditions": [] if approval is None else list(approval.conditions),
    }


def reported(it: Report, out: Output, *, whole: bool = False) -> None:
    """Tell of one deployment; ``whole`` shows challenges of it and every answer of its application too."""
    values = described(it)
    answers = _answers(it.deployment) if whole else {}
    more = {"challenges": [_challenge(one) for one in it.challenges], "answers": answers} if whole else {}
    out.document({"schema": "faceward/deployment/1", **values, **more})
    for name, value in values.items():
        if name == "status" or value in (None, []):
            continue
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        out.line(f"{name.replace('_', ' '):<12}{text}")
    for one in it.challenges if whole else ():
        what = one.challenge
        out.line()
        out.line(f"{'challenge':<12}{what.outcome}, by {what.by}, {what.opened:%Y-%m-%d}: {what.text}")
        out.line(f"{'':<12}its digest is {one.digest}")
    if answers:
        out.line()
        for name, answer in answers.items():
            text = ", ".join(map(str, answer)) if isinstance(answer, list) else str(answer)
            out.line(f"{name.replace('_', ' ')}: {text}")


def _challenge(it: Filed) -> dict[str, object]:
    return {"digest": it.digest, **challenges.as_json(it.challenge)}


def listed(rows: Sequence[Report], out: Output) -> None:
    """Tell of several deployments, a line each."""
    if not rows:
        out.line("There is no deployment yet; `faceward deployment trial --help` says how to open a trial.")
        return
    out.table(
        ("deployment", "standing", ">tier", "purposes", "agency", "until"),
        (
            (
                it.deployment.identifier,
                it.words,
                str(it.facts.tier),
                ", ".join(sorted(it.facts.purposes)),
                str(it.facts.agency),
                "-" if it.deployment.approval is None else f"{it.deployment.approval.until:%Y-%m-%d}",
            )
            for it in rows
        ),
    )


def _answers(it: Deployment) -> dict[str, object]:
    """What was applied for last, or tried."""
    if it.newest is not None:
        return dict(applications.as_json(it.newest.application))
    use = None if it.approval is None else it.approval.use
    return dict(trials.as_json(use)) if isinstance(use, Trial) else {}
