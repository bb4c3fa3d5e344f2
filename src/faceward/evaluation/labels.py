"""Names of photos and subjects in, numbered people out, known label errors taken into account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceward.errors import InvalidValue

IndexArray: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Labels:
    """Who each item shows, and what is known to be wrong about that.

    Attributes:
        items: Names of the photos, in the order of their templates; no name twice.
        subjects: The subject each item is said to show, in the same order.
        mislabelled: Items that show somebody else, or several people: they are in no trial.
        same_person: Pairs of subject names that are one person. Trials across such names are left out;
            all others of theirs stay.

    Raises:
        InvalidValue: The lengths differ, an item appears twice, or an error names what is not there. A
            misspelt exclusion that excluded nothing would go unnoticed, so it is refused.
    """

    items: tuple[str, ...]
    subjects: tuple[str, ...]
    mislabelled: frozenset[str] = frozenset()
    same_person: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if len(self.items) != len(self.subjects):
            raise InvalidValue(f"There are {len(self.items)} items and {len(self.subjects)} subjects.")
        items = set(self.items)
        if len(items) != len(self.items):
            raise InvalidValue("An item appears twice among the labels.")
        aliases = {name for pair in self.same_person for name in pair}
        if unknown := (self.mislabelled - items) | (aliases - set(self.subjects)):
            raise InvalidValue(
                f"{len(unknown)} of the known label errors name no item or subject here.",
                remedy="Pass only the errors that concern these items, with the names used here.",
            )


def numbered(labels: Labels) -> tuple[IndexArray, IndexArray, IndexArray]:
    """Number the usable items, their subjects and their people.

    Returns:
        Places of the usable items, and for each of those the number of its subject and of its person;
        people are numbered without gaps.
    """
    leader = {name: name for name in labels.subjects}

    def lead(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for one, other in labels.same_person:
        first, second = sorted((lead(one), lead(other)))
        leader[second] = first
    usable = [place for place, item in enumerate(labels.items) if item not in labels.mislabelled]
    subjects = [labels.subjects[place] for place in usable]
    return np.array(usable, np.int64), _numbers(subjects), _numbers([lead(name) for name in subjects])


def _numbers(names: list[str]) -> IndexArray:
    number = {name: at for at, name in enumerate(sorted(set(names)))}
    return np.array([number[name] for name in names], np.int64)
