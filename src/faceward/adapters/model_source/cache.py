"""Prepared graphs in, the same bytes out next time; what does not have the pinned digest is never given."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_MAX_BYTES = 2 << 30
_STALE_SECONDS = 3600  # A temporary file this old was left by a process that died. Our number.


@dataclass(frozen=True, slots=True)
class GraphCache:
    """A private folder of prepared graphs.

    Nothing in the folder is trusted: a file is given only if its digest is the one that the caller
    brings from the manifest, so planting, cutting or damaging files costs time and nothing else. The
    folder is private all the same, so that others cannot fill it or put links in it.

    Attributes:
        folder: Where; made when first needed. Nothing to keep nothing.
    """

    folder: Path | None

    def trouble(self) -> str | None:
        """Why nothing can be kept in the folder, in words; nothing if all is well."""
        if self.folder is None:
            return "no cache folder is set"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            found = self.folder.lstat()
        except OSError as error:
            return f"it cannot be made ({error.strerror})"
        if not stat.S_ISDIR(found.st_mode):
            return "it is a link or a file, not a folder"
        if hasattr(os, "geteuid"):
            if found.st_uid != os.geteuid():
                return "it belongs to another account"
            if found.st_mode & 0o077:
                return f"others may enter it (mode {stat.S_IMODE(found.st_mode):o}, need 700)"
        return None if os.access(self.folder, os.W_OK | os.X_OK) else "it cannot be written"

    def load(self, name: str, sha256: str) -> bytes | None:
        """Give a kept graph whose digest is the one asked for.

        The bytes are read first and checked in memory, so that nobody can change them in between.

        Args:
            name: File name.
            sha256: Digest it must have; it comes from the manifest, never from beside the file.

        Returns:
            The bytes, or nothing if there are none of that digest.
        """
        if self.folder is None:
            return None
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
        try:
            descriptor = os.open(self.folder / name, flags)
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as stream:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > _MAX_BYTES:
                return None
            try:
                content = stream.read()
            except OSError:
                return None
        return content if hashlib.sha256(content).hexdigest() == sha256 else None

    def keep(self, name: str, content: bytes) -> bool:
        """Keep a graph, whole or not at all; two processes may do so at once.

        Returns:
            Whether it is kept. A folder that is full, foreign or read-only is no error here: the graph
            can be prepared again, and `trouble` says why that takes time.
        """
        if self.trouble() is not None or self.folder is None:
            return False
        self._sweep(self.folder)
        try:
            descriptor, temporary = tempfile.mkstemp(".tmp", f"{name}.", self.folder)
        except OSError:
            return False
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(self.folder / name)
        except OSError:
            with contextlib.suppress(OSError):
                Path(temporary).unlink()
            return False
        return True

    @staticmethod
    def _sweep(folder: Path) -> None:
        oldest = time.time() - _STALE_SECONDS
        for leftover in folder.glob("*.tmp"):
            with contextlib.suppress(OSError):
                if leftover.lstat().st_mtime < oldest:
                    leftover.unlink()


def default_folder() -> Path:
    """``faceward`` in the user's cache folder. Source: XDG Base Directory Specification 0.8."""
    root = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(root) if Path(root).is_absolute() else Path.home() / ".cache") / "faceward"
