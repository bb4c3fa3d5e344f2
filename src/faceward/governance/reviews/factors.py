"""Every question of a review in, the reader of its answer and a file to fill in out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from faceward.errors import InvalidValue
from faceward.governance.reviews.organisations import country
from faceward.reading import Record
from faceward.transparency.words import (
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Safeguard,
    Source,
)

NEVER = frozenset(
    {
        Purpose.INFER_TRAIT,
        Purpose.MASS_SURVEILLANCE,
        Purpose.PERSISTENT_TRACKING,
        Purpose.SOCIAL_SCORING,
        Purpose.SENSITIVE_CATEGORIES,
        Purpose.UNKNOWN,
    }
)
"""Purposes that no review can open."""

NO_INSTRUMENT = "none"
"""What stands for a law where an application rests on none."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?", re.ASCII)
_KNOWN_CAPTURES = tuple(it for it in Capture if it is not Capture.UNKNOWN)
_REVIEWED = frozenset({Function.VERIFY, Function.IDENTIFY, Function.LIVE, Function.ANALYSE})


class Liveness(StrEnum):
    """What is done against photos of photos and masks."""

    ACTIVE = "active"  # the person is asked to do something
    PASSIVE = "passive"  # the picture is examined
    SUPERVISED = "supervised"  # a person of the operator looks
    NONE = "none"  # nothing, and the reviewers know


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that a review asks.

    Attributes:
        name: Its key.
        asks: The question.
        example: An answer, as it stands in a file.
        read: Reads the answer.
    """

    name: str
    asks: str
    example: str
    read: Callable[[Record, str], Any]


def _text(record: Record, key: str) -> str:
    return record.text(key)


def _name(record: Record, key: str) -> str:
    value = record.text(key)
    if not _NAME.fullmatch(value):
        raise InvalidValue(f"{record.place}.{key} must be an identifier: a-z, 0-9, dot, dash, underscore.")
    return value


def _names(record: Record, key: str) -> tuple[str, ...]:
    values = record.texts(key)
    if not all(_NAME.fullmatch(it) for it in values) or len(set(values)) != len(values) or len(values) > 16:
        raise InvalidValue(f"{record.place}.{key} must be a list of at most 16 different identifiers.")
    return tuple(sorted(values))


def _sites(record: Record, key: str) -> tuple[str, ...]:
    values = {it.strip().casefold() for it in record.texts(key)}
    if not 0 < len(values) <= 256:
        raise InvalidValue(f"{record.place}.{key} must name 1 to 256 sites.")
    return tuple(sorted(values))


def _some(kind: type[StrEnum], allowed: Iterable[StrEnum] = ()) -> Callable[[Record, str], Any]:
    def read(record: Record, key: str) -> Any:
        found = record.choices(key, kind)
        if not found or (allowed and not found <= set(allowed)):
            words = ", ".join(str(it) for it in kind if not allowed or it in allowed)
            raise InvalidValue(f"{record.place}.{key} must name one or more of: {words}.")
        return found

    return read


def _one(kind: type[StrEnum]) -> Callable[[Record, str], Any]:
    return lambda record, key: record.choice(key, kind)


def _set(kind: type[StrEnum]) -> Callable[[Record, str], Any]:
    return lambda record, key: record.choices(key, kind)


def _count(most: int, least: int = 1) -> Callable[[Record, str], int]:
    return lambda record, key: record.whole(key, least=least, most=most)


def _flag(record: Record, key: str) -> bool:
    return record.flag(key)


def _listed(kind: Iterable[StrEnum]) -> str:
    return ", ".join(kind)


FACTORS: tuple[Factor, ...] = (
    Factor("customer", "Which organisation operates it? The identifier of its review.", '"acme"', _name),
    Factor("recipients", "Which other organisations get results? Identifiers; [] for none.", "[]", _names),
    Factor(
        "functions",
        f"What does recognition do? One or more of: {_listed(sorted(_REVIEWED))}.",
        '["verify"]',
        _some(Function, _REVIEWED),
    ),
    Factor(
        "purposes",
        f"What is it for? One or more of: {_listed(it for it in Purpose if it not in NEVER)}.",
        '["verify_worker"]',
        _some(Purpose),
    ),
    Factor("country", "In which country? Two letters of ISO 3166-1.", '"DE"', country),
    Factor("locality", "In which town or region?", '"Kassel"', _text),
    Factor("place", f"Where are photos taken? One of: {_listed(Place)}.", '"private"', _one(Place)),
    Factor("voluntary", "Is enrolment optional?", "true", _flag),
    Factor(
        "alternative",
        "What do people get who do not take part, or whom it fails?",
        '"A badge, at the same door, without waiting longer."',
        _text,
    ),
    Factor(
        "false_match",
        "What happens to a person who is taken for another?",
        '"Somebody else could clock in for them; a supervisor corrects it the same day."',
        _text,
    ),
    Factor(
        "false_non_match",
        "What happens to a person who is not recognised?",
        '"They use their badge; nothing is deducted."',
        _text,
    ),
    Factor("human", "Does a person decide, with the power to overrule?", "true", _flag),
    Factor("decides", "Who decides, and how were they trained?", '"The shift lead, trained."', _text),
    Factor(
        "vulnerable_people",
        "Who may be met that is vulnerable, and what protects them?",
        '"None: only adult staff."',
        _text,
    ),
    Factor(
        "source",
        f"Where do photos of the gallery come from? One of: {_listed(Source)}.",
        '"subjects"',
        _one(Source),
    ),
    Factor("ground", f"On which legal ground? One of: {_listed(Ground)}.", '"consent"', _one(Ground)),
    Factor("people", "How many people are enrolled at most?", "250", _count(10**9)),
    Factor("uses_a_day", "How many comparisons and searches a day at most?", "1000", _count(10**12)),
    Factor("cameras", "How many cameras or other devices?", "2", _count(10**6)),
    Factor("sites", "Which sites? Their names.", '["Main gate"]', _sites),
    Factor("audit", "What shows accuracy and fairness? The identifier of the audit.", '"audit-2026"', _name),
    Factor("retention_days", "After how many days are templates erased?", "365", _count(3650)),
    Factor("sharing", "With whom is anything shared, and what?", '"With nobody."', _text),
    Factor("earlier_refusals", "What was refused before, here or elsewhere?", '"Nothing."', _text),
    Factor(
        "safeguards",
        f"What protects those whom it fails? Of: {_listed(Safeguard)}.",
        '["liveness_choice", "three_tries", "human_review", "alternative", "no_automatic_loss"]',
        _set(Safeguard),
    ),
    Factor(
        "captures",
        f"What are photos taken with? One or more of: {_listed(_KNOWN_CAPTURES)}.",
        '["kiosk", "supervised"]',
        _some(Capture, _KNOWN_CAPTURES),
    ),
    Factor("minors", f"May minors be met? One of: {_listed(Minors)}.", '"none"', _one(Minors)),
    Factor("instrument", 'Which law does it rest on? Its identifier, or "none".', '"none"', _name),
    Factor(
        "liveness",
        f"What is done against photos of photos? One of: {_listed(Liveness)}.",
        '"supervised"',
        _one(Liveness),
    ),
)
"""Every factor of a review, in the order in which they are asked."""


def template() -> str:
    """A file to fill in: TOML in which every factor is a question with an example."""
    head = (
        "# Application for a deployment of faceward. Answer every factor: remove the # before its line, and",
        "# write your own answer in place of the example. An example that is left is an answer you sign.",
    )
    body = (f"\n# {it.asks}\n# {it.name} = {it.example}" for it in FACTORS)
    return "\n".join((*head, *body)) + "\n"
