"""What is believed of a HEIC file before libheif sees it."""

from __future__ import annotations

import importlib.util
import struct

import pytest
from data.images import encoded, heic_claiming, heic_coded_larger, heic_grid_claiming, heic_samples, picture

from faceward.adapters.codec import heic
from faceward.adapters.codec.isobmff import read_meta
from faceward.errors import DamagedImage, InputError, UnsupportedFormat

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pillow_heif") is None, reason="needs the extra faceward[heic]"
)


def test_the_items_of_a_tiled_photo_are_found():
    """A grid, its tiles, and what the grid refers to."""
    meta = read_meta(heic_samples()["heic-grid"])
    grid = meta.items[meta.primary]
    assert grid.kind == b"grid"
    assert len(grid.references[b"dimg"]) == 6
    assert all(meta.items[tile].kind == b"hvc1" for tile in grid.references[b"dimg"])


def test_a_photo_that_codes_more_than_it_claims_is_refused():
    """The size is read from the coded picture too, because that is what the decoder goes by."""
    with pytest.raises(DamagedImage, match="size"):
        heic.read_header(heic_coded_larger(1024))


@pytest.mark.parametrize("in_grid_too", [False, True])
def test_a_grid_that_does_not_fit_its_tiles_is_refused(in_grid_too: bool):
    """Whether or not the grid agrees with the claim."""
    with pytest.raises(DamagedImage, match="grid"):
        heic.read_header(heic_grid_claiming(9000, 9000, in_grid_too=in_grid_too))


def test_tiles_far_larger_than_their_grid_are_refused():
    """Six tiles of 128 pixels for a picture of 130 × 129 would be decoded for nothing."""
    with pytest.raises(DamagedImage):
        heic.read_header(heic_grid_claiming(130, 129, in_grid_too=True))


def test_a_claim_of_no_pixels_is_refused():
    """Zero columns."""
    with pytest.raises(DamagedImage, match="claims"):
        heic.read_header(heic_claiming(0, 5))


def test_another_codec_in_the_same_container_is_refused_by_its_kind():
    """AV1, JPEG and uncompressed pictures live in such files too."""
    data = encoded(picture(), "HEIF").replace(b"hvc1", b"unci")
    with pytest.raises(UnsupportedFormat):
        heic.read_header(data)


def test_only_pictures_are_handed_to_the_decoder():
    """Texts may inflate to any size; their kinds are noted, to be made unknown."""
    data = encoded(picture(), "HEIF", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0", xmp=b"<x/>")
    hidden = heic.read_header(data).detail.hide
    assert {data[at : at + 4] for at in hidden} == {b"Exif", b"mime"}


@pytest.mark.parametrize("name", [b"meta", b"iinf", b"pitm", b"iprp", b"ipco", b"iloc", b"ispe", b"hvcC"])
def test_a_file_without_one_of_its_boxes_is_refused(name: bytes):
    """Each in its turn renamed to nothing."""
    with pytest.raises(InputError):
        heic.read_header(encoded(picture(), "HEIF").replace(name, b"free"))


def test_a_box_larger_than_its_file_is_refused():
    """As when the end of the file is missing."""
    data = bytearray(encoded(picture(), "HEIF"))
    at = data.index(b"meta") - 4
    data[at : at + 4] = struct.pack(">I", 1 << 30)
    with pytest.raises(DamagedImage, match="early"):
        heic.read_header(bytes(data))
