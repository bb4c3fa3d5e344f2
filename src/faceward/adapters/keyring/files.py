"""What a secret is for in, the secret out of two private files, until it is destroyed.

The root key stands in ``root.key``. Secrets stand in ``secrets``, one in each stretch of 64 bytes, closed
with AES-256-GCM under the root key. ``index.db`` says which stretch is whose, under names that only the root
key can tell. So the database, whose journal may keep old pages for long, never sees a secret; and to destroy
one its stretch is overwritten in place and synchronised. A drive that writes elsewhere than it is told (SSD,
snapshots, copies) may still hold the closed secret: there, the root key is what must be kept from others.
"""

from __future__ import annotations

import hmac
import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import IntEnum
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from faceward.adapters import private
from faceward.ports.keyed import keyed
from faceward.ports.keyring import KeyDestroyed, KeyUnreadable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32

_STRETCH = 64
_NONCE_BYTES = 12
_CLOSED_BYTES = _NONCE_BYTES + KEY_BYTES + 16
_WAIT_SECONDS = 10.0
_REMEMBERED = 4096
"""Secrets kept open in memory, so that a request need not read them again; our choice."""

_PORTION = 8192
"""Secrets that are read or made at once; our choice: some tens of milliseconds."""

_MANY = 50_000
"""From how many on the whole keyring is read through, which costs as much as some 100,000 questions."""

_ASKED = 500
"""Names in one statement; any build of SQLite takes 999."""

_LIVE = "SELECT name, stretch FROM secrets WHERE state = ?"

_PROOF = b"root"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS secrets (
    stretch INTEGER PRIMARY KEY AUTOINCREMENT, name BLOB NOT NULL UNIQUE, state INTEGER NOT NULL
) STRICT
"""


class _State(IntEnum):
    LIVE = 1
    DYING = 2  # nobody gets it any more, and its stretch may still be there
    GONE = 3


class FileKeyring:
    """Keeps secrets for several threads and processes; opened when it is first asked.

    Args:
        folder: Where; made when first needed, for this account alone.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = Lock()
        self._opened: _Opened | None = None

    def key(self, kind: str, identifier: str) -> bytes:
        """The secret for one thing, made when it is first asked for; 32 bytes, the same ever after.

        Raises:
            KeyDestroyed: It was destroyed.
            KeyUnreadable: It cannot be read or made.
        """
        with self._lock, _faults():
            return self._open().key(kind, identifier)

    def has(self, kind: str, identifier: str) -> bool:
        """Whether there is a secret for one thing; none is made.

        Raises:
            KeyDestroyed: There was one, or there must never be one: it was destroyed.
            KeyUnreadable: It cannot be reached.
        """
        with self._lock, _faults():
            return self._open().has(kind, identifier)

    def found(self, kind: str, identifiers: Sequence[str]) -> list[bytes | None]:
        """The secrets of many things as cheaply as can be; none is made.

        Returns:
            One for each identifier, in their order; ``None`` where there is none or it was destroyed.

        Raises:
            KeyUnreadable: They cannot be read.
        """
        if len(identifiers) >= _MANY:
            with self._lock, _faults():
                return self._open().found_of_many(kind, identifiers)
        found: list[bytes | None] = []
        for begin in range(0, len(identifiers), _PORTION):
            # Between portions others have their turn.
            with self._lock, _faults():
                found += self._open().found(kind, identifiers[begin : begin + _PORTION])
        return found

    def keys(self, kind: str, identifiers: Sequence[str]) -> list[bytes]:
        """The secrets of many things, made where there are none yet; cheaper than one by one.

        Raises:
            KeyDestroyed: One was destroyed; it is open which of the others were made.
            KeyUnreadable: They cannot be read or made.
        """
        made: list[bytes] = []
        for begin in range(0, len(identifiers), _PORTION):
            with self._lock, _faults():
                made += self._open().keys(kind, identifiers[begin : begin + _PORTION])
        return made

    def destroy(self, kind: str, identifier: str) -> bool:
        """Destroy a secret for good, and say whether there was one; it is gone when this returns.

        What never had a secret gets none later either.

        Raises:
            KeyUnreadable: It cannot be reached; nothing is known to be gone.
        """
        with self._lock, _faults():
            return self._open().destroy(kind, identifier)

    def close(self) -> None:
        """Give the files free; the next question opens them again."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()
            self._opened = None

    def _open(self) -> _Opened:
        if self._opened is None:
            self._opened = _Opened(self._folder)
        return self._opened


class _Opened:
    """The files of a keyring; one thread at a time."""

    def __init__(self, folder: Path) -> None:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._invalid = InvalidTag
        _refuse(private.trouble(folder))
        paths = {name: folder / name for name in ("root.key", "index.db", "secrets")}
        was_used = paths["secrets"].exists() and paths["secrets"].stat().st_size > 0
        if was_used and not paths["index.db"].exists():
            raise KeyUnreadable("The index of the keyring is missing.")
        root = _root(paths["root.key"], may_make=not was_used and not paths["index.db"].exists())
        for name in ("secrets", "index.db"):
            _refuse(private.made(paths[name]))
        self._cipher: AESGCM = AESGCM(hmac.digest(root, b"faceward keyring: closing", "sha256"))
        self._names = keyed(hmac.digest(root, b"faceward keyring: names", "sha256"))
        self._remembered: dict[bytes, bytes] = {}
        self._version: int | None = None
        self._file = os.open(paths["secrets"], os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
        self._index = sqlite3.connect(
            paths["index.db"], timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            for setting in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "fullfsync = ON",
                "trusted_schema = OFF",
            ):
                self._index.execute(f"PRAGMA {setting}").fetchall()
            if self._index.execute("PRAGMA synchronous").fetchone()[0] != 2:
                raise KeyUnreadable("The index of the keyring would not be durable here.")
            self._index.execute(_SCHEMA)
            # A secret that belongs to nobody: it opens with the right root key only.
            self._stored(_PROOF) or self._new(_PROOF)
            self._finish_dying()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Give the files free."""
        self._index.close()
        os.close(self._file)

    def key(self, kind: str, identifier: str) -> bytes:
        """Give a secret, or make it."""
        version = self._index.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version or len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
            self._version = version
        name = self._name(kind, identifier)
        secret = self._remembered.get(name)
        if secret is None:
            secret = self._remembered[name] = self._stored(name) or self._new(name)
        return secret

    def has(self, kind: str, identifier: str) -> bool:
        """Look for a secret without making it."""
        return self._stretch(self._name(kind, identifier)) is not None

    def found(self, kind: str, identifiers: Sequence[str]) -> list[bytes | None]:
        """Give the secrets that are there, and remember none: a gallery is larger than what is remembered."""
        names = [self._name(kind, identifier) for identifier in identifiers]
        stretches: dict[bytes, int] = {}
        for begin in range(0, len(names), _ASKED):
            asked = names[begin : begin + _ASKED]
            marks = ",".join("?" * len(asked))
            statement = f"{_LIVE} AND name IN ({marks})"  # Nothing but question marks.
            stretches.update(self._index.execute(statement, (_State.LIVE, *asked)))
        return [None if (at := stretches.get(name)) is None else self._still(name, at) for name in names]

    def found_of_many(self, kind: str, identifiers: Sequence[str]) -> list[bytes | None]:
        """Give the secrets that are there, by one reading of index and secrets from end to end."""
        stretches: dict[bytes, int] = dict(self._index.execute(_LIVE, (_State.LIVE,)))
        content = os.pread(self._file, os.fstat(self._file).st_size, 0)
        return [
            None if (at := stretches.get(name)) is None else self._still(name, at, content)
            for name in (self._name(kind, identifier) for identifier in identifiers)
        ]

    def keys(self, kind: str, identifiers: Sequence[str]) -> list[bytes]:
        """Give secrets, and make those that are missing in one transaction."""
        found = self.found(kind, identifiers)
        missing = [
            self._name(kind, identifier)
            for identifier, secret in zip(identifiers, found, strict=True)
            if secret is None
        ]
        made = self._new_ones(dict.fromkeys(missing)) if missing else {}
        return [
            made[self._name(kind, i)] if s is None else s for i, s in zip(identifiers, found, strict=True)
        ]

    def destroy(self, kind: str, identifier: str) -> bool:
        """Say that a secret dies, overwrite it, and say that it is gone."""
        name = self._name(kind, identifier)
        self._remembered.pop(name, None)
        with self._transaction():
            row = self._row(name)
            if row is None:
                self._index.execute("INSERT INTO secrets (name, state) VALUES (?, ?)", (name, _State.GONE))
            elif row[1] == _State.LIVE:
                self._index.execute("UPDATE secrets SET state = ? WHERE stretch = ?", (_State.DYING, row[0]))
        self._finish_dying()
        return row is not None and row[1] == _State.LIVE

    def _finish_dying(self) -> None:
        rows = self._index.execute("SELECT stretch FROM secrets WHERE state = ?", (_State.DYING,)).fetchall()
        if not rows:
            return
        for (stretch,) in rows:
            self._overwrite(stretch, bytes(_STRETCH))
        marks = [(_State.GONE, stretch) for (stretch,) in rows]
        with self._transaction():
            self._index.executemany("UPDATE secrets SET state = ? WHERE stretch = ?", marks)

    def _stored(self, name: bytes) -> bytes | None:
        stretch = self._stretch(name)
        return None if stretch is None else self._read(name, stretch)

    def _still(self, name: bytes, stretch: int, content: bytes | None = None) -> bytes | None:
        """The secret of a stretch, unless another process destroyed it since the index was read."""
        try:
            if content is None:
                return self._read(name, stretch)
            return self._unwrapped(name, content[_STRETCH * stretch : _STRETCH * stretch + _CLOSED_BYTES])
        except KeyUnreadable:
            with suppress(KeyDestroyed):
                return self._stored(name)
            return None

    def _read(self, name: bytes, stretch: int) -> bytes:
        return self._unwrapped(name, os.pread(self._file, _CLOSED_BYTES, _STRETCH * stretch))

    def _unwrapped(self, name: bytes, closed: bytes) -> bytes:
        try:
            return self._cipher.decrypt(closed[:_NONCE_BYTES], closed[_NONCE_BYTES:], name)
        except (self._invalid, ValueError):
            raise KeyUnreadable("A key is damaged, or was closed with another root key.") from None

    def _new(self, name: bytes) -> bytes:
        return self._new_ones([name])[name]

    def _new_ones(self, names: Iterable[bytes]) -> dict[bytes, bytes]:
        """Make secrets: they are on the disk before the index knows them."""
        made: dict[bytes, bytes] = {}
        with self._transaction():
            for name in names:
                if (there := self._stored(name)) is not None:  # Another process was faster.
                    made[name] = there
                    continue
                secret = made[name] = secrets.token_bytes(KEY_BYTES)
                nonce = secrets.token_bytes(_NONCE_BYTES)
                done = self._index.execute(
                    "INSERT INTO secrets (name, state) VALUES (?, ?)", (name, _State.LIVE)
                )
                closed = nonce + self._cipher.encrypt(nonce, secret, name)
                self._write(int(done.lastrowid or 0), closed.ljust(_STRETCH, b"\0"))
            os.fsync(self._file)
        return made

    def _overwrite(self, stretch: int, content: bytes) -> None:
        self._write(stretch, content)
        os.fsync(self._file)

    def _write(self, stretch: int, content: bytes) -> None:
        if os.pwrite(self._file, content, _STRETCH * stretch) != len(content):
            raise KeyUnreadable("The disk of the keyring is full.")

    def _stretch(self, name: bytes) -> int | None:
        """Where a secret lies, unless it was destroyed."""
        row = self._row(name)
        if row is None:
            return None
        stretch, state = row
        if state != _State.LIVE:
            raise KeyDestroyed("The key was destroyed.")
        return stretch

    def _row(self, name: bytes) -> tuple[int, int] | None:
        row: tuple[int, int] | None = self._index.execute(
            "SELECT stretch, state FROM secrets WHERE name = ?", (name,)
        ).fetchone()
        return row

    def _name(self, kind: str, identifier: str) -> bytes:
        """What the index knows a secret by; without the root key it tells nothing."""
        words = kind.encode()
        return self._names(len(words).to_bytes(4, "big") + words + identifier.encode())

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._index.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._index.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._index.execute("ROLLBACK")
            raise


def _root(path: Path, *, may_make: bool) -> bytes:
    """Read the root key, or make it for a keyring that is new."""
    if not path.exists():
        if not may_make:
            raise KeyUnreadable("The root key of the keyring is missing.")
        own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        private.write(own, secrets.token_bytes(KEY_BYTES))
        with suppress(FileExistsError):  # Another process was faster.
            os.link(own, path)
        own.unlink()
        private.keep_name(path)
    _refuse(private.made(path))
    root = private.read(path, KEY_BYTES)
    if root is None or len(root) != KEY_BYTES:
        raise KeyUnreadable("The root key of the keyring is damaged.")
    return root


def _refuse(trouble: str | None) -> None:
    if trouble is not None:
        raise KeyUnreadable(
            f"The keyring cannot be used: {trouble}.",
            remedy="Give the account of this service a folder of its own (mode 700) with files of mode 600.",
        )


@contextmanager
def _faults() -> Iterator[None]:
    """Let nothing of SQLite and the system out; the words hold no path."""
    try:
        yield
    except sqlite3.Error as error:
        raise KeyUnreadable("The index of the keyring does not work.") from error
    except OSError as error:
        raise KeyUnreadable(f"The disk of the keyring does not work: {error.strerror}.") from error
