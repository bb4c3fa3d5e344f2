"""A connection in, what the store holds out: the same questions for readers and inside of transactions."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from sqlalchemy import BindParameter, Connection, and_, bindparam, exists, select

from faceward.adapters.gallery_store import rows
from faceward.adapters.gallery_store.tables import (
    bars,
    consents,
    forgotten,
    galleries,
    grounds,
    photos,
    removals,
    subjects,
    templates,
)
from faceward.ports.gallery_store import (
    Consent,
    Difference,
    Extent,
    Gallery,
    GalleryUnknown,
    Reference,
    Subject,
    SubjectUnknown,
)
from faceward.transparency.words import Ground, Purpose

T = TypeVar("T")
Portions: TypeAlias = Generator[Sequence[Reference], None, None]

PART = 1000
"""How many values one statement names at most; both databases take some ten thousand."""
EVER = datetime(1970, 1, 1, tzinfo=UTC)
"""From when a ground holds that follows no other."""

_names: BindParameter[Any] = bindparam("names", expanding=True)
_identifiers: BindParameter[Any] = bindparam("identifiers", expanding=True)
_in_gallery = galleries.c.name == bindparam("gallery")
_here = galleries.outerjoin(
    subjects, and_(subjects.c.gallery == galleries.c.number, subjects.c.name == bindparam("name"))
)
_people = galleries.join(subjects, subjects.c.gallery == galleries.c.number)
_one = _in_gallery & (subjects.c.name == bindparam("name"))
_now = (grounds.c.begin <= bindparam("at")) & (grounds.c.until > bindparam("at"))

_NUMBER = select(galleries.c.number).where(_in_gallery)
_GALLERY = select(*rows.GALLERY).where(_in_gallery)
_GALLERIES = (
    select(*rows.GALLERY)
    .where(galleries.c.deployment == bindparam("deployment"), galleries.c.name > bindparam("after"))
    .order_by(galleries.c.name)
    .limit(bindparam("most"))
)
_EXTENT = select(*rows.EXTENT).where(_in_gallery)
_SUBJECT = select(*rows.SUBJECT, subjects.c.failed_tries).select_from(_here).where(_in_gallery)
_SUBJECTS = (
    select(*rows.SUBJECT)
    .where(subjects.c.gallery == bindparam("number"), subjects.c.name > bindparam("after"))
    .order_by(subjects.c.name)
    .limit(bindparam("most"))
)
_REFERENCES = (
    select(*rows.REFERENCE, photos.c.content)
    .select_from(
        _people.join(templates, templates.c.subject == subjects.c.number).outerjoin(
            photos, photos.c.template == templates.c.number
        )
    )
    .where(_one)
    .order_by(templates.c.number)
)
_CONSENTS = (
    select(*rows.CONSENT)
    .select_from(_people.join(consents, consents.c.subject == subjects.c.number))
    .where(_one)
    .order_by(consents.c.number)
)
_OVERDUE = (
    select(*rows.CONSENT, galleries.c.name.label("gallery"))
    .select_from(_people.join(consents, consents.c.subject == subjects.c.number))
    .where(consents.c.erase_by <= bindparam("at"))
    .order_by(consents.c.erase_by, consents.c.number)
    .limit(bindparam("most"))
)
_OVERDUE_OF_ONE = _OVERDUE.where(galleries.c.deployment == bindparam("deployment"))
_GROUNDS = (
    select(subjects.c.name, grounds.c.ground)
    .select_from(_people.join(grounds, grounds.c.subject == subjects.c.number))
    .where(_in_gallery, subjects.c.name.in_(_names), grounds.c.purpose == bindparam("purpose"), _now)
)


def _anybody(ground: Ground, *when: Any) -> Any:
    return exists().where(
        grounds.c.gallery == galleries.c.number,
        grounds.c.purpose == bindparam("purpose"),
        grounds.c.ground == ground.value,
        *when,
    )


# Each part walks along one range of the index. The last one passes over what holds no more and was not
# recorded as expired yet; the first two pass over nothing.
_ever = (grounds.c.begin == EVER, grounds.c.until > bindparam("at"))
_since = (grounds.c.begin > EVER, _now)
_GROUND_OF_ALL = select(
    galleries.c.templates,
    _anybody(Ground.OTHER, *_ever),
    _anybody(Ground.OTHER, *_since),
    _anybody(Ground.CONSENT, *_ever),
).where(_in_gallery)
_BARRED = (
    select(bars.c.identifier, subjects.c.name)
    .select_from(_people.join(bars, bars.c.subject == subjects.c.number))
    .where(_in_gallery, bars.c.gallery == galleries.c.number, bars.c.identifier.in_(_identifiers))
)
_STANDING = select(galleries.c.number, galleries.c.revision, galleries.c.complete_after).where(_in_gallery)
_REMOVED = select(removals.c.identifier).where(
    removals.c.gallery == bindparam("number"), removals.c.revision > bindparam("since")
)
_ADDED = (
    select(*rows.REFERENCE)
    .where(templates.c.gallery == bindparam("number"), templates.c.revision > bindparam("since"))
    .order_by(templates.c.revision, templates.c.number)
)
_EVERYTHING = select(*rows.REFERENCE).where(templates.c.gallery == bindparam("number"))
_FORGOTTEN = select(forgotten.c.gallery, forgotten.c.name).order_by(forgotten.c.gallery, forgotten.c.name)


def number(asked: Connection, gallery: str) -> int:
    """The number of a gallery. Raises `GalleryUnknown`."""
    found = asked.execute(_NUMBER, {"gallery": gallery}).first()
    return int(_known(found)[0])


def gallery(asked: Connection, name: str) -> Gallery:
    """A gallery. Raises `GalleryUnknown`."""
    return rows.gallery(_known(asked.execute(_GALLERY, {"gallery": name}).first()))


def galleries_of(asked: Connection, deployment: str, after: str, most: int) -> tuple[Gallery, ...]:
    """The galleries of a deployment, in order of name, after a name."""
    values = {"deployment": deployment, "after": after, "most": most}
    return tuple(map(rows.gallery, asked.execute(_GALLERIES, values).all()))


def extent(asked: Connection, gallery: str) -> Extent:
    """How much a gallery holds. Raises `GalleryUnknown`."""
    return rows.extent(_known(asked.execute(_EXTENT, {"gallery": gallery}).first()))


def subject(asked: Connection, gallery: str, name: str) -> Subject:
    """A subject. Raises `GalleryUnknown` or `SubjectUnknown`."""
    row = _known(asked.execute(_SUBJECT, {"gallery": gallery, "name": name}).first())
    if row[0] is None:
        raise SubjectUnknown("Nobody of that name is known there.")
    return rows.subject(gallery, row)


def failed_tries(asked: Connection, gallery: str, name: str) -> int:
    """How often in a row a subject was not recognised; 0 where nobody of that name is known."""
    row = asked.execute(_SUBJECT, {"gallery": gallery, "name": name}).first()
    return 0 if row is None else row[4] or 0


def subjects_of(asked: Connection, gallery: str, after: str, most: int) -> tuple[Subject, ...]:
    """The subjects of a gallery, in order of name, after a name. Raises `GalleryUnknown`."""
    values = {"number": number(asked, gallery), "after": after, "most": most}
    return tuple(rows.subject(gallery, row) for row in asked.execute(_SUBJECTS, values).all())


def references(asked: Connection, gallery: str, name: str) -> tuple[Reference, ...]:
    """The references of a subject with their photos, the oldest first."""
    found = asked.execute(_REFERENCES, {"gallery": gallery, "name": name}).all()
    return tuple(Reference(it[0], gallery, *it[1:4], it[5] or b"", it[4]) for it in found)


def consents_of(asked: Connection, gallery: str, name: str) -> tuple[Consent, ...]:
    """The consents of a subject, the oldest first."""
    found = asked.execute(_CONSENTS, {"gallery": gallery, "name": name}).all()
    return tuple(rows.consent(gallery, row) for row in found)


def overdue(asked: Connection, at: datetime, most: int, deployment: str) -> tuple[Consent, ...]:
    """Consents whose erasure is due, the most overdue first; of one deployment, or of all."""
    values = {"at": at, "most": most} | ({"deployment": deployment} if deployment else {})
    found = asked.execute(_OVERDUE_OF_ONE if deployment else _OVERDUE, values).all()
    return tuple(rows.consent(row[-1], row[:-1]) for row in found)


def grounds_of(
    asked: Connection, gallery: str, names: Sequence[str], purpose: Purpose, at: datetime
) -> dict[str, str]:
    """The best ground of each of some subjects who have one."""
    found: dict[str, str] = {}
    for part in parts(names):
        values = {"gallery": gallery, "names": part, "purpose": purpose.value, "at": at}
        found |= {row[0]: row[1] for row in asked.execute(_GROUNDS, values)}
    return found


def ground(asked: Connection, gallery: str, names: Sequence[str], purpose: Purpose, at: datetime) -> Ground:
    """The weakest ground of some subjects, or of all of a gallery who have one."""
    if names:
        found = grounds_of(asked, gallery, names, purpose, at)
        if len(found) < len(set(names)):
            return Ground.NONE
        return Ground.OTHER if Ground.OTHER.value in found.values() else Ground.CONSENT
    values = {"gallery": gallery, "purpose": purpose.value, "at": at}
    row = asked.execute(_GROUND_OF_ALL, values).first()
    if row is None:
        return Ground.NONE
    count, other, later_other, consent = row
    if count and (other or later_other):
        return Ground.OTHER
    return Ground.CONSENT if consent or not count else Ground.NONE


def barred(asked: Connection, gallery: str, identifiers: Sequence[str]) -> frozenset[tuple[str, str]]:
    """Pairs of a reference and a subject whom it is not."""
    found: set[tuple[str, str]] = set()
    for part in parts(identifiers):
        answer = asked.execute(_BARRED, {"gallery": gallery, "identifiers": part})
        found |= {(row[0], row[1]) for row in answer}
    return frozenset(found)


def difference(asked: Connection, gallery: str, since: int) -> Difference | None:
    """What changed after a revision; nothing where that is not known. Raises `GalleryUnknown`."""
    place, revision, complete_after = _known(asked.execute(_STANDING, {"gallery": gallery}).first())
    if not complete_after <= since <= revision:
        return None
    if since == revision:
        return Difference(revision, (), ())
    values = {"number": place, "since": since}
    removed = dict.fromkeys(asked.execute(_REMOVED, values).scalars())
    added = asked.execute(_ADDED, values).all()
    return Difference(revision, tuple(removed), rows.references(gallery, added))


def everything(asked: Connection, gallery: str, most: int) -> tuple[int, Portions]:
    """The revision, and all references in portions of at most so many. Raises `GalleryUnknown`."""
    place, revision, _ = _known(asked.execute(_STANDING, {"gallery": gallery}).first())

    def portions() -> Portions:
        answer = asked.execute(_EVERYTHING, {"number": place}, execution_options={"yield_per": most})
        with closing(answer):
            for part in answer.partitions():
                yield rows.references(gallery, part)

    return revision, portions()


def not_buried(asked: Connection) -> tuple[tuple[str, str], ...]:
    """Gallery and name of everybody who was forgotten and is not buried yet."""
    return tuple((it[0], it[1]) for it in asked.execute(_FORGOTTEN))


def parts(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Some values in parts that one statement can name."""
    for start in range(0, len(values), PART):
        yield values[start : start + PART]


def _known(row: Sequence[Any] | None) -> Sequence[Any]:
    if row is None:
        raise GalleryUnknown("There is no gallery of that name.")
    return row
