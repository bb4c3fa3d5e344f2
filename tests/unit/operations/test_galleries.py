"""People in galleries, from consent to erasure, through the real gate, on both databases."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from data.house import DOOR, STAFF, WHO, House, told
from data.traces import of_template, traces

from faceward import wiring
from faceward.errors import OperatingPointUnsupported, RefusedError
from faceward.governance.consent import receipts
from faceward.operations import verification
from faceward.operations.correction import CorrectionOver, KnownToDiffer
from faceward.operations.enrolment import (
    ConflictingReference,
    DuplicateFace,
    GroundMissing,
    PoorReference,
    SeveralFaces,
)
from faceward.operations.points import search_point
from faceward.operations.service import Terms
from faceward.operations.verification import NotEnrolled, TriesExhausted
from faceward.ports.gallery_store import ConsentState, SubjectUnknown
from faceward.testing.sketches import Drawn, SketchRecogniser, sketch, sketch_calibration
from faceward.transparency.notes import VerifyingKey, verifying
from faceward.transparency.proofs import InclusionReceipt
from faceward.transparency.words import Purpose


@pytest.fixture(params=["sqlite", "postgres"])
def house(request, tmp_path):
    made = House(tmp_path, request.getfixturevalue("postgres_url") if request.param == "postgres" else "")
    yield made
    made.close()


@pytest.fixture
def staffed(house):
    """A gallery with Ann and Bob in it."""
    house.furnish("ann", "bob")
    for name in ("ann", "bob"):
        house.operations.enrol(WHO, STAFF, name, sketch(name))
    return house


def candidates(house, *faces, operations=None):
    found = (operations or house.operations).identify(WHO, STAFF, sketch(*faces)).result
    return [[it.subject for it in face.candidates] for face in found.faces]


class TestEnrolment:
    def test_nobody_is_enrolled_without_a_ground(self, house):
        """The gate says so before a template is made; a refused consent is none."""
        house.furnish()
        for name in ("ann", "bob"):
            with pytest.raises(RefusedError, match="enrol") as refused:
                house.operations.enrol(WHO, STAFF, name, sketch(name))
            assert any(it.startswith("base/ground") for it in refused.value.reasons)

    def test_a_consent_for_another_purpose_is_none(self, house):
        house.furnish()
        house.consent("ann", purposes=frozenset({Purpose.PERSONALISE_OPTIN}))
        with pytest.raises(RefusedError):
            house.operations.enrol(WHO, STAFF, "ann", sketch("ann"))

    @pytest.mark.parametrize(
        ("photo", "error"),
        [
            (sketch(Drawn("ann", sharp=False)), PoorReference),
            (sketch("ann", "bob"), SeveralFaces),
            (sketch("cleo"), ConflictingReference),
            (sketch("bob"), ConflictingReference),
        ],
    )
    def test_a_reference_that_would_spoil_the_gallery_is_refused(self, staffed, photo, error):
        with pytest.raises(error) as refused:
            staffed.operations.enrol(WHO, STAFF, "ann", photo)
        assert refused.value.remedy
        assert len(staffed.operations.references(WHO, STAFF, "ann").result) == 1

    def test_a_face_that_belongs_to_somebody_else_is_refused_until_somebody_looked(self, staffed):
        staffed.consent("zoe")
        with pytest.raises(DuplicateFace):
            staffed.operations.enrol(WHO, STAFF, "zoe", sketch(Drawn("ann", take=3)))
        done = staffed.operations.enrol(
            WHO, STAFF, "zoe", sketch(Drawn("ann", take=3)), accept_duplicate=True
        )
        assert done.result.references == 1

    def test_a_face_that_another_server_enrolled_a_moment_before_is_found(self, staffed):
        """The index of this one does not know it yet."""
        other = staffed.server().desk.operations
        assert candidates(staffed, "cleo", operations=other) == [[]]
        staffed.consent("cleo")
        staffed.consent("zoe")
        staffed.operations.enrol(WHO, STAFF, "cleo", sketch("cleo"))
        with pytest.raises(DuplicateFace):
            other.enrol(WHO, STAFF, "zoe", sketch(Drawn("cleo", take=2)))

    @pytest.mark.parametrize("keeps", [False, True])
    def test_a_photo_is_kept_only_where_the_consent_says_so(self, house, keeps):
        house.furnish()
        house.consent("ann", photos=keeps)
        assert house.operations.enrol(WHO, STAFF, "ann", sketch("ann")).result.photo_kept is keeps
        (kept,) = house.operations.references(WHO, STAFF, "ann").result
        assert bool(kept.photo) is keeps
        assert sketch("ann") not in kept.photo


class TestSearches:
    def test_a_stranger_gets_an_empty_list_and_each_face_its_own(self, staffed):
        assert candidates(staffed, Drawn("ann", take=5), "stranger", Drawn("bob", take=6)) == [
            ["ann"],
            [],
            ["bob"],
        ]
        assert candidates(staffed) == []

    def test_the_reply_says_how_often_a_stranger_would_be_taken_for_somebody(self, staffed):
        found = staffed.operations.identify(WHO, STAFF, sketch("stranger", "other")).result
        rate = found.point.at.false_match_rate
        assert found.point.references == 2
        assert found.point.false_positive_identification_rate == pytest.approx(1 - (1 - rate) ** 2)
        assert found.expected_false_candidates == pytest.approx(2 * (1 - (1 - rate) ** 2))

    def test_who_withdraws_through_one_server_is_no_candidate_of_another_at_once(self, staffed):
        """Whatever the index of the other still holds."""
        other = staffed.server().desk.operations
        assert candidates(staffed, "ann", operations=other) == [["ann"]]
        (consent,) = staffed.operations.consents(WHO, STAFF, "ann").result
        staffed.operations.withdraw(WHO, STAFF, "ann", consent.identifier)
        assert candidates(staffed, "ann", "bob", operations=other) == [[], ["bob"]]
        with pytest.raises(RefusedError):
            other.verify(WHO, STAFF, "ann", sketch("ann"))

    def test_a_consent_that_runs_out_ends_everything_that_rests_on_it(self, staffed):
        staffed.clock.advance(days=61)
        staffed.consent("bob")
        assert candidates(staffed, "ann", "bob") == [[], ["bob"]]

    @pytest.mark.parametrize(("promised", "most"), [(1e-2, 100), (1e-3, 10)])
    def test_no_rate_is_promised_beyond_the_evidence(self, promised, most):
        """The largest gallery that it supports is named."""
        table = sketch_calibration()
        assert search_point(table, promised, most, provisional=False).at.false_match_rate == 1e-4
        with pytest.raises(OperatingPointUnsupported, match=rf"galleries of {most} at most"):
            search_point(table, promised, most + 1, provisional=False)
        assert search_point(table, promised, most + 1, provisional=True).at.false_match_rate == 1e-5

    def test_an_unsupported_search_is_refused_with_what_is_supported(self, staffed):
        staffed.operations.make_gallery(WHO, "strict", Terms(false_positive_identification_rate=1e-6))
        with pytest.raises(OperatingPointUnsupported):
            staffed.operations.identify(WHO, "strict", sketch("ann"))


class TestVerification:
    def test_a_person_is_told_from_a_stranger(self, staffed):
        same = staffed.operations.verify(WHO, STAFF, "ann", sketch(Drawn("ann", take=8))).result
        other = staffed.operations.verify(WHO, STAFF, "ann", sketch("stranger")).result
        assert (same.decision.match, other.decision.match) == (True, False)
        assert (same.tries_left, other.tries_left) == (3, 2)

    def test_after_three_tries_a_person_must_look(self, staffed):
        for left in (2, 1, 0):
            assert staffed.operations.verify(WHO, STAFF, "ann", sketch("eve")).result.tries_left == left
        for photo in (sketch("eve"), sketch("ann")):
            with pytest.raises(TriesExhausted):
                staffed.operations.verify(WHO, STAFF, "ann", photo)
        assert staffed.operations.verify(WHO, STAFF, "bob", sketch("bob")).result.decision.match
        staffed.operations.reopen(WHO, STAFF, "ann")
        assert staffed.operations.verify(WHO, STAFF, "ann", sketch("ann")).result.decision.match

    def test_who_is_known_and_not_enrolled_cannot_be_verified(self, staffed):
        staffed.consent("cleo")
        with pytest.raises(NotEnrolled):
            staffed.operations.verify(WHO, STAFF, "cleo", sketch("cleo"))

    def test_the_ground_is_looked_up_once_more_when_the_outcome_is_recorded(self, staffed, monkeypatch):
        """Ann withdraws through another server while her photo is being compared."""
        other = staffed.server().desk.operations
        (consent,) = staffed.operations.consents(WHO, STAFF, "ann").result
        fused = verification.fused_score

        def slow(scores):
            other.withdraw(WHO, STAFF, "ann", consent.identifier)
            return fused(scores)

        monkeypatch.setattr(verification, "fused_score", slow)
        with pytest.raises(GroundMissing):
            staffed.operations.verify(WHO, STAFF, "ann", sketch("ann"))


class TestCorrections:
    def test_a_reference_moves_with_its_template_and_comes_back(self, staffed):
        staffed.operations.enrol(WHO, STAFF, "ann", sketch(Drawn("ann", take=1)))
        staffed.consent("anna")
        (first, _) = staffed.operations.references(WHO, STAFF, "ann").result
        moved = staffed.operations.move(WHO, STAFF, "ann", "anna", (first.identifier,)).result
        assert [len(staffed.operations.references(WHO, STAFF, it).result) for it in ("ann", "anna")] == [1, 1]
        assert {it for found in candidates(staffed, "ann") for it in found} == {"ann", "anna"}
        assert staffed.operations.undo(WHO, STAFF, moved.identifier).result.undone
        assert candidates(staffed, "ann") == [["ann"]]
        with pytest.raises(CorrectionOver):
            staffed.operations.undo(WHO, STAFF, moved.identifier)

    def test_nothing_moves_to_somebody_without_a_ground(self, staffed):
        staffed.consent("cleo")
        (consent,) = staffed.operations.consents(WHO, STAFF, "cleo").result
        staffed.operations.withdraw(WHO, STAFF, "cleo", consent.identifier)
        with pytest.raises(RefusedError):
            staffed.operations.move(WHO, STAFF, "ann", "cleo", ())

    def test_who_was_said_not_to_be_her_is_not_merged_with_her(self, staffed):
        (reference,) = staffed.operations.references(WHO, STAFF, "ann").result
        barred = staffed.operations.bar(WHO, STAFF, "ann", "bob", reference.identifier).result
        with pytest.raises(KnownToDiffer):
            staffed.operations.move(WHO, STAFF, "ann", "bob", ())
        staffed.operations.undo(WHO, STAFF, barred.identifier)
        staffed.operations.move(WHO, STAFF, "ann", "bob", ())
        assert [it.kind for it in staffed.operations.corrections(WHO, STAFF, 10).result] == [
            "moved",
            "barred",
        ]


class TestRights:
    def test_a_receipt_proves_that_this_consent_is_in_the_ledger(self, house):
        """With the public keys alone; and a withdrawal gives another one that does."""
        house.furnish()
        given = house.operations.record_consent(WHO, STAFF, "ann", told(house.clock.now()))
        over = house.operations.withdraw(WHO, STAFF, "ann", given.result.identifier)
        published = house.desk.publication
        keys = (VerifyingKey.read(published.statement().log_key),)
        for done, state in ((given, ConsentState.GIVEN), (over, ConsentState.WITHDRAWN)):
            proved = receipts.read(published.proved(done.result.document, done.outcome))
            check = receipts.verify_receipt(proved, bytes.fromhex(proved.key), keys)
            assert done.result.state is state
            assert (check.signed, check.inclusion) == (True, receipts.Inclusion.HOLDS)

    def test_erasure_leaves_neither_rows_nor_a_face_in_memory(self, staffed):
        assert candidates(staffed, "ann") == [["ann"]]
        held = staffed.operations.memory_bytes()
        done = staffed.operations.erase(WHO, STAFF, "ann")
        assert done.result.references == 1
        assert staffed.operations.memory_bytes() < held
        with pytest.raises(SubjectUnknown):
            staffed.operations.references(WHO, STAFF, "ann")
        assert candidates(staffed, "ann", "bob") == [[], ["bob"]]
        proof = InclusionReceipt.read(staffed.desk.publication.receipt(done.outcome))
        assert proof.holds([verifying(wiring.log_key(staffed.settings))])
        assert json.loads(proof.entry)["body"]["erased"] == 1

    def test_an_erased_person_may_come_back_as_somebody_whom_nothing_links(self, staffed):
        before = receipts.read(staffed.operations.consents(WHO, STAFF, "ann").result[0].document)
        staffed.operations.erase(WHO, STAFF, "ann")
        staffed.consent("ann")
        staffed.operations.enrol(WHO, STAFF, "ann", sketch(Drawn("ann", take=4)))
        after = receipts.read(staffed.operations.consents(WHO, STAFF, "ann").result[0].document)
        assert before.record.header.subject_pseudonym != after.record.header.subject_pseudonym
        assert candidates(staffed, "ann") == [["ann"]]

    def test_retention_erases_by_itself_and_spares_who_has_another_ground(self, staffed):
        staffed.clock.advance(days=30)
        staffed.consent("bob")
        staffed.clock.advance(days=31)
        caller = replace(WHO, purpose=Purpose.UNKNOWN)
        due = staffed.operations.rehearse_retention(caller, staffed.clock.now(), 10).result
        assert {it.subject for it in due} == {"ann", "bob"}
        assert staffed.operations.enforce_retention() == 1
        assert [it.name for it in staffed.operations.subjects(caller, STAFF, "", 10).result] == ["bob"]
        assert staffed.operations.enforce_retention() == 0

    def test_the_gallery_of_another_deployment_is_out_of_reach(self, staffed):
        """Whatever is asked for, and rights are no exception."""
        stranger = replace(WHO, deployment="other")
        for ask in (
            lambda: staffed.operations.gallery(stranger, f"../{DOOR}/{STAFF}"),
            lambda: staffed.operations.identify(stranger, STAFF, sketch("ann")),
            lambda: staffed.operations.erase(stranger, STAFF, "ann"),
            lambda: staffed.operations.subjects(stranger, STAFF, "", 10),
        ):
            with pytest.raises((RefusedError, Exception)) as refused:
                ask()
            assert "ann" not in str(refused.value)
        assert candidates(staffed, "ann") == [["ann"]]


def test_after_erasure_no_byte_of_a_template_or_name_is_left_on_the_disk(tmp_path):
    """Database, journal and keyring are searched whole; before, the name is there and the search finds it."""
    house = House(tmp_path)
    name = "ann-of-the-long-name"
    house.furnish(name, "bob")
    house.operations.enrol(WHO, STAFF, name, sketch("ann"))
    recogniser = SketchRecogniser()
    features = recogniser.portrait(recogniser.open(sketch("ann"))).template.features
    (reference,) = house.operations.references(WHO, STAFF, name).result
    sought = {"name": name.encode(), "sealed": reference.sealed, **of_template(features)}
    state = house.settings.state_folder
    assert {it.split(": ")[1] for it in traces(state, sought)} == {"name", "sealed"}
    house.operations.erase(WHO, STAFF, name)
    assert traces(state, sought) == []
    house.close()
