"""Consent records: what may follow what, and what a document may hold."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from consents import ACTOR, START, UNTIL, days, event, on_contract, record
from hypothesis import given
from hypothesis import strategies as st

from faceward.errors import InvalidValue
from faceward.governance.consent import record_texts
from faceward.governance.consent.records import (
    MOST_EVENTS,
    MOST_RENEWALS,
    ConsentOver,
    ConsentRecord,
    Data,
    Event,
    Method,
    State,
    check_guardian,
    needs_guardian,
)
from faceward.governance.consent.stored import to_store
from faceward.ports.gallery_store import ConsentState, Majority
from faceward.transparency.words import Ground, Minors, Purpose

CANARY = "Zenobia Quartermaine"


def _after(it: ConsentRecord, state: State, at: datetime) -> ConsentRecord:
    until = it.until + days(30) if state is State.RENEWED else None
    return it.followed_by(event(state, at, until=until))


@given(st.lists(st.tuples(st.sampled_from(State), st.integers(0, 6000)), max_size=30))
def test_nothing_that_follows_makes_an_ended_consent_hold_again(steps: list[tuple[State, int]]) -> None:
    """Whatever is tried after a withdrawal or an expiry, the record never holds any more."""
    it, ended = record(), False
    for state, offset in steps:
        at = START + days(offset)
        try:
            it = _after(it, state, at)
        except ConsentOver:
            continue
        assert not (ended and state in {State.GIVEN, State.RENEWED})
        ended = ended or state in {State.WITHDRAWN, State.EXPIRED}
        held = any(it.holds(Purpose.VERIFY_WORKER, START + days(day)) for day in range(0, 9000, 300))
        assert not (ended and held)


@given(st.lists(st.sampled_from(State), max_size=8))
def test_each_version_continues_the_ones_before(states: list[State]) -> None:
    """Adding an event leaves the older record as it is, and the newer one shows that it continues it."""
    it = record()
    for number, state in enumerate(states):
        try:
            newer = _after(it, state, START + days(number))
        except ConsentOver:
            continue
        assert newer.continues(it)
        assert not it.continues(newer)
        it = newer


@pytest.mark.parametrize("state", [State.WITHDRAWN, State.EXPIRED, State.RENEWED])
def test_a_record_begins_with_a_choice(state: State) -> None:
    """Nothing can be withdrawn, expired or renewed that was never given."""
    at, until = UNTIL + days(1), UNTIL + days(2) if state is State.RENEWED else None
    with pytest.raises(InvalidValue, match="begins no record"):
        record(event(state, at, until=until))


@pytest.mark.parametrize("state", list(State))
def test_refused_and_withdrawn_are_final(state: State) -> None:
    """Who refused or withdrew and changes their mind gets a new record."""
    for final in (record(event(State.REFUSED)), _after(record(), State.WITHDRAWN, START)):
        with pytest.raises(ConsentOver, match="may not follow"):
            _after(final, state, UNTIL + days(1))


def test_a_record_with_every_renewal_can_still_be_withdrawn() -> None:
    """The limit of events never stands between a person and their withdrawal."""
    it = record()
    for number in range(1, MOST_RENEWALS + 1):
        it = _after(it, State.RENEWED, START + days(number))
    with pytest.raises(ConsentOver, match="renewals already"):
        _after(it, State.RENEWED, START + days(99))
    ended = _after(_after(it, State.EXPIRED, it.until), State.WITHDRAWN, it.until)
    assert record_texts.read(record_texts.written(ended)).state is State.WITHDRAWN


def test_renewal_extends_and_comes_in_time() -> None:
    """A renewal moves the end; once the time is over there is nothing to renew."""
    newer = _after(record(), State.RENEWED, START + days(1))
    assert newer.holds(Purpose.VERIFY_WORKER, UNTIL)
    assert not record().holds(Purpose.VERIFY_WORKER, UNTIL)
    with pytest.raises(ConsentOver, match="time of the record is over"):
        _after(record(), State.RENEWED, UNTIL)
    with pytest.raises(ConsentOver, match="no later"):
        record().followed_by(event(State.RENEWED, START, until=UNTIL))


def test_expiry_waits_for_its_time_and_events_go_forward() -> None:
    """Neither an early expiry nor an event from before the last one is taken."""
    with pytest.raises(ConsentOver, match="not over"):
        _after(record(), State.EXPIRED, UNTIL - timedelta(seconds=1))
    with pytest.raises(ConsentOver, match="older"):
        _after(record(), State.WITHDRAWN, START - days(1))


def test_consent_is_the_persons_own_and_written_in_illinois() -> None:
    """Neither an operator nor a clock consents for anybody, and speech is not enough in US-IL."""
    for method in (Method.OPERATOR, Method.RECORDED):
        with pytest.raises(InvalidValue, match="no consent"):
            record(event(method=method))
    with pytest.raises(InvalidValue, match="written release"):
        record(event(method=Method.SPOKEN), jurisdiction="US-IL")
    assert record(event(method=Method.SPOKEN)).state is State.GIVEN


def test_other_grounds_name_their_text_and_who_recorded_them() -> None:
    """A ground that is not consent is no consent to a policy, and cannot be given as one."""
    assert on_contract().ground is Ground.OTHER
    assert record().ground is Ground.CONSENT
    with pytest.raises(InvalidValue, match="method recorded"):
        replace(on_contract(), events=(event(),))
    ground = on_contract().processing.legal_ground
    for missing in ({"reference_hash": None}, {"recorded_by": None}):
        with pytest.raises(InvalidValue, match="legal_ground"):
            replace(ground, **missing)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("majority", "minors", "needed"),
    [
        (Majority.ADULT, Minors.UNKNOWN, False),
        (Majority.MINOR, Minors.NONE, True),
        (Majority.UNKNOWN, Minors.NONE, False),
        (Majority.UNKNOWN, Minors.GUARDED, True),
        (Majority.UNKNOWN, Minors.UNGUARDED, True),
        (Majority.UNKNOWN, Minors.UNKNOWN, True),
    ],
)
def test_a_minor_needs_a_guardian(majority: Majority, minors: Minors, needed: bool) -> None:
    """Unknown age counts as a minor wherever minors may be met."""
    assert needs_guardian(majority, minors) is needed
    check_guardian(record(event(method=Method.GUARDIAN)), majority, minors)
    if needed:
        with pytest.raises(InvalidValue, match="no guardian"):
            check_guardian(record(), majority, minors)
    else:
        check_guardian(record(), majority, minors)


def test_a_guardian_leaves_evidence() -> None:
    """A guardian's word without the hash of what they signed does not count."""
    with pytest.raises(InvalidValue, match="evidence_hash"):
        Event(State.GIVEN, Method.GUARDIAN, START, ACTOR)


def test_what_is_written_is_read_again() -> None:
    """Reading gives the same record, and writing it the same bytes."""
    for it in (record(photos=True), on_contract(), _after(record(), State.RENEWED, START)):
        assert record_texts.read(record_texts.written(it)) == it
        assert record_texts.written(record_texts.read(record_texts.written(it))) == record_texts.written(it)


def _set(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(values: Any) -> None:
        for part in path[:-1]:
            values = values[part]
        values[path[-1]] = to

    return change


HOSTILE = [
    ("header", _set("header", to=CANARY)),
    ("schema_version", _set("header", "schema_version", to=2)),
    ("schema_version", _set("header", "schema_version", to=True)),
    ("record_id", _set("header", "record_id", to=CANARY)),
    ("record_id", _set("header", "record_id", to="A" * 32)),
    ("record_id", _set("header", "record_id", to="٣" * 32)),
    ("subject_pseudonym", _set("header", "subject_pseudonym", to=CANARY)),
    ("created", _set("header", "created", to=CANARY)),
    ("created", _set("header", "created", to="2026-02-30T00:00:00Z")),
    ("purposes", _set("processing", "purposes", to=[])),
    ("purposes", _set("processing", "purposes", to=["unknown"])),
    ("purposes", _set("processing", "purposes", to=[CANARY])),
    ("purposes", _set("processing", "purposes", to=["verify_worker", "verify_worker"])),
    ("purposes", _set("processing", "purposes", to="verify_worker")),
    ("data", _set("processing", "data", to=["photo"])),
    ("notice_version", _set("processing", "notice_version", to=CANARY)),
    ("notice_hash", _set("processing", "notice_hash", to=CANARY)),
    ("language", _set("processing", "language", to=CANARY)),
    ("retention_until", _set("processing", "retention_until", to="9999-12-31T00:00:00Z")),
    ("retention_until", _set("processing", "retention_until", to=0)),
    ("storage", _set("processing", "storage", to=" ")),
    ("storage", _set("processing", "storage", to=CANARY * 30)),
    ("storage", _set("processing", "storage", to=CANARY + "\ud800")),
    ("storage", _set("processing", "storage", to=CANARY + "\u202e")),
    ("recipients", _set("processing", "recipients", to=[CANARY] * 17)),
    ("recipients", _set("processing", "recipients", to=[{CANARY: 1}])),
    ("recipients[0]", _set("processing", "recipients", to=[CANARY + "\n"])),
    ("jurisdiction", _set("processing", "jurisdiction", to=CANARY)),
    ("jurisdiction", _set("processing", "jurisdiction", to="us-il")),
    ("legal_ground", _set("processing", "legal_ground", to=CANARY)),
    ("legal_ground.kind", _set("processing", "legal_ground", "kind", to=CANARY)),
    ("legal_ground", _set("processing", "legal_ground", "recorded_by", to=ACTOR)),
    ("legal_ground.reference_hash", _set("processing", "legal_ground", "kind", to="contract")),
    ("controller", _set("parties", "controller", to=None)),
    ("contact", _set("parties", "contact", to=7)),
    ("processor", _set("parties", "processor", to=[CANARY])),
    ("events", _set("events", to=[])),
    ("events", _set("events", to={CANARY: 1})),
    ("events", _set("events", to=[{}] * (MOST_EVENTS + 1))),
    ("events[0]", _set("events", to=[CANARY])),
    ("state", _set("events", 0, "state", to=CANARY)),
    ("method", _set("events", 0, "method", to="elapsed")),
    ("at", _set("events", 0, "at", to="2026-01-31T09:00:00+01:00")),
    ("actor", _set("events", 0, "actor", to=CANARY)),
    ("evidence_hash", _set("events", 0, "evidence_hash", to=CANARY)),
    ("until", _set("events", 0, "until", to="2030-01-01T00:00:00Z")),
    ("events[0]", _set("events", 0, "at", to="2040-01-01T00:00:00Z")),
    ("consent record has unknown keys", _set(CANARY, to=1)),
    ("header has unknown keys", _set("header", CANARY, to=1)),
    ("legal_ground has unknown keys", _set("processing", "legal_ground", CANARY, to=1)),
    ("events[0] has unknown keys", _set("events", 0, CANARY + "\n" + CANARY, to=1)),
]


@pytest.mark.parametrize(("field", "change"), HOSTILE, ids=[f"{i}-{it[0]}" for i, it in enumerate(HOSTILE)])
def test_a_wrong_document_is_refused_by_field_and_never_quoted(
    field: str, change: Callable[[Any], None]
) -> None:
    """Each error names the field and the page that explains it, and holds nothing that was sent."""
    values = json.loads(record_texts.written(record()))
    change(values)
    with pytest.raises(InvalidValue) as caught:
        record_texts.read(json.dumps(values))
    assert field in caught.value.cause
    assert "consent-record.md" in caught.value.remedy
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY.split(maxsplit=1)[0] not in f"{error!r}{error}"
        error = error.__context__


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b"\xff", b"[" * 60_000, b" " * 70_000, b'{"a":1,"a":1}', b"{}"]
)
def test_what_is_no_document_is_refused(text: bytes) -> None:
    """Broken, nested, too long or empty: one kind of error."""
    with pytest.raises(InvalidValue):
        record_texts.read(text)


def test_moments_are_in_utc_and_whole_seconds() -> None:
    """A moment that would be written as another one is refused."""
    for at in (START.replace(tzinfo=None), START.replace(microsecond=1)):
        with pytest.raises(InvalidValue, match="UTC"):
            event(at=at)


def test_a_store_learns_what_it_must_know() -> None:
    """What the store keeps says the same as the record, and a withdrawn one never holds."""
    kept = to_store(record(photos=True), "d/g", "p")
    assert kept.holds(Purpose.VERIFY_WORKER, START)
    assert kept.photos
    assert kept.until == UNTIL
    assert record_texts.read(kept.document) == record(photos=True)
    ended = to_store(_after(record(), State.WITHDRAWN, START), "d/g", "p", document=b"receipt")
    assert ended.state is ConsentState.WITHDRAWN
    assert ended.document == b"receipt"
    assert ended.until == START
    assert ended.erase_by == START + days(1)
    assert not to_store(record(), "d/g", "p").photos
    assert Data.PHOTO not in record().processing.data
