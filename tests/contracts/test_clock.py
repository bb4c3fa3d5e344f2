"""What every clock promises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from faceward.adapters.clock import SystemClock
from faceward.testing import SetClock


@pytest.fixture(params=[SystemClock, SetClock], ids=lambda kind: kind.__name__)
def clock(request):
    return request.param()


def test_the_time_is_in_utc_and_says_so(clock):
    assert clock.now().utcoffset() == timedelta()


def test_the_time_does_not_go_back_by_itself(clock):
    times = [clock.now() for _ in range(1000)]
    assert times == sorted(times)


def test_the_clock_of_the_machine_shows_its_time():
    before = datetime.now(UTC)
    assert before <= SystemClock().now() <= datetime.now(UTC)


def test_a_clock_that_is_set_shows_that_time_in_utc():
    clock = SetClock(datetime(2026, 6, 1, 2, tzinfo=timezone(timedelta(hours=2))))
    assert clock.now() == datetime(2026, 6, 1, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta()
    clock.advance(days=1, seconds=-0.5)
    assert clock.now() == datetime(2026, 6, 1, 23, 59, 59, 500_000, tzinfo=UTC)
