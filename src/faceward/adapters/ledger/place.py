"""A path in, a file for this account alone out, or why there is none."""

from __future__ import annotations

from pathlib import Path

from faceward.adapters import private
from faceward.ports.ledger import LedgerUnavailable


def make_private(path: Path) -> None:
    """Make the file where it is missing, and see that only this account can read it.

    Raises:
        LedgerUnavailable: It cannot be made, or others may read or replace it.
    """
    trouble = private.trouble(path.parent)
    if trouble is None:
        trouble = private.made(path)
    if trouble is not None:
        raise LedgerUnavailable(
            f"The place of the ledger cannot be used: {trouble}.",
            remedy="Give the account of this service a folder of its own (mode 700).",
        )
