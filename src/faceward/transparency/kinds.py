"""Closed lists and bounds in, patterns out: the few kinds of value that an entry may hold.

None of them is free text. A name, a sentence, a path and the plain digest of a photo fit nowhere: words come
from closed lists, people and things have pseudonyms, a digest of something private is keyed and says so.

A kind is a pattern of the value's JSON text, so that one match tells whether a whole entry fits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value.

    Attributes:
        name: What documents call it.
        pattern: What its canonical JSON text looks like; without groups that count.
    """

    name: str
    pattern: str


def word(words: type[StrEnum]) -> Kind:
    """One word of a closed list of `faceward.transparency.words`."""
    return one_of(f"word of `{words.__name__}`", *words)


def one_of(name: str, *texts: str) -> Kind:
    """One of a few texts."""
    return Kind(name, f'"(?:{"|".join(map(re.escape, texts))})"')


def whole(digits: int, *, negative: bool = False) -> Kind:
    """A whole number from 0, or from minus as much, to the power of ten of that many digits."""
    pattern = f"{'-?' if negative else ''}(?:[1-9][0-9]{{0,{digits - 1}}}|10{{{digits}}})"
    return Kind(f"whole number, {f'-10^{digits}' if negative else 0} to 10^{digits}", f"(?:0|{pattern})")


def several(kind: Kind, most: int) -> Kind:
    """A list of at most ``most`` values of one kind."""
    one = kind.pattern
    return Kind(f"list of {kind.name}, at most {most}", rf"\[(?:{one}(?:,{one}){{0,{most - 1}}})?\]")


def optional(kind: Kind) -> Kind:
    """A value of a kind, or null."""
    return Kind(f"{kind.name}, or null", f"(?:null|{kind.pattern})")


def stamp(time: datetime) -> str:
    """The text of a time, as entries hold it: UTC, to the microsecond, ``2026-01-01T00:00:00.000000Z``.

    Raises:
        ValueError: The time is in no zone, or not in UTC.
    """
    text = time.isoformat(timespec="microseconds")
    if text[26:] != "+00:00":
        raise ValueError("A time of the ledger is in UTC.")
    return text[:26] + "Z"


def moment(text: str) -> datetime:
    """The time that `stamp` wrote.

    Raises:
        ValueError: It is no such text, or no day of the calendar.
    """
    if len(text) != 27 or text[26] != "Z":
        raise ValueError("A time has the form 2026-01-01T00:00:00.000000Z.")
    return datetime.fromisoformat(text)


def keyed(digest: bytes) -> str:
    """The text of a keyed digest, as entries hold it: ``k-`` and 64 hexadecimal digits.

    The mark keeps apart what must not be mixed up: a plain SHA-256 of a photo lets anyone who has the photo
    find its entries, so it is refused wherever a keyed digest belongs.

    Args:
        digest: HMAC-SHA-256 under a key that stays with the deployment; 32 bytes.

    Raises:
        ValueError: It has another length.
    """
    if len(digest) != 32:
        raise ValueError("A keyed digest has 32 bytes.")
    return f"k-{digest.hex()}"


_NO_DIGEST = '(?![^"]*[0-9a-f]{32})'  # nothing that could be a digest passes for a name

BOOLEAN = Kind("true or false", "(?:true|false)")
TIME = Kind(
    "time",
    '"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])'
    r'T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z"',
)
COUNT = whole(15)  # every reader of JSON holds it exactly. Source: RFC 8785, section 3.2.2.3.
PSEUDONYM = Kind("pseudonym or empty", '"(?:[a-z]{1,2}-[0-9a-f]{32})?"')
REQUEST = Kind("pseudonym of a request", '"r-[0-9a-f]{32}"')
KEYED = Kind("keyed digest or empty", '"(?:k-[0-9a-f]{64})?"')
SALT = Kind("salt or empty", '"(?:[0-9a-f]{32})?"')
DIGEST = Kind("public digest", '"[0-9a-f]{64}"')
DIGEST_OR_EMPTY = Kind("public digest or empty", '"(?:[0-9a-f]{64})?"')
RULE = Kind("name of a rule", f'"{_NO_DIGEST}[a-z0-9-]{{1,40}}/[a-z0-9-]{{1,60}}"')
PACK = Kind("name of a pack", f'"{_NO_DIGEST}[a-z0-9-]{{1,40}}"')
INSTRUMENT = Kind("name of a law", f'"{_NO_DIGEST}[a-z0-9.-]{{1,64}}"')
ERROR = Kind("code of an error or empty", '"(?:(?=[a-z_]{1,48}")[a-z]+(?:_[a-z]+)*)?"')
