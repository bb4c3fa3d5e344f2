"""Texts of checkpoints and the keys one trusts in, what a log committed itself to out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from faceward.errors import InvalidValue
from faceward.transparency.export import checkpoint_texts
from faceward.transparency.findings import Code, Findings
from faceward.transparency.notes import Checkpoint, Note, VerifyingKey
from faceward.transparency.proofs import signed_checkpoint


@dataclass(frozen=True, slots=True)
class Commitment:
    """A checkpoint that a trusted log signed.

    Attributes:
        place: What findings call it.
        checkpoint: What it says.
        note: It, with every signature.
        shown: Whether it is shown with the entries, and not one that somebody kept.
        strange: Whether somebody else signed it too, whose key is not known here.
    """

    place: str
    checkpoint: Checkpoint
    note: Note
    shown: bool
    strange: bool

    @property
    def size(self) -> int:
        """How many entries it speaks of."""
        return self.checkpoint.size

    def fits(self, roots: dict[int, bytes]) -> bool:
        """Whether the root over as many entries is the one that was signed."""
        return roots.get(self.size) == self.checkpoint.root


def commitments(
    text: str | None,
    kept: Sequence[str],
    logs: Sequence[VerifyingKey],
    witnesses: Sequence[VerifyingKey],
    found: Findings,
) -> tuple[Commitment, ...]:
    """Read every checkpoint, and keep those that a trusted log signed.

    Args:
        text: Those that are shown with the entries; ``None`` where none can be.
        kept: Those that were kept from earlier.
        logs: Keys of the log.
        witnesses: Keys of witnesses.
        found: Takes what is wrong.

    Returns:
        By size, the smallest first.
    """
    keys = (tuple(logs), tuple(witnesses))
    shown = [
        _read(f"checkpoint {number}", one, True, keys, found)
        for number, one in enumerate(checkpoint_texts(text or ""), 1)
    ]
    signed = [it for it in shown if it is not None]
    for older, newer in pairwise(signed):
        if older.size > newer.size:
            found.add(Code.CHECKPOINT_REORDERED, newer.place, "It is older than the one above it.")
    if not signed and text is not None:
        found.add(Code.CHECKPOINT_MISSING, "checkpoints", "None is there that the log signed.")
    for number, one in enumerate(kept, 1):
        held = _read(f"kept checkpoint {number}", one, False, keys, found)
        if held is not None:
            signed.append(held)
    strange = [it for it in signed if it.strange]
    if strange:
        others = f" So do {len(strange) - 1:,} others." if len(strange) > 1 else ""
        cause = f"It has a signature of a key that you did not give.{others}"
        found.add(Code.SIGNATURE_UNKNOWN, strange[0].place, cause)
    return tuple(sorted(signed, key=lambda it: it.size))


def witnessed(
    signed: Sequence[Commitment], witnesses: Sequence[VerifyingKey], found: Findings
) -> dict[str, int]:
    """How many entries each witness cosigned; one that cosigned nothing is a finding."""
    newest = max((it.size for it in signed), default=0)
    sizes = {}
    for key in witnesses:
        seen = [it.size for it in signed if it.note.is_signed_by(key)]
        sizes[key.name] = max(seen, default=0)
        if not seen:
            found.add(Code.COSIGNATURE_MISSING, key.name, "This witness cosigned none of the checkpoints.")
        elif sizes[key.name] < newest:
            behind = newest - sizes[key.name]
            found.add(Code.COSIGNATURE_BEHIND, key.name, f"It has not seen the newest {behind} entries.")
    return sizes


_Keys = tuple[tuple[VerifyingKey, ...], tuple[VerifyingKey, ...]]


def _read(place: str, text: str, shown: bool, keys: _Keys, found: Findings) -> Commitment | None:
    logs, witnesses = keys
    try:
        note = Note.read(text)
        checkpoint = Checkpoint.read(note.text)
    except InvalidValue as error:
        found.add(Code.CHECKPOINT_MALFORMED, place, error.cause)
        return None
    if signed_checkpoint(note, logs) is None:
        found.add(Code.CHECKPOINT_UNSIGNED, place, "It is not signed by the log whose key you gave.")
        return None
    lines = {(line.name, line.identifier) for line in note.signatures}
    known = {(key.name, key.identifier): key for key in (*logs, *witnesses)}
    for mine in sorted(lines & known.keys()):
        if not note.is_signed_by(known[mine]):
            found.add(Code.COSIGNATURE_WRONG, place, "A signature of a key that you gave is wrong.")
    return Commitment(place, checkpoint, note, shown, bool(lines - known.keys()))
