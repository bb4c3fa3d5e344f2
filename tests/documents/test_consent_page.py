"""The pages about consent have every field, word, transition and clock, as in the code."""

from __future__ import annotations

from dataclasses import fields

from documents.pages import table

from faceward.governance.consent.records import (
    FOLLOWERS,
    Basis,
    Data,
    Event,
    Header,
    LegalGround,
    Method,
    Parties,
    Processing,
    State,
)
from faceward.governance.consent.retention import STATUTES, OwnClocks

PAGE = "docs/reference/consent-record.md"
CLOCKS = "docs/explanation/consent-and-retention.md"


def _names(block: str, of: type) -> list[str]:
    return [f"{block}.{it.name}" for it in fields(of)]


def test_every_field_of_the_record_is_there():
    """In the order of the dataclasses, the legal ground in the place of its field."""
    processing = _names("processing", Processing)[:-1]
    expected = [
        *_names("header", Header),
        *processing,
        *_names("processing.legal_ground", Basis),
        *_names("parties", Parties),
        *_names("events[]", Event),
    ]
    assert [row["field"].strip("`") for row in table(PAGE, "field")] == expected


def test_every_word_of_the_record_is_there():
    """Lists and their words, in order."""
    shown = {row["list"].strip("`"): row["words"].replace("`", "").split(", ") for row in table(PAGE, "list")}
    assert shown == {it.__name__: [word.value for word in it] for it in (Data, LegalGround, Method, State)}


def test_every_transition_is_there():
    """What may come after what."""
    shown = {row["after"].strip("`"): row["may come"].replace("`", "") for row in table(PAGE, "after")}
    assert shown == {
        state.value if state else "nothing": ", ".join(sorted(after)) or "nothing"
        for state, after in FOLLOWERS.items()
    }


def test_every_clock_is_there():
    """With what it counts from."""
    clocks = (*OwnClocks(retention_days=1).clocks(), *STATUTES)
    shown = {row["clock"].strip("`"): row["counts from"] for row in table(CLOCKS, "clock")}
    assert shown == {it.name: it.since.value for it in clocks}
