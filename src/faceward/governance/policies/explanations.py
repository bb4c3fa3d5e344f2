"""A record of the ledger and the rules that are known in, why it was decided as it was out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from faceward.errors import InvalidValue
from faceward.governance.charters.charter import Charter
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.documents.statements import Kind
from faceward.governance.policies.packs import Rule
from faceward.governance.policies.reasons import REASONS
from faceward.transparency.entries import DECISION, OUTCOMES, Entry, decode
from faceward.transparency.words import Verdict

_OUTCOMES = frozenset(OUTCOMES.values())

STAYS = "Any one rule that refuses would have been enough; none did."
"""What is said in place of a change where a use was allowed."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a request was decided as it was.

    Attributes:
        decision: The record of the decision.
        outcome: How the work ended; ``None`` where it was refused, or is under way, or never ended.
        in_force: Whether it was judged by the policies that are in force now.
        rules: The rules that decided and are known here, as they read now.
        unknown: Names of rules that decided and are not known here.
    """

    decision: Entry
    outcome: Entry | None
    in_force: bool
    rules: tuple[Rule, ...]
    unknown: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """What the verdict was."""
        return self.decision.body["verdict"] == Verdict.ALLOW

    def change(self, rule: Rule) -> str:
        """What would change the verdict, as far as one of its rules is concerned."""
        return STAYS if self.allowed else rule.change


def decision_place(entry: Entry) -> int:
    """Where the decision of a record stands: the record itself, or what an outcome names.

    Raises:
        InvalidValue: The record is neither a decision nor an outcome.
    """
    if entry.type == DECISION:
        return entry.seq
    if entry.type in _OUTCOMES:
        return int(str(entry.body["decision"]))
    raise InvalidValue(
        f"Entry {entry.seq} is of the type {entry.type}; nothing was decided there about a use.",
        remedy="Name a policy.decision, or the outcome of one; `faceward ledger show` lists them.",
    )


def outcome_of(decision: Entry, after: Iterable[bytes]) -> Entry | None:
    """The outcome of a decision among the entries that follow it; ``None`` where it has none there.

    Args:
        decision: The decision.
        after: Entries as the ledger keeps them, in order.
    """
    # Entries are canonical JSON, so most need not be read to see that they are of something else.
    named = f'"decision":{decision.seq},'.encode()
    for content in after:
        if named in content:
            entry = decode(content)
            if entry.type in _OUTCOMES and entry.body["decision"] == decision.seq:
                return entry
    return None


def explained(decision: Entry, outcome: Entry | None, policy: str, known: Mapping[str, Rule]) -> Explanation:
    """Say why a request was decided as it was.

    Args:
        decision: The record of the decision.
        outcome: How the work ended; ``None`` where it did not.
        policy: Digest of the policies that are in force now.
        known: Rules by their name; the gate's own reasons are known in any case.
    """
    rules = {**known, **REASONS}
    body = decision.body["rules"]
    names = [str(name) for name in body] if isinstance(body, list) else []
    return Explanation(
        decision,
        outcome,
        decision.policy == policy,
        tuple(rules[name] for name in names if name in rules),
        tuple(name for name in names if name not in rules),
    )


def charter_under(snapshot: Snapshot, policy: str) -> Charter | None:
    """The charter that was in force under a policy; ``None`` where no document was filed under it.

    Args:
        snapshot: Every document.
        policy: Digest of the policies, as records name it.
    """
    for document in snapshot.documents:
        if document.policy == policy:
            if document.statement.kind is Kind.CHARTER:
                return snapshot.charters[document.sequence]
            return snapshot.charter_at(document.sequence)
    return None
