"""Nothing in, a program that a stranger can run out: the verifier in one file, the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from importlib.resources import files
from importlib.resources.abc import Traversable

_START = "import sys\n\nfrom faceward.transparency.__main__ import main\n\nsys.exit(main())\n"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The date of every file inside, the first that ZIP has: the bytes depend on nothing but the source."""


def verifier() -> bytes:
    """The verifier as a zipapp: Python 3.11 or newer and the package cryptography run it."""
    package = files("faceward")
    sources = {f"faceward/{name}": package / name for name in ("__init__.py", "errors.py")}
    for it in _modules(package / "transparency"):
        sources[f"faceward/transparency/{it.name}"] = it
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        _add(archive, "__main__.py", _START.encode())
        for name in sorted(sources):
            _add(archive, name, sources[name].read_bytes())
    return b"#!/usr/bin/env python3\n" + content.getvalue()


def _modules(folder: Traversable) -> list[Traversable]:
    return [it for it in folder.iterdir() if it.name.endswith(".py")]


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_STORED)
