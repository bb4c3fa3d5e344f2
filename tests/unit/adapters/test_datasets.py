"""Labelled photos as people keep them, and what is known to be wrong about the labels."""

from __future__ import annotations

import pytest

from faceward.adapters.datasets.acquisition import acquired
from faceward.adapters.datasets.label_errors import read_label_errors
from faceward.adapters.datasets.labelled_photos import digest, from_folders, from_manifest
from faceward.core.detection import Selection
from faceward.errors import InputError, InvalidValue


@pytest.fixture
def folder(tmp_path):
    """Two people; a note, a hidden file and a loose photo beside them."""
    for name in ("Bo/b1.jpg", "Ann/a2.jpg", "Ann/a1.png", "Ann/notes.txt", "Ann/.a3.jpg", ".trash/x.jpg"):
        path = tmp_path / "faces" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    (tmp_path / "faces" / "loose.jpg").write_bytes(b"x")
    return tmp_path / "faces"


def manifest(tmp_path, text: str):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_folder_for_each_person_is_a_data_set(folder):
    """In order of name, whatever the file system says."""
    photos = from_folders(folder)
    assert [(it.image, it.subject) for it in photos.photos] == [
        ("Ann/a1.png", "Ann"),
        ("Ann/a2.jpg", "Ann"),
        ("Bo/b1.jpg", "Bo"),
    ]
    assert photos.subjects == 2
    assert photos.photos[0].path == folder / "Ann" / "a1.png"


def test_an_empty_folder_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="no labelled photo"):
        from_folders(tmp_path)


def test_a_table_gives_the_same_in_any_order(tmp_path):
    """Further columns are allowed; the order of lines makes no difference."""
    one = from_manifest(manifest(tmp_path, "image,subject,age_band\nb.jpg,Bo,x\na.jpg,Ann,y\n"), tmp_path)
    other = from_manifest(manifest(tmp_path, "subject,image\nAnn,a.jpg\nBo,b.jpg\n"), tmp_path)
    assert one == other
    assert [it.image for it in one.photos] == ["a.jpg", "b.jpg"]


def test_a_byte_order_mark_is_no_part_of_a_column(tmp_path):
    """Spreadsheets write one."""
    assert from_manifest(manifest(tmp_path, "\ufeffimage,subject\na.jpg,Ann\n"), tmp_path).subjects == 1


def test_lines_can_be_chosen(tmp_path):
    table = manifest(tmp_path, "image,subject,fold\na.jpg,Ann,1\nb.jpg,Bo,2\nc.jpg,Cy,3\n")
    photos = from_manifest(table, tmp_path, {"fold": frozenset({"1", "3"})})
    assert [it.subject for it in photos.photos] == ["Ann", "Cy"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column"),
        ("image,person\na.jpg,Ann\n", "no column subject"),
        ("image,subject\na.jpg\n", "Line 2"),
        ("image,subject\na.jpg,Ann,more\n", "Line 2"),
        ("image,subject\na.jpg, \n", "Line 2"),
        ("image,subject\na.jpg,Ann\na.jpg,Bo\n", "twice"),
        ("image,subject\n../a.jpg,Ann\n", "leaves the root"),
        ("image,subject\n/etc/passwd,Ann\n", "leaves the root"),
        ("image,subject\nx\\..\\a.jpg,Ann\n", "leaves the root"),
        ('image,subject\n"a.jpg,Ann\n', "no CSV"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(tmp_path, text, words):
    with pytest.raises(InvalidValue, match=words):
        from_manifest(manifest(tmp_path, text), tmp_path)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(b"image,subject\n\xff.jpg,Ann\n")
    with pytest.raises(InvalidValue, match="UTF-8"):
        from_manifest(path, tmp_path)


class TestDigest:
    """It changes with whatever changes a calibration, and with nothing else."""

    def test_content_labels_and_exclusions_count(self, folder):
        photos = from_folders(folder)
        contents = ("1" * 64, "2" * 64, "3" * 64)
        one = digest(photos, contents)
        assert one == digest(photos, contents)
        assert one != digest(photos, ("1" * 64, "2" * 64, "4" * 64))
        assert one != digest(photos, contents, ("mislabelled Ann/a1.png",))
        assert digest(photos, contents, ("a", "b")) == digest(photos, contents, ("b", "a"))

    def test_a_name_cannot_pass_for_a_label(self, tmp_path):
        """Neither by moving a border between fields."""
        one = from_manifest(manifest(tmp_path, "image,subject\nab,c\n"), tmp_path)
        other = from_manifest(manifest(tmp_path, "image,subject\na,bc\n"), tmp_path)
        assert digest(one, ("1" * 64,)) != digest(other, ("1" * 64,))


class TestLabelErrors:
    """The kinds and prose of the evaluation pack, in small."""

    @pytest.fixture
    def photos(self, tmp_path):
        names = ("Ann/Ann_1.jpg", "Ann/Ann_2.jpg", "Bo/Bo_1.jpg", "Robert/Robert_1.jpg", "Cy/Cy_1.jpg")
        lines = "".join(f"{name},{name.split('/')[0]}\n" for name in names)
        return from_manifest(manifest(tmp_path, "image,subject\n" + lines), tmp_path)

    def read(self, tmp_path, photos, *lines: str):
        path = tmp_path / "errors.csv"
        path.write_text("item,truth,kind,fold_item\n" + "".join(f"{line},1\n" for line in lines))
        return read_label_errors(path, photos)

    def test_a_mislabelled_photo_is_left_out(self, tmp_path, photos):
        """Whoever it really shows, and however that is put."""
        errors = self.read(tmp_path, photos, "Ann_2,Ricky (byte-identical duplicate),label_error")
        assert errors.mislabelled == {"Ann/Ann_2.jpg"}
        assert errors.labels(photos, [it.image for it in photos.photos]).mislabelled == {"Ann/Ann_2.jpg"}

    @pytest.mark.parametrize("truth", ["Robert", "same person as Robert", '"Robert, who else"'])
    def test_two_names_are_one_person(self, tmp_path, photos, truth):
        errors = self.read(tmp_path, photos, f"Bo,{truth},same_person_two_names")
        assert errors.same_person == (("Bo", "Robert"),)
        assert not errors.mislabelled

    def test_of_a_shared_photo_both_are_left_out(self, tmp_path, photos):
        errors = self.read(tmp_path, photos, "Ann_1,Cy_1,suspect_or_shared_photo")
        assert errors.mislabelled == {"Ann/Ann_1.jpg", "Cy/Cy_1.jpg"}

    def test_what_is_not_here_is_counted_and_not_hidden(self, tmp_path, photos):
        errors = self.read(
            tmp_path, photos,
            "Zed_1,Ann,label_error", "Zed,same person as Ann,same_person_two_names",
            "Bo,somebody else,same_person_two_names",
        )  # fmt: skip
        assert errors.absent == ("Zed_1", "Zed", "Bo")
        assert not errors.mislabelled
        assert not errors.same_person

    def test_an_unknown_kind_is_refused(self, tmp_path, photos):
        """It might be one that excludes, and would go unnoticed."""
        with pytest.raises(InvalidValue, match="doubtful"):
            self.read(tmp_path, photos, "Ann_1,Bo,doubtful")

    def test_a_name_that_fits_two_photos_is_refused(self, tmp_path):
        photos = from_manifest(manifest(tmp_path, "image,subject\na/x.jpg,Ann\nb/x.jpg,Bo\n"), tmp_path)
        with pytest.raises(InvalidValue, match="2 times"):
            self.read(tmp_path, photos, "x,Bo,label_error")

    def test_errors_about_photos_without_a_template_are_passed_over(self, tmp_path, photos):
        """A failure to acquire is in no trial anyway, and Labels refuses what it does not know."""
        errors = self.read(tmp_path, photos, "Ann_2,Bo,label_error", "Bo,Robert,same_person_two_names")
        labels = errors.labels(photos, ["Ann/Ann_1.jpg", "Cy/Cy_1.jpg"])
        assert labels.items == ("Ann/Ann_1.jpg", "Cy/Cy_1.jpg")
        assert not labels.mislabelled
        assert not labels.same_person


class TestAcquisition:
    @pytest.fixture
    def photos(self, tmp_path):
        """Two photos of a person, one of nobody, one broken, one missing."""
        from data import photos

        (tmp_path / "Ann").mkdir()
        photos.portrait().save(tmp_path / "Ann" / "1.png")
        photos.portrait().resize((400, 400)).save(tmp_path / "Ann" / "2.png")
        photos.nobody().save(tmp_path / "Ann" / "3.png")
        (tmp_path / "Ann" / "4.png").write_bytes(b"text")
        (tmp_path / "gone").mkdir()
        table = "image,subject\n" + "".join(f"Ann/{n}.png,Ann\n" for n in range(1, 6))
        return from_manifest(manifest(tmp_path, table), tmp_path)

    @pytest.mark.parametrize("workers", [1, 3])
    def test_every_photo_ends_as_a_row_or_a_failure(self, photos, recogniser, workers):
        """Rows are in order, however many threads there are; a failure says why."""
        done = []
        made = acquired(
            photos,
            [recogniser, recogniser],
            Selection.PROMINENT,
            workers=workers,
            done=lambda: done.append(1),
        )
        assert made.images == ("Ann/1.png", "Ann/2.png")
        assert [features.shape for features in made.features] == [(2, 128), (2, 128)]
        assert float(made.features[0][0] @ made.features[0][1]) > 0.8
        assert [(it.image, it.error.code) for it in made.failures] == [
            ("Ann/3.png", "no_face"),
            ("Ann/4.png", "image_format_unsupported"),
            ("Ann/5.png", "input"),
        ]
        assert [len(it) for it in made.content_sha256] == [64, 64, 64, 64, 0]
        assert len(done) == 5
