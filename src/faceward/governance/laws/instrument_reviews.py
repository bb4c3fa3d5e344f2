"""Signed opinions on a law in, how many of them count and until when out: the rules of independence.

An approval counts where its signature holds, it is about the record as it stands, and its organisation is
neither vendor nor customer, has no conflict of interest and approved each time. One organisation counts once;
a person who signs for several counts for none. What is not known disqualifies.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from faceward.governance.laws.moments import a_year_after, written
from faceward.reading import Record

ENOUGH = 2
"""Approving reviewers of different organisations that a law needs."""

ENOUGH_PUBLIC = 1
"""Of them, those who speak for the public: academic or civil society."""

_STALE = "it is older than 12 months"


class ReviewerKind(StrEnum):
    """For whom a reviewer speaks."""

    ACADEMIC = "academic"
    CIVIL_SOCIETY = "civil_society"
    LEGAL = "legal"
    VENDOR = "vendor"
    CUSTOMER = "customer"
    UNKNOWN = "unknown"


_INDEPENDENT = frozenset({ReviewerKind.ACADEMIC, ReviewerKind.CIVIL_SOCIETY, ReviewerKind.LEGAL})
_PUBLIC = frozenset({ReviewerKind.ACADEMIC, ReviewerKind.CIVIL_SOCIETY})


class Conflict(StrEnum):
    """Whether a reviewer has an interest in the answer."""

    NONE = "none"
    DECLARED = "declared"
    UNKNOWN = "unknown"


class Opinion(StrEnum):
    """What a reviewer says."""

    APPROVE = "approve"
    REFUSE = "refuse"
    NEED_MORE = "need_more"


@dataclass(frozen=True, slots=True)
class InstrumentReview:
    """One reviewer's opinion on a law.

    Attributes:
        reviewer: Who, by name.
        organisation: For whom they speak.
        kind: What that organisation is.
        conflict: Whether they have an interest in the answer.
        outcome: What they say.
        reviewed_sha256: `instruments.digest` of the record as they saw it.
        signed_at: When they signed.
        signature: Their signature of `signed_values`, as text; whether it holds is for others to find out.
    """

    reviewer: str
    organisation: str
    kind: ReviewerKind
    conflict: Conflict
    outcome: Opinion
    reviewed_sha256: str
    signed_at: datetime
    signature: str


SignatureCheck: TypeAlias = Callable[[InstrumentReview], bool]
"""Whether the reviewer's own key, one that the charter knows, signed a review."""


def nobody_signed(_review: InstrumentReview) -> bool:
    """The check of who knows no key: no signature holds."""
    return False


@dataclass(frozen=True, slots=True)
class Judged:
    """A review, and what keeps it from counting.

    Attributes:
        review: The review.
        faults: Why it does not count; empty where it counts.
    """

    review: InstrumentReview
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Approvals:
    """What the reviews of a law amount to at one moment.

    Attributes:
        count: Organisations that approve.
        public_interest: How many of them speak for the public.
        sufficed_at: Since when there were enough; ``None`` where there never were.
        suffice_until: Until when there are enough if nobody signs anew; ``None`` where there are not.
    """

    count: int
    public_interest: int
    sufficed_at: datetime | None
    suffice_until: datetime | None


def judged(
    reviews: Iterable[InstrumentReview], digest: str | None, at: datetime, signed: SignatureCheck
) -> tuple[Judged, ...]:
    """Say of each review whether it counts, and why not.

    Args:
        reviews: All there are.
        digest: `instruments.digest` of the record as it stands; ``None`` where nobody can have reviewed it.
        at: When.
        signed: Whether a signature holds. Reviews whose signature does not hold neither help nor harm.
    """
    every = tuple(reviews)
    holding = [it for it in every if signed(it)]
    tainted = {_plain(it.organisation) for it in holding if not _independent(it) or _disagrees(it, digest)}
    speaks_for: dict[str, set[str]] = {}
    for it in holding:
        speaks_for.setdefault(_plain(it.reviewer), set()).add(_plain(it.organisation))

    def faults(it: InstrumentReview) -> tuple[str, ...]:
        if it not in holding:
            return ("the signature does not hold, or no key of the reviewer is known",)
        kept_from = (
            (it.kind not in _INDEPENDENT, f"the organisation is {_worded(it.kind)}"),
            (it.conflict is not Conflict.NONE, f"the conflict of interest is {it.conflict}"),
            (it.outcome is not Opinion.APPROVE, f"the outcome is {it.outcome}"),
            (it.reviewed_sha256 != digest, "it is about another version of the record"),
            (it.signed_at > at, "it is signed later than this moment"),
            (a_year_after(it.signed_at) <= at, _STALE),
            (
                _plain(it.organisation) in tainted and _independent(it) and not _disagrees(it, digest),
                "another review of this organisation does not approve, or is not independent",
            ),
            (len(speaks_for[_plain(it.reviewer)]) > 1, "the reviewer signs for several organisations"),
        )
        return tuple(words for kept, words in kept_from if kept)

    return tuple(Judged(it, faults(it)) for it in every)


def approvals(
    reviews: Iterable[InstrumentReview], digest: str | None, at: datetime, signed: SignatureCheck
) -> Approvals:
    """Count the approvals that are independent, see `judged`; organisations, not signatures."""
    opinions = judged(reviews, digest, at, signed)
    once = [it.review for it in opinions if set(it.faults) <= {_STALE}]
    firm: dict[str, list[InstrumentReview]] = {}
    for review in once:
        firm.setdefault(_plain(review.organisation), []).append(review)
    public = {name: all(it.kind in _PUBLIC for it in theirs) for name, theirs in firm.items()}
    since = {name: min(it.signed_at for it in theirs) for name, theirs in firm.items()}
    until = {name: a_year_after(max(it.signed_at for it in theirs)) for name, theirs in firm.items()}
    fresh = [name for name in firm if at < until[name]]
    return Approvals(
        count=len(fresh),
        public_interest=sum(public[name] for name in fresh),
        sufficed_at=_enough(sorted(since, key=lambda name: since[name]), public, since),
        suffice_until=_enough(sorted(fresh, key=lambda name: until[name], reverse=True), public, until),
    )


def _enough(names: list[str], public: dict[str, bool], moments: dict[str, datetime]) -> datetime | None:
    """The moment of the organisation with which, taken in this order, there are enough."""
    for taken, name in enumerate(names, 1):
        if taken >= ENOUGH and sum(public[it] for it in names[:taken]) >= ENOUGH_PUBLIC:
            return moments[name]
    return None


def _independent(it: InstrumentReview) -> bool:
    return it.kind in _INDEPENDENT and it.conflict is Conflict.NONE


def _disagrees(it: InstrumentReview, digest: str | None) -> bool:
    return it.reviewed_sha256 == digest and it.outcome is not Opinion.APPROVE


def _plain(name: str) -> str:
    """A name without what differs between two ways to write it: case, signs, blanks."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", name).casefold()).strip()


def _worded(kind: ReviewerKind) -> str:
    return "of an unknown kind" if kind is ReviewerKind.UNKNOWN else f"a {kind}"


def signed_values(it: InstrumentReview) -> dict[str, Any]:
    """What a reviewer signs: everything but the signature, as JSON values."""
    return {
        "reviewer": it.reviewer,
        "organisation": it.organisation,
        "kind": str(it.kind),
        "conflict": str(it.conflict),
        "outcome": str(it.outcome),
        "reviewed_sha256": it.reviewed_sha256,
        "signed_at": written(it.signed_at),
    }


def review(record: Record) -> InstrumentReview:
    """Read a review.

    Raises:
        InvalidValue: A key is missing, unknown or makes no sense.
    """
    it = InstrumentReview(
        reviewer=record.text("reviewer", longest=200),
        organisation=record.text("organisation", longest=200),
        kind=record.choice("kind", ReviewerKind),
        conflict=record.choice("conflict", Conflict),
        outcome=record.choice("outcome", Opinion),
        reviewed_sha256=record.sha256("reviewed_sha256"),
        signed_at=record.moment("signed_at"),
        signature=record.text("sig", longest=400),
    )
    record.done()
    return it


def as_json(it: InstrumentReview) -> dict[str, Any]:
    """The review as JSON values; `review` gives back an equal one."""
    return {**signed_values(it), "sig": it.signature}
