"""An evaluation pack in, the photos that speed is measured on out."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from benchmarks.pack import Pack

_LFW_PHOTOS = 200
_SEED = 20
_LARGE_PIXELS = 8_000_000
_LARGE_EVERY = 5


def wider(pack: Pack) -> list[str]:
    """The photos of the WIDER part: about 1024 px wide, several people, often small."""
    return [str(path) for path, _ in pack.wider()]


def lfw(pack: Pack) -> list[str]:
    """Some of the 250 px press photos of the LFW part, always the same ones."""
    everything = [str(photo.path) for photo in pack.lfw().photos]
    return sorted(random.Random(_SEED).sample(everything, min(_LFW_PHOTOS, len(everything))))


def large(pack: Pack, folder: Path) -> list[str]:
    """Photos of 8 million pixels, as phones take them.

    The pack has none, so they are made: every fifth WIDER photo and the group photos of dlib, enlarged by
    Lanczos to that many pixels in their own proportions, JPEG of quality 90. They cost what such photos cost
    to read and to search, though they show no more than the small ones did.

    Args:
        pack: The evaluation pack.
        folder: Where to put them.
    """
    from PIL import Image

    made = []
    crowds = [path for path, _ in pack.wider()][::_LARGE_EVERY]
    for source in (*crowds, *sorted((pack.folder / "dlib_boxes").glob("*.jpg"))):
        with Image.open(source) as photo:
            scale = (_LARGE_PIXELS / (photo.width * photo.height)) ** 0.5
            size = (int(photo.width * scale) + 1, int(photo.height * scale) + 1)
            place = folder / f"{source.stem}.jpg"
            photo.convert("RGB").resize(size, Image.Resampling.LANCZOS).save(place, quality=90)
        made.append(str(place))
    return made


def makers(pack: Pack, folder: Path) -> dict[str, Callable[[], list[str]]]:
    """Every set by its name, to be made when it is wanted."""
    return {"wider": lambda: wider(pack), "lfw": lambda: lfw(pack), "large": lambda: large(pack, folder)}
