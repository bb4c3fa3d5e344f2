"""A process that holds keys leaves nothing of its memory behind when it crashes."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

PROGRAM = """
import ctypes, resource, os, sys
from faceward.adapters.core_dumps import no_core_dumps
soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
dumpable = lambda: ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
before = dumpable()
done = no_core_dumps() if sys.argv[1] == "off" else None
print(before, done, dumpable(), *resource.getrlimit(resource.RLIMIT_CORE), flush=True)
if sys.argv[2] == "crash":
    os.kill(os.getpid(), 6)
"""


def said(tmp_path, *words):
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )


def test_neither_a_dump_nor_a_reader_gets_the_memory(tmp_path):
    done = said(tmp_path, "off", "end")
    assert done.stdout.split() == ["1", "True", "0", "0", "0"], done.stderr


def test_a_crash_leaves_no_file(tmp_path):
    done = said(tmp_path, "off", "crash")
    assert done.returncode == -6
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_does_not_ask_can_be_dumped(tmp_path):
    """Or the test above would show nothing."""
    assert said(tmp_path, "on", "end").stdout.split()[2] == "1"
