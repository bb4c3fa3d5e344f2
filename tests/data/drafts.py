"""A number in, entries and a signer that fit the schema of the ledger out."""

from __future__ import annotations

from faceward.adapters.ledger import Signer
from faceward.ports.ledger import Draft
from faceward.transparency import signatures

SEED = bytes(range(32))


def signer(entries: int = 1000, seconds: float = 3600.0, seed: bytes = SEED) -> Signer:
    """A signer that makes a checkpoint after so many entries, and hardly ever after a time."""
    return Signer(signatures.loaded("log.example/tests", seed), entries=entries, seconds=seconds)


def draft(number: int = 0) -> Draft:
    """An entry that is told by its number, which is the one thing that changes."""
    body = {
        "request": f"r-{number:032x}",
        "decision": 0,
        "ending": "done",
        "error": "",
        "start": "2026-01-01T00:00:00.000000Z",
        "end": "2026-01-01T00:00:00.000000Z",
        "comparisons": 1,
        "faces": 1,
        "candidates": 0,
        "enrolled": 0,
        "erased": 0,
        "top_score_thousandths": None,
        "ground": "consent",
        "authority": "",
        "document": "",
        "salt": "",
        "testing": False,
    }
    return Draft("verify", f"d-{7:032x}", f"a-{8:032x}", f"{9:064x}", body)


def number_of(entry: bytes) -> int:
    """The number that `draft` was given."""
    from faceward.transparency.entries import decode

    return int(str(decode(entry).body["request"])[2:], 16)
