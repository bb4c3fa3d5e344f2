"""What the ledger says of operations, what anybody may check of it, and what permits are for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from data.premises import GATE, YARD_GATE, told

from faceward.errors import InvalidValue, RefusedError
from faceward.governance.accounts.api_keys import Scope, Wanted
from faceward.governance.consent import receipts
from faceward.governance.permits import PermitRefused
from faceward.operations import (
    administration,
)
from faceward.testing.sketches import sketch
from faceward.transparency import entries
from faceward.transparency.proofs import InclusionReceipt
from faceward.transparency.words import Action

HERE = "door/staff"


def test_an_answer_says_where_the_ledger_has_it_and_a_receipt_proves_it(shared):
    """The decision and the outcome of this very request, under the key of the log."""
    it = shared.server
    it.enrol("ann")
    done = it.operations.identify(GATE, "staff", sketch("ann"))
    for place, kind in ((done.decision, entries.DECISION), (done.outcome, entries.OUTCOMES[Action.IDENTIFY])):
        receipt = InclusionReceipt.read(it.publication.receipt(place))
        entry = entries.decode(receipt.entry)
        assert receipt.holds([shared.log_key])
        assert (receipt.place, entry.body["request"]) == (place, done.request)
        assert entry.type == kind
        assert not replace(receipt, entry=receipt.entry + b" ").holds([shared.log_key])
    assert entries.decode(it.ledger.entries(done.outcome, done.outcome + 1)[0]).body["candidates"] == 1


def test_a_refusal_is_on_record_too(home):
    """And nothing of whom it was about is readable in the ledger."""
    size = home.server.ledger.size()
    with pytest.raises(RefusedError):
        home.server.add("ann-mustermann")
    (entry,) = home.server.ledger.entries(size, home.server.ledger.size())
    assert entries.decode(entry).body["verdict"] == "deny"
    home.server.enrol("ann-mustermann")
    assert not any(b"mustermann" in each for each in home.server.ledger.entries())


def test_a_consent_receipt_is_signed_by_the_controller(home):
    """As it was given and as it was withdrawn; one that was changed does not hold."""
    it, key = home.server, home.receipt_signer.public
    given = it.know("ann")
    withdrawn = it.operations.withdraw(GATE, "staff", "ann", given.identifier).result
    for consent in (given, withdrawn):
        receipt = receipts.read(consent.document)
        assert receipts.verify_receipt(receipt, key).holds
        assert not receipts.verify_receipt(replace(receipt, salt="0" * 32), key).signed
        assert receipt.record.header.subject_pseudonym == it.registry.pseudonyms.subject(HERE, "ann")


def test_a_consent_receipt_leads_to_its_entry_in_the_ledger(shared):
    """With the proof beside it; the proof of another entry is not taken."""
    it = shared.server
    ask = it.operations.record_consent
    done, other = (ask(GATE, "staff", name, told(shared.clock.now())) for name in ("ann", "bob"))
    receipt = receipts.read(it.publication.proved(done.result.document, done.outcome))
    checked = receipts.verify_receipt(receipt, shared.receipt_signer.public, [shared.log_key])
    assert (checked.signed, checked.inclusion) == (True, receipts.Inclusion.HOLDS)
    with pytest.raises(InvalidValue):
        it.publication.proved(done.result.document, other.outcome)


def test_what_is_published_grows_and_can_be_proved(home):
    """Every size to every later one; what is not there yet is refused."""
    shown = home.server.publication
    before = shown.size()
    home.server.know("ann")
    statement = shown.statement()
    assert statement.size > before
    assert statement.log_key == home.log_key.text()
    assert len(shown.checkpoints()) > 1
    assert shown.consistency(before, statement.size)
    assert shown.inclusion(before, statement.size)
    for wrong in ((statement.size, statement.size), (-1, 1), (0, statement.size + 1)):
        with pytest.raises(InvalidValue):
            shown.inclusion(*wrong)
    for wrong in ((0, 1), (2, 1), (1, statement.size + 1)):
        with pytest.raises(InvalidValue):
            shown.consistency(*wrong)


def test_one_deployment_does_nothing_in_anothers_gallery(home):
    """Names are of a deployment, so that another's cannot even be said."""
    home.server.enrol("ann")
    yard = home.server.operations
    assert yard.subjects(YARD_GATE, "staff", "", 10).result == ()
    assert [it.gallery.name for it in yard.galleries(YARD_GATE, "", 10).result] == ["yard/staff"]
    for name in ("door/staff", "../door/staff"):
        with pytest.raises(InvalidValue):
            yard.gallery(YARD_GATE, name)
    with pytest.raises(RefusedError):
        yard.subjects(replace(YARD_GATE, deployment="door", account="stranger"), "staff", "", 10)


def test_keys_are_made_listed_and_revoked_by_their_own_deployment(home):
    """A revoked key makes nobody a member, on any server."""
    it, other = home.server, home.another()
    wanted = Wanted("guard", "door", frozenset({Scope.CLIENT}), told(home.clock.now()).until, "ann")
    guard = replace(GATE, account="guard")
    with pytest.raises(RefusedError):
        other.operations.subjects(guard, "staff", "", 1)
    issued = it.operations.issue_key(GATE, it.keys, wanted).result
    assert issued.secret not in repr(issued)
    assert other.keys.presented(issued.secret, home.clock.now()) == issued.key
    other.operations.subjects(guard, "staff", "", 1)
    assert issued.key in other.operations.keys(GATE, other.keys).result
    assert issued.key not in other.operations.keys(YARD_GATE, other.keys).result
    with pytest.raises(administration.KeyUnknown):
        it.operations.revoke_key(YARD_GATE, it.keys, issued.key.identifier)
    it.operations.revoke_key(GATE, it.keys, issued.key.identifier)
    with pytest.raises(RefusedError):
        other.operations.subjects(guard, "staff", "", 1)
    with pytest.raises(PermitRefused):
        it.operations.issue_key(YARD_GATE, it.keys, wanted)
