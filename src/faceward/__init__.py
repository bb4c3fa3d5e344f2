"""faceward: face recognition that refuses what its charter forbids. The public names and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faceward.core.values import Face
    from faceward.library import Comparison, Detection, Engine

__version__ = "0.1.0"
__all__ = ["Comparison", "Detection", "Engine", "Face", "__version__"]

_HOMES = {
    "Comparison": "faceward.library",
    "Detection": "faceward.library",
    "Engine": "faceward.library",
    "Face": "faceward.core.values",
}


def __getattr__(name: str) -> object:
    """Load a public name when it is first used, so that ``import faceward`` stays light."""
    if name not in _HOMES:
        raise AttributeError(f"module 'faceward' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
