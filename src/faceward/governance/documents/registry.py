"""Signed statements in, documents beside the ledger and entries that give nothing away out.

Documents are only ever added. Each is kept beside the ledger's tree, in one writing with an entry that tells
strangers that something was decided, and nothing of what it says: closed words, pseudonyms, and a digest that
is keyed with a random key of that one document.

A counter stands for how many documents there are. Whoever adds one claims the next number, so two processes
cannot both decide on the same state, and a document that was taken away is missed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from threading import Lock

from faceward.errors import ConflictError
from faceward.governance.charters.charter import Charter
from faceward.governance.documents.pseudonyms import Pseudonyms
from faceward.governance.documents.snapshots import (
    NOTHING,
    Document,
    Snapshot,
    added,
    charter_of,
    encoded,
    read,
)
from faceward.governance.documents.statements import Kind, Signed
from faceward.ports.clock import Clock
from faceward.ports.keyring import Keyring
from faceward.ports.ledger import (
    Claim,
    ClaimExceeded,
    Draft,
    Filing,
    JsonValue,
    Ledger,
    LedgerCorrupt,
    Writing,
)
from faceward.transparency import canonical

FILINGS = "governance"
COUNTER = "governance.documents"
POLICIES = "governance.policies"
"""Kind of the filing that holds the policy announced last, and counter of announcements."""

_KEY_BYTES = 32
_LAST = "last"


class RegistryChanged(ConflictError):
    """Somebody else filed a document at the same time; nothing was written."""

    code = "registry_changed"
    remedy = "Look at what was decided, then try again."


@dataclass(frozen=True, slots=True)
class Event:
    """What the ledger says about a document, beside its digest.

    Attributes:
        type: Type of the entry.
        body: Its body without ``document`` and ``salt``.
        deployment: Pseudonym of the deployment concerned; empty where there is none.
        actor: Pseudonym of who filed it.
    """

    type: str
    body: Mapping[str, JsonValue]
    deployment: str = ""
    actor: str = ""


class Registry:
    """Reads and files governance documents. Safe to use from many threads and processes."""

    def __init__(
        self, ledger: Ledger, keyring: Keyring, clock: Clock, packs: Callable[[Charter], str]
    ) -> None:
        """Take what is needed from outside.

        Args:
            ledger: Where documents and entries go.
            keyring: Where the secret behind pseudonyms is.
            clock: The time.
            packs: Gives the digest of the packs that a charter makes active, see `policy_digest`.
        """
        self._ledger = ledger
        self._clock = clock
        self._packs = packs
        self._held: tuple[int, Snapshot] | None = None
        self._policy: tuple[Snapshot, str] | None = None
        self._lock = Lock()
        self.pseudonyms = Pseudonyms(keyring)

    def now(self) -> datetime:
        """The time by the one clock of this installation."""
        return self._clock.now()

    def snapshot(self) -> Snapshot:
        """Every document in force now. Cheap while nothing was filed; safe to ask on every request.

        Raises:
            LedgerCorrupt: A document is missing, forged or altered; nothing may be decided.
            LedgerUnavailable: The ledger cannot be read.
        """
        held = self._held
        revision = self._ledger.revision()
        if held is not None and held[0] == revision:
            return held[1]
        with self._lock:
            held = self._held
            # Other things are filed beside the tree too; only the counter says that documents were added.
            if held is not None and self._ledger.counters((COUNTER,))[0] == len(held[1].documents):
                self._held = (revision, held[1])
                return held[1]
            least = self._ledger.counters((COUNTER,))[0]
            made = read(self._ledger.filings(FILINGS), held[1] if held is not None else NOTHING)
            if len(made.documents) < least:
                raise LedgerCorrupt("Governance documents are missing that were filed.")
            if len(made.documents) > self._ledger.counters((COUNTER,))[0]:
                raise LedgerCorrupt("There are governance documents that were never filed.")
            # A document that was filed in between shows as a higher revision at the next call.
            self._held = (revision, made)
            return made

    def file(self, on: Snapshot, signed: Signed, event: Event) -> Document:
        """File a statement that was judged on a snapshot, if nothing was filed since.

        Args:
            on: What the decision was taken on.
            signed: The statement and its signatures.
            event: What the ledger says about it.

        Raises:
            RegistryChanged: Another document came first; nothing was written.
            StatementRefused: It is not signed as it must be, or not for now and the charter in force.
            CharterRefused: It is a charter that does not follow from the one in force.
        """
        is_charter = signed.statement.kind is Kind.CHARTER
        charter = charter_of(signed.statement) if is_charter else on.charter
        policy = self.policy_of(charter)
        document = Document(
            len(on.documents), self._clock.now(), policy, signed, secrets.token_bytes(_KEY_BYTES)
        )
        added(on, document)
        body = {} if is_charter else {"document": document.keyed_digest, "salt": ""}
        draft = Draft(event.type, event.deployment, event.actor, policy, {**event.body, **body})
        announced = self._announced()
        news = self._news(announced, self.policy_of(on.charter)) if on.charters else ()
        policies = len(news) + is_charter
        writing = Writing(
            (*news, draft),
            (Claim(COUNTER, 1, document.sequence + 1), *_claimed(announced, policies)),
            (_filing(document), *_filed(announced, policies, policy)),
            checkpoint=is_charter,
        )
        try:
            self._ledger.write(writing)
        except ClaimExceeded:
            raise RegistryChanged("Another governance document was filed at the same time.") from None
        return document

    def policy_of(self, charter: Charter) -> str:
        """Digest of a charter and of the packs it makes active, see `policy_digest`."""
        return policy_digest(charter, self._packs(charter))

    def announced_policy(self) -> str:
        """Digest of the charter and the packs in force, as entries must name it.

        Where it is not what the ledger announced last, because the shipped packs changed with a new version
        of faceward, it is announced first; so every policy that an entry names was announced.

        Raises:
            CharterMissing: There is no charter yet.
            LedgerUnavailable: It could not be announced.
        """
        known = self._policy
        if known is not None and known[0] is self.snapshot():
            return known[1]
        # What was announced is read before what is in force: where a charter comes in between, the claim
        # below fails, so an older policy is never announced after a newer one.
        announced = self._announced()
        snapshot = self.snapshot()
        policy = self.policy_of(snapshot.charter)
        news = self._news(announced, policy)
        if news:
            claims, filings = _claimed(announced, 1), _filed(announced, 1, policy)
            try:
                self._ledger.write(Writing(news, claims, filings, checkpoint=True))
            except ClaimExceeded:  # Somebody else announced it, or something newer; look again.
                return self.announced_policy()
        self._policy = snapshot, policy
        return policy

    def _announced(self) -> tuple[int, str]:
        """How many policies were announced, and the last of them."""
        least = self._ledger.counters((POLICIES,))[0]
        kept = self._ledger.filings(POLICIES).get(_LAST, b"0 ").decode("ascii", "replace")
        count, _, policy = kept.partition(" ")
        if not count.isdigit() or int(count) < least:
            raise LedgerCorrupt("The policy that was announced last is missing, or is an older one.")
        return int(count), policy

    def _news(self, announced: tuple[int, str], policy: str) -> tuple[Draft, ...]:
        """The entry that announces a policy nobody signed: whether it is weaker nobody can tell."""
        if announced[1] == policy:
            return ()
        body: dict[str, JsonValue] = {
            "charter": policy,
            "before": announced[1],
            "stands_added": [],
            "stands_removed": [],
            "weakens": True,
            "keys_changed": False,
            "signers": [],
        }
        return (Draft("policy.change", "", "", policy, body),)


def _filing(document: Document) -> Filing:
    return Filing(FILINGS, f"{document.sequence:08d}", encoded(document))


def _claimed(announced: tuple[int, str], count: int) -> tuple[Claim, ...]:
    return (Claim(POLICIES, count, announced[0] + count),) if count else ()


def _filed(announced: tuple[int, str], count: int, policy: str) -> tuple[Filing, ...]:
    return (Filing(POLICIES, _LAST, f"{announced[0] + count} {policy}".encode()),) if count else ()


def policy_digest(charter: Charter, packs: str) -> str:
    """Digest of the charter and the policies in force, as every entry of the ledger holds it.

    Args:
        charter: The charter in force.
        packs: Digest of the packs and the schema, see `PolicyEngine.digest`.
    """
    return sha256(canonical.encoded({"charter": charter.digest, "packs": packs})).hexdigest()
