"""How much an endurance or fuzz check does: all in `make endurance`, a twentieth of it in `make test`."""

from __future__ import annotations

import os


def is_whole() -> bool:
    """Whether the checks run at their whole size."""
    return os.environ.get("WHOLE_SIZE") == "1"


def size(whole: int) -> int:
    """Give the number of repetitions to run, at least 1.

    Args:
        whole: The number the figures of a release are taken at.
    """
    return whole if is_whole() else max(1, whole // 20)
