"""Paths in, photo files out; and results in, files that are there whole or not at all out."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from faceward.adapters.codec import sources
from faceward.adapters.codec.headers import format_named
from faceward.cli.exits import AboutFile
from faceward.errors import InputError, InvalidValue


@dataclass(frozen=True, slots=True)
class PhotoFile:
    """A file to open as a photo.

    Attributes:
        path: As the caller will recognise it.
        below: Its place below the folder that was named, or its name: where results about it go.
    """

    path: Path
    below: Path


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """What the caller pointed at.

    Attributes:
        files: In order of the arguments, those of a folder in order of name.
        others: Files of the folders whose name promises no photo; they were left alone.
        from_folder: Whether a folder was among the arguments.
    """

    files: tuple[PhotoFile, ...]
    others: int
    from_folder: bool

    @property
    def many(self) -> bool:
        """Whether results come as a list, even of one."""
        return self.from_folder or len(self.files) != 1


def photo_files(paths: list[str]) -> PhotoFiles:
    """Find the photos that paths lead to, folders with all that is in them.

    A file that is named is always taken; in a folder, one whose name promises a photo. Hidden files and
    links to folders are passed over: cameras hide thumbnails, and links can lead in circles.

    Raises:
        AboutFile: A folder cannot be read.
    """
    files: list[PhotoFile] = []
    others = 0
    folders = [path for path in paths if Path(path).is_dir()]
    for name in paths:
        if name not in folders:
            files.append(PhotoFile(Path(name), Path(Path(name).name)))
            continue
        for found in _walk(Path(name)):
            if format_named(found.suffix):
                files.append(PhotoFile(found, found.relative_to(name)))
            else:
                others += 1
    return PhotoFiles(tuple(files), others, bool(folders))


def _walk(folder: Path) -> Iterator[Path]:
    def unreadable(error: OSError) -> None:
        raise AboutFile(
            error.filename or folder,
            InputError(
                f"The folder cannot be read: {error.strerror}.", remedy="Allow this account to read it."
            ),
        )

    for place, below, names in os.walk(folder, onerror=unreadable):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith("."):
                yield Path(place, name)


def write(path: Path, content: bytes, *, replace: bool, private: bool) -> None:
    """Put a file in place whole or not at all.

    Args:
        path: Where.
        content: What.
        replace: Whether a file that is there may go. No option of ours destroys a photo by a slip.
        private: Only this account may read it, from the first moment; otherwise as the umask says.

    Raises:
        AboutFile: A file is there already, or it cannot be written.
    """
    try:
        if not replace:  # Taking the name is what fails where something is; nobody can come between.
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        descriptor, temporary = tempfile.mkstemp(".tmp", ".faceward-", path.parent)  # 0600
        try:
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            if not private:
                Path(temporary).chmod(0o666 & ~_umask())
            Path(temporary).replace(path)
        except BaseException:
            leftovers = [Path(temporary)] if replace else [Path(temporary), path]
            for leftover in leftovers:
                with contextlib.suppress(OSError):
                    leftover.unlink()
            raise
    except FileExistsError:
        raise AboutFile(
            path,
            InvalidValue(
                "There is a file of this name already.",
                remedy="Give another name, or --force where the verb has it.",
            ),
        ) from None
    except OSError as error:
        raise AboutFile(
            path,
            InputError(
                f"The file cannot be written: {error.strerror}.", remedy="Check the folder and its rights."
            ),
        ) from None


def _umask() -> int:
    # There is no way to read it without setting it; verbs write from one thread.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def read(path: str, max_bytes: int = 1 << 20) -> bytes:
    """Read a small file, such as a key or a template file.

    Raises:
        AboutFile: It cannot be read, or is larger than allowed.
    """
    try:
        return sources.read(path, max_bytes)
    except InputError as error:
        raise AboutFile(path, error) from None


def text(path: str) -> str:
    """Read a file that holds somebody's words, in UTF-8.

    Raises:
        AboutFile: It cannot be read, or is no text.
    """
    try:
        return read(path).decode("utf-8").strip()
    except UnicodeDecodeError:
        raise AboutFile(path, InvalidValue("This is no text.", remedy="Save it as UTF-8.")) from None
