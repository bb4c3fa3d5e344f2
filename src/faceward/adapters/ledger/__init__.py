"""What happened in, an append-only ledger with proofs out; two technologies, one tree."""

from __future__ import annotations

from faceward.adapters.ledger.checkpointing import Signer
from faceward.adapters.ledger.file import FileLedger
from faceward.adapters.ledger.sqlite import SqliteLedger

__all__ = ["FileLedger", "Signer", "SqliteLedger"]
