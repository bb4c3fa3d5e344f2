"""Puts ``sizes`` and ``data`` in reach of every test (pytest takes this folder for it), and gives a photo.

It gives a PostgreSQL as well, which starts when the first test of a process asks for it.

The photo is NASA's portrait of Eileen Collins, in the public domain, as the scikit-image package ships it.
It is found without importing that package.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import numpy as np
import pytest
from PIL import Image

from faceward import wiring
from faceward.settings import Settings

if TYPE_CHECKING:
    from data.postgres import Server

# No luck: the same examples every time, and no example is too slow on a machine that is busy.
hypothesis.settings.register_profile("faceward", deadline=None, derandomize=True)
hypothesis.settings.load_profile("faceward")


@pytest.fixture(scope="session")
def astronaut() -> np.ndarray:
    """512 × 512, RGB, uint8; one face, about 110 px wide."""
    spec = find_spec("skimage")
    assert spec is not None, "scikit-image brings the test photo"
    with Image.open(Path(spec.origin).parent / "data" / "astronaut.png") as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="session")
def settings(tmp_path_factory) -> Settings:
    """The default settings with folders of the test's own, in f32, which every machine can compute."""
    folder = tmp_path_factory.mktemp("faceward")
    return Settings(precision="f32", models_dir=str(folder / "models"), cache_dir=str(folder / "cache"))


@pytest.fixture(scope="session")
def recogniser(settings):
    """The shipped networks, connected as in production."""
    return wiring.connect(settings).recogniser


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL for this process of the tests, as durable as in production."""
    from data.postgres import server

    with server() as started:
        yield started


@pytest.fixture
def postgres_url(postgres: Server) -> str:
    """A new and empty database."""
    return postgres.new_database()
