"""Checkpoints in, cosignatures out, with what was seen in a private folder.

``logs`` has the public key of a log on each line, ``seen`` a file for each log: the checkpoint that was
cosigned last, with the cosignature, so that nobody else can write one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from faceward.adapters import private
from faceward.errors import InvalidValue
from faceward.ports.witness import WitnessUnavailable
from faceward.transparency.notes import (
    Checkpoint,
    KeyType,
    Note,
    Signature,
    VerifyingKey,
    cosignature,
    verifying,
)
from faceward.transparency.proofs import CosigningRequest
from faceward.transparency.signatures import PUBLIC_BYTES, SigningKey
from faceward.transparency.witnessing import accepted

_LARGEST = 1 << 20


def named(folder: Path, name: str) -> str:
    """The name of the witness of a folder, written down when it is made.

    Raises:
        InvalidValue: There is none yet and no name was given, or it has another name.
        WitnessUnavailable: Others may enter the folder, or it cannot be used.
    """
    path = folder / "name"
    if not name and not path.exists():
        raise InvalidValue(
            "There is no witness in this folder.", remedy="Make one with `faceward witness init NAME`."
        )
    if name:
        VerifyingKey(name, bytes(PUBLIC_BYTES))  # refuses a name that cannot stand in a signature
    _check(folder)
    try:
        known = private.settled(path, name.encode()).decode()
    except OSError as error:
        raise WitnessUnavailable(f"Its name cannot be kept: {error.strerror}.") from None
    if name not in {"", known}:
        raise InvalidValue("The witness in this folder has another name.", remedy="Give another folder.")
    return known


class FolderWitness:
    """Keeps what it saw in a folder that is its own; better on another machine than the log.

    Args:
        folder: Where; made when first needed, for this account alone.
        key: What it signs with.

    Raises:
        WitnessUnavailable: Others may enter the folder, or it cannot be used.
    """

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self._folder, self._key = folder, key
        _check(folder)
        _check(folder / "seen")

    def key(self) -> VerifyingKey:
        """The public key of the witness, for whoever is to trust it."""
        return verifying(self._key, KeyType.COSIGNATURE_V1)

    def logs(self) -> tuple[VerifyingKey, ...]:
        """Keys of the logs that it cosigns for."""
        content = self._read(self._folder / "logs")
        try:
            return tuple(map(VerifyingKey.read, (content or b"").decode().splitlines()))
        except (ValueError, InvalidValue):
            raise WitnessUnavailable("The list of logs is damaged.") from None

    def trust(self, logs: Sequence[VerifyingKey]) -> None:
        """Cosign for more logs from now on.

        Raises:
            WitnessUnavailable: It could not be made durable.
        """
        with self._alone():
            texts = dict.fromkeys(key.text() for key in (*self.logs(), *logs))
            self._write(self._folder / "logs", "".join(f"{text}\n" for text in texts))

    def last(self, origin: str) -> Checkpoint | None:
        """The checkpoint of a log that it cosigned last; nothing where there is none.

        Raises:
            WitnessUnavailable: Its state is damaged.
        """
        content = self._read(self._seen(origin))
        if content is None:
            return None
        try:
            note = Note.read(content.decode())
            checkpoint = Checkpoint.read(note.text)
        except (ValueError, InvalidValue):
            raise WitnessUnavailable("What the witness saw last is damaged.") from None
        if checkpoint.origin != origin or not note.is_signed_by(self.key()):
            raise WitnessUnavailable("What the witness saw last is not signed by it.")
        return checkpoint

    def cosign(self, request: CosigningRequest, time: datetime) -> Signature:
        """Cosign a checkpoint, once it is on the disk that it was seen.

        Raises:
            CheckpointUnknown: No log that it cosigns for signed the checkpoint.
            LedgerRolledBack: The log has fewer entries than it had.
            LedgerForked: The log has another history than it had.
            ProofStale: The proof does not begin at the last checkpoint.
            WitnessUnavailable: Its state cannot be read or written; nothing was signed.
        """
        with self._alone():
            origin = request.checkpoint.text.partition("\n")[0]
            checkpoint = accepted(self.last(origin), request, self.logs())
            signature = cosignature(checkpoint.text(), self._key, int(time.timestamp()))
            self._write(self._seen(origin), str(Note(checkpoint.text(), (signature,))))
            return signature

    def _seen(self, origin: str) -> Path:
        return self._folder / "seen" / f"{sha256(origin.encode()).hexdigest()}.note"

    def _read(self, path: Path) -> bytes | None:
        """A file that is not there is something else than one that cannot be read."""
        if not os.path.lexists(path):
            return None
        content = private.read(path, _LARGEST)
        if content is None:
            raise WitnessUnavailable("A file of the witness cannot be read.")
        return content

    def _write(self, path: Path, text: str) -> None:
        try:
            private.write(path, text.encode())
            private.keep_name(path)
        except OSError as error:
            raise WitnessUnavailable(f"A file cannot be written: {error.strerror}.") from None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other processes out, so that none signs what another has just left behind."""
        try:
            import fcntl
        except ImportError:
            raise WitnessUnavailable(
                "This system cannot lock a file for one process.", remedy="Run the witness on a POSIX system."
            ) from None
        trouble = private.made(self._folder / "lock")
        if trouble is not None:
            raise WitnessUnavailable(f"The folder of the witness cannot be used: {trouble}.")
        descriptor = os.open(self._folder / "lock", os.O_RDWR)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _check(folder: Path) -> None:
    trouble = private.trouble(folder)
    if trouble is not None:
        raise WitnessUnavailable(f"The folder of the witness cannot be used: {trouble}.")
