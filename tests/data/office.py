"""An installation in memory: a ledger, a clock set by hand, and people with keys who sign."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from faceward.governance import charter as charters
from faceward.governance.charter import Charter, Keyholder, Role
from faceward.governance.registry import Registry
from faceward.ports.keyring import KeyUnreadable
from faceward.ports.ledger import ClaimExceeded, Receipt, Writing
from faceward.transparency import entries, signatures
from faceward.transparency.signatures import SigningKey

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


class HandClock:
    """Shows what it was set to."""

    def __init__(self, now: datetime = START) -> None:
        self.time = now

    def now(self) -> datetime:
        return self.time

    def pass_(self, **length: float) -> None:
        self.time += timedelta(**length)


class MemoryKeyring:
    """Derives its secrets, so that they are the same in each test."""

    def __init__(self) -> None:
        self._gone: set[tuple[str, str]] = set()
        self._made: set[tuple[str, str]] = set()

    def key(self, kind: str, identifier: str) -> bytes:
        if (kind, identifier) in self._gone:
            raise KeyUnreadable("The secret was destroyed.")
        self._made.add((kind, identifier))
        return hmac.new(b"keyring", f"{kind}\0{identifier}".encode(), hashlib.sha256).digest()

    def destroy(self, kind: str, identifier: str) -> bool:
        self._gone.add((kind, identifier))
        return (kind, identifier) in self._made


class MemoryLedger:
    """Keeps entries in a list, through the closed schema; what proofs need is left out."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.written: list[bytes] = []
        self.counts: dict[str, int] = {}
        self.kept: dict[str, dict[str, bytes]] = {}
        self.changes = 0
        self.covered = 0

    def write(self, writing: Writing) -> Receipt:
        time, place = self.clock.now(), len(self.written)
        counts = dict(self.counts)
        for claim in writing.claims:
            counts[claim.counter] = max(0, counts.get(claim.counter, 0) + claim.amount)
            if claim.most is not None and counts[claim.counter] > claim.most:
                raise ClaimExceeded("A counter would go beyond its limit.")
        made = [
            entries.encode(place + i, time, it.type, it.deployment, it.actor, it.policy, it.body)
            for i, it in enumerate(writing.drafts)
        ]
        self.written += made
        self.counts = counts
        for filing in writing.filings:
            self.changes += 1
            if filing.content is None:
                self.kept.get(filing.kind, {}).pop(filing.identifier, None)
            else:
                self.kept.setdefault(filing.kind, {})[filing.identifier] = filing.content
        if writing.checkpoint:
            self.covered = len(self.written)
        return Receipt(place, len(made), time)

    def size(self) -> int:
        return len(self.written)

    def last_time(self) -> datetime | None:
        return entries.decode(self.written[-1]).time if self.written else None

    def entries(self, start: int = 0, stop: int | None = None) -> Sequence[bytes]:
        return tuple(self.written[start:stop])

    def counters(self, names: Sequence[str]) -> tuple[int, ...]:
        return tuple(self.counts.get(name, 0) for name in names)

    def revision(self) -> int:
        return self.changes

    def filings(self, kind: str) -> Mapping[str, bytes]:
        return dict(self.kept.get(kind, {}))

    def close(self) -> None:
        """Nothing is open."""


def key_of(name: str) -> SigningKey:
    """A key, the same in each test."""
    return signatures.loaded(name, hashlib.sha256(f"seed of {name}".encode()).digest())


def holder(name: str, *roles: Role, account: str = "", minted_by: str = "", until: datetime | None = None):
    """A line of the list of keys."""
    public = key_of(name).public.hex()
    return Keyholder(public, account or name, frozenset(roles), minted_by, until)


@dataclass
class Office:
    """An installation with its people.

    Attributes:
        clock: Set by hand.
        ledger: In memory.
        registry: On both.
    """

    clock: HandClock = field(default_factory=HandClock)
    keyring: MemoryKeyring = field(default_factory=MemoryKeyring)
    ledger: MemoryLedger = field(init=False)
    registry: Registry = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = MemoryLedger(self.clock)
        self.registry = self.another_process()

    def another_process(self) -> Registry:
        """A registry that shares the ledger and remembers nothing."""
        return Registry(self.ledger, self.keyring, self.clock, "0" * 64)

    def next_charter(self, **changes) -> Charter:
        """The charter in force with something changed, as a proposal."""
        made = replace(charters.successor(self.registry.snapshot().charter), **changes)
        return replace(made, keys=tuple(sorted(made.keys, key=lambda it: (it.account, it.public))))

    def entries(self) -> list[entries.Entry]:
        """What strangers may read."""
        return [entries.decode(content) for content in self.ledger.written]
