"""Two photos in, how long a fresh process takes to import faceward, and to compare them, out."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.workers import ROOT

HEAVY = ("openvino", "onnxruntime", "PIL", "cv2", "onnx")

_IMPORT = f"import faceward, sys; print(*[name for name in {HEAVY} if name in sys.modules])"
_COMPARE = "import sys; from faceward import Engine; print(Engine().compare(*sys.argv[1:]).decision)"


@dataclass(frozen=True, slots=True)
class ColdStart:
    """Fresh processes, from their start to their end; medians.

    Attributes:
        bare_seconds: Python that does nothing.
        import_seconds: Python that imports faceward.
        loaded: Heavy modules that the import loaded.
        comparison_seconds: Python that compares two photos; ``None`` where it failed.
        failure: Why it failed.
    """

    bare_seconds: float
    import_seconds: float
    loaded: tuple[str, ...]
    comparison_seconds: float | None
    failure: str


def cold_start(probe: Path, reference: Path, times: int = 10) -> ColdStart:
    """Measure; one comparison before the first fills the cache of prepared graphs."""
    _timed("-c", _COMPARE, str(probe), str(reference))
    bare, imports, comparisons, loaded, failure = [], [], [], "", ""
    for _ in range(times):
        bare.append(_timed("-c", "")[0])
        seconds, loaded, _ = _timed("-c", _IMPORT)
        imports.append(seconds)
        seconds, _, failure = _timed("-c", _COMPARE, str(probe), str(reference))
        comparisons.append(seconds)
    return ColdStart(
        median(bare),
        median(imports),
        tuple(loaded.split()),
        None if failure else median(comparisons),
        failure,
    )


def _timed(*arguments: str) -> tuple[float, str, str]:
    """Seconds, what was printed, and the last line of a failure."""
    command: Sequence[str] = (sys.executable, *arguments)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    return seconds, done.stdout, done.stderr.strip().splitlines()[-1] if done.returncode else ""
