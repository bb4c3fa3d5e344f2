"""Sizes and roots of a tree in, signed checkpoints out, and back: text that a person can read and send.

::

    log.example/faceward                          origin: which log
    3                                             size: how many entries
    6wB4Gaqo8O8e1JPPJ2K3XEeh...=                  root over them, base64
                                                  an empty line
    — log.example/faceward mHHtEfsJp+Dx...=       signature of the log, over the three lines
    — witness.example/a jWbPPwAAAABk...=          cosignature of a witness, over time and the three lines

Source: c2sp.org/signed-note@v1.0.0, c2sp.org/tlog-checkpoint@v1.0.0 and cosignature/v1 of
c2sp.org/tlog-cosignature@v1.0.0, as read in November 2026.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from faceward.errors import InvalidValue
from faceward.transparency import signatures
from faceward.transparency.signatures import PUBLIC_BYTES, SIGNATURE_BYTES, SigningKey
from faceward.transparency.tree import HASH_BYTES

KEY_ID_BYTES = 4

_DASH = "\u2014 "
_TIME_BYTES = 8
_LATEST = 2**63 - 1
_MOST_SIGNATURES = 64
_LONGEST = 64 * 1024


class KeyType(IntEnum):
    """What a key signs; the same key of another type has another identifier."""

    ED25519 = 0x01  # the text of a note
    COSIGNATURE_V1 = 0x04  # a time and the text of a checkpoint


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """Whose signature counts.

    Attributes:
        name: Name of the key.
        public: 32 bytes of Ed25519.
        type: What it signs.
    """

    name: str
    public: bytes
    type: KeyType = KeyType.ED25519

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public) != PUBLIC_BYTES:
            raise InvalidValue("A public Ed25519 key must be 32 bytes.")

    @property
    def identifier(self) -> bytes:
        """What stands before a signature, so that others can be skipped; 4 bytes, no proof of anything."""
        words = self.name.encode() + b"\n" + bytes([self.type]) + self.public
        return sha256(words).digest()[:KEY_ID_BYTES]

    def text(self) -> str:
        """The key on one line, as other tools read it: name, identifier and key with ``+`` between."""
        key = base64.b64encode(bytes([self.type]) + self.public).decode()
        return f"{self.name}+{self.identifier.hex()}+{key}"

    @classmethod
    def read(cls, text: str) -> VerifyingKey:
        """Read what `text` wrote.

        Raises:
            InvalidValue: It is no such line, of a type unknown here, or its identifier is another key's.
        """
        name, _, rest = text.partition("+")
        identifier, _, words = rest.partition("+")
        content = _base64(words)
        if len(content) != 1 + PUBLIC_BYTES or content[0] not in set(KeyType):
            raise InvalidValue("The verifying key is not an Ed25519 key of a known type.")
        key = cls(name, content[1:], KeyType(content[0]))
        if key.identifier.hex() != identifier:
            raise InvalidValue(
                "The verifying key does not fit its own identifier; it was changed or mistyped."
            )
        return key


@dataclass(frozen=True, slots=True)
class Signature:
    """One line below a note.

    Attributes:
        name: Name of the key.
        identifier: Identifier of the key, 4 bytes.
        content: What the key made: 64 bytes, or 8 bytes of time and 64 for a cosignature.
    """

    name: str
    identifier: bytes
    content: bytes

    def line(self) -> str:
        """The line, with its end."""
        return f"{_DASH}{self.name} {base64.b64encode(self.identifier + self.content).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A text and who signed it; a signature that nobody checked says nothing.

    Attributes:
        text: What is signed, with its last line end.
        signatures: In their order; those of unknown keys are kept and mean nothing.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(signature.line() for signature in self.signatures)}"

    @classmethod
    def read(cls, content: str) -> Note:
        """Take a note apart.

        Raises:
            InvalidValue: It is not a signed note.
        """
        if len(content) > _LONGEST or any(ord(sign) < 0x20 and sign != "\n" for sign in content):
            raise InvalidValue("This is no signed note: it is too long, or holds control characters.")
        text, gap, below = content.rpartition("\n\n")
        if not gap or not text or not below.endswith("\n"):
            raise InvalidValue("This is no signed note: there is no text with signatures below it.")
        lines = below[:-1].split("\n")
        if len(lines) > _MOST_SIGNATURES:
            raise InvalidValue(f"The note has more than {_MOST_SIGNATURES} signatures.")
        return cls(f"{text}\n", tuple(_signature(line) for line in lines))

    def with_signature(self, signature: Signature) -> Note:
        """The note with one line more, or the line of the same key replaced."""
        others = [
            it for it in self.signatures if (it.name, it.identifier) != (signature.name, signature.identifier)
        ]
        return Note(self.text, (*others, signature))

    def is_signed_by(self, key: VerifyingKey) -> bool:
        """Whether a key signed this text. Where it stands below more than once, every line must hold."""
        return bool(self.times_signed_by(key))

    def times_signed_by(self, key: VerifyingKey) -> tuple[int, ...]:
        """When a key signed this text, in seconds since 1970; 0 for signatures that have no time.

        Returns:
            A time for each line of this key; nothing where there is none, or one of them is wrong.
        """
        mine = [it for it in self.signatures if (it.name, it.identifier) == (key.name, key.identifier)]
        times = [_time_of(it.content, self.text, key) for it in mine]
        return () if None in times else tuple(time for time in times if time is not None)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log commits itself to: that its first entries have this root.

    Attributes:
        origin: Which log.
        size: How many entries.
        root: Root of the tree over them, 32 bytes.
    """

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def read(cls, text: str) -> Checkpoint:
        """Read the text of a note as a checkpoint without extension lines.

        Raises:
            InvalidValue: It is anything else.
        """
        origin, *rest = text.split("\n")
        if len(rest) != 3 or rest[2] or not origin:
            raise InvalidValue("This is no checkpoint: it must have three lines, origin, size and root.")
        size, root = rest[0], _base64(rest[1])
        if not (size.isascii() and size.isdigit() and size == str(int(size[:20]))) or len(root) != HASH_BYTES:
            raise InvalidValue("This is no checkpoint: its size or root is not written as it must be.")
        return cls(origin, int(size), root)

    def signed(self, key: SigningKey) -> Note:
        """Sign as the log itself."""
        text = self.text()
        signature = Signature(key.name, verifying(key).identifier, key.sign(text.encode()))
        return Note(text, (signature,))


def verifying(key: SigningKey, of_type: KeyType = KeyType.ED25519) -> VerifyingKey:
    """The public half of a signing key, to publish and to check with."""
    return VerifyingKey(key.name, key.public, of_type)


def cosignature(text: str, key: SigningKey, time: int) -> Signature:
    """Sign the text of a checkpoint as a witness, who saw that it continues the one it signed before.

    Args:
        text: The text of the checkpoint.
        key: The key of the witness, which signs nothing else.
        time: When, in whole seconds since 1970.
    """
    content = time.to_bytes(_TIME_BYTES, "big") + key.sign(_cosigned(text, time))
    return Signature(key.name, verifying(key, KeyType.COSIGNATURE_V1).identifier, content)


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _time_of(content: bytes, text: str, key: VerifyingKey) -> int | None:
    """When a key signed, or nothing where it did not."""
    if key.type is KeyType.ED25519:
        return 0 if signatures.holds(key.public, text.encode(), content) else None
    time = int.from_bytes(content[:_TIME_BYTES], "big")
    if len(content) != _TIME_BYTES + SIGNATURE_BYTES or time > _LATEST:
        return None
    held = signatures.holds(key.public, _cosigned(text, time), content[_TIME_BYTES:])
    return time if held else None


def _signature(line: str) -> Signature:
    name, gap, words = line.removeprefix(_DASH).partition(" ")
    content = _base64(words)
    if not line.startswith(_DASH) or not gap or len(content) <= KEY_ID_BYTES:
        raise InvalidValue("A line below the note is no signature.")
    _check_name(name)
    return Signature(name, content[:KEY_ID_BYTES], content[KEY_ID_BYTES:])


def _check_name(name: str) -> None:
    if not name or "+" in name or any(sign.isspace() or ord(sign) < 0x20 for sign in name):
        raise InvalidValue(
            "The name of a key is empty, or holds a space or a plus sign.",
            remedy="Name it like an address without https://, such as log.example/faceward.",
        )


def _base64(words: str) -> bytes:
    """Read base64 in the one way to write it, so that no two texts mean the same."""
    try:
        content = base64.b64decode(words, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content or base64.b64encode(content).decode() != words:
        raise InvalidValue("A part of the note is no base64.")
    return content
