"""A CSV of known label errors and a data set in, the errors that concern it and a count of the rest out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from faceward.adapters.datasets.labelled_photos import LabelledPhotos, rows
from faceward.errors import InvalidValue
from faceward.evaluation.labels import Labels


class Kind(StrEnum):
    """What is wrong with a label."""

    LABEL_ERROR = "label_error"
    SAME_PERSON_TWO_NAMES = "same_person_two_names"
    SUSPECT_OR_SHARED_PHOTO = "suspect_or_shared_photo"


@dataclass(frozen=True, slots=True)
class KnownErrors:
    """What is known to be wrong about the labels of one data set.

    Attributes:
        mislabelled: Images that show somebody else, or several people.
        same_person: Pairs of subjects that are one person.
        absent: Entries that concern nothing in the data set and were passed over.
    """

    mislabelled: frozenset[str] = frozenset()
    same_person: tuple[tuple[str, str], ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each error that counts, for a digest."""
        return (
            *(f"mislabelled {image}" for image in sorted(self.mislabelled)),
            *(f"same person {one} {other}" for one, other in self.same_person),
        )

    def labels(self, photos: LabelledPhotos, images: Iterable[str]) -> Labels:
        """Label those images of which there are templates, in the order given.

        Errors about images that could not be acquired have nothing left to exclude and are passed over.
        """
        subject_of = {photo.image: photo.subject for photo in photos.photos}
        items = tuple(images)
        subjects = tuple(subject_of[image] for image in items)
        here = set(subjects)
        return Labels(
            items,
            subjects,
            self.mislabelled.intersection(items),
            tuple(pair for pair in self.same_person if here.issuperset(pair)),
        )


def read_label_errors(table: Path, photos: LabelledPhotos) -> KnownErrors:
    """Read what is known to be wrong.

    The columns are ``item``, ``truth`` and ``kind``. For ``label_error`` and ``suspect_or_shared_photo`` the
    item is a photo, named without folder and ending; it is left out of all trials, and of a shared photo so
    is the one that ``truth`` names. For ``same_person_two_names`` the item is a subject, and ``truth`` is, or
    mentions, the other name. Errors that concern nothing here are counted, not hidden.

    Raises:
        InputError: The file cannot be read.
        InvalidValue: A column or a kind is unknown, or a name fits several photos.
    """
    images: dict[str, list[str]] = {}
    for photo in photos.photos:
        images.setdefault(PurePosixPath(photo.image).stem, []).append(photo.image)
    subjects = {photo.subject for photo in photos.photos}
    mislabelled: set[str] = set()
    same_person: list[tuple[str, str]] = []
    absent: list[str] = []
    for number, row in rows(table, ("item", "truth", "kind")):
        item, truth = row["item"].strip(), row["truth"].strip()
        try:
            kind = Kind(row["kind"])
        except ValueError:
            raise InvalidValue(
                f"Line {number} of {table.name} has the kind {row['kind']!r}.",
                remedy=f"Use one of {', '.join(Kind)}.",
            ) from None
        if kind is Kind.SAME_PERSON_TWO_NAMES:
            other = _name_in(truth, subjects - {item})
            if item in subjects and other is not None:
                same_person.append((item, other))
            else:
                absent.append(item)
            continue
        names = (item, truth) if kind is Kind.SUSPECT_OR_SHARED_PHOTO else (item,)
        found = [image for name in names for image in _photo(name, images, number, table.name)]
        mislabelled.update(found)
        if not found:
            absent.append(item)
    return KnownErrors(frozenset(mislabelled), tuple(same_person), tuple(absent))


def _photo(name: str, images: dict[str, list[str]], number: int, table: str) -> list[str]:
    found = images.get(name, [])
    if len(found) > 1:
        raise InvalidValue(
            f"Line {number} of {table} names a photo that is there {len(found)} times.",
            remedy="Give the photos different names.",
        )
    return found


def _name_in(words: str, subjects: set[str]) -> str | None:
    """Find the one subject that a text is, or mentions."""
    if words in subjects:
        return words
    mentioned = sorted(set(re.split(r"[\s,;()]+", words)) & subjects)
    return mentioned[0] if len(mentioned) == 1 else None
