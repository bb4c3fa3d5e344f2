"""A proposed charter and its signatures in, the charter in force out, or why it cannot be."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

from faceward.governance.charters import charter as charters
from faceward.governance.charters import succession
from faceward.governance.charters.charter import Charter, OwnPack
from faceward.governance.documents.registry import Event, Registry
from faceward.governance.documents.snapshots import charter_of
from faceward.governance.documents.statements import Kind, Signed, Statement
from faceward.governance.policies.packs import Pack
from faceward.ports.policy_engine import PolicyInvalid

OWN = "own"
"""What the ledger calls any pack of an installation's own: its name is nobody's business."""


def propose(registry: Registry, charter: Charter) -> Statement:
    """Make the statement that would put a charter in force; let people sign it, then `adopt` it."""
    on = registry.snapshot()
    digest = on.charter.digest if on.charters else ""
    return Statement(Kind.CHARTER, "charter", charters.as_json(charter), digest, registry.now())


def adopt(registry: Registry, proposal: Signed) -> Charter:
    """Put a signed charter in force.

    Raises:
        CharterRefused: It does not follow from the one in force, or too few people signed it.
        StatementRefused: A signature is wrong, or it was proposed too long ago.
        RegistryChanged: Something else was filed at the same time.
    """
    on = registry.snapshot()
    before = on.charter if on.charters else None
    after = charter_of(proposal.statement)
    change = succession.change(before, after)
    accounts = {it.public: it.account for one in (before, after) if one is not None for it in one.keys}
    own = (OWN,)
    event = Event(
        "policy.change",
        {
            "charter": registry.policy_of(after),
            "before": "" if before is None else registry.policy_of(before),
            "stands_added": [*change.stands_added, *(own if change.packs_added else ())],
            "stands_removed": [*change.stands_removed, *(own if change.packs_removed else ())],
            "weakens": change.weakens,
            "keys_changed": change.keys_changed,
            "signers": sorted(
                {registry.pseudonyms.actor(accounts[key]) for key in proposal.keys if key in accounts}
            ),
        },
    )
    registry.file(on, proposal, event)
    return after


def own_packs_of(charter: Charter, there: Iterable[Pack]) -> tuple[Pack, ...]:
    """Give the own packs that a charter names, if they are there as they were adopted.

    Raises:
        PolicyInvalid: One is missing, or was changed since it was adopted.
    """
    found = {OwnPack(pack.name, digest_of(pack)): pack for pack in there}
    if not found.keys() >= set(charter.packs):
        raise PolicyInvalid(
            "An own pack that the charter names is missing, or is not as it was adopted.",
            remedy="Put back the file that was adopted, or adopt this one with `faceward charter propose`.",
        )
    return tuple(found[pack] for pack in charter.packs)


def digest_of(pack: Pack) -> str:
    """Digest of an own pack, as a charter names it."""
    return sha256(pack.text.encode()).hexdigest()
