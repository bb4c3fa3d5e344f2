"""A ledger in, what anybody may see of it out: promises, checkpoints and proofs, and never an entry.

These take no permit, for they are what strangers check the gate by. An entry is shown to whoever it concerns
alone, as part of the answer that it records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from faceward.errors import InvalidValue
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Charter
from faceward.governance.consent import receipts
from faceward.ports.ledger import JsonValue, Ledger
from faceward.transparency.notes import Checkpoint, Note
from faceward.transparency.proofs import InclusionReceipt


@dataclass(frozen=True, slots=True)
class Statement:
    """What an installation promises.

    Attributes:
        charter: The charter in force, as its digest is taken of it.
        charter_sha256: Its digest.
        stands: The active stands.
        log_key: Public key of the log, in the form of a C2SP verifier key.
        checkpoint: The newest signed checkpoint.
        size: How many entries there are.
    """

    charter: Mapping[str, JsonValue]
    charter_sha256: str
    stands: tuple[str, ...]
    log_key: str
    checkpoint: str
    size: int


class Publication:
    """Shows what anybody may see. Safe from many threads.

    Args:
        ledger: Of the installation.
        charter: Gives the charter in force.
        log_key: Public key of the log, in the form of a C2SP verifier key.
    """

    def __init__(self, ledger: Ledger, charter: Callable[[], Charter], log_key: str) -> None:
        self._ledger = ledger
        self._charter = charter
        self._log_key = log_key

    def statement(self) -> Statement:
        """What the installation promises now."""
        charter = self._charter()
        return Statement(
            charter=charters.as_json(charter),
            charter_sha256=charter.digest,
            stands=tuple(it.value for it in charter.stands),
            log_key=self._log_key,
            checkpoint=self._ledger.checkpoint(),
            size=self._ledger.size(),
        )

    def size(self) -> int:
        """How many entries there are."""
        return self._ledger.size()

    def checkpoints(self) -> tuple[str, ...]:
        """Every signed checkpoint, the oldest first."""
        return self._ledger.checkpoints()

    def inclusion(self, place: int, size: int) -> tuple[bytes, ...]:
        """Prove that an entry is among the first ``size``.

        Raises:
            InvalidValue: There are not so many entries.
        """
        if not 0 <= place < size <= self._ledger.size():
            raise InvalidValue(
                "place: there is no such entry among so many.", remedy="Ask for a lower place."
            )
        return self._ledger.inclusion(place, size)

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Prove that the first ``old`` entries are a beginning of the first ``new``.

        Raises:
            InvalidValue: There are not so many entries.
        """
        if not 0 < old <= new <= self._ledger.size():
            raise InvalidValue("old: there are not so many entries.", remedy="Ask for sizes of checkpoints.")
        return self._ledger.consistency(old, new)

    def proved(self, document: bytes, place: int) -> bytes:
        """A consent receipt with the proof that its entry is in the ledger, for the person.

        Args:
            document: The receipt as it is kept.
            place: Place of the entry that was written with it.

        Raises:
            InvalidValue: The entry is about something else.
        """
        proof = InclusionReceipt.read(self.receipt(place))
        return receipts.read(document).with_inclusion(proof).written()

    def receipt(self, place: int) -> str:
        """Prove that an entry is in the ledger, with the entry itself, for whoever it concerns.

        Returns:
            A file ``.tlog-proof``, which ``faceward ledger verify-receipt`` and others check.
        """
        note = Note.read(self._ledger.checkpoint())
        size = Checkpoint.read(note.text).size
        (entry,) = self._ledger.entries(place, place + 1)
        return InclusionReceipt(entry, place, self._ledger.inclusion(place, size), note).text()
