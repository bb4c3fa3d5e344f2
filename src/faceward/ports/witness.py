"""Checkpoints of logs in, cosignatures out, by somebody who saw each log only ever grow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from faceward.errors import DependencyError
from faceward.transparency.notes import Checkpoint, Signature, VerifyingKey
from faceward.transparency.proofs import CosigningRequest


class WitnessUnavailable(DependencyError):
    """The state of the witness cannot be read or written, so it signs nothing."""

    code = "witness_unavailable"
    remedy = "Check the disk and the rights of its folder; from a copy, restore only the newest state."


class Witness(Protocol):
    """Cosigns checkpoints. Every adapter passes tests/contracts/test_witness.py. Safe from many processes."""

    def key(self) -> VerifyingKey:
        """The public key of the witness, for whoever is to trust it."""

    def logs(self) -> tuple[VerifyingKey, ...]:
        """Keys of the logs that it cosigns for."""

    def trust(self, logs: Sequence[VerifyingKey]) -> None:
        """Cosign for more logs from now on.

        Raises:
            WitnessUnavailable: It could not be made durable.
        """

    def last(self, origin: str) -> Checkpoint | None:
        """The checkpoint of a log that it cosigned last; nothing where there is none.

        Raises:
            WitnessUnavailable: Its state is damaged.
        """

    def cosign(self, request: CosigningRequest, time: datetime) -> Signature:
        """Cosign a checkpoint, once it is on the disk that it was seen.

        Raises:
            CheckpointUnknown: No log that it cosigns for signed the checkpoint.
            LedgerRolledBack: The log has fewer entries than it had.
            LedgerForked: The log has another history than it had.
            ProofStale: The proof does not begin at the last checkpoint.
            WitnessUnavailable: Its state cannot be read or written; nothing was signed.
        """
