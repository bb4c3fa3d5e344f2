"""Retention: the shortest clock decides."""

from datetime import UTC, datetime, timedelta

import pytest
from consents import START, UNTIL, days, event, record
from hypothesis import given
from hypothesis import strategies as st

from faceward.errors import InvalidValue
from faceward.governance.consent.records import State
from faceward.governance.consent.retention import (
    STATUTES,
    Course,
    OwnClocks,
    deadline,
    months_after,
)

offsets = st.one_of(st.none(), st.integers(0, 5000))
places = st.sampled_from(["DE", "US-IL", "US-TX", "US-CA", "FR", "JP"])


def _at(offset: int | None) -> datetime | None:
    return None if offset is None else START + days(offset)


@given(places, offsets, offsets, offsets, st.one_of(st.none(), st.integers(1, 3650)), st.integers(0, 24))
def test_the_shortest_clock_always_wins(  # noqa: PLR0917 - the clocks
    place: str, contact: int | None, purpose: int | None, gone: int | None, kept: int | None, hours: int
) -> None:
    """No clock that runs is ever earlier than the deadline, and a ground never outlives it."""
    it = record(jurisdiction=place)
    if gone is not None:
        it = it.followed_by(event(State.WITHDRAWN, START + days(gone)))
    found = deadline(it, Course(_at(contact), _at(purpose)), OwnClocks(hours, kept))
    limits = [UNTIL]
    if gone is not None:
        limits += [START + days(gone) + timedelta(hours=hours)]
        assert found.erase_by <= START + days(gone) + timedelta(hours=24)
        assert found.until <= START + days(gone)
    if kept is not None:
        limits += [START + days(kept)]
    if place == "US-IL":
        limits += [months_after(START + days(contact or 0), 36)]
    if purpose is not None:
        ended = START + days(purpose)
        limits += {"US-IL": [ended], "US-TX": [months_after(ended, 12)], "DE": [ended + days(1)]}.get(
            "DE" if place == "FR" else place, []
        )
        assert found.until <= ended
    assert found.erase_by == min(limits)
    assert found.until <= found.erase_by


@pytest.mark.parametrize(
    ("place", "course", "clock", "due"),
    [
        ("JP", Course(), "record", UNTIL),
        ("US-IL", Course(), "bipa-contact", datetime(2029, 1, 31, 9, tzinfo=UTC)),
        ("US-IL", Course(START + days(10)), "bipa-contact", datetime(2029, 2, 10, 9, tzinfo=UTC)),
        ("US-IL", Course(None, START + days(9)), "bipa-purpose", START + days(9)),
        ("US-TX", Course(None, START), "cubi-purpose", datetime(2027, 1, 31, 9, tzinfo=UTC)),
        ("DE", Course(None, START), "gdpr-purpose", START + days(1)),
        ("US-CA", Course(None, START), "record", UNTIL),
    ],
)
def test_each_law_has_its_clock(place: str, course: Course, clock: str, due: datetime) -> None:
    """Which clock decides in a place, and why, is said in words."""
    found = deadline(record(jurisdiction=place), course)
    assert (found.clock.name, found.erase_by) == (clock, due)
    assert found.why.startswith(clock)
    assert found.clock.source in found.why


def test_refusal_leaves_nothing() -> None:
    """What was taken before a refusal goes as after a withdrawal."""
    found = deadline(record(event(State.REFUSED), jurisdiction="JP"))
    assert (found.until, found.erase_by) == (START, START + days(1))


def test_a_withdrawal_after_expiry_only_brings_erasure_forward() -> None:
    """Withdrawing what has expired is possible and never grants more time."""
    it = record().followed_by(event(State.EXPIRED, UNTIL))
    later = it.followed_by(event(State.WITHDRAWN, UNTIL + days(3)))
    assert deadline(later).erase_by == deadline(it).erase_by == UNTIL


@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-10-31", 1, "2026-11-30"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
    ],
)
def test_months_end_where_the_calendar_ends_them(start: str, months: int, due: str) -> None:
    """A month from the 31st ends on the last of a shorter month."""
    assert months_after(datetime.fromisoformat(start), months) == datetime.fromisoformat(due)


@given(st.integers(-25_000, 300_000), st.integers(0, 400))
def test_months_never_skip_one(offset: int, months: int) -> None:
    """The result lies in the month that many further on, at no later a day, at the same time."""
    start = START + days(offset)
    due = months_after(start, months)
    assert (due.year * 12 + due.month) - (start.year * 12 + start.month) == months
    assert due.day <= start.day
    assert due.time() == start.time()
    assert due.day == start.day or (due + days(1)).day == 1


def test_own_clocks_can_only_shorten() -> None:
    """More than 24 hours after a withdrawal cannot be promised."""
    for wrong in ((25, None), (-1, None), (24, 0), (24, 3651)):
        with pytest.raises(InvalidValue):
            OwnClocks(*wrong)
    assert all(it.source for it in STATUTES)
    assert len({it.name for it in STATUTES}) == len(STATUTES)
