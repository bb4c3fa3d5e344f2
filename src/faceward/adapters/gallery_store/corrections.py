"""Corrections and what somebody said is not so in, their rows out; they go with whom they are about."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, or_, select, update

from faceward.adapters.gallery_store import people, questions
from faceward.adapters.gallery_store.tables import bars, corrections, galleries, subjects, templates
from faceward.ports.gallery_store import (
    AlreadyThere,
    Correction,
    CorrectionKind,
    CorrectionUnknown,
    ReferenceUnknown,
)

_before, _after = subjects.alias("had"), subjects.alias("got")
_CORRECTIONS = (
    select(
        corrections.c.identifier,
        corrections.c.kind,
        _before.c.name.label("had"),
        _after.c.name.label("got"),
        corrections.c.templates,
        corrections.c.made,
        corrections.c.undone,
    )
    .join_from(corrections, galleries, galleries.c.number == corrections.c.gallery)
    .join(_before, _before.c.number == corrections.c.before)
    .join(_after, _after.c.number == corrections.c.after)
    .where(galleries.c.name == bindparam("gallery"))
)
_ONE = _CORRECTIONS.where(corrections.c.identifier == bindparam("correction"))
_NEWEST = _CORRECTIONS.order_by(corrections.c.number.desc()).limit(bindparam("most"))
_OWNER = select(corrections.c.number, corrections.c.gallery).where(
    corrections.c.identifier == bindparam("correction")
)
_NEW = insert(corrections)
_REPLACED = (
    update(corrections)
    .where(corrections.c.number == bindparam("which"))
    .values({it: bindparam(f"new_{it.name}") for it in corrections.c if it.name != "number"})
)
_NOTHING_OF = delete(corrections).where(
    or_(corrections.c.before == bindparam("person"), corrections.c.after == bindparam("person"))
)
_pair = (bars.c.subject == bindparam("person")) & (bars.c.identifier == bindparam("reference"))
_IS_BARRED = select(bars.c.identifier).where(_pair)
_IS_THERE = select(templates.c.number).where(
    templates.c.gallery == bindparam("place"), templates.c.identifier == bindparam("reference")
)
_BAR = insert(bars)
_UNBAR = delete(bars).where(_pair)
_BARRED_FROM = select(bars.c.identifier).where(bars.c.subject == bindparam("person"))


def correction(asked: Connection, gallery: str, identifier: str) -> Correction:
    """A correction. Raises `CorrectionUnknown`."""
    row = asked.execute(_ONE, {"gallery": gallery, "correction": identifier}).first()
    if row is None:
        raise CorrectionUnknown("There is no correction of that identifier there.")
    return _read(gallery, row)


def newest(asked: Connection, gallery: str, most: int) -> tuple[Correction, ...]:
    """The newest corrections of a gallery. Raises `GalleryUnknown`."""
    questions.number(asked, gallery)
    found = asked.execute(_NEWEST, {"gallery": gallery, "most": most}).all()
    return tuple(_read(gallery, row) for row in found)


def note(inside: Connection, it: Correction) -> None:
    """Keep a correction. Raises `SubjectUnknown`, or `AlreadyThere` for one of another gallery."""
    there = people.known(inside, it.gallery, (it.before, it.after))
    place = there[it.before][0]
    values = {
        "identifier": it.identifier, "gallery": place, "kind": it.kind.value, "before": there[it.before][1],
        "after": there[it.after][1], "templates": " ".join(it.references), "made": it.made,
        "undone": int(it.undone),
    }  # fmt: skip
    row = inside.execute(_OWNER, {"correction": it.identifier}).first()
    if row is None:
        inside.execute(_NEW, values)
    elif row[1] != place:
        raise AlreadyThere("There is a correction of that identifier.")
    else:
        inside.execute(_REPLACED, {"which": row[0]} | {f"new_{name}": new for name, new in values.items()})


def forget(inside: Connection, person: int) -> None:
    """Remove every correction that a subject is part of."""
    inside.execute(_NOTHING_OF, {"person": person})


def bar(inside: Connection, gallery: str, identifier: str, name: str) -> None:
    """Remember that a reference is not of a subject. Raises `SubjectUnknown` or `ReferenceUnknown`."""
    place, person, _ = people.known(inside, gallery, (name,))[name]
    values = {"person": person, "reference": identifier}
    if inside.execute(_IS_THERE, {"place": place, "reference": identifier}).first() is None:
        raise ReferenceUnknown("There is no reference of that identifier.")
    if inside.execute(_IS_BARRED, values).first() is None:
        inside.execute(_BAR, {"subject": person, "identifier": identifier, "gallery": place})


def unbar(inside: Connection, gallery: str, identifier: str, name: str) -> None:
    """Remember it no more."""
    for _, person, _ in people.found(inside, gallery, (name,)).values():
        inside.execute(_UNBAR, {"person": person, "reference": identifier})


def barred_from(inside: Connection, gallery: str, name: str) -> frozenset[str]:
    """References of which somebody said that they do not show a subject."""
    there = people.found(inside, gallery, (name,))
    return frozenset(
        identifier
        for _, person, _ in there.values()
        for identifier in inside.execute(_BARRED_FROM, {"person": person}).scalars()
    )


def _read(gallery: str, row: Any) -> Correction:
    identifier, kind, before, after, references, made, undone = row
    return Correction(
        identifier,
        gallery,
        CorrectionKind(kind),
        before,
        after,
        tuple(references.split()),
        made,
        bool(undone),
    )
