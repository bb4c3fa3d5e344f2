"""The checkpoint a witness cosigned last and a new one with proof in, what it may cosign or a refusal out.

A witness signs that it saw a log grow and never change. It compares sizes and roots, and needs no entries.
"""

from __future__ import annotations

from collections.abc import Sequence

from faceward.errors import ConflictError, InputError, RefusedError
from faceward.transparency.notes import Checkpoint, VerifyingKey
from faceward.transparency.proofs import CosigningRequest, signed_checkpoint
from faceward.transparency.tree import EMPTY_ROOT, consistency_holds


class CheckpointUnknown(InputError):
    """The checkpoint is not signed by a log that this witness was set up for."""

    code = "checkpoint_unknown"
    remedy = "Set the witness up for the log's key with `faceward witness init`, if it is to cosign it."


class ProofStale(ConflictError):
    """The proof does not begin at the checkpoint that this witness cosigned last."""

    code = "proof_stale"
    remedy = "Ask for the size with `faceward witness show`, and make the request from there."


class LedgerRolledBack(RefusedError):
    """The log shows fewer entries than it once did."""

    code = "ledger_rolled_back"
    remedy = "Keep both checkpoints, and ask whoever runs the log where the entries are."


class LedgerForked(RefusedError):
    """The log shows another history than the one it once signed."""

    code = "ledger_forked"
    remedy = "Keep both checkpoints, which prove it, and tell whoever relies on the log."


def accepted(last: Checkpoint | None, request: CosigningRequest, logs: Sequence[VerifyingKey]) -> Checkpoint:
    """Decide whether a checkpoint continues the one that was cosigned last.

    Args:
        last: The checkpoint of this log that was cosigned last; nothing where none was.
        request: The checkpoint to cosign, and the proof.
        logs: Keys of the logs that are witnessed.

    Returns:
        The checkpoint, which is the last one from now on.

    Raises:
        CheckpointUnknown: No log of these keys signed it in its own name.
        LedgerRolledBack: It has fewer entries than the last one.
        LedgerForked: It does not continue the last one.
        ProofStale: The proof begins somewhere else.
    """
    checkpoint = signed_checkpoint(request.checkpoint, logs)
    if checkpoint is None or (last is not None and last.origin != checkpoint.origin):
        raise CheckpointUnknown("The checkpoint is not signed by a log that this witness knows.")
    size, root = (last.size, last.root) if last is not None else (0, EMPTY_ROOT)
    if checkpoint.size < size:
        raise LedgerRolledBack(
            f"The log shows {checkpoint.size} entries, and this witness saw {size}.", reasons=("rolled back",)
        )
    if checkpoint.size == size and checkpoint.root != root:
        raise LedgerForked(
            f"The log shows another history of its first {size} entries than it did.", reasons=("forked",)
        )
    if request.old != size:
        raise ProofStale(f"The proof begins at {request.old} entries, and this witness cosigned {size}.")
    if not consistency_holds(size, root, checkpoint.size, checkpoint.root, request.proof):
        raise LedgerForked(
            f"The proof does not lead from the {size} entries that this witness saw to {checkpoint.size}.",
            reasons=("forked, or the proof is damaged",),
        )
    return checkpoint
