"""Opening photos for days takes no more memory than opening a few."""

from __future__ import annotations

import subprocess
import sys

import pytest
from data.images import encoded, picture, samples
from sizes import size

_ALLOWED_GROWTH = 5_000_000

_OPEN_MANY = r"""
import re, sys
from pathlib import Path
import numpy as np
from faceward.adapters.codec import PhotoCodec
from faceward.errors import InputError

def resident():
    return 1024 * int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text()).group(1))

codec, files = PhotoCodec(), [file.read_bytes() for file in sorted(Path(sys.argv[1]).iterdir())]
place = np.array([[1, 0, 3], [0, 1, 5]], np.float32)

def open_all(rounds):
    for number in range(rounds):
        data = files[number % len(files)]
        try:
            raster = codec.open(data if number % 5 else data[: len(data) // 2]).raster(80)
            raster.shrunk(2).resized(50, 50).pixels()
            raster.sampled(place, 112, 112)
        except InputError:
            pass

open_all(int(sys.argv[2]))
before = resident()
open_all(int(sys.argv[3]))
print(resident() - before)
"""


@pytest.mark.whole_size
def test_memory_stays_flat_over_many_photos_good_and_bad(tmp_path):
    """All formats in turn, every fifth file cut in half: within 5 MB after the first round."""
    for name, data in {**samples(), "large": encoded(picture(1600, 1200), "JPEG")}.items():
        (tmp_path / name).write_bytes(data)
    warm, rounds = 500, size(20_000)
    command = [sys.executable, "-c", _OPEN_MANY, str(tmp_path), str(warm), str(rounds)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    assert abs(int(done.stdout)) <= _ALLOWED_GROWTH
