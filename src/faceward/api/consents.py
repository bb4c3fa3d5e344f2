"""A consent as JSON in, what a person was told and said out."""

from __future__ import annotations

from datetime import UTC

from faceward.api.bodies import NewConsent
from faceward.api.desk import word
from faceward.errors import InvalidValue
from faceward.governance.consent.records import LegalGround, Method, State
from faceward.operations.consenting import Told
from faceward.ports.gallery_store import Majority
from faceward.transparency.words import Purpose

_FIRST_YEAR, _LAST_YEAR = 2000, 2999


def told(it: NewConsent) -> Told:
    """Read it.

    Raises:
        InvalidValue: A word is none of its list, or the time is in no zone.
    """
    state = word(State, "state", it.state)
    if state not in {State.GIVEN, State.REFUSED}:
        raise InvalidValue("state: must be given or refused.", remedy="Withdraw it at its own address.")
    if it.until.tzinfo is None:
        raise InvalidValue("until: must say its zone, as in 2027-01-31T00:00:00Z.", remedy="Add the zone.")
    if not _FIRST_YEAR <= it.until.year <= _LAST_YEAR:
        # Beyond, no clock that runs after it has a day in the calendar.
        raise InvalidValue(
            f"until: must be a day of the years {_FIRST_YEAR} to {_LAST_YEAR}.", remedy="Give another day."
        )
    return Told(
        purposes=frozenset(word(Purpose, "purposes", one) for one in it.purposes),
        until=it.until.astimezone(UTC).replace(microsecond=0),
        state=state,
        method=word(Method, "method", it.method),
        evidence_sha256=it.evidence_sha256,
        notice_version=it.notice_version,
        notice_sha256=it.notice_sha256,
        language=it.language,
        jurisdiction=it.jurisdiction,
        photos=it.photos,
        ground=word(LegalGround, "ground", it.ground),
        reference_sha256=it.reference_sha256,
        controller=it.controller,
        contact=it.contact,
        majority=word(Majority, "majority", it.majority),
    )
