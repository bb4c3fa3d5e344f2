"""Photos with people to test on: one public-domain portrait, and pictures made of it.

The portrait is NASA's of Eileen Collins, in the public domain, as the scikit-image
package ships it. It is found without importing that package.
"""

from __future__ import annotations

import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FACE_BOX = (130, 0, 330, 220)
"""Part of the portrait with the face and nobody else, left, top, right, bottom."""


def portrait_file() -> Path:
    """Where the portrait lies: 512 × 512, PNG."""
    spec = find_spec("skimage")
    assert spec is not None, "the development extra brings scikit-image"
    assert spec.origin is not None, "scikit-image is a regular package"
    return Path(spec.origin).parent / "data" / "astronaut.png"


def portrait() -> Image.Image:
    """One person, upright, the face about 100 px wide."""
    with Image.open(portrait_file()) as image:
        return image.convert("RGB")


def several(count: int) -> Image.Image:
    """A white sheet with so many faces of that person, every other one mirrored, four in a row."""
    face = portrait().crop(FACE_BOX)
    width, height = face.size
    rows = -(-count // 4)
    sheet = Image.new("RGB", (4 * (width + 60) + 60, rows * (height + 60) + 60), "white")
    for number in range(count):
        across, down = number % 4, number // 4
        place = (60 + across * (width + 60), 60 + down * (height + 60))
        sheet.paste(ImageOps.mirror(face) if number % 2 else face, place)
    return sheet


def sideways(image: Image.Image) -> tuple[Image.Image, Image.Exif]:
    """The picture as a phone held on its side stores it, with the EXIF block that says so."""
    block = Image.Exif()
    block[0x0112] = 6
    return image.transpose(Image.Transpose.ROTATE_90), block


def jpeg(image: Image.Image, **options: object) -> bytes:
    """The picture as JPEG."""
    target = io.BytesIO()
    image.save(target, "JPEG", **options)
    return target.getvalue()


def nobody() -> Image.Image:
    """A photo of nothing: smooth colours."""
    ramp = np.linspace(0, 255, 640, dtype=np.uint8)
    return Image.fromarray(np.stack([np.tile(ramp, (480, 1))] * 3, axis=2))
