"""``faceward calibrate``: a table that can be made again, on any machine, from the same photos."""

from __future__ import annotations

from pathlib import Path

import pytest
from data import photos
from PIL import Image, ImageEnhance

from faceward.adapters.drawing.synthetic import drawn_face
from faceward.catalogue import calibration


@pytest.fixture(scope="module")
def people(tmp_path_factory) -> Path:
    """A real person and a drawn one, three photos each in changed form, and one photo of nobody."""
    root = tmp_path_factory.mktemp("people") / "little set"
    for name, image in (("Ann", photos.portrait()), ("Drawn", Image.fromarray(drawn_face(512)))):
        (root / name).mkdir(parents=True)
        for number, brightness in enumerate((0.7, 1.0, 1.2)):
            changed = ImageEnhance.Brightness(image).enhance(brightness).resize((400 + 40 * number,) * 2)
            (root / name / f"{name}_{number}.jpg").write_bytes(photos.jpeg(changed, quality=85))
    photos.nobody().save(root / "Ann" / "Ann_9.png")
    return root


@pytest.fixture(scope="module")
def table(people) -> Path:
    """The same as a table, with a column to choose by."""
    path = people.parent / "images.csv"
    lines = [
        f"{it.relative_to(people).as_posix()},{it.parent.name},{it.stem[-1]}" for it in people.rglob("*_*.*")
    ]
    path.write_text("image,subject,take\n" + "\n".join(lines) + "\n")
    return path


def test_the_table_parses_and_carries_its_evidence(faceward, people, tmp_path):
    """6 mated and 9 non-mated trials; no rate is supported by so few, and the table says so."""
    out = tmp_path / "table.json"
    run = faceward("calibrate", people, "-o", out, "--date", "2026-01-31", "--json")
    assert run.code == 0
    made = calibration.parse(out.read_bytes(), "table.json")
    assert made.model == "sface-2021dec"
    assert made.precisions == ("f32", "f32")
    assert made.made_on == "2026-01-31"
    assert {(it.mated_trials, it.non_mated_trials) for it in made.points} == {(6, 9)}
    assert {str(it.standing) for it in made.points} == {"refused"}
    assert made.dataset.startswith("little set: all pairs of 6 photos of 2 people")
    assert run.document["failures_to_acquire"] == [
        {
            "image": "Ann/Ann_9.png",
            "code": "no_face",
            "cause": run.document["failures_to_acquire"][0]["cause"],
        }
    ]


def test_it_says_the_same_every_time(faceward, people, table, tmp_path):
    """From the folder or from a table of the same photos; only the command differs."""
    for name in ("one", "other"):
        faceward("calibrate", people, "-o", tmp_path / name, "--date", "2026-01-31")
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    faceward("calibrate", table, "--root", people, "-o", tmp_path / "third", "--date", "2026-01-31")
    one, third = (calibration.parse((tmp_path / name).read_bytes(), name) for name in ("one", "third"))
    assert one.dataset_sha256 == third.dataset_sha256
    assert [it.threshold for it in one.points] == [it.threshold for it in third.points]


def test_the_command_names_no_path_of_this_machine(faceward, people, table, tmp_path, monkeypatch):
    """Whoever has the photos can run it, wherever they lie."""
    words = (
        "calibrate",
        table,
        "--root",
        people,
        "--only",
        "take=0,1",
        "--name",
        "a b",
        "--date",
        "2026-01-31",
    )
    run = faceward(*words, "--json")
    assert run.document["table"]["command"] == (
        "faceward calibrate $DATA/images.csv --root $DATA --only take=0,1 --precision f32 --name 'a b'"
    )
    monkeypatch.setenv("FACEWARD_EVAL", str(people.parent))
    run = faceward(*words, "--json")
    assert (
        """$FACEWARD_EVAL/images.csv --root "$FACEWARD_EVAL/"'little set'"""
        in run.document["table"]["command"]
    )
    assert str(people.parent) not in run.stdout
    assert {(it["mated_trials"], it["non_mated_trials"]) for it in run.document["table"]["points"]} == {
        (2, 4)
    }


def test_label_errors_are_left_out_and_counted(faceward, table, people, tmp_path):
    errors = tmp_path / "errors.csv"
    errors.write_text("item,truth,kind\nAnn_0,Drawn,label_error\nZed_1,Ann,label_error\n")
    run = faceward("calibrate", table, "--root", people, "--label-errors", errors, "--json")
    assert run.document["label_errors"] == {"mislabelled": 1, "same_person": 0, "absent": 1}
    assert {(it["mated_trials"], it["non_mated_trials"]) for it in run.document["table"]["points"]} == {
        (4, 6)
    }


def test_people_get_the_table_with_its_standing(faceward, people):
    run = faceward("calibrate", people)
    for words in ("1e-04", "refused", "failures to acquire: 1 of 7", "Ann/Ann_9.png: No face"):
        assert words in run.stdout


def test_an_installed_table_is_used_from_then_on(faceward, people, tmp_path, monkeypatch, portrait):
    """Here it supports no rate, so nothing is decided any more."""
    monkeypatch.setenv("FACEWARD_MODELS_DIR", str(tmp_path / "models"))
    assert faceward("compare", portrait, portrait).code == 0
    assert faceward("calibrate", people, "--install").code == 0
    run = faceward("compare", portrait, portrait, "--json")
    assert (run.code, run.error["code"]) == (2, "operating_point_unsupported")


@pytest.mark.parametrize(
    "words",
    [
        ("--only", "take"),
        ("--only", "nothing=1"),
        ("--only", "take=7"),
        ("--date", "yesterday"),
        ("--against", "f32"),
        ("--label-errors", "none.csv"),
    ],
)
def test_what_makes_no_sense_is_refused(faceward, table, people, words):
    run = faceward("calibrate", table, "--root", people, *words, "--json")
    assert run.code == 2
    assert run.error["remedy"]


def test_photos_that_are_not_there_are_an_input_error(faceward, table, tmp_path):
    """A wrong --root gives no template at all, and the remedy says where to look."""
    run = faceward("calibrate", table, "--root", tmp_path, "--json")
    assert run.code == 2
    assert "--root" in run.error["remedy"]


def test_one_person_alone_calibrates_nothing(faceward, people, tmp_path):
    (tmp_path / "Ann").symlink_to(people / "Ann")
    assert faceward("calibrate", tmp_path).code == 2


def test_two_precisions_meet_item_by_item(faceward, people):
    """Each photo in both; as many trials as within one precision."""
    from faceward import wiring

    if "bf16" not in wiring.runtime("openvino").precisions("cpu"):
        pytest.skip("this processor does not compute in bf16")
    run = faceward("calibrate", people, "--against", "bf16", "--json")
    made = run.document["table"]
    assert made["precisions"] == ["bf16", "f32"]
    assert "--precision f32 --against bf16" in made["command"]
    assert {(it["mated_trials"], it["non_mated_trials"]) for it in made["points"]} == {(6, 9)}
