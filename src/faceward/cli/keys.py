"""Paths of key files in, their contents out; a private key that others can read is not used."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from faceward.cli.exits import AboutFile, about
from faceward.cli.files import read, write
from faceward.errors import ConflictError, InvalidValue
from faceward.transparency import signatures
from faceward.transparency.signatures import SigningKey

_ED25519 = "ed25519"


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


def signing_key(path: str | Path) -> SigningKey:
    """Read the private key that somebody signs governance documents with.

    Raises:
        AboutFile: It cannot be read, others can read it too, or it is no such key.
    """
    content = private_key(str(path))
    with about(path):
        return signatures.loaded(Path(path).stem, signatures.from_pem(content))


def verifying_key(path: str) -> str:
    """Read the public half of such a key, 64 hexadecimal digits.

    Raises:
        AboutFile: It cannot be read, or is no such key.
    """
    words = public_key(path).decode("ascii", "replace").split()
    if len(words) != 2 or words[0] != _ED25519 or not re.fullmatch("[0-9a-f]{64}", words[1]):
        raise AboutFile(
            path,
            InvalidValue(
                "This is no public key for signing documents.",
                remedy="Give the .pub file that `faceward charter key new` wrote.",
            ),
        )
    return words[1]


def new_signing_key(stem: Path) -> tuple[Path, Path, str]:
    """Write a key pair to sign governance documents with; a key is never replaced.

    Args:
        stem: Path of the two files without their ending.

    Returns:
        The private file, the public file, and the public key in hexadecimal digits.

    Raises:
        AboutFile: A file is there already, or cannot be written.
    """
    private, public = stem.with_name(f"{stem.name}.key"), stem.with_name(f"{stem.name}.pub")
    for path in (private, public):
        if path.exists():
            raise AboutFile(path, InvalidValue("There is a key already.", remedy="Give another name."))
    seed = signatures.new_seed()
    half = signatures.loaded(stem.name, seed).public.hex()
    write(private, signatures.as_pem(seed), replace=False, private=True)
    write(public, f"{_ED25519} {half}\n".encode(), replace=False, private=False)
    return private, public, half
