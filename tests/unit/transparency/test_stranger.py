"""A stranger runs the verifier with Python and the package cryptography alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from data.histories import LOG_KEY, WITNESS_KEY, Shown, receipt, shown, story

from faceward.adapters.ledger.verifier import verifier
from faceward.transparency.__main__ import main

ENTRIES = tuple(story().entries)
GOOD = shown(ENTRIES, (3, len(ENTRIES)))

ALONE = """
import importlib.abc, runpy, sys

ALLOWED = sys.stdlib_module_names | {"cryptography", "_cffi_backend", "cffi", "faceward", "__main__"}

class OnlyThose(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in ALLOWED:
            raise ModuleNotFoundError(f"a stranger has no {name}")
        if name.startswith("faceward.") and name.split(".")[1] not in {"errors", "transparency"}:
            raise ModuleNotFoundError(f"a stranger has no {name}")

sys.meta_path.insert(0, OnlyThose())
what, *sys.argv[1:] = sys.argv[1:]
if what == "module":
    runpy.run_module("faceward.transparency", run_name="__main__")
else:
    sys.path = [path for path in sys.path if not path.endswith("src")]  # where the product itself lies
    runpy.run_path(what, run_name="__main__")
"""


def alone(tmp_path: Path, what: str, *words: object) -> subprocess.CompletedProcess[str]:
    program = tmp_path / "alone.py"
    program.write_text(ALONE)
    return subprocess.run(
        [sys.executable, str(program), what, *map(str, words)], capture_output=True, text=True, check=False,
        cwd=tmp_path,
    )  # fmt: skip


@pytest.fixture
def program(request, tmp_path) -> str:
    """The verifier: as a module of the package, or as the file that is given away."""
    if request.param == "module":
        return "module"
    path = tmp_path / "faceward.pyz"
    path.write_bytes(verifier())
    return str(path)


@pytest.mark.parametrize("program", ["module", "file"], indirect=True)
def test_a_stranger_needs_no_more_than_cryptography(program: str, tmp_path):
    """Every other package is out of reach, and so is the rest of the product."""
    folder = GOOD.write(tmp_path / "export")
    good = alone(tmp_path, program, folder, "--key", LOG_KEY.text())
    assert good.returncode == 0, good.stderr
    assert good.stdout.endswith("VERIFIED\n")
    damaged = Shown((*ENTRIES[:4], *ENTRIES[5:]), GOOD.leaves, GOOD.checkpoints).write(tmp_path / "damaged")
    bad = alone(tmp_path, program, damaged, "--key", LOG_KEY.text())
    assert bad.returncode == 1, bad.stderr
    assert "entry_dropped  entry 4" in bad.stdout


def test_what_it_is_told_is_checked(tmp_path, capsys):
    """A key, a folder and a receipt; a mistake is exit code 2 with a remedy."""
    folder = GOOD.write(tmp_path / "export")
    given = tmp_path / "receipt"
    given.write_text(receipt(ENTRIES, 4).text(), encoding="utf-8")
    key = ["--key", LOG_KEY.text()]
    assert main([*key, "--receipt", str(given)]) == 0
    assert "receipt of entry 4: VERIFIED" in capsys.readouterr().out
    assert main([str(folder), *key, "--receipt", str(given), "--json"]) == 0
    assert '"verified": true' in capsys.readouterr().out
    given.write_text("nothing")
    assert main([*key, "--receipt", str(given)]) == 1
    for wrong in (
        [str(folder)],
        key,
        [str(folder), "--key", "x"],
        [str(tmp_path / "no"), *key],
        [str(folder), "--key", WITNESS_KEY.text()],
        [str(folder), *key, "--witness", key[1]],
    ):
        assert main(wrong) == 2
        assert capsys.readouterr().err
