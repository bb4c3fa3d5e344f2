"""A tree that grew in, signed checkpoints when they are due out, and the check of those already there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Timer

from faceward.errors import FacewardError, InvalidValue
from faceward.ports.ledger import LedgerCorrupt
from faceward.transparency.notes import Checkpoint, Note, VerifyingKey, verifying
from faceward.transparency.signatures import SigningKey
from faceward.transparency.tree import Frontier


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs checkpoints, and how often.

    Attributes:
        key: Signs; its name is the origin of the log.
        earlier: Keys whose checkpoints are there from before the key was changed.
        entries: The most entries that stay without a checkpoint.
        seconds: How long an entry stays without a checkpoint, if not that many come.
    """

    key: SigningKey
    earlier: tuple[VerifyingKey, ...] = ()
    entries: int = 1000
    seconds: float = 60.0

    def signed(self, frontier: Frontier) -> str:
        """A signed checkpoint over a tree."""
        return str(Checkpoint(self.key.name, frontier.size, frontier.root()).signed(self.key))

    def read(self, note: str) -> Checkpoint:
        """Read a checkpoint that is kept with the ledger.

        Raises:
            LedgerCorrupt: It is none, of another log, or not signed by a key of this one.
        """
        try:
            checkpoint = Checkpoint.read(Note.read(note).text)
        except InvalidValue:
            raise LedgerCorrupt("A checkpoint in the ledger is damaged.") from None
        keys = (verifying(self.key), *self.earlier)
        if checkpoint.origin != self.key.name or not any(Note.read(note).is_signed_by(key) for key in keys):
            raise LedgerCorrupt(
                "The newest checkpoint of the ledger is not signed by its key.",
                remedy="Give the ledger the key it was written with. If it has that, somebody changed it.",
            )
        return checkpoint


class Reminder:
    """Has a checkpoint made some time after an entry, however quiet it is then.

    Args:
        seconds: How long after.
        make: Makes the checkpoint.
    """

    def __init__(self, seconds: float, make: Callable[[], object]) -> None:
        self._seconds, self._make = seconds, make
        self._lock = Lock()
        self._timer: Timer | None = None
        self._is_over = False

    def remind(self) -> None:
        """Start the time, if it does not run yet."""
        if self._timer is not None:
            return
        with self._lock:
            if self._timer is None and not self._is_over:
                self._timer = Timer(self._seconds, self._due)
                self._timer.daemon = True
                self._timer.start()

    def end(self) -> None:
        """Remind no more."""
        with self._lock:
            self._is_over = True
            if self._timer is not None:
                self._timer.cancel()

    def _due(self) -> None:
        self._timer = None
        # Where the ledger cannot be written, the next writing says so to somebody who waits for it.
        with contextlib.suppress(FacewardError):
            self._make()
