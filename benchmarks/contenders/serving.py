"""Questions in on standard input, answers out on standard output, one line of JSON each.

Runs in the environments of the peers too: standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

Answer: TypeAlias = dict[str, Any]
Box: TypeAlias = tuple[float, float, float, float]


def pin(cores: str) -> None:
    """Stay on these cores, such as ``1`` or ``0,1``; call it before anything counts cores."""
    os.sched_setaffinity(0, {int(core) for core in cores.split(",")})


def serve(operations: Mapping[str, Callable[..., Answer]]) -> None:
    """Answer questions until there are no more.

    A question is ``{"do": operation, …arguments}``. Whatever else is printed goes to standard error, so
    that a chatty library cannot garble an answer.
    """
    operations = {"memory": peak_memory, **operations}
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        answers.write(json.dumps(operations[question.pop("do")](**question)) + "\n")


def template_timer(template: Callable[[str], Box], no_template: type[Exception]) -> Callable[[str], Answer]:
    """Time how long a file takes to become a template.

    Args:
        template: Takes the path of a photo, makes a template and returns the box of its face: left, top,
            width, height in pixels.
        no_template: What it raises where there is no face that it would make one of.
    """

    def timed(photo: str) -> Answer:
        box: Box | None = None
        started = time.perf_counter()
        with contextlib.suppress(no_template):
            box = template(photo)
        return {"seconds": time.perf_counter() - started, "box": box}

    return timed


def peak_memory() -> Answer:
    """The most memory this process ever held."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return {"peak_bytes": int(found.group(1)) * 1024 if found else 0}
