"""Rows in, the values of the port out; and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faceward.adapters.gallery_store.tables import consents, galleries, subjects, templates
from faceward.core.values import TemplateContract
from faceward.ports.gallery_store import (
    Consent,
    ConsentState,
    Extent,
    Gallery,
    Majority,
    Reference,
    StoreCorrupt,
    Subject,
)
from faceward.transparency.words import Ground, Purpose, Source

GALLERY = (
    galleries.c.name, galleries.c.deployment, galleries.c.tenant, galleries.c.model, galleries.c.model_sha256,
    galleries.c.preprocessing, galleries.c.precision, galleries.c.length, galleries.c.false_match_rate,
    galleries.c.false_positive_identification_rate, galleries.c.source, galleries.c.created,
)  # fmt: skip
EXTENT = (galleries.c.revision, galleries.c.people, galleries.c.templates)
SUBJECT = (subjects.c.name, subjects.c.majority, subjects.c.created, subjects.c.templates)
REFERENCE = (
    templates.c.identifier, templates.c.name, templates.c.sealed, templates.c.epoch, templates.c.created
)  # fmt: skip
CONSENT = (
    consents.c.identifier, subjects.c.name, consents.c.purposes, consents.c.ground, consents.c.photos,
    consents.c.state, consents.c.until, consents.c.erase_by, consents.c.document,
)  # fmt: skip


def gallery(row: Sequence[Any]) -> Gallery:
    """The gallery of a row of `GALLERY`. Raises `StoreCorrupt`."""
    contract = TemplateContract(*row[3:8])
    return Gallery(row[0], row[1], row[2], contract, row[8], row[9], _word(Source, row[10]), row[11])


def of_gallery(it: Gallery) -> dict[str, Any]:
    """The values of a row of a gallery."""
    made_by = it.contract
    return {
        "name": it.name, "deployment": it.deployment, "tenant": it.tenant, "model": made_by.model,
        "model_sha256": made_by.model_sha256, "preprocessing": made_by.preprocessing,
        "precision": made_by.precision, "length": made_by.length, "false_match_rate": it.false_match_rate,
        "false_positive_identification_rate": it.false_positive_identification_rate,
        "source": it.source.value, "created": it.created,
    }  # fmt: skip


def extent(row: Sequence[Any]) -> Extent:
    """The extent of a row of `EXTENT`."""
    return Extent(*row)


def subject(gallery_name: str, row: Sequence[Any]) -> Subject:
    """The subject of a row of `SUBJECT`. Raises `StoreCorrupt`."""
    return Subject(gallery_name, row[0], _word(Majority, row[1]), row[2], row[3])


def references(gallery_name: str, rows: Sequence[Sequence[Any]]) -> tuple[Reference, ...]:
    """The references of rows of `REFERENCE`, without photos."""
    return tuple(
        [
            Reference(identifier, gallery_name, name, sealed, epoch, b"", created)
            for identifier, name, sealed, epoch, created in rows
        ]
    )


def consent(gallery_name: str, row: Sequence[Any]) -> Consent:
    """The consent of a row of `CONSENT`. Raises `StoreCorrupt`."""
    return Consent(
        row[0], gallery_name, row[1], purposes(row[2]), _word(Ground, row[3]), bool(row[4]),
        _word(ConsentState, row[5]), *row[6:],
    )  # fmt: skip


def of_consent(it: Consent, number: int) -> dict[str, Any]:
    """The values of a row of a consent of the subject with a number."""
    return {
        "identifier": it.identifier, "subject": number, "purposes": " ".join(sorted(it.purposes)),
        "ground": it.ground.value, "photos": int(it.photos), "state": it.state.value, "until": it.until,
        "erase_by": it.erase_by, "document": it.document,
    }  # fmt: skip


def purposes(words: str) -> frozenset[Purpose]:
    """The purposes of a consent. Raises `StoreCorrupt`."""
    return frozenset(_word(Purpose, word) for word in words.split())


def _word(kind: type[Any], word: str) -> Any:
    try:
        return kind(word)
    except ValueError:
        raise StoreCorrupt("The store holds a word that this version of faceward does not know.") from None
