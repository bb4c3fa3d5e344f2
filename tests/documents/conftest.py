"""A folder with the photos that the examples name, on which is nobody but one astronaut and drawn faces.

On the pages about ledgers, the account that runs them has one with eight entries.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from data import photos
from data.recordings import record
from documents.pages import blocks
from onnx import TensorProto, helper, numpy_helper
from PIL import Image, ImageEnhance, ImageOps

from faceward.adapters.drawing.synthetic import drawn_photo

RECORDED = {"docs/how-to/verify-a-ledger.md", "docs/how-to/run-a-witness.md"}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory) -> Path:
    """A cache of prepared graphs for all examples: preparing them anew for each would take minutes."""
    return tmp_path_factory.mktemp("documents") / "cache"


@pytest.fixture
def desk(request, tmp_path, prepared) -> Iterator[tuple[Path, dict[str, str]]]:
    """The folder in which a page's examples run, and their environment; a server of theirs ends with them."""
    folder, home = tmp_path / "desk", tmp_path / "home"
    for place in (folder, home):
        place.mkdir()
    if request.node.callspec.params.get("page") in RECORDED:
        record(3, state_dir=str(home / ".local" / "state" / "faceward"))
    _photos(folder)
    _embedder(folder)
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("FACEWARD_", "XDG_", "PYTHON", "COV"))
    }
    environment |= {
        "HOME": str(home),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "FACEWARD_CACHE_DIR": str(prepared),
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "error",
        "COLUMNS": "120",
        "FACEWARD_PORT": str(_free_port()),
    }
    yield folder, environment
    _stop(folder / "server.pid")


def _free_port() -> int:
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return int(it.getsockname()[1])


def _stop(note: Path) -> None:
    """End the process whose number a page wrote down, where the page did not."""
    if note.exists():
        with suppress(ProcessLookupError):
            os.kill(int(note.read_text(encoding="utf-8")), signal.SIGTERM)


def _photos(folder: Path) -> None:
    portrait = photos.portrait()
    portrait.save(folder / "photo.jpg", quality=95)
    other = ImageOps.mirror(portrait.crop((90, 0, 420, 400)))
    ImageEnhance.Brightness(other).enhance(0.85).save(folder / "other.jpg", quality=85)
    ImageEnhance.Brightness(portrait).enhance(0.07).save(folder / "dark.jpg", quality=95)
    photos.several(3).save(folder / "group.jpg", quality=95)
    photos.nobody().save(folder / "nobody.png")
    stored, exif = photos.sideways(portrait)
    stored.save(folder / "sideways.jpg", exif=exif, quality=95)
    (folder / "stranger.jpg").write_bytes(drawn_photo(600))
    (folder / "notes.jpg").write_text("This is not a photo, whatever its name says.\n", encoding="utf-8")
    for person, names in (("ann", ("photo.jpg", "other.jpg")), ("bob", ())):
        (folder / "people" / person).mkdir(parents=True)
        for name in names:
            (folder / "people" / person / name).write_bytes((folder / name).read_bytes())
    (folder / "people" / "bob" / "1.jpg").write_bytes((folder / "stranger.jpg").read_bytes())
    with Image.open(io.BytesIO(drawn_photo(600))) as drawn:
        drawn.resize((400, 400)).save(folder / "people" / "bob" / "2.jpg")
    (folder / "mixed").mkdir()
    (folder / "mixed" / "a.jpg").write_bytes((folder / "photo.jpg").read_bytes())
    (folder / "mixed" / "b.jpg").write_bytes((folder / "notes.jpg").read_bytes())


def _embedder(folder: Path) -> None:
    """A small network that the page about models of one's own can add, and that page's manifest for it."""
    manifest = next(
        json.loads(block.text)
        for block in blocks("docs/how-to/add-a-model.md")
        if block.language == "json" and "manifest" in block.info.split()
    )
    length, side = manifest["output"]["length"], manifest["input"]["height"]
    weights = np.random.default_rng(0)
    constants = {
        "w": weights.normal(0, 0.1, (8, 3, 16, 16)),
        "v": weights.normal(0, 0.1, (length, 8 * (side // 16) ** 2)),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["data", "w"], ["c"], strides=[16, 16]),
            helper.make_node("Flatten", ["c"], ["f"]),
            helper.make_node("Gemm", ["f", "v"], ["out"], transB=1),
        ],
        "example",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, ["n", 3, side, side])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["n", length])],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, str(folder / "example.onnx"))
    manifest["sha256"] = hashlib.sha256((folder / "example.onnx").read_bytes()).hexdigest()
    (folder / "example.json").write_text(json.dumps(manifest), encoding="utf-8")
