"""A law counts through what independent people filed and signed, and through nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from data import laws
from data.office import Office, holder, key_of

from faceward.errors import InvalidValue
from faceward.governance.charters import adoption
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Keyholder, Role
from faceward.governance.documents.registry import Event
from faceward.governance.documents.snapshots import StatementRefused
from faceward.governance.documents.statements import Kind, Statement, signed
from faceward.governance.laws import instruments, law_filings
from faceward.governance.laws.challenges import Against, Outcome
from faceward.governance.laws.instrument_reviews import Conflict, Opinion, ReviewerKind
from faceward.governance.laws.instruments import Instrument
from faceward.governance.laws.law_documents import ReviewBody, RulingBody
from faceward.governance.laws.law_filings import LawRefused, LawUnknown
from faceward.governance.laws.law_register import ChallengeUnknown, LawRegister, register
from faceward.governance.laws.moments import Undated

DAY = timedelta(days=1)


class Bench:
    """An installation: Ann operates, Bob reviews; Uma, Lex, Rae and Vic are jurists; Ann made Max's key."""

    def __init__(self) -> None:
        self.office = Office()
        self.adopt((holder("ann", Role.OPERATOR),), "ann")
        self.adopt((holder("ann", Role.OPERATOR), holder("bob", Role.REVIEWER)), "ann", "bob")
        outsiders = [holder(name, Role.JURIST) for name in ("uma", "lex", "rae", "vic")]
        self.adopt(
            (
                *self.keys, *outsiders, holder("max", Role.JURIST, minted_by="ann"),
                holder("tom", Role.TESTER),
            ),
            "ann", "bob",
        )  # fmt: skip

    @property
    def keys(self) -> tuple[Keyholder, ...]:
        return self.office.registry.snapshot().charter.keys

    def adopt(self, keys: tuple[Keyholder, ...], *signers: str) -> None:
        registry = self.office.registry
        on = registry.snapshot()
        ordered = tuple(sorted(keys, key=lambda it: (it.account, it.public)))
        charter = (
            replace(charters.successor(on.charter), keys=ordered)
            if on.charters
            else charters.first("faces.example/door", keys[0])
        )
        statement = adoption.propose(registry, charter)
        adoption.adopt(registry, signed(statement, *(key_of(name) for name in signers)))

    @property
    def now(self):
        return self.office.clock.now()

    @property
    def register(self) -> LawRegister:
        return self.office.registry.snapshot().view(register)

    def wait(self, length: timedelta) -> None:
        self.office.clock.time += length

    def law(self, **changes: object) -> Instrument:
        made = laws.perfect(
            effective=self.now, ends=Undated.NONE, window_closed_at=self.now + 30 * DAY,
            review_until=self.now + 365 * DAY,
        )  # fmt: skip
        return replace(made, reviews=(), challenges=(), **changes)  # type: ignore[arg-type]

    def file_law(self, law: Instrument, by: str = "ann") -> None:
        law_filings.file_law(self.office.registry, law, key_of(by))

    def review(self, by: str, organisation: str, **changes: object) -> None:
        digest = instruments.digest(self.register.laws["xa-perfect"])
        body = ReviewBody(organisation, ReviewerKind.ACADEMIC, Conflict.NONE, Opinion.APPROVE, digest)
        law_filings.file_review(
            self.office.registry,
            "xa-perfect",
            replace(body, **changes),
            key_of(by),  # type: ignore[arg-type]
        )

    def challenge(self, by: str = "A. Citizen") -> str:
        done = law_filings.file_challenge(
            self.office.registry, "xa-perfect", by, "It forgets the children.", key_of("tom")
        )
        return done.statement.digest

    def rule(self, by: str, challenge: str, outcome: Outcome) -> Outcome:
        return law_filings.rule_on_challenge(
            self.office.registry, "xa-perfect", challenge, outcome, "As the report says.", key=key_of(by)
        )

    def past_every_check(
        self, kind: Kind, name: str, body: object, by: str, event: str, **more: object
    ) -> None:
        """File what no act of the product would."""
        registry = self.office.registry
        on = registry.snapshot()
        statement = Statement(kind, name, body, on.charter.digest, registry.now())  # type: ignore[arg-type]
        values = {"instrument": "xa-perfect", "signers": []}
        registry.file(on, signed(statement, key_of(by)), Event(event, values))

    def satisfied(self, name: str = "xa-perfect") -> bool:
        it = self.register
        return it.judge(it.laws[name], laws.POLICE, self.now, *laws.WHAT).satisfied

    def missing(self) -> set[str]:
        it = self.register
        found = it.judge(it.laws["xa-perfect"], laws.POLICE, self.now, *laws.WHAT)
        return {condition.name for condition in found.missing}


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def approved(bench) -> Bench:
    """The perfect law, filed and approved by two, a month ago."""
    bench.file_law(bench.law())
    bench.review("uma", "University of Nowhere")
    bench.review("lex", "Bar of Nowhere", kind=ReviewerKind.LEGAL)
    bench.wait(31 * DAY)
    return bench


def test_a_law_that_was_filed_reviewed_and_left_open_is_satisfied(bench):
    """Step by step, and not one step sooner."""
    bench.file_law(bench.law())
    assert bench.missing() == {"reviewers", "public_interest", "window", "review_until"}
    bench.review("uma", "University of Nowhere")
    assert "reviewers" in bench.missing()
    bench.review("lex", "Bar of Nowhere", kind=ReviewerKind.LEGAL)
    assert bench.missing() == {"window"}
    bench.wait(30 * DAY - timedelta(seconds=1))
    assert bench.missing() == {"window"}
    bench.wait(timedelta(seconds=1))
    assert bench.satisfied()
    facts = bench.register.facts("xa-perfect", bench.now)
    assert facts is not None
    assert facts.approvals == 2


def test_a_law_that_nobody_filed_has_no_facts(bench):
    """And none of those that are shipped is satisfied."""
    assert bench.register.facts("xa-nothing", bench.now) is None
    assert not any(bench.satisfied(name) for name in bench.register.laws)


def test_the_law_goes_stale_with_its_reviews(approved):
    """After a year nothing is left of them."""
    approved.wait(300 * DAY)
    assert approved.satisfied()
    approved.wait(40 * DAY)
    assert not approved.satisfied()


def test_a_new_record_of_the_law_needs_new_reviews(approved):
    """Even if a word of its title is all that changed; and it can be reviewed again."""
    old = approved.register.laws["xa-perfect"]
    approved.file_law(replace(old, title="Better Act", reviews=(), challenges=()), by="bob")
    assert "reviewers" in approved.missing()
    approved.review("uma", "University of Nowhere")
    approved.review("lex", "Bar of Nowhere", kind=ReviewerKind.LEGAL)
    assert approved.missing() == {"window"}


def test_a_jurist_who_leaves_the_charter_counts_no_longer(approved):
    """From that moment."""
    approved.adopt(tuple(it for it in approved.keys if it.account != "lex"), "ann", "bob")
    assert "reviewers" in approved.missing()


def test_a_jurist_who_comes_to_govern_counts_no_longer(approved):
    """Whoever runs the installation is no outsider, and never becomes one again."""
    lex = next(it for it in approved.keys if it.account == "lex")
    rest = tuple(it for it in approved.keys if it.account != "lex")
    approved.adopt((*rest, replace(lex, roles=frozenset({Role.JURIST, Role.REVIEWER}))), "ann", "bob")
    assert "reviewers" in approved.missing()
    approved.adopt((*rest, lex), "ann", "bob")
    assert "reviewers" in approved.missing()


@pytest.mark.parametrize(
    ("by", "reason"),
    [
        ("ann", "does not have the role jurist"),
        ("bob", "does not have the role jurist"),
        ("tom", "does not have the role jurist"),
        ("max", "Whoever governs"),
    ],
)
def test_only_independent_jurists_review(bench, by, reason):
    """A key that an operator made is the operator's."""
    bench.file_law(bench.law())
    with pytest.raises(LawRefused) as caught:
        bench.review(by, "University of Nowhere")
    assert any(reason in it for it in caught.value.reasons)


def test_a_review_that_was_filed_past_the_checks_counts_for_nothing(bench):
    """By an operator's second key, by a tester, in words that cannot be read."""
    bench.file_law(bench.law())
    digest = instruments.digest(bench.register.laws["xa-perfect"])
    body = ReviewBody("X", ReviewerKind.ACADEMIC, Conflict.NONE, Opinion.APPROVE, digest).as_json()
    for by, content in (("max", body), ("tom", body), ("ann", body), ("uma", {"outcome": "approve"})):
        bench.past_every_check(Kind.INSTRUMENT_REVIEW, "xa-perfect", content, by, "instrument.reviewed")
    assert bench.register.laws["xa-perfect"].reviews == ()
    assert not bench.register.verified


def test_a_law_that_was_filed_past_the_checks_changes_nothing(approved):
    """By somebody who does not govern, under another name, or in words that cannot be read."""
    law = instruments.as_json(replace(approved.law(), title="Another"))
    for name, body, by in (("xa-perfect", law, "tom"), ("xa-other", law, "ann"), ("xa-perfect", {}, "ann")):
        approved.past_every_check(Kind.INSTRUMENT, name, body, by, "instrument.filed")
    assert approved.satisfied()
    assert "xa-other" not in approved.register.laws


def test_a_review_of_another_version_or_of_no_text_is_refused(bench):
    """Whoever signs must have seen what is on file."""
    bench.file_law(bench.law())
    with pytest.raises(LawRefused) as caught:
        bench.review("uma", "University of Nowhere", reviewed_sha256="0" * 64)
    assert "another version" in caught.value.reasons[0]
    bench.file_law(bench.law(text_sha256=instruments.UNKNOWN))
    with pytest.raises(LawRefused) as caught:
        bench.review("uma", "University of Nowhere")
    assert "which text" in caught.value.reasons[0]


def test_only_those_who_govern_file_laws_and_only_laws(bench):
    """Reviews come from reviewers."""
    with pytest.raises(LawRefused):
        bench.file_law(bench.law(), by="uma")
    with pytest.raises(LawRefused) as caught:
        bench.file_law(laws.perfect())
    assert "Reviews and challenges" in caught.value.reasons[0]
    with pytest.raises(StatementRefused):
        bench.file_law(bench.law(), by="nobody")


def test_a_challenge_closes_the_gate_until_two_jurists_reject_it(approved):
    """It takes no key to object, and two people to wave it away; the same one twice is one."""
    digest = approved.challenge()
    assert approved.missing() == {"challenges"}
    assert approved.rule("uma", digest[:8], Outcome.REJECTED) is Outcome.UNDECIDED
    assert approved.rule("uma", digest, Outcome.REJECTED) is Outcome.UNDECIDED
    assert approved.rule("vic", digest, Outcome.WITHDRAWN) is Outcome.UNDECIDED
    assert approved.missing() == {"challenges"}
    assert approved.rule("vic", digest, Outcome.REJECTED) is Outcome.REJECTED
    assert approved.satisfied()


def test_one_jurist_upholds_a_challenge_for_good(approved):
    """Whatever others say, before or after."""
    digest = approved.challenge()
    approved.rule("uma", digest, Outcome.REJECTED)
    approved.rule("lex", digest, Outcome.REJECTED)
    assert approved.satisfied()
    assert approved.rule("rae", digest, Outcome.UPHELD) is Outcome.UPHELD
    assert approved.missing() == {"challenges"}
    assert approved.rule("vic", digest, Outcome.REJECTED) is Outcome.UPHELD


@pytest.mark.parametrize("by", ["ann", "bob", "max", "tom"])
def test_who_governs_decides_on_no_challenge_of_a_law(approved, by):
    """Nor does anybody else without the role."""
    digest = approved.challenge()
    with pytest.raises(LawRefused):
        approved.rule(by, digest, Outcome.REJECTED)
    body = RulingBody(Against.LAW, digest, Outcome.REJECTED, "Because.").as_json()
    approved.past_every_check(Kind.CHALLENGE_DECISION, "xa-perfect", body, by, "instrument.decided")
    approved.rule("uma", digest, Outcome.REJECTED)
    assert approved.missing() == {"challenges"}


def test_what_is_not_on_file_cannot_be_judged(approved):
    """A law, a challenge, or one of several that begin alike; and a ruling says something."""
    digest = approved.challenge()
    registry = approved.office.registry
    with pytest.raises(LawUnknown):
        law_filings.file_challenge(registry, "xa-nothing", "A", "B", key_of("tom"))
    for begins in ("0" * 64, digest[:7], ""):
        with pytest.raises(ChallengeUnknown):
            approved.rule("uma", begins, Outcome.REJECTED)
    with pytest.raises(InvalidValue):
        approved.rule("uma", digest, Outcome.UNDECIDED)
    with pytest.raises(InvalidValue):
        approved.challenge(by=" ")


def test_the_ledger_holds_no_word_of_what_was_said(approved):
    """Names of laws, pseudonyms and keyed digests."""
    digest = approved.challenge("Zacharias Querulant")
    approved.rule("uma", digest, Outcome.REJECTED)
    written = b"\n".join(approved.office.ledger.entries())
    for word in (b"Querulant", b"children", b"report", b"University", b"uma", b"Perfect", digest.encode()):
        assert word not in written
    types = [entry.type for entry in approved.office.entries()]
    assert types[-5:] == [
        "instrument.filed", "instrument.reviewed", "instrument.reviewed", "instrument.challenged",
        "instrument.decided",
    ]  # fmt: skip
