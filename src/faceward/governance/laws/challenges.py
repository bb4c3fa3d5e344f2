"""Objections with a name in, whether they count against a law or a deployment out.

Anyone who gives a name may challenge a law or a deployment. The words of a challenge stay in its document;
the ledger gets a keyed digest of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from faceward.governance.laws.moments import written
from faceward.reading import Record

WINDOW = timedelta(days=30)
"""How long a law stays open for challenges before it can count. Our choice: others must find time to read."""


class Against(StrEnum):
    """What a challenge is against."""

    LAW = "law"
    DEPLOYMENT = "deployment"


class Outcome(StrEnum):
    """How a challenge ended."""

    UNDECIDED = "undecided"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"  # by who filed it


@dataclass(frozen=True, slots=True)
class Challenge:
    """One objection.

    Attributes:
        by: Who objects, by name; never empty.
        text: Why, in their words.
        opened: When it was filed.
        outcome: How it ended.
    """

    by: str
    text: str
    opened: datetime
    outcome: Outcome


def counts_against_law(challenges: Iterable[Challenge]) -> bool:
    """Whether one of them was upheld or is undecided, whenever it was filed."""
    return any(it.outcome in (Outcome.UPHELD, Outcome.UNDECIDED) for it in challenges)


def suspends_deployment(challenges: Iterable[Challenge]) -> bool:
    """Whether one of them was upheld.

    An undecided one suspends nothing, or anybody could stop any customer by a letter; a law that is in doubt
    stops the police, which is meant.
    """
    return any(it.outcome is Outcome.UPHELD for it in challenges)


def challenge(record: Record) -> Challenge:
    """Read a challenge.

    Raises:
        InvalidValue: A key is missing, unknown or makes no sense.
    """
    it = Challenge(
        by=record.text("by", longest=200),
        text=record.text("text"),
        opened=record.moment("opened"),
        outcome=record.choice("outcome", Outcome),
    )
    record.done()
    return it


def as_json(it: Challenge) -> dict[str, Any]:
    """The challenge as JSON values; `challenge` gives back an equal one."""
    return {"by": it.by, "text": it.text, "opened": written(it.opened), "outcome": str(it.outcome)}
