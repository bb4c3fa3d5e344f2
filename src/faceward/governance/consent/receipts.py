"""Consent records and a key in, receipts for the person out, and whether one holds, without any network.

A receipt is the record with the controller's signature. The ledger entry about it holds a salt and a keyed
digest of the record, which tell nobody anything. The receipt holds the *opening*, the key of this one digest:
with it the person can show that the entry is about this very record, and nobody else can. Once the record
is in the ledger, the proof of its place is put beside it; the signature does not cover the proof, for the
checkpoint that it leads to is signed by the log.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, cast

from faceward.errors import InvalidValue
from faceward.governance.consent import record_texts
from faceward.governance.consent.records import ConsentRecord, State
from faceward.governance.documents.pseudonyms import keyed_digest
from faceward.transparency import canonical, signatures
from faceward.transparency.canonical import JsonValue
from faceward.transparency.kinds import keyed
from faceward.transparency.notes import Checkpoint, Note, VerifyingKey
from faceward.transparency.proofs import InclusionReceipt, signed_checkpoint
from faceward.transparency.signatures import SigningKey
from faceward.transparency.words import Ending

OPENING_BYTES = 32
RECORDED = "consent.recorded"
WITHDRAWN = "consent.withdrawn"

_DOMAIN = b"faceward consent receipt v1\n"
_SALT = re.compile(r"[0-9a-f]{32}", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIGNATURE = re.compile(r"[0-9a-f]{128}", re.ASCII)
_MOST_BYTES = 256 * 1024
_REMEDY = "Ask the controller for the receipt again; it is one line of JSON, as they gave it."


class Inclusion(StrEnum):
    """What a receipt shows about the ledger."""

    ABSENT = "absent"  # it has no proof, or no key of a log was given to check it
    HOLDS = "holds"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the person gets.

    Attributes:
        record: The record, with all events so far.
        salt: Salt of the ledger entry, 32 hexadecimal digits.
        opening: Key of the keyed digest in the ledger entry, 32 bytes.
        key: Public key of who signed, 64 hexadecimal digits.
        signature: 64 bytes over record, salt and opening.
        inclusion: Proof that the entry is in the ledger; none before it is.
    """

    record: ConsentRecord
    salt: str
    opening: bytes = field(repr=False)
    key: str
    signature: bytes = field(repr=False)
    inclusion: InclusionReceipt | None = None

    @property
    def document(self) -> str:
        """What the ledger entry holds of the record."""
        return commitment(self.record, self.opening)

    def with_inclusion(self, proof: InclusionReceipt) -> Receipt:
        """The same receipt with the proof that its entry is in the ledger.

        Raises:
            InvalidValue: The entry is about something else.
        """
        if not _is_about(self, proof.entry):
            raise InvalidValue(
                "The proof is of an entry that is not about this record.",
                remedy="Take the proof of the entry that was written with this receipt's salt.",
            )
        return replace(self, inclusion=proof)

    def written(self) -> bytes:
        """The receipt as canonical JSON."""
        return canonical.encoded(
            {
                "receipt": _signed_part(self.record, self.salt, self.opening),
                "key": self.key,
                "signature": self.signature.hex(),
                "inclusion": self.inclusion.text() if self.inclusion else None,
            }
        )


@dataclass(frozen=True, slots=True)
class ReceiptCheck:
    """What a receipt is worth.

    Attributes:
        signed: Whether the expected key signed it.
        inclusion: Whether it shows that it is in the ledger.
    """

    signed: bool
    inclusion: Inclusion

    @property
    def holds(self) -> bool:
        """Whether it is signed, and nothing that it claims is wrong."""
        return self.signed and self.inclusion is not Inclusion.WRONG


def opening(secret: bytes, salt: str) -> bytes:
    """Key of one keyed digest; who has it learns nothing about any other entry.

    Args:
        secret: The installation's key for records, as `Dossier.digest` uses it.
        salt: Salt of the entry, 32 hexadecimal digits.
    """
    return keyed_digest(secret, bytes.fromhex(salt))


def commitment(record: ConsentRecord, key: bytes) -> str:
    """What the ledger entry holds of a record: the body's ``document``, ``k-`` and 64 digits."""
    return keyed(keyed_digest(key, record_texts.written(record)))


def entry_type(record: ConsentRecord) -> str:
    """Of which type the ledger entry about a record's last event is."""
    return WITHDRAWN if record.state is State.WITHDRAWN else RECORDED


def issued(record: ConsentRecord, salt: str, key: bytes, signer: SigningKey) -> Receipt:
    """Sign a record as a receipt.

    Args:
        record: The record with its newest event.
        salt: Salt of the ledger entry, 32 hexadecimal digits; new for each entry.
        key: The `opening` of that salt.
        signer: Who signs for the controller.

    Raises:
        InvalidValue: Salt or opening have another length.
    """
    if not _SALT.fullmatch(salt) or len(key) != OPENING_BYTES:
        raise InvalidValue("A receipt needs a salt of 32 hexadecimal digits and an opening of 32 bytes.")
    signature = signer.sign(_message(record, salt, key))
    return Receipt(record, salt, key, signer.public.hex(), signature)


def read(content: bytes) -> Receipt:
    """Read what `Receipt.written` gave. Nothing is said yet about whether it holds.

    Raises:
        InvalidValue: It is no receipt; the message quotes nothing of it.
    """
    found = _receipt(content) if len(content) <= _MOST_BYTES else None
    if found is None or found.written() != content:
        raise InvalidValue("This is no consent receipt, or it was rewritten.", remedy=_REMEDY)
    return found


def verify_receipt(
    receipt: Receipt, key: bytes, logs: Sequence[VerifyingKey] = (), checkpoint: Note | None = None
) -> ReceiptCheck:
    """Check a receipt with what one trusts, offline.

    Args:
        receipt: The receipt.
        key: Public key that the controller publishes, 32 bytes.
        logs: Keys of the log; without any, the proof is not looked at.
        checkpoint: A checkpoint that one has kept; one of the same size must have the same root.
    """
    message = _message(receipt.record, receipt.salt, receipt.opening)
    mine = receipt.key == key.hex()
    signed = mine and signatures.holds(key, message, receipt.signature)
    return ReceiptCheck(signed, _inclusion(receipt, logs, checkpoint))


def _inclusion(receipt: Receipt, logs: Sequence[VerifyingKey], kept: Note | None) -> Inclusion:
    proof = receipt.inclusion
    if proof is None or not logs:
        return Inclusion.ABSENT
    if not _is_about(receipt, proof.entry) or not proof.holds(logs):
        return Inclusion.WRONG
    if kept is None:
        return Inclusion.HOLDS
    mine, theirs = Checkpoint.read(proof.checkpoint.text), signed_checkpoint(kept, logs)
    if theirs is None or (mine.origin == theirs.origin and mine.size == theirs.size and mine != theirs):
        return Inclusion.WRONG
    return Inclusion.HOLDS


def _is_about(receipt: Receipt, entry: bytes) -> bool:
    """Whether an entry says that this record, with this last event, was recorded."""
    try:
        it = cast("dict[str, Any]", canonical.decoded(entry))
        found = it["type"], it["body"]["document"], it["body"]["salt"], it["body"]["ending"]
    except (InvalidValue, KeyError, TypeError):
        return False
    return found == (entry_type(receipt.record), receipt.document, receipt.salt, Ending.DONE.value)


def _signed_part(record: ConsentRecord, salt: str, key: bytes) -> dict[str, JsonValue]:
    return {"record": record_texts.as_json(record), "salt": salt, "opening": key.hex()}


def _message(record: ConsentRecord, salt: str, key: bytes) -> bytes:
    return _DOMAIN + canonical.encoded(_signed_part(record, salt, key))


def _receipt(content: bytes) -> Receipt | None:
    """What a receipt holds, or nothing."""
    try:
        outer = cast("dict[str, Any]", canonical.decoded(content))
        inner = outer["receipt"]
        salt, key, signature = inner["salt"], outer["key"], outer["signature"]
        if not _SALT.fullmatch(salt) or not _HEX.fullmatch(key) or not _HEX.fullmatch(inner["opening"]):
            return None
        if not _SIGNATURE.fullmatch(signature):
            return None
        record = record_texts.read(canonical.encoded(inner["record"]))
        proof = InclusionReceipt.read(outer["inclusion"]) if outer["inclusion"] is not None else None
        return Receipt(record, salt, bytes.fromhex(inner["opening"]), key, bytes.fromhex(signature), proof)
    except (InvalidValue, KeyError, TypeError, AttributeError, ValueError):
        return None
