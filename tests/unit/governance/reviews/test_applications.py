"""Every factor of a review is asked, read strictly, and named where it is open."""

from __future__ import annotations

import pickle
import tomllib

import pytest
from data.office import application

from faceward.errors import InvalidValue
from faceward.governance.reviews import applications
from faceward.governance.reviews.factors import FACTORS, template
from faceward.reading import Record

FULL = applications.as_json(application())


def filled(template_text: str) -> dict:
    """A template in which every example is taken for an answer."""
    lines = [
        line.removeprefix("# ") if line.startswith(tuple(f"# {it.name} = " for it in FACTORS)) else line
        for line in template_text.splitlines()
    ]
    return tomllib.loads("\n".join(lines))


def test_an_application_survives_its_statement():
    assert applications.parse(Record(FULL, "application")) == application()


@pytest.mark.parametrize("factor", FACTORS, ids=lambda it: it.name)
def test_each_missing_factor_is_named_with_its_question(factor):
    values = {name: value for name, value in FULL.items() if name != factor.name}
    with pytest.raises(applications.ApplicationIncomplete) as caught:
        applications.parse(Record(values, "application"))
    assert caught.value.reasons == (f"{factor.name} is not answered. {factor.asks}",)
    assert caught.value.cause == f"1 of {len(FACTORS)} factors are open."
    assert pickle.loads(pickle.dumps(caught.value)).reasons == caught.value.reasons


@pytest.mark.parametrize("factor", FACTORS, ids=lambda it: it.name)
@pytest.mark.parametrize("answer", ["", " ", None, [""], {}, 1.5, -1, 0, "unknown-word"], ids=repr)
def test_what_is_no_answer_is_refused_or_means_what_it_says(factor, answer):
    """Nothing is guessed: an answer that is read comes back as it was given."""
    values = {**FULL, factor.name: answer}
    refused = read = None
    try:
        read = applications.parse(Record(values, "application"))
    except applications.ApplicationIncomplete as error:
        refused = error
    if read is None:
        assert refused.cause.startswith(f"1 of {len(FACTORS)}")
    else:
        assert factor.name not in {"place", "source", "ground", "minors", "liveness", "people", "voluntary"}
        assert applications.as_json(read)[factor.name] == answer


def test_all_open_factors_are_named_at_once():
    with pytest.raises(applications.ApplicationIncomplete) as caught:
        applications.parse(Record({}, "application"))
    assert [it.split()[0] for it in caught.value.reasons] == [it.name for it in FACTORS]


def test_an_unknown_key_is_refused():
    with pytest.raises(InvalidValue, match="unknown keys: note"):
        applications.parse(Record({**FULL, "note": "x"}, "application"))


def test_the_template_says_nothing_until_it_is_filled_in():
    assert tomllib.loads(template()) == {}


def test_every_example_of_the_template_is_an_answer():
    assert applications.parse(Record(filled(template()), "application"))


@pytest.mark.parametrize(
    ("change", "enhanced"),
    [
        ({}, False),
        ({"purposes": ["missing_person"]}, True),
        ({"purposes": ["verify_worker", "humanitarian"]}, True),
        ({"minors": "guarded"}, True),
        ({"minors": "unknown"}, True),
    ],
)
def test_exceptions_and_minors_take_the_enhanced_review(change, enhanced):
    assert application(**change).enhanced is enhanced


def test_an_answer_that_is_wrong_is_not_quoted():
    """Errors may be logged, and answers are the applicant's."""
    with pytest.raises(applications.ApplicationIncomplete) as caught:
        applications.parse(Record({**FULL, "place": "canary", "customer": "Canary Ltd"}, "application"))
    assert "canary" not in f"{caught.value} {caught.value.reasons}".lower()
