"""OpenVINO says nothing to anybody, writes nothing, and compiles for a shape without changing an answer."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from faceward.adapters.model_source.cache import GraphCache
from faceward.adapters.model_source.source import CatalogueModelSource
from faceward.adapters.runtime.openvino import OpenVinoRuntime
from faceward.catalogue.bundles import shipped
from faceward.ports.runtime import Placement

_QUIET = """
import os, sys
home = os.path.realpath(os.environ["HOME"])
seen = []
def hook(event, arguments):
    if event.startswith("socket.") or event in ("subprocess.Popen", "os.system", "os.posix_spawn", "os.fork"):
        seen.append((event, str(arguments)[:200]))
    elif event in ("os.mkdir", "os.rename", "os.remove"):
        seen.append((event, str(arguments)[:200]))
    elif event == "open":
        path, mode, flags = arguments
        writes = (flags or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and isinstance(path, str) and os.path.realpath(path).startswith(home):
            seen.append((event, path))
sys.addaudithook(hook)
import numpy as np
from faceward.adapters.model_source.cache import GraphCache
from faceward.adapters.model_source.source import CatalogueModelSource
from faceward.adapters.runtime.openvino import OpenVinoRuntime
from faceward.catalogue.bundles import shipped
from faceward.ports.runtime import Placement
runtime = OpenVinoRuntime()
graph = CatalogueModelSource(shipped(), GraphCache(None)).prepared("yunet-2023mar")
network = runtime.load(graph, Placement())
network.run(np.zeros((1, 64, 64, 3), np.uint8))
if sys.argv[1] == "everything":
    import openvino.tools.ovc
import threading
print("threads", [thread.name for thread in threading.enumerate()])
print("seen", seen)
print("modules", [name for name in ("openvino_telemetry", "openvino.tools.ovc") if sys.modules.get(name)])
"""


@pytest.mark.parametrize("how", ["ours", "everything"])
def test_openvino_reports_nothing_and_writes_nothing_at_home(tmp_path, how):
    """No socket, no thread that sends, no identifier on disk; also if the converter is imported later."""
    environment = {k: v for k, v in os.environ.items() if k not in {"CI", "TF_BUILD", "JENKINS_URL"}}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _QUIET, how],
        env=environment | {"HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    lines = run.stdout.splitlines()
    modules = [] if how == "ours" else ["openvino.tools.ovc"]
    assert lines == ["threads ['MainThread']", "seen []", f"modules {modules}"]
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def graph():
    return CatalogueModelSource(shipped(), GraphCache(None)).prepared("yunet-2023mar")


@pytest.mark.parametrize("precision", OpenVinoRuntime().precisions("cpu"))
def test_compiling_for_a_shape_changes_no_answer(graph, precision):
    """But for the last bit of a score: the same photo gives the same faces whatever came before it."""
    general = OpenVinoRuntime(settled_after=99).load(graph, Placement(precision=precision))
    settled = OpenVinoRuntime(settled_after=0).load(graph, Placement(precision=precision))
    rng = np.random.default_rng(3)
    for shape in ((1, 64, 96, 3), (2, 128, 128, 3), (1, 192, 256, 3)):
        images = rng.integers(0, 256, shape, dtype=np.uint8)
        wanted = general.run(images)
        for name, values in settled.run(images).items():
            np.testing.assert_allclose(values, wanted[name], rtol=0, atol=1e-6)


def test_ever_new_shapes_do_not_fill_memory(graph):
    """Only so many are compiled for; the others run all the same."""
    network = OpenVinoRuntime(settled_after=0).load(graph, Placement())
    for side in range(1, 24):
        images = np.zeros((1, 32, 32 * side, 3), np.uint8)
        assert network.run(images)["cells"].shape == (1, 21 * side, 16)
