"""What every witness does, whatever it keeps its state in."""

from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from data.histories import LOG_KEY, ORIGIN, OTHER_LOG, checkpoint, shown, story

from faceward.adapters.witness import FolderWitness
from faceward.errors import DependencyError, InvalidValue
from faceward.ports.witness import Witness, WitnessUnavailable
from faceward.transparency.leaves import Leaves
from faceward.transparency.notes import KeyType, Note, verifying
from faceward.transparency.proofs import CosigningRequest
from faceward.transparency.requesting import ExportDamaged, request_for
from faceward.transparency.signatures import loaded
from faceward.transparency.tree import consistency_proof, leaf_hash
from faceward.transparency.witnessing import (
    CheckpointUnknown,
    LedgerForked,
    LedgerRolledBack,
    ProofStale,
)

KEY = loaded("witness.example/a", bytes([7] * 32))
NOW = datetime(2026, 1, 2, tzinfo=UTC)
ENTRIES = tuple(story().entries)
OTHERS = tuple(reversed(ENTRIES))

Opened = Callable[[], Witness]


@pytest.fixture
def opened(tmp_path) -> Opened:
    """Opens the same witness, as after a start of its machine."""
    return lambda: FolderWitness(tmp_path / "witness", KEY)


@pytest.fixture
def witness(opened) -> Witness:
    it = opened()
    it.trust([LOG_KEY])
    return it


def request(size: int, old: int = 0, entries=ENTRIES) -> CosigningRequest:
    leaves = Leaves()
    for entry in entries[:size]:
        leaves.append(leaf_hash(entry))
    return CosigningRequest(old, consistency_proof(old, size, leaves.nodes()), checkpoint(entries[:size]))


def test_it_cosigns_a_ledger_that_grows(witness: Witness, opened: Opened):
    """And remembers the last checkpoint, whatever happens to its machine."""
    for old, size in ((0, 3), (3, 3), (3, 9), (9, 17)):
        asked = request(size, old)
        line = opened().cosign(asked, NOW)
        assert Note(asked.checkpoint.text, (line,)).times_signed_by(witness.key()) == (int(NOW.timestamp()),)
        last = opened().last(ORIGIN)
        assert last is not None
        assert last.size == size
    assert witness.key() == verifying(KEY, KeyType.COSIGNATURE_V1)


@pytest.mark.parametrize(
    ("asked", "refusal"),
    [
        (request(8), LedgerRolledBack),
        (request(0), LedgerRolledBack),
        (request(9, 0, OTHERS), LedgerForked),
        (request(9, 9, OTHERS), LedgerForked),
        (request(17, 9, OTHERS), LedgerForked),
        (replace(request(17, 9), proof=()), LedgerForked),
        (replace(request(17, 9), proof=(bytes(32),)), LedgerForked),
        (request(17, 0), ProofStale),
        (request(17, 8), ProofStale),
        (replace(request(17, 9), checkpoint=checkpoint(ENTRIES, OTHER_LOG)), CheckpointUnknown),
        (replace(request(17, 9), checkpoint=Note("nothing\n", ())), CheckpointUnknown),
    ],
)
def test_it_cosigns_nothing_else(witness: Witness, asked: CosigningRequest, refusal: type[Exception]):
    """It says which of the reasons it is, and its state stays what it was."""
    witness.cosign(request(9), NOW)
    with pytest.raises(refusal):
        witness.cosign(asked, NOW)
    last = witness.last(ORIGIN)
    assert last is not None
    assert last.size == 9
    witness.cosign(request(17, 9), NOW)


def test_the_first_checkpoint_needs_no_proof(witness: Witness):
    """There is nothing yet that it could contradict."""
    assert witness.last(ORIGIN) is None
    with pytest.raises(ProofStale):
        witness.cosign(request(9, 3), NOW)
    witness.cosign(request(9), NOW)


def test_it_cosigns_for_those_that_it_was_told_of(opened: Opened):
    """More may come; none is forgotten, and none counts twice."""
    it = opened()
    assert it.logs() == ()
    with pytest.raises(CheckpointUnknown):
        it.cosign(request(3), NOW)
    other = verifying(OTHER_LOG)
    it.trust([LOG_KEY])
    it.trust([other, LOG_KEY])
    assert opened().logs() == (LOG_KEY, other)


def test_nothing_is_signed_before_it_is_kept(witness: Witness, tmp_path):
    """A witness that cannot write does not sign."""
    seen = tmp_path / "witness" / "seen"
    (seen / "x").touch()
    seen.rename(tmp_path / "away")
    (tmp_path / "witness" / "seen").touch()
    with pytest.raises(WitnessUnavailable):
        witness.cosign(request(3), NOW)


def test_two_histories_at_once_get_one_cosignature(witness: Witness, opened: Opened):
    """Whoever comes second is refused, however close behind."""

    def asks(entries: tuple[bytes, ...]) -> bool:
        try:
            opened().cosign(request(9, 0, entries), NOW)
        except (ProofStale, LedgerForked):
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(asks, [ENTRIES, OTHERS] * 8))
    assert sum(done) == 1
    last = witness.last(ORIGIN)
    assert last is not None
    assert last.size == 9


@pytest.mark.parametrize("content", [b"", b"nothing", str(checkpoint(ENTRIES[:3])).encode(), b"\xff"])
def test_a_state_that_is_damaged_signs_nothing(witness: Witness, tmp_path, content: bytes):
    """Not even from the beginning: who can damage it could roll it back."""
    witness.cosign(request(9), NOW)
    (path,) = (tmp_path / "witness" / "seen").iterdir()
    path.write_bytes(content)
    with pytest.raises(WitnessUnavailable):
        witness.cosign(request(17, 9), NOW)
    (tmp_path / "witness" / "logs").write_bytes(b"nothing\n")
    with pytest.raises(WitnessUnavailable):
        witness.logs()


def test_its_folder_is_its_own(witness: Witness, tmp_path):
    """Closed to others, and refused where it is not."""
    folder = tmp_path / "witness"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    folder.chmod(0o755)
    with pytest.raises(DependencyError):
        FolderWitness(folder, KEY)


def test_a_request_is_made_of_an_export(witness: Witness):
    """The proof comes from the entries themselves."""
    witness.cosign(request(3), NOW)
    good = shown(ENTRIES, (3, 17))
    made = request_for(good.evidence(), witness.logs(), witness.last)
    assert made == replace(request(17, 3), checkpoint=made.checkpoint)
    witness.cosign(made, NOW)
    with pytest.raises(ExportDamaged):
        request_for(replace(good, entries=ENTRIES[:16]).evidence(), witness.logs(), witness.last)
    with pytest.raises(CheckpointUnknown):
        request_for(good.evidence(), (), witness.last)
    short = request_for(shown(ENTRIES[:9]).evidence(), witness.logs(), witness.last)
    with pytest.raises(LedgerRolledBack):
        witness.cosign(short, NOW)


def test_a_request_goes_there_and_back():
    """As the text that is sent."""
    for asked in (request(0), request(3), request(17, 9)):
        assert CosigningRequest.read(asked.text()) == asked
    for text in ("", "old x\n\n", "old 01\n\n", f"old 3\n{'A' * 44}\n\n", "new 3\n\n" + str(checkpoint(()))):
        with pytest.raises(InvalidValue):
            CosigningRequest.read(text)
