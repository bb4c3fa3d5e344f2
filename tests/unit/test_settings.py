"""A file and ``FACEWARD_…`` variables in, one frozen value out."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from faceward.errors import InvalidValue
from faceward.settings import Settings, read


def file_with(folder: Path, text: str) -> dict[str, str]:
    """An environment that names a settings file with this text."""
    path = folder / "faceward.toml"
    path.write_text(text, encoding="utf-8")
    return {"FACEWARD_CONFIG": str(path)}


def test_an_empty_environment_gives_the_defaults():
    """Variables of others are nobody's business; no file is looked for."""
    assert read({}) == read({"PATH": "/bin", "FACEWARDEN_THREADS": "x"}) == Settings()
    assert read({"FACEWARD_CONFIG": ""}) == Settings()


def test_variables_are_read_with_their_types():
    """A number is a number."""
    settings = read({"FACEWARD_THREADS": "3", "FACEWARD_PRECISION": "f32", "FACEWARD_EVAL": "/some/where"})
    assert (settings.threads, settings.precision, settings.eval) == (3, "f32", "/some/where")


def test_a_file_is_read(tmp_path):
    """TOML, in UTF-8, with the names of the settings."""
    settings = read(file_with(tmp_path, 'threads = 4\ncache_dir = "/tmp/Gesichtszüge"\n'))
    assert (settings.threads, settings.cache_dir) == (4, "/tmp/Gesichtszüge")


def test_a_variable_wins_over_the_file(tmp_path):
    """The nearer word counts; what it does not say stays."""
    environment = file_with(tmp_path, "threads = 4\nstreams = 5\n") | {"FACEWARD_THREADS": "2"}
    settings = read(environment)
    assert (settings.threads, settings.streams) == (2, 5)


def test_every_setting_can_be_set_by_its_variable():
    """To the value it has: what is printed can be read back."""
    for field in fields(Settings):
        settings = read({f"FACEWARD_{field.name.upper()}": str(field.default)})
        assert settings == Settings()


@pytest.mark.parametrize("name", ["FACEWARD_THRAEDS", "FACEWARD_", "FACEWARD_CONFIG_FILE"])
def test_an_unknown_variable_is_an_error_that_lists_the_known_ones(name: str):
    """A slip of the pen must not leave a limit unset."""
    with pytest.raises(InvalidValue, match="Unknown setting") as caught:
        read({name: "3"})
    assert "threads" in caught.value.remedy


def test_an_unknown_key_of_the_file_is_an_error_too(tmp_path):
    """Tables included."""
    for text in ("thraeds = 3", "[threads]\nmost = 3"):
        with pytest.raises(InvalidValue):
            read(file_with(tmp_path, text))


@pytest.mark.parametrize("value", ["many", "", "3.0", "0x10", "1e3"])
def test_a_variable_that_is_no_number_is_an_error(value: str):
    """The message shows it, the remedy says what is wanted."""
    with pytest.raises(InvalidValue) as caught:
        read({"FACEWARD_MAX_PIXELS": value})
    assert f"max_pixels is {value!r}" in caught.value.cause
    assert "whole number" in caught.value.remedy


@pytest.mark.parametrize("text", ["threads = true", "threads = 2.0", "threads = [1]", "device = 1"])
def test_a_value_of_another_type_in_the_file_is_an_error(text: str, tmp_path):
    """``true`` is no number, and a number is no name."""
    with pytest.raises(InvalidValue):
        read(file_with(tmp_path, text))


@pytest.mark.parametrize("text", ["threads = ", "threads: 3", "\x00"])
def test_a_file_that_is_no_toml_is_an_error(text: str, tmp_path):
    """It names the file."""
    with pytest.raises(InvalidValue, match=r"faceward\.toml"):
        read(file_with(tmp_path, text))


def test_a_file_that_is_not_there_or_not_text_is_an_error(tmp_path):
    """Not a silent default: someone meant it."""
    with pytest.raises(InvalidValue, match="nowhere"):
        read({"FACEWARD_CONFIG": str(tmp_path / "nowhere.toml")})
    with pytest.raises(InvalidValue, match="cannot be read"):
        read({"FACEWARD_CONFIG": str(tmp_path)})
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidValue, match=r"bytes\.toml"):
        read({"FACEWARD_CONFIG": str(tmp_path / "bytes.toml")})


@pytest.mark.parametrize(
    ("setting", "value"),
    [("threads", 0), ("threads", -1), ("streams", -1), ("max_bytes", 0), ("max_pixels", 0),
     ("max_frames", 0), ("precision", "f16"), ("precision", "F32"), ("runtime", "tensorflow")],
)  # fmt: skip
def test_a_value_out_of_bounds_is_an_error_however_it_comes(setting: str, value: object):
    """By variable or in code; the remedy says what is allowed."""
    with pytest.raises(InvalidValue, match=setting):
        Settings(**{setting: value})
    with pytest.raises(InvalidValue, match=setting):
        read({f"FACEWARD_{setting.upper()}": str(value)})


def test_settings_cannot_be_changed_afterwards():
    """What was checked is what runs."""
    with pytest.raises(FrozenInstanceError):
        Settings().threads = 9  # type: ignore[misc]


def folders(**environment: str) -> tuple[str, str]:
    """Where a process with this environment, and no other, would look."""
    program = "from faceward.settings import read; s = read(); print(s.models_folder); print(s.cache_folder)"
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True
    )
    models, cache = done.stdout.splitlines()
    return models, cache


def test_folders_are_the_user_s_own_unless_set():
    """As the XDG specification has it: paths that are not absolute are ignored."""
    assert folders(HOME="/home/ann") == (
        "/home/ann/.local/share/faceward/models",
        "/home/ann/.cache/faceward",
    )
    xdg = {"XDG_DATA_HOME": "/data", "XDG_CACHE_HOME": "cache"}
    assert folders(HOME="/home/ann", **xdg) == ("/data/faceward/models", "/home/ann/.cache/faceward")
    chosen = {"FACEWARD_MODELS_DIR": "/models", "FACEWARD_CACHE_DIR": "~/graphs"}
    assert folders(HOME="/home/ann", **chosen) == ("/models", "/home/ann/graphs")


def test_a_home_that_does_not_exist_is_named_with_the_variable_to_set():
    """In a container under an unknown number there is no home; a user nobody knows stands in for it."""
    with pytest.raises(InvalidValue) as caught:
        _ = Settings(cache_dir="~nobody-of-this-name/graphs").cache_folder
    assert "FACEWARD_CACHE_DIR" in caught.value.remedy
