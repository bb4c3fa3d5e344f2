"""Receipts: signed, bound to one entry, checked offline."""

import hashlib
from dataclasses import replace

import pytest
from consents import START, event, record

from faceward.errors import InvalidValue
from faceward.governance.consent import receipts
from faceward.governance.consent.receipts import Inclusion, Receipt, issued, opening, verify_receipt
from faceward.governance.consent.records import ConsentRecord, State
from faceward.transparency import canonical, signatures
from faceward.transparency.notes import Checkpoint, Note, verifying
from faceward.transparency.proofs import InclusionReceipt
from faceward.transparency.tree import leaf_hash, node_hash

LOG = signatures.loaded("log.example/test", b"l" * 32)
SIGNER = signatures.loaded("controller.example/test", b"c" * 32)
SALT, SECRET = "6" * 32, b"k" * 32
WITHDRAWN = record().followed_by(event(State.WITHDRAWN, START))


def _receipt(of: ConsentRecord | None = None) -> Receipt:
    return issued(of or record(), SALT, opening(SECRET, SALT), SIGNER)


def _entry(receipt: Receipt, type_: str = "consent.recorded", ending: str = "done") -> bytes:
    body = {"document": receipt.document, "salt": receipt.salt, "ending": ending}
    return canonical.encoded({"type": type_, "body": body, "v": 1})


def _proof(entry: bytes) -> InclusionReceipt:
    """An entry that stands second of two."""
    first = leaf_hash(b"first")
    checkpoint = Checkpoint(LOG.name, 2, node_hash(first, leaf_hash(entry)))
    return InclusionReceipt(entry, 1, (first,), checkpoint.signed(LOG))


def _checked(receipt: Receipt, kept: Note | None = None) -> receipts.ReceiptCheck:
    return verify_receipt(receipt, SIGNER.public, [verifying(LOG)], kept)


@pytest.mark.parametrize("of", [record(), WITHDRAWN], ids=["given", "withdrawn"])
def test_a_receipt_is_written_read_and_holds(of: ConsentRecord) -> None:
    """With signature alone, and with the proof that its entry is in the ledger."""
    bare = _receipt(of)
    assert _checked(bare) == receipts.ReceiptCheck(True, Inclusion.ABSENT)
    full = bare.with_inclusion(_proof(_entry(bare, receipts.entry_type(of))))
    again = receipts.read(full.written())
    assert again == full
    assert _checked(again) == receipts.ReceiptCheck(True, Inclusion.HOLDS)
    assert verify_receipt(again, SIGNER.public).inclusion is Inclusion.ABSENT


def test_a_changed_receipt_is_not_signed() -> None:
    """Record, salt and opening are all signed, and by the key that is expected."""
    it = _receipt()
    for changed in (
        replace(it, record=WITHDRAWN),
        replace(it, salt="7" * 32),
        replace(it, opening=b"x" * 32),
    ):
        assert not _checked(changed).signed
    assert not verify_receipt(it, LOG.public).holds


def test_a_proof_of_another_entry_is_wrong() -> None:
    """Another record, type or ending is not proof, whether it is added or smuggled in."""
    it = _receipt()
    for entry in (
        _entry(_receipt(WITHDRAWN)),
        _entry(it, "consent.withdrawn"),
        _entry(it, ending="failed"),
        b"{}",
        b"\xff",
        b'{"body":[],"type":"consent.recorded"}',
    ):
        with pytest.raises(InvalidValue, match="not about"):
            it.with_inclusion(_proof(entry))
        assert _checked(replace(it, inclusion=_proof(entry))).inclusion is Inclusion.WRONG


def test_a_proof_must_lead_to_what_the_log_signed_and_one_has_kept() -> None:
    """A proof at another place, or a checkpoint of the same size with another root, is wrong."""
    it = _receipt()
    proof = _proof(_entry(it))
    full = it.with_inclusion(proof)
    assert _checked(full, proof.checkpoint).inclusion is Inclusion.HOLDS
    other = Checkpoint(LOG.name, 2, b"r" * 32).signed(LOG)
    foreign = Checkpoint(SIGNER.name, 2, b"r" * 32).signed(SIGNER)
    assert _checked(full, other).inclusion is _checked(full, foreign).inclusion is Inclusion.WRONG
    assert _checked(replace(full, inclusion=replace(proof, place=0))).inclusion is Inclusion.WRONG


def test_the_ledger_learns_nothing_without_the_opening() -> None:
    """What the entry holds differs with each salt, and is not the digest of the record."""
    it = _receipt()
    other = issued(record(), "8" * 32, opening(SECRET, "8" * 32), SIGNER)
    assert it.document != other.document
    plain = hashlib.sha256(receipts.record_texts.written(record())).hexdigest()
    assert plain not in it.document
    assert it.opening.hex() not in repr(it)


def test_what_is_no_receipt_is_refused_without_a_quote() -> None:
    """Rewritten, cut, padded, too long or of another kind."""
    text = _receipt().written()
    for wrong in (
        b"",
        b"{}",
        b"[]",
        text[:-1],
        text + b" ",
        text.replace(b"Example Ltd", b'Zenobia"'),
        b"1" * 300_000,
    ):
        with pytest.raises(InvalidValue) as caught:
            receipts.read(wrong)
        assert "Zenobia" not in f"{caught.value!r}{caught.value}"
    with pytest.raises(InvalidValue):
        issued(record(), "6", b"k", SIGNER)
