"""Proofs of the tree in, small files that can be sent and checked without the ledger out, and back.

A *receipt* shows that an entry is in the ledger; a *request* asks a witness to cosign a checkpoint and shows
that it continues an older one. Both are texts of other people's making, so that other tools can read them.

Source: c2sp.org/tlog-proof@v1 and the request of c2sp.org/tlog-witness, as read in November 2026.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from faceward.errors import InvalidValue
from faceward.transparency.notes import Checkpoint, Note, VerifyingKey
from faceward.transparency.tree import HASH_BYTES, inclusion_holds, leaf_hash

_HEADING = "c2sp.org/tlog-proof@v1"
_MOST_STEPS = 63
"""Hashes of a proof. Source: c2sp.org/tlog-witness; more would prove something of 2⁶³ entries."""


@dataclass(frozen=True, slots=True)
class InclusionReceipt:
    """Shows that an entry is in the ledger.

    Attributes:
        entry: The entry as it was hashed.
        place: Where it stands.
        proof: RFC 9162 proof from it to the root of the checkpoint.
        checkpoint: The signed checkpoint.
    """

    entry: bytes
    place: int
    proof: tuple[bytes, ...]
    checkpoint: Note

    def text(self) -> str:
        """The receipt as a file ``.tlog-proof``; the entry is its extra data."""
        lines = [_HEADING, f"extra {_base64(self.entry)}", f"index {self.place}", *map(_base64, self.proof)]
        return "\n".join([*lines, "", str(self.checkpoint)])

    @classmethod
    def read(cls, text: str) -> InclusionReceipt:
        """Read what `text` wrote.

        Raises:
            InvalidValue: It is no receipt of an entry.
        """
        above, _, note = text.partition("\n\n")
        heading, extra, index, *steps = [*above.split("\n"), "", ""]
        place = _number(index, "index ")
        if heading != _HEADING or not extra.startswith("extra ") or place is None:
            raise InvalidValue("This is no receipt: its first lines are heading, extra and index.")
        proof = _hashes(steps[:-2])
        return cls(_bytes(extra.removeprefix("extra ")), place, proof, Note.read(note))

    def holds(self, keys: Sequence[VerifyingKey]) -> bool:
        """Whether the log of one of these keys signed a tree in which the entry stands at its place."""
        checkpoint = signed_checkpoint(self.checkpoint, keys)
        return checkpoint is not None and inclusion_holds(
            leaf_hash(self.entry), self.place, checkpoint.size, self.proof, checkpoint.root
        )


@dataclass(frozen=True, slots=True)
class CosigningRequest:
    """Asks a witness to cosign a checkpoint.

    Attributes:
        old: Size of the checkpoint that the witness cosigned last; 0 where there is none.
        proof: RFC 9162 proof that the checkpoint continues it.
        checkpoint: The signed checkpoint.
    """

    old: int
    proof: tuple[bytes, ...]
    checkpoint: Note

    def text(self) -> str:
        """The request as it is sent."""
        return "\n".join([f"old {self.old}", *map(_base64, self.proof), "", str(self.checkpoint)])

    @classmethod
    def read(cls, text: str) -> CosigningRequest:
        """Read what `text` wrote.

        Raises:
            InvalidValue: It is no request.
        """
        above, _, note = text.partition("\n\n")
        first, *steps = above.split("\n")
        old = _number(first, "old ")
        if old is None:
            raise InvalidValue("This is no request to a witness: its first line is the word old and a size.")
        return cls(old, _hashes(steps), Note.read(note))


def signed_checkpoint(note: Note, keys: Sequence[VerifyingKey]) -> Checkpoint | None:
    """The checkpoint of a note, where a log signed it in its own name.

    Args:
        note: The note.
        keys: Public keys of logs; what the key is called is the origin that it may sign for.
    """
    try:
        checkpoint = Checkpoint.read(note.text)
    except InvalidValue:
        return None
    return (
        checkpoint if any(key.name == checkpoint.origin and note.is_signed_by(key) for key in keys) else None
    )


def _number(line: str, before: str) -> int | None:
    digits = line.removeprefix(before)
    plain = line.startswith(before) and digits.isascii() and digits.isdigit() and len(digits) < 20
    return int(digits) if plain and digits == str(int(digits)) else None


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    if len(lines) > _MOST_STEPS:
        raise InvalidValue(f"The proof has more than {_MOST_STEPS} hashes.")
    hashes = tuple(_bytes(line) for line in lines)
    if any(len(step) != HASH_BYTES for step in hashes):
        raise InvalidValue(f"A hash of the proof is not {HASH_BYTES} bytes.")
    return hashes


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _bytes(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        content = b""
    if not content or _base64(content) != text:
        raise InvalidValue("A line of the proof is no base64.")
    return content
