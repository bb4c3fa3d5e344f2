"""What the pages tell people to type runs, and prints what they show."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from documents.pages import Block, blocks, pages

from faceward import settings
from faceward.catalogue import manifest

RUN = ("sh", "python")
LANGUAGES = {*RUN, "text", "json", "toml"}
EVERY = [block for page in pages() for block in blocks(page)]
SILENT = 'print("\\x1e", flush=True)\n'
"""Between Python blocks of one page: tells whose output is whose."""


def runnable(page: str, language: str) -> list[Block]:
    return [block for block in blocks(page) if block.language == language and block.reason is None]


def place(block: Block) -> str:
    return f"{block.page}:{block.line}"


def shown_after(block: Block) -> str | None:
    """What the page says this block prints."""
    return next(
        (after.text for before, after in pairwise(blocks(block.page)) if before == block and after.shown),
        None,
    )


def shape(line: str) -> str:
    """A line without what differs between machines: figures, the precision, runs of blanks."""
    return re.sub(r"\s+", " ", re.sub(r"[-+−]?\d+(\.\d+)?", "#", line).replace("bf16", "f32")).strip()


def unmatched(shown: str, printed: str) -> str | None:
    """The first shown line that is not printed after those before it; ``…`` stands for anything."""
    lines = iter(shape(line) for line in printed.splitlines())
    for line in shown.splitlines():
        if line.strip() in {"", "…"}:
            continue
        wanted = re.compile(".*".join(re.escape(part) for part in shape(line).split("…")))
        if not any(wanted.fullmatch(candidate) for candidate in lines):
            return line
    return None


def with_(language: str) -> list[str]:
    return [page for page in pages() if runnable(page, language)]


def served(text: str, environment: dict[str, str]) -> str:
    """An example, with the port that is free here in place of the one that pages name."""
    return text.replace("127.0.0.1:8420", f"127.0.0.1:{environment['FACEWARD_PORT']}")


def typed(block: Block, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", served(block.text, environment)],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def up_to_the_server(page: str) -> list[Block]:
    """The blocks after which a page's server runs; none where it has no server."""
    shell = runnable(page, "sh")
    serving = [index for index, block in enumerate(shell) if "faceward serve" in block.text]
    return shell[: serving[0] + 1] if serving else []


@pytest.mark.parametrize("page", with_("sh"))
def test_shell_examples_run(page: str, desk):
    """Each block in a shell of its own, in one folder, with the exit code and the output that it promises."""
    folder, environment = desk
    for block in runnable(page, "sh"):
        done = typed(block, folder, environment)
        printed = f"{done.stdout}\n{done.stderr}"
        assert done.returncode == block.exits, f"{place(block)}\n{printed}"
        shown = shown_after(block)
        if shown is not None:
            missing = unmatched(shown, printed)
            assert missing is None, f"{place(block)} shows\n{missing}\nand printed\n{printed}"


@pytest.mark.parametrize("page", with_("python"))
def test_python_examples_run(page: str, desk):
    """The blocks of a page one after another in one interpreter, without a warning; its server runs then."""
    folder, environment = desk
    for block in up_to_the_server(page):
        started = typed(block, folder, environment)
        assert started.returncode == block.exits, f"{place(block)}\n{started.stderr}"
    examples = runnable(page, "python")
    program = served(SILENT.join(block.text for block in examples), environment)
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{page}\n{done.stderr}"
    for block, printed in zip(examples, done.stdout.split("\x1e"), strict=True):
        shown = shown_after(block)
        if shown is not None:
            missing = unmatched(shown, printed)
            assert missing is None, f"{place(block)} shows\n{missing}\nand printed\n{printed}"


@pytest.mark.parametrize("block", EVERY, ids=place)
def test_every_block_says_what_it_is(block: Block):
    """A language, and for one that is not run a reason; a shown output follows what prints it."""
    assert block.language in LANGUAGES
    assert not block.reason or len(block.reason.split()) >= 2
    assert ("not-run" in block.info) == (block.reason is not None)
    if block.shown:
        before = next(one for one, after in pairwise(blocks(block.page)) if after == block)
        assert before.language in RUN
        assert before.reason is None


def test_few_examples_are_not_run():
    """An example that nothing runs is soon wrong."""
    examples = [block for block in EVERY if block.language in RUN]
    left_out = [place(block) for block in examples if block.reason]
    assert len(left_out) <= len(examples) / 4, left_out


@pytest.mark.parametrize("block", [block for block in EVERY if block.language == "toml"], ids=place)
def test_settings_files_can_be_read(block: Block, tmp_path):
    """They are TOML, and every key is a setting."""
    assert tomllib.loads(block.text)
    path = tmp_path / "faceward.toml"
    path.write_text(block.text, encoding="utf-8")
    assert settings.read({"FACEWARD_CONFIG": str(path)}) != settings.Settings()


@pytest.mark.parametrize("block", [block for block in EVERY if block.language == "json"], ids=place)
def test_json_examples_can_be_read(block: Block):
    """What is called a manifest is one."""
    values = json.loads(block.text)
    if "manifest" in block.info.split():
        assert manifest.parse(block.text, place(block)).identifier == values["identifier"]


@pytest.mark.parametrize(
    ("shown", "printed", "missing"),
    [
        ("", "", None),
        ("a 1\n", "a 2\n", None),
        ("a …\n", "x\na long tale\n", None),
        ("…\nb\n", "a\nb\n", None),
        ("a\n", "", "a"),
        ("a\nb\n", "b\na\n", "b"),
        ("score +0.9\n", "score  -0.1\n", None),
        ("match\n", "non-match\n", "match"),
    ],
)
def test_shown_output_is_compared_line_by_line(shown: str, printed: str, missing: str | None):
    """Figures may differ between machines; words and their order may not."""
    assert unmatched(shown, printed) == missing
