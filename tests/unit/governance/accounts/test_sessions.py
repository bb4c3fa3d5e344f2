"""Sessions of browsers: how long, how tokens follow each other, and what an old copy is good for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from faceward.governance.accounts import sessions
from faceward.governance.accounts.api_keys import ApiKey, Scope
from faceward.governance.accounts.sessions import (
    GRACE,
    IDLE,
    LONGEST,
    ROTATION,
    PageTokenMissing,
    SessionOver,
    Sessions,
    check_page,
)

NOW = datetime(2026, 5, 4, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def key(until: datetime = NOW + timedelta(days=90)) -> ApiKey:
    return ApiKey("0" * 16, "ann", "door", frozenset({Scope.OPERATOR}), "0" * 64, "bob", NOW, until)


@pytest.fixture
def known():
    return Sessions()


def is_over(known: Sessions, token: str, at: datetime) -> bool:
    try:
        known.enter(token, at)
    except SessionOver:
        return True
    return False


def test_a_token_goes_on_until_it_is_old(known):
    """Then another takes its place, and the one before is taken for a moment as well."""
    begun = known.start(key(), NOW)
    assert known.enter(begun.token, NOW + ROTATION - SECOND).token == ""
    later = NOW + ROTATION
    fresh = known.enter(begun.token, later)
    assert fresh.token not in {"", begun.token}
    assert fresh.session.page_token == begun.session.page_token
    assert known.enter(begun.token, later + GRACE - SECOND).token == ""
    assert known.enter(fresh.token, later + GRACE).token == ""


def test_whoever_shows_an_old_copy_ends_the_session(known):
    """One of the two who hold it is a thief, and nobody knows which."""
    begun = known.start(key(), NOW)
    fresh = known.enter(begun.token, NOW + ROTATION)
    assert is_over(known, begun.token, NOW + ROTATION + GRACE)
    assert is_over(known, fresh.token, NOW + ROTATION + GRACE)


def test_a_token_from_before_the_one_before_opens_nothing(known):
    """It is not known any more, and whoever has a newer one is not disturbed."""
    first = known.start(key(), NOW).token
    second = known.enter(first, NOW + ROTATION).token
    third = known.enter(second, NOW + 2 * ROTATION).token
    assert is_over(known, first, NOW + 2 * ROTATION)
    assert known.enter(third, NOW + 2 * ROTATION).session.key == "0" * 16


def test_silence_ends_it(known):
    """To the second."""
    token = known.start(key(), NOW).token
    token = known.enter(token, NOW + IDLE - SECOND).token
    assert is_over(known, token, NOW + IDLE - SECOND + IDLE)


def test_it_ends_however_often_somebody_asks(known):
    """A day of work, and no more."""
    token, at = known.start(key(), NOW).token, NOW
    while at + ROTATION < NOW + LONGEST:
        at += ROTATION
        token = known.enter(token, at).token
    assert not is_over(known, token, NOW + LONGEST - SECOND)
    assert is_over(known, token, NOW + LONGEST)


def test_it_ends_with_its_key(known):
    """A session is worth no more than what began it."""
    token = known.start(key(NOW + timedelta(minutes=1)), NOW).token
    assert is_over(known, token, NOW + timedelta(minutes=1))


def test_whoever_leaves_is_out(known):
    """With every token."""
    begun = known.start(key(), NOW)
    fresh = known.enter(begun.token, NOW + ROTATION)
    known.end(fresh.session)
    known.end(fresh.session)
    assert is_over(known, begun.token, NOW + ROTATION)
    assert is_over(known, fresh.token, NOW + ROTATION)


def test_whoever_was_silent_for_longest_goes_first(known, monkeypatch):
    """Memory is bounded."""
    monkeypatch.setattr(sessions, "MOST", 2)
    one, two = known.start(key(), NOW).token, known.start(key(), NOW).token
    known.enter(one, NOW)
    three = known.start(key(), NOW).token
    assert [is_over(known, it, NOW) for it in (one, two, three)] == [False, True, False]


def test_a_page_of_somebody_else_is_seen(known):
    """It cannot know what ours show."""
    session = known.start(key(), NOW).session
    check_page(session, session.page_token)
    for shown in ("", "x", session.page_token + "x", "ü", "\udc80"):
        with pytest.raises(PageTokenMissing):
            check_page(session, shown)


def test_nothing_that_opens_is_shown(known):
    """Neither in a log nor in a traceback."""
    begun = known.start(key(), NOW)
    assert begun.token not in repr(begun)
    assert begun.session.page_token not in repr(begun)
