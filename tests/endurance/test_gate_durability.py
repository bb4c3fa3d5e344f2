"""A result leaves the gate only after both of its records are on the disk, whatever ends the process."""

from __future__ import annotations

import os
import pickle
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from data import gate_load, sqlite_tracing
from data.drafts import signer
from data.killing import lines_before_kill
from sizes import size

from faceward.adapters.clock import SystemClock
from faceward.adapters.ledger import SqliteLedger
from faceward.transparency import tree
from faceward.transparency.entries import DECISION, decode

_SEED = 3


@pytest.mark.whole_size
def test_what_the_gate_answered_is_on_record_after_the_process_was_killed(tmp_path: Path):
    """Killed under load again and again: each answer has its decision and its outcome, and the tree holds."""
    path, dice = tmp_path / "ledger" / "file", random.Random(_SEED)
    answered: set[int] = set()
    for _ in range(size(200)):
        command = [sys.executable, gate_load.__file__, "kill", str(path), str(dice.choice((1, 4, 16)))]
        answered |= {int(line) for line in lines_before_kill(command, 80, dice)}
    ledger = SqliteLedger(path, SystemClock(), signer(entries=50))
    contents = ledger.entries()
    assert ledger.root() == tree.root_of([tree.leaf_hash(content) for content in contents])
    ledger.close()
    entries = [decode(content) for content in contents]
    assert [entry.seq for entry in entries] == list(range(len(entries)))
    decided = {entry.seq: entry for entry in entries if entry.type == DECISION}
    done = set()
    for entry in entries:
        if entry.type == "verify":
            decision = decided[int(str(entry.body["decision"]))]
            assert decision.body["request"] == entry.body["request"]
            done.add(decision.body["comparisons"])
    assert len(answered) >= size(200)
    assert answered <= done
    # What was decided and cut off stays as a decision without an outcome: at most one for each thread.
    assert len(decided) - len(done) <= 16 * size(200)


def is_covered(tmp_path: Path, *careless: str, answers: int = 60) -> list[bool]:
    """For each answer, whether fsyncs that began after its two records were written had ended before it."""
    if sqlite_tracing.library() is None:
        reason = "this Python has SQLite built in, so nobody can watch it; any Debian has one that loads it"
        (pytest.fail if os.environ.get("NO_SKIPS") else pytest.skip)(reason)
    path = tmp_path / "ledger" / "file"
    command = [sys.executable, gate_load.__file__, "trace", str(path), str(answers), *careless]
    subprocess.run(command, check=True, timeout=600)
    events: list[sqlite_tracing.Event] = pickle.loads(path.with_name("events").read_bytes())
    waiting: list[tuple[int, sqlite_tracing.Event]] = []
    safe: dict[int, set[bytes]] = {}
    covered = []
    for at, event in enumerate(events):
        match event:
            case ("write", *_):
                waiting.append((at, event))
            case ("sync", file, begun):
                for when, it in waiting:
                    if it[1] == file and when < begun:
                        for kind, number in re.findall(rb'"comparisons":(\d{6}),"(\w+)"', it[3]):
                            safe.setdefault(int(kind), set()).add(number)
                waiting = [(when, it) for when, it in waiting if it[1] != file or when >= begun]
            case ("answer", number):
                # The key that follows `comparisons` tells a decision from an outcome.
                covered.append(safe.get(number) == {b"daily_after", b"decision"})
    return covered


def test_both_records_are_on_the_disk_before_the_result_leaves(tmp_path: Path):
    """In the order of the events themselves."""
    covered = is_covered(tmp_path)
    assert len(covered) == 60
    assert all(covered)


def test_a_ledger_that_does_not_wait_for_the_disk_would_be_noticed(tmp_path: Path):
    """With ``synchronous = NORMAL`` the same check finds results that left too early."""
    assert not all(is_covered(tmp_path, "careless"))
