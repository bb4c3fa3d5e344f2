"""A place and who would act there in, the local bans that cover it out; a place that is not stated is banned.

A locality is a name with the code of its region, such as ``San Francisco, US-CA`` (ISO 3166-2). Without the
code, a name counts wherever it stands; without a name, every ban of the region or the country counts.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources

from faceward import reading
from faceward.errors import InvalidValue
from faceward.governance.laws.moments import Dated, Undated, dated, ends
from faceward.reading import Record
from faceward.transparency.words import Place, Sector

_REGION = re.compile(r"\b([A-Z]{2}-[A-Z0-9]{1,3})\b")
_UNSTATED = frozenset({"", "unknown", "none", "n a", "not stated"})
_ALIKE = 0.85
"""How alike two names must be to count as one with a slip in it; 1 is equal. Our choice: a letter or two."""


@dataclass(frozen=True, slots=True)
class Ban:
    """One local ban.

    Attributes:
        identifier: Its name here.
        country: ISO 3166-1 alpha-2.
        region: ISO 3166-2.
        locality: The place, by name.
        aliases: Other names of it.
        sectors: Whom it covers.
        places: Where; `Place.UNKNOWN` is among them wherever any is.
        adopted: When it was decided.
        effective: From when it holds; what is not known holds already.
        ends: Until when.
        title: Its title.
        source_title: Where its text is found.
        note: What it forbids, in short.
    """

    identifier: str
    country: str
    region: str
    locality: str
    aliases: tuple[str, ...]
    sectors: frozenset[Sector]
    places: frozenset[Place]
    adopted: date
    effective: Dated
    ends: Dated
    title: str
    source_title: str
    note: str

    def holds(self, at: datetime) -> bool:
        """Whether it is in force at a moment; a beginning or an end that is not known counts for the ban."""
        begun = isinstance(self.effective, Undated) or self.effective <= at
        over = self.ends is not Undated.UNKNOWN and (end := ends(self.ends)) is not None and end <= at
        return begun and not over


def banned(
    country: str, locality: str, sector: Sector, at: datetime, place: Place = Place.UNKNOWN
) -> tuple[Ban, ...]:
    """The bans that cover a use; whatever is not stated counts as banned.

    Args:
        country: ISO 3166-1 alpha-2.
        locality: See above; empty where it is not stated.
        sector: Who would act.
        at: When.
        place: What sort of place.
    """
    return tuple(
        ban
        for ban in shipped()
        if _same_country(ban, country)
        and _may_be(ban, locality)
        and sector in ban.sectors
        and place in ban.places
        and ban.holds(at)
    )


@cache
def shipped() -> tuple[Ban, ...]:
    """The bans that come with the package.

    Raises:
        InvalidValue: The file is damaged.
    """
    file = resources.files(__package__).joinpath("data", "place_bans.json")
    return parse(file.read_bytes(), file.name)


def parse(text: str | bytes, place: str) -> tuple[Ban, ...]:
    """Read bans.

    Args:
        text: The JSON.
        place: What to call it in messages, usually a file name.

    Raises:
        InvalidValue: A key is missing, unknown or makes no sense; the message says which and why.
    """
    record = reading.read(text, place)
    bans = tuple(map(_ban, record.records("bans")))
    record.done()
    return bans


def _ban(record: Record) -> Ban:
    ban = Ban(
        identifier=record.text("id", longest=64),
        country=record.text("country", longest=2),
        region=record.text("region", longest=6),
        locality=record.text("locality", longest=100),
        aliases=record.texts("aliases"),
        sectors=record.choices("sectors", Sector),
        places=record.choices("places", Place),
        adopted=_day(record, "adopted"),
        effective=dated(record, "effective"),
        ends=dated(record, "ends"),
        title=record.text("title", longest=400),
        source_title=record.text("source_title", longest=400),
        note=record.text("note"),
    )
    record.done()
    if not _REGION.fullmatch(ban.region) or Place.UNKNOWN not in ban.places:
        raise InvalidValue(
            f"{record.place} has no region, or leaves out places that are unknown.",
            remedy="Give the code of ISO 3166-2, and name unknown among the places.",
        )
    return ban


def _day(record: Record, key: str) -> date:
    try:
        return date.fromisoformat(record.text(key, longest=10))
    except ValueError:
        raise InvalidValue(f"{record.place}.{key} is no day.", remedy="Write it as 2026-01-31.") from None


def _same_country(ban: Ban, country: str) -> bool:
    return _plain(country) in _UNSTATED or _plain(country) == _plain(ban.country)


def _may_be(ban: Ban, locality: str) -> bool:
    """Whether a locality is, or may be, the one of a ban."""
    region = _REGION.search(locality)
    if region and region[1] != ban.region:
        return False
    name = _plain(_REGION.sub("", locality))
    if name in _UNSTATED:
        return True
    names = [_plain(known) for known in (ban.locality, *ban.aliases)]
    return any(f" {known} " in f" {name} " for known in names) or bool(
        difflib.get_close_matches(name, names, 1, _ALIKE)
    )


def _plain(name: str) -> str:
    """A name without what differs between two ways to write it: case, accents, signs, blanks."""
    letters = unicodedata.normalize("NFKD", name)
    kept = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", " ", kept.casefold()).strip()
