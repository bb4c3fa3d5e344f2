"""Which claim found which face."""

import numpy as np
import pytest

from faceward.errors import InvalidValue
from faceward.evaluation.detection_matches import AnnotatedFaces, DetectedFaces, match_detections, overlaps


def faces(*boxes, ignored=()):
    flags = np.zeros(len(boxes), bool)
    flags[list(ignored)] = True
    return AnnotatedFaces(np.array(boxes, float).reshape(-1, 4), flags)


def claims(*boxes_and_scores):
    numbers = np.array(boxes_and_scores, float).reshape(-1, 5)
    return DetectedFaces(numbers[:, :4], numbers[:, 4])


def outcome(truth, found, **options):
    """Scores at which faces were found; scores of hits; scores of false claims."""
    matches = match_detections([truth], [found], **options)
    hits = matches.claim_hits
    return (
        matches.found_at.tolist(),
        matches.claim_scores[hits].tolist(),
        matches.claim_scores[~hits].tolist(),
    )


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ([0, 0, 10, 10], [0, 0, 10, 10], 1.0),
        ([0, 0, 10, 10], [0, 5, 10, 15], 1 / 3),
        ([0, 0, 10, 10], [0, 0, 10, 5], 0.5),
        ([0, 0, 10, 10], [10, 0, 20, 10], 0.0),
        ([0, 0, 10, 10], [30, 30, 40, 40], 0.0),
        ([3, 3, 3, 3], [3, 3, 3, 3], 0.0),
        ([9, 9, 3, 3], [9, 9, 3, 3], 0.0),
    ],
    ids=["same", "half over", "half of", "touching", "apart", "a point", "inside out"],
)
def test_overlap_is_intersection_over_union(first, second, expected):
    """Boxes without area overlap nothing."""
    assert overlaps(np.array([first]), np.array([second]))[0, 0] == pytest.approx(expected)


def test_overlaps_of_no_boxes_are_no_overlaps():
    """Shapes hold when either set is empty."""
    none = np.empty((0, 4))
    assert overlaps(none, np.zeros((3, 4))).shape == (0, 3)
    assert overlaps(np.zeros((3, 4)), none).shape == (3, 0)


FACE = [0, 0, 10, 10]
FAR = [50, 50, 60, 60]
MISSED = float("-inf")


@pytest.mark.parametrize(
    ("truth", "found", "expected"),
    [
        (faces(), claims(), ([], [], [])),
        (faces(), claims([*FACE, 0.9]), ([], [], [0.9])),
        (faces(FACE), claims(), ([MISSED], [], [])),
        (faces(FACE), claims([0, 0, 10, 5, 0.9]), ([0.9], [0.9], [])),
        (faces(FACE), claims([0, 0, 10, 4.9, 0.9]), ([MISSED], [], [0.9])),
        (faces(FACE), claims([*FACE, 0.5], [1, 0, 10, 10, 0.9]), ([0.9], [0.9], [0.5])),
        (faces(FACE, FAR), claims([*FAR, 0.7], [*FACE, 0.8]), ([0.8, 0.7], [0.8, 0.7], [])),
        (faces([0, 0, 10, 10], [2, 0, 12, 10]), claims([2, 0, 12, 10, 0.9]), ([MISSED, 0.9], [0.9], [])),
        (
            faces([0, 0, 10, 10], [1, 0, 11, 10]),
            claims([1, 0, 11, 10, 0.9], [1, 0, 11, 10, 0.8]),
            ([0.8, 0.9], [0.9, 0.8], []),
        ),
    ],
    ids=[
        "nothing",
        "nobody there",
        "missed",
        "just enough overlap",
        "just too little",
        "found twice",
        "two found",
        "the nearer of two",
        "the second takes what is left",
    ],
)
def test_each_claim_finds_the_face_it_overlaps_most(truth, found, expected):
    """The highest score first; a face is found once."""
    assert outcome(truth, found) == expected


@pytest.mark.parametrize(
    ("truth", "found", "expected"),
    [
        (faces(FACE, ignored=[0]), claims(), ([], [], [])),
        (faces(FACE, ignored=[0]), claims([*FACE, 0.9], [*FACE, 0.8]), ([], [], [])),
        (faces(FACE, ignored=[0]), claims([*FAR, 0.9]), ([], [], [0.9])),
        (faces(FACE, [1, 0, 11, 10], ignored=[0]), claims([*FACE, 0.9]), ([0.9], [0.9], [])),
        (faces(FACE, [1, 0, 11, 10], ignored=[0]), claims([*FACE, 0.9], [*FACE, 0.8]), ([0.9], [0.9], [])),
    ],
    ids=["missed", "found twice", "elsewhere", "beside a counted one", "after a counted one"],
)
def test_an_ignored_face_is_neither_hit_nor_miss(truth, found, expected):
    """Nor is a claim on it false; a face that counts comes first."""
    assert outcome(truth, found) == expected


def test_faces_below_a_size_can_be_ignored():
    """9 x 16 px has size 12."""
    truth, found = faces([0, 0, 9, 16], [50, 50, 70, 70]), claims([0, 0, 9, 16, 0.9])
    assert outcome(truth, found, ignore_below_px=12.0) == ([0.9, MISSED], [0.9], [])
    assert outcome(truth, found, ignore_below_px=12.5) == ([MISSED], [], [])


def test_claims_of_all_photos_are_ordered_by_score():
    """Each keeps its photo; a hit has the size of its face, a false claim its own."""
    matches = match_detections(
        [faces(FACE), faces(), faces(FAR, FACE)],
        [claims([0, 0, 10, 9, 0.3]), claims([0, 0, 4, 9, 0.9]), claims([*FAR, 0.5])],
    )
    assert matches.photos == 3
    assert matches.face_photos.tolist() == [0, 2, 2]
    assert matches.claim_photos.tolist() == [1, 2, 0]
    assert matches.claim_scores.tolist() == [0.9, 0.5, 0.3]
    assert matches.claim_hits.tolist() == [False, True, True]
    assert matches.claim_sizes.tolist() == [6.0, 10.0, 10.0]


def test_equal_scores_take_their_turn_as_given():
    """The same input gives the same matches."""
    matches = match_detections([faces(FACE)], [claims([*FACE, 0.5], [0, 0, 10, 9, 0.5])])
    assert matches.claim_hits.tolist() == [True, False]


@pytest.mark.parametrize(
    ("truth", "found", "options"),
    [
        ([faces()], [], {}),
        ([faces()], [claims()], {"overlap": 0.0}),
        ([faces()], [claims()], {"overlap": 1.1}),
        ([AnnotatedFaces(np.zeros((2, 4)), np.zeros(1, bool))], [claims()], {}),
        ([faces()], [DetectedFaces(np.zeros((2, 4)), np.zeros(1))], {}),
        ([faces()], [claims([0, 0, 1, 1, float("nan")])], {}),
        ([faces([0, 0, 1, float("inf")])], [claims()], {}),
    ],
    ids=["photos", "any overlap", "too much overlap", "flags", "scores", "no score", "no box"],
)
def test_what_does_not_fit_together_is_refused(truth, found, options):
    """Photos, boxes, flags and scores belong together one by one."""
    with pytest.raises(InvalidValue):
        match_detections(truth, found, **options)
