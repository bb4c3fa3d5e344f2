"""What is kept is what was recorded, and all of it."""

from __future__ import annotations

from data.office import Office, holder
from governance.desk import open_trial

from faceward.governance.charters.charter import Role
from faceward.governance.documents.concordance import concordance


def office() -> Office:
    it = Office()
    it.found()
    open_trial(it)
    it.grow(holder("bob", Role.REVIEWER), signers=("ann", "bob"))
    return it


def test_every_document_has_its_entry_and_the_other_way_round():
    it = office()
    found = concordance(it.snapshot, it.ledger.entries())
    assert found.holds
    assert found.documents == 3


def test_a_document_without_an_entry_is_named():
    it = office()
    entries = it.ledger.entries()
    for missing in range(3):
        found = concordance(it.snapshot, [one for i, one in enumerate(entries) if i != missing])
        assert (found.unrecorded, found.undocumented) == ((missing,), ())


def test_an_entry_without_a_document_is_named():
    """As after the newest documents were taken away together with the counter."""
    it = office()
    earlier = Office()
    earlier.found()
    found = concordance(earlier.snapshot, [*earlier.ledger.entries(), *it.ledger.entries()[1:]])
    assert (found.unrecorded, found.undocumented) == ((), (1, 2))
