"""What the core speaks of, complete when made."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest

from faceward.core.values import Face, Template, TemplateContract

CONTRACT = TemplateContract("sface", "ab" * 32, "recipe", "f32", 3)
FACE = Face(
    (10.0, 20.0, 50.0, 110.0),
    np.array([[20, 50], [40, 65], [30, 70], [22, 90], [38, 92]], np.float32),
    0.9,
)


def test_a_face_knows_its_measures():
    """In pixels of the photo."""
    assert (FACE.width, FACE.height, FACE.size) == (40, 90, 60)
    assert FACE.inter_eye_distance == 25


def test_a_face_whose_corners_are_swapped_has_no_size():
    """And no complex one."""
    assert replace(FACE, box_xyxy=(50.0, 20.0, 10.0, 110.0)).size == 0


def test_values_cannot_be_changed():
    """What was decided on stays what it was."""
    with pytest.raises(FrozenInstanceError):
        FACE.detection_score = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "only_precision"),
    [({}, True), ({"precision": "bf16"}, True), ({"model": "other"}, False), ({"length": 4}, False),
     ({"model_sha256": "cd" * 32}, False), ({"preprocessing": "other"}, False)],
)  # fmt: skip
def test_contracts_say_whether_only_the_precision_differs(change: dict, only_precision: bool):
    """Whichever is asked."""
    other = replace(CONTRACT, **change)
    assert CONTRACT.differs_only_in_precision(other) is only_precision
    assert other.differs_only_in_precision(CONTRACT) is only_precision


def test_a_template_never_shows_its_features():
    """They would end in a log; the contract may."""
    shown = f"{Template(np.array([0.12345, 0.5, 0.75], np.float32), CONTRACT)!r}"
    assert "sface" in shown
    assert "3 features" in shown
    assert "0.12" not in shown
    assert "array" not in shown
