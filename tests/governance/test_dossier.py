"""What the gate learns for a request: from documents, from counters, from what is held, at one moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from data.office import START, Office, application, holder, key_of, organisation
from governance.desk import DOOR, GOOD, MODEL, apply, approve, audit, decide, open_trial, review

from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.core.decision import OperatingPoint, Standing
from faceward.errors import RefusedError
from faceward.governance.charters import adoption
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Role, Stand
from faceward.governance.considerations import Considered, UnknownDeployment
from faceward.governance.documents.registry import Registry
from faceward.governance.documents.statements import signed
from faceward.governance.dossier import RegisteredDossier
from faceward.governance.facts import UseFacts
from faceward.governance.laws import authority_filings
from faceward.governance.laws.authority import AuthorityKind, AuthorityRecord, Issuer
from faceward.governance.outcomes import Counts, Performed
from faceward.governance.particulars import particulars
from faceward.governance.policies.packs import active_packs, shipped_schema
from faceward.governance.requests import Request
from faceward.governance.reviews import proceedings
from faceward.governance.reviews.decisions import Act, Decision
from faceward.governance.rulebook import Rulebook
from faceward.ports.ledger import Writing
from faceward.ports.policy_engine import Answer
from faceward.testing.clocks import SetClock
from faceward.testing.installation import Audited, SampleInstallation
from faceward.testing.installation import key_of as sample_key
from faceward.testing.keyrings import MemoryKeyring
from faceward.testing.ledgers import MemoryLedger
from faceward.transparency import entries
from faceward.transparency.words import (
    Action,
    AuditVerdict,
    Body,
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Sector,
    Source,
)

DAY = timedelta(days=1)
AT = OperatingPoint(0.363, 1e-4, Standing.CALIBRATED, 300_000, 30, 0.01, 3_000, "report")
CHECK = Request(
    "ann", DOOR, Action.COMPARE, Purpose.VERIFY_WORKER, operating_point=AT, model_sha256=MODEL,
    comparisons=1, capture=Capture.KIOSK,
)  # fmt: skip
ENROL = replace(CHECK, action=Action.ENROL, comparisons=0, enrolling=3, gallery="staff")


class Held:
    """One gallery, ``staff``, of the front door, one person in it, ``amy``, and one account, ``panel``."""

    def owner(self, gallery: str, /) -> str:
        return DOOR if gallery == "staff" else ""

    def member(self, account: str, deployment: str, at: datetime, /) -> bool:
        return (account, deployment) == ("panel", DOOR) and at < START + 5 * DAY

    def source(self, gallery: str, /) -> Source:
        return Source.SUBJECTS if gallery == "staff" else Source.UNKNOWN

    def ground(self, gallery: str, subjects: tuple[str, ...], purpose: Purpose, at: datetime, /) -> Ground:
        known = gallery == "staff" and set(subjects) <= {"amy"} and purpose is Purpose.VERIFY_WORKER
        return Ground.CONSENT if known else Ground.NONE


class Silent:
    """An engine that nobody asks."""

    actions = frozenset(action.value for action in Action)
    digest = "0" * 64

    def answer(self, question: object) -> Answer:
        raise AssertionError(question)


RULES = Rulebook("0" * 64, Silent(), {})


def dossier(office: Office, registry: Registry | None = None) -> RegisteredDossier:
    return RegisteredDossier(
        registry or office.registry, office.ledger, office.keyring, lambda _charter: RULES, Held()
    )


def considered(office: Office, request: Request = CHECK, **changes: Any) -> Considered:
    return dossier(office).consider(replace(request, **changes), office.now)


def use(office: Office, request: Request = CHECK, **changes: Any) -> UseFacts:
    return considered(office, request, **changes).use


def made(office: Office, request: Request = CHECK, **changes: Any) -> None:
    """Use up what a request would, as the gate does with the record of its decision."""
    office.ledger.write(Writing((), considered(office, request, **changes).claims))


def opened(office: Office, name: str = DOOR, **changes: Any) -> None:
    """A reviewed organisation with an approved deployment."""
    review(office, "bob", "cora")
    apply(office, name=name, **changes)
    it = approve(office, "bob", name=name)
    if it.approval is None:
        approve(office, "cora", name=name)


@pytest.fixture
def door(office) -> Office:
    opened(office)
    return office


# Who asks.


def test_only_who_holds_an_operators_key_is_a_member(door):
    """Neither a reviewer, nor an auditor, nor somebody who is not on the list."""
    assert considered(door).member
    for actor in ("bob", "dave", "nobody"):
        assert not considered(door, actor=actor).member


def test_a_member_is_one_until_the_key_ends(door):
    """To the second."""
    gus = replace(holder("gus", Role.OPERATOR), until=START + DAY)
    door.grow(gus, signers=("ann", "bob"))
    door.clock.time = START + DAY - timedelta(seconds=1)
    assert considered(door, actor="gus").member
    door.clock.time = START + DAY
    assert not considered(door, actor="gus").member


def test_an_open_account_of_the_deployment_is_a_member(door):
    """Of this one alone, and until it is closed."""
    opened(door, "side")
    assert considered(door, actor="panel").member
    assert not considered(door, actor="panel", deployment="side").member
    door.clock.time = START + 5 * DAY - timedelta(seconds=1)
    assert considered(door, actor="panel").member
    door.clock.time = START + 5 * DAY
    assert not considered(door, actor="panel").member


def test_an_unknown_deployment_has_no_facts(door):
    with pytest.raises(UnknownDeployment):
        considered(door, deployment="backdoor")


# For whom.


@pytest.mark.parametrize(
    ("changes", "sector"),
    [
        ({}, Sector.COMMERCIAL),
        ({"on_behalf_of": "clinic"}, Sector.HEALTH),
        ({"recipient": "clinic"}, Sector.HEALTH),
        ({"on_behalf_of": "clinic", "recipient": "city"}, Sector.GOVERNMENT),
        ({"on_behalf_of": "city", "recipient": "clinic"}, Sector.GOVERNMENT),
        ({"recipient": "sheriff"}, Sector.LAW_ENFORCEMENT),
        ({"on_behalf_of": "sheriff"}, Sector.LAW_ENFORCEMENT),
        ({"on_behalf_of": "nobody-knows"}, Sector.LAW_ENFORCEMENT),
        ({"recipient": "nobody-knows", "on_behalf_of": "clinic"}, Sector.LAW_ENFORCEMENT),
        ({"recipient": "acme"}, Sector.COMMERCIAL),
    ],
)
def test_the_strictest_of_those_concerned_decides(door, changes, sector):
    """Who operates, who benefits and who gets the result; whoever is not on record counts as the police."""
    for name, body in (
        ("clinic", Body.HOSPITAL), ("city", Body.MUNICIPALITY), ("sheriff", Body.POLICE),
    ):  # fmt: skip
        review(door, name=name, body=body)
    assert use(door, **changes).sector is sector


def test_a_recipient_of_the_application_counts_in_every_request(office):
    """Whether or not the request names it."""
    review(office, name="city", body=Body.MUNICIPALITY)
    opened(office, recipients=["city"])
    assert use(office).sector is Sector.GOVERNMENT
    review(office, name="city", body=Body.POLICE)
    assert use(office).sector is Sector.LAW_ENFORCEMENT


def test_an_operator_whose_review_ran_out_counts_as_the_police(office):
    """From the second on that the review gives."""
    apply(office)
    approve(office, "bob")
    assert use(office).sector is Sector.LAW_ENFORCEMENT
    review(office, until=START + 10 * DAY)
    office.clock.time = START + 10 * DAY - timedelta(seconds=1)
    assert use(office).sector is Sector.COMMERCIAL
    office.clock.time = START + 10 * DAY
    assert use(office).sector is Sector.LAW_ENFORCEMENT


# On which authority.


def warrant(office: Office, **changes: Any) -> AuthorityRecord:
    record = AuthorityRecord(
        identifier="w-1", kind=AuthorityKind.WARRANT, deployment=DOOR, places=frozenset({Place.PRIVATE}),
        purposes=frozenset({Purpose.VERIFY_WORKER}), subjects=None, issuer="Court of Nowhere",
        issued_by=Issuer.COURT, opened=START, expires=START + 10 * DAY, closed=None,
    )  # fmt: skip
    made_ = replace(record, **changes)
    for by in ("ann", "bob"):
        authority_filings.open_authority(office.registry, made_, key_of(by))
    return made_


def test_an_authority_counts_where_it_is_named(door):
    """What is on file but not claimed covers nothing, nor does a name that is not on file."""
    warrant(door)
    assert use(door, authority="w-1").authority
    assert not use(door).authority
    assert not use(door, authority="w-2").authority


@pytest.mark.parametrize(
    "changes",
    [
        {"deployment": "backdoor"},
        {"places": frozenset({Place.PUBLIC, Place.SEMI_PUBLIC})},
        {"purposes": frozenset({Purpose.MISSING_PERSON})},
        {"opened": START + timedelta(seconds=1)},
        {"closed": START},
    ],
)
def test_an_authority_for_something_else_covers_nothing(door, changes):
    """Another deployment, place, purpose or time."""
    warrant(door, **changes)
    assert not use(door, authority="w-1").authority


def test_an_authority_that_one_person_signed_covers_nothing(door):
    record = warrant(door)
    alone = replace(record, identifier="w-2")
    authority_filings.open_authority(door.registry, alone, key_of("ann"))
    assert not use(door, authority="w-2").authority


def test_an_authority_lasts_up_to_its_last_second(door):
    """Or until somebody ends it."""
    warrant(door)
    warrant(door, identifier="w-2")
    door.clock.time = START + 10 * DAY - timedelta(microseconds=1)
    assert use(door, authority="w-1").authority
    authority_filings.end_authority(door.registry, "w-2", "Found.", key_of("bob"))
    assert not use(door, authority="w-2").authority
    door.clock.time = START + 10 * DAY
    assert not use(door, authority="w-1").authority


def test_an_authority_that_names_people_is_for_those_alone(door):
    """Not for one more, and not for everybody in the gallery."""
    amy = dossier(door).subject("staff", "amy")
    warrant(door, subjects=frozenset({amy}))
    search = replace(CHECK, action=Action.VERIFY, gallery="staff", authority="w-1")
    assert use(door, search, subjects=("amy",)).authority
    assert not use(door, search, subjects=("amy", "zoe")).authority
    assert not use(door, search, subjects=("zoe",)).authority
    assert not use(door, search, action=Action.IDENTIFY).authority
    assert not use(door, search, subjects=("amy",), gallery="others").authority


# With which evidence.


def test_without_an_audit_there_is_none(door):
    assert use(door).audit is AuditVerdict.NONE
    audit(door)
    assert use(door).audit is AuditVerdict.PASS


@pytest.mark.parametrize(
    "changes",
    [
        {"operating_point": replace(AT, threshold=0.364)},
        {"operating_point": None},
        {"model_sha256": "b" * 64},
        {"model_sha256": ""},
        {"capture": Capture.UPLOAD},
        {"purpose": Purpose.VERIFY_ACCOUNT},
        {"comparisons": 2},
    ],
    ids=["threshold", "no threshold", "model", "no model", "capture", "purpose", "function"],
)
def test_an_audit_of_something_else_is_none(door, changes):
    """Another operating point, model, way of taking photos, purpose or function."""
    audit(door)
    assert use(door, **changes).audit is AuditVerdict.NONE


def test_an_audit_runs_out_to_the_second(door):
    audit(door, until=START + 10 * DAY)
    door.clock.time = START + 10 * DAY - timedelta(seconds=1)
    assert use(door).audit is AuditVerdict.PASS
    door.clock.time = START + 10 * DAY
    assert use(door).audit is AuditVerdict.EXPIRED


def test_a_new_audit_that_says_less_replaces_an_older_one(door):
    audit(door)
    assert use(door).audit is AuditVerdict.PASS
    audit(door, name="audit-2", cells=GOOD[:1])
    assert use(door).audit is AuditVerdict.INCONCLUSIVE


BAD = tuple(replace(it, lower=it.measure.limit + 1, upper=it.measure.limit + 2) for it in GOOD)
VERIFY, SEARCH = frozenset({Function.VERIFY}), frozenset({Function.IDENTIFY})


@pytest.mark.parametrize(
    ("verify", "search", "verdict"),
    [
        ({}, None, AuditVerdict.NONE),
        (None, {}, AuditVerdict.NONE),
        ({}, {}, AuditVerdict.PASS),
        ({}, {"cells": BAD}, AuditVerdict.FAIL),
        ({"cells": BAD}, None, AuditVerdict.FAIL),
        ({}, {"cells": GOOD[:1]}, AuditVerdict.INCONCLUSIVE),
        ({"cells": GOOD[:1]}, None, AuditVerdict.NONE),
        ({}, {"until": START + DAY}, AuditVerdict.EXPIRED),
        ({"cells": GOOD[:1]}, {"until": START + DAY}, AuditVerdict.EXPIRED),
    ],
)
def test_enrolment_needs_what_every_approved_function_needs(office, verify, search, verdict):
    """The worst of what audits say decides; analysis alone needs none."""
    opened(office, functions=["verify", "identify", "analyse"])
    for name, functions, changes in (("one", VERIFY, verify), ("two", SEARCH, search)):
        if changes is not None:
            audit(office, name=name, **({"functions": functions, "people": 250} | changes))
    office.clock.time = START + DAY
    assert use(office, ENROL).audit is verdict


def test_what_takes_in_no_photo_needs_every_approved_capture_audited(office):
    """An export serves them all; an enrolment is one photo's."""
    opened(office, captures=["kiosk", "supervised"])
    audit(office)
    assert use(office, ENROL).audit is AuditVerdict.PASS
    export = replace(ENROL, action=Action.EXPORT, enrolling=0, capture=Capture.UNKNOWN)
    assert use(office, export).audit is AuditVerdict.NONE
    audit(office, name="audit-2", captures=frozenset({Capture.SUPERVISED}))
    assert use(office, export).audit is AuditVerdict.PASS


def test_a_gallery_that_outgrows_its_test_is_not_covered(office):
    """Nine tenths of the people at least, counted after the act."""
    opened(office, functions=["identify"])
    audit(office, functions=SEARCH, people=9)
    assert use(office, ENROL, enrolling=10).audit is AuditVerdict.PASS
    made(office, ENROL, enrolling=10)
    search = replace(CHECK, action=Action.IDENTIFY, gallery="staff", comparisons=0)
    assert use(office, search).audit is AuditVerdict.PASS
    assert use(office, ENROL, enrolling=1).audit is AuditVerdict.INCONCLUSIVE
    made(office, ENROL, enrolling=1)
    assert use(office, search).audit is AuditVerdict.INCONCLUSIVE


def test_a_trial_is_held_against_no_audit(office):
    """There is none to look for."""
    open_trial(office)
    audit(office)
    assert use(office, deployment="try").audit is AuditVerdict.NONE


# How much.


def test_counts_are_those_after_the_act(door):
    """Of people and of uses; a request that was only judged uses up nothing."""
    it = use(door, comparisons=3)
    assert (it.daily_after, it.customer_daily_after, it.enrolled_after) == (3, 3, 0)
    made(door, comparisons=3)
    made(door, ENROL)
    it = use(door, ENROL, enrolling=2)
    assert (it.daily_after, it.customer_daily_after) == (3, 3)
    assert (it.enrolled_after, it.customer_enrolled_after) == (5, 5)


def test_a_customer_is_counted_over_all_its_deployments(door):
    """And each deployment for itself; another customer is not."""
    opened(door, "side", audit="audit-1")
    review(door, "bob", "cora", name="other")
    apply(door, name="theirs", customer="other")
    approve(door, "bob", name="theirs")
    made(door, ENROL)
    made(door, ENROL, deployment="side", enrolling=4)
    made(door, ENROL, deployment="theirs", enrolling=50)
    made(door, comparisons=7, deployment="side")
    it = use(door)
    assert (it.enrolled_after, it.customer_enrolled_after) == (3, 7)
    assert (it.daily_after, it.customer_daily_after) == (1, 8)
    assert use(door, deployment="theirs").customer_enrolled_after == 50


@pytest.mark.parametrize(
    ("people", "uses_a_day", "tier_limits"),
    [(250, 1000, (1_000, 10_000)), (5_000, 1000, (10_000, 100_000)), (20_000, 500_000, (20_000, 500_000))],
)
def test_a_tier_sets_limits_for_the_whole_customer(office, people, uses_a_day, tier_limits):
    """The largest allows what was approved."""
    opened(office, people=people, uses_a_day=uses_a_day)
    it = use(office)
    assert (it.tier_enrolled, it.tier_daily) == tier_limits


def test_every_scale_that_an_act_uses_up_is_reserved(door):
    """With its own limit, for the deployment and for the customer; nothing where nothing is used up."""
    assert [(it.amount, it.most) for it in considered(door).claims] == [(1, 1000), (1, 10_000)]
    assert [(it.amount, it.most) for it in considered(door, ENROL).claims] == [(3, 250), (3, 1000)]
    right = replace(ENROL, action=Action.ERASE, enrolling=0, subjects=("amy",))
    assert considered(door, right).claims == ()
    assert len(considered(door, right).enrolled_counters) == 2


def test_what_a_customer_amounts_to_grows_with_its_sites(door):
    """Two deployments at two sites are a use of the largest tier, at one site they are not."""
    assert use(door).customer_tier == 0
    opened(door, "side")
    assert use(door).customer_tier == 0
    opened(door, "far", sites=["Back gate"])
    assert use(door).customer_tier == 3
    decide(door, "ann", Act.CLOSE, "far")
    assert use(door).customer_tier == 0


def test_what_a_customer_amounts_to_grows_with_people_uses_and_places(door):
    """As measured after the act, not as applied for."""
    assert use(door, ENROL, enrolling=100).customer_tier == 0
    assert use(door, ENROL, enrolling=101).customer_tier == 1
    assert use(door, comparisons=1_001).customer_tier == 1
    opened(door, "street", place="public")
    assert use(door).customer_tier == 3


# Where.


@pytest.mark.parametrize(
    ("answers", "changes", "banned"),
    [
        ({"locality": "San Francisco, US-CA"}, {}, False),
        ({"locality": "San Francisco, US-CA"}, {"on_behalf_of": "city"}, True),
        ({"locality": "Sacramento, US-CA"}, {"on_behalf_of": "city"}, False),
        ({"locality": "Portland, US-OR"}, {}, False),
        ({"locality": "Portland, US-OR", "place": "semi_public"}, {}, True),
        ({"locality": "Portland, US-ME", "place": "semi_public"}, {}, False),
        ({"locality": "unknown"}, {"recipient": "city"}, True),
        ({"locality": "San Francisco, US-CA", "country": "DE"}, {"recipient": "city"}, False),
    ],
)
def test_a_ban_of_the_place_is_known(office, answers, changes, banned):
    """By locality, by what sort of place, and by who is concerned."""
    review(office, name="city", body=Body.MUNICIPALITY)
    opened(office, **({"country": "US"} | answers))
    assert use(office, **changes).banned is banned


def test_a_ban_of_the_operator_holds_whoever_else_is_concerned(door):
    """To name a stricter body as well gets nobody around a ban that is made for one's own kind."""
    review(door, name="sheriff", body=Body.POLICE)
    asked, known = dossier(door), particulars(door.snapshot, DOOR, door.now, door.registry.pseudonyms)
    known.banned[Sector.COMMERCIAL] = True  # type: ignore[index] - a ban that no list that is shipped has
    for recipient in ("", "sheriff"):
        assert asked.consider(replace(CHECK, recipient=recipient), door.now).use.banned


# Whom.


def test_a_gallery_of_the_deployment_is_its_own(door):
    """With the source and the ground of what is held."""
    it = use(door, action=Action.VERIFY, comparisons=0, gallery="staff", subjects=("amy",))
    assert (it.own_gallery, it.source, it.ground, it.targeted) == (
        True, Source.SUBJECTS, Ground.CONSENT, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "own"),
    [
        ({"gallery": "others", "subjects": ("amy",)}, False),
        ({"gallery": "others"}, False),
        ({"subjects": ("amy",)}, False),
        ({"gallery": "staff", "subjects": ("zoe",)}, True),
        ({"gallery": "staff", "subjects": ("amy", "zoe")}, True),
        ({"gallery": "staff", "subjects": ("amy",), "purpose": Purpose.VERIFY_ACCOUNT}, True),
        ({"gallery": "staff", "subjects": ("amy",), "deployment": "side"}, False),
    ],
)
def test_what_is_not_held_is_nobodys_and_has_no_ground(door, changes, own):
    """A gallery or a subject that nobody knows, and a purpose that nobody consented to."""
    opened(door, "side")
    it = use(door, action=Action.VERIFY, **changes)
    assert it.own_gallery is own
    if changes.get("deployment") != "side":
        assert it.ground is Ground.NONE


@pytest.mark.parametrize(
    ("action", "gallery", "own"),
    [
        (Action.ARRANGE, f"{DOOR}/guests", True),
        (Action.ARRANGE, "staff", True),
        (Action.ARRANGE, "side/guests", False),
        (Action.ARRANGE, f"{DOOR}s/guests", False),
        (Action.ARRANGE, DOOR, False),
        (Action.READ, f"{DOOR}/guests", False),
        (Action.ERASE, f"{DOOR}/guests", False),
        (Action.ENROL, f"{DOOR}/guests", False),
        (Action.READ, "staff", True),
        (Action.READ, "", True),
    ],
)
def test_what_nobody_has_may_be_made_by_whom_it_is_named_after(door, action, gallery, own):
    """And for nothing else is it theirs."""
    assert use(door, action=action, gallery=gallery, comparisons=0).own_gallery is own


def test_nothing_is_made_in_the_name_of_a_gallery_of_another(door):
    opened(door, "side")
    assert not use(door, action=Action.ARRANGE, gallery="staff", deployment="side").own_gallery


def test_where_nobody_is_enrolled_what_was_reviewed_counts(office):
    """Of an application what it says, of a trial what it promises."""
    opened(office, ground="other", source="own_records", minors="guarded")
    it = use(office)
    assert (it.own_gallery, it.ground, it.source, it.minors) == (
        True, Ground.OTHER, Source.OWN_RECORDS, Minors.GUARDED,
    )  # fmt: skip
    open_trial(office, customer="trier")
    it = use(office, deployment="try")
    assert (it.ground, it.source, it.minors) == (Ground.CONSENT, Source.SUBJECTS, Minors.NONE)


# By which rules.


def test_rules_that_a_new_version_brought_are_announced_once(door):
    """So that no record names rules of which nobody was told."""
    packs = Registry(door.ledger, door.keyring, door.clock, lambda _charter: "1" * 64)
    asked, size = dossier(door, packs), len(door.ledger.entries())
    for _ in range(3):
        asked.rulebook()
        asked.consider(CHECK, door.now)
    (told,) = door.entries()[size:]
    assert (told.type, told.body["charter"]) == ("policy.change", packs.policy_of(door.snapshot.charter))


# Through the gate, with the shipped rules.


class House:
    """An installation with a reviewed deployment, or with what a test opens."""

    def __init__(self, **answers: Any) -> None:
        self.clock = SetClock(START)
        self.ledger, self.keyring = MemoryLedger(self.clock), MemoryKeyring()
        self.it = SampleInstallation(self.ledger, self.keyring, self.clock)
        self.it.review(DOOR, organisation(), application(**answers), Audited(MODEL, 0.363))

    def other_process(self) -> Registry:
        """Another registry on the same ledger, which remembers nothing."""
        language = CedarLanguage(shipped_schema())
        return Registry(
            self.ledger, self.keyring, self.clock,
            lambda charter: active_packs(language, charter.stands).digest,
        )  # fmt: skip

    def ask(self, request: Request = CHECK) -> list[str]:
        """The rules that refuse a request; none where it is done."""

        def work(permit: Any) -> Performed[None]:
            permit.spend(request.action)
            return Performed(None, Counts(comparisons=request.comparisons))

        try:
            self.it.gate.perform(request, work)
        except RefusedError as refused:
            return [reason.split(":")[0] for reason in refused.reasons]
        return []


def test_two_requests_at_the_edge_of_the_days_quota():
    """One of them is done, however they meet."""
    house = House(uses_a_day=8)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: house.ask(), range(16)))
    assert answers.count([]) == 8
    assert {rule for answer in answers for rule in answer} <= {"base/scale-daily", "gate/quota-contested"}
    assert house.ask() == ["base/scale-daily"]


def test_a_quota_begins_anew_at_midnight_utc():
    """Not a second before."""
    house = House(uses_a_day=2)
    house.clock.time = datetime(2026, 11, 2, 23, 59, 58, tzinfo=UTC)
    assert house.ask(replace(CHECK, comparisons=1)) == house.ask() == []
    house.clock.time = datetime(2026, 11, 2, 23, 59, 59, 999_999, tzinfo=UTC)
    assert house.ask() == ["base/scale-daily"]
    house.clock.time = datetime(2026, 11, 3, tzinfo=UTC)
    assert house.ask() == house.ask() == []
    assert house.ask() == ["base/scale-daily"]


def test_a_charter_that_another_process_adopted_is_obeyed_at_the_next_request():
    """And its digest stands in the record."""
    house = House(functions=["verify", "analyse"])
    look = replace(CHECK, action=Action.DETECT, comparisons=0)
    assert house.ask(look) == []
    other = house.other_process()
    charter = charters.successor(other.snapshot().charter)
    stricter = replace(charter, stands=(*charter.stands, Stand.IBM_2020))
    adoption.adopt(other, signed(adoption.propose(other, stricter), sample_key("ann")))
    assert all(rule.startswith("ibm-2020/") for rule in house.ask(look))
    assert house.ask(look) != []
    policy = other.policy_of(other.snapshot().charter)
    assert entries.decode(house.ledger.entries()[-1]).policy == policy
    assert house.ask() == []


def test_what_another_process_suspended_is_refused_at_the_next_request():
    """Within the same second; and it goes on once it was resumed."""
    house = House()
    assert house.ask() == []
    other = house.other_process()
    proceedings.decide(other, DOOR, Decision(Act.SUSPEND, "Stop."), sample_key("ann"))
    assert house.ask() == ["base/not-approved"]
    proceedings.decide(other, DOOR, Decision(Act.RESUME, "Go on."), sample_key("bob"))
    assert house.ask() == []


def test_a_banned_place_is_refused_by_name():
    """The rest of the review does not help."""
    house = House(country="US", locality="Portland, US-OR", place="semi_public")
    assert house.ask() == ["base/place-ban"]


def test_a_stranger_is_permitted_nothing():
    """No rule forbids it; none permits it either."""
    assert House().ask(replace(CHECK, actor="bob")) == ["gate/nothing-permits"]


RIGHTS = (
    Action.CONSENT, Action.WITHDRAW, Action.ERASE, Action.ACCESS, Action.OBJECT, Action.COMPLAIN,
)  # fmt: skip
KEEPING = (Action.ARRANGE, Action.READ, Action.ADMINISTER)


@pytest.mark.parametrize("action", [*RIGHTS, *KEEPING])
def test_rights_and_keeping_go_on_when_a_review_has_ended(action):
    """Suspended and out of date: a key can be revoked and a person erased, with nothing of any quota."""
    house = House(uses_a_day=1)
    assert house.ask(replace(CHECK, comparisons=1)) == []
    proceedings.decide(house.other_process(), DOOR, Decision(Act.SUSPEND, "Stop."), sample_key("ann"))
    house.clock.time = START + 400 * DAY
    assert "base/not-approved" in house.ask()
    it = replace(CHECK, action=action, comparisons=0, purpose=Purpose.UNKNOWN, operating_point=None)
    assert house.ask(it) == []
    assert house.ask(replace(it, actor="bob")) == ["gate/nothing-permits"]


@pytest.mark.parametrize("action", [*RIGHTS, *KEEPING])
def test_nobody_reads_erases_or_arranges_in_a_gallery_of_another(action):
    """Whoever belongs to one deployment belongs to no other."""
    house = House()
    it = replace(CHECK, action=action, comparisons=0, gallery="others/staff")
    assert house.ask(it) == ["base/foreign-gallery"]
    assert house.ask(replace(it, subjects=("zoe",))) == ["base/foreign-gallery"]
    assert house.ask(replace(it, gallery="", subjects=("zoe",))) == ["base/foreign-gallery"]


def test_a_gallery_is_made_under_the_name_of_its_deployment():
    house = House()
    it = replace(CHECK, action=Action.ARRANGE, comparisons=0, gallery=f"{DOOR}/staff")
    assert house.ask(it) == []
    assert entries.decode(house.ledger.entries()[-1]).type == "gallery.arranged"
