"""Entries in their order in, what does not hold together between them out: what was allowed, how it ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from faceward.transparency.entries import DECISION, OUTCOMES, POLICY_CHANGE, Entry
from faceward.transparency.findings import Code, Findings
from faceward.transparency.words import Action, Ending, Ground, Verdict

_OUTCOME_TYPES = frozenset(OUTCOMES.values())
_NEED_GROUND = frozenset({Action.VERIFY, Action.IDENTIFY, Action.FIND_SIMILAR, Action.ENROL, Action.IMPORT})
_ALLOWED, _REFUSED = "allowed", "refused"
_OVERTAKEN_WITHIN = timedelta(seconds=10)
"""How long after a change a decision may still name the policy before it: it was under way. Our choice."""
_TWO_APPROVERS_FROM = 2
"""From which tier on a review takes two persons."""


@dataclass(slots=True)
class Conduct:
    """Follows the entries of a ledger, one after another.

    Attributes:
        found: Takes what is wrong.
        trusted: Digests of published policies; where there are none, any policy may be in force.
        policies: The policies in force, in the order they came.
    """

    found: Findings
    trusted: frozenset[str] = frozenset()
    policies: list[str] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _policy: str | None = None
    _before: str | None = None
    _charter: str | None = None
    _changed: datetime | None = None
    _seq: int = -1
    _time: datetime | None = None
    _open: dict[int, Entry] = field(default_factory=dict)
    _refused: set[int] = field(default_factory=set)
    _used: set[int] = field(default_factory=set)

    def follow(self, entry: Entry) -> None:
        """Take the next entry."""
        here = f"entry {entry.seq}"
        if entry.seq > self._seq:  # what stands in the wrong place is reported as that
            if self._time is not None and entry.time < self._time:
                self.found.add(Code.TIME_BACKWARDS, here, "Its time is before that of the entry above it.")
            self._seq, self._time = entry.seq, entry.time
        if entry.body.get("testing") is True:
            self.found.add(
                Code.TESTING_ENTRY, here, "It was made under the gate for tests, which allows all."
            )
        if entry.type == POLICY_CHANGE:
            self._change(entry, here)
        elif entry.type == DECISION:
            self._in_force(entry, here)
            self._decision(entry)
        elif entry.type in _OUTCOME_TYPES:
            self._outcome(entry, here)
        else:
            self._in_force(entry, here)
            if entry.type == "review.approved":
                self._approval(entry, here)

    def close(self) -> None:
        """Report what was allowed and never ended."""
        for seq in self._open:
            self.found.add(
                Code.WORK_UNFINISHED,
                f"entry {seq}",
                "It allowed work of which no end is recorded: it is under way, or was cut off.",
            )

    def standing(self) -> dict[str, int]:
        """How many decisions allowed and refused, and how much of the work is done or not."""
        counts = {name: self._counts[name] for name in (_ALLOWED, _REFUSED, *map(str, Ending))}
        return counts | {"unfinished": len(self._open)}

    def _decision(self, entry: Entry) -> None:
        if entry.body["verdict"] == Verdict.ALLOW:
            self._counts[_ALLOWED] += 1
            self._open[entry.seq] = entry
        else:
            self._counts[_REFUSED] += 1
            self._refused.add(entry.seq)

    def _outcome(self, entry: Entry, here: str) -> None:
        seq = entry.body["decision"]
        assert isinstance(seq, int)  # noqa: S101 - the schema says so
        decision = self._open.pop(seq, None)
        if decision is None:
            self._in_force(entry, here)
            self._no_decision(entry.seq, seq, here)
            return
        self._used.add(seq)
        self._counts[str(entry.body["ending"])] += 1
        if entry.policy != decision.policy:  # work ends under the policy that allowed it, or a later one
            self._in_force(entry, here)
        action = Action(str(decision.body["action"]))
        same = ("request", "testing")
        if (
            (entry.deployment, entry.actor) != (decision.deployment, decision.actor)
            or any(entry.body[key] != decision.body[key] for key in same)
            or OUTCOMES.get(action) != entry.type
        ):
            self.found.add(Code.OUTCOME_DIFFERS, here, f"It is not the work that entry {seq} allowed.")
        done, allowed = entry.body["comparisons"], decision.body["comparisons"]
        if isinstance(done, int) and isinstance(allowed, int) and done > allowed:
            self.found.add(Code.OUTCOME_DIFFERS, here, f"It compared more than entry {seq} allowed.")
        groundless = entry.body["ground"] == Ground.NONE and entry.body["ending"] == Ending.DONE
        if groundless and action in _NEED_GROUND:
            self.found.add(Code.OUTCOME_WITHOUT_GROUND, here, "It was done without a legal ground on record.")

    def _no_decision(self, own: int, seq: int, here: str) -> None:
        if seq >= own:
            self.found.add(
                Code.OUTCOME_BEFORE_DECISION, here, f"It names entry {seq}, which stands after it."
            )
        elif seq in self._used:
            self.found.add(Code.DECISION_REUSED, here, f"The decision of entry {seq} was used before.")
        elif seq in self._refused:
            self.found.add(Code.OUTCOME_OF_REFUSAL, here, f"The decision of entry {seq} was to refuse.")
        else:
            self.found.add(Code.OUTCOME_WITHOUT_DECISION, here, f"There is no decision at entry {seq}.")

    def _approval(self, entry: Entry, here: str) -> None:
        approvers, tier = entry.body["approvers"], entry.body["tier"]
        assert isinstance(approvers, list)  # noqa: S101 - the schema says so
        assert isinstance(tier, int)  # noqa: S101
        needed = 2 if tier >= _TWO_APPROVERS_FROM else 1
        if len(set(approvers) - {""}) < needed:
            self.found.add(Code.APPROVERS_MISSING, here, f"A review of tier {tier} takes {needed} approvers.")

    def _change(self, entry: Entry, here: str) -> None:
        """A new charter: from here on its policy is in force, and it says which charter it replaces."""
        if self._charter not in {None, entry.body["before"]}:
            self.found.add(
                Code.POLICY_UNANNOUNCED, here, "It does not replace the charter that was in force."
            )
        self._charter, self._changed = str(entry.body["charter"]), entry.time
        self._set(entry.policy, here)

    def _in_force(self, entry: Entry, here: str) -> None:
        if entry.policy == self._policy:
            return
        if self._policy is None:
            self._set(entry.policy, here)
        elif entry.policy == self._before and self._is_recent(entry.time):
            self.found.add(Code.POLICY_OVERTAKEN, here, "The policy it names was changed just before it.")
        else:
            self.found.add(Code.POLICY_UNANNOUNCED, here, "No policy.change announced the policy it names.")
            self._set(entry.policy, here)

    def _is_recent(self, now: datetime) -> bool:
        return self._changed is not None and now - self._changed <= _OVERTAKEN_WITHIN

    def _set(self, policy: str, here: str) -> None:
        self._before, self._policy = self._policy, policy
        if policy in self.policies:
            return
        self.policies.append(policy)
        if self.trusted and policy not in self.trusted:
            self.found.add(Code.POLICY_UNKNOWN, here, "The policy it names is none of those that you gave.")
