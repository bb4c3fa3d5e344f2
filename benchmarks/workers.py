"""Questions in, answers of another process out: the other end of `benchmarks.contenders.serving`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OURS = Path(sys.executable)

# One thread each: a library that starts more would be measured on cores it was not given.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class Worker:
    """A process that answers questions, pinned to cores from its first instruction on."""

    def __init__(self, module: str, cores: Sequence[int], *arguments: object, python: Path = OURS) -> None:
        """Start ``python -m benchmarks.contenders.<module> CORES ARGUMENTS…``."""
        self.cores = tuple(cores)
        command = [str(python), "-W", "ignore", "-m", f"benchmarks.contenders.{module}"]
        self._process = subprocess.Popen(
            [*command, ",".join(map(str, cores)), *map(str, arguments)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **_ONE_THREAD, "OPENCV_LOG_LEVEL": "ERROR"},
        )

    def tell(self, do: str, **arguments: object) -> None:
        """Ask something; the answer is to be heard later."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Wait for the answer.

        Raises:
            RuntimeError: The process ended; it has said why on standard error.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, do: str, **arguments: object) -> dict[str, Any]:
        """Ask something and wait for the answer."""
        self.tell(do, **arguments)
        return self.hear()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Leaves the pipe, and with it the process, closed.
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
