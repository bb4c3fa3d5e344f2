"""Paths of key files in, their contents out; a private key that others can read is not used."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from faceward.cli.exits import AboutFile
from faceward.cli.files import read
from faceward.errors import ConflictError


def public_key(path: str) -> bytes:
    """Read the public half of a key.

    Raises:
        AboutFile: It cannot be read.
    """
    return read(path)


def private_key(path: str) -> bytes:
    """Read the private half of a key.

    Raises:
        AboutFile: It cannot be read, or others can read it too.
    """
    content = read(path)
    if hasattr(os, "geteuid") and stat.S_IMODE(Path(path).stat().st_mode) & 0o077:
        raise AboutFile(
            path,
            ConflictError(
                "Others can read this private key, so it is no secret.",
                remedy="Run `chmod 600` on it if nobody has read it yet, or else make a new one.",
            ),
        )
    return content
