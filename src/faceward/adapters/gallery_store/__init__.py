"""People and their closed templates in, and out again as they are now: SQLite or PostgreSQL, one way."""

from __future__ import annotations

from faceward.adapters.gallery_store.store import SqlGalleryStore

__all__ = ["SqlGalleryStore"]
