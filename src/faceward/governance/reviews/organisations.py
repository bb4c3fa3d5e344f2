"""Reviewed evidence in, what kind of body an organisation is out; what is not known counts against it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from faceward.errors import InvalidValue
from faceward.governance.charters.charter import Role
from faceward.governance.documents.separation import parties
from faceward.governance.documents.snapshots import Document, Snapshot
from faceward.governance.documents.statements import Kind, day_and_second
from faceward.ports.ledger import JsonValue
from faceward.reading import Record
from faceward.transparency.words import Body, Sector, strictest

REMEDY = "Correct it; docs/reference/deployment-application.md describes every key."

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Organisation:
    """What a review found an organisation to be.

    Attributes:
        name: What it is called.
        body: What kind of body it is.
        country: ISO 3166-1 alpha-2.
        evidence: What shows it, such as an entry of a public register.
        until: When it must be reviewed again.
    """

    name: str
    body: Body
    country: str
    evidence: str
    until: datetime

    def same_as(self, other: Organisation) -> bool:
        """Whether two reviews found the same."""
        return (self.name, self.body, self.country) == (other.name, other.body, other.country)


def parse(record: Record) -> Organisation:
    """Read an organisation strictly.

    Raises:
        InvalidValue: A key is missing, unknown or wrong.
    """
    it = Organisation(
        record.text("name", longest=200),
        record.choice("body", Body),
        country(record, "country"),
        record.text("evidence"),
        record.moment("until"),
    )
    record.done()
    return it


def as_json(it: Organisation) -> dict[str, JsonValue]:
    """An organisation as JSON values."""
    return {
        "name": it.name,
        "body": str(it.body),
        "country": it.country,
        "evidence": it.evidence,
        "until": day_and_second(it.until),
    }


def country(record: Record, key: str) -> str:
    """Read the code of a country.

    Raises:
        InvalidValue: It has not the shape of one.
    """
    value = record.text(key, longest=2)
    if not _COUNTRY.fullmatch(value):
        raise InvalidValue(f"{record.place}.{key} must be two capital letters of ISO 3166-1.", remedy=REMEDY)
    return value


def organisations(snapshot: Snapshot) -> Mapping[str, Organisation]:
    """What each organisation was found to be by its last review that counts, by identifier.

    A review counts where a reviewer signed who operates nothing. To treat an organisation less strictly than
    before takes two reviewers who find the same.
    """
    found: dict[str, Organisation] = {}
    asked: dict[str, tuple[Document, Organisation]] = {}
    for document in snapshot.of(Kind.ORGANISATION):
        name = document.statement.identifier
        new = parse(Record(dict(document.statement.body), "organisation", REMEDY))
        if not reviewers(snapshot, document):
            continue
        old = found.get(name)
        agreed = _agreed(snapshot, asked.get(name), document, new)
        if old is None or not _looser(old, new) or agreed:
            found[name] = new
            asked.pop(name, None)
        else:
            asked[name] = document, new
    return MappingProxyType(found)


def reviewers(snapshot: Snapshot, *documents: Document) -> frozenset[str]:
    """The persons who signed as reviewers, then and now, and operate nothing."""
    who = parties(snapshot, documents)
    signers = {
        who.person(it.account) for one in documents for it in snapshot.signers_still(one, Role.REVIEWER)
    }
    return frozenset(signers - who.operators)


def body_at(snapshot: Snapshot, organisation: str, at: datetime) -> Body:
    """What kind of body an organisation is, as far as anyone may rely on it now.

    Returns:
        `Body.UNKNOWN`, which counts as the police, where no review is on record or the last one ran out.
    """
    found = snapshot.view(organisations).get(organisation)
    return Body.UNKNOWN if found is None or at >= found.until else found.body


def _looser(old: Organisation, new: Organisation) -> bool:
    order = tuple(Sector)
    return order.index(strictest(new.body)) < order.index(strictest(old.body))


def _agreed(
    snapshot: Snapshot, first: tuple[Document, Organisation] | None, document: Document, new: Organisation
) -> bool:
    if first is None or not first[1].same_as(new):
        return False
    return len(reviewers(snapshot, first[0], document)) >= 2
