"""A judged request in, what the ledger says of it out: closed words, numbers, pseudonyms, keyed digests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from faceward.governance.outcomes import Commitment, Counts
from faceward.governance.requests import Request
from faceward.transparency.kinds import stamp
from faceward.transparency.words import Ending, Sector, Verdict

if TYPE_CHECKING:
    from faceward.governance.considerations import Considered
    from faceward.ports.ledger import JsonValue

_NAMED = 64
"""Subjects that a record names; of more it says how many there were."""


@dataclass(frozen=True, slots=True)
class Record:
    """What the ledger calls those whom a request concerns. No name is in it.

    Attributes:
        request: Pseudonym of the request, made by chance: it ties a decision to its outcome.
        salt: What the keyed digests of this one record are made with, 32 hexadecimal digits.
        deployment: Pseudonym.
        actor: Pseudonym.
        gallery: Pseudonym; empty where none is concerned.
        subjects: Pseudonyms, the first 64.
        on_behalf_of: Pseudonym; empty where it is the operator.
        recipient: Pseudonym; empty where it is the operator.
        authority: Pseudonym; empty where none is claimed.
        probe: Keyed digest of the probe; empty where there is none.
        testing: Whether it was made without a gate, which no ledger survives verification with.
    """

    request: str
    salt: str
    deployment: str
    actor: str
    gallery: str
    subjects: tuple[str, ...]
    on_behalf_of: str
    recipient: str
    authority: str
    probe: str
    testing: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """How work that was allowed ended.

    Attributes:
        decision: Place of the decision's entry.
        ending: Whether it was done.
        error: Code of the error that ended it; empty where none did. Never its message.
        start: When it started.
        end: When it ended, not before it started.
        counts: How much was done.
        commitment: What the record holds of a document that somebody else keeps.
    """

    decision: int
    ending: Ending
    error: str
    start: datetime
    end: datetime
    counts: Counts
    commitment: Commitment = field(default_factory=Commitment)


def named(request: Request) -> tuple[str, ...]:
    """The subjects that a record names."""
    return request.subjects[:_NAMED]


def decision_body(
    request: Request, considered: Considered | None, record: Record, verdict: Verdict, rules: tuple[str, ...]
) -> Mapping[str, JsonValue]:
    """What the ledger says of a decision.

    Args:
        request: What was asked.
        considered: What was known; ``None`` where nothing was, which counts as the strictest sector.
        record: What those concerned are called.
        verdict: What was decided.
        rules: The rules that decided.
    """
    at = request.operating_point
    use = None if considered is None else considered.use
    return {
        "request": record.request,
        "action": request.action.value,
        "function": request.function.value,
        "purpose": request.purpose.value,
        "sector": (Sector.LAW_ENFORCEMENT if use is None else use.sector).value,
        "capture": request.capture.value,
        "live": request.live,
        "gallery": record.gallery,
        "subjects": record.subjects,
        "subject_count": len(request.subjects),
        "on_behalf_of": record.on_behalf_of,
        "recipient": record.recipient,
        "comparisons": request.comparisons,
        "enrolled_after": 0 if use is None else use.enrolled_after,
        "daily_after": 0 if use is None else use.daily_after,
        "verdict": verdict.value,
        "rules": rules,
        "probe": record.probe,
        "salt": record.salt,
        "model": request.model_sha256,
        "threshold_millionths": None if at is None else round(at.threshold * 1e6),
        "false_match_rate_ppb": None if at is None else round(at.false_match_rate * 1e9),
        "testing": record.testing,
    }


def outcome_body(considered: Considered, record: Record, ended: Ended) -> Mapping[str, JsonValue]:
    """What the ledger says of work that was allowed.

    Args:
        considered: What was known when it was.
        record: What those concerned are called.
        ended: How it ended.
    """
    counts = ended.counts
    return {
        "request": record.request,
        "decision": ended.decision,
        "ending": ended.ending.value,
        "error": ended.error,
        "start": stamp(ended.start),
        "end": stamp(ended.end),
        "comparisons": counts.comparisons,
        "faces": counts.faces,
        "candidates": counts.candidates,
        "enrolled": counts.enrolled,
        "erased": counts.erased,
        "top_score_thousandths": None if counts.top_score is None else round(counts.top_score * 1000),
        "ground": considered.use.ground.value,
        "authority": record.authority,
        "document": ended.commitment.document,
        "salt": ended.commitment.salt,
        "testing": record.testing,
    }
