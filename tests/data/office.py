"""An installation in memory: a ledger, a clock set by hand, and people with keys who sign."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from faceward.governance.charters import adoption
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Charter, Keyholder, Role
from faceward.governance.documents.registry import COUNTER, FILINGS, Registry
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.documents.statements import signed
from faceward.governance.reviews import applications
from faceward.governance.reviews.applications import Application
from faceward.governance.reviews.organisations import Organisation
from faceward.governance.reviews.trials import Trial
from faceward.ports.ledger import Ledger
from faceward.reading import Record
from faceward.testing.clocks import SetClock
from faceward.testing.keyrings import MemoryKeyring
from faceward.testing.ledgers import MemoryLedger
from faceward.transparency import entries, signatures
from faceward.transparency.signatures import SigningKey
from faceward.transparency.words import Body, Capture, Place, Purpose, Safeguard

START = datetime(2026, 11, 2, 9, tzinfo=UTC)


def key_of(name: str) -> SigningKey:
    """A key, the same in each test."""
    return signatures.loaded(name, hashlib.sha256(f"seed of {name}".encode()).digest())


def holder(name: str, *roles: Role, account: str = "", minted_by: str = "", until: datetime | None = None):
    """A line of the list of keys."""
    public = key_of(name).public.hex()
    return Keyholder(public, account or name, frozenset(roles), minted_by, until)


PACKS = "0" * 64
"""Stands for the digest of the packs."""


class Office:
    """An installation with its people.

    Attributes:
        clock: Set by hand.
        keyring: In memory.
        ledger: In memory, or what is given.
        registry: On all three.
    """

    def __init__(self, ledger: Ledger | None = None) -> None:
        self.clock = SetClock(START)
        self.keyring = MemoryKeyring()
        self.ledger: Any = MemoryLedger(self.clock) if ledger is None else ledger
        self.registry = self.another_process()

    def another_process(self) -> Registry:
        """A registry that shares the ledger and remembers nothing."""
        return Registry(self.ledger, self.keyring, self.clock, lambda _charter: PACKS)

    @property
    def snapshot(self) -> Snapshot:
        """What is in force."""
        return self.registry.snapshot()

    @property
    def now(self) -> datetime:
        """The time."""
        return self.clock.now()

    def found(self) -> Charter:
        """Adopt the first charter: Ann alone."""
        charter = charters.first("faces.example/door", holder("ann", Role.OPERATOR))
        return self.adopt(charter, "ann")

    def staff(self) -> None:
        """Ann operates; Bob and Cora review; Dave audits; Eve tests."""
        self.found()
        self.grow(holder("bob", Role.REVIEWER), signers=("ann", "bob"))
        self.grow(
            holder("cora", Role.REVIEWER), holder("dave", Role.AUDITOR), holder("eve", Role.TESTER),
            signers=("ann", "bob"),
        )  # fmt: skip

    def grow(self, *new: Keyholder, signers: tuple[str, ...]) -> Charter:
        """Add keys to the list."""
        return self.adopt(self.next_charter(keys=(*self.snapshot.charter.keys, *new)), *signers)

    def next_charter(self, **changes: Any) -> Charter:
        """The charter in force with something changed, as a proposal."""
        made = replace(charters.successor(self.snapshot.charter), **changes)
        return replace(made, keys=tuple(sorted(made.keys, key=lambda it: (it.account, it.public))))

    def adopt(self, charter: Charter, *signers: str) -> Charter:
        """Sign a charter and put it in force."""
        proposal = adoption.propose(self.registry, charter)
        return adoption.adopt(self.registry, signed(proposal, *(key_of(name) for name in signers)))

    def entries(self) -> list[entries.Entry]:
        """What strangers may read."""
        return [entries.decode(content) for content in self.ledger.entries()]

    # What only somebody with the files in their hands can do.

    def kept(self, sequence: int) -> bytes:
        """A document as it is kept."""
        return self.ledger._filings[FILINGS, f"{sequence:08d}"]

    def swap(self, sequence: int, content: bytes | None) -> None:
        """Replace or remove a document behind the registry's back."""
        if content is None:
            del self.ledger._filings[FILINGS, f"{sequence:08d}"]
        else:
            self.ledger._filings[FILINGS, f"{sequence:08d}"] = content

    def count(self, documents: int) -> None:
        """Set the counter behind the registry's back."""
        self.ledger._counters[COUNTER] = documents


def organisation(body: Body = Body.COMPANY, **changes: Any) -> Organisation:
    """What a review found."""
    until = changes.pop("until", START + timedelta(days=300))
    return replace(Organisation("Acme Ltd", body, "DE", "Register of Kassel, HRB 1", until), **changes)


def application(**changes: Any) -> Application:
    """An application that answers every factor; tier 1."""
    answers = {
        "customer": "acme", "recipients": [], "functions": ["verify"], "purposes": ["verify_worker"],
        "country": "DE", "locality": "Kassel", "place": "private", "voluntary": True,
        "alternative": "A badge.", "false_match": "A supervisor corrects it.",
        "false_non_match": "They use the badge.", "human": True,
        "decides": "The shift lead.", "vulnerable_people": "None.", "source": "subjects", "ground": "consent",
        "people": 250, "uses_a_day": 1000, "cameras": 2, "sites": ["Main gate"], "audit": "audit-1",
        "retention_days": 365, "sharing": "With nobody.", "earlier_refusals": "Nothing.",
        "safeguards": [str(it) for it in Safeguard], "captures": ["kiosk"], "minors": "none",
        "instrument": "none", "liveness": "supervised",
    }  # fmt: skip
    return applications.parse(Record({**answers, **changes}, "application"))


def trial(**changes: Any) -> Trial:
    """A trial at the door."""
    made = Trial("acme", "Acme Ltd", Body.COMPANY, Purpose.VERIFY_WORKER, "DE", Place.PRIVATE, "Main gate",
                 frozenset({Capture.KIOSK}))  # fmt: skip
    return replace(made, **changes)
