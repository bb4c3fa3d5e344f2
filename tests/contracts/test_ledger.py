"""What every ledger promises, wherever it keeps what it is told."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from data.drafts import draft, number_of, signer

from faceward.adapters.clock import SystemClock
from faceward.adapters.ledger import FileLedger, SqliteLedger
from faceward.adapters.ledger.disk import Disk
from faceward.adapters.ledger.group_commit import GroupCommit
from faceward.adapters.ledger.postgres import PostgresLedger
from faceward.errors import ConflictError, DamagedImage, InvalidValue
from faceward.ports.ledger import (
    ChangeFailed,
    Claim,
    ClaimExceeded,
    ClockBehind,
    Filing,
    LedgerCorrupt,
    LedgerUnavailable,
    Settled,
    Writing,
)
from faceward.testing import MemoryLedger, SetClock
from faceward.transparency import entries, tree
from faceward.transparency.notes import Checkpoint, Note, verifying

TESTS = str(Path(__file__).parents[1])
START = datetime(2026, 1, 1, tzinfo=UTC)


class Opening:
    """Opens one kind of ledger in one folder, again and again."""

    def __init__(self, kind: str, folder, url: str = "") -> None:
        self.kind, self.clock, self.url = kind, SetClock(START), url
        self.path = folder / "ledger" / "file"
        self._opened = []

    def __call__(self, of=None, clock=None, **more):
        of, clock = of or signer(), clock or self.clock
        match self.kind:
            case "sqlite":
                made = SqliteLedger(self.path, clock, of, **more)
            case "file":
                made = FileLedger(self.path, clock, of, **more)
            case "postgres":
                made = PostgresLedger(self.url, clock, of, **more)
            case _:
                made = MemoryLedger(clock, of)
        self._opened.append(made)
        return made

    def close(self) -> None:
        for made in self._opened:
            made.close()


def made_for(request, kind: str, folder) -> Opening:
    url = request.getfixturevalue("postgres_url") if kind == "postgres" else ""
    return Opening(kind, folder, url)


@pytest.fixture(params=["sqlite", "postgres", "file", "memory"])
def opening(request, tmp_path):
    made = made_for(request, request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgres", "file"])
def lasting(request, tmp_path):
    made = made_for(request, request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "file"])
def in_a_file(request, tmp_path):
    made = Opening(request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture
def ledger(opening):
    return opening()


def write(ledger, *numbers: int, **more):
    return ledger.write(Writing(tuple(draft(number) for number in numbers), **more))


def checked(ledger) -> list[bytes]:
    """The entries, after the whole ledger was held against itself."""
    contents = list(ledger.entries())
    leaves = [tree.leaf_hash(content) for content in contents]
    assert ledger.size() == len(contents)
    assert ledger.root() == tree.root_of(leaves)
    read = [entries.decode(content) for content in contents]
    assert [entry.seq for entry in read] == list(range(len(read)))
    assert [entry.time for entry in read] == sorted(entry.time for entry in read)
    sizes = []
    for note in map(Note.read, ledger.checkpoints()):
        checkpoint = Checkpoint.read(note.text)
        assert note.is_signed_by(verifying(signer().key))
        assert checkpoint.root == tree.root_of(leaves[: checkpoint.size])
        sizes.append(checkpoint.size)
    assert sizes == sorted(set(sizes))
    return contents


class TestWriting:
    def test_a_new_ledger_is_empty(self, ledger):
        assert ledger.size() == 0
        assert list(ledger.entries()) == []
        assert ledger.root() == tree.EMPTY_ROOT
        assert ledger.checkpoints() == ()
        assert ledger.counters(["any", "thing"]) == (0, 0)
        assert dict(ledger.filings("any")) == {}

    def test_entries_get_their_places_in_order_and_the_time_of_the_ledger(self, ledger, opening):
        assert write(ledger, 5).first == 0
        opening.clock.advance(seconds=1.5)
        receipt = write(ledger, 6, 7)
        assert (receipt.first, receipt.count, receipt.time) == (1, 2, START + timedelta(seconds=1.5))
        assert [number_of(entry) for entry in checked(ledger)] == [5, 6, 7]
        assert {entries.decode(entry).time for entry in ledger.entries(1)} == {receipt.time}

    def test_parts_of_the_entries_can_be_asked_for(self, ledger):
        write(ledger, *range(10))
        for start, stop, expected in [
            (0, None, range(10)), (3, 5, [3, 4]), (8, 99, [8, 9]), (5, 5, []), (7, 3, []), (10, None, []),
            (50, 60, []),
        ]:  # fmt: skip
            assert [number_of(entry) for entry in ledger.entries(start, stop)] == list(expected)
        for start, stop in [(-1, None), (0, -1)]:
            with pytest.raises(InvalidValue):
                ledger.entries(start, stop)

    def test_a_writing_without_entries_has_a_receipt_of_none(self, ledger):
        write(ledger, 1)
        assert (write(ledger).first, write(ledger).count) == (1, 0)

    def test_a_draft_that_does_not_fit_is_refused_with_its_whole_writing(self, ledger):
        bad = replace(draft(), body={"name": "Anna"})
        with pytest.raises(entries.EntryRefused):
            ledger.write(Writing((draft(), bad), (Claim("day", 1),), (Filing("a", "b", b"c"),)))
        assert ledger.size() == 0
        assert ledger.counters(["day"]) == (0,)
        assert dict(ledger.filings("a")) == {}
        assert write(ledger, 1).first == 0

    def test_a_clock_that_went_back_writes_nothing(self, ledger, opening):
        """Not even a counter or a document; and it goes on once the clock has passed the last entry."""
        write(ledger, 1)
        opening.clock.advance(seconds=-1)
        for writing in (
            Writing((draft(),)), Writing((), (Claim("day", 1),)),
            Writing((), filings=(Filing("a", "b", b""),)),
        ):  # fmt: skip
            with pytest.raises(ClockBehind):
                ledger.write(writing)
        assert ledger.size() == 1
        assert ledger.counters(["day"]) == (0,)
        opening.clock.advance(seconds=1)
        assert write(ledger, 2).first == 1

    def test_a_clock_that_went_back_does_not_keep_a_checkpoint_from_being_signed(self, ledger, opening):
        write(ledger, 1)
        opening.clock.advance(days=-1)
        assert Checkpoint.read(Note.read(ledger.checkpoint()).text).size == 1

    def test_a_closed_ledger_is_of_no_more_use(self, ledger):
        write(ledger, 1)
        ledger.close()
        ledger.close()
        for question in (
            ledger.size,
            ledger.entries,
            ledger.root,
            ledger.checkpoints,
            ledger.revision,
        ):
            with pytest.raises(LedgerUnavailable, match=r"closed|work"):
                question()
        with pytest.raises(LedgerUnavailable, match="closed"):
            write(ledger, 2)


class TestProving:
    def test_every_proof_holds(self, ledger):
        write(ledger, *range(3))
        write(ledger, *range(3, 19))
        leaves = [tree.leaf_hash(entry) for entry in ledger.entries()]
        for size in range(20):
            root = ledger.root(size)
            assert root == tree.root_of(leaves[:size])
            for place in range(size):
                proof = ledger.inclusion(place, size)
                assert tree.inclusion_holds(leaves[place], place, size, proof, root)
            for old in range(size + 1):
                proof = ledger.consistency(old, size)
                assert tree.consistency_holds(old, ledger.root(old), size, root, proof)

    def test_nothing_is_proved_of_what_is_not_there(self, ledger):
        write(ledger, 1, 2)
        for question in (
            lambda: ledger.root(3), lambda: ledger.root(-1), lambda: ledger.inclusion(0, 3),
            lambda: ledger.inclusion(2, 2), lambda: ledger.inclusion(-1, 2), lambda: ledger.consistency(1, 3),
            lambda: ledger.consistency(2, 1),
        ):  # fmt: skip
            with pytest.raises(InvalidValue):
                question()

    def test_a_checkpoint_is_signed_when_it_is_asked_for(self, ledger):
        first = ledger.checkpoint()
        assert Checkpoint.read(Note.read(first).text) == Checkpoint("log.example/tests", 0, tree.EMPTY_ROOT)
        assert ledger.checkpoint() == first
        write(ledger, 1, 2, 3)
        second = ledger.checkpoint()
        assert Checkpoint.read(Note.read(second).text).size == 3
        assert ledger.checkpoint() == second
        assert ledger.checkpoints() == (first, second)
        checked(ledger)

    def test_a_writing_can_be_covered_before_it_is_answered(self, ledger):
        write(ledger, 1, 2, checkpoint=True)
        assert [Checkpoint.read(Note.read(note).text).size for note in ledger.checkpoints()] == [2]

    def test_a_checkpoint_is_signed_after_so_many_entries(self, opening):
        ledger = opening(signer(entries=4))
        for number in range(10):
            write(ledger, number)
        write(ledger, *range(11))
        assert [Checkpoint.read(Note.read(note).text).size for note in ledger.checkpoints()] == [4, 8, 21]
        checked(ledger)

    def test_a_checkpoint_is_signed_after_a_time_however_quiet_it_is(self, lasting):
        ledger = lasting(signer(seconds=0.05))
        write(ledger, 1)
        assert ledger.checkpoints() == ()
        for _ in range(100):
            if ledger.checkpoints():
                break
            time.sleep(0.05)
        assert len(ledger.checkpoints()) == 1

    def test_what_a_process_that_died_left_uncovered_is_covered_by_the_next(self, lasting):
        ledger = lasting()
        write(ledger, 1)
        refuse(ledger)
        ledger.close()
        ledger = lasting(signer(seconds=0.05))
        for _ in range(100):
            if ledger.checkpoints():
                break
            time.sleep(0.05)
        assert len(ledger.checkpoints()) == 1


class TestCounters:
    def test_a_counter_changes_with_the_entry_or_not_at_all(self, ledger):
        write(ledger, 1, claims=(Claim("day", 3, 5), Claim("other", 1)))
        with pytest.raises(ClaimExceeded):
            write(ledger, 2, claims=(Claim("other", 1), Claim("day", 3, 5)))
        assert ledger.counters(["day", "other", "none"]) == (3, 1, 0)
        assert ledger.size() == 1
        write(ledger, 3, claims=(Claim("day", 2, 5),))
        assert ledger.counters(["day"]) == (5,)

    def test_what_is_given_back_can_be_claimed_again_and_no_counter_falls_below_nothing(self, ledger):
        write(ledger, claims=(Claim("day", 2), Claim("day", -1, 9), Claim("day", 3, 4)))
        assert ledger.counters(["day"]) == (4,)
        write(ledger, claims=(Claim("day", -10),))
        assert ledger.counters(["day"]) == (0,)

    def test_a_claim_that_is_refused_says_what_to_do(self, ledger):
        with pytest.raises(ConflictError) as refused:
            write(ledger, claims=(Claim("secret name", 1, 0),))
        assert refused.value.code == "claim_exceeded"
        assert "secret name" not in str(refused.value)

    def test_threads_together_never_claim_more_than_there_is(self, ledger):
        """Those that fail do not take others of their commit along, and leave no entry."""

        def claim(number: int) -> bool:
            try:
                write(ledger, number, claims=(Claim("day", 1, 100),))
            except ClaimExceeded:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            done = list(pool.map(claim, range(300)))
        assert sum(done) == 100
        assert ledger.counters(["day"]) == (100,)
        written = {number_of(entry) for entry in checked(ledger)}
        assert written == {number for number, was_done in enumerate(done) if was_done}


class TestFilings:
    def test_documents_are_replaced_and_removed(self, ledger):
        before = ledger.revision()
        write(
            ledger,
            1,
            filings=(Filing("grant", "a", b"1"), Filing("grant", "b", b"\0" * 5000), Filing("x", "a", b"")),
        )
        assert dict(ledger.filings("grant")) == {"a": b"1", "b": b"\0" * 5000}
        assert dict(ledger.filings("x")) == {"a": b""}
        between = ledger.revision()
        write(
            ledger,
            filings=(Filing("grant", "a", b"2"), Filing("grant", "b", None), Filing("grant", "c", None)),
        )
        assert dict(ledger.filings("grant")) == {"a": b"2"}
        assert len({before, between, ledger.revision()}) == 3

    def test_the_revision_stays_where_no_document_was_filed(self, ledger):
        before = ledger.revision()
        write(ledger, 1, claims=(Claim("day", 1),), checkpoint=True)
        assert ledger.revision() == before


class TestSettling:
    def test_what_settles_is_recorded_after_what_was_written_with_it(self, ledger, opening):
        """With places and a time as all entries have them; its claims see those before."""
        write(ledger, 1)
        opening.clock.advance(seconds=2)
        receipt = write(
            ledger, 2, claims=(Claim("day", 1),),
            settle=lambda _: Settled((draft(3), draft(4)), (Claim("day", 2, 3),)),
        )  # fmt: skip
        assert (receipt.first, receipt.count, receipt.time) == (1, 3, START + timedelta(seconds=2))
        assert write(ledger, 5).first == 4
        contents = checked(ledger)
        assert [number_of(entry) for entry in contents] == [1, 2, 3, 4, 5]
        assert {entries.decode(entry).time for entry in contents[1:4]} == {receipt.time}
        assert ledger.counters(["day"]) == (3,)

    def test_it_settles_once(self, ledger):
        seen = []
        write(ledger, settle=lambda it: seen.append(it) or Settled((draft(1),)))
        assert len(seen) == 1
        assert ledger.size() == 1

    def test_it_may_settle_and_record_nothing(self, ledger):
        assert write(ledger, settle=lambda _: Settled(())).count == 0
        assert ledger.size() == 0

    @pytest.mark.parametrize(
        ("settled", "error"),
        [
            (DamagedImage("It ends early."), DamagedImage),
            (ZeroDivisionError("secret name"), ChangeFailed),
            (sqlite3.IntegrityError("secret name"), ChangeFailed),
            (Settled((draft(1),), (Claim("day", 1, 0),)), ClaimExceeded),
            (Settled((replace(draft(1), type="gossip"),)), entries.EntryRefused),
        ],
        ids=["known", "unforeseen", "of a database", "too much is claimed", "does not fit"],
    )
    def test_one_that_fails_leaves_nothing_of_its_writing(self, ledger, settled, error):
        """And says what it raised; what nobody foresaw becomes an error of ours, which does not repeat it."""

        def settle(_):
            if isinstance(settled, Exception):
                raise settled
            return settled

        with pytest.raises(error) as raised:
            write(
                ledger, 7, claims=(Claim("day", 1),), filings=(Filing("a", "b", b"c"),), settle=settle
            )  # fmt: skip
        assert "secret name" not in str(raised.value)
        assert (ledger.size(), ledger.counters(["day"]), dict(ledger.filings("a"))) == (0, (0,), {})
        assert write(ledger, 8).first == 0

    def test_nothing_settles_while_the_clock_is_behind(self, ledger, opening):
        write(ledger, 1)
        opening.clock.advance(seconds=-1)
        with pytest.raises(ClockBehind):
            write(ledger, settle=lambda _: pytest.fail("It settled."))

    def test_one_that_fails_does_not_spoil_those_that_are_committed_with_it(self, ledger):
        """Every other fails, each in a way that nobody foresaw."""

        def settle(number: int):
            def run(_):
                if number % 2:
                    raise ZeroDivisionError
                return Settled((draft(number),), (Claim("day", 1),))

            return run

        def write_or_not(number: int) -> bool:
            try:
                write(ledger, settle=settle(number))
            except ChangeFailed:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            done = list(pool.map(write_or_not, range(120)))
        assert done == [number % 2 == 0 for number in range(120)]
        assert {number_of(entry) for entry in checked(ledger)} == set(range(0, 120, 2))
        assert ledger.counters(["day"]) == (60,)


class TestManyThreads:
    def test_every_thread_gets_places_of_its_own(self, ledger):
        with ThreadPoolExecutor(16) as pool:
            receipts = list(pool.map(lambda number: (number, write(ledger, number, number)), range(200)))
        contents = checked(ledger)
        assert len(contents) == 400
        for number, receipt in receipts:
            assert [number_of(contents[receipt.first + at]) for at in (0, 1)] == [number, number]

    def test_one_that_does_not_fit_fails_alone(self, ledger):
        bad = Writing((replace(draft(), type="gossip"),))

        def write_or_not(number: int) -> bool:
            try:
                ledger.write(bad if number % 3 == 0 else Writing((draft(number),)))
            except entries.EntryRefused:
                return False
            return True

        with ThreadPoolExecutor(16) as pool:
            assert list(pool.map(write_or_not, range(150))) == [bool(number % 3) for number in range(150)]
        assert len(checked(ledger)) == 100

    def test_readers_see_whole_ledgers_while_others_write(self, ledger):
        over = threading.Event()

        def read() -> None:
            while not over.is_set():
                size = ledger.size()
                leaves = [tree.leaf_hash(entry) for entry in ledger.entries(0, size)]
                assert tree.root_of(leaves) == ledger.root(size)

        with ThreadPoolExecutor(6) as pool:
            reading = [pool.submit(read) for _ in range(2)]
            list(pool.map(lambda number: write(ledger, number), range(100)))
            over.set()
            for future in reading:
                future.result()


class TestLasting:
    def test_everything_is_there_after_it_was_opened_again(self, lasting):
        ledger = lasting(signer(entries=3))
        for number in range(8):
            write(
                ledger,
                number,
                claims=(Claim("day", 1),),
                filings=(Filing("a", str(number % 3), b"%d" % number),),
            )
        write(ledger, filings=(Filing("a", "1", None),))
        seen = [checked(ledger), ledger.counters(["day"]), dict(ledger.filings("a"))]
        ledger.close()
        for _ in range(3):
            ledger = lasting(signer(entries=3))
            assert [checked(ledger), ledger.counters(["day"]), dict(ledger.filings("a"))] == seen
            assert Checkpoint.read(Note.read(ledger.checkpoints()[-1]).text).size == 8
            ledger.close()
        ledger = lasting()
        assert write(ledger, 8).first == 8
        checked(ledger)

    def test_what_is_closed_is_covered(self, lasting):
        ledger = lasting()
        write(ledger, 1)
        ledger.close()
        assert len(lasting().checkpoints()) == 1

    def test_its_files_are_for_this_account_alone(self, in_a_file):
        write(in_a_file(), 1)
        assert in_a_file.path.parent.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in in_a_file.path.parent.iterdir()} == {0o600}

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
    def test_a_file_that_others_may_read_is_refused(self, in_a_file, mode):
        in_a_file().close()
        in_a_file.path.chmod(mode)
        with pytest.raises(LedgerUnavailable, match="others may read"):
            in_a_file()

    def test_a_folder_that_others_may_enter_is_refused(self, in_a_file):
        in_a_file.path.parent.mkdir(mode=0o755)
        with pytest.raises(LedgerUnavailable, match="others may enter"):
            in_a_file()

    def test_a_link_is_not_followed(self, in_a_file, tmp_path):
        in_a_file.path.parent.mkdir(mode=0o700)
        (tmp_path / "elsewhere").touch(mode=0o600)
        in_a_file.path.symlink_to(tmp_path / "elsewhere")
        with pytest.raises(LedgerUnavailable, match="link"):
            in_a_file()

    def test_a_file_of_another_kind_is_not_touched(self, in_a_file):
        in_a_file.path.parent.mkdir(mode=0o700)
        in_a_file.path.write_bytes(b"my own diary\n" * 500)
        in_a_file.path.chmod(0o600)
        with pytest.raises((LedgerUnavailable, LedgerCorrupt)):
            in_a_file()
        assert in_a_file.path.read_bytes() == b"my own diary\n" * 500

    def test_another_key_is_noticed(self, lasting):
        ledger = lasting()
        write(ledger, 1)
        ledger.close()
        with pytest.raises(LedgerCorrupt, match="not signed"):
            lasting(signer(seed=bytes(32)))
        changed = replace(signer(seed=bytes(32)), earlier=(verifying(signer().key),))
        assert lasting(changed).size() == 1

    def test_an_entry_that_was_changed_is_noticed(self, in_a_file):
        """What came after the newest checkpoint is hashed again whenever the ledger is opened."""
        ledger = in_a_file()
        write(ledger, 1, 2, 3)
        refuse(ledger)
        ledger.close()
        for path in in_a_file.path.parent.iterdir():
            content = path.read_bytes()
            path.write_bytes(content.replace(b"r-" + b"0" * 31 + b"2", b"r-" + b"0" * 31 + b"5"))
        if in_a_file.kind == "file":  # One record, the last: as if it had never been confirmed.
            assert in_a_file().size() == 0
        else:
            with pytest.raises(LedgerCorrupt):
                in_a_file()

    def test_a_ledger_in_which_nothing_can_be_written_refuses_until_it_is_opened_again(self, in_a_file):
        """A child whose files may not grow: what was answered before is there, and nothing after."""
        program = (
            "import resource, sys; sys.path.insert(0, sys.argv[3]); from pathlib import Path\n"
            "from data.drafts import draft, signer\n"
            "from faceward.adapters.clock import SystemClock\n"
            "from faceward.adapters import ledger as adapters\n"
            "from faceward.ports.ledger import LedgerUnavailable, Writing\n"
            "ledger = getattr(adapters, sys.argv[2])(Path(sys.argv[1]), SystemClock(), signer())\n"
            "def write():\n"
            "    try: return ledger.write(Writing((draft(7),))).first\n"
            "    except LedgerUnavailable as error: return str(error)\n"
            "print(write())\n"
            "journal = Path(sys.argv[1] + '-wal')\n"
            "grows = journal if journal.exists() else Path(sys.argv[1])\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (grows.stat().st_size + 100, -1))\n"
            "print(write())\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (-1, -1))\n"
            "print(write())\n"
        )
        kind = {"sqlite": "SqliteLedger", "file": "FileLedger"}[in_a_file.kind]
        command = [sys.executable, "-c", program, str(in_a_file.path), kind, TESTS]
        first, second, third = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=60
        ).stdout.splitlines()
        assert first == "0"
        assert "disk" in second
        assert "failed before" in third
        ledger = in_a_file(clock=SystemClock())
        assert ledger.size() == 1
        assert write(ledger, 8).first == 1
        checked(ledger)


def refuse(ledger) -> None:
    """Have it end as a process that died: nothing more is signed or written."""
    ledger._refusal = "It died."


class TestShared:
    """Ledgers that several processes write."""

    @pytest.fixture(params=["sqlite", "postgres"])
    def shared(self, request, tmp_path):
        made = made_for(request, request.param, tmp_path)
        made.processes = {"sqlite": 3, "postgres": 8}[request.param]
        yield made
        made.close()

    def test_what_settles_changes_the_database_together_with_its_entry(self, tmp_path):
        """Even where it fails after it changed something, in one commit with others that do not."""
        path = tmp_path / "ledger" / "file"
        ledger = SqliteLedger(path, SetClock(START), signer())
        write(ledger, settle=lambda it: it.execute("CREATE TABLE scratch (it INTEGER)") and Settled(()))

        def settle(number: int):
            def run(transaction):
                transaction.execute("INSERT INTO scratch VALUES (?)", (number,))
                if number % 2:
                    raise ZeroDivisionError
                return Settled((draft(number),))

            return run

        batch = ledger._commit([Writing((), settle=settle(number)) for number in range(6)])
        assert [isinstance(it, ChangeFailed) for it in batch] == [False, True] * 3
        assert [it.first for it in batch[::2]] == [0, 1, 2]
        other = sqlite3.connect(path)
        kept = [row[0] for row in other.execute("SELECT it FROM scratch ORDER BY it")]
        other.close()
        assert kept == [number_of(entry) for entry in checked(ledger)] == [0, 2, 4]
        ledger.close()

    def test_two_at_once_write_one_ledger(self, shared):
        """Places, counters and documents of one are known to the other, and the tree is one."""
        one, two = shared(), shared()
        for number in range(20):
            ledger = (one, two)[number % 2]
            assert write(ledger, number, claims=(Claim("day", 1, 20),)).first == number
        for ledger in (one, two):
            assert ledger.counters(["day"]) == (20,)
            with pytest.raises(ClaimExceeded):
                write(ledger, 99, claims=(Claim("day", 1, 20),))
            assert len(checked(ledger)) == 20
        before = two.revision()
        write(one, filings=(Filing("a", "b", b"c"),))
        assert two.revision() != before
        assert dict(two.filings("a")) == {"b": b"c"}
        assert one.checkpoint() == two.checkpoint()

    def test_processes_together_write_one_ledger(self, shared):
        program = (
            "import sys; sys.path.insert(0, sys.argv[3]); from pathlib import Path\n"
            "from concurrent.futures import ThreadPoolExecutor\n"
            "from data.drafts import draft, signer\n"
            "from faceward.adapters.clock import SystemClock\n"
            "from faceward.adapters.ledger import SqliteLedger\n"
            "from faceward.adapters.ledger.postgres import PostgresLedger\n"
            "from faceward.ports.ledger import Claim, Writing\n"
            "where = sys.argv[1]\n"
            "made = PostgresLedger if '://' in where else SqliteLedger\n"
            "ledger = made(where if '://' in where else Path(where), SystemClock(), signer(entries=20))\n"
            "def write(number):\n"
            "    return ledger.write(Writing((draft(number),), (Claim('day', 1),))).first\n"
            "with ThreadPoolExecutor(4) as pool:\n"
            "    start = 1000 * int(sys.argv[2])\n"
            "    print(*pool.map(write, range(start, start + 25)))\n"
        )
        children = [
            subprocess.Popen(
                [sys.executable, "-c", program, shared.url or str(shared.path), str(number), TESTS],
                stdout=subprocess.PIPE, text=True,
            )
            for number in range(shared.processes)
        ]  # fmt: skip
        places = [child.communicate(timeout=120)[0].split() for child in children]
        assert [child.returncode for child in children] == [0] * shared.processes
        ledger = shared(clock=SystemClock())
        contents = checked(ledger)
        assert ledger.counters(["day"]) == (25 * shared.processes,)
        for number, mine in enumerate(places):
            assert [number_of(contents[int(place)]) for place in mine] == list(
                range(1000 * number, 1000 * number + 25)
            )
        assert len(ledger.checkpoints()) >= 25 * shared.processes // 40


class TestSqlite:
    @pytest.fixture
    def lasting(self, tmp_path):
        made = Opening("sqlite", tmp_path)
        yield made
        made.close()

    def test_a_process_that_holds_it_too_long_is_an_error_and_no_end(self, lasting):
        ledger = lasting(wait_seconds=0.1)
        other = sqlite3.connect(lasting.path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerUnavailable, match="Another process"):
            write(ledger, 1)
        other.execute("ROLLBACK")
        other.close()
        assert write(ledger, 1).first == 0

    def test_entries_and_checkpoints_can_be_neither_changed_nor_removed(self, lasting):
        """Not by accident; who owns the file can, which is what checkpoints are for."""
        write(lasting(), 1, checkpoint=True)
        other = sqlite3.connect(lasting.path)
        for statement in (
            "UPDATE entries SET entry = x'00'", "DELETE FROM entries", "UPDATE checkpoints SET size = 0",
            "DELETE FROM checkpoints",
        ):  # fmt: skip
            with pytest.raises(sqlite3.IntegrityError, match="never changed"):
                other.execute(statement)
        other.close()

    def test_it_is_as_durable_as_it_says(self, lasting):
        ledger = lasting()
        for connection in (ledger._writer, ledger._reader):
            assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    @pytest.mark.parametrize(
        "change",
        [
            "DELETE FROM entries WHERE place >= 4",
            "DELETE FROM entries WHERE place = 6",
            "UPDATE entries SET entry = x'00' WHERE place = 6",
            "UPDATE entries SET entry = x'00' WHERE place = 7",
            "UPDATE entries SET nodes = zeroblob(length(nodes)) WHERE place = 3",
            "UPDATE entries SET nodes = zeroblob(length(nodes)) WHERE place = 6",
            "UPDATE entries SET nodes = x'' WHERE place = 3",
            "UPDATE checkpoints SET note = 'none'",
            "UPDATE checkpoints SET note = replace(note, 'log.example', 'lag.example')",
        ],
    )
    def test_a_tree_that_is_not_what_was_signed_is_noticed(self, lasting, change):
        ledger = lasting()
        write(ledger, *range(5), checkpoint=True)
        write(ledger, *range(5, 8))
        refuse(ledger)
        ledger.close()
        other = sqlite3.connect(lasting.path)
        for trigger in ("entries_UPDATE", "entries_DELETE", "checkpoints_UPDATE"):
            other.execute(f"DROP TRIGGER {trigger}")
        other.execute(change)
        other.commit()
        other.close()
        with pytest.raises(LedgerCorrupt):
            lasting()

    def test_a_database_of_another_program_is_left_as_it_is(self, lasting):
        lasting.path.parent.mkdir(mode=0o700)
        other = sqlite3.connect(lasting.path)
        other.execute("CREATE TABLE diary (day)")
        other.close()
        lasting.path.chmod(0o600)
        before = lasting.path.read_bytes()
        with pytest.raises(LedgerUnavailable, match="no ledger"):
            lasting()
        assert lasting.path.read_bytes() == before

    def test_what_was_removed_is_in_none_of_the_files(self, lasting):
        ledger = lasting()
        write(ledger, 1, filings=(Filing("a", "b", b"what Anna wrote" * 9), Filing("a", "c", b"kept")))
        write(ledger, 2, filings=(Filing("a", "b", None),))
        assert not [path for path in lasting.path.parent.iterdir() if b"what Anna wrote" in path.read_bytes()]

    def test_a_damaged_database_is_not_used(self, lasting):
        ledger = lasting()
        write(ledger, *range(200))
        ledger.close()
        content = bytearray(lasting.path.read_bytes())
        content[4096:] = os.urandom(len(content) - 4096)
        lasting.path.write_bytes(content)
        with pytest.raises(LedgerCorrupt):
            lasting()


class BrokenDisk(Disk):
    """Fails when told to."""

    def __init__(self) -> None:
        self.fails = ""

    def write(self, descriptor: int, content: bytes, place: int) -> None:
        if self.fails == "write":
            super().write(descriptor, content[: len(content) // 2], place)
            raise OSError(28, "No space left on device")
        super().write(descriptor, content, place)

    def synchronise(self, descriptor: int) -> None:
        if self.fails == "synchronise":
            raise OSError(5, "Input/output error")
        super().synchronise(descriptor)


class TestFile:
    @pytest.fixture
    def lasting(self, tmp_path):
        made = Opening("file", tmp_path)
        yield made
        made.close()

    def test_a_second_process_is_told_so(self, lasting):
        lasting()
        with pytest.raises(LedgerUnavailable, match="Another process") as refused:
            lasting()
        assert "SQLite" in refused.value.remedy

    @pytest.mark.parametrize("what", ["write", "synchronise"])
    def test_after_a_failure_nothing_is_written_until_it_is_opened_again(self, lasting, what):
        disk = BrokenDisk()
        ledger = lasting(disk=disk)
        write(ledger, 1)
        disk.fails = what
        with pytest.raises(LedgerUnavailable, match="disk"):
            write(ledger, 2)
        disk.fails = ""
        with pytest.raises(LedgerUnavailable, match="failed before"):
            write(ledger, 3)
        assert ledger.size() == 1
        ledger.close()
        again = lasting()
        assert [number_of(entry) for entry in checked(again)] in ([1], [1, 2])
        write(again, 4)
        checked(again)

    def test_a_record_cut_short_anywhere_is_taken_back(self, lasting):
        ledger = lasting()
        write(ledger, 1, checkpoint=True)
        before = lasting.path.stat().st_size
        write(ledger, 2, claims=(Claim("day", 1),))
        refuse(ledger)
        ledger.close()
        content = lasting.path.read_bytes()
        for length in range(before, len(content)):
            lasting.path.write_bytes(content[:length])
            ledger = lasting()
            assert [number_of(entry) for entry in ledger.entries()] == [1]
            assert lasting.path.stat().st_size == before
            assert ledger.counters(["day"]) == (0,)
            refuse(ledger)
            ledger.close()

    def test_a_last_record_with_holes_is_taken_back(self, lasting):
        """A disk may keep the end of a record and lose its beginning."""
        ledger = lasting()
        write(ledger, 1, checkpoint=True)
        before = lasting.path.stat().st_size
        write(ledger, 2)
        refuse(ledger)
        ledger.close()
        content = bytearray(lasting.path.read_bytes())
        content[before : before + 100] = bytes(100)
        lasting.path.write_bytes(content)
        assert lasting().size() == 1

    def test_a_confirmed_record_that_is_damaged_is_never_taken_back(self, lasting):
        """Every byte of all records but the last, whichever bit of it; and all of them once it was closed."""
        ledger = lasting()
        write(ledger, 1)
        write(ledger, 2)
        ledger.close()
        content = lasting.path.read_bytes()
        last = content.rindex(b"\x89fwR")
        for place in range(len("faceward ledger 1\n"), last):
            changed = bytearray(content)
            changed[place] ^= 1 << place % 8
            lasting.path.write_bytes(changed)
            with pytest.raises(LedgerCorrupt):
                lasting()
            assert lasting.path.read_bytes() == changed

    def test_a_file_whose_first_line_was_cut_short_is_begun_anew(self, lasting):
        lasting.path.parent.mkdir(mode=0o700)
        lasting.path.write_bytes(b"facew")
        lasting.path.chmod(0o600)
        ledger = lasting()
        write(ledger, 1)
        ledger.close()
        assert lasting().size() == 1


class TestGroupCommit:
    def test_who_comes_during_a_commit_is_committed_with_the_next(self):
        """One commit for the first, and one for all who came meanwhile."""
        begun, may_end, batches = threading.Event(), threading.Event(), []

        def commit(items):
            batches.append(list(items))
            begun.set()
            assert may_end.wait(10)
            return [2 * item for item in items]

        group = GroupCommit(commit)
        with ThreadPoolExecutor(10) as pool:
            first = pool.submit(group.submit, 0)
            assert begun.wait(10)
            others = [pool.submit(group.submit, number) for number in range(1, 10)]
            while len(group._waiting) < 9:
                time.sleep(0.001)
            may_end.set()
            assert [future.result(10) for future in (first, *others)] == [2 * number for number in range(10)]
        assert [len(batch) for batch in batches] == [1, 9]

    def test_a_commit_that_fails_fails_for_all_of_it_and_not_for_the_next(self):
        fails = [True]

        def commit(items):
            if fails.pop() if fails else False:
                raise LedgerUnavailable("It broke.")
            return items

        group = GroupCommit(commit)
        with pytest.raises(LedgerUnavailable, match="It broke"):
            group.submit(1)
        assert group.submit(2) == 2

    def test_a_leader_that_is_stopped_leaves_nobody_waiting(self):
        begun, may_end = threading.Event(), threading.Event()

        def commit(items):
            if 0 in items:
                begun.set()
                assert may_end.wait(10)
                raise KeyboardInterrupt
            return items

        group = GroupCommit(commit)
        with ThreadPoolExecutor(4) as pool:
            first = pool.submit(group.submit, 0)
            assert begun.wait(10)
            others = [pool.submit(group.submit, number) for number in (1, 2, 3)]
            while len(group._waiting) < 3:
                time.sleep(0.001)
            may_end.set()
            assert [future.result(10) for future in others] == [1, 2, 3]
            with pytest.raises(KeyboardInterrupt):
                first.result(10)
