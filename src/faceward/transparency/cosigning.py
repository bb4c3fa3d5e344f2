"""Checkpoints and lines that witnesses gave for them in, checkpoints that carry the lines out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from faceward.errors import InvalidValue
from faceward.transparency.notes import Note, VerifyingKey

COSIGNED = "cosigned"
"""The kind under which a ledger files what witnesses cosigned."""


def cosigned(lines: str, notes: Sequence[Note], witness: VerifyingKey) -> Note:
    """Find the checkpoint that a witness cosigned.

    Args:
        lines: What the witness gave: one or more signature lines.
        notes: The checkpoints of the log, the oldest first; the newest that fits is taken.
        witness: The public key of the witness.

    Returns:
        The checkpoint with the line of this witness alone.

    Raises:
        InvalidValue: No line is this witness's, for any of the checkpoints.
    """
    for note in reversed(notes):
        for line in Note.read(f"{note.text}\n{lines.strip()}\n").signatures:
            alone = Note(note.text, (line,))
            if alone.is_signed_by(witness):
                return alone
    raise InvalidValue(
        "This is no cosignature of that witness for a checkpoint of this ledger.",
        remedy="Give the line that `faceward witness cosign` wrote, and the public key of that witness.",
    )


def joined(notes: Iterable[Note], filed: Iterable[bytes]) -> tuple[Note, ...]:
    """Put the lines of witnesses below the checkpoints that they belong to.

    Args:
        notes: Checkpoints.
        filed: What `cosigned` gave, as it was filed.
    """
    whole = {note.text: note for note in notes}
    for content in filed:
        cosigned_note = Note.read(content.decode("utf-8"))
        if cosigned_note.text in whole:
            for line in cosigned_note.signatures:
                whole[cosigned_note.text] = whole[cosigned_note.text].with_signature(line)
    return tuple(whole.values())
