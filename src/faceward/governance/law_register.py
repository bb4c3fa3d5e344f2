"""Filed documents in, the laws, challenges and authority records that are in force out.

Ask for `register` with `Snapshot.view`, which keeps it until something is filed. What is filed against these
rules changes nothing: a review by whoever governs the installation, a ruling by one person where it takes
two, an authority record that only one person signed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from faceward.errors import InvalidValue
from faceward.governance import authority, instruments, law_gate
from faceward.governance.authority import AuthorityRecord
from faceward.governance.challenges import Against, Challenge, Outcome
from faceward.governance.charter import GOVERNING, Role, persons
from faceward.governance.facts import InstrumentFacts
from faceward.governance.instrument_reviews import InstrumentReview
from faceward.governance.instruments import Instrument
from faceward.governance.law_documents import ChallengeBody, ReviewBody, RulingBody
from faceward.governance.law_gate import Findings, Operating
from faceward.governance.snapshots import Document, Snapshot
from faceward.governance.statements import Kind
from faceward.ports.ledger import JsonValue
from faceward.reading import Record
from faceward.transparency.words import Function, Purpose

T = TypeVar("T")

RULINGS = 2
"""Persons who must agree to reject a challenge or to call it withdrawn; one upholds it. Our choice."""

OPENERS = 2
"""Persons who must sign an authority record. Our choice: two persons means two people."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A challenge that was filed.

    Attributes:
        digest: Digest of its statement, by which rulings name it.
        challenge: What it says, and how it ended.
    """

    digest: str
    challenge: Challenge


@dataclass(frozen=True, slots=True)
class LawRegister:
    """What is known of laws, challenges and authorities at one moment.

    Attributes:
        laws: Shipped laws and those that were filed, with their reviews and challenges, by identifier.
        verified: Every review that was signed by the key of an independent jurist.
        of_laws: Challenges of each law.
        of_deployments: Challenges of each deployment.
        authorities: Records that enough people signed, closed ones among them.
    """

    laws: Mapping[str, Instrument]
    verified: frozenset[InstrumentReview]
    of_laws: Mapping[str, tuple[Filed, ...]]
    of_deployments: Mapping[str, tuple[Filed, ...]]
    authorities: tuple[AuthorityRecord, ...]

    def signed(self, review: InstrumentReview) -> bool:
        """Whether a review is one that was filed with a signature that counts."""
        return review in self.verified

    def facts(self, law: str, at: datetime) -> InstrumentFacts | None:
        """What rules may know of a law; ``None`` where none of that identifier is on record."""
        known = self.laws.get(law)
        return None if known is None else instruments.facts_of(known, at, signed=self.signed)

    def judge(
        self, law: Instrument, deployment: Operating, at: datetime, function: Function, purpose: Purpose
    ) -> Findings:
        """Say whether a law is satisfied, see `law_gate.satisfied`, with the signatures that are known."""
        return law_gate.satisfied(law, deployment, at, function, purpose, signed=self.signed)


def register(snapshot: Snapshot) -> LawRegister:
    """Gather what is in force."""
    of_laws = _challenges(snapshot, Against.LAW)
    reviews = _reviews(snapshot)
    laws = dict(instruments.shipped())
    for document, law in _read(snapshot, Kind.INSTRUMENT, _law):
        if law.identifier == document.statement.identifier and _people(snapshot, document, *GOVERNING):
            laws[law.identifier] = law
    return LawRegister(
        laws=MappingProxyType(
            {
                name: replace(
                    law,
                    reviews=reviews.get(name, ()),
                    challenges=tuple(it.challenge for it in of_laws.get(name, ())),
                )
                for name, law in sorted(laws.items())
            }
        ),
        verified=frozenset(it for theirs in reviews.values() for it in theirs),
        of_laws=of_laws,
        of_deployments=_challenges(snapshot, Against.DEPLOYMENT),
        authorities=_authorities(snapshot),
    )


def jurists(snapshot: Snapshot, document: Document) -> frozenset[str]:
    """The persons who signed a document as jurists, then and now, and never governed the installation."""
    return _people(snapshot, document, Role.JURIST) - ever_held(snapshot, *GOVERNING)


def _reviews(snapshot: Snapshot) -> dict[str, tuple[InstrumentReview, ...]]:
    """The reviews that one independent jurist signed, by law; they count as signed when they were filed."""
    found: dict[str, tuple[InstrumentReview, ...]] = {}
    for document, body in _read(snapshot, Kind.INSTRUMENT_REVIEW, ReviewBody.read):
        signers = jurists(snapshot, document)
        if len(signers) != 1 or len(document.signed.signatures) != 1:
            continue
        law = document.statement.identifier
        review = InstrumentReview(
            reviewer=next(iter(signers)),
            organisation=body.organisation,
            kind=body.kind,
            conflict=body.conflict,
            outcome=body.outcome,
            reviewed_sha256=body.reviewed_sha256,
            signed_at=document.filed,
            signature=document.signed.signatures[0].content.hex(),
        )
        found[law] = (*found.get(law, ()), review)
    return found


def _challenges(snapshot: Snapshot, against: Against) -> Mapping[str, tuple[Filed, ...]]:
    said: dict[tuple[str, Outcome], frozenset[str]] = {}
    for document, ruling in _read(snapshot, Kind.CHALLENGE_DECISION, RulingBody.read):
        if ruling.against is against:
            key = (ruling.challenge, ruling.outcome)
            said[key] = said.get(key, frozenset()) | judges(snapshot, document, against)
    found: dict[str, tuple[Filed, ...]] = {}
    for document, it in _read(snapshot, Kind.CHALLENGE, ChallengeBody.read):
        if it.against is against:
            target, digest = document.statement.identifier, document.statement.digest
            challenge = Challenge(it.by, it.text, document.filed, _outcome(digest, said))
            found[target] = (*found.get(target, ()), Filed(digest, challenge))
    return MappingProxyType(found)


def _outcome(digest: str, said: Mapping[tuple[str, Outcome], frozenset[str]]) -> Outcome:
    """Upheld where anybody who may decide says so; otherwise what enough of them agree on."""
    if said.get((digest, Outcome.UPHELD)):
        return Outcome.UPHELD
    for outcome in (Outcome.REJECTED, Outcome.WITHDRAWN):
        if len(said.get((digest, outcome), ())) >= RULINGS:
            return outcome
    return Outcome.UNDECIDED


def judges(snapshot: Snapshot, document: Document, against: Against) -> frozenset[str]:
    """Who of those who signed may decide: of laws independent jurists, of deployments reviewers.

    A reviewer who ever operated decides nothing.
    """
    if against is Against.LAW:
        return jurists(snapshot, document)
    return _people(snapshot, document, Role.REVIEWER) - ever_held(snapshot, Role.OPERATOR)


def _authorities(snapshot: Snapshot) -> tuple[AuthorityRecord, ...]:
    """Records that two persons who govern filed in equal words, one of them an operator."""
    signers: dict[AuthorityRecord, frozenset[str]] = {}
    operated: set[AuthorityRecord] = set()
    for document, record in _read(snapshot, Kind.AUTHORITY, _authority):
        if record.identifier == document.statement.identifier:
            signers[record] = signers.get(record, frozenset()) | _people(snapshot, document, *GOVERNING)
            if _people(snapshot, document, Role.OPERATOR):
                operated.add(record)
    closed: dict[str, datetime] = {}
    for document in snapshot.of(Kind.AUTHORITY_END):
        if _people(snapshot, document, *GOVERNING):
            closed.setdefault(document.statement.identifier, document.filed)

    def ended(it: AuthorityRecord) -> AuthorityRecord:
        moments = [end for end in (it.closed, closed.get(it.identifier)) if end is not None]
        return replace(it, closed=min(moments, default=None))

    return tuple(ended(it) for it, people in signers.items() if len(people) >= OPENERS and it in operated)


def _read(
    snapshot: Snapshot, kind: Kind, read: Callable[[Mapping[str, JsonValue]], T]
) -> Iterator[tuple[Document, T]]:
    """Documents with what they say.

    One that says nothing that can be read was filed past every check. It changes nothing, and must not keep
    everyone else from being heard.
    """
    for document in snapshot.of(kind):
        try:
            it = read(document.statement.body)
        except InvalidValue:
            continue
        yield document, it


def _law(body: Mapping[str, JsonValue]) -> Instrument:
    return instruments.from_record(Record(dict(body), "law", instruments.REMEDY))


def _authority(body: Mapping[str, JsonValue]) -> AuthorityRecord:
    return authority.from_record(Record(dict(body), "authority", authority.REMEDY))


def _people(snapshot: Snapshot, document: Document, *roles: Role) -> frozenset[str]:
    """The persons who signed in one of these roles, that they had then and have now."""
    who = snapshot.view(people)
    return frozenset(who[it.account] for role in roles for it in snapshot.signers_still(document, role))


def ever_held(snapshot: Snapshot, *roles: Role) -> frozenset[str]:
    """The persons who hold one of these roles or once did, with whichever key."""
    who, wanted = snapshot.view(people), set(roles)
    listed = (key for charter in snapshot.charters.values() for key in charter.keys)
    return frozenset(who[key.account] for key in listed if key.roles & wanted)


def people(snapshot: Snapshot) -> Mapping[str, str]:
    """For each account of any charter the person behind it: who ever made a key for another is that other."""
    return persons(key for charter in snapshot.charters.values() for key in charter.keys)
