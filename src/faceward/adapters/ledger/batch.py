"""Writings and where the ledger stands in, rows to write and a receipt or an error for each out.

Nothing is written here. What cannot be written fails alone: the others of its batch get their places as if
it had never come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from faceward.errors import FacewardError
from faceward.ports.ledger import Claim, ClaimExceeded, ClockBehind, Filing, LedgerCorrupt, Receipt, Writing
from faceward.transparency import entries
from faceward.transparency.tree import Frontier, leaf_hash


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ledger stands.

    Attributes:
        frontier: The tree so far.
        time: Time of the last entry; nothing while there is none.
        covered: How many entries the newest checkpoint covers; -1 where there is none.
    """

    frontier: Frontier = field(default_factory=Frontier)
    time: datetime | None = None
    covered: int = -1


@dataclass(frozen=True, slots=True)
class Batch:
    """What is to be written, all of it or none.

    Attributes:
        outcomes: For each writing a receipt, which is true once the rest is durable, or why it failed.
        first: Place of the first entry.
        entries: The bytes of the entries.
        nodes: For each entry the nodes of the tree that it completes, one after the other.
        counters: What counters stand at afterwards; only those that changed.
        filings: Documents, in order.
        standing: Where the ledger stands afterwards, but for a checkpoint.
        needs_checkpoint: Whether a checkpoint must be written with them.
    """

    outcomes: tuple[Receipt | FacewardError, ...]
    first: int
    entries: tuple[bytes, ...]
    nodes: tuple[bytes, ...]
    counters: Mapping[str, int]
    filings: tuple[Filing, ...]
    standing: Standing
    needs_checkpoint: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.entries or self.counters or self.filings or self.needs_checkpoint)


def planned(
    writings: Sequence[Writing], standing: Standing, now: datetime, counter: Callable[[str], int], most: int
) -> Batch:
    """Give each writing its places, in order.

    Args:
        writings: What came together.
        standing: Where the ledger stands.
        now: The time that all entries get.
        counter: What a counter stands at.
        most: How many entries may stay without a checkpoint.

    Returns:
        The batch. If the clock is behind the last entry, it holds a checkpoint at most.
    """
    first = standing.frontier.size
    is_behind = standing.time is not None and now < standing.time
    place, checkpoint = first, False
    contents: list[bytes] = []
    counters: dict[str, int] = {}
    filings: list[Filing] = []
    outcomes: list[Receipt | FacewardError] = []
    for writing in writings:
        if is_behind and (writing.drafts or writing.claims or writing.filings):
            outcomes.append(ClockBehind("The clock is behind the last entry of the ledger."))
            continue
        try:
            new = [
                entries.encode(seq, now, it.type, it.deployment, it.actor, it.policy, it.body)
                for seq, it in enumerate(writing.drafts, place)
            ]
            if writing.claims:
                counters |= _claimed(writing.claims, counters, counter)
        except FacewardError as error:
            outcomes.append(error)
            continue
        contents += new
        filings += writing.filings
        checkpoint |= writing.checkpoint
        outcomes.append(Receipt(place, len(new), now))
        place += len(new)
    frontier, nodes = standing.frontier.grown(map(leaf_hash, contents))
    return Batch(
        tuple(outcomes), first, tuple(contents), tuple(nodes), counters, tuple(filings),
        Standing(frontier, now if contents else standing.time, standing.covered),
        (checkpoint and standing.covered < place) or place - max(standing.covered, 0) >= most,
    )  # fmt: skip


def time_of(entry: bytes) -> datetime:
    """The time of an entry that a ledger kept.

    Raises:
        LedgerCorrupt: It is no entry.
    """
    try:
        return entries.decode(entry).time
    except entries.EntryRefused:
        raise LedgerCorrupt("The last entry of the ledger is no entry.") from None


def _claimed(
    claims: Sequence[Claim], counters: Mapping[str, int], counter: Callable[[str], int]
) -> Mapping[str, int]:
    changed: dict[str, int] = {}
    for claim in claims:
        name = claim.counter
        before = changed.get(name, counters.get(name))
        after = max(0, (counter(name) if before is None else before) + claim.amount)
        if claim.most is not None and after > claim.most:
            raise ClaimExceeded("A counter would go beyond what is allowed.")
        changed[name] = after
    return changed
