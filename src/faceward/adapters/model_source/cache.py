"""Prepared graphs in, the same bytes out next time; what does not have the pinned digest is never given."""

from __future__ import annotations

import contextlib
import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from faceward.adapters import private

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
        return "there is none" if self.folder is None else private.trouble(self.folder)

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
        content = private.read(self.folder / name, _MAX_BYTES)
        if content is None or hashlib.sha256(content).hexdigest() != sha256:
            return None
        return content

    def keep(self, name: str, content: bytes) -> bool:
        """Keep a graph, whole or not at all; two processes may do so at once.

        Returns:
            Whether it is kept. A folder that is full, foreign or read-only is no error here: the graph
            can be prepared again, and `trouble` says why that takes time.
        """
        if self.folder is None or private.trouble(self.folder) is not None:
            return False
        self._sweep(self.folder)
        try:
            private.write(self.folder / name, content)
        except OSError:
            return False
        return True

    @staticmethod
    def _sweep(folder: Path) -> None:
        oldest = time.time() - _STALE_SECONDS
        for leftover in folder.glob("*.tmp"):
            with contextlib.suppress(OSError):
                if leftover.lstat().st_mtime < oldest:
                    leftover.unlink()
