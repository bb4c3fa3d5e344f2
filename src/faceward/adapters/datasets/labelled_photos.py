"""A folder for each person, or a CSV manifest in, labelled photos with a digest over all of it out."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from faceward.adapters.codec import sources
from faceward.adapters.codec.headers import format_named
from faceward.errors import InputError, InvalidValue

_MAX_TABLE_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One photo and who it is said to show.

    Attributes:
        image: Its place below the root, with ``/``; the same on every machine.
        subject: Who it is said to show.
        path: Where it lies here.
    """

    image: str
    subject: str
    path: Path


@dataclass(frozen=True, slots=True)
class LabelledPhotos:
    """A data set, in order of ``image``: the order of the lines or of the file system makes no difference."""

    photos: tuple[LabelledPhoto, ...]

    def __post_init__(self) -> None:
        names = [photo.image for photo in self.photos]
        if len(set(names)) != len(names):
            raise InvalidValue("A photo appears twice in the data set.", remedy="Name each photo once.")
        if not names:
            raise InputError(
                "There is no labelled photo here.", remedy="Name a folder with a folder for each person."
            )
        object.__setattr__(self, "photos", tuple(sorted(self.photos, key=lambda photo: photo.image)))

    @property
    def subjects(self) -> int:
        """How many different subjects there are."""
        return len({photo.subject for photo in self.photos})


def from_folders(root: Path) -> LabelledPhotos:
    """Read a folder that has one folder for each person, with that person's photos in it.

    Hidden files and files whose names promise no photo are passed over.

    Raises:
        InputError: There is no photo, or a folder cannot be read.
    """
    photos = []
    for folder in _entries(root):
        if not folder.is_dir():
            continue
        photos += [
            LabelledPhoto(f"{folder.name}/{path.name}", folder.name, path)
            for path in _entries(folder)
            if format_named(path.suffix) and path.is_file()
        ]
    return LabelledPhotos(tuple(photos))


def from_manifest(
    table: Path, root: Path, only: Mapping[str, frozenset[str]] | None = None
) -> LabelledPhotos:
    """Read a CSV file with the columns ``image`` and ``subject`` and any others.

    Args:
        table: The file, UTF-8, with a line of headings.
        root: What ``image`` is relative to.
        only: Keep the lines in which these columns have one of these values.

    Raises:
        InputError: The file cannot be read.
        InvalidValue: A column is missing, an image leaves the root, or nothing is left.
    """
    wanted = only or {}
    photos = []
    for number, row in rows(table, ("image", "subject", *wanted)):
        if all(row[column] in values for column, values in wanted.items()):
            image = _inside(row["image"], f"Line {number} of {table.name}")
            photos.append(LabelledPhoto(image, row["subject"], root / image))
    return LabelledPhotos(tuple(photos))


def rows(table: Path, needed: Iterable[str]) -> list[tuple[int, dict[str, str]]]:
    """Read a CSV file with headings; each line with its number, as an editor counts.

    Raises:
        InputError: The file cannot be read.
        InvalidValue: It is no CSV in UTF-8, a column is missing, or a needed value is blank.
    """
    try:
        text = sources.read(table, _MAX_TABLE_BYTES).decode("utf-8-sig")
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        found = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error) as error:
        raise InvalidValue(
            f"{table.name} is no CSV in UTF-8 ({error}).", remedy="Save it as CSV, UTF-8, with commas."
        ) from None
    columns = tuple(needed)
    missing = [column for column in columns if column not in (reader.fieldnames or ())]
    if missing:
        raise InvalidValue(
            f"{table.name} has no column {', '.join(missing)}.",
            remedy=f"Its first line must name {', '.join(columns)}.",
        )
    for number, row in found:
        # Too few values give None, too many a list under the key None.
        if None in row or any(row[column] is None or not row[column].strip() for column in columns):
            raise InvalidValue(
                f"Line {number} of {table.name} has too few or too many values.", remedy="Correct the line."
            )
    return found


def digest(photos: LabelledPhotos, contents: Iterable[str], excluded: Iterable[str] = ()) -> str:
    """Give the SHA-256 over what each photo holds, who it is said to show, and what was left out.

    Args:
        photos: The data set.
        contents: SHA-256 of each file, in hexadecimal, in the order of ``photos``.
        excluded: One line for each known label error that was taken into account.
    """
    total = hashlib.sha256(b"faceward labelled photos 1\n")
    for photo, content in zip(photos.photos, contents, strict=True):
        total.update(f"{photo.image}\0{content}\0{photo.subject}\n".encode("utf-8", "surrogateescape"))
    for line in sorted(excluded):
        total.update(f"\0{line}\n".encode("utf-8", "surrogateescape"))
    return total.hexdigest()


def _entries(folder: Path) -> list[Path]:
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names, to sort them before they become paths
    except OSError as error:
        raise InputError(
            f"A folder cannot be read: {error.strerror}.",
            remedy="Name a folder with one folder for each person.",
        ) from None
    return [folder / name for name in sorted(names) if not name.startswith(".")]


def _inside(image: str, place: str) -> str:
    path = PurePosixPath(image)
    if path.is_absolute() or ".." in path.parts or "\\" in image or not path.parts:
        raise InvalidValue(f"{place}: the image leaves the root.", remedy="Give paths below --root, with /.")
    return str(path)
