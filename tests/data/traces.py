"""A folder and what must not be in it in, the files that still hold some of it out."""

from __future__ import annotations

import binascii
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

_PIECE = 1 << 22
_SHORTEST = 12


def traces(folder: Path, sought: Mapping[str, bytes]) -> list[str]:
    """Search every byte of every file below a folder, whatever its name.

    Args:
        folder: For example the whole state of an installation.
        sought: What must not be there, under names for the report; each at least 12 bytes long, for fewer are
            met by chance.

    Returns:
        ``file: name`` for each that a file holds: as it is, or as hexadecimal digits in either case, or as
        Base64 wherever it begins in it. In order; empty means that nothing is left.
    """
    forms = {name: tuple(_forms(content)) for name, content in sought.items()}
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            held = _held(path, forms)
            found += [f"{path.relative_to(folder)}: {name}" for name in forms if name in held]
    return found


def of_template(features: npt.NDArray[np.float32]) -> dict[str, bytes]:
    """What a template may look like: 8 numbers from its middle in each form a store or an index keeps."""
    middle = features[len(features) // 2 :][:8]
    return {kind: middle.astype(kind).tobytes() for kind in ("<f4", ">f4", "<f2", "<f8")}


def stretches(content: bytes, length: int = 24) -> dict[str, bytes]:
    """Pieces of something long, for a file may hold a part of it alone."""
    return {f"bytes {at}": content[at : at + length] for at in range(0, len(content) - length + 1, length)}


def _forms(content: bytes) -> Iterable[bytes]:
    if len(content) < _SHORTEST:
        raise ValueError("So few bytes are met by chance.")
    yield content
    yield content.hex().encode()
    yield content.hex().upper().encode()
    for shift in range(3):
        encoded = binascii.b2a_base64(bytes(shift) + content, newline=False)
        # The first and last digits depend on what stands beside it.
        inner = encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


def _held(path: Path, forms: Mapping[str, tuple[bytes, ...]]) -> set[str]:
    overlap = max((len(form) for all_of in forms.values() for form in all_of), default=1) - 1
    held: set[str] = set()
    before = b""
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            window = before + piece
            held |= {name for name, all_of in forms.items() if any(form in window for form in all_of)}
            before = window[-overlap:]
    return held
