"""Landmarks in, where to sample an aligned face out; raw features in, a template out."""

from __future__ import annotations

from math import hypot

import numpy as np

from faceward.core.geometry import inverse, similarity
from faceward.core.values import FloatArray, PixelArray

CHIP_SIDE = 112

ALIGNMENT = "arcface-112"
"""Name of the alignment below, as manifests give it."""

# Where ArcFace puts the five landmarks in a chip of 112 × 112, as indices of pixels.
# Source: Deng et al., "ArcFace", 2018, and the alignment published with its code; SFace was trained on it.
ARCFACE_LANDMARKS = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]]
)

# Shown 3 % smaller than the training alignment. Measured: see docs/decisions/0006-alignment.md.
_ZOOM = 0.97

# An index names the middle of a pixel, which is half a pixel further in continuous coordinates.
CHIP_LANDMARKS = (ARCFACE_LANDMARKS + 0.5 - CHIP_SIDE / 2) * _ZOOM + CHIP_SIDE / 2


def chip_map(landmarks: FloatArray) -> FloatArray:
    """Find the map from pixel places of an aligned chip to places in the photo.

    Args:
        landmarks: Shape ``(5, 2)``, pixels of the photo.

    Returns:
        Shape ``(2, 3)``, as `Raster.sampled` takes it.
    """
    return inverse(similarity(landmarks, CHIP_LANDMARKS))


def mirrored_pairs(pictures: PixelArray) -> PixelArray:
    """Put each picture and its mirror image into one batch.

    Args:
        pictures: Shape ``(n, h, w, 3)``, uint8.

    Returns:
        Shape ``(2n, h, w, 3)``: the n pictures, then their n mirror images.
    """
    count = len(pictures)
    pairs = np.empty((2 * count, *pictures.shape[1:]), np.uint8)
    pairs[:count] = pictures
    # Channel by channel: numpy moves three bytes at a time in four times as long.
    for channel in range(3):
        pairs[count:, :, :, channel] = pictures[:, :, ::-1, channel]
    return pairs


def averaged(features: FloatArray) -> FloatArray:
    """Add the features of a chip and its mirror image and scale them to length 1.

    Args:
        features: Shape ``(2n, length)``, in the order of `mirrored_pairs`.

    Returns:
        Shape ``(n, length)``, float32, rows of length 1; a row of zeros stays zeros.
    """
    count = len(features) // 2
    return normalised(features[:count] + features[count:])


def normalised(features: FloatArray) -> FloatArray:
    """Scale each row of ``(n, length)`` to Euclidean length 1; a row of zeros stays zeros."""
    # Not by arrays: each further kind of operation on them has to be fetched into the caches first.
    lengths = [[max(hypot(*row), 1e-12)] for row in features.tolist()]
    return features / np.array(lengths, np.float32).reshape(-1, 1)
