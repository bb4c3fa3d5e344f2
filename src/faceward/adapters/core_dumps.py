"""A running process in, one whose memory the system writes to no file when it crashes out."""

from __future__ import annotations

import ctypes
import sys

_SET_DUMPABLE = 4
"""``PR_SET_DUMPABLE``. Source: prctl(2), linux/prctl.h."""


def no_core_dumps() -> bool:
    """Switch off core dumps of this process for good, and say whether that could be done.

    On Linux other processes of the same account cannot read its memory or attach to it either, and a crash
    handler that the system pipes dumps to gets none, which the limit alone would not prevent. A child that
    starts another program keeps the limit, but not this protection. Windows has neither.
    """
    if sys.platform == "win32":
        return False
    import resource

    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return False
    return sys.platform != "linux" or _hidden()


def _hidden() -> bool:
    try:
        return int(ctypes.CDLL(None, use_errno=True).prctl(_SET_DUMPABLE, 0, 0, 0, 0)) == 0
    except (OSError, AttributeError):
        return False
