"""Filed documents in, the laws that are in force and the challenges of laws and deployments out.

Ask for `register` with `Snapshot.view`, which keeps it until something is filed. What is filed against these
rules changes nothing: a review by whoever governs the installation, a ruling by one person where it takes
two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from faceward.errors import InputError
from faceward.governance.charters.charter import GOVERNING, Role
from faceward.governance.documents.snapshots import Document, Snapshot
from faceward.governance.documents.statements import Kind
from faceward.governance.documents.testimony import ever_held, readable, signed_as
from faceward.governance.facts import InstrumentFacts
from faceward.governance.laws import instruments, law_gate
from faceward.governance.laws.challenges import Against, Challenge, Outcome
from faceward.governance.laws.instrument_reviews import InstrumentReview
from faceward.governance.laws.instruments import Instrument
from faceward.governance.laws.law_documents import ChallengeBody, ReviewBody, RulingBody
from faceward.governance.laws.law_gate import Findings, Operating
from faceward.ports.ledger import JsonValue
from faceward.reading import Record
from faceward.transparency.words import Function, Purpose

RULINGS = 2
"""Persons who must agree to reject a challenge or to call it withdrawn; one upholds it. Our choice."""

_SHORTEST = 8  # Digits of a digest that somebody who has seen it can type, and nobody meets by chance. Ours.


class ChallengeUnknown(InputError):
    """There is no challenge with that digest, or there are several that begin so."""

    code = "challenge_unknown"
    remedy = "See `faceward law show` or `faceward deployment show` for the challenges that were filed."


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
    """What is known of laws and challenges at one moment.

    Attributes:
        laws: Shipped laws and those that were filed, with their reviews and challenges, by identifier.
        verified: Every review that was signed by the key of an independent jurist.
        of_laws: Challenges of each law.
        of_deployments: Challenges of each deployment.
    """

    laws: Mapping[str, Instrument]
    verified: frozenset[InstrumentReview]
    of_laws: Mapping[str, tuple[Filed, ...]]
    of_deployments: Mapping[str, tuple[Filed, ...]]

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
    for document, law in readable(snapshot, Kind.INSTRUMENT, _law):
        if law.identifier == document.statement.identifier and signed_as(snapshot, document, *GOVERNING):
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
    )


def jurists(snapshot: Snapshot, document: Document) -> frozenset[str]:
    """The persons who signed a document as jurists, then and now, and never governed the installation."""
    return signed_as(snapshot, document, Role.JURIST) - ever_held(snapshot, *GOVERNING)


def _reviews(snapshot: Snapshot) -> dict[str, tuple[InstrumentReview, ...]]:
    """The reviews that one independent jurist signed, by law; they count as signed when they were filed."""
    found: dict[str, tuple[InstrumentReview, ...]] = {}
    for document, body in readable(snapshot, Kind.INSTRUMENT_REVIEW, ReviewBody.read):
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
    for document, ruling in readable(snapshot, Kind.CHALLENGE_DECISION, RulingBody.read):
        if ruling.against is against:
            key = (ruling.challenge, ruling.outcome)
            said[key] = said.get(key, frozenset()) | judges(snapshot, document, against)
    found: dict[str, tuple[Filed, ...]] = {}
    for document, it in readable(snapshot, Kind.CHALLENGE, ChallengeBody.read):
        if it.against is against:
            target, digest = document.statement.identifier, document.statement.digest
            challenge = Challenge(it.by, it.text, document.filed, _outcome(digest, said))
            found[target] = (*found.get(target, ()), Filed(digest, challenge))
    return MappingProxyType(found)


def found_challenge(filed: Iterable[Filed], begins: str) -> Filed:
    """Give the one challenge that a digest means.

    Args:
        filed: The challenges of a law or a deployment.
        begins: Digest of the challenge, or at least eight of its first digits.

    Raises:
        ChallengeUnknown: There is none, or there are several.
    """
    named = {it.digest: it for it in filed if it.digest.startswith(begins)}
    if len(begins) < _SHORTEST or len(named) != 1:
        raise ChallengeUnknown("There is no challenge of it with that digest, or there are several.")
    return next(iter(named.values()))


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
    return signed_as(snapshot, document, Role.REVIEWER) - ever_held(snapshot, Role.OPERATOR)


def _law(body: Mapping[str, JsonValue]) -> Instrument:
    return instruments.from_record(Record(dict(body), "law", instruments.REMEDY))
