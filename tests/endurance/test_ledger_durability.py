"""What was answered is there: after a process was killed, and after everything not yet on the disk was lost.

Killing a process proves that a writing is whole or absent, and nothing about the disk, for the system keeps
what was written. So a second set of tests notes each write and each finished fsync of a process under load,
and builds the files that a loss of power would have left: with all that was written since the last fsync of
each file gone, or any part of it. The same tests must fail for a ledger that does not wait for the disk.
"""

from __future__ import annotations

import os
import pickle
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from data import ledger_load, sqlite_tracing
from data.drafts import number_of, signer
from data.killing import lines_before_kill
from sizes import size

from faceward.transparency import tree
from faceward.transparency.entries import decode
from faceward.transparency.notes import Checkpoint, Note, verifying

_PROGRAM = ledger_load.__file__
_SEED = 20


def command(what: str, kind: str, path: Path | str, number: int) -> list[str]:
    return [sys.executable, _PROGRAM, what, kind, str(path), str(number)]


def checked(ledger) -> list[bytes]:
    """The entries, after they were held against tree, checkpoints and counter."""
    contents = list(ledger.entries())
    leaves = [tree.leaf_hash(content) for content in contents]
    assert ledger.root() == tree.root_of(leaves)
    frontier, done = tree.Frontier(), 0
    for note in map(Note.read, ledger.checkpoints()):
        checkpoint = Checkpoint.read(note.text)
        frontier, _ = frontier.grown(leaves[done : checkpoint.size])
        done = checkpoint.size
        assert frontier.root() == checkpoint.root
        assert note.is_signed_by(verifying(signer().key))
    assert len(contents) - done < 50 + 256
    assert ledger.counters(["entries"]) == (len(contents),)
    return contents


@pytest.mark.whole_size
@pytest.mark.parametrize("kind", ["sqlite", "postgres", "file"])
def test_what_was_answered_is_there_after_the_process_was_killed(kind: str, tmp_path: Path, request):
    """One ledger, killed under load again and again at a moment of chance, and opened by the next process."""
    path, dice, before = tmp_path / "ledger" / "file", random.Random(_SEED), 0
    if kind == "postgres":
        path = request.getfixturevalue("postgres_url")
    answered: dict[int, int] = {}
    kills = size(200)
    for _ in range(kills):
        lines = lines_before_kill(command("kill", kind, path, dice.choice((1, 4, 16))), 150, dice)
        answered |= {int(place): int(number) for place, number in (line.split() for line in lines)}
        ledger = ledger_load.opened(kind, path)
        contents = list(ledger.entries(before))
        for place, number in answered.items():
            assert place < before or number_of(contents[place - before]) == number
        # What nobody was told of may be there too, whole: each thread had one writing under way at most.
        assert 0 <= before + len(contents) - len(answered) <= 17 * kills
        before += len(contents)
        ledger.close()
    ledger = ledger_load.opened(kind, path)
    contents = checked(ledger)
    assert [decode(content).seq for content in contents] == list(range(len(contents)))
    assert all(number_of(contents[place]) == number for place, number in answered.items())
    ledger.close()


class Disk:
    """The files of a folder as the disk has them, while events happen to them."""

    def __init__(self, base: Path) -> None:
        # The index of the journal is shared memory; it is made anew from the journal.
        self._files = {it.name: bytearray(it.read_bytes()) for it in base.iterdir() if it.suffix != ".shm"}
        self._files = {name: it for name, it in self._files.items() if not name.endswith("-shm")}
        self._pending: list[tuple[int, sqlite_tracing.Event]] = []

    def take(self, number: int, event: sqlite_tracing.Event) -> None:
        """Let something happen."""
        if event[0] in {"write", "cut"}:
            self._pending.append((number, event))
        elif event[0] == "sync":
            rest = []
            for at, pending in self._pending:
                if pending[1] == event[1] and at < event[2]:
                    _apply(self._files, pending)
                else:
                    rest.append((at, pending))
            self._pending = rest

    def after_power_loss(self, folder: Path, dice: random.Random | None = None) -> Path:
        """Leave the files as they are found afterwards: without what was not synchronised, or with half."""
        files = {name: bytearray(content) for name, content in self._files.items()}
        for _, event in self._pending:
            if dice is not None and dice.random() < 0.5:
                _apply(files, event)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
        for name, content in files.items():
            (folder / name).touch(mode=0o600)
            (folder / name).write_bytes(content)
        return folder / "file"


def _apply(files: dict[str, bytearray], event: sqlite_tracing.Event) -> None:
    content = files.setdefault(event[1], bytearray())
    if event[0] == "cut":
        del content[event[2] :]
        return
    _, _, place, written = event
    content.extend(bytes(max(0, place - len(content))))
    content[place : place + len(written)] = written


def traced(kind: str, tmp_path: Path, answers: int) -> list[sqlite_tracing.Event]:
    """Every write, fsync and answer of a process under load, after the folder ``base``."""
    if kind.startswith("sqlite") and sqlite_tracing.library() is None:
        reason = "this Python has SQLite built in, so nobody can watch it; any Debian has one that loads it"
        # In continuous integration a check that is skipped is a check that is missing.
        (pytest.fail if os.environ.get("NO_SKIPS") else pytest.skip)(reason)
    subprocess.run(command("trace", kind, tmp_path / "ledger" / "file", answers), check=True, timeout=600)
    events: list[sqlite_tracing.Event] = pickle.loads((tmp_path / "events").read_bytes())
    assert sum(event[0] == "answer" for event in events) == answers
    return events


def unanswerable(
    kind: str, tmp_path: Path, events: list[sqlite_tracing.Event]
) -> Iterator[tuple[int, set[int]]]:
    """For losses of power right after an answer: which answered numbers are not there any more."""
    disk, answered, dice = Disk(tmp_path / "base"), {0}, random.Random(_SEED)
    for at, event in enumerate(events):
        disk.take(at, event)
        if event[0] != "answer":
            continue
        answered.add(event[1])
        for chance in (None, dice):
            path = disk.after_power_loss(tmp_path / "after", chance)
            ledger = ledger_load.opened(kind.split("-", maxsplit=1)[0], path)
            there = {number_of(content) for content in checked(ledger)}
            ledger.close()
            yield at, answered - there


@pytest.mark.whole_size
@pytest.mark.parametrize("kind", ["sqlite", "file"])
def test_what_was_answered_outlives_a_loss_of_power(kind: str, tmp_path: Path):
    """After each answer, with nothing kept that was not synchronised, and with any half of it."""
    events = traced(kind, tmp_path, size(1000))
    losses = 0
    for at, lost in unanswerable(kind, tmp_path, events):
        assert not lost, f"after event {at}"
        losses += 1
    assert losses == 2 * size(1000)


@pytest.mark.parametrize("kind", ["sqlite-careless", "file-careless"])
def test_a_ledger_that_does_not_wait_for_the_disk_is_noticed(kind: str, tmp_path: Path):
    """With ``synchronous = NORMAL``, or no fsync at all, the same check finds answers without entries."""
    events = traced(kind, tmp_path, 40)
    assert any(lost for _, lost in unanswerable(kind, tmp_path, events))
    assert not all(is_covered for _, is_covered in coverage(events))


@pytest.mark.parametrize("kind", ["sqlite", "file"])
def test_an_fsync_that_covers_the_entry_ends_before_its_answer(kind: str, tmp_path: Path):
    """In the order of the events themselves, whatever a recovery would make of them."""
    events = traced(kind, tmp_path, 100)
    found = list(coverage(events))
    assert len(found) == 100
    assert all(is_covered for _, is_covered in found)


def coverage(events: list[sqlite_tracing.Event]) -> Iterator[tuple[int, bool]]:
    """For each answer, whether an fsync of the file with its entry began after the write and has ended."""
    waiting: list[tuple[int, sqlite_tracing.Event]] = []
    safe: list[bytes] = []
    for at, event in enumerate(events):
        match event:
            case ("write", *_):
                waiting.append((at, event))
            case ("sync", file, begun):
                safe += [it[3] for when, it in waiting if it[1] == file and when < begun]
                waiting = [(when, it) for when, it in waiting if it[1] != file or when >= begun]
            case ("answer", number):
                mark = b'"r-%032x"' % number
                yield number, any(mark in content for content in safe)
