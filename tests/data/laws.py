"""A perfect law that no country has, and what it takes to spoil it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from faceward.governance.laws.challenges import Challenge, Outcome
from faceward.governance.laws.criteria import Answer, Criterion, CriterionName
from faceward.governance.laws.instrument_reviews import Conflict, InstrumentReview, Opinion, ReviewerKind
from faceward.governance.laws.instruments import Instrument, LawStatus, Level, Scope, digest
from faceward.governance.laws.law_gate import Operator
from faceward.governance.laws.moments import Undated
from faceward.transparency.words import Body, Function, Purpose

COUNTRY = "XA"
BEGINS = datetime(2030, 1, 1, tzinfo=UTC)
ENDS = datetime(2031, 1, 1, tzinfo=UTC)
SIGNED = datetime(2029, 6, 1, tzinfo=UTC)
WINDOW = SIGNED + timedelta(days=61)
REVIEW_UNTIL = datetime(2030, 5, 1, tzinfo=UTC)
MIDST = datetime(2030, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)

POLICE = Operator(COUNTRY, Body.POLICE, frozenset({Function.IDENTIFY}))
WHAT = (Function.IDENTIFY, Purpose.MISSING_PERSON)


def holds(review: InstrumentReview) -> bool:
    """The check of who knows every key in these tests."""
    return review.signature == "good"


def review(organisation: str = "University of Nowhere", **changes: object) -> InstrumentReview:
    """An approval that counts once it is about the right record."""
    it = InstrumentReview(
        reviewer=f"Reader at {organisation}",
        organisation=organisation,
        kind=ReviewerKind.ACADEMIC,
        conflict=Conflict.NONE,
        outcome=Opinion.APPROVE,
        reviewed_sha256="0" * 64,
        signed_at=SIGNED,
        signature="good",
    )
    return replace(it, **changes)  # type: ignore[arg-type]


def challenge(outcome: Outcome) -> Challenge:
    """An objection with a name."""
    return Challenge("A. Citizen", "It forgets the children.", SIGNED, outcome)


def signed_anew(law: Instrument) -> Instrument:
    """The law with all reviews about the record as it stands."""
    mark = digest(law)
    return replace(law, reviews=tuple(replace(it, reviewed_sha256=mark) for it in law.reviews))


def perfect(**changes: object) -> Instrument:
    """The perfect law, with changes that its reviewers have seen."""
    law = Instrument(
        identifier="xa-perfect",
        title="Perfect Face Recognition Act",
        citation="XA 2029/1",
        country=COUNTRY,
        level=Level.NATIONAL,
        status=LawStatus.IN_FORCE,
        effective=BEGINS,
        ends=ENDS,
        text_sha256="a" * 64,
        source_title="Gazette of a country that does not exist",
        scope=Scope(
            frozenset({Body.POLICE}),
            frozenset({Function.VERIFY, Function.IDENTIFY}),
            frozenset({Purpose.MISSING_PERSON, Purpose.TRAFFICKING_VICTIM}),
        ),
        criteria=tuple(Criterion(name, Answer.MET, f"section {name[3:]}", "") for name in CriterionName),
        reviews=(review(), review("Bar of Nowhere", kind=ReviewerKind.LEGAL)),
        challenges=(challenge(Outcome.REJECTED), challenge(Outcome.WITHDRAWN)),
        window_closed_at=WINDOW,
        review_until=REVIEW_UNTIL,
    )
    return signed_anew(replace(law, **changes))  # type: ignore[arg-type]


def answering(name: CriterionName, answer: Answer) -> Instrument:
    """The perfect law with another answer to one criterion."""
    answers = tuple(replace(it, answer=answer) if it.name is name else it for it in perfect().criteria)
    return perfect(criteria=answers)


def scope(**changes: object) -> Scope:
    """The scope of the perfect law, changed."""
    return replace(perfect().scope, **changes)  # type: ignore[arg-type]


def with_reviews(*reviews: InstrumentReview) -> Instrument:
    """The perfect law with these reviews and no other."""
    return perfect(reviews=reviews)


BAR = review("Bar of Nowhere", kind=ReviewerKind.LEGAL)
WATCH = review("Rights Watch Nowhere", kind=ReviewerKind.CIVIL_SOCIETY)

DENIED: dict[str, tuple[Instrument, datetime]] = {
    "one second before commencement": (perfect(), BEGINS - SECOND),
    "at its end": (perfect(review_until=ENDS + timedelta(days=30)), ENDS),
    "one day after its end": (perfect(review_until=ENDS + timedelta(days=30)), ENDS + timedelta(days=1)),
    "beginning unknown": (perfect(effective=Undated.UNKNOWN), MIDST),
    "without a beginning": (perfect(effective=Undated.NONE), MIDST),
    "end unknown": (perfect(ends=Undated.UNKNOWN), MIDST),
    **{f"status {it}": (perfect(status=it), MIDST) for it in LawStatus if it is not LawStatus.IN_FORCE},
    **{f"level {it}": (perfect(level=it), MIDST) for it in Level if it is not Level.NATIONAL},
    "of another country": (perfect(country="XB"), MIDST),
    "text not pinned": (perfect(text_sha256="unknown"), MIDST),
    "other agency": (perfect(scope=scope(agencies=frozenset({Body.BORDER}))), MIDST),
    "no agency": (perfect(scope=scope(agencies=frozenset())), MIDST),
    "other function": (perfect(scope=scope(functions=frozenset({Function.VERIFY}))), MIDST),
    "other purpose": (perfect(scope=scope(purposes=frozenset({Purpose.TRAFFICKING_VICTIM}))), MIDST),
    "no review": (with_reviews(), MIDST),
    "one reviewer": (with_reviews(review()), MIDST),
    "one review twice": (with_reviews(review(), review()), MIDST),
    "two reviewers of one organisation": (
        with_reviews(review(reviewer="A"), review(reviewer="B")), MIDST,
    ),
    "one organisation, written in two ways": (
        with_reviews(review(), review("UNIVERSITY  OF NOWHERE.", reviewer="B")), MIDST,
    ),
    "one reviewer for two organisations": (
        with_reviews(review(reviewer="A"), review("Rights Watch Nowhere", reviewer="A")), MIDST,
    ),
    "nobody of the public interest": (
        with_reviews(BAR, review("Chambers of Nowhere", kind=ReviewerKind.LEGAL)), MIDST,
    ),
    "only vendors": (
        with_reviews(*(review(name, kind=ReviewerKind.VENDOR) for name in ("Maker", "Shop"))), MIDST,
    ),
    **{
        f"one reviewer a {kind}": (with_reviews(review(), review("Maker", kind=kind)), MIDST)
        for kind in (ReviewerKind.VENDOR, ReviewerKind.CUSTOMER, ReviewerKind.UNKNOWN)
    },
    **{
        f"conflict of interest {it}": (with_reviews(review(), replace(BAR, conflict=it)), MIDST)
        for it in (Conflict.DECLARED, Conflict.UNKNOWN)
    },
    **{
        f"one reviewer says {it}": (with_reviews(review(), replace(BAR, outcome=it)), MIDST)
        for it in (Opinion.REFUSE, Opinion.NEED_MORE)
    },
    "an approval and a refusal of one organisation": (
        with_reviews(review(), BAR, replace(BAR, outcome=Opinion.REFUSE)), MIDST,
    ),
    "a signature that does not hold": (with_reviews(review(), replace(BAR, signature="bad")), MIDST),
    "reviews of another version": (replace(perfect(), title="Another title"), MIDST),
    "a stale review": (
        with_reviews(review(signed_at=SIGNED - timedelta(days=300)), BAR), MIDST,
    ),
    "reviews signed tomorrow": (
        with_reviews(review(), replace(BAR, signed_at=MIDST + timedelta(days=1))), MIDST,
    ),
    "reviews not stale, but due": (perfect(review_until=MIDST), MIDST),
    "no date for new reviews": (perfect(review_until=Undated.NONE), MIDST),
    "window not over": (perfect(window_closed_at=MIDST + SECOND), MIDST),
    "window never opened": (perfect(window_closed_at=Undated.NONE), MIDST),
    "window of unknown end": (perfect(window_closed_at=Undated.UNKNOWN), MIDST),
    "window shorter than 30 days": (
        with_reviews(review(signed_at=MIDST - timedelta(days=29)), replace(BAR, signed_at=MIDST)), MIDST,
    ),
    **{
        f"challenge {it}": (perfect(challenges=(challenge(Outcome.REJECTED), challenge(it))), MIDST)
        for it in (Outcome.UPHELD, Outcome.UNDECIDED)
    },
    **{
        f"{name} {answer}": (answering(name, answer), MIDST)
        for name in tuple(CriterionName)[:14]
        for answer in Answer
        if answer is not Answer.MET
    },
    "a criterion without an answer": (perfect(criteria=perfect().criteria[1:]), MIDST),
    "a criterion with two answers": (
        perfect(criteria=(*perfect().criteria, Criterion(CriterionName.HR_01, Answer.PARTLY, "", ""))), MIDST,
    ),
}  # fmt: skip
"""Laws and moments that the gate must refuse, each for one reason."""
