"""All pairs, tile by tile, against all pairs at once."""

import dataclasses
import itertools
import tracemalloc

import numpy as np
import pytest

from faceward.errors import InvalidValue
from faceward.evaluation.all_pairs import all_pairs
from faceward.evaluation.labels import Labels
from faceward.evaluation.operating_points import RATES, operating_points
from faceward.evaluation.trials import listed_pairs


def population(seed, people=40, items=300, length=16):
    """Unit templates of people with unequally many items, in mixed order."""
    generator = np.random.default_rng(seed)
    subjects = np.sort(generator.integers(people, size=items) * generator.integers(1, 3, size=items) // 2)
    generator.shuffle(subjects)
    centres = generator.standard_normal((people, length))
    features = centres[subjects] + generator.standard_normal((items, length))
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    names = tuple(f"photo {item}" for item in range(items))
    return features.astype(np.float32), Labels(names, tuple(f"s{subject:02d}" for subject in subjects))


def coarse(seed, items=300):
    """Templates whose scores are exact in float32 and often equal: four features of plus or minus a half."""
    features, labels = population(seed, items=items, length=4)
    return np.where(features < 0, -0.5, 0.5).astype(np.float32), labels


def every_pair(features, labels, references=None):
    """The same trials, each pair by itself and every score kept."""
    others = features if references is None else references
    pairs = np.array(list(itertools.combinations(range(len(features)), 2)))
    scores = (features @ others.T)[pairs[:, 0], pairs[:, 1]]
    return listed_pairs(pairs, np.zeros(len(pairs), np.int64), scores, labels).as_trials()


def assert_same_trials(found, expected):
    """Equal in every number, except among the order of equal scores."""
    assert np.array_equal(found.mated_scores, expected.mated_scores)
    assert np.array_equal(np.sort(found.mated_people), np.sort(expected.mated_people))
    kept = len(found.highest_non_mated)
    assert np.array_equal(found.highest_non_mated, expected.highest_non_mated[:kept])
    for name in ("total", "sum_of_squares"):
        assert getattr(found.non_mated, name) == getattr(expected.non_mated, name)
    assert np.array_equal(found.non_mated.by_person, expected.non_mated.by_person)


def rows(trials):
    """Every kept non-mated trial with its people and its N_ij, in one order whatever the ties."""
    columns = trials.highest_people, trials.highest_comparisons[:, None], trials.highest_non_mated[:, None]
    return sorted(map(tuple, np.hstack(columns).tolist()))


@pytest.mark.parametrize("tile", [1, 7, 64, 299, 300, 1024])
@pytest.mark.parametrize("errors", [False, True], ids=["labels as they are", "known errors left out"])
def test_tiles_give_the_trials_of_the_whole_matrix(tile, errors):
    """Whatever the size of a tile; the scores are exact, so that equal means equal."""
    features, labels = coarse(1)
    if errors:
        wrong = frozenset(labels.items[::17])
        labels = dataclasses.replace(labels, mislabelled=wrong, same_person=(("s00", "s03"), ("s03", "s05")))
    found, expected = all_pairs(features, labels, largest_rate=1.0, tile=tile), every_pair(features, labels)
    assert_same_trials(found, expected)
    assert rows(found) == rows(expected)


def test_the_kept_tail_is_the_top_of_a_full_sort():
    """Enough is kept for the largest rate and one more; ties cannot make it longer."""
    features, labels = coarse(2)
    found, expected = all_pairs(features, labels, largest_rate=0.05, tile=50), every_pair(features, labels)
    assert not found.complete
    assert len(found.highest_non_mated) == int(0.05 * expected.non_mated.total) + 1
    assert_same_trials(found, expected)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", [population, coarse])
def test_thresholds_equal_those_of_a_full_sort(make, seed):
    """Bit for bit, at every rate, with and without ties: only memory is saved."""
    features, labels = make(seed)
    tiled = operating_points(all_pairs(features, labels, tile=len(features)), "test")
    assert tiled == operating_points(every_pair(features, labels), "test")
    assert [point.false_match_rate for point in tiled] == list(RATES)


def test_the_tail_is_sorted_out_more_than_once_and_still_exact():
    """900 items are 400,000 pairs; the buffer holds 65,536 beyond what is wanted."""
    features, labels = population(5, items=900)
    few, all_of_them = (all_pairs(features, labels, largest_rate=rate, tile=128) for rate in (1e-3, 1.0))
    kept = len(few.highest_non_mated)
    assert kept == int(1e-3 * all_of_them.non_mated.total) + 1
    assert np.array_equal(few.highest_non_mated, all_of_them.highest_non_mated[:kept])
    assert np.array_equal(few.highest_people, all_of_them.highest_people[:kept])


def test_the_matrix_of_scores_is_never_there_at_once():
    """4,000 items have 8 million pairs, 32 MB of scores; a tenth of a million are wanted."""
    features, labels = population(10, items=4000)
    tracemalloc.start()
    try:
        trials = all_pairs(features, labels, tile=256)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert trials.non_mated.total > 7_000_000
    assert peak < 24e6


def test_a_model_that_sees_no_difference_does_not_fill_the_memory():
    """All scores equal: no more are kept than asked for, and nobody matches."""
    _, labels = population(6, items=600)
    trials = all_pairs(np.full((600, 4), 0.5, np.float32), labels, tile=100)
    assert len(trials.highest_non_mated) == int(0.01 * trials.non_mated.total) + 1
    points = operating_points(trials, "test")
    assert {(point.false_matches, point.false_non_match_rate) for point in points} == {(0, 1.0)}


def test_the_same_input_gives_the_same_trials():
    """Nothing is drawn at random and nothing is remembered."""
    features, labels = population(7)
    one, two = all_pairs(features, labels, tile=64), all_pairs(features, labels, tile=64)
    for field in ("mated_scores", "mated_people", "highest_non_mated", "highest_people"):
        assert np.array_equal(getattr(one, field), getattr(two, field))


def test_two_arithmetics_meet_once_for_each_pair_of_photos():
    """Item i of one meets item j > i of the other, and no photo meets itself."""
    features, labels = coarse(8, items=90)
    other = np.roll(features, 1, axis=1)
    found = all_pairs(features, labels, references=other, largest_rate=1.0, tile=32)
    assert_same_trials(found, every_pair(features, labels, other))
    assert found.non_mated.total == all_pairs(features, labels).non_mated.total


def test_a_count_below_what_was_kept_is_refused():
    """A number that is not known is not guessed."""
    trials = all_pairs(*population(9), largest_rate=0.01)
    lowest = float(trials.highest_non_mated[-1])
    with pytest.raises(InvalidValue, match="largest_rate"):
        trials.false_matches(lowest)
    assert trials.false_matches(float(np.nextafter(np.float32(lowest), np.float32(1)))) <= len(
        trials.highest_non_mated
    )


@pytest.mark.parametrize("items", [0, 1])
def test_too_few_items_make_no_trials(items):
    """Nothing to compare is normal here; a calibration is what refuses it."""
    trials = all_pairs(np.full((items, 4), 0.5, np.float32), Labels(("x",)[:items], ("a",)[:items]))
    assert (trials.people, trials.mated_total, trials.non_mated.total) == (items, 0, 0)


@pytest.mark.parametrize(
    ("features", "more"),
    [
        (np.full((2, 4), 0.6), {}),
        (np.full((3, 4), 0.5), {}),
        (np.array([[0.5, 0.5, 0.5, np.nan], [0.5, 0.5, 0.5, 0.5]]), {}),
        (np.full(4, 0.5), {}),
        (np.full((2, 4), 0.5), {"references": np.full((2, 16), 0.25, np.float32)}),
        (np.full((2, 4), 0.5), {"tile": 0}),
        (np.full((2, 4), 0.5), {"largest_rate": 0.0}),
    ],
    ids=["too long", "too many", "no number", "not a matrix", "other features", "no tile", "no rate"],
)
def test_what_cannot_be_compared_is_refused(features, more):
    """Cosines need unit templates of one length, as many as labels."""
    with pytest.raises(InvalidValue):
        all_pairs(features.astype(np.float32), Labels(("x", "y"), ("a", "b")), **more)
