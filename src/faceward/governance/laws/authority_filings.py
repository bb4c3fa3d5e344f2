"""A warrant, an order or an emergency and a key in, a filed record out, or every reason why it may not be.

The words stay in the document; the ledger gets purpose, place and end, who signed, and a keyed digest.
"""

from __future__ import annotations

from dataclasses import replace

from faceward.errors import InputError, RefusedError
from faceward.governance.charters.charter import GOVERNING, Keyholder
from faceward.governance.documents.filing import file, holder_of
from faceward.governance.documents.registry import Event, Registry
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.documents.statements import Kind
from faceward.governance.documents.testimony import people
from faceward.governance.laws import authority
from faceward.governance.laws.authority import AuthorityRecord
from faceward.governance.laws.authority_register import Recorded, authorities
from faceward.ports.ledger import JsonValue
from faceward.reading import Record
from faceward.transparency import kinds
from faceward.transparency.signatures import SigningKey
from faceward.transparency.words import Place, Purpose


class AuthorityUnknown(InputError):
    """There is no authority record of that name."""

    code = "authority_unknown"
    remedy = "Run `faceward authority list` for those there are."


class AuthorityRefused(RefusedError):
    """An authority record may not be filed or ended; reasons say why."""

    code = "authority_refused"
    remedy = "See docs/how-to/record-an-authority.md for who signs what."


def open_authority(registry: Registry, record: AuthorityRecord, key: SigningKey) -> Recorded:
    """File an authority record, and give it with whoever signed it so far.

    It counts once two persons who govern the installation filed it in equal words, one of them an operator.

    Raises:
        AuthorityRefused: Every reason is given.
        InvalidValue: The record makes no sense.
    """
    on = registry.snapshot()
    holder = holder_of(on, key, registry.now())
    body = authority.as_json(record)
    authority.from_record(Record(dict(body), "authority", authority.REMEDY))
    _refuse(
        "This authority record cannot be filed.",
        [*_governing(holder), *_objections(on, record, on.view(people)[holder.account])],
    )
    event = _event(registry, "opened", record, holder)
    file(registry, on, Kind.AUTHORITY, record.identifier, body, key, event)
    return next(it for it in _named(registry.snapshot(), record.identifier) if it.record == record)


def end_authority(
    registry: Registry, identifier: str, reasons: str, key: SigningKey
) -> tuple[AuthorityRecord, ...]:
    """End an authority record now, in whichever words it was filed; one person who governs may.

    Returns:
        What was ended: one record, or those of one name that people filed in different words.

    Raises:
        AuthorityUnknown: There is no such record.
        AuthorityRefused: Every reason is given.
        InvalidValue: No reasons are given.
    """
    on = registry.snapshot()
    holder = holder_of(on, key, registry.now())
    named = _named(on, identifier)
    if not named:
        raise AuthorityUnknown("There is no authority record of that name.")
    why = _governing(holder)
    if all(it.record.closed is not None for it in named):
        why.append("It was ended already.")
    _refuse("This authority record cannot be ended.", why)
    body: dict[str, JsonValue] = {"reasons": reasons}
    Record(dict(body), "end", authority.REMEDY).text("reasons")
    latest = max((it.record for it in named), key=lambda it: it.until)
    event = _event(registry, "closed", replace(latest, closed=registry.now()), holder)
    file(registry, on, Kind.AUTHORITY_END, identifier, body, key, event)
    return tuple(it.record for it in _named(registry.snapshot(), identifier))


def _named(on: Snapshot, identifier: str) -> list[Recorded]:
    return [it for it in on.view(authorities) if it.record.identifier == identifier]


def _objections(on: Snapshot, record: AuthorityRecord, person: str) -> list[str]:
    """Why a record cannot be filed under its name now, by this person."""
    reasons = []
    for it in _named(on, record.identifier):
        if it.record != record and it.record.closed is not None:
            reasons.append("A record of this name was ended, which is final; give a new one another name.")
        elif it.record == record and person in it.signers:
            reasons.append("This person signed it already; the second signature is somebody else's.")
        elif it.record != record and it.counts:
            reasons.append("A record of this name counts that says something else; give this one another.")
    return reasons


def _governing(holder: Keyholder) -> list[str]:
    return [] if holder.roles & GOVERNING else ["The key does not have the role operator or reviewer."]


def _refuse(cause: str, reasons: list[str]) -> None:
    if reasons:
        raise AuthorityRefused(cause, reasons=tuple(dict.fromkeys(reasons)))


def _event(registry: Registry, what: str, it: AuthorityRecord, holder: Keyholder) -> Event:
    """Of several places or purposes the ledger says that they are not one."""
    actor = registry.pseudonyms.actor(holder.account)
    body: dict[str, JsonValue] = {
        "purpose": str(next(iter(it.purposes)) if len(it.purposes) == 1 else Purpose.UNKNOWN),
        "place": str(next(iter(it.places)) if len(it.places) == 1 else Place.UNKNOWN),
        "expires": kinds.stamp(it.until),
        "signers": [actor],
    }
    return Event(f"authority.{what}", body, registry.pseudonyms.deployment(it.deployment), actor)
