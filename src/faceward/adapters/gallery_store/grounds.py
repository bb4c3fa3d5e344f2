"""Consents of people in, for each purpose from when until when which ground is their best out.

A person has one best ground for a purpose at a moment: consent while any holds, another ground after that.
So whoever asks for some finds one row of each or none, and whoever asks for all finds the weakest at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, delete, insert, select, update

from faceward.adapters.gallery_store import people, rows
from faceward.adapters.gallery_store.questions import EVER
from faceward.adapters.gallery_store.revisions import following
from faceward.adapters.gallery_store.tables import consents, grounds
from faceward.ports.gallery_store import AlreadyThere, Consent, ConsentState
from faceward.transparency.words import Ground

_identifiers: BindParameter[Any] = bindparam("identifiers", expanding=True)
_people: BindParameter[Any] = bindparam("people", expanding=True)
_TAKEN = select(consents.c.identifier, consents.c.number, consents.c.subject).where(
    consents.c.identifier.in_(_identifiers)
)
_NEW = insert(consents)
_REPLACED = (
    update(consents)
    .where(consents.c.number == bindparam("which"))
    .values({
        it: bindparam(f"new_{it.name}")
        for it in consents.c if it.name not in {"number", "identifier", "subject"}
    })
)  # fmt: skip
_HOLDING = select(consents.c.subject, consents.c.ground, consents.c.purposes, consents.c.until).where(
    consents.c.subject.in_(_people), consents.c.state == ConsentState.GIVEN.value
)
_NO_GROUNDS = delete(grounds).where(grounds.c.subject.in_(_people))
_GROUNDS = insert(grounds)


def record(inside: Connection, gallery: str, given: Sequence[Consent]) -> None:
    """Keep consents of people of one gallery. Raises `SubjectUnknown` or `AlreadyThere`."""
    there = people.known(inside, gallery, [it.subject for it in given])
    place = there[given[0].subject][0]
    answer = inside.execute(_TAKEN, {"identifiers": [it.identifier for it in given]})
    taken = {identifier: (number, person) for identifier, number, person in answer}
    new, replaced = {}, []
    for it in given:
        person = there[it.subject][1]
        number, owner = taken.get(it.identifier, (0, person))
        if owner != person or it.identifier in new:
            raise AlreadyThere("There is a consent of that identifier.")
        values = rows.of_consent(it, person)
        if number:
            replaced.append({"which": number} | {f"new_{name}": value for name, value in values.items()})
        else:
            new[it.identifier] = values
    if new:
        inside.execute(_NEW, list(new.values()))
    for values in replaced:
        del values["new_identifier"], values["new_subject"]
        inside.execute(_REPLACED, values)
    _follow(inside, place, [it[1] for it in there.values()])
    following(inside, place)


def _follow(inside: Connection, gallery: int, persons: Sequence[int]) -> None:
    """Say anew which grounds people have, from all their consents that stand as given."""
    ends: dict[tuple[int, str], dict[str, datetime]] = {}
    for person, ground, purposes, until in inside.execute(_HOLDING, {"people": persons}):
        for purpose in purposes.split():
            found = ends.setdefault((person, purpose), {})
            found[ground] = max(until, found.get(ground, EVER))
    new = [
        {"subject": person, "purpose": purpose, "gallery": gallery} | span
        for (person, purpose), found in ends.items()
        for span in spans(found)
    ]
    inside.execute(_NO_GROUNDS, {"people": persons})
    if new:
        inside.execute(_GROUNDS, new)


def spans(ends: dict[str, datetime]) -> list[dict[str, Any]]:
    """From when until when each ground is the best, from when each ends."""
    begin, found = EVER, []
    for ground in (Ground.CONSENT, Ground.OTHER):
        end = ends.get(ground, EVER)
        if end > begin:
            found.append({"ground": ground.value, "begin": begin, "until": end})
            begin = end
    return found
