"""An export and what a witness saw last in, the request to cosign its newest checkpoint out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from faceward.errors import InputError, InvalidValue
from faceward.transparency.export import Evidence, checkpoint_texts
from faceward.transparency.leaves import Leaves
from faceward.transparency.notes import Checkpoint, Note, VerifyingKey
from faceward.transparency.proofs import CosigningRequest, signed_checkpoint
from faceward.transparency.tree import consistency_proof, leaf_hash
from faceward.transparency.witnessing import CheckpointUnknown


class ExportDamaged(InputError):
    """The entries of an export are not those that its checkpoint signs."""

    code = "export_damaged"
    remedy = "Run `faceward ledger verify` on it, which says what happened to it."


def request_for(
    evidence: Evidence, logs: Sequence[VerifyingKey], last: Callable[[str], Checkpoint | None]
) -> CosigningRequest:
    """Make the request from the entries themselves, so that the proof is not somebody's word.

    Args:
        evidence: The export.
        logs: Keys of the logs that the witness cosigns for.
        last: Gives what the witness cosigned last, for the name of a log.

    Raises:
        CheckpointUnknown: The newest checkpoint is of none of these logs.
        ExportDamaged: The entries are not those that were signed.
    """
    try:
        notes = [Note.read(text) for text in checkpoint_texts(evidence.checkpoints or "")]
    except InvalidValue as error:
        raise ExportDamaged(error.cause) from None
    signed = [(checkpoint, note) for note in notes if (checkpoint := signed_checkpoint(note, logs))]
    if not signed:
        raise CheckpointUnknown("No checkpoint of the export is signed by a log that this witness knows.")
    newest, note = max(signed, key=lambda it: it[0].size)
    leaves = Leaves()
    for line in evidence.entries:
        leaves.append(leaf_hash(line.removesuffix(b"\n")))
    if leaves.roots([newest.size]).get(newest.size) != newest.root:
        raise ExportDamaged("The entries of the export are not those that its newest checkpoint signs.")
    seen = last(newest.origin)
    old = seen.size if seen is not None else 0
    # A ledger that was rolled back has no proof; the witness says so when it sees the sizes.
    proof = consistency_proof(old, newest.size, leaves.nodes()) if old <= newest.size else ()
    return CosigningRequest(old, proof, note)
