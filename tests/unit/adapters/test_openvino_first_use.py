"""The first runs of a process, in several threads at once."""

from __future__ import annotations

import subprocess
import sys

# A thread switch after every few instructions makes the moment that once hung likely: 21 times in 30.
_PROGRAM = """
import sys, threading
from faceward.adapters.runtime.openvino import OpenVinoRuntime
sys.setswitchinterval(1e-6)
barrier = threading.Barrier(4)
def first():
    barrier.wait()
    OpenVinoRuntime().version
    sys.modules["openvino"].Type.f32.to_dtype()
threads = [threading.Thread(target=first, daemon=True) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join(20)
sys.exit(any(thread.is_alive() for thread in threads))
"""


def test_threads_that_come_first_together_do_not_wait_for_ever():
    """OpenVINO's bindings can lock up for good where two threads look at a type first; ours go in turn."""
    for _ in range(4):
        assert subprocess.run([sys.executable, "-c", _PROGRAM], timeout=60, check=False).returncode == 0
