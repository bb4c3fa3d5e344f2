"""``faceward embed`` and ``faceward key``: what is written, for whom, and who may read it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from faceward.adapters.sealing import HpkeSealing


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def generous():
    """A umask that would let everybody read."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_template_is_sealed_and_readable_by_nobody_else(faceward, portrait, key, tmp_path, generous):
    path = tmp_path / "a.fwt"
    run = faceward("embed", portrait, "-o", path, "--recipient", f"{key}.pub", "--json")
    assert (run.code, run.document["protected"]) == (0, True)
    assert mode(path) == 0o600
    assert HpkeSealing().opened(path.read_bytes(), Path(f"{key}.key").read_bytes()).contract.length == 128


def test_the_file_names_nobody(faceward, portrait, key, tmp_path):
    """Neither the photo's name nor the account's is in it, nor a time: two files differ in the key only."""
    path = tmp_path / "a.fwt"
    faceward("embed", portrait, "-o", path, "--recipient", f"{key}.pub")
    content = path.read_bytes()
    for word in (
        portrait.stem,
        str(tmp_path),
        Path.home().name if len(Path.home().name) > 4 else "astronaut",
    ):
        assert word.encode() not in content


def test_how_to_protect_it_must_be_said(faceward, portrait, tmp_path):
    """There is no default that leaves a template open."""
    assert faceward("embed", portrait, "-o", tmp_path / "a.fwt").code == 2
    assert not (tmp_path / "a.fwt").exists()


def test_the_two_ways_exclude_each_other(faceward, portrait, tmp_path, key):
    words = ("embed", portrait, "-o", tmp_path / "a.fwt", "--unprotected", "--recipient", f"{key}.pub")
    assert faceward(*words).code == 2


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_unprotected_says_what_that_means(faceward, portrait, tmp_path, generous, quiet):
    """Even to those who want it quiet; and it is private all the same."""
    path = tmp_path / "a.fwt"
    run = faceward("embed", portrait, "-o", path, "--unprotected", *quiet)
    assert run.code == 0
    assert "reconstruct a face" in run.stderr
    assert "cannot" in run.stderr
    assert mode(path) == 0o600
    again = faceward("embed", portrait, "-o", path, "--unprotected", "--json", "--force")
    assert "reconstruct a face" in again.document["warning"]


def test_a_file_that_is_there_stays(faceward, portrait, key, tmp_path):
    path = tmp_path / "a.fwt"
    path.write_bytes(b"precious")
    assert faceward("embed", portrait, "-o", path, "--recipient", f"{key}.pub").code == 2
    assert path.read_bytes() == b"precious"
    assert faceward("embed", portrait, "-o", path, "--recipient", f"{key}.pub", "--force").code == 0


def test_without_a_face_nothing_is_written(faceward, nobody, key, tmp_path):
    path = tmp_path / "a.fwt"
    assert faceward("embed", nobody, "-o", path, "--recipient", f"{key}.pub").code == 2
    assert not path.exists()


@pytest.mark.parametrize("ending", [".key", ".none"])
def test_a_wrong_recipient_is_named(faceward, portrait, key, tmp_path, ending):
    """The private half is not taken for the public one."""
    run = faceward("embed", portrait, "-o", tmp_path / "a.fwt", "--recipient", f"{key}{ending}", "--json")
    assert run.code == 2
    assert run.error["path"] == f"{key}{ending}"
    assert not (tmp_path / "a.fwt").exists()


def test_a_new_key_is_private(faceward, tmp_path, generous):
    """The private half is closed from its first moment; the public half is for others."""
    run = faceward("key", "new", tmp_path / "bob", "--json")
    assert run.document == {
        "schema": "faceward/key/1",
        "private": str(tmp_path / "bob.key"),
        "public": str(tmp_path / "bob.pub"),
    }
    assert mode(tmp_path / "bob.key") == 0o600
    assert b"PRIVATE" not in (tmp_path / "bob.pub").read_bytes()
    assert "PRIVATE" not in run.stdout


@pytest.mark.parametrize("ending", [".key", ".pub"])
def test_a_key_is_never_replaced(faceward, tmp_path, ending):
    """What it sealed could not be opened any more."""
    (tmp_path / f"bob{ending}").write_bytes(b"precious")
    assert faceward("key", "new", tmp_path / "bob").code == 2
    assert [path.name for path in tmp_path.iterdir()] == [f"bob{ending}"]
    assert (tmp_path / f"bob{ending}").read_bytes() == b"precious"
