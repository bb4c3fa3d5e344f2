"""Mistakes of a gallery, corrected and taken back."""

from __future__ import annotations

import pytest
from data.premises import GATE, Premises

from faceward.errors import FacewardError
from faceward.operations.correction import CorrectionOver, KnownToDiffer
from faceward.operations.enrolment import MOST_REFERENCES, GroundMissing, TooManyReferences
from faceward.operations.resources import place_of
from faceward.ports.gallery_store import CorrectionUnknown, ReferenceUnknown, SubjectUnknown
from faceward.testing.sketches import Drawn, sketch

HERE = "door/staff"


def names(home: Premises, subject: str) -> set[str]:
    return {it.identifier for it in home.server.resources.store.references(HERE, subject)}


def two(home: Premises) -> tuple[str, str]:
    """Ann with two references, and Bob, who is known and agreed."""
    home.server.know("bob")
    return home.server.enrol("ann"), home.server.add("ann", sketch(Drawn("ann", take=1)))


def test_a_moved_reference_opens_at_its_new_place(shared):
    """It was closed anew; another server finds it under the new name at once."""
    other = shared.another()
    moved, stays = two(shared)
    assert other.candidates(sketch("ann")) == [["ann"]]
    shared.server.operations.move(GATE, "staff", "ann", "bob", (moved,))
    assert (names(shared, "ann"), names(shared, "bob")) == ({stays}, {moved})
    assert sorted(other.candidates(sketch("ann"))[0]) == ["ann", "bob"]
    assert other.operations.verify(GATE, "staff", "bob", sketch("ann")).result.decision.match


def test_a_merge_moves_everything_and_undoing_it_brings_everything_back(home):
    """What was undone once cannot be undone again."""
    both = set(two(home))
    own = home.server.add("bob")
    merged = home.server.operations.move(GATE, "staff", "ann", "bob", ()).result
    assert set(merged.references) == both
    assert (names(home, "ann"), names(home, "bob")) == (set(), {*both, own})
    undone = home.server.operations.undo(GATE, "staff", merged.identifier).result
    assert undone.undone
    assert (names(home, "ann"), names(home, "bob")) == (both, {own})
    assert home.server.candidates(sketch("ann", "bob")) == [["ann"], ["bob"]]
    with pytest.raises(CorrectionOver):
        home.server.operations.undo(GATE, "staff", merged.identifier)
    assert [it.undone for it in home.server.operations.corrections(GATE, "staff", 10).result] == [True]


def test_a_move_whose_references_went_on_cannot_be_undone(home):
    """To somebody else, or for good."""
    moved, stays = two(home)
    home.server.know("cora")
    operations = home.server.operations
    first = operations.move(GATE, "staff", "ann", "bob", (moved,)).result
    operations.move(GATE, "staff", "bob", "cora", (moved,))
    with pytest.raises(CorrectionOver):
        operations.undo(GATE, "staff", first.identifier)
    second = operations.move(GATE, "staff", "ann", "bob", (stays,)).result
    operations.remove_reference(GATE, "staff", "bob", stays)
    with pytest.raises(CorrectionOver):
        operations.undo(GATE, "staff", second.identifier)


def test_nothing_moves_to_somebody_without_a_ground(home):
    """The gate refuses who is unknown or withdrew; and an undoing needs a ground as well."""
    moved, _ = two(home)
    operations = home.server.operations
    with pytest.raises(FacewardError):
        operations.move(GATE, "staff", "ann", "nobody", (moved,))
    done = operations.move(GATE, "staff", "ann", "bob", (moved,)).result
    for name in ("ann", "bob"):
        (given,) = home.server.resources.store.consents(HERE, name)
        operations.withdraw(GATE, "staff", name, given.identifier)
        with pytest.raises(FacewardError):
            operations.undo(GATE, "staff", done.identifier)
    assert names(home, "bob") == {moved}


class Withdrawing:
    """A vault during whose closing something happens, once: after the gate judged, before it is settled."""

    def __init__(self, vault, happens) -> None:
        self._vault, self._happens = vault, [happens]

    def __getattr__(self, name):
        return getattr(self._vault, name)

    def closed(self, features, place):
        while self._happens:
            self._happens.pop()()
        return self._vault.closed(features, place)


def test_what_changes_after_a_move_was_judged_is_looked_at_again(home):
    """A withdrawal, or a reference that went."""
    moved, _ = two(home)
    operations, vault = home.server.operations, home.server.resources.vault
    (given,) = home.server.resources.store.consents(HERE, "bob")
    happens = Withdrawing(vault, lambda: operations.remove_reference(GATE, "staff", "ann", moved))
    with pytest.raises(ReferenceUnknown):
        home.another(vault=happens).operations.move(GATE, "staff", "ann", "bob", (moved,))
    happens = Withdrawing(vault, lambda: operations.withdraw(GATE, "staff", "bob", given.identifier))
    with pytest.raises(GroundMissing):
        home.another(vault=happens).operations.move(GATE, "staff", "ann", "bob", ())
    assert names(home, "bob") == set()


def test_who_is_known_to_differ_is_not_merged_until_that_is_taken_back(home):
    """Neither by a move nor by undoing one."""
    moved, _ = two(home)
    operations = home.server.operations
    barred = operations.bar(GATE, "staff", "ann", "bob", moved).result
    for wanted in ((moved,), ()):
        with pytest.raises(KnownToDiffer):
            operations.move(GATE, "staff", "ann", "bob", wanted)
    operations.undo(GATE, "staff", barred.identifier)
    done = operations.move(GATE, "staff", "ann", "bob", (moved,)).result
    operations.bar(GATE, "staff", "bob", "ann", moved)
    with pytest.raises(KnownToDiffer):
        operations.undo(GATE, "staff", done.identifier)


def test_a_photo_moves_only_to_who_agreed_to_photos(home):
    """The others get the template alone."""
    home.server.enrol("ann", photos=True)
    home.server.know("bob")
    home.server.know("cora", photos=True)
    store, operations = home.server.resources.store, home.server.operations
    done = operations.move(GATE, "staff", "ann", "cora", ()).result
    (there,) = store.references(HERE, "cora")
    place = place_of(store.gallery(HERE), there)
    assert home.server.resources.vault.opened_photo(there.photo, place) == sketch("ann")
    operations.undo(GATE, "staff", done.identifier)
    operations.move(GATE, "staff", "ann", "bob", ())
    assert [bool(it.photo) for it in store.references(HERE, "bob")] == [False]


def test_a_merge_makes_nobody_of_too_many_references(home):
    """Nothing moves then."""
    home.server.know("ann")
    home.server.know("bob")
    for take in range(MOST_REFERENCES // 2 + 1):
        home.server.add("ann", sketch(Drawn("ann", take=take)))
        home.server.add("bob", sketch(Drawn("bob", take=take)))
    with pytest.raises(TooManyReferences):
        home.server.operations.move(GATE, "staff", "ann", "bob", ())
    assert len(names(home, "ann")) == MOST_REFERENCES // 2 + 1


def test_what_is_not_there_is_not_corrected(home):
    """References of others, corrections of other galleries, one person alone."""
    moved, _ = two(home)
    operations = home.server.operations
    with pytest.raises(ReferenceUnknown):
        operations.move(GATE, "staff", "bob", "ann", ())
    with pytest.raises(ReferenceUnknown):
        operations.move(GATE, "staff", "bob", "ann", (moved,))
    with pytest.raises(ReferenceUnknown):
        operations.bar(GATE, "staff", "bob", "ann", moved)
    with pytest.raises(ReferenceUnknown):
        operations.remove_reference(GATE, "staff", "bob", moved)
    with pytest.raises((SubjectUnknown, FacewardError)):
        operations.bar(GATE, "staff", "ann", "nobody", moved)
    with pytest.raises(CorrectionUnknown):
        operations.undo(GATE, "staff", "0" * 32)
    with pytest.raises(FacewardError):
        operations.move(GATE, "staff", "ann", "ann", ())
