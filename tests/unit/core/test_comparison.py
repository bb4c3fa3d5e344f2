"""Templates in, comparison scores and candidate lists out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from faceward.core.comparison import (
    Candidate,
    candidate_list,
    comparison_score,
    comparison_scores,
    fused_score,
    require_comparable,
)
from faceward.core.decision import OperatingPoint, Standing, decide
from faceward.core.templating import normalised
from faceward.core.values import Template, TemplateContract
from faceward.errors import ContractMismatch, InvalidValue

CONTRACT = TemplateContract("sface", "0" * 64, "recipe", "f32", 16)
AT = OperatingPoint(0.4375, 1e-4, Standing.CALIBRATED, 1_000_000, 97, 0.0195, 9_000, "a report")
ROWS = normalised(np.random.default_rng(0).normal(0, 1, (9, 16)).astype(np.float32))


def template(row: int, **changes: object) -> Template:
    return Template(ROWS[row], replace(CONTRACT, **changes))


def test_a_template_compared_with_itself_scores_1_and_never_more():
    """Rounding must not give a cosine that does not exist."""
    for row in range(len(ROWS)):
        score = comparison_score(template(row), template(row))
        assert score == pytest.approx(1, abs=1e-6)
        assert score <= 1


def test_a_score_is_the_cosine_in_both_orders():
    """Nobody is the first."""
    expected = float(ROWS[0].astype(np.float64) @ ROWS[1])
    assert comparison_score(template(0), template(1)) == pytest.approx(expected, abs=1e-6)
    assert comparison_score(template(0), template(1)) == comparison_score(template(1), template(0))


@pytest.mark.parametrize(
    "change", [{"model": "other"}, {"model_sha256": "1" * 64}, {"preprocessing": "other"}, {"length": 17}]
)
def test_templates_of_different_contracts_are_not_compared(change: dict):
    """The message names both, and the remedy says what to do."""
    with pytest.raises(ContractMismatch) as caught:
        comparison_score(template(0), template(1, **change))
    assert "sface" in caught.value.cause
    assert caught.value.remedy


def test_templates_of_two_precisions_are_for_the_catalogue_to_judge():
    """The core compares them; whether anyone measured it is not for the core to know."""
    require_comparable(template(0), template(1, precision="bf16"))


def test_one_matrix_product_gives_every_pairwise_score():
    """For many probes and for one."""
    scores = comparison_scores(ROWS[:3], ROWS)
    assert scores.shape == (3, 9)
    assert scores.dtype == np.float32
    for probe in range(3):
        for reference in range(9):
            expected = comparison_score(template(probe), template(reference))
            assert scores[probe, reference] == pytest.approx(expected, abs=1e-6)
    np.testing.assert_allclose(comparison_scores(ROWS[0], ROWS), scores[0], atol=1e-6)


def test_an_empty_gallery_gives_no_scores():
    """And no error."""
    assert comparison_scores(ROWS[0], ROWS[:0]).shape == (0,)


def test_several_references_give_their_mean():
    """It cannot reach a threshold that no single reference reaches."""
    assert fused_score(np.array([0.2, 0.6, 0.4], np.float32)) == pytest.approx(0.4)


def test_no_references_give_no_score():
    """A mean of nothing would be no number."""
    with pytest.raises(InvalidValue):
        fused_score(np.zeros(0, np.float32))


@pytest.mark.parametrize(
    ("scores", "subjects", "limit", "expected"),
    [
        ((), (), 5, ()),
        ((0.1, 0.4374), ("ann", "bob"), 5, ()),
        ((0.4375,), ("ann",), 5, ("ann",)),
        ((0.5, 0.9, 0.7), ("ann", "bob", "cy"), 5, ("bob", "cy", "ann")),
        ((0.5, 0.9, 0.7), ("ann", "bob", "cy"), 2, ("bob", "cy")),
        ((0.7, 0.7, 0.7), ("cy", "ann", "bob"), 2, ("ann", "bob")),
        ((0.5, 0.9, 0.1), ("ann", "ann", "ann"), 5, ("ann",)),
        ((0.6, 0.5, 0.9), ("ann", "bob", "ann"), 1, ("ann",)),
        ((float("nan"), 0.5), ("ann", "bob"), 5, ("bob",)),
    ],
)
def test_candidates_come_best_first_and_once_each(scores, subjects, limit: int, expected):
    """Ties in order of subject; a subject counts with the best of its references."""
    found = candidate_list(np.array(scores, np.float32), subjects, AT, limit)
    assert tuple(candidate.subject for candidate in found) == expected
    for candidate in found:
        own = [score for score, who in zip(scores, subjects, strict=True) if who == candidate.subject]
        assert candidate == Candidate(candidate.subject, float(np.float32(max(own))))


def test_a_stranger_gets_an_empty_candidate_list():
    """Nearest is not the same as mated."""
    assert candidate_list(np.array([0.1, 0.3, 0.41], np.float32), ("ann", "bob", "cy"), AT, 3) == ()


def test_a_candidate_list_agrees_with_a_decision_at_the_last_bit():
    """Thresholds are float64 and scores float32: what lies between must be judged alike by both."""
    score = np.float32(0.42)
    for threshold in (float(score), np.nextafter(float(score), 1), np.nextafter(float(score), 0)):
        at = replace(AT, threshold=float(threshold))
        listed = bool(candidate_list(np.array([score]), ("ann",), at, 1))
        assert listed is decide(float(score), at).match


@pytest.mark.parametrize(("count", "limit"), [(1, 5), (3, 5), (2, 0), (2, -1)])
def test_lengths_that_differ_and_limits_below_1_are_refused(count: int, limit: int):
    """Two scores were given."""
    with pytest.raises(InvalidValue):
        candidate_list(np.zeros(2, np.float32), ("ann", "bob", "cy")[:count], AT, limit)
