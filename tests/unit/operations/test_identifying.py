"""Who a face may be, and who is no candidate, whatever an index holds."""

from __future__ import annotations

import numpy as np
import pytest
from data.galleries import identifier
from data.premises import DAY, GATE, Server
from sqlalchemy import create_engine, text

from faceward.adapters.vector_index import ExactIndex
from faceward.core.values import FloatArray
from faceward.errors import OperatingPointUnsupported
from faceward.operations.service import Terms
from faceward.ports.vault import VaultRefused
from faceward.ports.vector_index import Hit
from faceward.testing.sketches import Drawn, sketch

HERE = "door/staff"


def held(server: Server) -> set[str]:
    """Whose templates an index holds, whoever may be a candidate."""
    probe = np.zeros((1, 128), np.float32)
    probe[0, 0] = 1.0
    _, (hits,) = server.index.search(HERE, probe, -1.0, 1000)
    return {it.subject for it in hits}


def test_a_stranger_is_nobody(home):
    """The search is open: an empty list of candidates is an answer."""
    assert home.server.candidates(sketch("stranger")) == [[]]
    home.server.enrol("ann")
    assert home.server.candidates(sketch("stranger")) == [[]]


def test_every_face_of_a_photo_is_searched_for(home):
    """In their order, with what each is fit for; a photo of nobody has none."""
    home.server.enrol("ann")
    home.server.enrol("bob")
    found = home.server.operations.identify(GATE, "staff", sketch("bob", "stranger", "ann")).result
    assert [[it.subject for it in face.candidates] for face in found.faces] == [["bob"], [], ["ann"]]
    assert found.expected_false_candidates == pytest.approx(
        3 * found.point.false_positive_identification_rate
    )
    assert home.server.candidates(sketch()) == []


def test_candidates_are_the_best_first_and_no_more_than_were_asked_for(home):
    """Each subject once, with the best of their references."""
    home.server.enrol("ann", sketch(Drawn("ann", 0.8)))
    home.server.add("ann", sketch(Drawn("ann", 0.9)))
    home.server.know("twin")
    home.server.operations.enrol(GATE, "staff", "twin", sketch(Drawn("ann", 0.7)), accept_duplicate=True)
    assert home.server.candidates(sketch("ann")) == [["ann", "twin"]]
    (face,) = home.server.operations.identify(GATE, "staff", sketch("ann"), most=1).result.faces
    assert [(it.subject, round(it.comparison_score, 3)) for it in face.candidates] == [("ann", 1.0)]


def test_who_withdrew_is_no_candidate_at_once_on_any_server(shared):
    """The index of the other server still holds the template; the answer does not rest on it."""
    first, second = shared.server, shared.another()
    first.enrol("ann")
    first.enrol("bob")
    assert first.candidates(sketch("ann", "bob")) == second.candidates(sketch("ann", "bob"))
    (given,) = second.resources.store.consents(HERE, "ann")
    second.operations.withdraw(GATE, "staff", "ann", given.identifier)
    assert first.candidates(sketch("ann", "bob")) == [[], ["bob"]]
    assert held(first) == {"ann", "bob"}


def test_whose_consent_ran_out_is_no_candidate(home):
    """From that second on, though nothing was changed anywhere."""
    home.server.enrol("ann")
    home.server.enrol("bob", until=home.clock.now() + 70 * DAY)
    home.clock.advance(days=60, seconds=-1)
    assert home.server.candidates(sketch("ann", "bob")) == [["ann"], ["bob"]]
    home.clock.advance(seconds=1)
    assert home.server.candidates(sketch("ann", "bob")) == [[], ["bob"]]


class Liar(ExactIndex):
    """Claims more than it was told: people who are not there, and whoever withdrew."""

    claimed: tuple[str, ...] = ()

    def search(
        self, gallery: str, probes: FloatArray, threshold: float, most: int
    ) -> tuple[int, tuple[tuple[Hit, ...], ...]]:
        revision, found = super().search(gallery, probes, threshold, most)
        lies = tuple(Hit(identifier(place), it, 0.99) for place, it in enumerate(self.claimed))
        return revision, tuple(lies + hits for hits in found)


def test_an_index_that_claims_others_is_not_believed(home):
    """Nobody without a ground comes out of it."""
    home.server.enrol("ann")
    home.server.know("bob")
    index = Liar()
    index.claimed = ("nobody", "cora")
    server = home.another(index=index)
    assert server.candidates(sketch("ann", "stranger")) == [["ann"], []]


class Old(ExactIndex):
    """Takes no difference, as one that lost its way."""

    def update(self, *_rest: object) -> bool:
        return False


def test_an_index_behind_the_store_is_not_searched(home):
    """It is loaded anew where it cannot be led on, so who came since is found and who went is not held."""
    server = home.another(index=Old())
    server.enrol("ann")
    assert server.candidates(sketch("ann", "bob")) == [["ann"], []]
    home.server.enrol("bob")
    home.server.operations.erase(GATE, "staff", "ann")
    assert server.candidates(sketch("ann", "bob")) == [[], ["bob"]]
    assert held(server) == {"bob"}


def test_a_gallery_that_was_made_anew_is_read_anew(shared):
    """Another server held the one of that name before; nothing of it is found."""
    first, second = shared.server, shared.another()
    for name in ("ann", "bob", "cora"):
        first.enrol(name)
    assert second.candidates(sketch("ann")) == [["ann"]]
    for name in ("ann", "bob", "cora"):
        first.operations.erase(GATE, "staff", name)
    first.operations.close_gallery(GATE, "staff")
    first.operations.make_gallery(GATE, "staff", Terms())
    first.enrol("dan")
    first.know("ann")
    assert second.candidates(sketch("ann", "dan")) == [[], ["dan"]]


def test_a_row_that_was_moved_to_somebody_else_is_refused(home):
    """Whoever writes in the database makes nobody of another: nothing of the gallery is searched."""
    home.server.enrol("ann")
    home.server.enrol("bob")
    engine = create_engine(f"sqlite:///{home.place}")
    with engine.begin() as connection:
        rows = dict(connection.execute(text("SELECT name, number FROM subjects")).all())
        changed = connection.execute(
            text("UPDATE templates SET subject = :bob, name = 'bob' WHERE subject = :ann"), rows
        )
        assert changed.rowcount == 1
    engine.dispose()
    server = home.another()
    with pytest.raises(VaultRefused):
        server.candidates(sketch("ann"))
    with pytest.raises(VaultRefused):
        server.operations.verify(GATE, "staff", "bob", sketch("ann"))


def test_a_gallery_too_large_for_what_was_measured_is_not_searched(home):
    """The answer names the largest that could be."""
    home.server.operations.make_gallery(GATE, "small", Terms(false_positive_identification_rate=2.5e-4))
    for name in ("ann", "bob"):
        home.server.enrol(name, gallery="small")
    assert home.server.operations.search_point(GATE, "small").largest_gallery == 2
    assert home.server.candidates(sketch("ann"), "small") == [["ann"]]
    home.server.enrol("cora", gallery="small")
    with pytest.raises(OperatingPointUnsupported) as refused:
        home.server.candidates(sketch("ann"), "small")
    assert "galleries of 2 at most" in str(refused.value)


class Growing:
    """A recogniser while which looks somebody else is enrolled, once."""

    def __init__(self, recogniser, grow) -> None:
        self._recogniser, self._grow = recogniser, [grow]

    def __getattr__(self, name):
        return getattr(self._recogniser, name)

    def open(self, source):
        while self._grow:
            self._grow.pop()()
        return self._recogniser.open(source)


def test_a_gallery_that_grew_too_large_after_it_was_judged_is_not_searched(home):
    """The operating point was permitted for a smaller one."""
    home.server.operations.make_gallery(GATE, "small", Terms(false_positive_identification_rate=2.5e-4))
    for name in ("ann", "bob"):
        home.server.enrol(name, gallery="small")
    grow = Growing(home.server.resources.recogniser, lambda: home.server.enrol("cora", gallery="small"))
    server = home.another(recogniser=grow)
    with pytest.raises(OperatingPointUnsupported, match="grown to 3"):
        server.candidates(sketch("ann"), "small")
