"""Closed templates in, their rows out: added, replaced and removed, with the counts that follow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from faceward.adapters.gallery_store import corrections, people
from faceward.adapters.gallery_store.questions import parts
from faceward.adapters.gallery_store.revisions import following
from faceward.adapters.gallery_store.tables import (
    bars,
    consents,
    galleries,
    grounds,
    photos,
    subjects,
    templates,
)
from faceward.ports.gallery_store import AlreadyThere, Reference, ReferenceUnknown

_identifiers: BindParameter[Any] = bindparam("identifiers", expanding=True)
_numbers: BindParameter[Any] = bindparam("numbers", expanding=True)
_TAKEN = select(templates.c.identifier).where(templates.c.identifier.in_(_identifiers))
_ADDED = insert(templates)
_NUMBERS = select(templates.c.identifier, templates.c.number).where(templates.c.identifier.in_(_identifiers))
_PHOTO = insert(photos)
_MORE = (
    update(subjects)
    .where(subjects.c.number == bindparam("person"))
    .values(templates=subjects.c.templates + bindparam("more"))
)
_WHICH = (
    select(
        templates.c.number, templates.c.identifier, templates.c.gallery, templates.c.subject,
        subjects.c.templates,
    )
    .select_from(templates.join(galleries, galleries.c.number == templates.c.gallery).join(
        subjects, subjects.c.number == templates.c.subject))
)  # fmt: skip
_SOME = _WHICH.where(galleries.c.name == bindparam("gallery"), templates.c.identifier.in_(_identifiers))
_THEIRS = _WHICH.where(templates.c.subject == bindparam("person"))
_REPLACED = (
    update(templates)
    .where(templates.c.number == bindparam("template"))
    .values({
        it: bindparam(f"new_{it.name}")
        for it in (
            templates.c.subject, templates.c.name, templates.c.revision, templates.c.epoch,
            templates.c.created, templates.c.sealed,
        )
    })
)  # fmt: skip
_NO_PHOTOS = delete(photos).where(photos.c.template.in_(_numbers))
_NO_TEMPLATES = delete(templates).where(templates.c.number.in_(_numbers))
_NO_BARS_OF = delete(bars).where(bars.c.gallery == bindparam("place"), bars.c.identifier.in_(_identifiers))
_NOTHING_OF = tuple(
    delete(table).where(table.c.subject == bindparam("person")) for table in (grounds, consents, bars)
)


def add(inside: Connection, gallery: str, references: Sequence[Reference]) -> None:
    """Add references to people of one gallery. Raises `SubjectUnknown` or `AlreadyThere`."""
    there = people.known(inside, gallery, [it.subject for it in references])
    identifiers = [it.identifier for it in references]
    is_taken = inside.execute(_TAKEN, {"identifiers": identifiers}).first() is not None
    if is_taken or len(set(identifiers)) < len(identifiers):
        raise AlreadyThere("There is a reference of that identifier.")
    place = there[references[0].subject][0]
    new = sum(count == 0 for _, _, count in there.values())
    revision = following(inside, place, templates=len(references), people=new)
    values = [
        {
            "identifier": it.identifier, "gallery": place, "subject": there[it.subject][1],
            "revision": revision, "epoch": it.epoch, "created": it.created, "name": it.subject,
            "sealed": it.sealed,
        }
        for it in references
    ]  # fmt: skip
    inside.execute(_ADDED, values)
    _keep_photos(inside, [it for it in references if it.photo])
    counts = Counter(it["subject"] for it in values)
    inside.execute(_MORE, [{"person": person, "more": more} for person, more in counts.items()])


def replace(inside: Connection, reference: Reference) -> None:
    """Put another in the place of a reference. Raises `SubjectUnknown` or `ReferenceUnknown`."""
    place, person, count = people.known(inside, reference.gallery, (reference.subject,))[reference.subject]
    which = {"gallery": reference.gallery, "identifiers": [reference.identifier]}
    row = inside.execute(_SOME, which).first()
    if row is None:
        raise ReferenceUnknown("There is no reference of that identifier.")
    number, identifier, _, before, left = row
    moves = before != person
    change = (moves and count == 0) - (moves and left == 1)
    revision = following(inside, place, (identifier,), people=change)
    inside.execute(
        _REPLACED,
        {
            "template": number, "new_subject": person, "new_name": reference.subject,
            "new_revision": revision, "new_epoch": reference.epoch, "new_created": reference.created,
            "new_sealed": reference.sealed,
        },
    )  # fmt: skip
    inside.execute(_NO_PHOTOS, {"numbers": [number]})
    if reference.photo:
        _keep_photos(inside, [reference])
    if moves:
        inside.execute(_MORE, [{"person": person, "more": 1}, {"person": before, "more": -1}])


def remove(inside: Connection, gallery: str, identifiers: Sequence[str]) -> int:
    """Remove references, and say how many were there."""
    found: list[Any] = []
    for part in parts(list(dict.fromkeys(identifiers))):
        found += inside.execute(_SOME, {"gallery": gallery, "identifiers": part}).all()
    if found:
        _remove(inside, found)
    return len(found)


def forget(inside: Connection, gallery: str, name: str) -> int:
    """Remove a subject with all that is kept of them, and say how many references went."""
    there = people.found(inside, gallery, (name,))
    if name not in there:
        return 0
    place, person, _ = there[name]
    found = inside.execute(_THEIRS, {"person": person}).all()
    if found:
        _remove(inside, found)
    else:
        following(inside, place)
    for statement in _NOTHING_OF:
        inside.execute(statement, {"person": person})
    corrections.forget(inside, person)
    people.end(inside, gallery, name, person)
    return len(found)


def _remove(inside: Connection, found: Sequence[Any]) -> None:
    counts = Counter(it[3] for it in found)
    gone = sum(counts[person] == had for person, had in {it[3]: it[4] for it in found}.items())
    identifiers = [it[1] for it in found]
    following(inside, found[0][2], identifiers, templates=-len(found), people=-gone)
    for part in parts(identifiers):
        inside.execute(_NO_BARS_OF, {"place": found[0][2], "identifiers": part})
    for part in parts([it[0] for it in found]):
        inside.execute(_NO_PHOTOS, {"numbers": part})
        inside.execute(_NO_TEMPLATES, {"numbers": part})
    inside.execute(_MORE, [{"person": person, "more": -less} for person, less in counts.items()])


def _keep_photos(inside: Connection, references: Sequence[Reference]) -> None:
    if not references:
        return
    answer = inside.execute(_NUMBERS, {"identifiers": [it.identifier for it in references]})
    numbers = {row[0]: row[1] for row in answer}
    inside.execute(_PHOTO, [{"template": numbers[it.identifier], "content": it.photo} for it in references])
