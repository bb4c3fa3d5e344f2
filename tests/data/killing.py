"""A program in, the lines it wrote before it was killed in the middle of its work out."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Sequence


def lines_before_kill(command: Sequence[str], most: int, dice: random.Random) -> list[bytes]:
    """Start a program, let it write up to ``most`` lines and a moment more, and kill it; the whole lines."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    lines = []
    for _ in range(dice.randrange(1, most)):
        lines.append(child.stdout.readline())
        assert lines[-1], "the child ended by itself"
    time.sleep(dice.random() * 0.004)
    child.send_signal(signal.SIGKILL)
    lines += child.stdout.readlines()
    child.stdout.close()
    assert child.wait() == -signal.SIGKILL
    return [line for line in lines if line[-1:] == b"\n"]
