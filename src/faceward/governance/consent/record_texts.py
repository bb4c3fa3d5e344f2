"""Consent records in, canonical JSON out, and back from whatever somebody sends.

An error names the field and never what stood in it, not even the name of an unknown key: people write names
into the wrong places.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from faceward import reading
from faceward.errors import InvalidValue
from faceward.governance.consent.records import (
    MOST_EVENTS,
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
from faceward.governance.documents.statements import day_and_second
from faceward.transparency import canonical
from faceward.transparency.canonical import JsonValue
from faceward.transparency.words import Purpose

MOST_BYTES = 64 * 1024
"""Our choice: 64 events and all texts at their longest need less than half of it."""

_PLACE = "consent record"
_UNKNOWN = re.compile(r"(has unknown keys): .*", re.DOTALL)
_REMEDY = "See docs/reference/consent-record.md for what each field holds."


def written(record: ConsentRecord) -> bytes:
    """The record as canonical JSON, always the same bytes. Source: RFC 8785."""
    return canonical.encoded(as_json(record))


def read(text: str | bytes) -> ConsentRecord:
    """Read a record that somebody sent.

    Raises:
        InvalidValue: It is no consent record; the message names the field and quotes nothing.
    """
    if len(text) > MOST_BYTES:
        raise InvalidValue(f"The {_PLACE} is longer than {MOST_BYTES} bytes.", remedy=_REMEDY)
    try:
        return _record(reading.read(text, _PLACE, _REMEDY))
    except InvalidValue as error:
        cause = _UNKNOWN.sub(r"\1.", error.cause)  # the one thing of a sender's that readers quote
    # Outside the block above, so that the error does not carry one that quotes.
    raise InvalidValue(cause, remedy=_REMEDY)


def as_json(record: ConsentRecord) -> dict[str, JsonValue]:
    """The record as JSON values; every field is there, null where it holds nothing."""
    header, processing, parties = record.header, record.processing, record.parties
    ground = processing.legal_ground
    return {
        "header": {
            "schema_version": header.schema_version,
            "record_id": header.record_id,
            "subject_pseudonym": header.subject_pseudonym,
            "created": day_and_second(header.created),
        },
        "processing": {
            "purposes": sorted(processing.purposes),
            "data": sorted(processing.data),
            "notice_version": processing.notice_version,
            "notice_hash": processing.notice_hash,
            "language": processing.language,
            "retention_until": day_and_second(processing.retention_until),
            "storage": processing.storage,
            "recipients": list(processing.recipients),
            "jurisdiction": processing.jurisdiction,
            "legal_ground": {
                "kind": ground.kind.value,
                "reference_hash": ground.reference_hash,
                "recorded_by": ground.recorded_by,
            },
        },
        "parties": {
            "controller": parties.controller,
            "contact": parties.contact,
            "processor": parties.processor,
        },
        "events": [_event_json(it) for it in record.events],
    }


def _event_json(event: Event) -> dict[str, JsonValue]:
    return {
        "state": event.state.value,
        "method": event.method.value,
        "at": day_and_second(event.at),
        "actor": event.actor,
        "evidence_hash": event.evidence_hash,
        "until": day_and_second(event.until) if event.until else None,
    }


def _record(it: reading.Record) -> ConsentRecord:
    parts = it.record("header"), it.record("processing"), it.record("parties"), it.records("events")
    it.done()
    if len(parts[3]) > MOST_EVENTS:
        raise InvalidValue(f"{_PLACE}.events must hold at most {MOST_EVENTS} events.", remedy=_REMEDY)
    events = tuple(map(_event, parts[3]))
    return ConsentRecord(_header(parts[0]), _processing(parts[1]), _parties(parts[2]), events)


def _header(it: reading.Record) -> Header:
    version = it.whole("schema_version", most=1000)
    values = it.text("record_id"), it.text("subject_pseudonym"), it.moment("created")
    it.done()
    return Header(version, *values)


def _processing(it: reading.Record) -> Processing:
    basis = it.record("legal_ground")
    values = Processing(
        it.choices("purposes", Purpose),
        it.choices("data", Data),
        it.text("notice_version"),
        it.sha256("notice_hash"),
        it.text("language"),
        it.moment("retention_until"),
        it.text("storage"),
        it.texts("recipients"),
        it.text("jurisdiction"),
        Basis(
            basis.choice("kind", LegalGround),
            _maybe(basis, "reference_hash", basis.sha256),
            _maybe(basis, "recorded_by", basis.text),
        ),
    )
    basis.done()
    it.done()
    return values


def _parties(it: reading.Record) -> Parties:
    values = Parties(it.text("controller"), it.text("contact"), _maybe(it, "processor", it.text))
    it.done()
    return values


def _event(it: reading.Record) -> Event:
    until: datetime | None = _maybe(it, "until", it.moment)
    values = Event(
        it.choice("state", State),
        it.choice("method", Method),
        it.moment("at"),
        it.text("actor"),
        _maybe(it, "evidence_hash", it.sha256),
        until,
    )
    it.done()
    return values


def _maybe(it: reading.Record, key: str, take: Callable[[str], reading.T]) -> reading.T | None:
    return take(key) if it.has(key) else None
