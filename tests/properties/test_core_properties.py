"""What holds for every input of the core, not only for those in a table."""

from __future__ import annotations

from math import radians

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from faceward.core.comparison import candidate_list, comparison_scores, fused_score
from faceward.core.decision import OperatingPoint, Standing, decide
from faceward.core.detection import Detections, Selection, selected, together, without_overlaps
from faceward.core.geometry import apply, inverse, scale_of, similarity
from faceward.core.quality import QualityLimits, measured_quality, usability
from faceward.core.templating import averaged, mirrored_pairs, normalised
from faceward.core.values import Face
from faceward.evaluation.detection_matches import overlaps

places = st.floats(-5_000, 5_000)
points = st.lists(st.tuples(places, places), min_size=5, max_size=5).map(np.array)
shares = st.floats(0, 1)
scores = st.lists(st.floats(-1, 1, width=32) | st.just(float("nan")), max_size=30)


def point(threshold: float) -> OperatingPoint:
    return OperatingPoint(threshold, 1e-4, Standing.CALIBRATED, 1, 0, 0.0, 1, "made up")


@st.composite
def detections(draw: st.DrawFn, min_size: int = 0) -> Detections:
    rows = draw(
        st.lists(
            st.tuples(st.floats(-50, 300), st.floats(-50, 300), st.floats(1, 200), st.floats(1, 200), shares),
            min_size=min_size, max_size=12,
        )
    )  # fmt: skip
    array = np.array(rows, np.float32).reshape(-1, 5)
    boxes = np.concatenate((array[:, :2], array[:, :2] + array[:, 2:4]), 1)
    landmarks = np.repeat(boxes[:, None, :2], 5, 1) + np.float32(0.5)
    return together([Detections(boxes, landmarks, array[:, 4])])


@given(points, st.floats(-180, 180), st.floats(0.01, 100), places, places)
def test_a_similarity_is_recovered(source: np.ndarray, degrees: float, scale: float, left: float, top: float):
    """Whatever it is, from points that are not all in one place."""
    source = source + np.arange(10).reshape(5, 2)
    if np.ptp(source, 0).max() < 0.5:
        return
    angle = radians(degrees)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    affine = np.column_stack((turn, [left, top]))
    onto = apply(affine, source)
    fitted = similarity(source, onto)
    extent = np.abs(onto).max() + scale * np.abs(source).max() + 1
    np.testing.assert_allclose(apply(fitted, source), onto, atol=1e-9 * extent)
    np.testing.assert_allclose(scale_of(fitted), scale, rtol=1e-6)
    np.testing.assert_allclose(apply(inverse(fitted), onto), source, atol=1e-9 * extent / scale + 1e-6)


@given(detections(), st.integers(0, 3), st.integers(1, 500), st.integers(1, 500))
def test_places_come_back(found: Detections, quarters: int, width: int, height: int):
    """Turned all the way round."""
    sides = (width, height) if quarters % 2 == 0 else (height, width)
    back = found.turned(quarters, width, height).turned(4 - quarters, *sides)
    np.testing.assert_allclose(back.boxes_xyxy, found.boxes_xyxy, atol=1e-2)
    np.testing.assert_allclose(back.landmarks, found.landmarks, atol=1e-2)


@given(detections(), shares)
def test_no_two_faces_that_are_kept_overlap_more_than_allowed(found: Detections, most: float):
    """And whatever went overlapped one that stayed."""
    kept = without_overlaps(found, most)
    for row in range(len(kept)):
        others = np.delete(kept.boxes_xyxy, row, 0)
        assert (overlaps(kept.boxes_xyxy[row], others) <= most + 1e-9).all()
    for box in found.boxes_xyxy:
        shared = overlaps(box, kept.boxes_xyxy)
        assert shared.max() > most - 1e-9 or (kept.boxes_xyxy == box).all(1).any()


@given(detections(min_size=1), st.sampled_from(Selection), st.floats(1, 500), st.floats(1, 500))
def test_a_choice_is_always_made(found: Detections, which: Selection, width: float, height: float):
    """And a single face is the one that is meant."""
    assert 0 <= selected(found, which, width, height) < len(found)
    assert selected(found[:1], which, width, height) == 0


@given(scores, st.floats(-1, 1), st.integers(1, 40), st.integers(1, 6))
def test_a_candidate_list_is_what_decisions_one_by_one_would_give(
    given_scores: list[float], threshold: float, limit: int, people: int
):
    """The best score of each subject that matches, best first, up to the limit."""
    subjects = tuple(f"subject {number % people}" for number in range(len(given_scores)))
    at = point(threshold)
    best: dict[str, float] = {}
    for subject, score in zip(subjects, given_scores, strict=True):
        if decide(score, at).match:
            best[subject] = max(score, best.get(subject, -2))
    expected = sorted(best.items(), key=lambda item: (-item[1], item[0]))[:limit]
    found = candidate_list(np.array(given_scores, np.float32), subjects, at, limit)
    assert [(one.subject, one.comparison_score) for one in found] == expected


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=9), st.floats(-1, 1, width=32))
def test_several_references_never_match_where_none_does(given_scores: list[float], threshold: float):
    """So the false match rate behind the threshold stays true, to the rounding of a mean."""
    if max(given_scores) < threshold - 1e-6:
        assert not decide(fused_score(np.array(given_scores, np.float32)), point(threshold)).match


@given(st.integers(0, 2**32 - 1), st.integers(1, 6), st.integers(1, 40))
def test_templates_have_length_1_and_scores_are_cosines(seed: int, count: int, length: int):
    """Whatever size a network's features have."""
    generator = np.random.default_rng(seed)
    features = generator.normal(0, 10.0 ** generator.integers(-3, 4), (2 * count, length)).astype(np.float32)
    rows = averaged(features)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(normalised(rows), rows, atol=1e-6)
    assert np.abs(comparison_scores(rows, rows)).max() <= 1 + 1e-5


@given(st.integers(0, 2**32 - 1), st.integers(0, 4))
def test_mirroring_a_batch_of_pairs_only_swaps_its_halves(seed: int, count: int):
    """So a mirrored chip gets the same template."""
    chips = np.random.default_rng(seed).integers(0, 256, (count, 6, 6, 3), np.uint8)
    pairs, mirrored_first = mirrored_pairs(chips), mirrored_pairs(chips[:, :, ::-1])
    assert (pairs[:count] == mirrored_first[count:]).all()
    assert (pairs[count:] == mirrored_first[:count]).all()


@given(
    st.integers(0, 255), st.integers(0, 255), st.integers(0, 2**32 - 1),
    st.tuples(places, places, places, places), points,
)  # fmt: skip
def test_quality_is_always_measured_and_judged(
    low: int, high: int, seed: int, box: tuple, landmarks: np.ndarray
):
    """Any pixels, any box, any landmarks: numbers in their ranges, and a verdict."""
    low, high = sorted((low, high))
    chip = np.random.default_rng(seed).integers(low, high + 1, (112, 112, 3), np.uint8)
    quality = measured_quality(Face(box, landmarks.astype(np.float32), 0.5), chip, 640, 480)
    assert np.isfinite(quality.sharpness)
    for share in (quality.brightness, quality.contrast, quality.clipped_share, quality.visible_share):
        assert -1e-6 <= share <= 1 + 1e-6
    verdict = usability(quality, QualityLimits())
    assert verdict.usable is (not verdict.findings)
