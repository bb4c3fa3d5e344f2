"""A manifest in, the bytes of the model file that an installed package brings out."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from faceward.catalogue.manifest import Manifest, PackageFile
from faceward.errors import ModelRefused


def find(file: PackageFile) -> Path:
    """Where the file should be. The package is located, not imported: none of its code runs.

    Raises:
        ModelRefused: The package is not installed.
    """
    try:
        spec = find_spec(file.package)
    except (ImportError, ValueError):
        spec = None
    if spec is None or not spec.submodule_search_locations:
        raise ModelRefused(
            f"The package {file.package} that brings {file.file} is not installed.",
            remedy=f"Run `pip install {file.package}=={file.version}`.",
        )
    return Path(spec.submodule_search_locations[0], *file.file.split("/"))


def read_checked(path: Path, manifest: Manifest, remedy: str, max_bytes: int) -> bytes:
    """Read a model file and hold it against the digest of its manifest.

    Raises:
        ModelRefused: It cannot be read, is larger than ``max_bytes``, or has another digest.
    """
    try:
        with path.open("rb") as stream:
            source = stream.read(max_bytes + 1)
    except OSError as error:
        raise ModelRefused(
            f"The file of {manifest.identifier} cannot be read ({error.strerror}).", remedy=remedy
        ) from None
    if len(source) > max_bytes:
        raise ModelRefused(
            f"The file of {manifest.identifier} is larger than {max_bytes >> 20} MiB.", remedy=remedy
        )
    digest = hashlib.sha256(source).hexdigest()
    if digest != manifest.sha256:
        raise ModelRefused(
            f"The file of {manifest.identifier} has digest {digest[:12]}…, "
            f"its manifest says {manifest.sha256[:12]}….",
            remedy=remedy,
        )
    return source
