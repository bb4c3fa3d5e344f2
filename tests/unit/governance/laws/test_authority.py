"""Warrants, orders and emergencies cover what they name, while they last."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from faceward.errors import InvalidValue
from faceward.governance.laws import authority
from faceward.governance.laws.authority import AuthorityKind, AuthorityRecord, Issuer
from faceward.transparency.words import Place, Purpose

OPENED = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
WARRANT = AuthorityRecord(
    identifier="w-1",
    kind=AuthorityKind.WARRANT,
    deployment="search",
    places=frozenset({Place.PUBLIC}),
    purposes=frozenset({Purpose.MISSING_PERSON}),
    subjects=None,
    issuer="Court of Nowhere",
    issued_by=Issuer.COURT,
    opened=OPENED,
    expires=OPENED + 30 * DAY,
    closed=None,
)
EXIGENCY = replace(
    WARRANT,
    identifier="e-1",
    kind=AuthorityKind.EXIGENCY,
    issued_by=Issuer.OPERATOR,
    expires=OPENED + 2 * DAY,
)
USE = ("search", OPENED + DAY, Place.PUBLIC, Purpose.MISSING_PERSON)


@pytest.mark.parametrize(
    ("record", "covered"),
    [
        (WARRANT, True),
        (EXIGENCY, True),
        (replace(WARRANT, deployment="other"), False),
        (replace(WARRANT, places=frozenset({Place.PRIVATE})), False),
        (replace(WARRANT, purposes=frozenset({Purpose.CRIMINAL_INVESTIGATION})), False),
        (replace(WARRANT, opened=OPENED + DAY), True),
        (replace(WARRANT, opened=OPENED + DAY + SECOND), False),
        (replace(WARRANT, expires=OPENED + DAY), False),
        (replace(WARRANT, closed=OPENED + DAY), False),
        (replace(WARRANT, closed=OPENED + DAY + SECOND), True),
        (replace(WARRANT, issued_by=Issuer.OPERATOR), False),
        (replace(WARRANT, issued_by=Issuer.UNKNOWN), False),
        (replace(EXIGENCY, issued_by=Issuer.UNKNOWN), False),
    ],
)
def test_a_record_covers_what_it_names_while_it_is_open(record: AuthorityRecord, covered: bool):
    """From the first second, up to and without the last."""
    assert authority.covers(record, *USE) is covered
    assert (authority.open_authority([record], *USE) is record) is covered


def test_an_emergency_ends_after_48_hours_whatever_it_says():
    """A record made by other means than reading it is held to the same span."""
    long = replace(EXIGENCY, expires=OPENED + 30 * DAY)
    last = OPENED + timedelta(hours=48)
    assert authority.covers(long, "search", last - SECOND, Place.PUBLIC, Purpose.MISSING_PERSON)
    assert not authority.covers(long, "search", last, Place.PUBLIC, Purpose.MISSING_PERSON)


def test_unknown_is_never_covered():
    """Even by a record that names it."""
    odd = replace(WARRANT, places=frozenset(Place), purposes=frozenset(Purpose))
    assert not authority.covers(odd, "search", OPENED, Place.UNKNOWN, Purpose.MISSING_PERSON)
    assert not authority.covers(odd, "search", OPENED, Place.PUBLIC, Purpose.UNKNOWN)


def test_of_several_records_the_one_that_holds_longest_is_taken():
    """None where there is none."""
    assert authority.open_authority([EXIGENCY, WARRANT], *USE) is WARRANT
    assert authority.open_authority([], *USE) is None


def test_a_record_that_names_subjects_allows_no_other():
    """Nor a search for whoever is there."""
    named = replace(WARRANT, subjects=frozenset({"a", "b"}))
    assert authority.allows_subjects(named, frozenset({"a"}))
    assert not authority.allows_subjects(named, frozenset({"a", "c"}))
    assert not authority.allows_subjects(named, None)
    assert authority.allows_subjects(WARRANT, None)


@pytest.mark.parametrize(
    "record",
    [WARRANT, EXIGENCY, replace(WARRANT, subjects=frozenset({"a"}), closed=OPENED + DAY)],
    ids=["warrant", "exigency", "closed"],
)
def test_what_is_written_is_read_back_without_loss(record: AuthorityRecord):
    """Of each kind."""
    assert authority.parse(json.dumps(authority.as_json(record)), "w.json") == record


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (replace(EXIGENCY, expires=OPENED + 2 * DAY + SECOND), "expires"),
        (replace(WARRANT, expires=OPENED), "expires"),
        (replace(WARRANT, issued_by=Issuer.OPERATOR), "issued_by"),
        (replace(WARRANT, issued_by=Issuer.UNKNOWN), "issued_by"),
        (replace(WARRANT, places=frozenset({Place.UNKNOWN})), "scope"),
        (replace(WARRANT, purposes=frozenset({Purpose.UNKNOWN})), "scope"),
        (replace(WARRANT, identifier="W 1"), "id"),
    ],
)
def test_what_makes_no_sense_is_refused(record: AuthorityRecord, message: str):
    """An emergency of three days, a warrant of one's own, a place nobody knows."""
    with pytest.raises(InvalidValue, match=rf"w\.json\.{message}"):
        authority.parse(json.dumps(authority.as_json(record)), "w.json")
