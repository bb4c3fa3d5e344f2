"""A file and bytes in, bytes that are on the disk out: the few calls that durability rests on."""

from __future__ import annotations

import os
import sys


class Disk:
    """What a ledger asks of the system; tests give one that fails or forgets."""

    def write(self, descriptor: int, content: bytes, place: int) -> None:
        """Write all bytes at a place of a file.

        Raises:
            OSError: They could not be written.
        """
        rest = memoryview(content)
        while rest:
            count = os.pwrite(descriptor, rest, place)
            rest, place = rest[count:], place + count

    def synchronise(self, descriptor: int) -> None:
        """Return when everything written to a file is on the disk.

        Raises:
            OSError: It may not be.
        """
        if sys.platform == "darwin":
            import fcntl

            # A plain fsync stops at the cache of the drive there. Source: fsync(2) of macOS.
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
        elif hasattr(os, "fdatasync"):
            os.fdatasync(descriptor)
        else:
            os.fsync(descriptor)

    def cut(self, descriptor: int, length: int) -> None:
        """Shorten a file.

        Raises:
            OSError: It could not be shortened.
        """
        os.ftruncate(descriptor, length)
