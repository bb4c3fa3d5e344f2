"""The pixels of a photo and marks in, a PNG with boxes, landmarks and words out, free of metadata."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from faceward.core.values import Face, PixelArray

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont, ImageFont

# Okabe and Ito's palette, "Color Universal Design", 2008: told apart with any colour vision.
_GOOD, _POOR, _LANDMARK = (0, 158, 115), (230, 159, 0), (86, 180, 233)
_DARK = (20, 20, 20)

# Boxes narrower than this many pixels have no room for words beyond the first line. Our number.
_ROOM_FOR_WORDS = 70


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A face to draw.

    Attributes:
        face: In pixels of the upright photo at full size.
        lines: Words beside it; the first is always drawn, the others where there is room.
        good: Whether nothing speaks against the face. The words say so too: colour never stands alone.
    """

    face: Face
    lines: tuple[str, ...]
    good: bool


def annotated_png(pixels: PixelArray, scale: float, marks: Sequence[Mark]) -> bytes:
    """Draw marks on a photo.

    Args:
        pixels: Shape ``(h, w, 3)``, uint8, RGB; the upright photo, perhaps smaller. Left as it is.
        scale: Pixels of these for one of the photo at full size, above 0.
        marks: The faces; earlier ones are drawn over later ones.

    Returns:
        A PNG of the same size that holds nothing but pixels: no EXIF, no place, no time, no colour profile.
    """
    from PIL import Image, ImageDraw, ImageFont

    image = Image.fromarray(pixels)
    draw = ImageDraw.Draw(image)
    unit = max(1.0, max(image.size) / 900)
    font = ImageFont.load_default(size=round(13 * unit))
    for mark in reversed(marks):
        _draw(draw, mark, scale, unit, font)
    target = io.BytesIO()
    image.save(target, "PNG")
    return target.getvalue()


def _draw(draw: ImageDraw, mark: Mark, scale: float, unit: float, font: FreeTypeFont | ImageFont) -> None:
    left, top, right, bottom = (edge * scale for edge in mark.face.box_xyxy)
    colour = _GOOD if mark.good else _POOR
    thick = max(1, round(min(2 * unit, (right - left) / 12)))
    # A dark edge keeps the line visible on any ground.
    draw.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=_DARK, width=thick + 2)
    draw.rectangle((left, top, right, bottom), outline=colour, width=thick)
    dot = max(1.0, min(2.5 * unit, (right - left) / 24))
    for x, y in (mark.face.landmarks * scale).tolist():
        draw.ellipse((x - dot - 1, y - dot - 1, x + dot + 1, y + dot + 1), fill=_DARK)
        draw.ellipse((x - dot, y - dot, x + dot, y + dot), fill=_LANDMARK)
    words = mark.lines if right - left >= _ROOM_FOR_WORDS * unit else mark.lines[:1]
    if words:
        _label(draw, "\n".join(words), (left, top, bottom), colour, font)


def _label(
    draw: ImageDraw,
    text: str,
    at: tuple[float, float, float],
    colour: tuple[int, int, int],
    font: FreeTypeFont | ImageFont,
) -> None:
    """Write above a box, or below where the picture ends above it, and always inside the picture."""
    left, top, bottom = at
    _, _, width, height = draw.multiline_textbbox((0, 0), text, font=font)
    pad = 3
    picture_width, picture_height = draw.im.size if draw.im is not None else (0, 0)
    x = max(0.0, min(left, picture_width - width - 2 * pad))
    above = top - height - 2 * pad - 2
    y = above if above >= 0 else min(bottom + 2, picture_height - height - 2 * pad)
    y = max(0.0, y)
    draw.rectangle((x, y, x + width + 2 * pad, y + height + 2 * pad), fill=colour)
    draw.multiline_text((x + pad, y + pad), text, font=font, fill=_DARK)
