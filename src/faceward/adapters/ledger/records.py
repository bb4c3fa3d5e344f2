"""What is written together in, one record of a file out, and back; and which records of a file count.

A record is 32 bytes of head and a content. The head holds a mark, the length of the content, the place of the
record in its file, and the beginning of a SHA-256 over both and the content. A record is written only after
the one before it is on the disk. So a record that is damaged was never confirmed if none follows it, and was
confirmed if one does. All numbers have their large end first.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from faceward.ports.ledger import LedgerCorrupt

START = b"faceward ledger 1\n"
"""The first bytes of a file; a later form gets another number."""

_HEAD = struct.Struct(">4sIQ16s")
_MARK = b"\x89fwR"
_DIGEST_BYTES = 16
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Record:
    """What was written together.

    Attributes:
        entries: The bytes of entries, in their order.
        counters: What counters stand at since.
        filings: Kind, identifier and content of documents; no content where one was removed.
        checkpoint: The signed checkpoint that was written with them, or nothing.
    """

    entries: tuple[bytes, ...] = ()
    counters: Mapping[str, int] = field(default_factory=dict)
    filings: tuple[tuple[str, str, bytes | None], ...] = ()
    checkpoint: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether it only says that what came before it was confirmed."""
        return not (self.entries or self.counters or self.filings or self.checkpoint)


@dataclass(frozen=True, slots=True)
class Found:
    """A record, and where it stands.

    Attributes:
        start: Place of its first byte.
        stop: Place after its last.
        entries_start: Place of the first byte of its first entry; the others follow.
        record: The record.
    """

    start: int
    stop: int
    entries_start: int
    record: Record


def written(record: Record, place: int) -> tuple[Found, bytes]:
    """Write a record for a place of the file, and say where its parts will stand."""
    words = _words(record)
    documents = [content for _, _, content in record.filings if content is not None]
    content = b"".join((_LENGTH.pack(len(words)), words, *record.entries, *documents))
    whole = _HEAD.pack(_MARK, len(content), place, _digest(place, content)) + content
    return Found(place, place + len(whole), place + _HEAD.size + _LENGTH.size + len(words), record), whole


def found(content: memoryview, start: int) -> Iterator[Found]:
    """Give the records of a file, from a place on, up to the end or to one that was never confirmed.

    Raises:
        LedgerCorrupt: A record that was confirmed is damaged.
    """
    while start < len(content):
        record = _read(content, start)
        if record is None:
            if _any_after(content, start):
                raise LedgerCorrupt("A record of the ledger is damaged, and others follow it.")
            return
        yield record
        start = record.stop


def _words(record: Record) -> bytes:
    """The first part of a content: everything but entries and documents, and how long each of those is."""
    filings = [[kind, name, None if it is None else len(it)] for kind, name, it in record.filings]
    words = [[len(entry) for entry in record.entries], dict(record.counters), filings, record.checkpoint]
    return json.dumps(words, separators=(",", ":")).encode()


def _digest(place: int, content: bytes | memoryview) -> bytes:
    digest = sha256(struct.pack(">QI", place, len(content)))
    digest.update(content)
    return digest.digest()[:_DIGEST_BYTES]


def _read(file: memoryview, start: int) -> Found | None:
    """Read the record at a place; nothing where there is none, or not a whole one."""
    if len(file) - start < _HEAD.size:
        return None
    mark, length, place, digest = _HEAD.unpack_from(file, start)
    content = file[start + _HEAD.size : start + _HEAD.size + length]
    if mark != _MARK or place != start or len(content) != length or _digest(place, content) != digest:
        return None
    (words_length,) = _LENGTH.unpack_from(content)
    at = _LENGTH.size + words_length
    lengths, counters, filings, checkpoint = json.loads(bytes(content[_LENGTH.size : at]))
    entries_start = start + _HEAD.size + at
    entries = []
    for size in lengths:
        entries.append(bytes(content[at : at + size]))
        at += size
    documents: list[tuple[str, str, bytes | None]] = []
    for kind, name, size in filings:
        documents.append((kind, name, None if size is None else bytes(content[at : at + size])))
        at += size or 0
    record = Record(tuple(entries), counters, tuple(documents), checkpoint)
    return Found(start, start + _HEAD.size + length, entries_start, record)


def _any_after(file: memoryview, start: int) -> bool:
    """Whether a whole record stands anywhere after a place."""
    rest = bytes(file[start + 1 :])
    at = rest.find(_MARK)
    while at >= 0:
        if _read(file, start + 1 + at) is not None:
            return True
        at = rest.find(_MARK, at + 1)
    return False
