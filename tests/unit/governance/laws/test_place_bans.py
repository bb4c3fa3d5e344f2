"""Local bans cover whom and where they say, and a place that is not stated is banned."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from faceward.errors import InvalidValue
from faceward.governance.laws import place_bans
from faceward.transparency.words import Place, Sector

AT = datetime(2026, 6, 1, tzinfo=UTC)
SF, OAKLAND, BUREAUS, PRIVATE = (
    "us-ca-san-francisco", "us-ca-oakland", "us-or-portland-bureaus", "us-or-portland-private",
)  # fmt: skip


def names(*of: object, at: datetime = AT, place: Place = Place.UNKNOWN) -> set[str]:
    country, locality, sector = of
    return {
        ban.identifier for ban in place_bans.banned(str(country), str(locality), Sector(sector), at, place)
    }


@pytest.mark.parametrize(
    ("locality", "government", "commercial"),
    [
        ("", {SF, OAKLAND, BUREAUS}, {PRIVATE}),
        ("unknown", {SF, OAKLAND, BUREAUS}, {PRIVATE}),
        ("US-CA", {SF, OAKLAND}, set()),
        ("San Francisco, US-CA", {SF}, set()),
        ("US-CA San Francisco", {SF}, set()),
        ("city of SAN FRANCISCO", {SF}, set()),
        ("San Fransisco", {SF}, set()),
        ("SF", {SF}, set()),
        ("Oakland, US-CA", {OAKLAND}, set()),
        ("Los Angeles, US-CA", set(), set()),
        ("Portland, US-OR", {BUREAUS}, {PRIVATE}),
        ("Portland", {BUREAUS}, {PRIVATE}),
        ("Portland, US-ME", set(), set()),
        ("Chicago", set(), set()),
    ],
)
def test_a_place_is_found_however_it_is_written(locality: str, government: set[str], commercial: set[str]):
    """Where it may be one that is banned, it counts as that."""
    assert names("US", locality, "government") == government
    assert names("US", locality, "law_enforcement") == government
    assert names("US", locality, "commercial") == commercial


def test_a_country_without_bans_has_none_and_an_unknown_country_has_all():
    """Not stated is not the same as elsewhere."""
    assert names("NZ", "", "government") == set()
    assert names("", "", "government") == {SF, OAKLAND, BUREAUS}


def test_a_ban_on_public_places_leaves_private_ones():
    """The ban of Portland on private bodies is about places of public accommodation."""
    assert names("US", "Portland, US-OR", "commercial", place=Place.PRIVATE) == set()
    assert names("US", "Portland, US-OR", "commercial", place=Place.SEMI_PUBLIC) == {PRIVATE}
    assert names("US", "Portland, US-OR", "government", place=Place.PRIVATE) == {BUREAUS}


def test_a_ban_begins_when_it_says_and_one_without_a_date_holds_already():
    """What is not known counts for the ban."""
    before = datetime(2020, 12, 31, 23, 59, 59, tzinfo=UTC)
    assert names("US", "Portland", "commercial", at=before) == set()
    assert names("US", "Portland", "commercial", at=datetime(2021, 1, 1, tzinfo=UTC)) == {PRIVATE}
    assert names("US", "Oakland", "government", at=datetime(2000, 1, 1, tzinfo=UTC)) == {OAKLAND}


BAN = """{"bans": [{"id": "x", "country": "XA", "region": "XA-1", "locality": "Nowhere", "aliases": [],
"sectors": ["commercial"], "places": ["public", "unknown"], "adopted": "2020-01-01", "effective": "unknown",
"ends": "unknown", "title": "t", "source_title": "s", "note": "n"}]}"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"XA-1"', '"XA"', r"bans\[0\] has no region"),
        ('["public", "unknown"]', '["public"]', r"bans\[0\] has no region"),
        ('"2020-01-01"', '"2020"', r"bans\[0\]\.adopted is no day"),
        ('"note": "n"', '"note": ""', r"bans\[0\]\.note"),
        ('"commercial"', '"shops"', r"bans\[0\]\.sectors"),
    ],
)
def test_a_mistake_is_refused_and_its_place_named(old: str, new: str, message: str):
    """As everywhere."""
    with pytest.raises(InvalidValue, match=message):
        place_bans.parse(BAN.replace(old, new), "bans.json")


def test_a_ban_whose_end_is_unknown_still_holds():
    """And one that has ended does not."""
    (ban,) = place_bans.parse(BAN, "bans.json")
    assert ban.holds(AT)
    (over,) = place_bans.parse(
        BAN.replace('"ends": "unknown"', '"ends": "2026-06-01T00:00:00Z"'), "bans.json"
    )
    assert not over.holds(AT)
