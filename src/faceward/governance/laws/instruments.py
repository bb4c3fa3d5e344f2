"""A law as data in, the facts that rules may speak of out; nothing unknown ever counts for it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from faceward import reading
from faceward.errors import InvalidValue
from faceward.governance.facts import InstrumentFacts
from faceward.governance.laws import challenges, criteria, instrument_reviews
from faceward.governance.laws.challenges import Challenge
from faceward.governance.laws.criteria import Answer, Criterion, CriterionName
from faceward.governance.laws.instrument_reviews import InstrumentReview, SignatureCheck, nobody_signed
from faceward.governance.laws.moments import LONG_AGO, NEVER, Dated, begins, dated, ends, expires, written
from faceward.reading import Record
from faceward.transparency.words import Body, Function, Purpose

_IDENTIFIER = re.compile(r"(?!.*[0-9a-f]{32})[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")
REMEDY = "Correct the file; docs/reference/laws.md describes every key."

UNKNOWN = "unknown"
"""Stands for the digest of a text that nobody pinned."""

FUNCTIONS = frozenset({Function.VERIFY, Function.IDENTIFY, Function.LIVE})
"""What a law may allow by name."""


class Level(StrEnum):
    """Whose law it is."""

    NATIONAL = "national"
    SUPRANATIONAL = "supranational"
    SUBNATIONAL = "subnational"


class LawStatus(StrEnum):
    """Where a law stands."""

    BILL = "bill"
    ENACTED = "enacted"
    IN_FORCE = "in_force"
    SUSPENDED = "suspended"
    REPEALED = "repealed"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a law names; what it does not name, it does not allow.

    Attributes:
        agencies: Kinds of body.
        functions: Of `FUNCTIONS`.
        purposes: For what.
    """

    agencies: frozenset[Body]
    functions: frozenset[Function]
    purposes: frozenset[Purpose]


@dataclass(frozen=True, slots=True)
class Instrument:
    """A law as data, with what others say of it.

    Attributes:
        identifier: Its name here, as records hold it.
        title: Its title.
        citation: How lawyers find it.
        country: ISO 3166-1 alpha-2; ``EU`` for the European Union, which ISO 3166 reserves for it.
        level: Whose law it is.
        status: Where it stands.
        effective: When it comes into force.
        ends: When it ends.
        text_sha256: Digest of the text that was read; ``unknown`` where nobody pinned one.
        source_title: Where its text was taken from.
        scope: What it names.
        criteria: An answer to every criterion.
        reviews: What reviewers say of this record.
        challenges: Objections.
        window_closed_at: When the time for objections ended.
        review_until: When the reviews must be made anew.
    """

    identifier: str
    title: str
    citation: str
    country: str
    level: Level
    status: LawStatus
    effective: Dated
    ends: Dated
    text_sha256: str
    source_title: str
    scope: Scope
    criteria: tuple[Criterion, ...]
    reviews: tuple[InstrumentReview, ...]
    challenges: tuple[Challenge, ...]
    window_closed_at: Dated
    review_until: Dated

    def answer(self, name: CriterionName) -> Criterion:
        """The answer to one criterion; unknown where the record has none."""
        found = [it for it in self.criteria if it.name is name]
        return found[0] if len(found) == 1 else Criterion(name, Answer.UNKNOWN, "", "")


def parse(text: str | bytes, place: str) -> Instrument:
    """Read a law.

    Args:
        text: The JSON.
        place: What to call it in messages, usually a file name.

    Raises:
        InvalidValue: A key is missing, unknown or makes no sense; the message says which and why.
    """
    return from_record(reading.read(text, place, REMEDY))


def from_record(record: Record) -> Instrument:
    """Read a law that is part of something else.

    Raises:
        InvalidValue: A key is missing, unknown or makes no sense; the message says which and why.
    """
    it = Instrument(
        identifier=_matching(
            record, "id", _IDENTIFIER, "up to 64 lower-case letters, digits, dots and dashes"
        ),
        title=record.text("title", longest=400),
        citation=record.text("citation", longest=400),
        country=_matching(record, "country", _COUNTRY, "two capital letters, as in ISO 3166-1"),
        level=record.choice("level", Level),
        status=record.choice("status", LawStatus),
        effective=dated(record, "effective"),
        ends=dated(record, "ends"),
        text_sha256=UNKNOWN if record.text("text_sha256") == UNKNOWN else record.sha256("text_sha256"),
        source_title=record.text("source_title", longest=400),
        scope=_scope(record.record("scope")),
        criteria=tuple(map(criteria.criterion, record.records("criteria"))),
        reviews=tuple(map(instrument_reviews.review, record.records("reviews"))),
        challenges=tuple(map(challenges.challenge, record.records("challenges"))),
        window_closed_at=dated(record, "window_closed_at"),
        review_until=dated(record, "review_until"),
    )
    record.done()
    answered = sorted(answer.name for answer in it.criteria)
    if answered != sorted(CriterionName):
        raise InvalidValue(
            f"{record.place}.criteria does not answer each criterion once.",
            remedy="Answer HR-01 to HR-18; the answer may be unknown.",
        )
    return it


def as_json(it: Instrument) -> dict[str, Any]:
    """The law as JSON values; `parse` gives back an equal one."""
    return {
        **_matter(it),
        "reviews": [instrument_reviews.as_json(review) for review in it.reviews],
        "challenges": [challenges.as_json(challenge) for challenge in it.challenges],
        "window_closed_at": written(it.window_closed_at),
        "review_until": written(it.review_until),
    }


def digest(it: Instrument) -> str:
    """What a review is about: SHA-256 of the record without reviews, challenges and their dates.

    Its JSON has sorted keys and no spaces, in UTF-8. Whoever changes a word of the record, be it the status,
    makes every review one of another record.
    """
    text = json.dumps(_matter(it), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def facts_of(it: Instrument, at: datetime, *, signed: SignatureCheck = nobody_signed) -> InstrumentFacts:
    """What rules may know of a law.

    What holds at a moment holds as long as the record stays as it is: dates are facts of their own, so a rule
    that compares them with a later now never allows what facts of that later moment would not.

    Args:
        it: The law.
        at: When; approvals that are signed later or have gone stale do not count.
        signed: Whether a reviewer's signature holds. Without a check none does, and nothing is approved.
    """
    approved = instrument_reviews.approvals(it.reviews, _reviewable(it), at, signed)
    since, until = approved.sufficed_at, approved.suffice_until
    window, review_until = begins(it.window_closed_at), expires(it.review_until)
    return InstrumentFacts(
        country=it.country,
        level=it.level.value,
        status=it.status.value,
        effective=begins(it.effective),
        ends=ends(it.ends),
        agencies=frozenset(body.value for body in it.scope.agencies),
        functions=frozenset(function.value for function in it.scope.functions),
        purposes=frozenset(purpose.value for purpose in it.scope.purposes),
        met=frozenset(name.value for name in CriterionName if it.answer(name).answer is Answer.MET),
        approvals=approved.count,
        public_interest=approved.public_interest,
        window_closed=max(window, since + challenges.WINDOW) if since else NEVER,
        upheld_challenge=challenges.counts_against_law(it.challenges),
        review_until=min(review_until, until) if until else LONG_AGO,
    )


@cache
def shipped() -> Mapping[str, Instrument]:
    """The laws that come with the package, by identifier. None of them passes the gate.

    Raises:
        InvalidValue: One of them is damaged; the message names the file.
    """
    folder = resources.files(__package__).joinpath("data", "instruments")
    files = sorted((it for it in folder.iterdir() if it.name.endswith(".json")), key=lambda it: it.name)
    laws = {law.identifier: law for law in (parse(file.read_bytes(), file.name) for file in files)}
    return MappingProxyType(laws)


def _matter(it: Instrument) -> dict[str, Any]:
    return {
        "id": it.identifier,
        "title": it.title,
        "citation": it.citation,
        "country": it.country,
        "level": str(it.level),
        "status": str(it.status),
        "effective": written(it.effective),
        "ends": written(it.ends),
        "text_sha256": it.text_sha256,
        "source_title": it.source_title,
        "scope": {
            "agencies": sorted(map(str, it.scope.agencies)),
            "functions": sorted(map(str, it.scope.functions)),
            "purposes": sorted(map(str, it.scope.purposes)),
        },
        "criteria": [criteria.as_json(answer) for answer in it.criteria],
    }


def _reviewable(it: Instrument) -> str | None:
    """The digest that reviews must name; none while nobody knows which text the record is about."""
    return None if it.text_sha256 == UNKNOWN else digest(it)


def _matching(record: Record, key: str, pattern: re.Pattern[str], words: str) -> str:
    value = record.text(key, longest=64)
    if not pattern.fullmatch(value):
        raise InvalidValue(f"{record.place}.{key} is {value!r}.", remedy=f"Use {words}.")
    return value


def _scope(record: Record) -> Scope:
    scope = Scope(
        agencies=record.choices("agencies", Body),
        functions=record.choices("functions", Function),
        purposes=record.choices("purposes", Purpose),
    )
    record.done()
    unnamed = Body.UNKNOWN in scope.agencies or Purpose.UNKNOWN in scope.purposes
    if unnamed or not scope.functions <= FUNCTIONS:
        raise InvalidValue(
            f"{record.place} names what no law can name.",
            remedy="Leave out unknown; the functions are verify, identify and live.",
        )
    return scope
