"""Who is enrolled with which photo, and who is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from data.premises import GATE, Premises, premises

from faceward.errors import RefusedError
from faceward.operations.enrolment import (
    MOST_REFERENCES,
    ConflictingReference,
    DuplicateFace,
    PoorReference,
    SeveralFaces,
    TooManyReferences,
)
from faceward.operations.resources import place_of
from faceward.operations.service import Terms
from faceward.ports.gallery_store import Extent, SubjectUnknown
from faceward.testing.sketches import Drawn, sketch
from faceward.transparency.words import Purpose


def extent(home: Premises) -> Extent:
    return home.server.resources.store.extent("door/staff")


def refusals(refused: RefusedError) -> list[str]:
    return [it.split(":")[0] for it in refused.reasons]


def test_a_person_with_consent_is_enrolled_and_found(home):
    """And the answer says how the face was checked."""
    home.server.enrol("ann")
    home.server.know("bob")
    done = home.server.operations.enrol(GATE, "staff", "bob", sketch("bob")).result
    assert (done.references, done.others, done.photo_kept) == (1, 1, False)
    assert done.checked_at.threshold == 0.25  # one other: the rate of a search is that of a comparison
    assert home.server.candidates(sketch("ann", "bob")) == [["ann"], ["bob"]]


def test_nobody_is_enrolled_without_consent(home):
    """The gate refuses: unknown, refused to, for another purpose, or when the time is over."""
    with pytest.raises(RefusedError) as refused:
        home.server.add("ann")
    assert any("ground" in it for it in refusals(refused.value))
    home.server.know("bob", purposes=frozenset({Purpose.VERIFY_WORKER}))
    home.server.know("cora")
    home.clock.advance(days=61)
    for name in ("bob", "cora"):
        with pytest.raises(RefusedError):
            home.server.add(name)
    assert extent(home).references == 0


@pytest.mark.parametrize(
    ("photo", "error"),
    [
        (sketch(Drawn("ann", sharp=False)), PoorReference),
        (sketch("ann", "bob"), SeveralFaces),
        (sketch("stranger"), ConflictingReference),
        (sketch("cora"), ConflictingReference),
    ],
)
def test_a_photo_that_is_no_good_reference_is_refused_with_what_to_do(home, photo, error):
    """Poor, of several people, or of somebody else; nothing is kept of it, and the scale is as before."""
    home.server.enrol("ann", sketch(Drawn("ann", take=1)))
    home.server.enrol("cora")
    before = extent(home)
    with pytest.raises(error) as refused:
        home.server.add("ann", photo)
    assert refused.value.remedy
    assert extent(home) == before


def test_a_blurred_passer_by_does_not_spoil_a_reference(home):
    """Only faces that could be meant count."""
    home.server.enrol("ann", sketch("ann", Drawn("bob", sharp=False)))
    assert home.server.candidates(sketch("ann")) == [["ann"]]


def test_a_face_of_somebody_else_is_refused_until_the_operator_looked(home):
    """Then it is enrolled, and a search gives both."""
    home.server.enrol("ann")
    home.server.know("ann-again")
    with pytest.raises(DuplicateFace):
        home.server.add("ann-again", sketch(Drawn("ann", take=1)))
    photo = sketch(Drawn("ann", take=1))
    home.server.operations.enrol(GATE, "staff", "ann-again", photo, accept_duplicate=True)
    assert sorted(home.server.candidates(sketch("ann"))[0]) == ["ann", "ann-again"]


def test_a_face_that_another_server_enrolled_before_is_a_duplicate(shared):
    """Though the index of this one was loaded without it."""
    first, second = shared.server, shared.another()
    first.enrol("zoe")
    first.know("bob")
    second.enrol("ann")
    with pytest.raises(DuplicateFace):
        first.add("bob", sketch("ann"))


class Meanwhile:
    """A vault during whose closing something happens, once: after the search, before it is settled."""

    def __init__(self, vault, happens) -> None:
        self._vault, self._happens = vault, [happens]

    def __getattr__(self, name):
        return getattr(self._vault, name)

    def closed(self, features, place):
        while self._happens:
            self._happens.pop()()
        return self._vault.closed(features, place)


def test_a_face_that_another_server_enrols_at_the_same_moment_is_a_duplicate(shared):
    """It came after the search; the second look, in the transaction, sees it."""
    other = shared.another()
    other.enrol("zoe")
    other.know("bob")
    vault = Meanwhile(shared.server.resources.vault, lambda: other.enrol("ann"))
    with pytest.raises(DuplicateFace):
        shared.another(vault=vault).add("bob", sketch("ann"))
    assert shared.server.candidates(sketch("ann")) == [["ann"]]


def test_a_stranger_who_is_enrolled_at_the_same_moment_is_no_duplicate(shared):
    """And both are there."""
    other = shared.another()
    other.know("bob")
    vault = Meanwhile(shared.server.resources.vault, lambda: other.enrol("ann"))
    shared.another(vault=vault).add("bob")
    assert shared.server.candidates(sketch("ann", "bob")) == [["ann"], ["bob"]]


def test_a_withdrawal_at_the_same_moment_ends_an_enrolment(shared):
    """The gate had allowed it."""
    other = shared.another()
    given = other.know("bob").identifier
    operations = other.operations
    vault = Meanwhile(shared.server.resources.vault, lambda: operations.withdraw(GATE, "staff", "bob", given))
    with pytest.raises(RefusedError) as refused:
        shared.another(vault=vault).add("bob")
    assert refused.value.code == "ground_missing"
    assert extent(shared).references == 0


def test_nobody_has_too_many_references(home):
    """One more is refused, however good."""
    home.server.know("ann")
    for take in range(MOST_REFERENCES):
        home.server.add("ann", sketch(Drawn("ann", take=take)))
    with pytest.raises(TooManyReferences):
        home.server.add("ann")
    assert extent(home).references == MOST_REFERENCES


def test_a_photo_is_kept_only_if_the_consent_says_so(home):
    """Closed, and it opens at its place alone."""
    home.server.enrol("ann")
    home.server.enrol("bob", photos=True)
    resources = home.server.resources
    (ann,), (bob,) = (resources.store.references("door/staff", it) for it in ("ann", "bob"))
    assert not ann.photo
    assert sketch("bob") not in bob.photo
    gallery = resources.store.gallery("door/staff")
    assert resources.vault.opened_photo(bob.photo, place_of(gallery, bob)) == sketch("bob")


def test_people_count_against_the_scale_once_each_and_what_failed_is_given_back(tmp_path):
    """A second reference costs nothing; who is erased, or has no reference any more, makes room."""
    with premises(tmp_path / "ledger.db", people=2) as home:
        it, operations = home.server, home.server.operations
        for name in ("ann", "bob", "cora"):
            it.know(name)
        for _ in range(3):
            with pytest.raises(PoorReference):
                it.add("ann", sketch(Drawn("ann", sharp=False)))
        it.add("ann")
        it.add("ann", sketch(Drawn("ann", take=1)))
        reference = it.add("bob")
        with pytest.raises(RefusedError) as full:
            it.add("cora")
        assert "base/scale-enrolled" in refusals(full.value)
        operations.remove_reference(GATE, "staff", "bob", reference)
        it.add("cora")
        with pytest.raises(RefusedError):
            it.add("bob")
        operations.erase(GATE, "staff", "ann")
        it.add("bob")


def test_people_count_through_moves_as_well(tmp_path):
    """A split enrols one more; a merge one less; what is undone is counted back."""
    with premises(tmp_path / "ledger.db", people=2) as home:
        it, operations = home.server, home.server.operations
        for name in ("ann", "bob", "cora"):
            it.know(name)
        first = it.add("ann")
        it.add("ann", sketch(Drawn("ann", take=1)))
        split = operations.move(GATE, "staff", "ann", "bob", (first,)).result
        with pytest.raises(RefusedError):
            it.add("cora")
        operations.undo(GATE, "staff", split.identifier)
        it.add("cora")
        with pytest.raises(RefusedError):
            operations.move(GATE, "staff", "ann", "bob", (first,))
        operations.move(GATE, "staff", "cora", "ann", ())
        it.enrol("dan")
        with pytest.raises(RefusedError):
            it.enrol("eve")


def test_a_consent_at_the_same_name_in_another_gallery_is_no_ground(home):
    """Galleries of one deployment are apart, and so are deployments."""
    home.server.operations.make_gallery(GATE, "guests", Terms())
    home.server.know("ann", "guests")
    with pytest.raises(RefusedError):
        home.server.add("ann")
    home.server.enrol("ann", gallery="guests")
    with pytest.raises(SubjectUnknown):
        home.server.operations.subject(GATE, "staff", "ann")
    with pytest.raises(RefusedError):
        home.server.add("ann", gallery="guests", caller=replace(GATE, account="nobody"))
