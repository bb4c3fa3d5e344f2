"""The name a ledger is to have in, the name it has out, which is written down once.

Whoever checks a ledger knows it by its name and its key. So the name stays, whatever the settings say later.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from faceward.adapters import private
from faceward.errors import InvalidValue
from faceward.ports.ledger import LedgerUnavailable
from faceward.transparency.notes import VerifyingKey
from faceward.transparency.signatures import PUBLIC_BYTES

MADE_UP = "faceward.invalid/"
"""How a name begins that nobody chose. Source: RFC 2606, which keeps ``.invalid`` free of owners."""


def origin(folder: Path, wanted: str) -> str:
    """The name of the ledger of a folder.

    Args:
        folder: Where the ledger lies; made when first needed, for this account alone.
        wanted: The name that the settings give it; empty where they give none.

    Raises:
        InvalidValue: It has another name already, or no ledger can have this one.
        LedgerUnavailable: Others may enter the folder, or it cannot be used.
    """
    if wanted:
        VerifyingKey(wanted, bytes(PUBLIC_BYTES))  # refuses a name that cannot stand in a signature
    trouble = private.trouble(folder)
    if trouble is not None:
        raise LedgerUnavailable(f"The folder of the ledger cannot be used: {trouble}.")
    try:
        name = wanted or MADE_UP + secrets.token_hex(8)
        known = private.settled(folder / "origin", name.encode()).decode()
    except (OSError, UnicodeDecodeError):
        raise LedgerUnavailable("The name of the ledger cannot be kept.") from None
    if wanted not in {"", known}:
        raise InvalidValue(
            "Setting ledger_origin is not the name that the ledger was begun with.",
            remedy=f"Set it to {known}, or leave it empty; a ledger keeps its name.",
        )
    return known
