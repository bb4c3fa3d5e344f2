"""A secret that somebody presents in, the account, deployment and scopes that it stands for out.

A key is for one deployment and belongs to an account. Its secret is shown once and never kept: what is kept
is a keyed digest, under a secret of the installation, so that a copy of the database opens nothing.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock
from typing import Final

from faceward import reading
from faceward.errors import ConflictError, InvalidValue, RefusedError
from faceward.ports.keyring import Keyring
from faceward.ports.ledger import Filing, Ledger
from faceward.transparency import canonical, kinds

FILED_AS: Final = "api-key"
LONGEST = timedelta(days=366)
"""How long a key may live. Our choice: a key that nobody renews is a key that nobody knows of."""

EXCHANGED_WITHIN = timedelta(hours=1)
"""How long a key lives that has yet to be exchanged: what lay in a file for a day opens nothing."""

_PREFIX = "fwk"
_ID_BYTES, _SECRET_BYTES, _CHECK = 8, 32, 6
_REMEDY = "Make a new key."


class Scope(StrEnum):
    """What a key may ask for; the gate judges besides."""

    CLIENT = "client"  # presents photos: detect, compare, verify, identify
    OPERATOR = "operator"  # keeps galleries, people and their consents
    APPLICANT = "applicant"
    APPROVER = "approver"
    REVIEWER = "reviewer"
    AUDITOR = "auditor"  # sees figures and records
    TESTER = "tester"


class KeyRefused(RefusedError):
    """No key that is known, live and whole was presented."""

    code = "key_refused"
    remedy = "Send `Authorization: Bearer` with a live API key; `faceward access issue` makes one."


class KeyUnexchanged(RefusedError):
    """The key has yet to be exchanged for the one that lasts, and opens nothing else."""

    code = "key_unexchanged"
    remedy = "Exchange it within the hour: POST /v1/keys/exchange; use the secret that comes back."


class KeyExchanged(ConflictError):
    """The key is one that lasts already."""

    code = "key_exchanged"
    remedy = "Go on using it."


class ScopeMissing(RefusedError):
    """The key is not for this."""

    code = "scope_missing"
    remedy = "Use a key with one of the scopes that the reasons name, or have one made."


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key, without its secret.

    Attributes:
        identifier: The part of it that may be shown, 16 hexadecimal digits.
        account: Whose it is.
        deployment: What it is for.
        scopes: What it may ask for.
        digest: Keyed digest of its secret, 64 hexadecimal digits.
        minted_by: The account that made it, and counts as the person behind it.
        created: When, UTC.
        until: From when it is no key any more, UTC.
        exchange_days: Of a key that is only good to be exchanged: days of the one that takes its place.
            A key that lasts has 0.
    """

    identifier: str
    account: str
    deployment: str
    scopes: frozenset[Scope]
    digest: str
    minted_by: str
    created: datetime
    until: datetime
    exchange_days: int = 0

    def filing(self) -> Filing:
        """As it is kept."""
        words: canonical.JsonValue = {
            "account": self.account,
            "created": kinds.stamp(self.created),
            "deployment": self.deployment,
            "digest": self.digest,
            "exchange_days": self.exchange_days,
            "minted_by": self.minted_by,
            "scopes": sorted(it.value for it in self.scopes),
            "until": kinds.stamp(self.until),
        }
        return Filing(FILED_AS, self.identifier, canonical.encoded(words))

    @classmethod
    def read(cls, identifier: str, content: bytes) -> ApiKey:
        """Read what `filing` wrote.

        Raises:
            InvalidValue: It is none.
        """
        record = reading.read(content, f"API key {identifier}", _REMEDY)
        it = cls(
            identifier=identifier,
            account=record.text("account"),
            deployment=record.text("deployment"),
            scopes=frozenset(Scope(word) for word in record.texts("scopes")),
            digest=record.text("digest"),
            minted_by=record.text("minted_by"),
            created=kinds.moment(record.text("created")),
            until=kinds.moment(record.text("until")),
            exchange_days=record.whole("exchange_days"),
        )
        record.done()
        return it


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to be made.

    Attributes:
        account: Whose it will be.
        deployment: What it will be for.
        scopes: What it may ask for, at least one.
        until: From when it is no key any more, UTC.
        minted_by: Who makes it.
        exchange_days: Of a key that is only good to be exchanged: days of the one that takes its place.
            A key that lasts has 0.
    """

    account: str
    deployment: str
    scopes: frozenset[Scope]
    until: datetime
    minted_by: str
    exchange_days: int = 0


class ApiKeys:
    """Knows every key. What another process changed is known at the next question. Thread-safe.

    Args:
        ledger: Keeps keys as documents.
        keyring: Keeps the secret behind digests.
    """

    def __init__(self, ledger: Ledger, keyring: Keyring) -> None:
        self._ledger = ledger
        self._keyring = keyring
        self._lock = Lock()
        self._revision: int | None = None
        self._known: Mapping[str, ApiKey] = {}

    def all(self) -> tuple[ApiKey, ...]:
        """Every key that was not revoked, in order of identifier."""
        return tuple(self._keys().values())

    def presented(self, secret: str, now: datetime) -> ApiKey:
        """The key that a secret is of.

        Raises:
            KeyRefused: There is none, or it is over. Which of the two is not said.
        """
        parts = secret.split("_")
        if len(parts) == 4 and parts[0] == _PREFIX and hmac.compare_digest(parts[3], _check(parts[2])):
            key = self._keys().get(parts[1])
            digest = self._digest(parts[2])
            # A key that is not there costs as much as one that is.
            if hmac.compare_digest(digest, "" if key is None else key.digest) and key and now < key.until:
                return key
        raise KeyRefused("No live API key was presented.")

    def live(self, identifier: str, now: datetime) -> ApiKey:
        """The key of an identifier, of somebody who presented its secret before.

        Raises:
            KeyRefused: It was revoked, or it is over.
        """
        key = self._keys().get(identifier)
        if key is None or now >= key.until:
            raise KeyRefused("The API key that signed in is no key any more.")
        return key

    def made(self, wanted: Wanted, now: datetime) -> tuple[ApiKey, str]:
        """A new key and its secret, which is nowhere else; whoever asks files it.

        Raises:
            InvalidValue: It has no scope, or lives too long or not at all.
        """
        if not wanted.scopes:
            raise InvalidValue("scopes: a key without any opens nothing.", remedy="Name at least one scope.")
        longest = timedelta(days=wanted.exchange_days)
        if wanted.exchange_days and not (timedelta(0) < longest <= LONGEST):
            raise InvalidValue(f"days: a key lives 1 to {LONGEST.days} days.", remedy="Choose fewer days.")
        if wanted.exchange_days and wanted.until > now + EXCHANGED_WITHIN:
            raise InvalidValue(
                "until: a key that has yet to be exchanged lives an hour at most.",
                remedy="Choose an earlier moment.",
            )
        if not now < wanted.until <= now + LONGEST:
            raise InvalidValue(
                f"until: a key lives at most {LONGEST.days} days from now.", remedy="Choose an earlier day."
            )
        identifier, secret = secrets.token_hex(_ID_BYTES), secrets.token_hex(_SECRET_BYTES)
        key = ApiKey(
            identifier=identifier,
            account=wanted.account,
            deployment=wanted.deployment,
            scopes=wanted.scopes,
            digest=self._digest(secret),
            minted_by=wanted.minted_by,
            created=now,
            until=wanted.until,
            exchange_days=wanted.exchange_days,
        )
        return key, f"{_PREFIX}_{identifier}_{secret}_{_check(secret)}"

    def member(self, account: str, deployment: str, at: datetime) -> bool:
        """Whether an account holds a live key of a deployment."""
        return any(
            it.account == account and it.deployment == deployment and at < it.until
            for it in self._keys().values()
        )

    def _digest(self, secret: str) -> str:
        return hmac.digest(self._keyring.key("token", "api-keys"), secret.encode(), "sha256").hex()

    def _keys(self) -> Mapping[str, ApiKey]:
        revision = self._ledger.revision()
        if revision != self._revision:
            with self._lock:
                filed = self._ledger.filings(FILED_AS)
                self._known = {name: ApiKey.read(name, content) for name, content in filed.items()}
                self._revision = revision
        return self._known


def revoked(key: ApiKey) -> Filing:
    """What removes a key."""
    return replace(key.filing(), content=None)


def _check(secret: str) -> str:
    """Tells a mistyped or truncated secret, and lets scanners of source code recognise one."""
    return hmac.digest(b"faceward api key", secret.encode(), "sha256").hex()[:_CHECK]
