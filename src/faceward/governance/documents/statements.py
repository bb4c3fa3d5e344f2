"""What somebody states in, signed bytes out, and back: no document counts without a signature.

A statement says what sort of document it is, which one, what it holds, when it was made, and under which
charter. All of that is signed, so nothing can be moved to another name, another time or another charter.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from faceward.errors import InvalidValue
from faceward.ports.ledger import JsonValue
from faceward.transparency import canonical, kinds, signatures
from faceward.transparency.signatures import SigningKey

_DOMAIN = b"faceward statement v1\n"
_IDENTIFIER = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?", re.ASCII)
_HEX = re.compile(r"(?:[0-9a-f]{2})*", re.ASCII)
_MOST_SIGNATURES = 16


class Kind(StrEnum):
    """What sort of document a statement is."""

    CHARTER = "charter"
    ORGANISATION = "organisation"
    APPLICATION = "application"
    DECISION = "decision"
    TRIAL = "trial"
    AUDIT = "audit"
    INSTRUMENT = "instrument"
    INSTRUMENT_REVIEW = "instrument_review"
    CHALLENGE = "challenge"
    CHALLENGE_DECISION = "challenge_decision"
    AUTHORITY = "authority"
    AUTHORITY_END = "authority_end"


@dataclass(frozen=True, slots=True)
class Statement:
    """What is signed.

    Attributes:
        kind: What sort of document.
        identifier: Which one of its kind: lower-case letters, digits, dots and dashes.
        body: What it holds; whole numbers, texts, flags, lists and objects.
        charter: Digest of the charter in force when it was made; empty for the first charter.
        time: When it was made, UTC.
    """

    kind: Kind
    identifier: str
    body: Mapping[str, JsonValue]
    charter: str
    time: datetime

    def __post_init__(self) -> None:
        if not _IDENTIFIER.fullmatch(self.identifier):
            raise InvalidValue(
                f"The identifier of this {self.kind} has signs that are not allowed, or is too long.",
                remedy="Use up to 64 of a-z, 0-9, dot, dash, underscore; a letter or digit at both ends.",
            )

    def message(self) -> bytes:
        """The bytes that are signed."""
        return _DOMAIN + canonical.encoded(self.as_json())

    @property
    def digest(self) -> str:
        """Digest of the statement without its signatures, for other statements to name it by."""
        return hashlib.sha256(self.message()).hexdigest()

    def as_json(self) -> dict[str, JsonValue]:
        """The statement as JSON values."""
        return {
            "kind": self.kind.value,
            "identifier": self.identifier,
            "body": self.body,
            "charter": self.charter,
            "time": kinds.stamp(self.time),
        }


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, and with what outcome; a signature that nobody checked says nothing.

    Attributes:
        key: The public key, 64 hexadecimal digits.
        content: 64 bytes.
    """

    key: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement with its signatures.

    Attributes:
        statement: What is stated.
        signatures: By different keys.
    """

    statement: Statement
    signatures: tuple[Signature, ...] = ()

    @property
    def keys(self) -> frozenset[str]:
        """The public keys of those who signed, whether or not their signatures hold."""
        return frozenset(signature.key for signature in self.signatures)

    def with_signature(self, key: SigningKey) -> Signed:
        """The same statement, signed by one more key."""
        mine = Signature(key.public.hex(), key.sign(self.statement.message()))
        return Signed(self.statement, (*(it for it in self.signatures if it.key != mine.key), mine))

    def holds(self) -> bool:
        """Whether it is signed, by different keys, and every signature is right."""
        message = self.statement.message()
        return (
            0 < len(self.signatures) <= _MOST_SIGNATURES
            and len(self.keys) == len(self.signatures)
            and all(signatures.holds(bytes.fromhex(it.key), message, it.content) for it in self.signatures)
        )

    def as_json(self) -> dict[str, JsonValue]:
        """Statement and signatures as JSON values."""
        return {
            "statement": self.statement.as_json(),
            "signatures": [{"key": it.key, "signature": it.content.hex()} for it in self.signatures],
        }


def day_and_second(time: datetime) -> str:
    """Write a time as people write dates into documents, ``2026-01-31T00:00:00Z``."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def signed(statement: Statement, *keys: SigningKey) -> Signed:
    """Sign a statement with one or several keys."""
    it = Signed(statement)
    for key in keys:
        it = it.with_signature(key)
    return it


def from_json(values: object) -> Signed:
    """Read what `Signed.as_json` gave. Nothing is said yet about whether the signatures hold.

    Raises:
        InvalidValue: It is no signed statement; the message quotes nothing of it.
    """
    try:
        outer = cast("dict[str, Any]", values)
        inner = outer["statement"]
        if outer.keys() != {"statement", "signatures"}:
            raise ValueError
        if inner.keys() != {"kind", "identifier", "body", "charter", "time"}:
            raise ValueError
        if not isinstance(inner["body"], dict) or not re.fullmatch("(?:[0-9a-f]{64})?", inner["charter"]):
            raise ValueError
        statement = Statement(
            Kind(inner["kind"]),
            inner["identifier"],
            inner["body"],
            inner["charter"],
            kinds.moment(inner["time"]),
        )
        found = tuple(_signature(it) for it in outer["signatures"])
    except (KeyError, ValueError, TypeError, AttributeError):
        found = None
    if found is None:  # outside the block above, so that the error does not carry one that quotes the content
        raise InvalidValue("This is no signed statement, or one of another version.")
    return Signed(statement, found)


def _signature(values: Any) -> Signature:
    if values.keys() != {"key", "signature"}:
        raise ValueError
    key, content = values["key"], values["signature"]
    if len(key) != 64 or len(content) != 128 or not _HEX.fullmatch(key) or not _HEX.fullmatch(content):
        raise ValueError
    return Signature(key, bytes.fromhex(content))
