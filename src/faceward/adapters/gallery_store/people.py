"""Galleries and people in, their rows out: made, found for a change, and removed with all that is theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, exists, insert, select, update

from faceward.adapters.gallery_store import questions, rows
from faceward.adapters.gallery_store.questions import parts
from faceward.adapters.gallery_store.revisions import following
from faceward.adapters.gallery_store.tables import forgotten, galleries, removals, subjects
from faceward.errors import ConflictError
from faceward.ports.gallery_store import AlreadyThere, Gallery, Subject, SubjectUnknown

_names: BindParameter[Any] = bindparam("names", expanding=True)
_MADE = insert(galleries).returning(galleries.c.number)
_FIRST = (
    update(galleries)
    .where(galleries.c.number == bindparam("place"))
    .values(revision=bindparam("first"), complete_after=bindparam("first"))
)
_IS_THERE = select(galleries.c.number).where(galleries.c.name == bindparam("gallery"))
_HAS_PEOPLE = select(exists().where(subjects.c.gallery == bindparam("place")))
_CLOSED = (
    delete(removals).where(removals.c.gallery == bindparam("place")),
    delete(galleries).where(galleries.c.number == bindparam("place")),
)
_FOUND = (
    select(galleries.c.number.label("gallery"), subjects.c.name, subjects.c.number, subjects.c.templates)
    .join_from(galleries, subjects, subjects.c.gallery == galleries.c.number)
    .where(galleries.c.name == bindparam("gallery"), subjects.c.name.in_(_names))
)
_NOT_BURIED = select(forgotten.c.name).where(
    forgotten.c.gallery == bindparam("gallery"), forgotten.c.name.in_(_names)
)
_INTRODUCED = insert(subjects)
_FORGOTTEN = insert(forgotten)
_GONE = delete(subjects).where(subjects.c.number == bindparam("person"))
_BURIED = delete(forgotten).where(
    forgotten.c.gallery == bindparam("of_gallery"), forgotten.c.name == bindparam("of_name")
)
_TRIES = (
    update(subjects).where(subjects.c.number == bindparam("person")).values(failed_tries=bindparam("tries"))
)
_SHARE = 32
"""Bits of a revision that count changes; those above are the gallery's number."""


def make(inside: Connection, gallery: Gallery) -> None:
    """Make a gallery. Raises `AlreadyThere`."""
    if inside.execute(_IS_THERE, {"gallery": gallery.name}).first() is not None:
        raise AlreadyThere("There is a gallery of that name.")
    counts = {"revision": 0, "complete_after": 0, "people": 0, "templates": 0, "removals": 0}
    number = inside.execute(_MADE, rows.of_gallery(gallery) | counts).scalar_one()
    inside.execute(_FIRST, {"place": number, "first": number << _SHARE})


def close(inside: Connection, gallery: str) -> None:
    """Remove a gallery. Raises `GalleryUnknown`, or `ConflictError` where somebody is in it."""
    place = {"place": questions.number(inside, gallery)}
    if inside.execute(_HAS_PEOPLE, place).scalar():
        raise ConflictError("There are people in this gallery.", remedy="Erase them first.")
    for statement in _CLOSED:
        inside.execute(statement, place)


def introduce(inside: Connection, gallery: str, people: Sequence[Subject]) -> None:
    """Make people of one gallery known. Raises `GalleryUnknown` or `AlreadyThere`."""
    number = questions.number(inside, gallery)
    names = [it.name for it in people]
    values = {"gallery": gallery, "names": names}
    if (
        len(set(names)) < len(names)
        or inside.execute(_FOUND, values).first() is not None
        or inside.execute(_NOT_BURIED, values).first() is not None
    ):
        raise AlreadyThere("Somebody of that name is known there, or was forgotten a moment ago.")
    inside.execute(
        _INTRODUCED,
        [
            {
                "gallery": number, "name": it.name, "majority": it.majority.value, "created": it.created,
                "templates": 0, "failed_tries": 0,
            }
            for it in people
        ],
    )  # fmt: skip
    following(inside, number)


def found(inside: Connection, gallery: str, names: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """Number of the gallery, own number and count of references of each of some people who are known."""
    there: dict[str, tuple[int, int, int]] = {}
    for part in parts(names):
        answer = inside.execute(_FOUND, {"gallery": gallery, "names": part})
        there |= {name: (place, person, count) for place, name, person, count in answer}
    return there


def known(inside: Connection, gallery: str, names: Sequence[str]) -> dict[str, tuple[int, int, int]]:
    """The same for people who must all be known. Raises `SubjectUnknown`."""
    there = found(inside, gallery, names)
    if not there.keys() >= set(names):
        raise SubjectUnknown("Nobody of that name is known there.")
    return there


def end(inside: Connection, gallery: str, name: str, person: int) -> None:
    """Remove a subject of whom nothing else is left, and remember that they were there."""
    inside.execute(_GONE, {"person": person})
    inside.execute(_FORGOTTEN, {"gallery": gallery, "name": name})


def bury(inside: Connection, gallery: str, name: str) -> bool:
    """Remember a subject who was forgotten no more, and say whether they were remembered."""
    return inside.execute(_BURIED, {"of_gallery": gallery, "of_name": name}).rowcount > 0


def set_failed_tries(inside: Connection, gallery: str, name: str, count: int) -> None:
    """Say how often in a row a subject was not recognised; nothing where nobody of that name is known."""
    for _, person, _ in found(inside, gallery, (name,)).values():
        inside.execute(_TRIES, {"person": person, "tries": count})
