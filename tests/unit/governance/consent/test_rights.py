"""What people ask for: due dates, and what may follow what."""

from datetime import UTC, datetime, timedelta

import pytest
from consents import ACTOR, HASH, SUBJECT

from faceward.errors import InvalidValue
from faceward.governance.consent.rights import (
    Reason,
    Right,
    RightsRequest,
    RightsRequestOver,
    Stage,
    Step,
    read,
)

RECEIVED = datetime(2026, 1, 31, 9, tzinfo=UTC)
DUE = datetime(2026, 2, 28, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def _asked(right: Right = Right.ACCESS) -> RightsRequest:
    return RightsRequest("5" * 32, right, SUBJECT, RECEIVED)


def _step(stage: Stage, at: datetime, reason: Reason | None = None) -> Step:
    return Step(stage, at, ACTOR, HASH, reason)


@pytest.mark.parametrize("right", list(Right))
def test_every_request_is_due_within_a_month(right: Right) -> None:
    """A request of 31 January is due on 28 February, and overdue a second later."""
    it = _asked(right)
    assert (it.stage, it.due) == (Stage.OPEN, DUE)
    assert not it.is_overdue(DUE)
    assert it.is_overdue(DUE + SECOND)


def test_an_extension_gives_two_months_more_once() -> None:
    """It counts from receipt, comes within the first month, with a reason, and only once."""
    it = _asked().followed_by(_step(Stage.EXTENDED, DUE, Reason.COMPLEX))
    assert it.due == datetime(2026, 4, 30, 9, tzinfo=UTC)
    assert not it.is_overdue(DUE + SECOND)
    with pytest.raises(RightsRequestOver, match="already"):
        it.followed_by(_step(Stage.EXTENDED, DUE, Reason.COMPLEX))
    with pytest.raises(RightsRequestOver, match="too late"):
        _asked().followed_by(_step(Stage.EXTENDED, DUE + SECOND, Reason.COMPLEX))


def test_an_answer_ends_a_request_and_a_late_one_stays_late() -> None:
    """After an answer nothing follows, and time no longer counts."""
    answered = _asked().followed_by(_step(Stage.ANSWERED, DUE))
    assert not answered.is_overdue(DUE + timedelta(days=900))
    assert _asked().followed_by(_step(Stage.ANSWERED, DUE + SECOND)).is_overdue(DUE)
    with pytest.raises(RightsRequestOver, match="may not follow"):
        answered.followed_by(_step(Stage.REFUSED, DUE, Reason.EXCESSIVE))
    with pytest.raises(RightsRequestOver, match="older"):
        _asked().followed_by(_step(Stage.ANSWERED, RECEIVED - SECOND))


@pytest.mark.parametrize(
    ("stage", "reason"),
    [
        (Stage.OPEN, None),
        (Stage.EXTENDED, None),
        (Stage.EXTENDED, Reason.UNFOUNDED),
        (Stage.REFUSED, None),
        (Stage.REFUSED, Reason.COMPLEX),
        (Stage.ANSWERED, Reason.COMPLEX),
    ],
)
def test_reasons_belong_to_extensions_and_refusals(stage: Stage, reason: Reason | None) -> None:
    """Neither is possible without a reason of its own kind."""
    with pytest.raises(InvalidValue, match="step"):
        _step(stage, DUE, reason)


def test_what_is_filed_is_read_again() -> None:
    """Reading gives the same request; anything rewritten is refused without a quote."""
    it = _asked().followed_by(_step(Stage.EXTENDED, DUE, Reason.MANY_REQUESTS))
    assert read(it.written()) == it
    name = b"Zenobia"
    for wrong in (it.written() + b" ", it.written().replace(b"access", name), b"{}", b"[" * 9000, name):
        with pytest.raises(InvalidValue) as caught:
            read(wrong)
        assert "Zenobia" not in f"{caught.value!r}{caught.value}"
