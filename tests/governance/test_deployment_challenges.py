"""Anyone named may object to a deployment; it takes a reviewer who never operated to uphold it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from data.office import Office, application, holder, key_of, organisation
from governance.desk import DOOR, apply, approve, decide, facts

from faceward.errors import InvalidValue, RefusedError
from faceward.governance.charters.charter import Role
from faceward.governance.documents.snapshots import StatementRefused
from faceward.governance.laws.challenges import Outcome
from faceward.governance.laws.law_register import ChallengeUnknown
from faceward.governance.requests import Request
from faceward.governance.reviews import deployment_challenges
from faceward.governance.reviews.decisions import Act
from faceward.governance.reviews.proceedings import ReviewRefused
from faceward.governance.reviews.standing import DeploymentUnknown, challenges_of, status_at
from faceward.testing.clocks import SetClock
from faceward.testing.installation import Audited, SampleInstallation
from faceward.testing.installation import key_of as sample_key
from faceward.testing.keyrings import MemoryKeyring
from faceward.testing.ledgers import MemoryLedger
from faceward.transparency.words import Action, Capture, Purpose, Status

WORDS = "They film the street, and nobody was asked."


def challenge(office: Office, by: str = "A. Citizen", text: str = WORDS, signs: str = "eve") -> str:
    return deployment_challenges.file_challenge(office.registry, DOOR, by, text, key_of(signs)).digest


def rule(office: Office, by: str, digest: str, outcome: Outcome, reasons: str = "As it is.") -> Outcome:
    filed = deployment_challenges.rule_on_challenge(
        office.registry, DOOR, digest, outcome, reasons, key=key_of(by)
    )
    return filed.challenge.outcome


@pytest.fixture
def door(office) -> Office:
    """An approved deployment."""
    apply(office)
    approve(office, "bob")
    assert standing(office) is Status.APPROVED
    return office


def standing(office: Office) -> Status:
    return status_at(office.snapshot, DOOR, office.now)


def test_a_challenge_suspends_nothing_until_it_is_upheld(door):
    """Otherwise anybody could stop any customer by a letter."""
    digest = challenge(door)
    (filed,) = challenges_of(door.snapshot, DOOR)
    assert (filed.digest, filed.challenge.by, filed.challenge.text) == (digest, "A. Citizen", WORDS)
    assert standing(door) is Status.APPROVED
    assert rule(door, "bob", digest[:8], Outcome.UPHELD) is Outcome.UPHELD
    assert standing(door) is facts(door).status is Status.SUSPENDED


def test_it_takes_two_to_reject_a_challenge_and_one_to_uphold_it(door):
    """The same one twice is one, and what was upheld stays."""
    digest = challenge(door)
    assert rule(door, "bob", digest, Outcome.REJECTED) is Outcome.UNDECIDED
    assert rule(door, "bob", digest, Outcome.REJECTED) is Outcome.UNDECIDED
    assert rule(door, "cora", digest, Outcome.WITHDRAWN) is Outcome.UNDECIDED
    assert rule(door, "cora", digest, Outcome.REJECTED) is Outcome.REJECTED
    assert standing(door) is Status.APPROVED
    assert rule(door, "bob", digest, Outcome.UPHELD) is Outcome.UPHELD
    assert rule(door, "cora", digest, Outcome.REJECTED) is Outcome.UPHELD
    assert standing(door) is Status.SUSPENDED


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("ann", "role reviewer"),
        ("ann", "Whoever operates"),
        ("dave", "role reviewer"),
        ("eve", "role reviewer"),
    ],
)
def test_only_reviewers_decide(door, by, reason):
    """And nothing is filed of what others say."""
    digest = challenge(door)
    documents = len(door.snapshot.documents)
    with pytest.raises(ReviewRefused) as caught:
        rule(door, by, digest, Outcome.UPHELD)
    assert any(reason in it for it in caught.value.reasons)
    assert len(door.snapshot.documents) == documents


def test_a_reviewer_who_once_operated_decides_nothing(door):
    """Neither with the key of today nor with one that they made for somebody."""
    digest = challenge(door)
    keys = door.snapshot.charter.keys
    gus = holder("gus", Role.OPERATOR)
    door.adopt(door.next_charter(keys=(*keys, gus)), "ann", "bob")
    changed = replace(gus, roles=frozenset({Role.REVIEWER}))
    minted = holder("hal", Role.REVIEWER, minted_by="ann")
    door.adopt(door.next_charter(keys=(*keys, changed, minted)), "ann", "bob")
    for by in ("gus", "hal"):
        with pytest.raises(ReviewRefused) as caught:
            rule(door, by, digest, Outcome.UPHELD)
        assert "Whoever operates" in caught.value.reasons[0]
    assert standing(door) is Status.APPROVED


def test_a_ruling_counts_no_longer_than_its_reviewer(door):
    """Whoever is struck from the list has said nothing."""
    digest = challenge(door)
    rule(door, "cora", digest, Outcome.UPHELD)
    assert standing(door) is Status.SUSPENDED
    keys = tuple(it for it in door.snapshot.charter.keys if it.account != "cora")
    door.adopt(door.next_charter(keys=keys), "ann", "bob")
    assert standing(door) is Status.APPROVED


def test_an_upheld_challenge_is_not_resumed_away(door):
    """Neither by those who approve nor by a new version that they approve."""
    digest = challenge(door)
    rule(door, "bob", digest, Outcome.UPHELD)
    with pytest.raises(ReviewRefused) as caught:
        decide(door, "cora", Act.RESUME)
    assert "upheld" in caught.value.reasons[0]
    apply(door, people=200)
    approve(door, "cora")
    assert standing(door) is Status.SUSPENDED
    decide(door, "ann", Act.CLOSE)
    assert standing(door) is Status.CLOSED


def test_what_is_not_there_cannot_be_challenged_or_judged(door):
    """Nor without a name, a text, reasons or a key of the charter."""
    digest = challenge(door)
    file = deployment_challenges.file_challenge
    with pytest.raises(DeploymentUnknown):
        file(door.registry, "backdoor", "A", "B", key_of("eve"))
    for by, text in ((" ", "B"), ("A", "")):
        with pytest.raises(InvalidValue):
            file(door.registry, DOOR, by, text, key_of("eve"))
    with pytest.raises(StatementRefused):
        file(door.registry, DOOR, "A", "B", key_of("nobody"))
    for begins in ("0" * 64, digest[:7], ""):
        with pytest.raises(ChallengeUnknown):
            rule(door, "bob", begins, Outcome.UPHELD)
    for outcome, reasons in ((Outcome.UNDECIDED, "x"), (Outcome.UPHELD, " ")):
        with pytest.raises(InvalidValue):
            rule(door, "bob", digest, outcome, reasons)


def test_the_ledger_says_that_and_by_whom_but_not_what(door):
    """The deployment's pseudonym, the signer's, and keyed digests."""
    digest = challenge(door, "Zacharias Querulant")
    rule(door, "bob", digest, Outcome.UPHELD, "The cameras face the street.")
    filed, ruled = door.entries()[-2:]
    names = door.registry.pseudonyms
    assert (filed.type, ruled.type) == ("review.challenged", "review.ruled")
    assert filed.deployment == ruled.deployment == names.deployment(DOOR)
    assert (filed.body["signers"], ruled.body["signers"]) == ([names.actor("eve")], [names.actor("bob")])
    assert filed.actor == names.actor("eve")
    written = b"\n".join(door.ledger.entries())
    for word in (b"Querulant", b"street", b"upheld", b"cameras", DOOR.encode(), digest.encode()):
        assert word not in written


MODEL = "a" * 64


def test_an_upheld_challenge_closes_the_gate():
    """From the application over the review and the objection to the refusal."""
    from faceward.core.decision import OperatingPoint, Standing
    from faceward.governance.outcomes import Counts, Performed

    clock = SetClock()
    ledger = MemoryLedger(clock)
    it = SampleInstallation(ledger, MemoryKeyring(), clock)
    company = replace(organisation(), until=it.until(300))
    it.review(DOOR, company, application(), Audited(MODEL, 0.363))
    at = OperatingPoint(0.363, 1e-4, Standing.CALIBRATED, 300_000, 30, 0.01, 3_000, "report")
    request = Request(
        "ann", DOOR, Action.COMPARE, Purpose.VERIFY_WORKER, operating_point=at, model_sha256=MODEL,
        comparisons=1, capture=Capture.KIOSK,
    )  # fmt: skip

    def compare(permit) -> Performed[str]:
        permit.spend(Action.COMPARE)
        return Performed("match", Counts(comparisons=1))

    assert it.gate.perform(request, compare) == "match"
    filed = deployment_challenges.file_challenge(it.registry, DOOR, "A. Citizen", WORDS, sample_key("dave"))
    assert it.gate.perform(request, compare) == "match"
    deployment_challenges.rule_on_challenge(
        it.registry, DOOR, filed.digest, Outcome.UPHELD, "It is so.", key=sample_key("bob")
    )
    with pytest.raises(RefusedError) as caught:
        it.gate.perform(request, pytest.fail)
    assert [reason.split(":")[0] for reason in caught.value.reasons] == ["base/not-approved"]
