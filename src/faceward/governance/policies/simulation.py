"""Facts, a date and a policy engine in, what would be allowed then out; nothing runs or is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from faceward.governance.facts import DeploymentFacts, UseFacts, question, surroundings
from faceward.ports.policy_engine import Answer, PolicyEngine, PolicyInvalid
from faceward.transparency.words import Action

Label = TypeVar("Label")

_AROUND = timedelta(days=30)
"""How long before and after a moment an approval is moved to hold; less than any approval lasts."""


@dataclass(frozen=True, slots=True)
class Case:
    """One use that may be asked about.

    Attributes:
        action: What is done.
        deployment: What is known of the deployment.
        use: What is known of the request.
        member: Whether the actor belongs to the deployment.
    """

    action: Action
    deployment: DeploymentFacts
    use: UseFacts
    member: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One use whose answer differs.

    Attributes:
        before: The answer under the old policies.
        after: The answer under the new ones.
    """

    before: Answer
    after: Answer

    @property
    def verdict(self) -> bool:
        """Whether the verdict itself differs, and not only the rules behind it."""
        return self.before.allowed != self.after.allowed


def as_if_reviewed(case: Case, on: datetime) -> Case:
    """The same use, had it been reviewed so that the approval covers a moment; all else stays as it is.

    Args:
        case: The use.
        on: The moment, with its zone.
    """
    moved = replace(case.deployment, opened=on - _AROUND, review_until=on + _AROUND)
    return replace(case, deployment=moved)


def would_be_allowed(engine: PolicyEngine, case: Case, *, on: datetime) -> Answer:
    """What the policies of an engine would say of a use at another moment, all other facts as they are.

    Args:
        engine: Judges by the packs in question.
        case: The use.
        on: The moment, with its zone. Approvals and reviews begin and end as they do; counts stay.

    Raises:
        PolicyInvalid: The engine could not judge. A fault means no in the gate, but would mislead here.
    """
    return _judged(engine, replace(case, use=replace(case.use, now=on)))


def diff(old: PolicyEngine, new: PolicyEngine, cases: Mapping[Label, Case]) -> Mapping[Label, Change]:
    """The uses whose verdict, or the rules behind it, two sets of packs differ in; in order of the cases.

    Raises:
        PolicyInvalid: An engine could not judge.
    """
    changes = {label: Change(_judged(old, case), _judged(new, case)) for label, case in cases.items()}
    return {label: change for label, change in changes.items() if change.before != change.after}


def _judged(engine: PolicyEngine, case: Case) -> Answer:
    around = surroundings(case.deployment)
    answer = engine.answer(question(case.action, case.use, around, member=case.member))
    if answer.faults:
        raise PolicyInvalid(f"The policies could not judge: {'; '.join(answer.faults)}.")
    return answer
