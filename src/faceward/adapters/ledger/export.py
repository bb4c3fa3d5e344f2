"""A ledger in, the folder of its export out: there whole or not at all."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from faceward.errors import InputError, InvalidValue
from faceward.ports.ledger import Ledger
from faceward.transparency import export
from faceward.transparency.cosigning import COSIGNED, joined
from faceward.transparency.export import Evidence, checkpoints_text, entry_line, leaf_line, readme
from faceward.transparency.notes import Checkpoint, Note

_AT_ONCE = 1024


def notes(ledger: Ledger) -> tuple[Note, ...]:
    """Every checkpoint of a ledger with the cosignatures that came in; the last covers every entry."""
    ledger.checkpoint()
    return joined(map(Note.read, ledger.checkpoints()), ledger.filings(COSIGNED).values())


def entries(ledger: Ledger, size: int) -> Iterator[bytes]:
    """The first entries of a ledger, a few at once."""
    for start in range(0, size, _AT_ONCE):
        yield from ledger.entries(start, min(size, start + _AT_ONCE))


def shown(ledger: Ledger) -> Evidence:
    """What a ledger that is in use shows of itself, up to its newest checkpoint."""
    signed = notes(ledger)
    size = Checkpoint.read(signed[-1].text).size
    return Evidence(map(entry_line, entries(ledger, size)), None, checkpoints_text(signed))


def exported(ledger: Ledger, folder: Path) -> Checkpoint:
    """Write an export.

    Args:
        ledger: The ledger.
        folder: Where; there must be nothing of this name yet.

    Returns:
        The newest checkpoint, which covers all of the export.

    Raises:
        InvalidValue: There is something of this name.
        InputError: It cannot be written; nothing is left behind.
        LedgerUnavailable: The ledger cannot be read.
    """
    signed = notes(ledger)
    newest = Checkpoint.read(signed[-1].text)
    if folder.exists() or folder.is_symlink():
        raise InvalidValue("There is something of this name already.", remedy="Give another name.")
    temporary = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}.tmp")
    try:
        temporary.mkdir()
        _write(temporary / export.ENTRIES, map(entry_line, entries(ledger, newest.size)))
        _write(temporary / export.LEAVES, map(leaf_line, entries(ledger, newest.size)))
        _write(temporary / export.CHECKPOINTS, [checkpoints_text(signed).encode()])
        _write(temporary / export.README, [readme(newest.origin).encode()])
        temporary.rename(folder)
    except OSError as error:
        raise InputError(
            f"The export cannot be written: {error.strerror}.", remedy="Check the folder and its rights."
        ) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return newest


def _write(path: Path, lines: Iterable[bytes]) -> None:
    with path.open("xb") as stream:
        stream.writelines(lines)
        stream.flush()
        os.fsync(stream.fileno())
