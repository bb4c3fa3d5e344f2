"""Nothing in, what a figure was measured on out: commit, machine, versions."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.workers import ROOT

_PACKAGES = ("numpy", "openvino", "onnxruntime", "pillow", "simplejpeg", "opencv-python-headless")
# What the networks' arithmetic, and so their speed, depends on.
_FLAGS = ("avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_bf16", "amx_int8", "asimd")


def commit() -> dict[str, Any]:
    """The commit that is checked out, and the changed files that are not in it."""
    changed = [line[3:] for line in _git("status", "--porcelain").splitlines()]
    return {"commit": _git("rev-parse", "HEAD").strip(), "changed_files": changed}


def machine() -> dict[str, Any]:
    """Processor, cores this process may use, memory, system and versions."""
    about_cpu = _text("/proc/cpuinfo")
    flags = set((_first(r"^(?:flags|Features)\s*:\s*(.*)$", about_cpu)).split())
    memory_kib = int(_first(r"^MemTotal:\s*(\d+)", _text("/proc/meminfo")) or 0)
    return {
        "cpu": _first(r"^model name\s*:\s*(.*)$", about_cpu) or platform.machine(),
        "cpu_family_model": [
            _first(rf"^{name}\s*:\s*(.*)$", about_cpu) for name in ("cpu family", "model", "stepping")
        ],
        "cores": len(os.sched_getaffinity(0)),
        "flags": [flag for flag in _FLAGS if flag in flags],
        "memory_gib": round(memory_kib / 2**20, 1),
        "system": _first(r'^PRETTY_NAME="(.*)"$', _text("/etc/os-release")) or platform.platform(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def load() -> float:
    """Processes that wanted to run in the last minute, on average: more than ours means noise."""
    return round(os.getloadavg()[0], 2)


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout


def _text(path: str) -> str:
    place = Path(path)
    return place.read_text(encoding="utf-8", errors="replace") if place.exists() else ""


def _first(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else ""


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
