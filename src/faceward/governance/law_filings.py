"""What somebody says of a law and their key in, a filed document out, or every reason why it may not be.

Each act looks at one snapshot, judges, signs and files; where anything was filed in between, it is told so.
The words stay in the document; the ledger gets the law's name, who signed, and a keyed digest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from faceward.errors import InputError, RefusedError
from faceward.governance import authority, instruments
from faceward.governance.authority import AuthorityRecord
from faceward.governance.challenges import Against, Outcome
from faceward.governance.charter import GOVERNING, Keyholder, Role
from faceward.governance.instruments import Instrument
from faceward.governance.law_documents import ChallengeBody, ReviewBody, RulingBody
from faceward.governance.law_register import LawRegister, ever_held, people, register
from faceward.governance.registry import Event, Registry
from faceward.governance.snapshots import Document, Snapshot, StatementRefused
from faceward.governance.statements import Kind, Statement, signed
from faceward.ports.ledger import JsonValue
from faceward.transparency import kinds
from faceward.transparency.signatures import SigningKey
from faceward.transparency.words import Place, Purpose


class LawUnknown(InputError):
    """There is no law, challenge or authority record of that name."""

    code = "law_unknown"
    remedy = "Run `faceward law list` for the laws that are known, and `faceward law show` for the rest."


class LawRefused(RefusedError):
    """A law, a review, a challenge, a ruling or an authority record may not be filed; reasons say why."""

    code = "law_refused"
    remedy = "See docs/explanation/law-gate.md for who may sign what."


def file_law(registry: Registry, law: Instrument, key: SigningKey) -> Document:
    """File a law, or a newer record of one; whoever governs the installation may. It opens nothing by itself.

    Raises:
        LawRefused: Every reason is given.
    """
    on = registry.snapshot()
    holder = _holder(registry, on, key)
    reasons = _governing(holder)
    if law.reviews or law.challenges:
        reasons.append("Reviews and challenges are filed by those who make them, not with the law.")
    _refuse("This law cannot be filed.", reasons)
    body = instruments.as_json(law)
    return _file(
        registry, on, Kind.INSTRUMENT, law.identifier, body, key, _event(registry, "filed", law, holder)
    )


def file_review(registry: Registry, law: str, review: ReviewBody, key: SigningKey) -> Document:
    """File an opinion on a law as it stands: an independent jurist alone may.

    Raises:
        LawUnknown: There is no such law.
        LawRefused: Every reason is given.
    """
    on = registry.snapshot()
    holder, known = _holder(registry, on, key), _law(on, law)
    reasons = _independent(on, holder)
    if review.reviewed_sha256 != instruments.digest(known):
        reasons.append("It is about another version of the record than the one on file.")
    if known.text_sha256 == instruments.UNKNOWN:
        reasons.append("The record does not say which text it is about; file it with the digest of one.")
    _refuse("This review cannot be filed.", reasons)
    event = _event(registry, "reviewed", known, holder)
    return _file(registry, on, Kind.INSTRUMENT_REVIEW, law, review.as_json(), key, event)


def file_challenge(registry: Registry, law: str, by: str, text: str, key: SigningKey) -> Document:
    """File somebody's objection to a law; they need no key, whoever has one files it in their name.

    Raises:
        LawUnknown: There is no such law.
        InvalidValue: There is no name, or no text.
    """
    on = registry.snapshot()
    holder, known = _holder(registry, on, key), _law(on, law)
    body = ChallengeBody(Against.LAW, by, text).as_json()
    ChallengeBody.read(body)
    event = _event(registry, "challenged", known, holder)
    return _file(registry, on, Kind.CHALLENGE, law, body, key, event)


def rule_on_challenge(  # noqa: PLR0913 - the parts of a ruling
    registry: Registry, law: str, challenge: str, outcome: Outcome, reasons: str, *, key: SigningKey
) -> Outcome:
    """File what an independent jurist says of a challenge of a law, and give how it stands then.

    One jurist upholds a challenge; it takes two to reject it or to call it withdrawn.

    Args:
        registry: Where it is filed.
        law: The law.
        challenge: Digest of the challenge, or at least eight of its first digits.
        outcome: What they say.
        reasons: Why.
        key: Whose ruling it is.

    Raises:
        LawUnknown: There is no such law, or no such challenge of it.
        LawRefused: Every reason is given.
        InvalidValue: It decides nothing, or gives no reasons.
    """
    on = registry.snapshot()
    holder, known = _holder(registry, on, key), _law(on, law)
    digest = _challenge(on.view(register), law, challenge)
    _refuse("This ruling cannot be filed.", _independent(on, holder))
    body = RulingBody(Against.LAW, digest, outcome, reasons).as_json()
    RulingBody.read(body)
    event = _event(registry, "decided", known, holder)
    _file(registry, on, Kind.CHALLENGE_DECISION, law, body, key, event)
    filed = registry.snapshot().view(register).of_laws[law]
    return next(it.challenge.outcome for it in filed if it.digest == digest)


def open_authority(registry: Registry, record: AuthorityRecord, key: SigningKey) -> bool:
    """File an authority record, and say whether it counts now: it takes two persons, one of them an operator.

    Raises:
        LawRefused: Every reason is given.
        InvalidValue: The record makes no sense.
    """
    on = registry.snapshot()
    holder = _holder(registry, on, key)
    _refuse("This authority record cannot be filed.", _governing(holder))
    body = authority.as_json(record)
    event = _authority_event(registry, "opened", record, holder)
    _file(registry, on, Kind.AUTHORITY, record.identifier, body, key, event)
    return record in registry.snapshot().view(register).authorities


def end_authority(registry: Registry, identifier: str, reasons: str, key: SigningKey) -> AuthorityRecord:
    """End an authority record now; one person who governs may.

    Raises:
        LawUnknown: There is no such record.
        LawRefused: Every reason is given.
    """
    on = registry.snapshot()
    holder = _holder(registry, on, key)
    found = [it for it in on.view(register).authorities if it.identifier == identifier]
    if not found:
        raise LawUnknown("There is no authority record of that name that counts.")
    _refuse("This authority record cannot be ended.", _governing(holder))
    event = _authority_event(registry, "closed", replace(found[0], expires=registry.now()), holder)
    _file(registry, on, Kind.AUTHORITY_END, identifier, {"reasons": reasons}, key, event)
    return next(it for it in registry.snapshot().view(register).authorities if it.identifier == identifier)


def _law(on: Snapshot, law: str) -> Instrument:
    known = on.view(register).laws.get(law)
    if known is None:
        raise LawUnknown("There is no law of that name.")
    return known


def _challenge(of: LawRegister, law: str, begins: str) -> str:
    found = [it.digest for it in of.of_laws.get(law, ()) if len(begins) >= 8 and it.digest.startswith(begins)]
    if len(set(found)) != 1:
        raise LawUnknown("There is no challenge of this law with that digest, or there are several.")
    return found[0]


def _holder(registry: Registry, on: Snapshot, key: SigningKey) -> Keyholder:
    holder = on.charter.keyholder(key.public.hex())
    if holder is None:
        raise StatementRefused("The charter in force does not list this key.")
    if holder.until is not None and registry.now() >= holder.until:
        raise StatementRefused("This key may sign nothing more since the date that the charter gives.")
    return holder


def _governing(holder: Keyholder) -> list[str]:
    return [] if holder.roles & GOVERNING else ["The key does not have the role operator or reviewer."]


def _independent(on: Snapshot, holder: Keyholder) -> list[str]:
    reasons = []
    if Role.JURIST not in holder.roles:
        reasons.append("The key does not have the role jurist.")
    if on.view(people)[holder.account] in ever_held(on, *GOVERNING):
        reasons.append("Whoever governs the installation, or did, judges no laws, with whichever key.")
    return reasons


def _refuse(cause: str, reasons: list[str]) -> None:
    if reasons:
        raise LawRefused(cause, reasons=tuple(reasons))


def _event(registry: Registry, what: str, law: Instrument, holder: Keyholder) -> Event:
    actor = registry.pseudonyms.actor(holder.account)
    return Event(f"instrument.{what}", {"instrument": law.identifier, "signers": [actor]}, actor=actor)


def _authority_event(registry: Registry, what: str, it: AuthorityRecord, holder: Keyholder) -> Event:
    """Of several places or purposes the ledger says that they are not one."""
    actor = registry.pseudonyms.actor(holder.account)
    body: dict[str, JsonValue] = {
        "purpose": str(next(iter(it.purposes)) if len(it.purposes) == 1 else Purpose.UNKNOWN),
        "place": str(next(iter(it.places)) if len(it.places) == 1 else Place.UNKNOWN),
        "expires": kinds.stamp(it.until),
        "signers": [actor],
    }
    return Event(f"authority.{what}", body, registry.pseudonyms.deployment(it.deployment), actor)


def _file(  # noqa: PLR0913, PLR0917 - the parts of a document
    registry: Registry,
    on: Snapshot,
    kind: Kind,
    name: str,
    body: Mapping[str, JsonValue],
    key: SigningKey,
    event: Event,
) -> Document:
    statement = Statement(kind, name, body, on.charter.digest, registry.now())
    return registry.file(on, signed(statement, key), event)
