"""Entries and checkpoints in, the files of an export out, and back.

An export is a folder that anyone can check without us. ``entries.jsonl`` has an entry on each line,
``leaves`` the hash of each, so that a changed entry is found to the line, ``checkpoints`` what the log
signed, ``README.txt`` how to check it. It has no public key: who trusts one in it trusts whoever made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from faceward.errors import InputError
from faceward.transparency.entries import MAX_BYTES
from faceward.transparency.notes import Note
from faceward.transparency.tree import leaf_hash

ENTRIES = "entries.jsonl"
LEAVES = "leaves"
CHECKPOINTS = "checkpoints"
README = "README.txt"
FILES = (ENTRIES, LEAVES, CHECKPOINTS, README)

_LONGEST_LINE = MAX_BYTES + 2
_LARGEST_FILE = 256 << 20
"""Bytes of checkpoints that are read at once; a checkpoint a minute fills it in a year."""

_README = """\
This is an export of the transparency log

    {origin}

of a faceward installation: every decision it took about a use of face recognition, and how the work ended.
It holds no names, no photos and no templates: words of closed lists, numbers, pseudonyms and keyed digests.

entries.jsonl  one entry on each line, RFC 8785 JSON; the log hashes the line without its end
leaves         the hash of each entry, SHA-256(0x00 || entry), hexadecimal
checkpoints    what the log signed, one C2SP signed note after another, an empty line between two

To check it you need Python 3.11 or newer with the package cryptography, the program faceward.pyz, and the
public key of the log. Take the program and the key from where the operator publishes them, never from whoever
gave you this folder.

    python faceward.pyz FOLDER --key KEY

It says whether an entry was altered, dropped, moved or repeated, whether the log signed what is here, and
whether work was done that no decision allowed. Keep the newest checkpoint: an operator can cut off the end of
a log, and only who holds a later checkpoint sees it (--checkpoint FILE).
"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a ledger shows of itself.

    Attributes:
        entries: Lines of ``entries.jsonl``, with their ends.
        leaves: Lines of ``leaves``; ``None`` where there is no such file.
        checkpoints: The text of ``checkpoints``; ``None`` where there is no such file.
        readme: The text of ``README.txt``; ``None`` where it is of no account.
        missing: Names of files that should be there and are not.
    """

    entries: Iterable[bytes]
    leaves: Iterable[bytes] | None
    checkpoints: str | None
    readme: str | None = None
    missing: tuple[str, ...] = ()


def entry_line(entry: bytes) -> bytes:
    """The line of ``entries.jsonl`` for an entry."""
    return entry + b"\n"


def leaf_line(entry: bytes) -> bytes:
    """The line of ``leaves`` for an entry."""
    return leaf_hash(entry).hex().encode() + b"\n"


def checkpoints_text(notes: Iterable[Note]) -> str:
    """The text of ``checkpoints``."""
    return "\n".join(map(str, notes))


def checkpoint_texts(text: str) -> Sequence[str]:
    """The texts of the notes of ``checkpoints``; what is not whole comes back as it is."""
    if not text:
        return ()
    blocks = text.removesuffix("\n").split("\n\n")
    return ["\n\n".join(blocks[at : at + 2]) + "\n" for at in range(0, len(blocks), 2)]


def readme(origin: str) -> str:
    """The text of ``README.txt``."""
    return _README.format(origin=origin)


def opened(folder: Path) -> Evidence:
    """Read an export, its long files line by line.

    Raises:
        InputError: There is no folder of this name, or a file in it cannot be read.
    """
    if not folder.is_dir():
        raise InputError("There is no folder of this name.", remedy="Name the folder of an export.")
    missing = tuple(name for name in FILES if not (folder / name).is_file())
    return Evidence(
        () if ENTRIES in missing else _lines(folder / ENTRIES),
        None if LEAVES in missing else _lines(folder / LEAVES),
        None if CHECKPOINTS in missing else text_of(folder / CHECKPOINTS),
        None if README in missing else text_of(folder / README),
        missing,
    )


def text_of(path: Path) -> str:
    """Read a file as text; a byte that is no UTF-8 becomes a sign that no check lets pass.

    Raises:
        InputError: It cannot be read, or is too large.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST_FILE + 1)
    except OSError as error:
        raise _unreadable(error) from None
    if len(content) > _LARGEST_FILE:
        raise InputError("The file is too large to be what it is taken for.", remedy="Name another file.")
    return content.decode("utf-8", "replace")


def _lines(path: Path) -> Iterator[bytes]:
    """Lines with their ends; one that is too long comes in pieces, none of which is an entry."""
    try:
        with path.open("rb") as stream:
            while line := stream.readline(_LONGEST_LINE):
                yield line
    except OSError as error:
        raise _unreadable(error) from None


def _unreadable(error: OSError) -> InputError:
    return InputError(f"A file cannot be read: {error.strerror}.", remedy="Allow this account to read it.")
