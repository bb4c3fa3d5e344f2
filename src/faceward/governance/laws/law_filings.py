"""What somebody says of a law and their key in, a filed document out, or every reason why it may not be.

Each act looks at one snapshot, judges, signs and files; where anything was filed in between, it is told so.
The words stay in the document; the ledger gets the law's name, who signed, and a keyed digest.
"""

from __future__ import annotations

from faceward.errors import InputError, RefusedError
from faceward.governance.charters.charter import GOVERNING, Keyholder, Role
from faceward.governance.documents.filing import file, holder_of
from faceward.governance.documents.registry import Event, Registry
from faceward.governance.documents.snapshots import Document, Snapshot
from faceward.governance.documents.statements import Kind
from faceward.governance.documents.testimony import ever_held, people
from faceward.governance.laws import instruments
from faceward.governance.laws.challenges import Against, Outcome
from faceward.governance.laws.instruments import Instrument
from faceward.governance.laws.law_documents import ChallengeBody, ReviewBody, RulingBody
from faceward.governance.laws.law_register import found_challenge, register
from faceward.transparency.signatures import SigningKey


class LawUnknown(InputError):
    """There is no law of that name."""

    code = "law_unknown"
    remedy = "Run `faceward law list` for the laws that are known."


class LawRefused(RefusedError):
    """A law, or a review, a challenge or a ruling of one, may not be filed; reasons say why."""

    code = "law_refused"
    remedy = "See docs/explanation/law-gate.md for who may sign what."


def file_law(registry: Registry, law: Instrument, key: SigningKey) -> Document:
    """File a law, or a newer record of one; whoever governs the installation may. It opens nothing by itself.

    Raises:
        LawRefused: Every reason is given.
    """
    on = registry.snapshot()
    holder = holder_of(on, key, registry.now())
    reasons = _governing(holder)
    if law.reviews or law.challenges:
        reasons.append("Reviews and challenges are filed by those who make them, not with the law.")
    _refuse("This law cannot be filed.", reasons)
    body = instruments.as_json(law)
    return file(
        registry, on, Kind.INSTRUMENT, law.identifier, body, key, _event(registry, "filed", law, holder)
    )


def file_review(registry: Registry, law: str, review: ReviewBody, key: SigningKey) -> Document:
    """File an opinion on a law as it stands: an independent jurist alone may.

    Raises:
        LawUnknown: There is no such law.
        LawRefused: Every reason is given.
    """
    on = registry.snapshot()
    holder, known = holder_of(on, key, registry.now()), _law(on, law)
    reasons = _independent(on, holder)
    if review.reviewed_sha256 != instruments.digest(known):
        reasons.append("It is about another version of the record than the one on file.")
    if known.text_sha256 == instruments.UNKNOWN:
        reasons.append("The record does not say which text it is about; file it with the digest of one.")
    _refuse("This review cannot be filed.", reasons)
    event = _event(registry, "reviewed", known, holder)
    return file(registry, on, Kind.INSTRUMENT_REVIEW, law, review.as_json(), key, event)


def file_challenge(registry: Registry, law: str, by: str, text: str, key: SigningKey) -> Document:
    """File somebody's objection to a law; they need no key, whoever has one files it in their name.

    Raises:
        LawUnknown: There is no such law.
        InvalidValue: There is no name, or no text.
    """
    on = registry.snapshot()
    holder, known = holder_of(on, key, registry.now()), _law(on, law)
    body = ChallengeBody(Against.LAW, by, text).as_json()
    ChallengeBody.read(body)
    event = _event(registry, "challenged", known, holder)
    return file(registry, on, Kind.CHALLENGE, law, body, key, event)


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
        LawUnknown: There is no such law.
        ChallengeUnknown: There is no such challenge of it.
        LawRefused: Every reason is given.
        InvalidValue: It decides nothing, or gives no reasons.
    """
    on = registry.snapshot()
    holder, known = holder_of(on, key, registry.now()), _law(on, law)
    digest = found_challenge(on.view(register).of_laws.get(law, ()), challenge).digest
    _refuse("This ruling cannot be filed.", _independent(on, holder))
    body = RulingBody(Against.LAW, digest, outcome, reasons).as_json()
    RulingBody.read(body)
    event = _event(registry, "decided", known, holder)
    file(registry, on, Kind.CHALLENGE_DECISION, law, body, key, event)
    return found_challenge(registry.snapshot().view(register).of_laws[law], digest).challenge.outcome


def _law(on: Snapshot, law: str) -> Instrument:
    known = on.view(register).laws.get(law)
    if known is None:
        raise LawUnknown("There is no law of that name.")
    return known


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
