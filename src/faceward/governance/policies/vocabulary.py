"""A text in, whether a fact can ever be that text out: a rule with a misspelt word would never refuse."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache

from faceward.transparency import words

INSTRUMENT_LEVELS = ("national", "supranational", "subnational")
INSTRUMENT_STATUSES = ("bill", "enacted", "in_force", "suspended", "repealed")
CORE_CRITERIA = tuple(f"HR-{number:02}" for number in range(1, 15))
SUPPORTING_CRITERIA = tuple(f"HR-{number:02}" for number in range(15, 19))

LISTS: tuple[type[StrEnum], ...] = (
    words.Function,
    words.Purpose,
    words.Sector,
    words.Body,
    words.Place,
    words.Capture,
    words.Source,
    words.Ground,
    words.Minors,
    words.AuditVerdict,
    words.Status,
    words.Safeguard,
)
"""The closed lists that facts take their words from."""

_COUNTRY = re.compile(r"[A-Z]{2}")


def is_word(text: str) -> bool:
    """Whether a fact can be this text: a word of a closed list, or shaped like a country's code."""
    return text in _words() or _COUNTRY.fullmatch(text) is not None


@cache
def _words() -> frozenset[str]:
    listed = {word.value for one in LISTS for word in one}
    return frozenset(listed.union(INSTRUMENT_LEVELS, INSTRUMENT_STATUSES, CORE_CRITERIA, SUPPORTING_CRITERIA))
