"""``faceward detect`` on what people really send."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from data import photos
from PIL import Image


def test_one_photo_gives_one_document(faceward, portrait):
    """Where the face is, how sure, how it is turned, and whether it is fit for comparison."""
    run = faceward("detect", portrait, "--json")
    assert run.code == 0
    document = run.document
    assert (document["schema"], document["width"], document["height"]) == ("faceward/detect/1", 512, 512)
    (face,) = document["faces"]
    left, top, right, bottom = face["box_xyxy"]
    assert 150 < left < right < 300
    assert 30 < top < bottom < 210
    assert len(face["landmarks"]) == 5
    assert face["usable"]
    assert face["findings"] == []
    assert 30 < face["quality"]["inter_eye_distance"] < 60
    assert not run.stderr


def test_people_get_a_table(faceward, portrait):
    run = faceward("detect", portrait)
    assert "512 × 512 px, 1 face" in run.stdout
    assert "usable" in run.stdout
    assert not run.stderr


def test_no_output_ever_holds_features(faceward, portrait):
    """128 numbers in a row would be a template."""
    for verb in (("detect", portrait), ("compare", portrait, portrait)):
        run = faceward(*verb, "--json")
        assert "features" not in run.stdout
        assert len(run.stdout) < 6000


def test_a_photo_of_nobody_is_no_error(faceward, nobody):
    """None is a normal answer; it comes with what would help."""
    assert faceward("detect", nobody, "--json").document["faces"] == []
    run = faceward("detect", nobody)
    assert run.code == 0
    assert "no face" in run.stdout
    assert "upright" in run.stdout


def test_a_dark_small_face_comes_with_remedies(faceward, tmp_path):
    """Every finding says what was measured, what is needed and what to do."""
    path = tmp_path / "poor.png"
    photos.portrait().resize((200, 200)).point(lambda value: value * 0.08).save(path)
    run = faceward("detect", path, "--json")
    (face,) = run.document["faces"]
    assert not face["usable"]
    found = {finding["component"]: finding for finding in face["findings"]}
    assert {"eye_distance", "brightness"} <= set(found)
    assert all(finding["remedy"] and finding["cause"] for finding in found.values())
    assert "Turn towards the light." in faceward("detect", path).stdout


def test_a_sheet_of_eight_faces_gives_eight(faceward, tmp_path):
    path = tmp_path / "scan.tif"
    photos.several(8).save(path)
    assert len(faceward("detect", path, "--json").document["faces"]) == 8


@pytest.mark.parametrize("which", ["prominent", "largest", "central"])
def test_one_face_of_several_can_be_asked_for(faceward, tmp_path, which):
    path = tmp_path / "two.png"
    photos.several(3).save(path)
    assert len(faceward("detect", path, "--which", which, "--json").document["faces"]) == 1


def test_a_sideways_phone_photo_is_turned_upright(faceward, tmp_path, portrait):
    """Places are those of the upright photo, as every viewer shows it."""
    turned, block = photos.sideways(photos.portrait())
    path = tmp_path / "sideways.jpg"
    turned.save(path, exif=block, quality=95)
    here = faceward("detect", path, "--json").document["faces"][0]["box_xyxy"]
    there = faceward("detect", portrait, "--json").document["faces"][0]["box_xyxy"]
    assert np.allclose(here, there, atol=8)


def test_a_heic_is_opened_with_the_extra(faceward, tmp_path):
    heif = pytest.importorskip("pillow_heif")
    path = tmp_path / "phone.heic"
    heif.from_pillow(photos.portrait()).save(path)
    assert len(faceward("detect", path, "--json").document["faces"]) == 1


@pytest.mark.parametrize("name", ["Zoë und Jürgen 日本.png", "bad\udcff.png", "evil\x1b[31m.png", "-.png"])
def test_any_name_of_a_file_works_and_is_shown_safely(faceward, tmp_path, portrait, name):
    path = tmp_path / name
    shutil.copy(portrait, path)
    run = faceward("detect", path)
    assert run.code == 0
    assert "\x1b" not in run.stdout
    assert faceward("detect", path, "--json").document["path"] == str(path)


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        (b"", "image_damaged", "empty"),
        (b"hello, this is text\n", "image_format_unsupported", "text"),
        (b"<!doctype html><html>", "image_format_unsupported", "web page"),
    ],
)
def test_what_is_no_photo_is_said_to_be_none(faceward, tmp_path, content, code, words):
    """Cause, remedy and the name of the file, on stderr; code 2."""
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    run = faceward("detect", path, "--json")
    assert (run.code, run.error["code"], run.error["path"]) == (2, code, str(path))
    assert words in run.error["cause"]
    assert run.error["remedy"]
    assert not run.stdout
    run = faceward("detect", path)
    assert words in run.stderr
    assert "photo.jpg" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_file_that_is_not_there_is_an_input_error(faceward, tmp_path):
    assert faceward("detect", tmp_path / "none.jpg").code == 2


class TestFolders:
    """What is there is found, in order, and one bad file costs that file only."""

    @pytest.fixture
    def folder(self, tmp_path, portrait):
        """Two photos, one of them below; a broken one; and what is none of our business."""
        root = tmp_path / "holiday"
        (root / "sub").mkdir(parents=True)
        shutil.copy(portrait, root / "b.png")
        shutil.copy(portrait, root / "sub" / "c.png")
        (root / "a.jpg").write_text("text")
        (root / "notes.txt").write_text("x")
        (root / "._b.png").write_text("x")
        (root / ".thumbnails").mkdir()
        shutil.copy(portrait, root / ".thumbnails" / "b.png")
        (root / "loop").symlink_to(root)
        return root

    def test_one_bad_file_costs_that_file_only(self, faceward, folder):
        """The others are done, and the exit code says at the end that something was not."""
        run = faceward("detect", folder, "--json")
        assert run.code == 2
        names = [document["path"].removeprefix(f"{folder}/") for document in run.documents]
        assert names == ["a.jpg", "b.png", "sub/c.png"]
        assert run.documents[0]["error"]["code"] == "image_format_unsupported"
        assert [len(document["faces"]) for document in run.documents[1:]] == [1, 1]

    def test_people_get_a_summary(self, faceward, folder):
        run = faceward("detect", folder)
        assert "3 photos, 2 faces, 1 not read; 1 other file left alone." in run.stdout
        assert "a.jpg" in run.stderr

    def test_annotated_pictures_keep_their_places(self, faceward, folder, tmp_path):
        target = tmp_path / "out"
        faceward("detect", folder, "--annotate", target)
        made = sorted(str(path.relative_to(target)) for path in target.rglob("*.png"))
        assert made == ["b.png.png", "sub/c.png.png"]

    def test_several_photos_do_not_fit_one_picture(self, faceward, folder, tmp_path):
        assert faceward("detect", folder, "--annotate", tmp_path / "out.png").code == 2

    def test_a_folder_without_a_photo_is_an_input_error(self, faceward, tmp_path):
        """A typing error in the path of a folder should not look like success."""
        (tmp_path / "notes.txt").write_text("x")
        run = faceward("detect", tmp_path)
        assert run.code == 2
        assert "1 other file" in run.stderr

    def test_a_folder_of_one_gives_lines_too(self, faceward, tmp_path, portrait):
        """A script that reads a folder need not know how many are in it."""
        folder = tmp_path / "one"
        folder.mkdir()
        shutil.copy(portrait, folder / "a.png")
        assert len(faceward("detect", folder, "--json").documents) == 1


class TestAnnotation:
    def test_the_picture_has_the_size_of_the_photo_and_no_metadata(self, faceward, tmp_path):
        """Where the photo was taken must not travel with the picture."""
        block = Image.Exif()
        block[0x010E] = "a secret place"
        source, target = tmp_path / "a.jpg", tmp_path / "a.png"
        photos.portrait().save(source, exif=block, comment=b"a secret word")
        assert faceward("detect", source, "--annotate", target).code == 0
        with Image.open(target) as image:
            assert (image.format, image.size, image.info) == ("PNG", (512, 512), {})
            assert not image.getexif()
        assert b"secret" not in target.read_bytes()

    def test_something_is_drawn_around_the_face_and_nothing_far_from_it(self, faceward, tmp_path, portrait):
        target = tmp_path / "a.png"
        faceward("detect", portrait, "--annotate", target)
        with Image.open(target) as image:
            changed = np.any(np.asarray(image) != np.asarray(photos.portrait()), axis=2)
        assert changed[40:200, 160:300].any()
        assert not changed[:, 400:].any()
        assert not changed[300:].any()

    def test_a_file_that_is_there_is_not_replaced_by_a_slip(self, faceward, tmp_path, portrait):
        """`--annotate *.png` would name a photo."""
        target = tmp_path / "mine.png"
        target.write_bytes(b"precious")
        run = faceward("detect", portrait, "--annotate", target)
        assert run.code == 2
        assert target.read_bytes() == b"precious"
        assert faceward("detect", portrait, "--annotate", target, "--force").code == 0
        assert target.read_bytes() != b"precious"

    @pytest.mark.parametrize("name", ["a.jpg", "a"])
    def test_another_ending_than_png_is_refused(self, faceward, tmp_path, portrait, name):
        assert faceward("detect", portrait, "--annotate", tmp_path / name).code == 2
