"""Adapters of the witness port: where a witness keeps what it saw."""

from __future__ import annotations

from faceward.adapters.witness.folder import FolderWitness

__all__ = ["FolderWitness"]
