"""Warrants, orders and emergencies in, whether one covers a use here and now out.

An authority record says that somebody who may allow a use allowed this one. Its document names who and why;
the ledger gets a pseudonym and a keyed digest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from faceward import reading
from faceward.errors import InvalidValue
from faceward.governance.laws.moments import written
from faceward.reading import Record
from faceward.transparency.words import Place, Purpose

LONGEST_EXIGENCY = timedelta(hours=48)
"""How long an emergency may stand without a judge. Source: criterion HR-04; Regulation (EU) 2024/1689,
article 26(10), has the same span."""

_IDENTIFIER = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?", re.ASCII)
REMEDY = "Correct the file; docs/how-to/record-an-authority.md describes authority records."


class AuthorityKind(StrEnum):
    """What a use rests on."""

    WARRANT = "warrant"
    ORDER = "order"
    EXIGENCY = "exigency"


class Issuer(StrEnum):
    """Who allowed it."""

    COURT = "court"
    INDEPENDENT_BODY = "independent_body"
    OPERATOR = "operator"  # may declare an emergency, and nothing else
    UNKNOWN = "unknown"


_MAY_ISSUE = {
    AuthorityKind.WARRANT: frozenset({Issuer.COURT, Issuer.INDEPENDENT_BODY}),
    AuthorityKind.ORDER: frozenset({Issuer.COURT, Issuer.INDEPENDENT_BODY}),
    AuthorityKind.EXIGENCY: frozenset({Issuer.COURT, Issuer.INDEPENDENT_BODY, Issuer.OPERATOR}),
}


@dataclass(frozen=True, slots=True)
class AuthorityRecord:
    """One permission by a body that may give it.

    Attributes:
        identifier: Its name here.
        kind: What it is.
        deployment: The one deployment that may act on it.
        places: Where.
        purposes: For what.
        subjects: Pseudonyms of the only people who may be looked for; ``None`` where it does not name them.
        issuer: Who allowed it, in words.
        issued_by: What they are.
        opened: From when it holds.
        expires: Until when.
        closed: When it was ended early, by a refusal or otherwise; ``None`` while it was not.
    """

    identifier: str
    kind: AuthorityKind
    deployment: str
    places: frozenset[Place]
    purposes: frozenset[Purpose]
    subjects: frozenset[str] | None
    issuer: str
    issued_by: Issuer
    opened: datetime
    expires: datetime
    closed: datetime | None

    @property
    def until(self) -> datetime:
        """When it stops: closed, expired, or, for an emergency, 48 hours old."""
        ends = [self.expires]
        if self.kind is AuthorityKind.EXIGENCY:
            ends.append(self.opened + LONGEST_EXIGENCY)
        if self.closed is not None:
            ends.append(self.closed)
        return min(ends)


def covers(record: AuthorityRecord, deployment: str, at: datetime, place: Place, purpose: Purpose) -> bool:
    """Whether a record allows a deployment a purpose at a place and a moment; what is unknown is not covered.

    Whom it allows to look for, `allows_subjects` says.
    """
    return (
        record.deployment == deployment
        and record.issued_by in _MAY_ISSUE[record.kind]
        and record.opened <= at < record.until
        and place is not Place.UNKNOWN
        and place in record.places
        and purpose is not Purpose.UNKNOWN
        and purpose in record.purposes
    )


def allows_subjects(record: AuthorityRecord, subjects: frozenset[str] | None) -> bool:
    """Whether only people are looked for whom the record names.

    Args:
        record: The record.
        subjects: Pseudonyms of who is looked for; ``None`` for whoever is in the gallery.
    """
    return record.subjects is None or (subjects is not None and subjects <= record.subjects)


def open_authority(
    records: Iterable[AuthorityRecord], deployment: str, at: datetime, place: Place, purpose: Purpose
) -> AuthorityRecord | None:
    """The record that covers a use, the one that holds longest of several; ``None`` where there is none."""
    covering = [it for it in records if covers(it, deployment, at, place, purpose)]
    return max(covering, key=lambda it: (it.until, it.identifier), default=None)


def parse(text: str | bytes, place: str) -> AuthorityRecord:
    """Read an authority record.

    Args:
        text: The JSON.
        place: What to call it in messages, usually a file name.

    Raises:
        InvalidValue: A key is missing, unknown or makes no sense, an emergency is longer than 48 hours, or
            whoever issued it may not.
    """
    return from_record(reading.read(text, place, REMEDY))


def from_record(record: Record) -> AuthorityRecord:
    """Read an authority record that is part of something else.

    Raises:
        InvalidValue: As `parse` says.
    """
    it = AuthorityRecord(
        identifier=record.text("id", longest=64),
        kind=record.choice("kind", AuthorityKind),
        deployment=record.text("deployment", longest=64),
        places=record.choices("places", Place),
        purposes=record.choices("purposes", Purpose),
        subjects=frozenset(record.texts("subjects")) if record.has("subjects") else None,
        issuer=record.text("issuer", longest=400),
        issued_by=record.choice("issued_by", Issuer),
        opened=record.moment("opened"),
        expires=record.moment("expires"),
        closed=record.moment("closed") if record.has("closed") else None,
    )
    record.done()
    _sensible(it, record.place)
    return it


def _sensible(it: AuthorityRecord, place: str) -> None:
    unnamed = Place.UNKNOWN in it.places or Purpose.UNKNOWN in it.purposes
    for wrong, cause, remedy in (
        (not _IDENTIFIER.fullmatch(it.identifier), "id", "Use lower-case letters, digits, dots and dashes."),
        (unnamed, "scope", "Leave out unknown: what is not known is not covered."),
        (not it.places, "places", "Name a place; what is not named is not covered."),
        (not it.purposes, "purposes", "Name a purpose; what is not named is not covered."),
        (
            it.issued_by not in _MAY_ISSUE[it.kind],
            "issued_by",
            f"A {it.kind} needs a court or an independent body.",
        ),
        (it.expires <= it.opened, "expires", "It must expire after it opened."),
        (
            it.kind is AuthorityKind.EXIGENCY and it.expires - it.opened > LONGEST_EXIGENCY,
            "expires",
            "An emergency holds for 48 hours at most; ask a court within that time.",
        ),
    ):
        if wrong:
            raise InvalidValue(f"{place}.{cause} makes no sense.", remedy=remedy)


def as_json(it: AuthorityRecord) -> dict[str, Any]:
    """The record as JSON values; `parse` gives back an equal one."""
    return {
        "id": it.identifier,
        "kind": str(it.kind),
        "deployment": it.deployment,
        "places": sorted(map(str, it.places)),
        "purposes": sorted(map(str, it.purposes)),
        "subjects": None if it.subjects is None else sorted(it.subjects),
        "issuer": it.issuer,
        "issued_by": str(it.issued_by),
        "opened": written(it.opened),
        "expires": written(it.expires),
        "closed": None if it.closed is None else written(it.closed),
    }


def template(at: datetime) -> str:
    """A file to fill in: TOML in which every part of a record is a question with an example.

    Args:
        at: The beginning that the example has.
    """
    head = (
        "# Authority record for faceward. Remove the # before each line, and write what the paper says in",
        "# place of the example. Two people file this same file, one of them an operator; then it counts.",
    )
    until = at + timedelta(days=30)
    places, purposes = (", ".join(it for it in kind if it != "unknown") for kind in (Place, Purpose))
    body = (
        f"\n# {asks}\n# {name} = {example}"
        for name, asks, example in (
            (
                "id",
                "What is it called here? Lower-case letters, digits, dots and dashes.",
                '"warrant-2026-17"',
            ),
            ("kind", f"What is it? One of: {', '.join(AuthorityKind)}.", '"warrant"'),
            ("deployment", "Which one deployment may act on it?", '"harbour-search"'),
            ("places", f"Where? Of: {places}.", '["private"]'),
            ("purposes", f"What for? Of: {purposes}.", '["missing_person"]'),
            ("issuer", "Who allowed it, by name?", '"District Court of Kassel, file 12 Gs 34/26"'),
            (
                "issued_by",
                "What are they? One of: court, independent_body; of an emergency operator too.",
                '"court"',
            ),
            ("opened", "From when does it hold? UTC.", written(at)),
            ("expires", "Until when? An emergency holds for 48 hours at most.", written(until)),
        )
    )
    subjects = (
        "\n# Whom alone may you look for? Their pseudonyms, as the ledger gives them. Leave it out where",
        '# the paper names nobody.\n# subjects = ["s-0123456789abcdef0123456789abcdef"]',
    )
    return "\n".join((*head, *body, *subjects)) + "\n"
