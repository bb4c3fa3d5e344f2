"""Runs the real command line in this process, with folders of the test's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from data import photos

from faceward.cli.main import main


@dataclass(frozen=True)
class Run:
    """What one command did."""

    code: int
    stdout: str
    stderr: str

    @property
    def documents(self) -> list[dict[str, Any]]:
        """Every line of stdout as JSON."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def document(self) -> dict[str, Any]:
        """The one document on stdout."""
        (only,) = self.documents
        return only

    @property
    def error(self) -> dict[str, Any]:
        """The one error on stderr, as JSON."""
        return json.loads(self.stderr)["error"]


@pytest.fixture
def faceward(capfd, monkeypatch, settings, tmp_path):
    """``faceward("detect", path)`` runs that command in f32, which every machine can compute."""
    for name in ("CONFIG", "DEVICE", "RUNTIME", "EMBEDDER", "EVAL", "LEDGER_ORIGIN"):
        monkeypatch.delenv(f"FACEWARD_{name}", raising=False)
    monkeypatch.setenv("FACEWARD_PRECISION", "f32")
    monkeypatch.setenv("FACEWARD_CACHE_DIR", settings.cache_dir)
    monkeypatch.setenv("FACEWARD_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("FACEWARD_MODELS_DIR", str(Path(settings.cache_dir).parent / "no-models"))

    def run(*words: object) -> Run:
        code = main([str(word) for word in words])
        captured = capfd.readouterr()
        return Run(code, captured.out, captured.err)

    return run


@pytest.fixture
def portrait() -> Path:
    """A photo of one person."""
    return photos.portrait_file()


@pytest.fixture
def changed(tmp_path) -> Path:
    """The same photo, smaller, darker and saved as JPEG."""
    image = photos.portrait().resize((400, 400)).point(lambda value: value * 0.8)
    path = tmp_path / "changed.jpg"
    path.write_bytes(photos.jpeg(image, quality=80))
    return path


@pytest.fixture
def nobody(tmp_path) -> Path:
    """A photo of nobody."""
    path = tmp_path / "nobody.png"
    photos.nobody().save(path)
    return path


@pytest.fixture(scope="session")
def key(tmp_path_factory) -> Path:
    """A key pair: this path with .key and .pub."""
    name = tmp_path_factory.mktemp("keys") / "alice"
    assert main(["key", "new", str(name), "--quiet"]) == 0
    return name
