"""What every gallery store promises, in whichever database it lies."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from data.galleries import (
    DAY,
    NOW,
    STAFF,
    Installation,
    consent,
    gallery,
    identifier,
    reference,
    subject,
)

from faceward.errors import ConflictError, InputError, InvalidValue
from faceward.ports.gallery_store import (
    AlreadyThere,
    ConsentState,
    Correction,
    CorrectionKind,
    CorrectionUnknown,
    Difference,
    GalleryUnknown,
    Majority,
    ReferenceUnknown,
    Subject,
    SubjectUnknown,
)
from faceward.transparency.words import Ground, Purpose

G = "acme/staff"
ACCESS, WORKER = Purpose.ACCESS_OPTIN, Purpose.VERIFY_WORKER


@pytest.fixture(params=["sqlite", "postgres"])
def installation(request, tmp_path):
    place = tmp_path / "ledger" / "ledger.db"
    made = Installation(place if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield made
    made.close()


@pytest.fixture
def store(installation):
    return installation.store


@pytest.fixture
def settle(installation):
    return installation.settle


@pytest.fixture
def staffed(settle):
    """A gallery with Anna, who has two references and a consent, and Ben, who has nothing."""

    def change(changes):
        changes.make(gallery())
        changes.introduce_all([subject("anna"), subject("ben")])
        changes.add_all([reference(1, "anna"), reference(2, "anna", photo=b"closed photo")])
        changes.record(consent(1, "anna"))

    settle(change)


def loaded(store, of=G):
    revision, portions = store.everything(of)
    return revision, {it.identifier: it for portion in portions for it in portion}


class TestNothing:
    """Of what is not known, nothing is known."""

    @pytest.mark.parametrize("name", ["", "never/made", "acme/STAFF", "acme/staff ", "ä" * 300])
    def test_an_unknown_gallery_is_said_to_be_unknown(self, store, settle, staffed, name):
        questions = [
            *(store.gallery, store.extent, store.subjects, store.everything),
            lambda it: store.subject(it, "anna"),
            lambda it: store.difference(it, 0),
            lambda it: settle(lambda changes: changes.extent(it)),
            lambda it: settle(lambda changes: changes.difference(it, 0)),
            lambda it: settle(lambda changes: changes.close(it)),
            lambda it: settle(lambda changes: changes.introduce(subject("new", it))),
        ]
        for question in questions:
            with pytest.raises(GalleryUnknown):
                question(name)

    def test_lists_of_what_is_not_known_are_empty(self, store, settle):
        assert store.galleries("acme") == ()
        assert store.references(G, "anna") == ()
        assert store.consents(G, "anna") == ()
        assert store.overdue(NOW) == ()
        assert store.forgotten() == ()
        assert store.barred(G, [identifier(1)]) == frozenset()
        assert settle(lambda changes: changes.permitted(G, ["anna"], ACCESS, NOW)) == frozenset()
        assert settle(lambda changes: changes.failed_tries(G, "anna")) == 0
        assert settle(lambda changes: changes.remove(G, [identifier(1)])) == 0
        assert settle(lambda changes: changes.forget(G, "anna")) == 0

    @pytest.mark.parametrize("names", [(), ("anna",)])
    def test_nobody_has_a_ground_in_an_unknown_gallery(self, store, names):
        assert store.ground(G, names, ACCESS, NOW) is Ground.NONE

    @pytest.mark.parametrize("name", ["nul\0", "half \ud800"])
    def test_a_name_that_no_database_keeps_is_refused(self, store, settle, staffed, name):
        for question in (
            lambda: store.gallery(name),
            lambda: store.subject(G, name),
            lambda: store.ground(G, [name], ACCESS, NOW),
            lambda: settle(lambda changes: changes.introduce(subject(name))),
        ):
            with pytest.raises(InvalidValue):
                question()

    @pytest.mark.parametrize("wrong", ["", "x" * 32, "ab" * 15, "AB" * 16, "ab " * 16])
    def test_an_identifier_is_32_small_hexadecimal_digits(self, settle, staffed, wrong):
        with pytest.raises(InvalidValue):
            settle(lambda changes: changes.add(reference(1, "anna", identifier=wrong)))


class TestGalleries:
    def test_a_gallery_comes_back_as_it_was_made(self, store, settle):
        settle(lambda changes: changes.make(STAFF))
        assert store.gallery(G) == STAFF
        assert store.galleries("acme") == (STAFF,)
        extent = store.extent(G)
        assert (extent.subjects, extent.references) == (0, 0)
        assert loaded(store) == (extent.revision, {})
        assert store.ground(G, (), ACCESS, NOW) is Ground.CONSENT

    def test_times_come_back_as_the_same_moment(self, store, settle):
        east = datetime(2026, 3, 1, 2, 3, 4, 567891, tzinfo=timezone(timedelta(hours=9)))
        settle(lambda changes: changes.make(gallery(created=east)))
        assert store.gallery(G).created == east
        assert store.gallery(G).created.tzinfo is UTC
        with pytest.raises(InvalidValue):
            settle(lambda changes: changes.make(gallery("a/b", created=datetime(2026, 1, 1))))  # noqa: DTZ001

    def test_a_name_is_given_once(self, settle):
        settle(lambda changes: changes.make(gallery()))
        with pytest.raises(AlreadyThere):
            settle(lambda changes: changes.make(gallery()))

    def test_lists_are_in_the_order_of_bytes_and_in_pages(self, store, settle):
        names = [
            "acme/A",
            "acme/Z",
            "acme/a",
            "acme/a b",
            "acme/ab",
            "acme/z",
            "acme/é",
            "acme/中",
            "acme/😀",
        ]

        def change(changes):
            for name in reversed(names):
                changes.make(gallery(name))
            changes.make(gallery("other/one"))

        settle(change)
        assert [it.name for it in store.galleries("acme")] == names
        assert [it.name for it in store.galleries("acme", most=2)] == names[:2]
        assert [it.name for it in store.galleries("acme", "acme/a", 3)] == names[3:6]
        assert [it.name for it in store.galleries("acme", "acme/m", 1)] == ["acme/z"]
        assert store.galleries("acme", names[-1]) == ()

    def test_only_a_gallery_with_nobody_in_it_is_closed(self, store, settle, staffed):
        with pytest.raises(ConflictError):
            settle(lambda changes: changes.close(G))
        settle(lambda changes: [changes.forget(G, name) for name in ("anna", "ben")])
        settle(lambda changes: changes.close(G))
        with pytest.raises(GalleryUnknown):
            store.gallery(G)
        assert store.ground(G, (), ACCESS, NOW) is Ground.NONE

    def test_a_gallery_that_was_made_anew_shows_no_revision_of_the_first(self, store, settle, staffed):
        """Or an index of the first would be taken for one of the second."""
        before = store.extent(G).revision
        settle(lambda changes: [changes.forget(G, name) for name in ("anna", "ben")])
        last = store.extent(G).revision
        settle(lambda changes: changes.close(G))
        settle(lambda changes: changes.make(gallery()))
        assert store.extent(G).revision > last
        assert store.difference(G, before) is None
        assert store.difference(G, last) is None


class TestPeople:
    def test_a_subject_comes_back_with_how_many_references_there_are(self, store, settle, staffed):
        assert store.subject(G, "anna") == Subject(G, "anna", Majority.ADULT, NOW, 2)
        assert store.subject(G, "ben").references == 0
        assert settle(lambda changes: changes.subject(G, "anna")) == store.subject(G, "anna")
        with pytest.raises(SubjectUnknown):
            store.subject(G, "Anna")

    def test_a_name_is_known_once(self, settle, staffed):
        for names in (["anna"], ["new", "ben"], ["new", "new"]):
            with pytest.raises(AlreadyThere):
                settle(lambda changes, names=names: changes.introduce_all(list(map(subject, names))))
        settle(
            lambda changes: (
                changes.make(gallery("acme/other")),
                changes.introduce(subject("anna", "acme/other")),
            )
        )

    def test_subjects_come_in_order_and_in_pages(self, store, settle, staffed):
        settle(lambda changes: changes.introduce_all([subject(name) for name in ("z", "Ä", "Anna")]))
        names = ["Anna", "anna", "ben", "z", "Ä"]
        assert [it.name for it in store.subjects(G)] == names
        assert [it.name for it in store.subjects(G, "anna", 2)] == ["ben", "z"]
        assert store.subjects(G, "Ä") == ()

    def test_failed_tries_are_counted_without_a_new_revision(self, store, settle, staffed):
        before = store.extent(G)
        settle(lambda changes: changes.set_failed_tries(G, "anna", 2))
        settle(lambda changes: changes.set_failed_tries(G, "nobody", 3))
        assert settle(lambda changes: [changes.failed_tries(G, it) for it in ("anna", "ben", "nobody")]) == [
            2,
            0,
            0,
        ]
        assert store.extent(G) == before


class TestReferences:
    def test_references_come_back_as_they_were_added_the_oldest_first(self, store, settle, staffed):
        expected = (reference(1, "anna"), reference(2, "anna", photo=b"closed photo"))
        assert store.references(G, "anna") == expected
        assert settle(lambda changes: changes.references(G, "anna")) == expected
        assert store.references(G, "ben") == ()

    def test_the_extent_counts_people_who_have_references(self, store, settle, staffed):
        counts = lambda: (store.extent(G).subjects, store.extent(G).references)  # noqa: E731
        assert counts() == (1, 2)
        settle(lambda changes: changes.add(reference(3, "ben")))
        assert counts() == (2, 3)
        settle(lambda changes: changes.replace(reference(3, "anna")))
        assert counts() == (1, 3)
        settle(lambda changes: changes.replace(reference(3, "ben")))
        assert counts() == (2, 3)
        settle(lambda changes: changes.remove(G, [identifier(3), identifier(3), identifier(9)]))
        assert counts() == (1, 2)
        settle(lambda changes: changes.remove(G, [identifier(1), identifier(2)]))
        assert counts() == (0, 0)
        assert store.subject(G, "anna").references == 0

    def test_a_reference_needs_somebody_who_is_known(self, settle, staffed):
        for bad in (reference(3, "nobody"), reference(3, "anna", "never/made")):
            with pytest.raises(SubjectUnknown):
                settle(lambda changes, bad=bad: changes.add(bad))
            with pytest.raises(SubjectUnknown):
                settle(lambda changes, bad=bad: changes.replace(replace(bad, identifier=identifier(1))))

    def test_an_identifier_is_given_once_in_the_whole_installation(self, settle, staffed):
        def other(changes):
            changes.make(gallery("acme/other"))
            changes.introduce(subject("x", "acme/other"))

        settle(other)
        for bad in ([reference(1, "ben")], [reference(1, "x", "acme/other")], [reference(5, "ben")] * 2):
            with pytest.raises(AlreadyThere):
                settle(lambda changes, bad=bad: changes.add_all(bad))

    def test_a_reference_is_replaced_by_another_template_photo_and_subject(self, store, settle, staffed):
        new = reference(2, "ben", sealed=b"other", epoch=2, photo=b"new photo", created=NOW + 90 * DAY)
        settle(lambda changes: changes.replace(new))
        assert store.references(G, "ben") == (new,)
        assert [it.identifier for it in store.references(G, "anna")] == [identifier(1)]
        settle(lambda changes: changes.replace(replace(new, photo=b"")))
        assert store.references(G, "ben") == (replace(new, photo=b""),)
        with pytest.raises(ReferenceUnknown):
            settle(lambda changes: changes.replace(reference(7, "ben")))

    def test_a_reference_of_another_gallery_is_not_touched(self, store, settle, staffed):
        def other(changes):
            changes.make(gallery("acme/other"))
            changes.introduce(subject("anna", "acme/other"))
            return changes.remove("acme/other", [identifier(1)])

        assert settle(other) == 0
        with pytest.raises(ReferenceUnknown):
            settle(lambda changes: changes.replace(reference(1, "anna", "acme/other")))
        assert len(store.references(G, "anna")) == 2

    def test_many_are_added_and_removed_at_once(self, store, settle, staffed):
        """More than one statement can name."""
        many = [reference(100 + number, "ben") for number in range(2500)]
        settle(lambda changes: changes.add_all(many))
        assert store.extent(G).references == 2502
        revision, found = loaded(store)
        assert (revision, len(found)) == (store.extent(G).revision, 2502)
        assert settle(lambda changes: changes.remove(G, [it.identifier for it in many])) == 2500
        assert store.extent(G).references == 2


class TestRevisions:
    def test_every_change_gives_a_higher_revision_and_reading_none(self, store, settle, staffed):
        revisions = [store.extent(G).revision]
        for change in (
            lambda changes: changes.introduce(subject("new")),
            lambda changes: changes.add(reference(3, "ben")),
            lambda changes: changes.replace(reference(3, "new")),
            lambda changes: changes.remove(G, [identifier(3)]),
            lambda changes: changes.record(consent(3, "ben")),
            lambda changes: changes.record(consent(3, "ben", state=ConsentState.WITHDRAWN)),
            lambda changes: changes.forget(G, "ben"),
            lambda changes: changes.forget(G, "anna"),
        ):
            settle(change)
            revisions.append(store.extent(G).revision)
        assert revisions == sorted(set(revisions))
        store.subject(G, "new"), store.ground(G, (), ACCESS, NOW), loaded(store)
        assert store.extent(G).revision == revisions[-1]

    def test_a_change_of_one_gallery_is_none_of_another(self, store, settle, staffed):
        settle(lambda changes: changes.make(gallery("acme/other")))
        before = store.extent(G)
        settle(lambda changes: changes.introduce(subject("x", "acme/other")))
        assert store.extent(G) == before

    def test_differences_lead_an_index_from_any_revision_to_the_present(self, store, settle, staffed):
        """Whatever happened in between: what they leave is what is there."""
        known = {store.extent(G).revision: loaded(store)[1]}
        steps = [
            lambda changes: changes.add_all([reference(number, "ben") for number in (3, 4, 5)]),
            lambda changes: changes.replace(reference(1, "ben", sealed=b"moved")),
            lambda changes: changes.replace(reference(2, "anna", sealed=b"made again")),
            lambda changes: changes.remove(G, [identifier(3), identifier(1)]),
            lambda changes: changes.add(reference(1, "anna", sealed=b"back again")),
            lambda changes: (changes.add(reference(6, "anna")), changes.remove(G, [identifier(6)])),
            lambda changes: changes.record(consent(9, "ben")),
            lambda changes: changes.forget(G, "ben"),
        ]  # fmt: skip
        for step in steps:
            settle(step)
            revision, now = loaded(store)
            for since, then in known.items():
                difference = store.difference(G, since)
                led = {key: it for key, it in then.items() if key not in difference.removed}
                led |= {it.identifier: it for it in difference.added}
                assert (difference.revision, led) == (revision, now)
                changed = {it.identifier for it in difference.added} & then.keys()
                assert changed <= set(difference.removed)
            known[revision] = now
        assert store.difference(G, revision) == Difference(revision, (), ())

    @pytest.mark.parametrize("ahead", [1, 1000])
    def test_a_revision_that_never_was_tells_nothing(self, store, staffed, ahead):
        """As after a restored backup."""
        assert store.difference(G, store.extent(G).revision + ahead) is None
        assert store.difference(G, -1) is None

    def test_removals_are_remembered_within_bounds_and_then_everything_must_be_read(
        self, store, settle, staffed
    ):
        def many(first, count):
            settle(lambda changes: changes.add_all([reference(first + it, "ben") for it in range(count)]))
            settle(lambda changes: changes.remove(G, [identifier(first + it) for it in range(count)]))
            return store.extent(G).revision

        start = store.extent(G).revision
        middle = many(1000, 9_000)
        assert len(store.difference(G, start).removed) == 9_000
        last = many(20_000, 11_500)
        assert store.difference(G, start) is None
        assert store.difference(G, middle) is None
        assert store.difference(G, last) == Difference(last, (), ())
        settle(lambda changes: changes.remove(G, [identifier(1)]))
        assert store.difference(G, last).removed == (identifier(1),)

    def test_everything_is_of_one_moment_whatever_happens_meanwhile(self, store, settle, staffed):
        settle(lambda changes: changes.add_all([reference(100 + it, "ben") for it in range(10_500)]))
        before = store.extent(G)
        revision, portions = store.everything(G)
        first = next(portions)
        settle(lambda changes: changes.forget(G, "ben"))
        rest = [it for portion in portions for it in portion]
        assert revision == before.revision
        assert len(first) == 10_000
        assert len({it.identifier for it in (*first, *rest)}) == before.references
        assert store.extent(G).references == 2

    def test_a_reading_that_was_given_up_leaves_the_store_usable(self, store, settle, staffed):
        for _ in range(50):
            _, portions = store.everything(G)
            next(portions)
            portions.close()
        settle(lambda changes: changes.add(reference(3, "ben")))
        assert len(loaded(store)[1]) == 3


def ground_of(given, until, purposes=(ACCESS,), **more):
    return {"ground": given, "until": NOW + until * DAY, "purposes": frozenset(purposes), **more}


GROUNDS = [
    ("nothing", [], Ground.NONE),
    ("a consent", [ground_of(Ground.CONSENT, 1)], Ground.CONSENT),
    ("another ground", [ground_of(Ground.OTHER, 1)], Ground.OTHER),
    ("a consent that is over", [ground_of(Ground.CONSENT, 0)], Ground.NONE),
    ("both", [ground_of(Ground.OTHER, 9), ground_of(Ground.CONSENT, 1)], Ground.CONSENT),
    (
        "the consent of both is over",
        [ground_of(Ground.OTHER, 9), ground_of(Ground.CONSENT, -1)],
        Ground.OTHER,
    ),
    ("two consents, one over", [ground_of(Ground.CONSENT, 0), ground_of(Ground.CONSENT, 2)], Ground.CONSENT),
    ("for something else", [ground_of(Ground.CONSENT, 1, [WORKER])], Ground.NONE),
    ("for several purposes", [ground_of(Ground.CONSENT, 1, [WORKER, ACCESS])], Ground.CONSENT),
    ("for no purpose", [ground_of(Ground.CONSENT, 1, [])], Ground.NONE),
    ("a ground of none", [ground_of(Ground.NONE, 1)], Ground.NONE),
    *[
        (f"a consent that was {state.value}", [ground_of(Ground.CONSENT, 1, state=state)], Ground.NONE)
        for state in ConsentState
        if state is not ConsentState.GIVEN
    ],
    (
        "withdrawn, another stays",
        [ground_of(Ground.CONSENT, 5, state=ConsentState.WITHDRAWN), ground_of(Ground.OTHER, 5)],
        Ground.OTHER,
    ),
]


class TestGrounds:
    @pytest.mark.parametrize(("given", "expected"), [it[1:] for it in GROUNDS], ids=[it[0] for it in GROUNDS])
    def test_a_person_has_their_best_ground_that_holds(self, store, settle, staffed, given, expected):
        """Named, among all, and inside of the transaction."""
        settle(lambda changes: changes.remove(G, [identifier(1), identifier(2)]))
        settle(lambda changes: changes.forget(G, "anna"))
        settle(lambda changes: changes.add(reference(3, "ben")))
        for number, it in enumerate(given, 50):
            settle(lambda changes, number=number, it=it: changes.record(consent(number, "ben", **it)))
        assert store.ground(G, ("ben",), ACCESS, NOW) is expected
        assert store.ground(G, (), ACCESS, NOW) is expected
        permitted = settle(lambda changes: changes.permitted(G, ["ben", "anna"], ACCESS, NOW))
        assert permitted == (frozenset() if expected is Ground.NONE else {"ben"})

    def test_the_weakest_of_several_counts_and_who_has_none_counts_only_where_named(
        self, store, settle, staffed
    ):
        assert store.ground(G, ("anna",), ACCESS, NOW) is Ground.CONSENT
        assert store.ground(G, ("anna", "anna"), ACCESS, NOW) is Ground.CONSENT
        assert store.ground(G, ("anna", "ben"), ACCESS, NOW) is Ground.NONE
        assert store.ground(G, ("anna", "nobody"), ACCESS, NOW) is Ground.NONE
        assert store.ground(G, (), ACCESS, NOW) is Ground.CONSENT
        settle(lambda changes: changes.record(consent(5, "ben", ground=Ground.OTHER)))
        assert store.ground(G, ("anna", "ben"), ACCESS, NOW) is Ground.OTHER
        assert store.ground(G, (), ACCESS, NOW) is Ground.OTHER
        assert store.ground(G, (), WORKER, NOW) is Ground.NONE

    def test_what_follows_a_consent_counts_from_when_it_ends(self, store, settle, staffed):
        settle(lambda changes: changes.record(consent(5, "anna", ground=Ground.OTHER, until=NOW + 40 * DAY)))
        moment = timedelta(microseconds=1)
        for at, expected in [
            (NOW, Ground.CONSENT), (NOW + 30 * DAY - moment, Ground.CONSENT), (NOW + 30 * DAY, Ground.OTHER),
            (NOW + 40 * DAY - moment, Ground.OTHER), (NOW + 40 * DAY, Ground.NONE),
        ]:  # fmt: skip
            assert store.ground(G, ("anna",), ACCESS, at) is expected
            assert store.ground(G, (), ACCESS, at) is expected

    def test_more_people_than_one_statement_names_are_all_looked_at(self, store, settle, staffed):
        names = [f"p{number:04}" for number in range(1500)]

        def change(changes):
            changes.introduce_all([subject(name) for name in names])
            changes.record_all([consent(100 + number, name) for number, name in enumerate(names[:-1])])
            return changes.permitted(G, names, ACCESS, NOW)

        assert settle(change) == set(names[:-1])
        assert store.ground(G, names[:-1], ACCESS, NOW) is Ground.CONSENT
        assert store.ground(G, names, ACCESS, NOW) is Ground.NONE

    def test_a_withdrawal_through_one_store_holds_in_another_at_once(self, installation, settle, staffed):
        other = installation.another()
        assert other.ground(G, ("anna",), ACCESS, NOW) is Ground.CONSENT
        settle(lambda changes: changes.record(consent(1, "anna", state=ConsentState.WITHDRAWN)))
        assert other.ground(G, ("anna",), ACCESS, NOW) is Ground.NONE
        assert other.ground(G, (), ACCESS, NOW) is Ground.NONE
        assert settle(lambda changes: changes.permitted(G, ["anna"], ACCESS, NOW), other) == frozenset()

    def test_a_withdrawal_is_seen_later_in_the_same_transaction(self, settle, staffed):
        def change(changes):
            changes.record(consent(1, "anna", state=ConsentState.WITHDRAWN))
            return changes.permitted(G, ["anna"], ACCESS, NOW)

        assert settle(change) == frozenset()


class TestConsents:
    def test_consents_come_back_as_they_were_recorded_the_oldest_first(self, store, settle, staffed):
        whole = consent(7, "anna", purposes=frozenset({ACCESS, WORKER}), ground=Ground.OTHER, photos=True)
        settle(lambda changes: changes.record(whole))
        replaced = consent(1, "anna", state=ConsentState.WITHDRAWN, document=b"signed anew")
        settle(lambda changes: changes.record(replaced))
        assert store.consents(G, "anna") == (replaced, whole)
        assert settle(lambda changes: changes.consents(G, "anna")) == (replaced, whole)
        assert store.consents(G, "ben") == ()

    def test_a_consent_needs_somebody_who_is_known_and_an_identifier_of_their_own(self, settle, staffed):
        with pytest.raises(SubjectUnknown):
            settle(lambda changes: changes.record(consent(2, "nobody")))
        with pytest.raises(AlreadyThere):
            settle(lambda changes: changes.record(consent(1, "ben")))
        with pytest.raises(AlreadyThere):
            settle(lambda changes: changes.record_all([consent(2, "ben")] * 2))

    def test_what_is_overdue_comes_first_and_goes_with_its_subject(self, store, settle, staffed):
        dues = {4: 5, 5: 1, 6: 3}
        settle(
            lambda changes: changes.record_all(
                [consent(number, "ben", erase_by=NOW + due * DAY) for number, due in dues.items()]
            )
        )
        overdue = lambda at, **more: [int(it.identifier, 16) for it in store.overdue(at, **more)]  # noqa: E731
        assert overdue(NOW) == []
        assert overdue(NOW + 3 * DAY) == [5, 6]
        assert overdue(NOW + 90 * DAY, most=3) == [5, 6, 4]
        assert store.overdue(NOW + DAY)[0] == consent(5, "ben", erase_by=NOW + DAY)
        settle(lambda changes: changes.forget(G, "ben"))
        assert overdue(NOW + 90 * DAY) == [1]


class TestForgetting:
    def test_of_who_was_forgotten_only_that_they_were_there_is_left_until_they_are_buried(
        self, store, settle, staffed
    ):
        settle(lambda changes: changes.bar(G, identifier(1), "ben"))
        assert settle(lambda changes: changes.forget(G, "anna")) == 2
        assert store.references(G, "anna") == ()
        assert store.consents(G, "anna") == ()
        assert store.barred(G, [identifier(1)]) == frozenset()
        assert loaded(store)[1] == {}
        with pytest.raises(SubjectUnknown):
            store.subject(G, "anna")
        assert store.forgotten() == ((G, "anna"),)
        with pytest.raises(AlreadyThere):
            settle(lambda changes: changes.introduce(subject("anna")))
        settle(lambda changes: changes.bury(G, "anna"))
        assert store.forgotten() == ()
        settle(lambda changes: changes.introduce(subject("anna")))
        assert store.ground(G, ("anna",), ACCESS, NOW) is Ground.NONE

    def test_who_has_no_references_is_forgotten_too(self, store, settle, staffed):
        assert settle(lambda changes: changes.forget(G, "ben")) == 0
        assert store.forgotten() == ((G, "ben"),)


class TestNegatives:
    def test_that_a_reference_is_not_of_somebody_is_remembered_until_they_are_forgotten(
        self, store, settle, staffed
    ):
        asked = [identifier(1), identifier(2)]
        settle(lambda changes: [changes.bar(G, identifier(1), "ben") for _ in range(2)])
        assert store.barred(G, asked) == {(identifier(1), "ben")}
        assert (
            store.barred(G, asked[1:])
            == store.barred("acme/other", asked)
            == store.barred(G, [])
            == frozenset()
        )
        assert settle(lambda changes: changes.barred(G, "ben")) == {identifier(1)}
        settle(lambda changes: changes.unbar(G, identifier(1), "ben"))
        settle(lambda changes: changes.unbar(G, identifier(1), "ben"))
        assert store.barred(G, asked) == frozenset()
        settle(lambda changes: changes.bar(G, identifier(1), "ben"))
        settle(lambda changes: changes.forget(G, "ben"))
        assert store.barred(G, asked) == frozenset()

    def test_both_must_be_there(self, settle, staffed):
        for number, name, error in [(1, "nobody", SubjectUnknown), (9, "ben", ReferenceUnknown)]:
            with pytest.raises(error):
                settle(lambda changes, number=number, name=name: changes.bar(G, identifier(number), name))


class TestCorrections:
    def test_corrections_are_kept_the_newest_first_until_somebody_of_them_is_forgotten(
        self, store, settle, staffed
    ):
        moved = Correction(
            identifier(1), G, CorrectionKind.MOVED, "anna", "ben", (identifier(1), identifier(2)), NOW, False
        )
        barred = replace(moved, identifier=identifier(2), kind=CorrectionKind.BARRED, references=())
        settle(lambda changes: (changes.note(moved), changes.note(barred)))
        settle(lambda changes: changes.note(replace(moved, undone=True)))
        assert store.corrections(G) == (barred, replace(moved, undone=True))
        assert store.corrections(G, 1) == (barred,)
        assert store.correction(G, identifier(1)) == replace(moved, undone=True)
        assert settle(lambda changes: changes.correction(G, identifier(2))) == barred
        settle(lambda changes: changes.forget(G, "ben"))
        assert store.corrections(G) == ()

    def test_what_is_not_known_is_said_to_be_unknown(self, store, settle, staffed):
        with pytest.raises(CorrectionUnknown):
            store.correction(G, identifier(1))
        with pytest.raises(GalleryUnknown):
            store.corrections("never/made")
        one = Correction(identifier(1), G, CorrectionKind.MOVED, "anna", "nobody", (), NOW, False)
        with pytest.raises(SubjectUnknown):
            settle(lambda changes: changes.note(one))


class TestTransactions:
    def test_what_raises_later_undoes_every_change(self, store, settle, staffed):
        before, found = store.extent(G), loaded(store)

        def change(changes):
            changes.introduce(subject("new"))
            changes.add(reference(3, "new"))
            changes.record(consent(3, "new"))
            changes.remove(G, [identifier(1)])
            changes.forget(G, "ben")
            changes.make(gallery("acme/other"))
            assert changes.extent(G).revision > before.revision
            raise InputError("no")

        with pytest.raises(InputError):
            settle(change)
        assert (store.extent(G), loaded(store)) == (before, found)
        assert store.forgotten() == ()
        assert [it.name for it in store.galleries("acme")] == [G]

    def test_nobody_else_sees_a_change_before_it_is_durable(self, installation, store, settle, staffed):
        other = installation.another()
        before = store.extent(G)

        def change(changes):
            changes.add(reference(3, "ben"))
            assert changes.extent(G).references == 3
            assert store.extent(G) == other.extent(G) == before

        settle(change)
        assert other.extent(G).references == 3

    def test_the_store_never_ends_a_transaction_that_it_is_given(self, installation, store, staffed):
        """Not even after an error: who began it decides."""
        states = []

        def is_open(raw):
            return (
                raw.in_transaction
                if hasattr(raw, "in_transaction")
                else int(raw.info.transaction_status) == 2
            )

        def settled(raw):
            changes = store.within(raw)
            for attempt in (
                lambda: changes.add(reference(3, "ben")),
                lambda: changes.add(reference(3, "ben")),
                lambda: changes.introduce(subject("\0")),
                lambda: installation.another().within(raw).extent(G),
                store.shut,
            ):
                with contextlib.suppress(InputError, ConflictError):
                    attempt()
                states.append(is_open(raw))
            raise InputError("no")

        with pytest.raises(InputError):
            installation.settle_raw(settled)
        assert states == [True] * 5
        assert installation.another().extent(G).references == 2

    def test_many_threads_read_while_one_changes(self, installation, store, settle, staffed):
        stop = threading.Event()

        def read():
            seen = 0
            while not stop.is_set():
                revision, found = loaded(store)
                assert len(found) == 2 + (f"{77:032x}" in found)
                assert revision >= seen
                assert store.ground(G, ("anna",), ACCESS, NOW) is Ground.CONSENT
                seen = revision

        with ThreadPoolExecutor(4) as pool:
            readers = [pool.submit(read) for _ in range(4)]
            for _ in range(20):
                settle(lambda changes: changes.add(reference(77, "ben")))
                settle(lambda changes: changes.remove(G, [identifier(77)]))
            stop.set()
            for reader in readers:
                reader.result()


OPENING = """
import sys
from pathlib import Path
from faceward.adapters.gallery_store import SqlGalleryStore
sys.stdin.readline()
place = sys.argv[1]
store = SqlGalleryStore(place if "://" in place else Path(place))
print(len(store.galleries("acme")))
"""


def test_two_processes_that_open_a_new_store_together_both_find_its_tables(request, tmp_path, postgres_url):
    """One makes them, the other waits."""
    from data.drafts import signer

    from faceward.adapters.ledger import SqliteLedger
    from faceward.testing import SetClock

    path = tmp_path / "ledger" / "ledger.db"
    SqliteLedger(path, SetClock(NOW), signer()).close()
    started = [
        subprocess.Popen(
            [sys.executable, "-c", OPENING, str(place)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for place in (path, path, postgres_url, postgres_url)
    ]
    for it in started:
        it.stdin.write("\n")
        it.stdin.flush()
    assert [it.communicate(timeout=60)[0] for it in started] == ["0\n"] * 4


def test_after_scrubbing_no_byte_of_the_forgotten_is_in_the_files(tmp_path):
    """On SQLite. Each page that goes free is overwritten, and the log is emptied."""
    made = Installation(tmp_path / "ledger" / "ledger.db")
    words = [b"sealed-%d" % it * 30 for it in range(20)]

    def change(changes):
        changes.make(gallery())
        changes.introduce_all([subject("Anna Karenina"), subject("ben")])
        changes.add_all(
            [reference(it, "Anna Karenina", sealed=word, photo=word) for it, word in enumerate(words)]
        )
        changes.record(consent(1, "Anna Karenina", document=b"signed by Anna Karenina"))

    def content():
        return b"".join(it.read_bytes() for it in Path(tmp_path).rglob("*") if it.is_file())

    made.settle(change)
    assert words[3] in content()
    made.settle(lambda changes: changes.forget(G, "Anna Karenina"))
    made.settle(lambda changes: changes.bury(G, "Anna Karenina"))
    assert made.store.scrub()
    left = content()
    made.close()
    assert not [word for word in (*words, b"Anna Karenina") if word in left]
