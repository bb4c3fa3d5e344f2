"""Two persons means two people: nobody judges their own work, with whichever key."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from data.office import Office, holder, key_of, organisation
from governance.desk import (
    DOOR,
    USE,
    apply,
    approve,
    audit,
    decide,
    decision,
    facts,
    open_trial,
    review,
)

from faceward.governance.charters import adoption
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import OwnPack, Role, Stand
from faceward.governance.charters.succession import CharterRefused
from faceward.governance.documents.registry import Event, RegistryChanged
from faceward.governance.documents.snapshots import StatementRefused
from faceward.governance.documents.statements import Kind, Statement, signed
from faceward.governance.reviews import proceedings
from faceward.governance.reviews.audits import verdict
from faceward.governance.reviews.decisions import Act
from faceward.governance.reviews.proceedings import ReviewRefused
from faceward.governance.reviews.standing import found, status_at
from faceward.ports.ledger import LedgerCorrupt
from faceward.transparency import canonical
from faceward.transparency.words import AuditVerdict, Body, Status


def reasons(caught) -> str:
    return " ".join(caught.value.reasons)


# The list of keys.


def test_one_person_alone_can_only_add_a_second():
    """Someone alone can always found an installation; nothing above a trial opens for one person."""
    office = Office()
    office.found()
    mine = office.snapshot.charter.keys[0]
    for keys in (
        (mine, holder("ann2", Role.REVIEWER, account="ann")),
        (mine, holder("bob", Role.REVIEWER, minted_by="ann")),
        (mine, holder("bob", Role.REVIEWER), holder("cora", Role.REVIEWER)),
        (replace(mine, roles=frozenset({Role.OPERATOR, Role.REVIEWER})),),
        (replace(mine, until=office.now + timedelta(days=9)), holder("bob", Role.REVIEWER)),
        (holder("bob", Role.OPERATOR),),
    ):
        with pytest.raises(CharterRefused):
            office.adopt(
                office.next_charter(keys=keys), "ann", "bob", *{"ann2", "cora"} & {k.account for k in keys}
            )
    with pytest.raises(CharterRefused, match="cannot come into force"):
        office.adopt(office.next_charter(keys=(mine, holder("bob", Role.REVIEWER))), "ann")
    with pytest.raises(CharterRefused):
        office.adopt(office.next_charter(keys=(mine, holder("bob", Role.REVIEWER))), "bob")
    office.grow(holder("bob", Role.REVIEWER), signers=("ann", "bob"))
    assert len(set(office.snapshot.charter.people().values())) == 2


def test_a_second_person_who_may_change_nothing_is_no_second_person():
    """Otherwise the list could never change again."""
    office = Office()
    office.found()
    with pytest.raises(CharterRefused) as caught:
        office.grow(holder("dave", Role.AUDITOR), signers=("ann", "dave"))
    assert "Fewer than two people" in reasons(caught)


@pytest.mark.parametrize("signers", [("ann",), ("bob",), ("ann", "eve"), ("ann", "dave"), ("eve", "dave")])
def test_a_change_of_the_list_takes_two_people_who_govern(office, signers):
    """Auditors and testers are outsiders; they do not choose who decides."""
    with pytest.raises(CharterRefused) as caught:
        office.grow(holder("fred", Role.REVIEWER), signers=signers)
    assert "two different people" in reasons(caught)


def test_two_keys_of_one_person_are_one_signature(office):
    office.grow(
        holder("ann2", Role.OPERATOR, account="ann"),
        holder("gwen", Role.REVIEWER, minted_by="ann"),
        holder("hugo", Role.REVIEWER, minted_by="gwen"),
        signers=("ann", "bob"),
    )
    for signers in (("ann", "ann2"), ("ann", "gwen"), ("ann", "hugo"), ("gwen", "hugo")):
        with pytest.raises(CharterRefused) as caught:
            office.grow(holder("fred", Role.REVIEWER), signers=signers)
        assert "two different people" in reasons(caught)
    office.grow(holder("fred", Role.REVIEWER), signers=("hugo", "bob"))


def test_new_keys_do_not_vote_on_themselves(office):
    with pytest.raises(CharterRefused):
        office.grow(holder("fred", Role.OPERATOR), signers=("ann", "fred"))


def test_the_list_never_shrinks_to_one_person(office):
    keys = tuple(key for key in office.snapshot.charter.keys if key.account in {"ann", "dave"})
    with pytest.raises(CharterRefused) as caught:
        office.adopt(office.next_charter(keys=keys), "ann", "bob")
    assert "Fewer than two people" in reasons(caught)


@pytest.mark.parametrize("change", [{"minted_by": ""}, {"account": "gwen2", "minted_by": ""}])
def test_who_made_a_key_is_never_unmade(office, change):
    """Not even by taking it off the list and putting it back."""
    gwen = holder("gwen", Role.REVIEWER, minted_by="ann")
    office.grow(gwen, signers=("ann", "bob"))
    keys = tuple(key for key in office.snapshot.charter.keys if key != gwen)
    with pytest.raises(CharterRefused) as caught:
        office.adopt(office.next_charter(keys=(*keys, replace(gwen, **change))), "ann", "bob")
    assert "who made it" in reasons(caught)
    office.adopt(office.next_charter(keys=keys), "ann", "bob")
    with pytest.raises(CharterRefused):
        office.grow(replace(gwen, **change), signers=("ann", "bob"))


def test_a_key_past_its_date_signs_nothing(office):
    keys = tuple(
        replace(key, until=office.now + timedelta(days=10)) if key.account == "bob" else key
        for key in office.snapshot.charter.keys
    )
    office.adopt(office.next_charter(keys=keys), "ann", "cora")
    review(office)
    office.clock.advance(days=10)
    with pytest.raises(StatementRefused, match="may sign nothing more"):
        review(office)
    with pytest.raises(CharterRefused):
        office.grow(holder("fred", Role.REVIEWER), signers=("ann", "bob"))
    statement = Statement(Kind.ORGANISATION, "x", {}, office.snapshot.charter.digest, office.now)
    with pytest.raises(StatementRefused, match="after the date"):
        office.registry.file(office.snapshot, signed(statement, key_of("bob")), Event("x", {}))


# The rules.


def test_adding_a_stand_takes_one_operator(office):
    for signer in ("bob", "dave", "eve"):
        with pytest.raises(CharterRefused):
            office.adopt(office.next_charter(stands=(Stand.IBM_2020, Stand.MICROSOFT_2020)), signer)
    office.adopt(office.next_charter(stands=(Stand.IBM_2020, Stand.MICROSOFT_2020)), "ann")
    entry = office.entries()[-1]
    assert entry.type == "policy.change"
    assert entry.body["stands_added"] == ["ibm-2020"]
    assert entry.body["weakens"] is False


@pytest.mark.parametrize(
    "weaker",
    [
        {"stands": ()},
        {"stands": (Stand.NO_GOVERNMENT,)},
        {"packs": ()},
        {"packs": (OwnPack("house", "c" * 64),)},
        {"packs": (OwnPack("other", "b" * 64),)},
    ],
)
def test_weakening_takes_two_people_and_is_recorded(office, weaker):
    """Changed rules may be weaker; nobody here can tell, so they count as removed."""
    office.adopt(office.next_charter(packs=(OwnPack("house", "b" * 64),)), "ann")
    for signers in (("ann",), ("bob",), ("ann", "dave")):
        with pytest.raises(CharterRefused) as caught:
            office.adopt(office.next_charter(**weaker), *signers)
        assert "removes or changes rules" in reasons(caught)
    office.adopt(office.next_charter(**weaker), "ann", "bob")
    entry = office.entries()[-1]
    assert entry.body["weakens"] is True
    assert len(entry.body["signers"]) == 2
    assert entry.body["stands_removed"] == (["own"] if "packs" in weaker else ["microsoft-2020"])


def test_one_person_alone_cannot_weaken():
    office = Office()
    office.found()
    with pytest.raises(CharterRefused):
        office.adopt(office.next_charter(stands=()), "ann")


@pytest.mark.parametrize(
    "change", [{"predecessor": "0" * 64}, {"predecessor": ""}, {"origin": "faces.example/other"}]
)
def test_a_charter_that_does_not_follow_is_refused(office, change):
    with pytest.raises(CharterRefused):
        office.adopt(office.next_charter(**change), "ann", "bob")


def test_a_charter_of_the_past_cannot_come_back(office):
    """Its signatures hold, and it was in force once."""
    old = office.snapshot.of(Kind.CHARTER)[-1].signed
    office.adopt(office.next_charter(stands=(Stand.IBM_2020, Stand.MICROSOFT_2020)), "ann")
    with pytest.raises(StatementRefused):
        adoption.adopt(office.registry, old)


def test_a_second_founding_is_refused(office):
    with pytest.raises(CharterRefused):
        office.adopt(charters.first("faces.example/door", holder("mallory", Role.OPERATOR)), "mallory")


def test_a_charter_with_a_wrong_chain_stops_everything(office):
    kept = json.loads(office.kept(1))
    kept["signed"]["statement"]["body"]["predecessor"] = "0" * 64
    office.swap(1, canonical.encoded(kept))
    with pytest.raises(LedgerCorrupt):
        office.another_process().snapshot()


# Reviews.


def test_a_review_by_one_other_person_opens_tier_1(office):
    review(office)
    apply(office)
    assert facts(office).status is Status.PENDING
    it = approve(office, "bob")
    assert it.status is Status.APPROVED
    assert (facts(office).tier, facts(office).approvers, facts(office).agency) == (1, 1, Body.COMPANY)


@pytest.mark.parametrize(
    "scale", [{"people": 5000}, {"uses_a_day": 50_000}, {"sites": ["a", "b"]}, {"place": "public"},
              {"minors": "guarded"}, {"purposes": ["missing_person"]}],
)  # fmt: skip
def test_larger_scales_and_exceptions_take_two(office, scale):
    apply(office, **scale)
    assert approve(office, "bob").status is Status.PENDING
    assert facts(office).approvers == 1
    assert office.entries()[-1].type == "review.more"
    assert approve(office, "cora").status is Status.APPROVED
    assert len(office.entries()[-1].body["approvers"]) == 2
    assert facts(office).approvers == 2
    assert facts(office).enhanced is ("minors" in scale or "purposes" in scale)


def test_one_reviewer_twice_is_one(office):
    apply(office, people=5000)
    approve(office, "bob")
    with pytest.raises(ReviewRefused) as caught:
        approve(office, "bob")
    assert "already" in reasons(caught)


def test_the_applicant_never_approves(office):
    """Not with the same key, not with another, and not with one they made for somebody."""
    office.grow(
        holder("ann-too", Role.REVIEWER, account="ann"),
        holder("gwen", Role.REVIEWER, minted_by="ann"),
        holder("hugo", Role.REVIEWER, minted_by="gwen"),
        signers=("ann", "bob"),
    )
    apply(office)
    for who in ("ann", "ann-too", "gwen", "hugo"):
        with pytest.raises(ReviewRefused) as caught:
            approve(office, who)
        assert "applies" in reasons(caught) or "role reviewer" in reasons(caught)


def test_an_operator_never_approves_even_what_another_applied_for(office):
    office.grow(
        holder("olga", Role.OPERATOR), holder("olga-too", Role.REVIEWER, account="olga"),
        signers=("ann", "bob"),
    )  # fmt: skip
    apply(office)
    with pytest.raises(ReviewRefused) as caught:
        approve(office, "olga-too")
    assert "operates" in reasons(caught)


@pytest.mark.parametrize("who", ["dave", "eve"])
def test_auditors_and_testers_decide_nothing(office, who):
    apply(office)
    for act in Act:
        with pytest.raises(ReviewRefused):
            decide(office, who, act)


def test_an_approval_counts_no_longer_when_its_key_is_struck_from_the_list(office):
    """Whoever was found out did not approve anything."""
    apply(office)
    approve(office, "bob")
    keys = tuple(key for key in office.snapshot.charter.keys if key.account != "bob")
    office.adopt(office.next_charter(keys=keys), "ann", "cora")
    assert found(office.snapshot, DOOR).approval is None
    assert facts(office).status is Status.PENDING
    assert facts(office).approvers == 0


def test_an_approval_counts_no_longer_when_its_signer_turns_out_to_be_the_applicant(office):
    """Persons are compared again whenever facts are computed."""
    apply(office)
    approve(office, "bob")
    keys = tuple(
        replace(key, minted_by="ann") if key.account == "bob" else key for key in office.snapshot.charter.keys
    )
    office.adopt(office.next_charter(keys=keys), "ann", "cora")
    assert found(office.snapshot, DOOR).approval is None
    assert facts(office).status is Status.PENDING


def test_an_approval_counts_no_longer_when_its_signer_starts_to_operate(office):
    apply(office)
    approve(office, "bob")
    office.grow(holder("bob-too", Role.OPERATOR, account="bob"), signers=("ann", "cora"))
    assert facts(office).approvers == 0
    assert facts(office).status is Status.PENDING


def test_a_retired_key_keeps_what_it_signed(office):
    """People leave; what they decided while they were there stands until it runs out."""
    apply(office)
    approve(office, "bob")
    keys = tuple(
        replace(key, until=office.now + timedelta(days=1)) if key.account == "bob" else key
        for key in office.snapshot.charter.keys
    )
    office.adopt(office.next_charter(keys=keys), "ann", "cora")
    office.clock.advance(days=2)
    assert facts(office).status is Status.APPROVED


def test_an_approval_of_an_older_version_is_refused(office):
    """Replayed, or given by somebody who has not seen what is applied for now."""
    apply(office)
    stale = decision(office, Act.APPROVE)
    apply(office, people=900)
    with pytest.raises(ReviewRefused) as caught:
        proceedings.decide(office.registry, DOOR, stale, key_of("bob"))
    assert "another version" in reasons(caught)


def test_an_approval_that_was_filed_is_not_filed_again(office):
    """Under a new application its signature still holds, and says nothing about it."""
    apply(office)
    approve(office, "bob")
    filed = office.snapshot.of(Kind.DECISION)[-1].signed
    apply(office, people=900)
    event = Event(office.entries()[-2].type, {
        name: value for name, value in office.entries()[-2].body.items() if name not in {"document", "salt"}
    })  # fmt: skip
    office.registry.file(office.snapshot, filed, event)
    it = found(office.snapshot, DOOR)
    assert it.newest.application.people == 900
    assert it.approval.scale.people == 250


def test_an_approval_for_one_deployment_is_none_for_another(office):
    apply(office)
    apply(office, name="back-door")
    other = decision(office, Act.APPROVE, "back-door")
    with pytest.raises(ReviewRefused):
        proceedings.decide(office.registry, DOOR, other, key_of("bob"))


def test_a_backdated_approval_is_refused(office):
    """As somebody would try whose key has just been struck from the list."""
    apply(office)
    at = decision(office, Act.APPROVE)
    body = {"act": "approve", "reason": "x", "application": at.application, "conditions": [], "people": None,
            "uses_a_day": None, "until": "2027-01-01T00:00:00Z"}  # fmt: skip
    early = Statement(
        Kind.DECISION, DOOR, body, office.snapshot.charter.digest, office.now - timedelta(days=2)
    )
    with pytest.raises(StatementRefused, match="not made now"):
        office.registry.file(office.snapshot, signed(early, key_of("bob")), Event("review.approved", {}))


def test_a_forged_approval_stops_everything(office):
    """Written into the files by hand, with a signature of nobody."""
    apply(office)
    approve(office, "bob")
    last = len(office.snapshot.documents) - 1
    for change in (
        lambda it: it["signed"]["statement"]["body"].update(until="2027-10-01T00:00:00Z"),
        lambda it: it["signed"]["signatures"][0].update(key=key_of("cora").public.hex()),
        lambda it: it["signed"]["statement"].update(identifier="back-door"),
    ):
        kept = office.kept(last)
        values = json.loads(kept)
        change(values)
        office.swap(last, canonical.encoded(values))
        with pytest.raises(LedgerCorrupt):
            office.another_process().snapshot()
        office.swap(last, kept)


@pytest.mark.parametrize(("days", "change"), [(366, {}), (91, {"minors": "guarded"}), (0, {}), (-1, {})])
def test_an_approval_ends_in_time(office, days, change):
    apply(office, **change)
    with pytest.raises(ReviewRefused) as caught:
        decide(office, "bob", Act.APPROVE, until=office.now.replace(microsecond=0) + timedelta(days=days))
    assert "ends later than now" in reasons(caught)


def test_a_refused_version_is_not_approved_afterwards(office):
    apply(office)
    assert decide(office, "cora", Act.REFUSE).status is Status.REFUSED
    with pytest.raises(ReviewRefused):
        approve(office, "bob")
    apply(office, people=300)
    assert approve(office, "bob").status is Status.APPROVED


def test_a_version_that_lacks_something_is_not_approved(office):
    apply(office)
    assert decide(office, "cora", Act.NEED_MORE).status is Status.PENDING
    with pytest.raises(ReviewRefused):
        approve(office, "bob")


def test_refusing_what_is_in_force_ends_it_for_good(office):
    """Suspending and resuming does not bring it back."""
    apply(office)
    approve(office, "bob")
    assert decide(office, "cora", Act.REFUSE).status is Status.REFUSED
    decide(office, "ann", Act.SUSPEND)
    it = decide(office, "bob", Act.RESUME)
    assert it.approval is None
    assert it.status is Status.PENDING


def test_anybody_who_governs_suspends_and_only_approvers_resume(office):
    apply(office, people=5000)
    approve(office, "bob", "cora")
    assert decide(office, "ann", Act.SUSPEND).status is Status.SUSPENDED
    with pytest.raises(ReviewRefused) as caught:
        decide(office, "ann", Act.RESUME)
    assert "operates" in reasons(caught)
    assert decide(office, "bob", Act.RESUME).status is Status.SUSPENDED
    with pytest.raises(ReviewRefused):
        decide(office, "bob", Act.RESUME)
    assert decide(office, "cora", Act.RESUME).status is Status.APPROVED
    with pytest.raises(ReviewRefused) as caught:
        decide(office, "bob", Act.RESUME)
    assert "not suspended" in reasons(caught)


def test_a_new_approval_does_not_lift_a_suspension(office):
    apply(office)
    approve(office, "bob")
    decide(office, "ann", Act.SUSPEND)
    apply(office, people=300)
    assert approve(office, "bob").status is Status.SUSPENDED


def test_closing_is_final(office):
    apply(office)
    approve(office, "bob")
    assert decide(office, "ann", Act.CLOSE).status is Status.CLOSED
    for act in Act:
        with pytest.raises(ReviewRefused):
            decide(office, "bob", act)
    with pytest.raises(ReviewRefused):
        apply(office)


def test_conditions_narrow_what_is_approved(office):
    apply(office)
    decide(office, "bob", Act.APPROVE_WITH_CONDITIONS, people=100, conditions=("A sign at the door.",))
    assert (facts(office).max_enrolled, facts(office).max_daily) == (100, 1000)
    assert found(office.snapshot, DOOR).approval.conditions == ("A sign at the door.",)
    assert office.entries()[-1].body["conditions"] == 2


def test_what_runs_goes_on_while_a_larger_scale_is_reviewed(office):
    apply(office)
    approve(office, "bob")
    apply(office, people=5000)
    assert (facts(office).status, facts(office).max_enrolled) == (Status.APPROVED, 250)
    approve(office, "bob")
    assert facts(office).max_enrolled == 250
    approve(office, "cora")
    assert (facts(office).tier, facts(office).max_enrolled) == (2, 5000)


def test_a_large_use_cannot_be_had_in_small_pieces(office):
    """The tier follows from all that a customer has."""
    apply(office, people=900)
    approve(office, "bob")
    apply(office, name="back-door", people=900)
    assert approve(office, "bob", name="back-door").status is Status.PENDING
    assert approve(office, "cora", name="back-door").status is Status.APPROVED
    assert facts(office, "back-door").tier == 2
    apply(office, name="elsewhere", people=10, sites=["Other site"])
    assert found(office.snapshot, "elsewhere").newest.tier == 3
    apply(office, name="others", people=10, customer="bolt", sites=["Other site"])
    assert found(office.snapshot, "others").newest.tier == 1


def test_two_halves_that_are_applied_for_at_once_are_a_whole(office):
    """The tier is that of the moment of approval."""
    apply(office, people=900)
    apply(office, name="back-door", people=900)
    assert approve(office, "bob").status is Status.APPROVED
    assert approve(office, "bob", name="back-door").status is Status.PENDING
    assert office.entries()[-1].type == "review.more"
    assert approve(office, "cora", name="back-door").status is Status.APPROVED
    assert facts(office, "back-door").tier == 2


def test_an_approval_runs_out(office):
    apply(office)
    approve(office, "bob")
    office.clock.advance(days=81)
    assert status_at(office.snapshot, DOOR, office.now) is Status.PENDING
    assert office.now >= facts(office).review_until


def test_two_reviewers_at_once_do_not_overwrite_each_other(office):
    apply(office, people=5000)
    seen = office.snapshot
    approve(office, "bob")
    filed, entry = office.snapshot.documents[-1], office.entries()[-1]
    body = {name: value for name, value in entry.body.items() if name not in {"document", "salt"}}
    statement = replace(filed.statement, time=office.now)
    with pytest.raises(RegistryChanged):
        office.another_process().file(seen, signed(statement, key_of("cora")), Event("review.more", body))


@pytest.mark.parametrize(
    "purpose", ["infer_trait", "mass_surveillance", "persistent_tracking", "social_scoring",
                "sensitive_categories", "unknown"],
)  # fmt: skip
def test_what_no_review_opens_cannot_be_applied_for(office, purpose):
    with pytest.raises(ReviewRefused):
        apply(office, purposes=["verify_worker", purpose])


# Organisations.


def test_what_is_not_reviewed_counts_as_the_police(office):
    apply(office)
    assert facts(office).agency is Body.UNKNOWN
    review(office)
    assert facts(office).agency is Body.COMPANY
    office.clock.advance(days=301)
    assert facts(office).agency is Body.UNKNOWN


def test_operators_review_no_organisations(office):
    office.grow(holder("ann-too", Role.REVIEWER, account="ann"), signers=("ann", "bob"))
    for who in ("ann", "ann-too", "dave", "eve"):
        with pytest.raises(ReviewRefused):
            review(office, who)


def test_treating_an_organisation_less_strictly_takes_two(office):
    """Towards more strictness one is enough."""
    apply(office)
    assert review(office, body=Body.COMPANY) is Body.COMPANY
    assert review(office, body=Body.POLICE) is Body.POLICE
    assert review(office, "bob", body=Body.COMPANY) is Body.POLICE
    assert review(office, "bob", body=Body.COMPANY) is Body.POLICE
    assert review(office, "cora", body=Body.NON_PROFIT) is Body.POLICE
    assert review(office, "bob", body=Body.NON_PROFIT) is Body.NON_PROFIT


def test_a_review_of_an_organisation_ends_in_time(office):
    for days in (0, 366):
        with pytest.raises(ReviewRefused):
            review(office, until=office.now.replace(microsecond=0) + timedelta(days=days))
    assert organisation().until


# Audits.


def test_a_use_without_an_audit_has_no_verdict(office):
    apply(office)
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.NONE
    assert audit(office) is AuditVerdict.PASS
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.PASS
    office.clock.advance(days=300)
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.EXPIRED


@pytest.mark.parametrize("who", ["ann", "bob", "eve"])
def test_only_auditors_audit(office, who):
    with pytest.raises(ReviewRefused):
        audit(office, who)


def test_whoever_approved_or_operates_does_not_audit(office):
    """An audit by a reviewer counts for the deployments that somebody else approved."""
    office.grow(
        holder("bob-too", Role.AUDITOR, account="bob"),
        holder("ann-too", Role.AUDITOR, account="ann"),
        holder("kim", Role.AUDITOR, minted_by="bob"),
        signers=("ann", "bob"),
    )
    with pytest.raises(ReviewRefused):
        audit(office, "ann-too")
    apply(office)
    for who in ("bob-too", "kim"):
        audit(office, who)
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.PASS
    approve(office, "bob")
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.NONE
    audit(office)
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.PASS


def test_an_auditor_struck_from_the_list_audited_nothing(office):
    apply(office)
    audit(office)
    keys = tuple(key for key in office.snapshot.charter.keys if key.account != "dave")
    office.adopt(office.next_charter(keys=keys), "ann", "bob")
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.NONE


def test_the_two_documents_of_a_trial_and_a_review_do_not_mix(office):
    open_trial(office)
    with pytest.raises(ReviewRefused):
        apply(office, name="try")
    with pytest.raises(ReviewRefused):
        decide(office, "bob", Act.APPROVE, "try", application="0" * 64)
