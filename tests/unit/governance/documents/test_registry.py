"""Documents are only added, each with an entry; whatever does not hold stops everything."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from time import perf_counter

import pytest
from data.office import Office, holder, key_of

from faceward.errors import InvalidValue
from faceward.governance.charters.charter import Role
from faceward.governance.documents.registry import POLICIES, Event, Registry, RegistryChanged
from faceward.governance.documents.snapshots import CharterMissing, StatementRefused
from faceward.governance.documents.statements import Kind, Statement, from_json, signed
from faceward.ports.ledger import Filing, LedgerCorrupt, Writing
from faceward.transparency import canonical
from faceward.transparency.words import Body

ORGANISATION = Event(
    "organisation.reviewed", {"body_kind": str(Body.COMPANY), "approvers": [], "expires": None}
)


def state(office: Office, identifier: str = "acme", **changes) -> Statement:
    digest = office.registry.snapshot().charter.digest
    made = Statement(Kind.ORGANISATION, identifier, {"name": "Acme"}, digest, office.clock.now())
    return replace(made, **changes)


def file(office: Office, statement: Statement, *signers: str, registry=None):
    registry = registry or office.registry
    keys = [key_of(name) for name in signers or ("ann",)]
    return registry.file(registry.snapshot(), signed(statement, *keys), ORGANISATION)


@pytest.fixture
def office() -> Office:
    it = Office()
    it.found()
    return it


def test_nothing_is_in_force_before_the_first_charter():
    office = Office()
    with pytest.raises(CharterMissing):
        office.registry.snapshot().charter  # noqa: B018 - asking is the test
    statement = Statement(Kind.ORGANISATION, "acme", {}, "", office.clock.now())
    with pytest.raises(CharterMissing):
        office.registry.file(office.registry.snapshot(), signed(statement, key_of("ann")), ORGANISATION)
    assert not office.ledger.entries()


def test_a_document_and_its_entry_come_together(office):
    document = file(office, state(office))
    assert office.registry.snapshot().of(Kind.ORGANISATION) == (document,)
    entry = office.entries()[-1]
    assert entry.body["document"] == document.keyed_digest
    assert entry.policy != office.registry.snapshot().charter.digest


def test_equal_documents_have_different_digests_in_the_ledger(office):
    """Otherwise somebody who guesses a document could prove the guess."""
    first = file(office, state(office))
    second = file(office, state(office))
    assert first.signed == second.signed
    assert first.keyed_digest != second.keyed_digest


def test_another_process_sees_what_was_filed(office):
    other = office.another_process()
    assert not other.snapshot().of(Kind.ORGANISATION)
    document = file(office, state(office))
    assert other.snapshot().of(Kind.ORGANISATION) == (document,)
    assert office.another_process().snapshot().of(Kind.ORGANISATION) == (document,)


def test_two_processes_cannot_decide_on_one_state(office):
    """The second is told that something came first, and nothing of it is written."""
    other = office.another_process()
    seen = other.snapshot()
    file(office, state(office))
    before = len(office.ledger.entries())
    with pytest.raises(RegistryChanged):
        other.file(seen, signed(state(office, "other"), key_of("ann")), ORGANISATION)
    assert len(office.ledger.entries()) == before


def test_a_snapshot_is_kept_while_nothing_is_filed(office):
    """Asking on every request must cost next to nothing."""
    it = office.registry.snapshot()
    start = perf_counter()
    assert all(office.registry.snapshot() is it for _ in range(1000))
    assert (perf_counter() - start) / 1000 < 50e-6


def test_what_others_file_does_not_make_documents_be_read_again(office):
    it = office.registry.snapshot()
    office.ledger.write(Writing((), (), (Filing("consent", "x", b"x"),)))
    assert office.registry.snapshot() is it


def test_a_view_is_made_once(office):
    made = []

    def count(snapshot):
        made.append(snapshot)
        return len(made)

    it = office.registry.snapshot()
    assert it.view(count) == it.view(count) == 1


def tampered(office: Office, change) -> None:
    values = json.loads(office.kept(1))
    change(values)
    office.swap(1, canonical.encoded(values))


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["signed"]["statement"]["body"].update(name="Evil"),
        lambda it: it["signed"]["statement"].update(identifier="evil"),
        lambda it: it["signed"]["statement"].update(kind="audit"),
        lambda it: it["signed"]["statement"].update(charter="0" * 64),
        lambda it: it["signed"]["signatures"].clear(),
        lambda it: it["signed"]["signatures"][0].update(key=key_of("eve").public.hex()),
        lambda it: it["signed"]["signatures"][0].update(signature="00" * 64),
        lambda it: it["signed"]["signatures"].append(it["signed"]["signatures"][0]),
        lambda it: it.update(sequence=7),
        lambda it: it.update(filed="2026-11-02T08:00:00.000000Z"),
        lambda it: it.update(filed="2027-11-02T08:00:00.000000Z"),
        lambda it: it.update(v=2),
        lambda it: it.update(note="x"),
        lambda it: it.pop("key"),
        lambda it: it.pop("policy"),
    ],
)
def test_an_altered_document_stops_everything(office, change):
    """Ignoring it would be worse: it may be the one that suspends."""
    file(office, state(office))
    tampered(office, change)
    with pytest.raises(LedgerCorrupt):
        office.another_process().snapshot()


def test_a_document_that_was_taken_away_is_missed(office):
    file(office, state(office))
    file(office, state(office, "other"))
    for place in (2, 1):
        kept = office.kept(place)
        office.swap(place, None)
        with pytest.raises(LedgerCorrupt):
            office.another_process().snapshot()
        office.swap(place, kept)


def test_a_document_that_was_slipped_in_is_noticed(office):
    file(office, state(office))
    office.count(1)
    with pytest.raises(LedgerCorrupt):
        office.another_process().snapshot()


@pytest.mark.parametrize("shift", [timedelta(minutes=-61), timedelta(days=-40), timedelta(minutes=11)])
def test_a_statement_is_made_now(office, shift):
    """Neither before something else was decided, nor in a time yet to come."""
    with pytest.raises(StatementRefused, match="not made now"):
        file(office, state(office, time=office.clock.now() + shift))


def test_a_statement_made_under_another_charter_is_refused(office):
    """What was signed before the rules changed was signed for other rules."""
    with pytest.raises(StatementRefused, match="another charter"):
        file(office, state(office, charter="0" * 64))


def test_a_key_that_is_not_listed_signs_nothing(office):
    with pytest.raises(StatementRefused, match="does not list"):
        file(office, state(office), "eve")
    with pytest.raises(StatementRefused, match="does not list"):
        file(office, state(office), "ann", "eve")


def test_a_statement_without_a_signature_is_refused(office):
    with pytest.raises(StatementRefused):
        office.registry.file(office.registry.snapshot(), signed(state(office)), ORGANISATION)


@pytest.mark.parametrize("identifier", ["", "-a", "A", "a b", "a/b", "../a", "é", "a" * 65, "a\n"])
def test_an_identifier_is_plain(identifier):
    with pytest.raises(InvalidValue):
        Statement(Kind.TRIAL, identifier, {}, "", Office().clock.now())


@pytest.mark.parametrize("values", [None, {}, [], "x", {"statement": {}, "signatures": []},
                                    {"statement": None, "signatures": None}])  # fmt: skip
def test_what_is_no_signed_statement_is_refused(values):
    with pytest.raises(InvalidValue):
        from_json(values)


def test_the_time_never_goes_back_between_documents(office):
    file(office, state(office))
    office.clock.advance(seconds=-300)
    with pytest.raises(StatementRefused):
        file(office, state(office))


def policies(office: Office) -> list[tuple[str, str]]:
    """What each change of policy says it was before and is after."""
    return [(it.body["before"], it.body["charter"]) for it in office.entries() if it.type == "policy.change"]


def newer(office: Office) -> Registry:
    """A process with another version of the packs."""
    return Registry(office.ledger, office.keyring, office.clock, lambda _charter: "1" * 64)


def test_every_policy_that_an_entry_names_was_announced(office):
    """As a stranger checks who has the entries alone."""
    file(office, state(office))
    in_force = office.registry.announced_policy()
    assert policies(office) == [("", in_force)]
    assert {it.policy for it in office.entries()} == {in_force}


def test_packs_that_changed_with_a_new_version_are_announced(office):
    """Once, by whichever process comes first, and before anything is decided under them."""
    before = office.registry.announced_policy()
    for registry in (newer(office), newer(office)):
        after = registry.announced_policy()
        assert registry.announced_policy() == after
    assert policies(office)[1:] == [(before, after)]
    entry = office.entries()[-1]
    assert entry.body["weakens"] is True
    assert entry.body["signers"] == []


def test_a_document_that_comes_first_announces_them_too(office):
    before = office.registry.announced_policy()
    registry = newer(office)
    file(office, state(office), registry=registry)
    after = registry.announced_policy()
    assert policies(office)[1:] == [(before, after)]
    assert office.entries()[-1].policy == after


def test_a_charter_follows_the_packs_that_were_announced():
    office = Office()
    office.found()
    office.registry = newer(office)
    office.grow(holder("bob", Role.REVIEWER), signers=("ann", "bob"))
    changes = policies(office)
    assert len(changes) == 3
    assert all(earlier[1] == later[0] for earlier, later in pairwise(changes))


def test_an_announcement_that_was_taken_away_is_missed(office):
    registry = newer(office)
    office.ledger.write(Writing((), (), (Filing(POLICIES, "last", None),)))
    with pytest.raises(LedgerCorrupt):
        registry.announced_policy()
