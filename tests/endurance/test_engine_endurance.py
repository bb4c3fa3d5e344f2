"""One engine for days, for many threads at once, and for processes that start together."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from data.images import encoded
from PIL import Image, ImageOps
from sizes import size

from faceward import Engine, wiring

_ALLOWED_GROWTH = 5_000_000
_WARM_UP = 450
"""Photos before memory is watched: each shape that the detector is shown is compiled for at its 65th."""

_CONNECT = r"""
import json, re, sys
from pathlib import Path
import numpy as np
from faceward import wiring
from faceward.errors import NoFaceFound
from faceward.settings import Settings

def connected(cache):
    return wiring.connect(Settings(precision="f32", streams=1, cache_dir=cache, models_dir=cache)).recogniser
"""

_LOOK_AT_MANY = (
    _CONNECT
    + r"""
def resident():
    return 1024 * int(re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text()).group(1))

folder, cache, warm_up, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
files = [file.read_bytes() for file in sorted(folder.iterdir())]
pixels = np.load(sys.argv[5])
recogniser = connected(cache)
random = np.random.default_rng(20)
templates = 0

def look_at(count):
    global templates
    for number in range(count):
        top, left = random.integers(0, 40, 2)
        photo = files[number // 2 % len(files)] if number % 2 else pixels[top:, left:]
        try:
            recogniser.portrait(recogniser.open(photo))
            templates += 1
        except NoFaceFound:
            pass

look_at(warm_up)
templates, seen = 0, []
for _ in range(40):
    look_at(rounds // 40)
    seen.append(resident())
print(json.dumps({"resident": seen, "templates": templates}))
"""
)

_START = (
    _CONNECT
    + r"""
print("ready", flush=True)
sys.stdin.readline()
recogniser = connected(sys.argv[1])
features = recogniser.portrait(recogniser.open(sys.argv[2])).template.features
print(json.dumps(features.tolist()))
"""
)


@pytest.fixture(scope="module")
def crops(astronaut) -> list[np.ndarray]:
    """Photos of several sizes, each with the face in a place of its own."""
    sides = [(0, 0, 512, 512), (60, 0, 470, 400), (100, 20, 420, 300), (20, 10, 400, 512), (130, 0, 380, 250)]
    cut = [Image.fromarray(astronaut).crop(side) for side in sides]
    shrunk = [photo.resize((photo.width * 2 // 3, photo.height * 2 // 3)) for photo in cut]
    return [np.asarray(photo) for one in (*cut, *shrunk) for photo in (one, ImageOps.mirror(one))]


@pytest.mark.whole_size
def test_memory_stays_flat_over_many_photos_through_one_engine(
    crops, astronaut, settings, tmp_path, record_property
):
    """Photos of all formats and ever new sizes: the line through the memory held rises by 5 MB at most."""
    photos = tmp_path / "photos"
    photos.mkdir()
    for number, (crop, kind) in enumerate(
        zip(crops, ("JPEG", "PNG", "WEBP", "BMP", "TIFF") * 4, strict=True)
    ):
        (photos / f"{number:02}").write_bytes(encoded(Image.fromarray(crop), kind))
    (photos / "empty").write_bytes(encoded(Image.new("RGB", (48, 48), (90, 120, 40)), "PNG"))
    np.save(tmp_path / "pixels.npy", astronaut[:300, 100:400])
    rounds = size(20_000)
    said = _run(
        _LOOK_AT_MANY, photos, settings.cache_dir, _WARM_UP, rounds, tmp_path / "pixels.npy", timeout=3600
    )
    measured = json.loads(said)
    resident = np.array(measured["resident"], np.float64)
    rise = float(np.polyfit(np.linspace(0, 1, len(resident)), resident, 1)[0])
    record_property("photos", rounds)
    record_property("rise_bytes", round(rise))
    record_property("resident_bytes", round(resident[-1]))
    assert measured["templates"] >= rounds * 0.9
    assert abs(rise) <= _ALLOWED_GROWTH


@pytest.mark.whole_size
def test_eight_threads_sharing_an_engine_get_the_answers_of_one(crops, settings, record_property):
    """Every answer is that of its own photo, also while the networks are being compiled for new shapes."""
    connected = wiring.connect(settings)
    engine, recogniser = Engine(settings), connected.recogniser

    def answers(number: int) -> tuple[np.ndarray, np.ndarray]:
        crop = crops[number % len(crops)]
        face = engine.detect(crop, "largest").faces[0].face
        return np.array(face.box_xyxy), recogniser.portrait(recogniser.open(crop)).template.features

    alone = [answers(number) for number in range(len(crops))]
    places = np.stack([box for box, _ in alone])
    apart = np.abs(places[:, None] - places[None]).max(axis=2)[~np.eye(len(crops), dtype=bool)]
    assert apart.min() > 1.0, "photos must differ for a mix-up to be noticed"
    rounds = size(4_000)
    with ThreadPoolExecutor(8) as pool:
        shared = list(pool.map(answers, range(rounds)))
    record_property("answers", rounds)
    for number, (box, features) in enumerate(shared):
        expected_box, expected_features = alone[number % len(crops)]
        np.testing.assert_allclose(box, expected_box, atol=0.05)
        assert float(features @ expected_features) > 0.9999


@pytest.mark.whole_size
def test_two_processes_may_start_at_once_on_an_empty_cache(astronaut, tmp_path, record_property):
    """Both answer alike, and what they leave in the cache is whole: the next process changes nothing."""
    photo = tmp_path / "photo.png"
    Image.fromarray(astronaut).save(photo)
    rounds = size(20)
    for number in range(rounds):
        cache = tmp_path / f"cache{number}"
        started = [_started(cache, photo) for _ in range(2)]
        for process in started:
            assert process.stdout.readline() == "ready\n"
        for process in started:
            process.stdin.write("go\n")
            process.stdin.flush()
        first, second = (json.loads(process.communicate(timeout=120)[0]) for process in started)
        kept = _kept(cache)
        third = json.loads(_started(cache, photo).communicate("go\n", timeout=120)[0].splitlines()[1])
        assert first == second == third
        assert kept == _kept(cache)
        assert len(kept) == 2, "one graph for each network, and nothing left over"
    record_property("starts", 2 * rounds)


def _run(script: str, *arguments: object, timeout: float) -> str:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True).stdout


def _started(cache: Path, photo: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _START, str(cache), str(photo)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _kept(cache: Path) -> dict[str, tuple[int, int]]:
    """Every file of a cache with its size and when it was written."""
    return {
        str(file.relative_to(cache)): (file.stat().st_size, file.stat().st_mtime_ns)
        for file in cache.rglob("*")
        if file.is_file()
    }
