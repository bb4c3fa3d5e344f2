"""Two charters and who signed in, what changes out, or why it may not.

Rules, all of them about persons and none about keys:

- Adding stands or own rules takes one operator; removing or changing any takes two persons.
- Any change of the list of keys takes two persons of the list in force.
- While the list holds one person, it can change in one way: a second person joins, and both sign.
- Once it holds two who may govern, it never holds fewer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from faceward.errors import RefusedError
from faceward.governance.charters.charter import GOVERNING, Charter, Keyholder, Role


class CharterRefused(RefusedError):
    """A charter does not follow from the one in force, or too few people signed it."""

    code = "charter_refused"
    remedy = "See docs/reference/charter.md for what a change takes, and collect the signatures."


@dataclass(frozen=True, slots=True)
class Change:
    """What one charter changes in another.

    Attributes:
        stands_added: Names of stands.
        stands_removed: Names of stands.
        packs_added: How many own packs are new, or have new content.
        packs_removed: How many own packs are gone, or have new content.
        keys_changed: Whether the list of keys differs in anything.
    """

    stands_added: tuple[str, ...]
    stands_removed: tuple[str, ...]
    packs_added: int
    packs_removed: int
    keys_changed: bool

    @property
    def weakens(self) -> bool:
        """Whether something that was refused may be allowed afterwards."""
        return bool(self.stands_removed or self.packs_removed)


def change(before: Charter | None, after: Charter) -> Change:
    """Say what a charter changes; the first one changes everything."""
    stands = set() if before is None else set(before.stands)
    packs = set() if before is None else set(before.packs)
    return Change(
        tuple(sorted(set(after.stands) - stands)),
        tuple(sorted(stands - set(after.stands))),
        len(set(after.packs) - packs),
        len(packs - set(after.packs)),
        before is None or before.keys != after.keys,
    )


def judged(
    before: Charter | None,
    after: Charter,
    signers: frozenset[str],
    at: datetime,
    ever: Mapping[str, Keyholder],
) -> Change:
    """Give what changes, if it may.

    Args:
        before: The charter in force; ``None`` where there is none yet.
        after: The charter that should follow.
        signers: Public keys whose signatures hold.
        at: When.
        ever: Every key that any charter ever listed, as it was listed last.

    Raises:
        CharterRefused: It may not follow; every reason is given.
    """
    it = change(before, after)
    reasons = (
        _founding(after, signers) if before is None else _following(before, after, it, signers, at, ever)
    )
    if reasons:
        raise CharterRefused("This charter cannot come into force.", reasons=tuple(reasons))
    return it


def _founding(after: Charter, signers: frozenset[str]) -> list[str]:
    reasons = []
    if after.predecessor:
        reasons.append("It names a predecessor, and there is no charter yet.")
    if len(set(after.people().values())) != 1:
        reasons.append("The first charter lists one person; the second joins by a change that both sign.")
    if not signers & {it.public for it in after.keys if Role.OPERATOR in it.roles}:
        reasons.append("The founder has not signed it.")
    return reasons


def _following(  # noqa: PLR0913, PLR0917 - the parts of one judgement
    before: Charter,
    after: Charter,
    it: Change,
    signers: frozenset[str],
    at: datetime,
    ever: Mapping[str, Keyholder],
) -> list[str]:
    reasons = []
    if after.predecessor != before.digest:
        reasons.append("It does not name the charter in force as its predecessor.")
    if after.origin != before.origin:
        reasons.append("It changes the origin, which names the ledger for ever.")
    people = before.people()
    in_time = [key for key in before.keys if key.public in signers and (key.until is None or at < key.until)]
    governing = {people[key.account] for key in in_time if key.roles & GOVERNING}
    operators = {people[key.account] for key in in_time if Role.OPERATOR in key.roles}
    if it.weakens and len(governing) < 2:
        reasons.append("It removes or changes rules, which takes the signatures of two different people.")
    if not it.keys_changed:
        if not operators and not it.weakens:
            reasons.append("No operator of the list in force has signed it.")
        return reasons
    reasons += _unmade(after, ever)
    if len(set(people.values())) == 1:
        reasons += _second_person(before, after, signers, bool(operators))
    elif len(governing) < 2:
        reasons.append("It changes the list of keys, which takes two different people of the list in force.")
    if len(after.people_with(*GOVERNING)) < 2:
        reasons.append("Fewer than two people would be left who may change it again.")
    return reasons


def _second_person(
    before: Charter, after: Charter, signers: frozenset[str], founder_signed: bool
) -> list[str]:
    reasons = []
    new = [key for key in after.keys if key not in before.keys]
    newcomers = {after.people()[key.account] for key in new}
    founder = {after.people()[key.account] for key in before.keys if key in after.keys}
    if set(before.keys) - set(after.keys) or len(newcomers) != 1 or newcomers & founder:
        reasons.append("While the list holds one person, it changes only by adding a second person's keys.")
    if not founder_signed:
        reasons.append("The founder has not signed it.")
    if not {key.public for key in new} <= signers:
        reasons.append("The second person has not signed it with every key that is added.")
    return reasons


def _unmade(after: Charter, ever: Mapping[str, Keyholder]) -> list[str]:
    """A key never changes hands, and who made it stays who made it, even when it comes back later."""
    moved = [
        key
        for key in after.keys
        if (old := ever.get(key.public)) is not None
        and (old.account != key.account or (old.minted_by and old.minted_by != key.minted_by))
    ]
    return ["It changes whose key a known key is, or who made it."] if moved else []
