"""Withdrawal, erasure and retention: at once, for good, and finished whatever happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from data.premises import DAY, GATE, YARD_GATE, premises
from data.traces import of_template, traces

from faceward.adapters.keyring import FileKeyring
from faceward.adapters.vault import KeyringVault
from faceward.core.values import FloatArray
from faceward.errors import RefusedError
from faceward.governance.consent.records import State
from faceward.operations.rights import ConsentUnknown
from faceward.operations.service import RETENTION_JOB, Caller
from faceward.ports.gallery_store import ConsentState, StoreUnavailable, SubjectUnknown
from faceward.ports.ledger import ChangeFailed
from faceward.ports.subject_keys import KIND, SubjectKeys
from faceward.testing.sketches import SketchRecogniser, sketch
from faceward.transparency import entries
from faceward.transparency.words import Purpose

HERE = "door/staff"
NAME = "ann-mustermann-4711"


def features(person: str) -> FloatArray:
    recogniser = SketchRecogniser()
    return recogniser.portrait(recogniser.open(sketch(person))).template.features


def test_who_is_erased_is_gone_and_can_come_again_as_somebody_new(shared):
    """Rows, key and index; the new pseudonym is another, so nothing leads to the entries before."""
    it = shared.server
    it.enrol("ann", photos=True)
    it.enrol("bob")
    assert it.candidates(sketch("ann")) == [["ann"]]
    before = it.registry.pseudonyms.subject(HERE, "ann")
    erased = it.operations.erase(GATE, "staff", "ann").result
    assert (erased.references, erased.consents) == (1, 1)
    store = it.resources.store
    assert (store.references(HERE, "ann"), store.consents(HERE, "ann")) == ((), ())
    with pytest.raises(SubjectUnknown):
        store.subject(HERE, "ann")
    probe = it.resources.vault.turned(features("ann")[None], "acme")
    assert it.index.search(HERE, probe, 0.5, 10)[1] == ((),)
    assert shared.another().candidates(sketch("ann", "bob")) == [[], ["bob"]]
    it.enrol("ann")
    assert it.candidates(sketch("ann")) == [["ann"]]
    assert it.registry.pseudonyms.subject(HERE, "ann") != before


def test_nothing_of_who_was_erased_is_left_in_any_file(tmp_path: Path):
    """Neither template nor photo, key nor name: database, journal, keyring, whatever lies there."""
    keyring = FileKeyring(tmp_path / "keys")
    with premises(tmp_path / "ledger.db", keyring=keyring) as home:
        home.server.enrol(NAME, sketch(NAME), photos=True)
        home.server.enrol("bob")
        assert home.server.candidates(sketch(NAME)) == [[NAME]]
        subjects = SubjectKeys(keyring)
        place = subjects.identifier(HERE, NAME)
        (reference,) = home.server.resources.store.references(HERE, NAME)
        (consent,) = home.server.resources.store.consents(HERE, NAME)
        turned = home.server.resources.vault.turned(features(NAME), "acme")
        sought = {
            "name": NAME.encode(),
            "reference": reference.identifier.encode(),
            "closed": reference.sealed[:24],
            "photo": reference.photo[:24],
            "consent": consent.document[-64:],
            **of_template(features(NAME)),
            **{f"turned {kind}": it for kind, it in of_template(turned).items()},
        }
        key = {"key": keyring.key(KIND, place)}
        there = {it.rpartition(": ")[2] for it in traces(tmp_path, sought)}
        assert there >= {"name", "closed", "photo", "consent"}  # so that the search can find something
        home.server.operations.erase(GATE, "staff", NAME)
        assert traces(tmp_path, sought | key) == []
        assert home.server.candidates(sketch("bob")) == [["bob"]]
    keyring.close()
    assert traces(tmp_path, sought | key) == []


class Crash(Exception):
    """The process ends here."""


class CrashingVault(KeyringVault):
    """Ends the process before it destroys a key."""

    def forget(self, gallery: str, subject: str) -> bool:
        raise Crash


def test_an_erasure_that_a_crash_cut_short_is_finished_later(shared):
    """The rows are gone with the record; the key follows, and until then nobody comes by that name."""
    shared.server.enrol("ann")
    keys = SubjectKeys(shared.keyring)
    place = keys.identifier(HERE, "ann")
    with pytest.raises(ChangeFailed):
        shared.another(vault=CrashingVault(shared.keyring)).operations.erase(GATE, "staff", "ann")
    assert shared.keyring.has(KIND, place)
    assert shared.server.candidates(sketch("ann")) == [[]]
    after = shared.another()
    assert after.operations.finish_erasures() == 1
    assert shared.keyring.found(KIND, [place]) == [None]
    assert after.operations.finish_erasures() == 0
    after.enrol("ann")
    assert after.candidates(sketch("ann")) == [["ann"]]


def test_rights_need_no_ground_and_no_audit(home):
    """Whoever is known is erased, though nothing may be done with them; who is not known is told so."""
    it = home.server
    given = it.know("ann")
    it.operations.withdraw(GATE, "staff", "ann", given.identifier)
    home.clock.advance(days=299)
    assert it.operations.erase(GATE, "staff", "ann").result.references == 0
    with pytest.raises(SubjectUnknown):
        it.operations.erase(GATE, "staff", "ann")


def test_a_withdrawal_is_made_once_and_of_ones_own_consent(home):
    """Twice is as once; that of somebody else is not known."""
    it = home.server
    given, other = it.know("ann"), it.know("bob")
    with pytest.raises(ConsentUnknown):
        it.operations.withdraw(GATE, "staff", "ann", other.identifier)
    first = it.operations.withdraw(GATE, "staff", "ann", given.identifier).result
    home.clock.advance(seconds=3600)
    again = it.operations.withdraw(GATE, "staff", "ann", given.identifier).result
    assert first == again
    assert first.state is ConsentState.WITHDRAWN
    assert first.erase_by <= home.clock.now() + DAY


def test_the_job_erases_whose_clock_ran_out_and_passes_the_gate(shared):
    """Within a day of a withdrawal; its account stands in the record, and it is rehearsed the same."""
    it = shared.server
    it.enrol("ann")
    it.enrol("bob")
    (given,) = it.resources.store.consents(HERE, "ann")
    it.operations.withdraw(GATE, "staff", "ann", given.identifier)
    assert it.operations.enforce_retention() == 0
    shared.clock.advance(days=1, seconds=1)
    due = it.operations.rehearse_retention(GATE, shared.clock.now(), 10).result
    assert [found.subject for found in due] == ["ann"]
    size = it.ledger.size()
    assert it.operations.enforce_retention() == 1
    assert it.operations.enforce_retention() == 0
    assert [found.name for found in it.resources.store.subjects(HERE)] == ["bob"]
    written = [entries.decode(each) for each in it.ledger.entries(size, it.ledger.size())]
    job = it.registry.pseudonyms.actor(RETENTION_JOB)
    assert [each.actor for each in written] == [job, job]
    assert [each.body["erased"] for each in written[1:]] == [1]


def overdue(home, *names: str) -> None:
    """Have people enrolled who withdrew more than a day ago."""
    for name in names:
        home.server.enrol(name)
        (consent,) = home.server.resources.store.consents(HERE, name)
        home.server.operations.withdraw(GATE, "staff", name, consent.identifier)
    home.clock.advance(days=2)


class Wrapped:
    """A store, and what is otherwise about it."""

    def __init__(self, inner, **otherwise) -> None:
        self._inner, self._otherwise = inner, otherwise

    def __getattr__(self, name):
        return self._otherwise.get(name) or getattr(self._inner, name)


def test_who_is_overdue_elsewhere_is_no_part_of_a_rehearsal(home):
    """Nor do they take up the room of those who are."""
    overdue(home, "ann", "bob")
    rehearse = home.server.operations.rehearse_retention
    assert len(rehearse(GATE, home.clock.now(), 1).result) == 1
    assert rehearse(YARD_GATE, home.clock.now(), 10).result == ()


def test_what_stops_one_erasure_stops_no_other(home):
    """It is told once all were tried, and the next round tries again."""
    overdue(home, "ann", "bob")
    store = home.server.resources.store

    def refusing(_gallery: str, name: str) -> int:
        if name == "ann":
            raise StoreUnavailable("The disk is full.")
        return forgets(_gallery, name)

    def within(transaction):
        nonlocal forgets
        changes = store.within(transaction)
        forgets = changes.forget
        return Wrapped(changes, forget=refusing)

    forgets = None
    stuck = home.another(store=Wrapped(store, within=within))
    with pytest.raises(StoreUnavailable):
        stuck.operations.enforce_retention()
    assert [found.name for found in store.subjects(HERE)] == ["ann"]
    assert home.server.operations.enforce_retention() == 1


def test_who_came_back_keeps_their_key_though_another_server_ends_the_erasure_late(shared):
    """That one had looked who was to be buried before the first server buried them."""
    it = shared.server
    it.enrol("ann")
    it.operations.erase(GATE, "staff", "ann")
    it.enrol("ann")
    late = shared.another(store=Wrapped(it.resources.store, forgotten=lambda: ((HERE, "ann"),)))
    late.operations.finish_erasures()
    assert it.operations.verify(GATE, "staff", "ann", sketch("ann")).result.decision.match


def test_nobody_is_the_job_but_the_job(home):
    """Nobody else gets by without a key, and a job of another name is nobody."""
    home.server.enrol("ann")
    for account in ("job/other", "retention", "stranger"):
        with pytest.raises(RefusedError):
            home.server.operations.erase(Caller(account, "door", Purpose.ACCESS_OPTIN), "staff", "ann")


def test_who_has_another_ground_stays(home):
    """Until that one ends as well; the photo goes with the consent to photos."""
    it = home.server
    it.enrol("ann", photos=True)
    other = it.know("ann", until=home.clock.now() + 90 * DAY)
    first = next(c for c in it.resources.store.consents(HERE, "ann") if c.identifier != other.identifier)
    it.operations.withdraw(GATE, "staff", "ann", first.identifier)
    home.clock.advance(days=2)
    assert it.operations.enforce_retention() == 0
    (reference,) = it.resources.store.references(HERE, "ann")
    assert not reference.photo
    assert it.candidates(sketch("ann")) == [["ann"]]
    assert it.operations.rehearse_retention(GATE, home.clock.now(), 10).result == ()
    home.clock.advance(days=120)
    assert it.operations.enforce_retention() == 1
    assert it.resources.store.subjects(HERE) == ()


def test_a_refusal_is_kept_and_is_no_ground(home):
    """Who said no is not enrolled."""
    home.server.know("ann", state=State.REFUSED)
    with pytest.raises(RefusedError):
        home.server.add("ann")
    (kept,) = home.server.operations.consents(GATE, "staff", "ann").result
    assert kept.state is ConsentState.REFUSED
