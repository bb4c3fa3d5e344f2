"""Consent records in, what a gallery's store keeps of them out."""

from __future__ import annotations

from faceward.governance.consent.record_texts import written
from faceward.governance.consent.records import ConsentRecord, State
from faceward.governance.consent.retention import Course, OwnClocks, deadline
from faceward.ports.gallery_store import Consent, ConsentState

_STATES = {
    State.GIVEN: ConsentState.GIVEN,
    State.RENEWED: ConsentState.GIVEN,
    State.REFUSED: ConsentState.REFUSED,
    State.WITHDRAWN: ConsentState.WITHDRAWN,
    State.EXPIRED: ConsentState.EXPIRED,
}


def to_store(  # noqa: PLR0913, PLR0917 - a record, where it belongs, and what its deadline rests on
    record: ConsentRecord,
    gallery: str,
    subject: str,
    course: Course | None = None,
    own: OwnClocks | None = None,
    document: bytes = b"",
) -> Consent:
    """What a store must know of a record.

    Args:
        record: The record.
        gallery: The gallery's name.
        subject: The subject's name, which the record does not hold.
        course: What happened beside the record.
        own: What the operator promises.
        document: The signed receipt as the person got it; the bare record by default.
    """
    ends = deadline(record, course, own)
    return Consent(
        identifier=record.header.record_id,
        gallery=gallery,
        subject=subject,
        purposes=record.processing.purposes,
        ground=record.ground,
        photos=record.photos,
        state=_STATES[record.state],
        until=ends.until,
        erase_by=ends.erase_by,
        document=document or written(record),
    )
