"""Turned templates in, the references nearest to a probe out."""

from __future__ import annotations

from faceward.adapters.vector_index.exact import ExactIndex

__all__ = ["ExactIndex"]
