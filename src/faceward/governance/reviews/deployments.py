"""Applications, approvals and trials in, where a deployment stands and what its customer has in all out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from faceward.governance.documents.snapshots import Document
from faceward.governance.reviews import trials
from faceward.governance.reviews.applications import Application
from faceward.governance.reviews.decisions import LONGEST, LONGEST_ENHANCED
from faceward.governance.reviews.factors import NEVER
from faceward.governance.reviews.scale import TRIAL, Scale, tier
from faceward.governance.reviews.trials import Trial
from faceward.transparency.words import Body, Place, Status


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an application, and what was said about it.

    Attributes:
        document: Its statement.
        application: Its factors.
        tier: What it amounts to, together with the customer's other deployments when it was filed.
        approvals: Approvals of it, whether or not they count.
        settled: Whether it was refused, or more was asked for: it cannot be approved any more.
    """

    document: Document
    application: Application
    tier: int
    approvals: tuple[Document, ...] = ()
    settled: bool = False

    @property
    def digest(self) -> str:
        """How decisions name it."""
        return self.document.statement.digest

    @property
    def needed(self) -> int:
        """How many different people must approve it."""
        return 2 if self.tier >= 2 or self.application.enhanced else 1

    def longest_at(self, at: datetime) -> datetime:
        """Until when it may be approved at most, by a decision of this moment."""
        return at + (LONGEST_ENHANCED if self.application.enhanced else LONGEST)


@dataclass(frozen=True, slots=True)
class Approval:
    """What may be done.

    Attributes:
        use: What was approved: a version of an application, or a trial.
        tier: 0 to 3.
        opened: From when.
        until: Until when.
        accounts: Those who approved it, one for each person; nobody for a trial.
        scale: How much.
        conditions: Under which conditions, in words.
    """

    use: Version | Trial
    tier: int
    opened: datetime
    until: datetime
    accounts: tuple[str, ...]
    scale: Scale
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Deployment:
    """Where one deployment stands.

    Attributes:
        identifier: What it is called.
        customer: Identifier of the organisation that operates it.
        newest: The newest application; nothing for a trial.
        approval: What was approved last; nothing while nothing was.
        status: Where it stands; that an approval has run out does not show here.
        ended: When it was closed.
        resumed_by: Those who signed that it may go on, since it was suspended.
    """

    identifier: str
    customer: str
    newest: Version | None
    approval: Approval | None
    status: Status
    ended: datetime | None = None
    resumed_by: tuple[Document, ...] = ()

    @property
    def is_trial(self) -> bool:
        """Whether it is of tier 0."""
        return self.approval is not None and self.approval.tier == TRIAL

    @property
    def sites(self) -> frozenset[str]:
        """The sites of what was approved, or else applied for."""
        use = self._use
        return frozenset({use.site.strip().casefold()} if isinstance(use, Trial) else use.application.sites)

    @property
    def place(self) -> Place:
        """The place of what was approved, or else applied for."""
        use = self._use
        return use.place if isinstance(use, Trial) else use.application.place

    @property
    def recipients(self) -> tuple[str, ...]:
        """Other organisations that get results."""
        use = self._use
        return () if isinstance(use, Trial) else use.application.recipients

    @property
    def _use(self) -> Version | Trial:
        if self.approval is not None:
            return self.approval.use
        assert self.newest is not None  # noqa: S101 - one of them is there from the first document on
        return self.newest

    def live(self, at: datetime) -> bool:
        """Whether it counts among what its customer has: approved, not run out, not closed or refused."""
        return (
            self.approval is not None
            and at < self.approval.until
            and self.status in {Status.APPROVED, Status.SUSPENDED}
        )

    def end(self) -> datetime | None:
        """When what was approved ended, or will."""
        if self.approval is None:
            return None
        return self.approval.until if self.ended is None else min(self.ended, self.approval.until)


Deployments: TypeAlias = Mapping[str, Deployment]


def others(found: Deployments, customer: str, but: str, at: datetime) -> tuple[Deployment, ...]:
    """What else a customer has at a moment."""
    return tuple(
        it for it in found.values() if it.customer == customer and it.identifier != but and it.live(at)
    )


def together(those: tuple[Deployment, ...]) -> Scale:
    """What was approved for several deployments together."""
    scales = [it.approval.scale for it in those if it.approval is not None]
    return Scale(sum(it.people for it in scales), sum(it.daily for it in scales))


def tier_of(found: Deployments, identifier: str, it: Application, at: datetime) -> int:
    """What an application amounts to with all that its customer has; never a trial."""
    also = others(found, it.customer, identifier, at)
    sum_ = together(also)
    sites = set(it.sites).union(*(one.sites for one in also))
    places = {it.place, *(one.place for one in also)}
    return max(1, tier(it.people + sum_.people, len(sites), places, it.uses_a_day + sum_.daily))


def retiered(found: Deployments, it: Deployment, at: datetime) -> Deployment:
    """A deployment whose newest application has the tier that it amounts to at a moment, if that is higher.

    What the customer was given since it applied counts, or two halves could be applied for at once.
    """
    if it.newest is None:
        return it
    now = tier_of(found, it.identifier, it.newest.application, at)
    return replace(it, newest=replace(it.newest, tier=max(now, it.newest.tier)))


def objections_to_application(old: Deployment | None, it: Application) -> tuple[str, ...]:
    """Why an application cannot be filed; nothing where it can.

    Args:
        old: The deployment of that name; ``None`` where there is none.
        it: The application.
    """
    reasons = [f"No review opens the purpose {one}." for one in sorted(it.purposes & NEVER)]
    if old is not None and old.status is Status.CLOSED:
        reasons.append("The deployment was closed, which is final.")
    if old is not None and old.is_trial:
        reasons.append("This is the name of a trial; a reviewed deployment has a name of its own.")
    if old is not None and old.customer != it.customer:
        reasons.append("The deployment belongs to another customer.")
    return tuple(reasons)


def objections_to_trial(
    found: Deployments, identifier: str, it: Trial, at: datetime, reviewed: Body | None
) -> tuple[str, ...]:
    """Why there can be no such trial; nothing where there can.

    Args:
        found: Every deployment.
        identifier: What the trial would be called.
        it: The trial.
        at: When it would be opened.
        reviewed: What a review found the organisation to be; ``None`` where there was none.
    """
    reasons = list(trials.objections(it, reviewed))
    if identifier in found:
        reasons.append("There is a deployment of this name already.")
    for one in found.values():
        end = one.end()
        if one.customer != it.customer or not one.is_trial or end is None:
            continue
        if at < end:
            reasons.append("This customer has a trial already, and has one at a time.")
        elif at < end + trials.PAUSE:
            reasons.append("A trial of this customer ended less than twelve months ago.")
    return tuple(reasons)
