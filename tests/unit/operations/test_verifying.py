"""Whether a photo shows one person, three tries long."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from data.premises import GATE, Server

from faceward.errors import FacewardError, RefusedError
from faceward.operations.enrolment import GroundMissing
from faceward.operations.verification import NotEnrolled, TriesExhausted, Verified
from faceward.ports.gallery_store import SubjectUnknown
from faceward.testing.sketches import Drawn, sketch


def verify(server: Server, photo: bytes, subject: str = "ann") -> Verified:
    return server.operations.verify(GATE, "staff", subject, photo).result


def test_the_score_is_the_mean_of_all_references(home):
    """One that is exactly alike does not make up for others."""
    home.server.enrol("ann")
    assert verify(home.server, sketch("ann")).decision.comparison_score == pytest.approx(1.0, abs=1e-6)
    home.server.add("ann", sketch(Drawn("ann", 0.5, take=1)))
    found = verify(home.server, sketch("ann"))
    assert found.references == 2
    assert 0.6 < found.decision.comparison_score < 0.85


def test_a_stranger_is_no_match_and_three_of_them_need_a_human(home):
    """The fourth try is refused, even one that would match; after somebody looked it goes on."""
    home.server.enrol("ann")
    assert [verify(home.server, sketch("stranger")).tries_left for _ in range(3)] == [2, 1, 0]
    for photo in (sketch("stranger"), sketch("ann")):
        with pytest.raises(TriesExhausted):
            verify(home.server, photo)
    home.server.operations.reopen(GATE, "staff", "ann")
    assert verify(home.server, sketch("ann")).decision.match


def test_a_match_gives_all_tries_back_and_others_have_their_own(home):
    """Tries count in a row, for each person."""
    home.server.enrol("ann")
    home.server.enrol("bob")
    verify(home.server, sketch("stranger"))
    verify(home.server, sketch("stranger"))
    assert verify(home.server, sketch("stranger"), "bob").tries_left == 2
    assert verify(home.server, sketch("ann")).tries_left == 3
    assert verify(home.server, sketch("stranger")).tries_left == 2


def test_many_tries_at_once_are_three(shared):
    """On two servers, from eight threads that begin together."""
    servers = [shared.server, shared.another()]
    shared.server.enrol("ann")
    together = Barrier(8)

    def attempt(number: int) -> str:
        together.wait(30)
        try:
            verify(servers[number % 2], sketch("stranger"))
        except FacewardError as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(8)))
    assert sorted(answers) == ["done"] * 3 + ["tries_exhausted"] * 5


def test_a_photo_without_a_face_is_no_try(home):
    """Nor is one that cannot be opened."""
    home.server.enrol("ann")
    for photo in (sketch(), b"no sketch"):
        with pytest.raises(FacewardError):
            verify(home.server, photo)
    assert verify(home.server, sketch("stranger")).tries_left == 2


def test_who_withdrew_is_not_verified(shared):
    """The gate refuses at once, on another server too."""
    other = shared.another()
    shared.server.enrol("ann")
    assert verify(other, sketch("ann")).decision.match
    (given,) = other.resources.store.consents("door/staff", "ann")
    shared.server.operations.withdraw(GATE, "staff", "ann", given.identifier)
    with pytest.raises(RefusedError):
        verify(other, sketch("ann"))


class Withdrawing:
    """A recogniser while which looks something happens, once."""

    def __init__(self, recogniser, happens) -> None:
        self._recogniser, self._happens = recogniser, [happens]

    def __getattr__(self, name):
        return getattr(self._recogniser, name)

    def open(self, source):
        while self._happens:
            self._happens.pop()()
        return self._recogniser.open(source)


def test_who_withdraws_while_they_are_compared_is_not_verified(shared):
    """The gate had allowed it; the transaction that records the outcome looks again."""
    shared.server.enrol("ann")
    (given,) = shared.server.resources.store.consents("door/staff", "ann")
    recogniser = Withdrawing(
        shared.server.resources.recogniser,
        lambda: shared.server.operations.withdraw(GATE, "staff", "ann", given.identifier),
    )
    with pytest.raises(GroundMissing):
        verify(shared.another(recogniser=recogniser), sketch("ann"))


def test_nobody_is_verified_who_has_no_reference(home):
    """Known is not enrolled, and unknown is neither."""
    home.server.know("ann")
    with pytest.raises(NotEnrolled):
        verify(home.server, sketch("ann"))
    with pytest.raises((SubjectUnknown, RefusedError)):
        verify(home.server, sketch("ann"), "nobody")
