"""A folder in, whether it is ours alone out; and files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import tempfile
from pathlib import Path


def trouble(folder: Path) -> str | None:
    """Make a folder if it is missing, and say why it is not private to this account.

    Returns:
        The reason in words, or nothing if the folder is ours, closed to others, and can be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = folder.lstat()
    except OSError as error:
        return f"it cannot be made ({error.strerror})"
    if not stat.S_ISDIR(found.st_mode):
        return "it is a link or a file, not a folder"
    if hasattr(os, "geteuid"):
        if found.st_uid != os.geteuid():
            return "it belongs to another account"
        if found.st_mode & 0o077:
            return f"others may enter it (mode {stat.S_IMODE(found.st_mode):o}, need 700)"
    return None if os.access(folder, os.W_OK | os.X_OK) else "it cannot be written"


def tampering(folder: Path) -> str | None:
    """Say why others than this account and the administrator could have put files into a folder.

    Returns:
        The reason in words, or nothing if they could not.
    """
    try:
        found = folder.stat()
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    if not stat.S_ISDIR(found.st_mode):
        return "it is not a folder"
    if hasattr(os, "geteuid"):
        if found.st_uid not in {os.geteuid(), 0}:
            return "it belongs to another account"
        if found.st_mode & 0o022:
            return f"others may write to it (mode {stat.S_IMODE(found.st_mode):o}, need 755 or less)"
    return None


def read(path: Path, max_bytes: int) -> bytes | None:
    """Read a plain file without following a link; nothing if it is missing, too large or another thing."""
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY", "O_CLOEXEC"):
        flags |= getattr(os, name, 0)
    try:
        descriptor = os.open(path, flags)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > max_bytes:
            return None
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    except OSError:
        return None
    finally:
        os.close(descriptor)


def write(path: Path, content: bytes) -> None:
    """Put a file in place whole, on disk before its name shows.

    Raises:
        OSError: It could not be written; nothing is left behind.
    """
    descriptor, temporary = tempfile.mkstemp(".tmp", f"{path.name}.", path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise


def settled(path: Path, content: bytes) -> bytes:
    """Write a file that is written once and never again, and give what stands there.

    Args:
        path: Where.
        content: What is to stand there, if nothing does yet.

    Raises:
        OSError: It could not be written or read.
    """
    if not os.path.lexists(path):
        own = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        write(own, content)
        try:
            with contextlib.suppress(FileExistsError):  # another process was faster
                os.link(own, path)
        finally:
            own.unlink()
        keep_name(path)
    found = read(path, 1 << 16)
    if found is None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    return found


def made(path: Path) -> str | None:
    """Make an empty file if it is missing, its name on disk too, and say why it is not private.

    Returns:
        The reason in words, or nothing if the file is ours and closed to others.
    """
    try:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600))
            keep_name(path)
        found = path.lstat()
    except OSError as error:
        return f"its file cannot be made ({error.strerror})"
    if not stat.S_ISREG(found.st_mode):
        return "there is a link or a folder where its file should be"
    if hasattr(os, "geteuid"):
        if found.st_uid != os.geteuid():
            return "its file belongs to another account"
        if found.st_mode & 0o077:
            return f"others may read its file (mode {stat.S_IMODE(found.st_mode):o}, need 600)"
    return None


def keep_name(path: Path) -> None:
    """Have the disk keep the name of a new file, where folders can be synchronised at all.

    Raises:
        OSError: The folder cannot be synchronised.
    """
    if os.name == "nt":
        return
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
