"""What is installed is whole: a wheel holds every file that the code opens, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "faceward"


@pytest.fixture(scope="module")
def inside(tmp_path_factory) -> set[str]:
    """The names of the files of a wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT, capture_output=True, check=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as it:
        return set(it.namelist())


def test_the_wheel_holds_every_file_of_the_package(inside):
    """Code, models' descriptions, rules, laws, notices, migrations: all that lies beside the code."""
    there = {
        f"faceward/{path.relative_to(PACKAGE).as_posix()}"
        for path in PACKAGE.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert there <= inside
    assert {name for name in inside if not name.startswith("faceward-")} <= there


@pytest.mark.parametrize(
    ("below", "ending"),
    [
        ("faceward/governance/consent/notices/", ".txt"),
        ("faceward/governance/policies/cedar/", ".cedar"),
        ("faceward/governance/laws/data/instruments/", ".json"),
        ("faceward/adapters/gallery_store/migrations/", ".py"),
    ],
)
def test_the_wheel_holds_what_no_import_names(inside, below: str, ending: str):
    """A file that is only read, or only found, is easily left out."""
    assert [name for name in inside if name.startswith(below) and name.endswith(ending)]


def test_the_wheel_holds_the_licence_and_no_tests(inside):
    """Who installs it has the licence, and nothing that only we need."""
    assert [name for name in inside if name.endswith("licenses/LICENSE")]
    assert not [name for name in inside if name.startswith(("tests/", "benchmarks/", "demo/"))]
