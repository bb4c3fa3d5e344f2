"""A file that was checked in, eight-bit pixels without alpha out; the part PNG, WebP, BMP and TIFF share."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from faceward.errors import DamagedImage, LimitExceeded

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

WHITE = 255


def decode(plugin: Callable[[Any], ImageFile], data: bytes, size: tuple[int, int], name: str) -> Image:
    """Decode the first frame with one Pillow plugin and no other.

    ``PIL.Image.open`` is not used: it tries plugins by turns and warns from a global limit of its own.

    Args:
        plugin: The class of the plugin.
        data: A file reduced to what decoding its first frame needs.
        size: Width and height as our own reading of the header found them.
        name: How messages call the format.

    Returns:
        As the plugin gave it; see ``flattened``.

    Raises:
        DamagedImage: The data ends early, is damaged, or has another size than its header says.
        LimitExceeded: Pillow has a lower limit, or there is not enough memory.
    """
    from PIL.Image import DecompressionBombError

    try:
        image = plugin(io.BytesIO(data))
        if image.size == size:
            image.load()
    except (DecompressionBombError, MemoryError):
        raise LimitExceeded(f"There is not enough memory to decode the {name} file.") from None
    except Exception as error:  # Plugins raise whatever their parsing runs into: struct.error, KeyError, …
        raise DamagedImage(_cause(name, error)) from None
    if image.size != size:
        raise DamagedImage(f"The {name} file says two different things about its size.")
    return image


def flattened(image: Image) -> Image:
    """Lay alpha on white, scale 16 bits to 8 and give mode ``RGB`` or ``L``.

    16 bits a channel are divided by 257, so that white stays white; Pillow itself would clip greys.
    Colours of 16 bits are cut to 8 by Pillow as it decodes, which differs by one level at most.
    """
    import PIL.Image

    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.mode.startswith("I;16"):
        return _from_16_bits(image)
    if image.mode in ("1", "CMYK", "YCbCr"):
        return image.convert("L" if image.mode == "1" else "RGB")
    if image.mode == "P" and "transparency" not in image.info:
        return image.convert("RGB")
    if image.mode not in ("LA", "RGBA"):
        image = image.convert("LA" if image.mode == "La" else "RGBA")
    paper = PIL.Image.new(image.mode[:-1], image.size, "white")
    paper.paste(image.convert("L") if image.mode == "LA" else image, (0, 0), image.getchannel("A"))
    return paper


def _from_16_bits(image: Image) -> Image:
    import numpy as np
    import PIL.Image

    levels = np.asarray(image)
    transparent = image.info.get("transparency")
    grey = eight_bit(levels)
    if isinstance(transparent, int):
        grey[levels == transparent] = WHITE
    return PIL.Image.fromarray(grey)


def eight_bit(levels: Any) -> Any:
    """Divide uint16 levels by 257, rounding, a band of rows at a time so that no wide copy is made."""
    import numpy as np

    out = np.empty(levels.shape, np.uint8)
    for top in range(0, levels.shape[0], 256):
        band = levels[top : top + 256].astype(np.uint32)
        out[top : top + 256] = (band * 255 + 32767) // 65535
    return out


def _cause(name: str, error: Exception) -> str:
    words = str(error)
    if "truncated" in words or isinstance(error, EOFError):
        return f"The {name} file ends early: a part of the picture is missing."
    return f"The {name} data cannot be decoded; it was damaged or is of a rare kind."
