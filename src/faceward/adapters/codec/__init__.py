"""Photos in any listed format in, upright rasters out: the one codec faceward ships."""

from __future__ import annotations

from faceward.adapters.codec.photos import PhotoCodec

__all__ = ["PhotoCodec"]
