"""A path in, its bytes out; never more of them than allowed, and never a wait."""

from __future__ import annotations

import os
import stat

from faceward.adapters.codec.headers import FORMATS, format_named, format_of, resemblance
from faceward.errors import DamagedImage, InputError, LimitExceeded, UnsupportedFormat

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
"""Not blocking: opening a pipe that nobody writes to must come back at once."""
_KINDS = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))


def read(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    """Read a regular file. Messages never name the path: names of files are often names of people.

    Raises:
        InputError: There is no such file, it is not a regular one, or it may not be read.
        LimitExceeded: It is larger than ``max_bytes``.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        raise InputError("There is no file at this path.", remedy="Check the path.") from None
    except IsADirectoryError:
        raise _not_a_file("a folder") from None
    except PermissionError:
        raise InputError(
            "The file may not be read.", remedy="Allow this account to read the file and its folder."
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a zero character within the path.
        words = getattr(error, "strerror", None) or "it is not a path"
        raise InputError(f"The file cannot be opened: {words}.", remedy="Check the path.") from None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise _not_a_file(next((words for test, words in _KINDS if test(status.st_mode)), "a device"))
        check_size(status.st_size, max_bytes)
        pieces, left = [], max_bytes + 1
        while left and (piece := os.read(descriptor, min(left, max(status.st_size + 1, 65536)))):
            pieces.append(piece)
            left -= len(piece)
            if len(piece) == status.st_size:  # One byte more was asked for: this is all of it.
                break
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.") from None
    finally:
        os.close(descriptor)
    data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
    check_size(len(data), max_bytes)
    return data


def check_size(size: int, max_bytes: int) -> None:
    """Refuse more bytes than allowed.

    Raises:
        LimitExceeded: ``size`` is larger than ``max_bytes``.
    """
    if size > max_bytes:
        raise LimitExceeded(f"The file has {size:,} bytes; {max_bytes:,} are allowed.")


def recognised(data: bytes, path: str | os.PathLike[str] | None) -> str:
    """Tell the format from the content, and refuse a file whose name promises another picture format.

    A wrong name is harmless to us but a sign that something went wrong on the way here: the file was
    renamed instead of converted, or is not the one that was meant.

    Raises:
        UnsupportedFormat: None of ``FORMATS``; the cause says what it looks like.
        DamagedImage: Empty, or mislabelled; the cause names both formats.
    """
    if not data:
        raise DamagedImage("The file is empty.")
    found = format_of(data)
    # A PurePath knows it too, in ten times as long.
    suffix = os.path.splitext(path)[1] if path is not None else ""  # noqa: PTH122
    promised = format_named(suffix)
    if found is None:
        label = f" although its name ends in {suffix.lower()}" if promised else ""
        raise UnsupportedFormat(
            f"This is no photo in a format that is opened; it looks like {resemblance(data)}{label}."
        )
    if promised not in (None, found):
        raise DamagedImage(
            f"The file is mislabelled: its name ends in {suffix.lower()}, but it holds {found.upper()}.",
            remedy=f"Rename the file so that it ends in {_SUFFIX[found]}, or export the photo again.",
        )
    return found


_SUFFIX = dict(zip(FORMATS, (".jpg", ".png", ".webp", ".bmp", ".tif", ".heic"), strict=True))


def _not_a_file(words: str) -> InputError:
    return InputError(f"The path leads to {words}, not to a file.", remedy="Give the path of a photo.")
