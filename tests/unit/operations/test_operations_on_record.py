"""What the ledger says of operations, what anybody may check of it, and what permits are for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from data.premises import GATE, YARD_GATE, Premises, told

from faceward.errors import InvalidValue, RefusedError
from faceward.governance.accounts.api_keys import Scope, Wanted
from faceward.governance.consent import receipts
from faceward.governance.permits import PermitRefused
from faceward.governance.requests import Request
from faceward.operations import (
    administration,
    arrangement,
    correction,
    detection,
    enrolment,
    identification,
    rights,
    verification,
)
from faceward.ports.gallery_store import GalleryUnknown
from faceward.testing.sketches import Drawn, sketch
from faceward.transparency import entries
from faceward.transparency.proofs import InclusionReceipt
from faceward.transparency.words import Action

HERE = "door/staff"


def test_an_answer_says_where_the_ledger_has_it_and_a_receipt_proves_it(shared):
    """The decision and the outcome of this very request, under the key of the log."""
    it = shared.server
    it.enrol("ann")
    done = it.operations.identify(GATE, "staff", sketch("ann"))
    for place, kind in ((done.decision, "policy.decision"), (done.outcome, "identify")):
        receipt = InclusionReceipt.read(it.publication.receipt(place))
        entry = entries.decode(receipt.entry)
        assert receipt.holds([shared.log_key])
        assert (receipt.place, entry.body["request"]) == (place, done.request)
        assert kind.split(".")[-1] in entry.type
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
        assert receipts.verify_receipt(receipt, key).signed
        assert not receipts.verify_receipt(replace(receipt, salt="0" * 32), key).signed
        assert receipt.record.header.subject_pseudonym == it.registry.pseudonyms.subject(HERE, "ann")


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


# What a permit is for. Each row: work, what it needs a permit for, and what is wrong with the permit it gets.

PHOTO = sketch("ann")


def works(home: Premises) -> dict[str, tuple[Action, Callable[..., Any]]]:
    """Every operation that takes a permit, ready but for it."""
    it, moment = home.server, home.clock.now()
    resources, keys, store = it.resources, it.keys, it.resources.store
    consent = store.consents(HERE, "ann")[0]
    reference = store.references(HERE, "ann")[0].identifier
    made = it.operations.bar(GATE, "staff", "ann", "bob", reference).result
    wanted = Wanted("guard", "door", frozenset({Scope.CLIENT}), told(moment).until, "ann")
    with_photo = {"resources": resources, "photo": PHOTO}
    probing = {"resources": resources, "probe": PHOTO}
    majority = told(moment).majority
    return {
        "detect": (Action.DETECT, partial(detection.detect, recogniser=resources.recogniser, photo=PHOTO)),
        "compare": (
            Action.COMPARE,
            partial(verification.compare, recogniser=resources.recogniser, probe=PHOTO, references=(PHOTO,)),
        ),
        "enrol": (Action.ENROL, partial(enrolment.enrol, **with_photo)),
        "verify": (Action.VERIFY, partial(verification.verify, **probing)),
        "identify": (Action.IDENTIFY, partial(identification.identify, **probing, most=1, largest=100)),
        "move": (Action.CORRECT, partial(correction.move, resources=resources, references=())),
        "bar": (Action.CORRECT, partial(correction.bar, resources=resources, reference=reference)),
        "undo": (Action.CORRECT, partial(correction.undo, resources=resources, correction=made)),
        "remove": (Action.CORRECT, partial(arrangement.remove, resources=resources, reference=reference)),
        "make": (
            Action.ARRANGE,
            partial(arrangement.make, resources=resources, gallery=store.gallery(HERE)),
        ),
        "close": (Action.ARRANGE, partial(arrangement.close, resources=resources)),
        "reopen": (Action.ARRANGE, partial(arrangement.reopen, resources=resources)),
        "look": (Action.READ, partial(arrangement.look, resources=resources, at=lambda _: None)),
        "record": (
            Action.CONSENT,
            partial(rights.record, resources=resources, consent=consent, majority=majority),
        ),
        "withdraw": (
            Action.WITHDRAW,
            partial(
                rights.withdraw,
                resources=resources,
                identifier=consent.identifier,
                withdrawn=lambda it, _: it,
            ),
        ),
        "erase": (Action.ERASE, partial(rights.erase, resources=resources)),
        "lapse": (Action.ERASE, partial(rights.lapse, resources=resources)),
        "issue": (
            Action.ADMINISTER,
            partial(administration.issue, keys=keys, clock=home.clock, wanted=wanted),
        ),
        "revoke": (Action.ADMINISTER, partial(administration.revoke, keys=keys, identifier="0" * 16)),
        "listed": (Action.ADMINISTER, partial(administration.listed, keys=keys)),
    }


def perform(home: Premises, request: Request, work: Callable[..., Any]) -> None:
    home.server.gate.perform(request, work)


def request(action: Action, home: Premises, **other: Any) -> Request:
    """A request that the gate allows for Ann, which a test makes one for something else."""
    import hashlib

    resources = home.server.resources
    gallery = resources.store.gallery(HERE)
    made = Request(
        GATE.account, "door", action, GATE.purpose, gallery=HERE, subjects=("ann",),
        probe_sha256=hashlib.sha256(PHOTO).digest(), operating_point=resources.table(gallery).at(1e-4),
        model_sha256=resources.recogniser.contract.model_sha256, comparisons=1, capture=GATE.capture,
    )  # fmt: skip
    return replace(made, **other)


@pytest.fixture
def peopled(home: Premises) -> Premises:
    """Ann and Bob are enrolled."""
    home.server.enrol("ann")
    home.server.enrol("bob")
    return home


def test_no_work_takes_a_permit_for_another_action(peopled):
    """Each of them, with a permit for looking or for detecting."""
    before = peopled.server.resources.store.extent(HERE)
    done = works(peopled)
    for name, (action, work) in done.items():
        other = Action.READ if action is not Action.READ else Action.DETECT
        with pytest.raises(PermitRefused, match="This permit is for"):
            perform(peopled, request(other, peopled), work)
        assert peopled.server.resources.store.extent(HERE) == before, name


@pytest.mark.parametrize("name", ["detect", "compare", "enrol", "verify", "identify"])
def test_no_work_takes_another_photo_than_the_one_that_was_judged(peopled, name):
    """Not even one more of the same person."""
    action, work = works(peopled)[name]
    key = "photo" if name in {"detect", "enrol"} else "probe"
    with pytest.raises(PermitRefused, match="another photo"):
        perform(
            peopled,
            request(action, peopled),
            partial(work, **{key: sketch(Drawn("ann", take=7))}),
        )


@pytest.mark.parametrize(
    "name", ["enrol", "verify", "reopen", "remove", "record", "withdraw", "erase", "lapse"]
)
def test_no_work_on_one_person_takes_a_permit_for_nobody_or_for_two(peopled, name):
    """Who is meant stands in the permit, once."""
    action, work = works(peopled)[name]
    for subjects in ((), ("ann", "bob")):
        if action is Action.VERIFY and not subjects:
            continue  # Without anybody named it is no verification; the gate takes no such request.
        with pytest.raises((PermitRefused, RefusedError)):
            perform(peopled, request(action, peopled, subjects=subjects, comparisons=2), work)


@pytest.mark.parametrize("name", ["move", "bar", "undo"])
def test_no_correction_takes_a_permit_for_one_person_or_for_others(peopled, name):
    """Who had the references and who gets them both stand in it, in this order."""
    action, work = works(peopled)[name]
    wrong = [("ann",), ("ann", "ann"), ("ann", "bob", "ann")]
    wrong += [("bob", "ann")] if name == "undo" else []
    for subjects in wrong:
        with pytest.raises(PermitRefused):
            perform(peopled, request(action, peopled, subjects=subjects), work)


def test_work_that_is_bound_to_a_gallery_takes_no_permit_for_another(peopled):
    """A consent, a correction and a new gallery say where they belong."""
    from faceward.operations.service import Terms

    done = works(peopled)
    peopled.server.operations.make_gallery(GATE, "guests", Terms())
    for name in ("record", "undo"):
        action, work = done[name]
        with pytest.raises((PermitRefused, RefusedError)) as refused:
            perform(
                peopled,
                request(
                    action, peopled, gallery="door/guests", subjects=("ann", "bob")[: 1 + (name == "undo")]
                ),
                work,
            )
        assert refused.value.reasons
    yard = Request("client", "yard", Action.ARRANGE, GATE.purpose, capture=GATE.capture)
    with pytest.raises(PermitRefused, match="another deployment"):
        perform(peopled, yard, done["make"][1])
    with pytest.raises(GalleryUnknown):
        peopled.server.operations.gallery(GATE, "nothing")
