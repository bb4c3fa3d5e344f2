"""What a caller hands to a runtime in, the same or a clear error out."""

from __future__ import annotations

import numpy as np

from faceward.core.values import PixelArray
from faceward.errors import InvalidValue
from faceward.ports.runtime import Placement


def check_images(images: PixelArray) -> None:
    """Hold the contract of ``Network.run``; a runtime would take other arrays and compute nonsense.

    Raises:
        InvalidValue: It is not uint8 of shape ``(N, H, W, 3)`` with N at least 1, contiguous.
    """
    if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
        raise InvalidValue(f"Images must be a uint8 array, not {getattr(images, 'dtype', type(images))}.")
    if images.ndim != 4 or images.shape[3] != 3 or 0 in images.shape:
        raise InvalidValue(f"Images must have shape (N, H, W, 3), not {images.shape}.")
    if not images.flags.c_contiguous:
        raise InvalidValue("Images must be contiguous.", remedy="Pass numpy.ascontiguousarray(images).")


def check_placement(placement: Placement) -> None:
    """Hold the bounds of a placement.

    Raises:
        InvalidValue: It asks for less than one thread or stream.
    """
    if placement.threads < 1 or placement.streams < 1:
        raise InvalidValue(
            f"A network cannot run on {placement.threads} threads in {placement.streams} streams.",
            remedy="Ask for at least one thread and one stream.",
        )


def last_line(error: BaseException) -> str:
    """What a library says is wrong; the lines before name places in its own source."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1][:300].rstrip(".") if lines else type(error).__name__
