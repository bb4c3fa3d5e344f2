"""Landmarks in, where to sample an aligned face out; raw features in, a template out."""

from __future__ import annotations

import numpy as np
import pytest

from faceward.core.geometry import apply, inverse, similarity
from faceward.core.templating import (
    ARCFACE_LANDMARKS,
    CHIP_LANDMARKS,
    averaged,
    chip_map,
    mirrored_pairs,
    normalised,
)
from faceward.core.values import TemplateContract

CONTRACT = TemplateContract("model", "0" * 64, "recipe", "f32", 4)


def test_a_face_like_the_training_one_is_aligned_onto_the_chip_s_landmarks():
    """Wherever it is in the photo, however large and turned."""
    to_photo = similarity(np.array([[0, 0], [112, 0]]), np.array([[700, 300], [500, 500]]))
    landmarks = apply(to_photo, CHIP_LANDMARKS)
    np.testing.assert_allclose(apply(inverse(chip_map(landmarks)), landmarks), CHIP_LANDMARKS, atol=1e-9)
    np.testing.assert_allclose(chip_map(landmarks), to_photo, atol=1e-9)


def test_any_face_is_aligned_as_closely_as_a_similarity_can():
    """The centres agree, and no other turn or size comes closer."""
    landmarks = np.array([[120, 80], [160, 90], [150, 110], [118, 130], [150, 138]], np.float32)
    placed = apply(inverse(chip_map(landmarks)), landmarks)
    np.testing.assert_allclose(placed.mean(0), CHIP_LANDMARKS.mean(0), atol=1e-6)
    best = ((placed - CHIP_LANDMARKS) ** 2).sum()
    middle = placed.mean(0)
    for other in ((placed - middle) * 1.01 + middle, (placed - middle) * 0.99 + middle):
        assert ((other - CHIP_LANDMARKS) ** 2).sum() > best


def test_the_chip_s_landmarks_are_the_training_ones_in_continuous_places_and_a_little_smaller():
    """An index names the middle of a pixel, and the middle of the chip stays where it is."""
    np.testing.assert_allclose((CHIP_LANDMARKS - 56) / 0.97 + 55.5, ARCFACE_LANDMARKS, atol=1e-12)


def test_mirror_images_follow_the_chips():
    """In the order that `averaged` takes."""
    chips = np.random.default_rng(0).integers(0, 256, (3, 4, 5, 3), np.uint8)
    pairs = mirrored_pairs(chips)
    assert pairs.dtype == np.uint8
    assert pairs.flags.c_contiguous
    assert (pairs[:3] == chips).all()
    assert (pairs[3:] == np.flip(chips, 2)).all()


@pytest.mark.parametrize("count", [0, 1, 4])
def test_averaged_features_have_length_1(count: int):
    """Each chip with its own mirror image, whatever lengths a network gives."""
    features = np.random.default_rng(1).normal(0, 9, (2 * count, 6)).astype(np.float32)
    result = averaged(features)
    assert result.shape == (count, 6)
    assert result.dtype == np.float32
    for row in range(count):
        total = features[row].astype(np.float64) + features[row + count]
        np.testing.assert_allclose(result[row], total / np.linalg.norm(total), atol=1e-6)


def test_a_row_of_zeros_stays_zeros():
    """A network that says nothing has a template like nobody's: its score with any is 0."""
    assert (normalised(np.zeros((2, 3), np.float32)) == 0).all()
    opposite = np.array([[1, 2], [-1, -2]], np.float32)
    assert (averaged(opposite) == 0).all()
