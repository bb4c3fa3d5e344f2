"""An evaluation pack in, the photos that speed is measured on out."""

from __future__ import annotations

import random
from pathlib import Path

_LARGE_PIXELS = 8_000_000


def wider(pack: Path) -> list[str]:
    """The photos of the WIDER part: about 1024 px wide, several people, often small."""
    return _sorted(pack / "wider" / "images")


def lfw_sample(pack: Path, count: int, seed: int = 20) -> list[str]:
    """Some of the 250 px press photos of the LFW part, always the same ones."""
    everything = _sorted(pack / "lfw" / "images")
    return sorted(random.Random(seed).sample(everything, min(count, len(everything))))


def large(pack: Path, folder: Path, every: int = 5) -> list[str]:
    """Photos of 8 million pixels, as phones take them.

    The pack has none, so these are made here: every fifth WIDER photo and the group photos of dlib, enlarged
    by Lanczos to that many pixels in their own proportions, JPEG of quality 90. They cost what such photos
    cost to read and search, though they show no more detail than the small ones did.

    Args:
        pack: The evaluation pack.
        folder: Where to put them.
        every: Take each so manieth WIDER photo.
    """
    from PIL import Image

    made = []
    for source in (*wider(pack)[::every], *_sorted(pack / "dlib_boxes")):
        with Image.open(source) as photo:
            scale = (_LARGE_PIXELS / (photo.width * photo.height)) ** 0.5
            width, height = (int(side * scale) + 1 for side in photo.size)
            place = folder / f"{Path(source).stem}.jpg"
            photo.convert("RGB").resize((width, height), Image.Resampling.LANCZOS).save(place, quality=90)
        made.append(str(place))
    return made


def _sorted(folder: Path) -> list[str]:
    return sorted(str(file) for file in folder.rglob("*.jpg"))
