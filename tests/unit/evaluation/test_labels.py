"""Labels and their known errors."""

import pytest

from faceward.errors import InvalidValue
from faceward.evaluation.labels import Labels, numbered


def test_people_are_numbered_without_gaps_and_in_order_of_name():
    """Numbers index arrays; an excluded item leaves no hole in them."""
    labels = Labels(("x", "y", "z", "u"), ("b", "a", "c", "c"), mislabelled=frozenset({"y"}))
    usable, subjects, people = numbered(labels)
    assert usable.tolist() == [0, 2, 3]
    assert subjects.tolist() == people.tolist() == [0, 1, 1]


def test_names_of_one_person_are_joined_over_any_number_of_steps():
    """If a is b and b is c, then a is c."""
    labels = Labels(tuple("1234"), tuple("abcd"), same_person=(("c", "b"), ("b", "a")))
    _, subjects, people = numbered(labels)
    assert subjects.tolist() == [0, 1, 2, 3]
    assert people.tolist() == [0, 0, 0, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"items": ("x",), "subjects": ("a", "b")},
        {"items": ("x", "x"), "subjects": ("a", "b")},
        {"items": ("x", "y"), "subjects": ("a", "b"), "mislabelled": frozenset({"z"})},
        {"items": ("x", "y"), "subjects": ("a", "b"), "same_person": (("a", "c"),)},
    ],
    ids=["lengths differ", "item twice", "unknown item excluded", "unknown subject joined"],
)
def test_labels_that_do_not_fit_together_are_refused(wrong):
    """An exclusion that excludes nothing would otherwise go unnoticed."""
    with pytest.raises(InvalidValue):
        Labels(**wrong)


def test_a_refusal_names_no_subject():
    """Errors hold no names."""
    with pytest.raises(InvalidValue) as refusal:
        Labels(("x",), ("a",), same_person=(("a", "Jane Doe"),))
    assert "Jane" not in str(refusal.value)
