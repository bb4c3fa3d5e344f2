"""What a person was told and said in, one record that only grows out.

Four blocks: header, processing, parties, events. A record is never changed, only continued by one event more,
so every earlier version of it is a beginning of the newest. It holds pseudonyms and digests, no names of
people and no free words about them.

Source: the blocks of ISO/IEC TS 27560:2023. Which words each field may hold is our choice.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from faceward.errors import ConflictError, InvalidValue
from faceward.ports.gallery_store import Majority
from faceward.transparency.words import Ground, Minors, Purpose

SCHEMA_VERSION = 1
MOST_EVENTS = 64
MOST_RENEWALS = 60
"""Fewer than events, so that there is always room to withdraw. Our choice; sixty years at one a year."""
LONGEST_TEXT = 200

_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SUBJECT = re.compile(r"s-[0-9a-f]{32}", re.ASCII)
_ACTOR = re.compile(r"[as]-[0-9a-f]{32}", re.ASCII)
_PLACE = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z]{2})?", re.ASCII)
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,2}", re.ASCII)
_REMEDY = "See docs/reference/consent-record.md for what each field holds."


class ConsentOver(ConflictError):
    """A consent record cannot be continued like this: it is final, or what should follow does not fit."""

    code = "consent_over"
    remedy = "Give the notice again and make a new record, if the person agrees."


class Data(StrEnum):
    """What is kept. A photo is a choice of its own, so a template alone is always possible."""

    TEMPLATE = "template"
    PHOTO = "photo"


class LegalGround(StrEnum):
    """On what the processing rests. Source: the words of GDPR articles 6(1) and 9(2), shortened."""

    CONSENT = "consent"
    CONTRACT = "contract"
    EMPLOYMENT = "employment"
    LEGAL_OBLIGATION = "legal_obligation"
    VITAL_INTEREST = "vital_interest"
    PUBLIC_INTEREST = "public_interest"


class Method(StrEnum):
    """How an event came about."""

    WRITTEN = "written"  # signed on paper
    ELECTRONIC = "electronic"  # signed, ticked or confirmed on a screen
    SPOKEN = "spoken"
    GUARDIAN = "guardian"  # in writing, by who may speak for a minor
    OPERATOR = "operator"  # entered for the person, such as a withdrawal by telephone
    RECORDED = "recorded"  # a ground that is not consent was entered
    ELAPSED = "elapsed"  # its time was over


class State(StrEnum):
    """What an event says."""

    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RENEWED = "renewed"


FOLLOWERS: dict[State | None, frozenset[State]] = {
    None: frozenset({State.GIVEN, State.REFUSED}),
    State.GIVEN: frozenset({State.WITHDRAWN, State.EXPIRED, State.RENEWED}),
    State.RENEWED: frozenset({State.WITHDRAWN, State.EXPIRED, State.RENEWED}),
    State.EXPIRED: frozenset({State.WITHDRAWN}),  # brings the erasure forward, revives nothing
    State.REFUSED: frozenset(),
    State.WITHDRAWN: frozenset(),
}
"""Which event may follow which; ``None`` stands for a record without any."""

_PERSONAL = frozenset({Method.WRITTEN, Method.ELECTRONIC, Method.SPOKEN, Method.GUARDIAN})
_EVIDENCED = frozenset({Method.WRITTEN, Method.GUARDIAN, Method.RECORDED})


@dataclass(frozen=True, slots=True)
class Header:
    """Which record this is.

    Attributes:
        schema_version: Version of the form, 1.
        record_id: 32 hexadecimal digits.
        subject_pseudonym: What the ledger calls the subject, ``s-`` and 32 hexadecimal digits.
        created: When the record was made, UTC.
    """

    schema_version: int
    record_id: str
    subject_pseudonym: str
    created: datetime

    def __post_init__(self) -> None:
        _need(self.schema_version == SCHEMA_VERSION, "header.schema_version", f"must be {SCHEMA_VERSION}")
        _need(_ID.fullmatch(self.record_id), "header.record_id", "must be 32 hexadecimal digits")
        _need(
            _SUBJECT.fullmatch(self.subject_pseudonym),
            "header.subject_pseudonym",
            "must be a pseudonym: s- and 32 hexadecimal digits",
        )
        _second("header.created", self.created)


@dataclass(frozen=True, slots=True)
class Basis:
    """The legal ground.

    Attributes:
        kind: Which one.
        reference_hash: SHA-256 of the text that another ground than consent rests on; none for consent.
        recorded_by: Pseudonym of the account that entered another ground; none for consent.
    """

    kind: LegalGround
    reference_hash: str | None = None
    recorded_by: str | None = None

    def __post_init__(self) -> None:
        place = "processing.legal_ground"
        if self.kind is LegalGround.CONSENT:
            none = self.reference_hash is None and self.recorded_by is None
            _need(none, place, "must have no reference_hash and no recorded_by where it is consent")
            return
        hashed = _DIGEST.fullmatch(self.reference_hash or "")
        _need(hashed, f"{place}.reference_hash", "must be the SHA-256 of the text this ground rests on")
        known = _ACTOR.fullmatch(self.recorded_by or "")
        _need(known, f"{place}.recorded_by", "must be the pseudonym of the account that recorded the ground")


@dataclass(frozen=True, slots=True)
class Processing:
    """What is done, as the notice told it.

    Attributes:
        purposes: What for; the record is a ground for these alone.
        data: What is kept: a template, and a photo only where the person chose that too.
        notice_version: Which notice was given, such as ``1``.
        notice_hash: SHA-256 of its text in UTF-8.
        language: Language of the notice, such as ``de``.
        retention_until: From when it does not hold any more unless renewed, UTC.
        storage: Where it is kept, in words for the person.
        recipients: Who else gets it; organisations, never people. Empty where nobody does.
        jurisdiction: Whose law applies: ISO 3166, such as ``DE`` or ``US-IL``.
        legal_ground: On what it rests.
    """

    purposes: frozenset[Purpose]
    data: frozenset[Data]
    notice_version: str
    notice_hash: str
    language: str
    retention_until: datetime
    storage: str
    recipients: tuple[str, ...]
    jurisdiction: str
    legal_ground: Basis

    def __post_init__(self) -> None:
        place = "processing"
        known = self.purposes and Purpose.UNKNOWN not in self.purposes
        _need(known, f"{place}.purposes", "must name at least one purpose, and not unknown")
        _need(Data.TEMPLATE in self.data, f"{place}.data", "must name template; photo may come with it")
        _need(
            _VERSION.fullmatch(self.notice_version), f"{place}.notice_version", "must be a version like 1.0"
        )
        _need(_DIGEST.fullmatch(self.notice_hash), f"{place}.notice_hash", "must be the notice's SHA-256")
        _need(_LANGUAGE.fullmatch(self.language), f"{place}.language", "must be a language like en or de-AT")
        _second(f"{place}.retention_until", self.retention_until)
        _text(f"{place}.storage", self.storage)
        _need(len(self.recipients) <= 16, f"{place}.recipients", "must name at most 16")
        for number, recipient in enumerate(self.recipients):
            _text(f"{place}.recipients[{number}]", recipient)
        _need(
            _PLACE.fullmatch(self.jurisdiction),
            f"{place}.jurisdiction",
            "must be an ISO 3166 code such as DE or US-IL",
        )


@dataclass(frozen=True, slots=True)
class Parties:
    """Who answers for it.

    Attributes:
        controller: The organisation that decides.
        contact: Where to withdraw, ask and complain.
        processor: Who runs the installation for the controller; none where it does so itself.
    """

    controller: str
    contact: str
    processor: str | None = None

    def __post_init__(self) -> None:
        _text("parties.controller", self.controller)
        _text("parties.contact", self.contact)
        if self.processor is not None:
            _text("parties.processor", self.processor)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a consent.

    Attributes:
        state: What it says.
        method: How it came about.
        at: When, UTC.
        actor: Pseudonym of the account that entered it, or of the subject themselves.
        evidence_hash: SHA-256 of what shows it: a signed page, a recording; none where nothing does.
        until: From when a renewed record does not hold any more, UTC; none for other events.
    """

    state: State
    method: Method
    at: datetime
    actor: str
    evidence_hash: str | None = None
    until: datetime | None = None

    def __post_init__(self) -> None:
        _second("event.at", self.at)
        _need(_ACTOR.fullmatch(self.actor), "event.actor", "must be a pseudonym: a- or s- and 32 digits")
        hashed = self.evidence_hash is None or _DIGEST.fullmatch(self.evidence_hash)
        _need(hashed, "event.evidence_hash", "must be a SHA-256, 64 hexadecimal digits, or null")
        binds = self.state in {State.GIVEN, State.RENEWED}
        if binds and self.method in _EVIDENCED:
            _need(self.evidence_hash, "event.evidence_hash", f"is needed where the method is {self.method}")
        renews = self.state is State.RENEWED
        _need(renews == (self.until is not None), "event.until", "is for events of the state renewed alone")
        if self.until is not None:
            _second("event.until", self.until)
        elapsed = self.method is Method.ELAPSED
        if elapsed or self.state is State.EXPIRED:
            fits = self.state is State.EXPIRED and elapsed
            _need(fits, "event.method", "must be elapsed for expired, and for nothing else")


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """A consent, or another recorded ground, with all that happened to it.

    Attributes:
        header: Which record.
        processing: What is done.
        parties: Who answers for it.
        events: What happened, the oldest first; at least one.
    """

    header: Header
    processing: Processing
    parties: Parties
    events: tuple[Event, ...]

    def __post_init__(self) -> None:
        _need(self.events, "events", "must hold at least one event")
        before: tuple[Event, ...] = ()
        until = self.processing.retention_until
        for number, event in enumerate(self.events):
            if cause := _objection(self.processing, before, until, event):
                raise InvalidValue(f"events[{number}] {cause}.", remedy=_REMEDY)
            before = (*before, event)
            until = event.until or until

    @property
    def state(self) -> State:
        """What the last event says."""
        return self.events[-1].state

    @property
    def until(self) -> datetime:
        """To when it was given or last renewed, whatever ended it before."""
        return next((it.until for it in reversed(self.events) if it.until), self.processing.retention_until)

    @property
    def ground(self) -> Ground:
        """What a policy calls its legal ground."""
        consent = self.processing.legal_ground.kind is LegalGround.CONSENT
        return Ground.CONSENT if consent else Ground.OTHER

    @property
    def photos(self) -> bool:
        """Whether photos may be kept."""
        return Data.PHOTO in self.processing.data

    def last(self, *states: State) -> Event | None:
        """The last event of some states."""
        return next((it for it in reversed(self.events) if it.state in states), None)

    def holds(self, purpose: Purpose, at: datetime) -> bool:
        """Whether it is a ground for a purpose at a moment, whatever clock of a law may end it sooner."""
        in_force = self.state in {State.GIVEN, State.RENEWED}
        return in_force and purpose in self.processing.purposes and self.events[0].at <= at < self.until

    def followed_by(self, event: Event) -> ConsentRecord:
        """The record with one event more; this one stays as it is.

        Raises:
            ConsentOver: The event may not follow, or does not fit; the cause says why.
        """
        if cause := _objection(self.processing, self.events, self.until, event):
            raise ConsentOver(f"The event {cause}.")
        return replace(self, events=(*self.events, event))

    def continues(self, older: ConsentRecord) -> bool:
        """Whether it is the older record with events added, and nothing else changed."""
        same = (self.header, self.processing, self.parties) == (
            older.header,
            older.processing,
            older.parties,
        )
        return same and self.events[: len(older.events)] == older.events


def needs_guardian(majority: Majority, minors: Minors) -> bool:
    """Whether somebody else must agree for a person.

    Args:
        majority: What is known of their age.
        minors: Whether the deployment may meet minors.

    Returns:
        True for minors, and for an unknown age unless the review found that no minors are met.
    """
    return majority is Majority.MINOR or (majority is Majority.UNKNOWN and minors is not Minors.NONE)


def check_guardian(record: ConsentRecord, majority: Majority, minors: Minors) -> None:
    """Refuse a consent that a minor gave alone.

    Raises:
        InvalidValue: A guardian is needed, and an event of the state given or renewed has none.
    """
    if record.ground is not Ground.CONSENT or not needs_guardian(majority, minors):
        return
    binding = (it for it in record.events if it.state in {State.GIVEN, State.RENEWED})
    if any(it.method is not Method.GUARDIAN for it in binding):
        raise InvalidValue(
            "This person is a minor, or counts as one, and no guardian agreed for them.",
            remedy="Record the guardian's consent: method guardian, with the hash of what they signed.",
        )


def _objection(
    processing: Processing, before: tuple[Event, ...], until: datetime, event: Event
) -> str | None:
    """Why an event may not follow some others, or nothing."""
    last = before[-1] if before else None
    state = event.state
    if state not in FOLLOWERS[last.state if last else None]:
        return (
            f"is {state}, which may not follow {last.state}"
            if last
            else f"is {state}, which begins no record"
        )
    if last is not None and event.at < last.at:
        return "is older than the one before it"
    if state in {State.GIVEN, State.RENEWED}:
        return _wrong_ground(processing, event) or _wrong_times(before, until, event)
    if state is State.EXPIRED and event.at < until:
        return "is expired, and its time is not over"
    if event.method is Method.RECORDED and processing.legal_ground.kind is LegalGround.CONSENT:
        return "has the method recorded, which is for other grounds than consent"
    return None


def _wrong_ground(processing: Processing, event: Event) -> str | None:
    if processing.legal_ground.kind is not LegalGround.CONSENT:
        fits = event.method is Method.RECORDED
        return None if fits else "must have the method recorded, for the ground is not consent"
    if event.method not in _PERSONAL:
        return "was not made by the person or their guardian, so it is no consent"
    # Source: BIPA, 740 ILCS 14/15(b)(3) with 14/10: a written release; an electronic signature is one.
    if processing.jurisdiction == "US-IL" and event.method is Method.SPOKEN:
        return "is spoken, and US-IL asks for a written release"
    return None


def _wrong_times(before: tuple[Event, ...], until: datetime, event: Event) -> str | None:
    if event.at >= until:
        return "comes when the time of the record is over"
    if event.until is not None and event.until <= until:
        return "is renewed, and ends no later than before"
    if len(before) > MOST_RENEWALS:
        return f"is renewed, and there are {MOST_RENEWALS} renewals already"
    return None


def _need(holds: object, place: str, why: str) -> None:
    if not holds:
        raise InvalidValue(f"consent record.{place} {why}.", remedy=_REMEDY)


def _second(place: str, at: datetime) -> None:
    # One zone and whole seconds: equal moments are written as equal texts.
    whole = at.tzinfo is UTC and not at.microsecond and 1900 <= at.year <= 2999
    _need(whole, place, "must be a moment in UTC to the second, of the years 1900 to 2999")


def _text(place: str, text: str) -> None:
    _need(text.strip(), place, "must be a text that is not blank")
    _need(len(text) <= LONGEST_TEXT, place, f"is longer than {LONGEST_TEXT} characters")
    # Also half characters, and marks that turn the direction of writing: what is signed must read as it is.
    _need(text.isprintable(), place, "holds a sign that cannot be printed")
