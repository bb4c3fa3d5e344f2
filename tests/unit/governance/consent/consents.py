"""Consent records for tests."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from faceward.governance.consent.records import (
    Basis,
    ConsentRecord,
    Data,
    Event,
    Header,
    LegalGround,
    Method,
    Parties,
    Processing,
    State,
)
from faceward.transparency.words import Purpose

START = datetime(2026, 1, 31, 9, tzinfo=UTC)
UNTIL = datetime(2036, 1, 31, tzinfo=UTC)
SUBJECT = "s-" + "1" * 32
ACTOR = "a-" + "2" * 32
HASH = "3" * 64


def event(
    state: State = State.GIVEN,
    at: datetime = START,
    method: Method | None = None,
    until: datetime | None = None,
) -> Event:
    """An event with the method that fits it."""
    fitting = Method.ELAPSED if state is State.EXPIRED else Method.ELECTRONIC
    return Event(state, method or fitting, at, ACTOR, HASH, until)


def record(
    *events: Event, jurisdiction: str = "DE", until: datetime = UNTIL, photos: bool = False
) -> ConsentRecord:
    """A record; given at `START` by default."""
    data = frozenset(Data) if photos else frozenset({Data.TEMPLATE})
    processing = Processing(
        frozenset({Purpose.VERIFY_WORKER}),
        data,
        "1",
        HASH,
        "en",
        until,
        "A server in our own building",
        ("Works council",),
        jurisdiction,
        Basis(LegalGround.CONSENT),
    )
    header = Header(1, "4" * 32, SUBJECT, START)
    return ConsentRecord(
        header, processing, Parties("Example Ltd", "privacy@example.org"), events or (event(),)
    )


def on_contract() -> ConsentRecord:
    """A record that rests on something else than consent."""
    it = record()
    basis = Basis(LegalGround.CONTRACT, HASH, ACTOR)
    processing = replace(it.processing, legal_ground=basis)
    return ConsentRecord(it.header, processing, it.parties, (event(method=Method.RECORDED),))


def days(number: int) -> timedelta:
    """So many days."""
    return timedelta(days=number)
