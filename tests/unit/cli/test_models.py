"""``faceward models``, ``doctor`` and ``bench``: what there is, whether it works, how fast."""

from __future__ import annotations

import json

import pytest
from data import graphs

from faceward.catalogue import manifest
from faceward.catalogue.bundles import shipped


def test_the_list_names_the_licences_in_force(faceward):
    run = faceward("models", "list")
    assert "Licences in force: yunet-2023mar MIT, sface-2021dec Apache-2.0." in run.stdout
    document = faceward("models", "list", "--json").document
    assert document["licences_in_force"] == {"yunet-2023mar": "MIT", "sface-2021dec": "Apache-2.0"}
    assert all(it["licence"] for it in document["models"])


def test_one_model_is_shown_with_its_limits_and_rates(faceward):
    run = faceward("models", "show", "sface-2021dec")
    assert "children" in run.stdout
    assert "Apache-2.0" in run.stdout
    document = faceward("models", "show", "sface-2021dec", "--json").document
    assert manifest.parse(json.dumps(document["manifest"]), "shown") == shipped().manifest("sface-2021dec")
    assert document["calibrations"]


def test_an_unknown_model_gets_the_known_ones(faceward):
    run = faceward("models", "show", "sphere", "--json")
    assert run.code == 2
    assert "sface-2021dec" in run.error["remedy"]


def test_every_shipped_file_is_verified(faceward):
    run = faceward("models", "verify", "--json")
    assert run.code == 0
    assert {it["about"]: it["severity"] for it in run.document["findings"]}["sface-2021dec"] == "good"


def test_an_action_must_be_named(faceward):
    assert faceward("models").code == 2


class TestAdding:
    @pytest.fixture
    def described(self, tmp_path, monkeypatch):
        """A small embedder made here, not free for commercial use, with its manifest."""
        monkeypatch.setenv("FACEWARD_MODELS_DIR", str(tmp_path / "data" / "models"))
        licence = {"spdx": "CC-BY-NC-4.0", "commercial_use": False, "notice": "Made in a test."}
        return graphs.written(tmp_path, graphs.embedder(), licence=licence)

    def test_an_added_model_shows_its_licence(self, faceward, described):
        """Whoever adds it sees what it may not be used for, and what comes next."""
        run = faceward("models", "add", *described)
        assert run.code == 0
        assert "commercial use NOT allowed" in run.stdout
        assert "faceward calibrate" in run.stdout
        everything = faceward("models", "list", "--json").document["models"]
        assert {it["identifier"] for it in everything} == {"small", "sface-2021dec", "yunet-2023mar"}
        commercial = faceward("models", "list", "--commercial", "--json").document["models"]
        assert {it["identifier"] for it in commercial} == {"sface-2021dec", "yunet-2023mar"}

    def test_one_that_wants_another_alignment_decides_nothing(self, faceward, described, monkeypatch):
        """And the doctor says so, with the remedy."""
        faceward("models", "add", *described)
        monkeypatch.setenv("FACEWARD_EMBEDDER", "small")
        run = faceward("doctor", "--json")
        assert run.code == 4
        (problem,) = [it for it in run.document["findings"] if it["severity"] == "error"]
        assert "ArcFace family" in problem["remedy"]

    def test_a_changed_file_breaks_verification(self, faceward, described, tmp_path):
        """Code 4: whoever runs this must look."""
        faceward("models", "add", *described)
        path = tmp_path / "data" / "models" / "small.onnx"
        path.write_bytes(path.read_bytes() + b"x")
        run = faceward("models", "verify", "--json")
        assert run.code == 4
        assert {it["about"]: it["severity"] for it in run.document["findings"]}["small"] == "error"

    def test_a_wrong_file_is_refused(self, faceward, described):
        onnx, manifest_file = described
        onnx.write_bytes(b"nonsense")
        run = faceward("models", "add", onnx, manifest_file, "--json")
        assert (run.code, run.error["code"]) == (4, "model_refused")


class TestDoctor:
    def test_a_sound_installation_is_sound(self, faceward):
        run = faceward("doctor", "--json")
        assert run.code == 0
        document = run.document
        assert not document["broken"]
        about = {it["about"]: it for it in document["findings"]}
        assert about["engine"]["severity"] == "good"
        assert about["telemetry"]["severity"] == "good"
        assert "f32" in document["facts"]["engine"]
        assert document["facts"]["licence of sface-2021dec"] == "Apache-2.0"

    def test_a_missing_device_breaks_it_once(self, faceward):
        """Code 4, one line with its remedy, and not a second one that says the same."""
        run = faceward("doctor", "--device", "abacus", "--json")
        assert run.code == 4
        errors = [it for it in run.document["findings"] if it["severity"] == "error"]
        assert [it["about"] for it in errors] == ["runtime"]
        assert errors[0]["remedy"]

    def test_an_open_cache_folder_is_a_warning(self, faceward, tmp_path, monkeypatch):
        """It costs time and nothing else."""
        folder = tmp_path / "cache"
        folder.mkdir(mode=0o777)
        folder.chmod(0o777)
        monkeypatch.setenv("FACEWARD_CACHE_DIR", str(folder))
        run = faceward("doctor", "--json")
        assert run.code == 0
        (cache,) = [it for it in run.document["findings"] if it["about"] == "cache"]
        assert cache["severity"] == "warning"
        assert "private" in cache["remedy"]

    def test_a_models_folder_that_others_write_to_breaks_it(self, faceward, tmp_path, monkeypatch):
        folder = tmp_path / "models"
        folder.mkdir()
        folder.chmod(0o777)
        monkeypatch.setenv("FACEWARD_MODELS_DIR", str(folder))
        run = faceward("doctor")
        assert run.code == 4
        assert "BROKEN" in run.stdout
        assert "chmod 700" in run.stdout

    def test_people_get_one_line_for_each_finding(self, faceward):
        run = faceward("doctor")
        lines = run.stdout.split("\n\n")[1].splitlines()
        assert all(line.startswith(("good", "warning", "BROKEN")) for line in lines)


class TestBench:
    def test_each_stage_is_measured_on_a_drawn_face(self, faceward):
        """No photo is needed, and it says what was used."""
        run = faceward("bench", "--repeat", "1", "--precision", "f32", "--json")
        assert run.code == 0
        assert "drawn faces" in run.document["photos"]
        (result,) = run.document["results"]
        stages = result["stages"]
        assert set(stages) == {"open", "decode", "look", "landmarks", "template", "rest", "whole"}
        assert stages["template"]["runs"] == 1
        assert all(it["p50_ms"] >= 0 for it in stages.values())
        parts = sum(it["p50_ms"] for name, it in stages.items() if name != "whole")
        assert parts < 3 * stages["whole"]["p50_ms"] + 50
        assert result["throughput"][0]["workers"] == 1

    def test_a_photo_of_nobody_cannot_be_measured(self, faceward, nobody):
        assert faceward("bench", nobody, "--repeat", "1", "--precision", "f32").code == 2

    def test_no_run_is_no_measurement(self, faceward):
        assert faceward("bench", "--repeat", "0").code == 2
