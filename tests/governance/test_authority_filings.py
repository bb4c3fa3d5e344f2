"""An authority record counts once two people filed it in equal words, and until one of them ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from data.office import Office, holder, key_of

from faceward.errors import InvalidValue
from faceward.governance.charters.charter import Role
from faceward.governance.laws import authority_filings
from faceward.governance.laws.authority import AuthorityKind, AuthorityRecord, Issuer
from faceward.governance.laws.authority_filings import AuthorityRefused, AuthorityUnknown
from faceward.governance.laws.authority_register import Recorded, authorities
from faceward.transparency.words import Place, Purpose

DAY = timedelta(days=1)


def warrant(office: Office, **changes) -> AuthorityRecord:
    record = AuthorityRecord(
        identifier="w-1", kind=AuthorityKind.WARRANT, deployment="door", places=frozenset({Place.PUBLIC}),
        purposes=frozenset({Purpose.MISSING_PERSON}), subjects=None, issuer="Court of Nowhere",
        issued_by=Issuer.COURT, opened=office.now, expires=office.now + DAY, closed=None,
    )  # fmt: skip
    return replace(record, **changes)


def opened(office: Office, by: str, record: AuthorityRecord) -> Recorded:
    return authority_filings.open_authority(office.registry, record, key_of(by))


def counting(office: Office) -> tuple[AuthorityRecord, ...]:
    return tuple(it.record for it in office.snapshot.view(authorities) if it.counts)


def refusals(office: Office, by: str, record: AuthorityRecord) -> str:
    with pytest.raises(AuthorityRefused) as caught:
        opened(office, by, record)
    return " ".join(caught.value.reasons)


def test_a_record_counts_once_two_people_filed_it(office):
    """An operator and somebody else; the same person twice is refused."""
    record = warrant(office)
    first = opened(office, "ann", record)
    assert (first.counts, len(first.signers), counting(office)) == (False, 1, ())
    assert "signed it already" in refusals(office, "ann", record)
    second = opened(office, "bob", record)
    assert (second.counts, len(second.signers), counting(office)) == (True, 2, (record,))


def test_two_keys_of_one_person_are_one(office):
    """Whoever made the key for somebody may have signed for them."""
    office.grow(holder("max", Role.REVIEWER, minted_by="ann"), signers=("ann", "bob"))
    record = warrant(office)
    opened(office, "ann", record)
    assert "signed it already" in refusals(office, "max", record)
    assert not counting(office)


def test_two_reviewers_are_not_enough(office):
    """An operator answers for it."""
    record = warrant(office)
    opened(office, "bob", record)
    assert not opened(office, "cora", record).counts
    assert opened(office, "ann", record).counts


@pytest.mark.parametrize("by", ["dave", "eve"])
def test_auditors_and_testers_file_none(office, by):
    assert "operator or reviewer" in refusals(office, by, warrant(office))


def test_two_people_who_sign_two_things_signed_neither_together(office):
    opened(office, "bob", warrant(office))
    opened(office, "ann", warrant(office, expires=office.now + 2 * DAY))
    assert [len(it.signers) for it in office.snapshot.view(authorities)] == [1, 1]
    assert not counting(office)


def test_a_record_that_makes_no_sense_is_not_filed(office):
    """Whoever made it."""
    for record in (
        warrant(office, places=frozenset()), warrant(office, purposes=frozenset()),
        warrant(office, issued_by=Issuer.OPERATOR), warrant(office, expires=office.now),
    ):  # fmt: skip
        with pytest.raises(InvalidValue):
            opened(office, "ann", record)
    assert not office.snapshot.view(authorities)


def test_one_name_means_one_record(office):
    """As long as it counts, and for good once it was ended."""
    record = warrant(office)
    for by in ("ann", "bob"):
        opened(office, by, record)
    other = warrant(office, places=frozenset({Place.PRIVATE}))
    assert "says something else" in refusals(office, "ann", other)
    authority_filings.end_authority(office.registry, "w-1", "Found.", key_of("bob"))
    for one in (record, other):
        assert "was ended" in refusals(office, "ann", one)


def test_one_person_ends_a_record_at_once(office):
    """To stop is easier than to start."""
    record = warrant(office)
    for by in ("ann", "bob"):
        opened(office, by, record)
    office.clock.advance(seconds=3600)
    (ended,) = authority_filings.end_authority(office.registry, "w-1", "The child was found.", key_of("bob"))
    assert ended.until == office.now
    assert counting(office) == (ended,)
    assert [entry.type for entry in office.entries()][-3:] == [
        "authority.opened", "authority.opened", "authority.closed",
    ]  # fmt: skip
    with pytest.raises(AuthorityRefused) as caught:
        authority_filings.end_authority(office.registry, "w-1", "Again.", key_of("ann"))
    assert "already" in caught.value.reasons[0]


def test_one_that_waits_for_a_second_signature_can_be_ended_too(office):
    """So that nobody signs it later by mistake."""
    record = warrant(office)
    opened(office, "ann", record)
    authority_filings.end_authority(office.registry, "w-1", "A slip.", key_of("ann"))
    assert "was ended" in refusals(office, "bob", record)


def test_what_is_not_there_is_not_ended(office):
    """Nor by somebody who does not govern, nor without reasons."""
    opened(office, "ann", warrant(office))
    end = authority_filings.end_authority
    with pytest.raises(AuthorityUnknown):
        end(office.registry, "w-2", "x", key_of("bob"))
    with pytest.raises(AuthorityRefused):
        end(office.registry, "w-1", "x", key_of("eve"))
    with pytest.raises(InvalidValue):
        end(office.registry, "w-1", " ", key_of("bob"))
    assert office.snapshot.view(authorities)[0].record.closed is None


def test_the_ledger_names_neither_court_nor_record(office):
    """Purpose and place in words of the schema, several of them as unknown."""
    opened(office, "ann", warrant(office))
    several = frozenset({Place.PUBLIC, Place.PRIVATE})
    opened(office, "ann", warrant(office, identifier="w-2", places=several))
    one, two = office.entries()[-2:]
    assert (one.body["purpose"], one.body["place"], two.body["place"]) == (
        "missing_person", "public", "unknown",
    )  # fmt: skip
    written = b"\n".join(office.ledger.entries())
    for word in (b"Court", b"w-1", b"door"):
        assert word not in written
