"""No file makes the codec take more memory than 4 bytes for each allowed pixel."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from data.images import (
    Bomb,
    bombs,
    charged,
    charged_heic,
    heic_bombs,
    heic_samples,
    largest,
    samples,
)
from sizes import is_whole, size

from faceward.adapters.codec import PhotoCodec
from faceward.ports.codec import ImageLimits

_HAS_HEIC = importlib.util.find_spec("pillow_heif") is not None
_SMALL_SIDE = 2048
_DEFAULT_SIDE = 8000
_BYTES_A_PIXEL = 4

_OPEN_ONE_FILE = r"""
import json, re, sys
from pathlib import Path
import numpy as np
from faceward.adapters.codec import PhotoCodec
from faceward.errors import InputError
from faceward.ports.codec import ImageLimits

def resident(name):
    return 1024 * int(re.search(name + r":\s+(\d+)", Path("/proc/self/status").read_text()).group(1))

path, warm, max_pixels = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
codec, limits = PhotoCodec(), ImageLimits(max_pixels=max_pixels)
small = np.array([[1, 0, 3], [0, 1, 5]], np.float32)
for file in sorted(warm.iterdir()):  # The libraries themselves are not what is measured.
    codec.open(file, limits).raster().sampled(small, 112, 112)
Path("/proc/self/clear_refs").write_text("5")  # Sets the peak back to what is resident now.
before = resident("VmRSS")
try:
    raster = codec.open(path, limits).raster()
    raster.sampled(small, 112, 112)
    raster.shrunk(8).pixels()
    result = "opened"
except InputError as error:
    result = type(error).__name__
print(json.dumps({"result": result, "growth": resident("VmHWM") - before}))
"""


def _measure(bomb: Bomb, folder: Path, max_pixels: int) -> dict[str, object]:
    warm = folder / "warm"
    warm.mkdir()
    for name, data in {**samples(), **(heic_samples() if _HAS_HEIC else {})}.items():
        (warm / name).write_bytes(data)
    path = folder / "bomb"
    path.write_bytes(bomb.make())
    command = [sys.executable, "-W", "error", "-c", _OPEN_ONE_FILE, str(path), str(warm), str(max_pixels)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _hostile(max_side: int) -> list[Bomb]:
    return [*bombs(max_side), *(heic_bombs(max_side) if _HAS_HEIC else ())]


def _check(bomb: Bomb, folder: Path, max_side: int) -> None:
    measured = _measure(bomb, folder, max_side**2)
    assert (measured["result"] == "opened") == bomb.opens, measured
    assert measured["growth"] <= _BYTES_A_PIXEL * max_side**2, measured


@pytest.mark.whole_size
@pytest.mark.parametrize("bomb", _hostile(_SMALL_SIDE), ids=lambda bomb: bomb.name)
def test_a_hostile_file_stays_within_small_limits(bomb: Bomb, tmp_path: Path):
    """Refused, or decoded without what it was made for, in 4 bytes for each of 4 million pixels."""
    _check(bomb, tmp_path, _SMALL_SIDE)


@pytest.mark.whole_size
@pytest.mark.parametrize("bomb", list(largest(_SMALL_SIDE)), ids=lambda bomb: bomb.name)
def test_the_largest_allowed_photo_stays_within_small_limits(bomb: Bomb, tmp_path: Path):
    """A photo of exactly the allowed pixels opens, and all copies together take 4 bytes a pixel."""
    _check(bomb, tmp_path, _SMALL_SIDE)


@pytest.mark.whole_size
def test_the_largest_allowed_png_stays_within_the_default_limits(tmp_path: Path):
    """The most wasteful of the formats that may reach the limit, at the limit users have."""
    assert ImageLimits().max_pixels == _DEFAULT_SIDE**2
    for bomb in largest(_DEFAULT_SIDE):
        if bomb.name == "PNG RGBA":
            _check(bomb, tmp_path, _DEFAULT_SIDE)


_CHARGED_SIDE = 1500
_NOISE = 1_000_000
"""Pages that the process touches for other reasons; a seventh of a byte for each pixel of these photos."""
_CHARGED = {**charged(_CHARGED_SIDE), **(charged_heic(_CHARGED_SIDE) if _HAS_HEIC else {})}
_FEW = sorted(_CHARGED)[:: max(1, len(_CHARGED) // size(20 * 6))]


@pytest.mark.whole_size
@pytest.mark.parametrize("name", sorted(_CHARGED) if is_whole() else _FEW)
def test_a_photo_is_charged_at_least_what_its_decoding_takes(name: str, tmp_path: Path):
    """The charge is what a photo is refused by, so it must not be lower than the truth, either way."""
    data = _CHARGED[name]()
    header = PhotoCodec().open(data, ImageLimits(max_pixels=10**9)).header  # type: ignore[attr-defined]
    for way, charge in (("fast", header.decode_bytes), ("frugal", header.frugal_bytes)):
        max_pixels = -(-(charge or 0) // _BYTES_A_PIXEL)
        if max_pixels < _CHARGED_SIDE**2 or (way == "frugal" and charge >= header.decode_bytes):
            continue  # There is no frugal way, or the pixels themselves would be refused first.
        folder = tmp_path / way
        folder.mkdir()
        measured = _measure(Bomb(name, lambda: data, opens=True), folder, max_pixels)
        assert measured["growth"] - len(data) <= charge + _NOISE, measured


if is_whole():

    @pytest.mark.whole_size
    @pytest.mark.parametrize(
        "bomb", [*_hostile(_DEFAULT_SIDE), *largest(_DEFAULT_SIDE)], ids=lambda bomb: bomb.name
    )
    def test_every_file_stays_within_the_default_limits(bomb: Bomb, tmp_path: Path):
        """The whole corpus again at the limits users have."""
        _check(bomb, tmp_path, _DEFAULT_SIDE)
