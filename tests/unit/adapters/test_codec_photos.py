"""How photos are kept, what they are charged, and what the codec loads."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from data.images import encoded, exif, flat_png, flat_webp, jpeg_claiming, picture, turned

from faceward.adapters.codec import PhotoCodec
from faceward.adapters.codec.rasters import FastRaster, PackedRaster, upright_array, upright_image
from faceward.errors import DamagedImage, LimitExceeded
from faceward.ports.codec import ImageLimits


def _python(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_codec_loads_no_image_library():
    """They load with the first photo that needs them."""
    program = (
        "import sys; from faceward.adapters.codec import PhotoCodec; PhotoCodec();"
        "print(sorted({'PIL', 'simplejpeg', 'pillow_heif'} & set(sys.modules)))"
    )
    assert _python(program) == "[]"


def test_heic_is_refused_with_the_way_to_install_it_where_the_extra_is_missing():
    """The refusal is not an import error, and it names the extra."""
    program = """
import sys
sys.modules["pillow_heif"] = None
from faceward.adapters.codec import PhotoCodec
from faceward.errors import UnsupportedFormat
try:
    PhotoCodec().open(b"\\0\\0\\0\\x18ftypheic\\0\\0\\0\\0mif1heic")
except UnsupportedFormat as error:
    print(error.remedy)
"""
    assert "pip install 'faceward[heic]'" in _python(program)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_arrays_and_images_are_turned_alike(orientation: int):
    """The view and the copy agree, and both undo the camera."""
    stored = turned(orientation)
    assert (np.asarray(upright_image(stored, orientation)) == np.asarray(picture())).all()
    assert (upright_array(np.asarray(stored), orientation) == np.asarray(picture())).all()


def test_a_photo_near_the_limit_is_kept_in_three_bytes_a_pixel():
    """And one with room to spare in four, which is faster to sample."""
    data = encoded(picture(), "JPEG")
    tight = ImageLimits(max_pixels=picture().width * picture().height)
    assert isinstance(PhotoCodec().open(data, tight).raster(), PackedRaster)
    assert isinstance(PhotoCodec().open(data).raster(), FastRaster)


def test_a_wasteful_format_is_refused_at_fewer_pixels_with_the_reason():
    """WebP takes four times the memory of a plain PNG of the same size."""
    tight = ImageLimits(max_pixels=1000 * 1000)
    assert PhotoCodec().open(flat_png(1000, 1000), tight).width == 1000
    with pytest.raises(LimitExceeded, match="bytes of memory"):
        PhotoCodec().open(flat_webp(1000, 1000), tight)


def test_a_jpeg_that_is_not_what_its_header_claims_is_found_out():
    """When it is decoded at the latest."""
    with pytest.raises(DamagedImage, match="early"):
        PhotoCodec().open(jpeg_claiming(600, 400)).raster()


def test_a_jpeg_with_stray_bytes_is_decoded_although_libjpeg_warns():
    """Every pixel is there; other programs show it too."""
    data = encoded(picture(), "JPEG", quality=95, subsampling=0)
    stray = data[:-2] + b"\0\0\0\0\0" + data[-2:]
    pixels = PhotoCodec().open(stray).raster().pixels()
    assert np.abs(pixels.astype(int) - np.asarray(picture())).mean() < 3.0


def test_a_photo_shows_its_size_and_never_its_content():
    """Neither pixels nor the encoded file end up in a log."""
    photo = PhotoCodec().open(encoded(picture(), "JPEG", exif=exif(1)))
    assert repr(photo) == "EncodedPhoto(jpeg, 96 × 64)"
    assert len(repr(photo.raster())) < 200


def test_sampling_a_packed_photo_copies_no_more_than_it_needs():
    """A sample from one corner of a large view never touches the rest."""
    rows = np.lib.stride_tricks.as_strided(np.zeros(3, np.uint8), (1 << 20, 1 << 20, 3), (0, 0, 1))
    sample = PackedRaster(rows).sampled(np.array([[1, 0, 9], [0, 1, 9]], np.float32), 112, 112)
    assert sample.shape == (112, 112, 3)
