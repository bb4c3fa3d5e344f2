"""Writings and where the ledger stands in, rows to write and a receipt or an error for each out.

Nothing is written here but by what settles in the open transaction. What cannot be written fails alone: the
others of its batch get their places as if it had never come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime

from faceward.errors import FacewardError
from faceward.ports.ledger import (
    ChangeFailed,
    Claim,
    ClaimExceeded,
    ClockBehind,
    Filing,
    LedgerCorrupt,
    Receipt,
    Settle,
    Settled,
    Transaction,
    Writing,
)
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
        has_settled: Whether anything was changed in the transaction already.
    """

    outcomes: tuple[Receipt | FacewardError, ...]
    first: int
    entries: tuple[bytes, ...]
    nodes: tuple[bytes, ...]
    counters: Mapping[str, int]
    filings: tuple[Filing, ...]
    standing: Standing
    needs_checkpoint: bool
    has_settled: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (
            self.entries or self.counters or self.filings or self.needs_checkpoint or self.has_settled
        )


def planned(  # noqa: PLR0913, PLR0917 - what a batch depends on
    writings: Sequence[Writing],
    standing: Standing,
    now: datetime,
    counter: Callable[[str], int],
    most: int,
    attempt: Callable[[], AbstractContextManager[Transaction]] = nullcontext,
) -> Batch:
    """Give each writing its places, in order, and settle what changes with it.

    Args:
        writings: What came together.
        standing: Where the ledger stands.
        now: The time that all entries get.
        counter: What a counter stands at.
        most: How many entries may stay without a checkpoint.
        attempt: Gives the transaction to what settles in it, and undoes that if it raises.

    Returns:
        The batch. If the clock is behind the last entry, it holds a checkpoint at most.
    """
    first = standing.frontier.size
    is_behind = standing.time is not None and now < standing.time
    place, checkpoint, has_settled = first, False, False
    contents: list[bytes] = []
    counters: dict[str, int] = {}
    filings: list[Filing] = []
    outcomes: list[Receipt | FacewardError] = []
    for writing in writings:
        if is_behind and (writing.drafts or writing.claims or writing.filings or writing.settle):
            outcomes.append(ClockBehind("The clock is behind the last entry of the ledger."))
            continue
        try:
            if writing.settle is None:
                new, changed = _placed(writing, place, now, counters, counter)
            else:
                with attempt() as transaction:
                    writing = _with(writing, _settled(writing.settle, transaction))  # noqa: PLW2901
                    new, changed = _placed(writing, place, now, counters, counter)
                has_settled = True
            counters |= changed
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
        has_settled,
    )  # fmt: skip


def _settled(settle: Settle, transaction: Transaction) -> Settled:
    """Settle, and let no error out that would take the other writings along."""
    try:
        return settle(transaction)
    except FacewardError:
        raise
    except Exception as error:
        raise ChangeFailed("A change failed in a way that nobody foresaw; it was undone.") from error


def _with(writing: Writing, settled: Settled) -> Writing:
    """A writing with what came of its work."""
    return replace(
        writing,
        drafts=writing.drafts + settled.drafts,
        claims=writing.claims + settled.claims,
        filings=writing.filings + settled.filings,
    )


def _placed(
    writing: Writing, place: int, now: datetime, counters: Mapping[str, int], counter: Callable[[str], int]
) -> tuple[list[bytes], Mapping[str, int]]:
    """The entries of a writing from a place on, and what the counters that it changes stand at then."""
    new = [
        entries.encode(seq, now, it.type, it.deployment, it.actor, it.policy, it.body)
        for seq, it in enumerate(writing.drafts, place)
    ]
    return new, _claimed(writing.claims, counters, counter) if writing.claims else {}


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
