"""What somebody says of a law in, the body of the statement they sign out, and back.

Who signed and when is not said twice: it is the statement's, and what runs from a document runs from when it
was filed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faceward.errors import InvalidValue
from faceward.governance.laws.challenges import Against, Outcome
from faceward.governance.laws.instrument_reviews import Conflict, Opinion, ReviewerKind
from faceward.ports.ledger import JsonValue
from faceward.reading import Record

_REMEDY = "Correct it; docs/reference/laws.md describes every key."


@dataclass(frozen=True, slots=True)
class ReviewBody:
    """An opinion on a law.

    Attributes:
        organisation: For whom the reviewer speaks.
        kind: What that organisation is.
        conflict: Whether they have an interest in the answer.
        outcome: What they say.
        reviewed_sha256: `instruments.digest` of the record as they saw it.
    """

    organisation: str
    kind: ReviewerKind
    conflict: Conflict
    outcome: Opinion
    reviewed_sha256: str

    @classmethod
    def read(cls, body: Mapping[str, JsonValue]) -> ReviewBody:
        """Read it strictly.

        Raises:
            InvalidValue: A key is missing, unknown or makes no sense.
        """
        record = Record(dict(body), "review", _REMEDY)
        it = cls(
            record.text("organisation", longest=200),
            record.choice("kind", ReviewerKind),
            record.choice("conflict", Conflict),
            record.choice("outcome", Opinion),
            record.sha256("reviewed_sha256"),
        )
        record.done()
        return it

    def as_json(self) -> dict[str, JsonValue]:
        """It as JSON values."""
        return {
            "organisation": self.organisation,
            "kind": str(self.kind),
            "conflict": str(self.conflict),
            "outcome": str(self.outcome),
            "reviewed_sha256": self.reviewed_sha256,
        }


@dataclass(frozen=True, slots=True)
class ChallengeBody:
    """An objection.

    Attributes:
        against: What it is against.
        by: Who objects, by name; who signs the statement only files it.
        text: Why, in their words.
    """

    against: Against
    by: str
    text: str

    @classmethod
    def read(cls, body: Mapping[str, JsonValue]) -> ChallengeBody:
        """Read it strictly.

        Raises:
            InvalidValue: A key is missing, unknown or makes no sense.
        """
        record = Record(dict(body), "challenge", _REMEDY)
        it = cls(record.choice("against", Against), record.text("by", longest=200), record.text("text"))
        record.done()
        return it

    def as_json(self) -> dict[str, JsonValue]:
        """It as JSON values."""
        return {"against": str(self.against), "by": self.by, "text": self.text}


@dataclass(frozen=True, slots=True)
class RulingBody:
    """What somebody who may decide says of a challenge.

    Attributes:
        against: What the challenge is against.
        challenge: Digest of the statement that filed it.
        outcome: Upheld, rejected or withdrawn.
        reasons: Why.
    """

    against: Against
    challenge: str
    outcome: Outcome
    reasons: str

    @classmethod
    def read(cls, body: Mapping[str, JsonValue]) -> RulingBody:
        """Read it strictly.

        Raises:
            InvalidValue: A key is missing, unknown or makes no sense.
        """
        record = Record(dict(body), "ruling", _REMEDY)
        it = cls(
            record.choice("against", Against),
            record.sha256("challenge"),
            record.choice("outcome", Outcome),
            record.text("reasons"),
        )
        record.done()
        if it.outcome is Outcome.UNDECIDED:
            raise InvalidValue("ruling.outcome decides nothing.", remedy="Say upheld, rejected or withdrawn.")
        return it

    def as_json(self) -> dict[str, JsonValue]:
        """It as JSON values."""
        return {
            "against": str(self.against),
            "challenge": self.challenge,
            "outcome": str(self.outcome),
            "reasons": self.reasons,
        }
