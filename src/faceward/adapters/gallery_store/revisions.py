"""A change of a gallery in, its next revision out; and how far back it can be said what changed."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from faceward.adapters.gallery_store.tables import galleries, removals

KEPT = 10_000
"""Removals that a gallery remembers at least, and twice as many at most: some hundred kilobytes. Our choice:
whoever is further behind reads a gallery of a million anew in seconds."""

_here = galleries.c.number == bindparam("place")
_NEXT = (
    update(galleries)
    .where(_here)
    .values(
        revision=galleries.c.revision + 1,
        templates=galleries.c.templates + bindparam("more_templates"),
        people=galleries.c.people + bindparam("more_people"),
        removals=galleries.c.removals + bindparam("more_removals"),
    )
    .returning(galleries.c.revision, galleries.c.removals)
)
_REMOVED = insert(removals)
_CUT = (
    select(removals.c.revision)
    .where(removals.c.gallery == bindparam("place"))
    .order_by(removals.c.revision.desc())
    .offset(bindparam("kept"))
    .limit(1)
)
_PRUNE = delete(removals).where(
    removals.c.gallery == bindparam("place"), removals.c.revision <= bindparam("cut")
)
_PRUNED = (
    update(galleries)
    .where(_here)
    .values(complete_after=bindparam("cut"), removals=galleries.c.removals - bindparam("gone"))
)


def following(
    inside: Connection, gallery: int, removed: Sequence[str] = (), *, templates: int = 0, people: int = 0
) -> int:
    """Give a gallery its next revision, and remember what is removed by it.

    Args:
        inside: The connection.
        gallery: Number of the gallery.
        removed: Identifiers of references that go, or go to another subject.
        templates: How many references more there are.
        people: How many people more have any.
    """
    values = {
        "place": gallery, "more_templates": templates, "more_people": people, "more_removals": len(removed)
    }  # fmt: skip
    revision, remembered = inside.execute(_NEXT, values).one()
    if removed:
        each = [{"gallery": gallery, "revision": revision, "identifier": it} for it in removed]
        inside.execute(_REMOVED, each)
        if remembered > 2 * KEPT:
            _prune(inside, gallery)
    return int(revision)


def _prune(inside: Connection, gallery: int) -> None:
    """Forget the older removals; whole revisions, so that what is left is all that there was after one."""
    cut = inside.execute(_CUT, {"place": gallery, "kept": KEPT}).scalar_one()
    gone = inside.execute(_PRUNE, {"place": gallery, "cut": cut}).rowcount
    inside.execute(_PRUNED, {"place": gallery, "cut": cut, "gone": gone})
