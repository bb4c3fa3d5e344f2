"""A size in, a picture of a drawn face that detectors take for one out: nobody is on it."""

from __future__ import annotations

import io

import numpy as np

from faceward.core.values import PixelArray

_GROUND, _SKIN, _HAIR, _SHIRT = (120, 140, 160), (205, 165, 140), (70, 50, 40), (60, 70, 100)

# Ellipses on a square of 512: centre, half axes, colour; drawn in this order.
_PARTS = (
    (256, 560, 220, 140, _SHIRT),
    (256, 400, 50, 80, (180, 140, 118)),
    (256, 200, 130, 150, _HAIR),
    (256, 240, 105, 140, _SKIN),
    *(
        part
        for x in (212, 300)
        for part in (
            (x, 185, 26, 6, (80, 55, 45)),
            (x, 212, 20, 10, (245, 245, 245)),
            (x, 212, 9, 9, (60, 40, 30)),
        )
    ),
    (256, 250, 10, 38, (190, 148, 122)),
    (256, 285, 20, 10, (175, 130, 108)),
    (256, 320, 36, 11, (170, 80, 80)),
)


def drawn_face(side: int) -> PixelArray:
    """Draw a face.

    Args:
        side: Of the square picture, pixels, at least 64.

    Returns:
        Shape ``(side, side, 3)``, uint8, RGB. The default detector finds one face in it, from 64 to 2048
        pixels.
    """
    from PIL import Image, ImageDraw, ImageFilter

    scale = side / 512
    image = Image.new("RGB", (side, side), _GROUND)
    draw = ImageDraw.Draw(image)
    for x, y, across, down, colour in _PARTS:
        box = [(x - across) * scale, (y - down) * scale, (x + across) * scale, (y + down) * scale]
        draw.ellipse(box, fill=colour)
    return np.asarray(image.filter(ImageFilter.GaussianBlur(2.5 * scale)))


def drawn_photo(side: int) -> bytes:
    """Draw a face and encode it as a JPEG of quality 90."""
    from PIL import Image

    target = io.BytesIO()
    Image.fromarray(drawn_face(side)).save(target, "JPEG", quality=90)
    return target.getvalue()
