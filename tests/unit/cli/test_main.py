"""Verbs, usage errors, exit codes and what goes to which stream."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pytest

from faceward import errors
from faceward.cli.exits import AboutFile, Exit, exit_code, mapped
from faceward.cli.main import VERBS, main
from faceward.cli.output import Output


def kinds(root: type[errors.FacewardError]) -> list[type[errors.FacewardError]]:
    return [root, *(kind for below in root.__subclasses__() for kind in kinds(below))]


def test_without_a_verb_the_verbs_are_listed(faceward):
    """A first look shows the way; it is no error."""
    run = faceward()
    assert run.code == 0
    assert all(verb in run.stdout for verb in VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_explains_itself(faceward, verb):
    """--help leaves with 0 and knows --json, wherever a verb has no verbs of its own."""
    run = faceward(verb, "--help")
    assert run.code == 0
    assert f"usage: faceward {verb}" in run.stdout


def test_a_misspelt_verb_gets_the_right_one(faceward):
    run = faceward("detekt", "a.jpg")
    assert run.code == 2
    assert "faceward detect" in run.stderr
    assert not run.stdout


def test_a_usage_error_is_an_error_like_others(faceward):
    """Code 2, on stderr, with a remedy, and as JSON where JSON was asked for."""
    run = faceward("compare", "only-one.jpg", "--json")
    assert run.code == 2
    assert run.error["code"] == "value_invalid"
    assert "--help" in run.error["remedy"]
    assert not run.stdout


def test_an_option_is_never_abbreviated(faceward):
    """What --prec means today, --precompute could mean tomorrow."""
    assert faceward("detect", "a.jpg", "--prec", "f32").code == 2


@pytest.mark.parametrize("words", [("version",), ("--version",), ("-V",)])
def test_the_version_names_the_licences_in_force(faceward, words):
    run = faceward(*words, "--json")
    assert run.code == 0
    assert {it["identifier"]: it["licence"] for it in run.document["models"]} == {
        "yunet-2023mar": "MIT",
        "sface-2021dec": "Apache-2.0",
    }


def test_an_unknown_setting_is_named(faceward, monkeypatch):
    """A misspelt setting that set nothing would go unnoticed."""
    monkeypatch.setenv("FACEWARD_PRECISOIN", "bf16")
    run = faceward("version")
    assert run.code == 2
    assert "precisoin" in run.stderr


@pytest.mark.parametrize("kind", kinds(errors.FacewardError)[1:], ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code_that_says_who_must_act(kind):
    """2 the caller, 3 the owner of the policy, 4 the operator; never 0, 1 or the code of a fault."""
    expected = {
        errors.InputError: 2,
        errors.ConflictError: 2,
        errors.RefusedError: 3,
        errors.DependencyError: 4,
    }
    (group,) = [code for parent, code in expected.items() if issubclass(kind, parent)]
    assert exit_code(kind("Because.")) == group


@pytest.mark.parametrize("as_json", [False, True])
def test_a_refusal_gives_its_reasons(as_json):
    out = Output(as_json, stdout=io.StringIO(), stderr=io.StringIO())
    assert mapped(errors.RefusedError("No.", reasons=("not reviewed",)), out) == 3
    assert "not reviewed" in out.stderr.getvalue()


@pytest.mark.parametrize("as_json", [False, True])
def test_a_fault_of_ours_leaves_with_70_and_quotes_nothing(as_json):
    """The message of a foreign exception may hold a path, or worse."""
    out = Output(as_json, stdout=io.StringIO(), stderr=io.StringIO())
    assert mapped(ValueError("/home/jane doe"), out) == 70
    assert "jane" not in out.stderr.getvalue()
    assert "ValueError" in out.stderr.getvalue()
    assert "Traceback" not in out.stderr.getvalue()


def test_a_traceback_comes_only_when_it_is_asked_for():
    out = Output(stdout=io.StringIO(), stderr=io.StringIO())
    assert mapped(ValueError("why"), out, with_traceback=True) == 70
    assert "Traceback" in out.stderr.getvalue() or "ValueError: why" in out.stderr.getvalue()


def test_an_interrupt_leaves_with_130():
    """As shells give it, so that a loop of commands ends too."""
    out = Output(stdout=io.StringIO(), stderr=io.StringIO())
    assert mapped(KeyboardInterrupt(), out) == Exit.INTERRUPTED == 130


def test_an_error_names_the_file_it_is_about():
    out = Output(True, stdout=io.StringIO(), stderr=io.StringIO())
    assert mapped(AboutFile("photo.jpg", errors.NoFaceFound("None.")), out) == 2
    assert json.loads(out.stderr.getvalue())["error"]["path"] == "photo.jpg"


def test_a_reader_that_leaves_early_causes_no_words():
    """As in `faceward … | head -1`: code 141, nothing on stderr, and never 1, which means non-match."""
    command = [
        sys.executable,
        "-c",
        "import sys; from faceward.cli.main import main; sys.exit(main(['--help']))",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.wait(30) == 141
        assert process.stderr.read() == b""


def test_the_installed_command_runs():
    """The entry point of the package, as a user types it."""
    from pathlib import Path

    program = Path(sys.executable).with_name("faceward")
    done = subprocess.run(
        [program, "version", "--json"], capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout)["schema"] == "faceward/version/1"


def test_asking_for_help_loads_no_heavy_library():
    """No numpy, no runtime, no Pillow for a list of verbs."""
    program = (
        "import sys; from faceward.cli.main import main; main([]); "
        "sys.exit(bool({'numpy', 'openvino', 'PIL', 'rich'} & set(sys.modules)))"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", program], stdout=subprocess.DEVNULL, timeout=60, check=False
        ).returncode
        == 0
    )


def test_main_gives_a_plain_number():
    """`sys.exit` takes it as it is."""
    assert type(main(["version", "--quiet", "--json"])) is int
