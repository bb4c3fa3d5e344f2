"""What somebody says against a deployment and a key in, a filed document out, or why it may not be.

Anyone who gives a name may object; whoever has a key files it for them. Reviewers who never operated decide.
The words stay in the document; the ledger gets the deployment's pseudonym, who signed, and a keyed digest.
"""

from __future__ import annotations

from faceward.governance.charters.charter import Keyholder, Role
from faceward.governance.documents.filing import file, holder_of
from faceward.governance.documents.registry import Event, Registry
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.documents.statements import Kind
from faceward.governance.documents.testimony import ever_held, people
from faceward.governance.laws.challenges import Against, Outcome
from faceward.governance.laws.law_documents import ChallengeBody, RulingBody
from faceward.governance.laws.law_register import Filed, found_challenge
from faceward.governance.reviews.proceedings import ReviewRefused
from faceward.governance.reviews.standing import challenges_of, found
from faceward.transparency.signatures import SigningKey


def file_challenge(registry: Registry, name: str, by: str, text: str, key: SigningKey) -> Filed:
    """File somebody's objection to a deployment; they need no key, whoever has one files it in their name.

    It suspends nothing until it is upheld.

    Raises:
        DeploymentUnknown: There is no such deployment.
        InvalidValue: There is no name, or no text.
    """
    on = registry.snapshot()
    holder = holder_of(on, key, registry.now())
    found(on, name)
    body = ChallengeBody(Against.DEPLOYMENT, by, text).as_json()
    ChallengeBody.read(body)
    filed = file(registry, on, Kind.CHALLENGE, name, body, key, _event(registry, "challenged", name, holder))
    return found_challenge(challenges_of(registry.snapshot(), name), filed.statement.digest)


def rule_on_challenge(  # noqa: PLR0913 - the parts of a ruling
    registry: Registry, name: str, challenge: str, outcome: Outcome, reasons: str, *, key: SigningKey
) -> Filed:
    """File what a reviewer says of a challenge of a deployment, and give how it stands then.

    One reviewer upholds a challenge, which suspends the deployment and stays; it takes two to reject it or to
    call it withdrawn.

    Args:
        registry: Where it is filed.
        name: The deployment.
        challenge: Digest of the challenge, or at least eight of its first digits.
        outcome: What they say.
        reasons: Why.
        key: Whose ruling it is.

    Raises:
        DeploymentUnknown: There is no such deployment.
        ChallengeUnknown: There is no such challenge of it.
        ReviewRefused: This person decides on no challenges; every reason is given.
        InvalidValue: It decides nothing, or gives no reasons.
    """
    on = registry.snapshot()
    holder = holder_of(on, key, registry.now())
    found(on, name)
    digest = found_challenge(challenges_of(on, name), challenge).digest
    why = _objections(on, holder)
    if why:
        raise ReviewRefused("This ruling cannot be filed.", reasons=why)
    body = RulingBody(Against.DEPLOYMENT, digest, outcome, reasons).as_json()
    RulingBody.read(body)
    file(registry, on, Kind.CHALLENGE_DECISION, name, body, key, _event(registry, "ruled", name, holder))
    return found_challenge(challenges_of(registry.snapshot(), name), digest)


def _objections(on: Snapshot, holder: Keyholder) -> tuple[str, ...]:
    reasons = []
    if Role.REVIEWER not in holder.roles:
        reasons.append("The key does not have the role reviewer.")
    if on.view(people)[holder.account] in ever_held(on, Role.OPERATOR):
        reasons.append("Whoever operates, or did, decides on no challenge, with whichever key.")
    return tuple(reasons)


def _event(registry: Registry, what: str, name: str, holder: Keyholder) -> Event:
    actor = registry.pseudonyms.actor(holder.account)
    return Event(f"review.{what}", {"signers": [actor]}, registry.pseudonyms.deployment(name), actor)
