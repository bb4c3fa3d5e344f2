"""Whatever byte of an export is changed, wherever an entry is moved to: it is found."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from pathlib import Path

import pytest
from data.histories import LOG_KEY, WITNESS, WITNESS_KEY, Shown, receipt, shown, story
from hypothesis import given
from hypothesis import strategies as st

from faceward.transparency import export
from faceward.transparency.verification import Trust, verified_receipt, verify

ENTRIES = tuple(story(6).entries)
GOOD = shown(ENTRIES, (4, len(ENTRIES)), (WITNESS,))
TRUST = Trust((LOG_KEY,), (WITNESS_KEY,))
PLACES = st.integers(0, len(ENTRIES) - 1)
SHOWN = GOOD.evidence()
FILES = {
    export.ENTRIES: b"".join(SHOWN.entries),
    export.LEAVES: b"".join(SHOWN.leaves or ()),
    export.CHECKPOINTS: (SHOWN.checkpoints or "").encode(),
    export.README: (SHOWN.readme or "").encode(),
}
ENDS = tuple(accumulate(map(len, FILES.values())))
STRETCHES = tuple(zip(FILES, (0, *ENDS), ENDS, strict=False))


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return GOOD.write(tmp_path_factory.mktemp("tampering") / "export")


def test_the_whole_export_verifies(folder):
    """Before anything is changed."""
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES
    assert verify(export.opened(folder), TRUST).findings == ()


@given(at=st.integers(0, ENDS[-1] - 1), other=st.integers(1, 255))
def test_any_changed_byte_is_found(folder, at: int, other: int):
    """In whichever file it is; all but the words of the README make it fail."""
    name, at = next((name, at - start) for name, start, stop in STRETCHES if start <= at < stop)
    content = FILES[name]
    (folder / name).write_bytes(bytes([*content[:at], content[at] ^ other, *content[at + 1 :]]))
    report = verify(export.opened(folder), TRUST)
    (folder / name).write_bytes(content)
    assert report.findings
    assert report.holds == (name == export.README or {str(it.code) for it in report.findings} <= HARMLESS)


HARMLESS = {"signature_unknown", "cosignature_behind"}
"""What becomes of the cosignature of an older checkpoint whose name was changed: nobody's signature."""


@given(kept=st.sets(PLACES))
def test_any_dropped_entries_are_found(kept: set[int]):
    """And nothing else is said to have happened to them."""
    entries = tuple(ENTRIES[place] for place in sorted(kept))
    codes = set(replace(GOOD, entries=entries).codes(witnesses=(WITNESS_KEY,)))
    assert bool(codes & {"entry_dropped", "entries_truncated"}) == (len(kept) < len(ENTRIES))
    assert not codes & {"entry_altered", "entry_reordered", "entry_repeated", "history_forked"}


@given(order=st.permutations(range(len(ENTRIES))))
def test_any_other_order_is_found(order: list[int]):
    """As that, and not as entries that are missing."""
    codes = set(replace(GOOD, entries=tuple(ENTRIES[place] for place in order)).codes())
    assert ("entry_reordered" in codes) == (order != sorted(order))
    assert not codes & {"entry_altered", "entry_dropped", "entry_repeated", "entries_truncated"}


@given(size=st.integers(1, len(ENTRIES)), kept=st.integers(1, len(ENTRIES)))
def test_truncation_is_found_by_any_later_checkpoint(size: int, kept: int):
    """And by no earlier one."""
    codes = shown(ENTRIES[:size]).codes(kept=(str(shown(ENTRIES[:kept]).checkpoints[0]),))
    assert ("entries_truncated" in codes) == (kept > size)
    assert "history_forked" not in codes


@given(at=st.integers(0, 10_000), other=st.integers(1, 255), place=PLACES)
def test_any_changed_byte_of_a_receipt_is_found(at: int, other: int, place: int):
    """All but in the signatures of others, of which there are none."""
    text = receipt(ENTRIES, place).text().encode()
    at %= len(text)
    changed = bytes([*text[:at], text[at] ^ other, *text[at + 1 :]]).decode("utf-8", "replace")
    assert verified_receipt(changed, (LOG_KEY,)) is None


@given(content=st.binary(max_size=300), file=st.sampled_from(sorted(FILES)))
def test_no_file_brings_the_verifier_down(folder, content: bytes, file: str):
    """Whoever wrote it may be hostile."""
    (folder / file).write_bytes(content)
    report = verify(export.opened(folder), TRUST)
    (folder / file).write_bytes(FILES[file])
    assert report.findings
    assert all(line.isprintable() for line in report.lines())


def test_shown_is_what_it_was():
    """The tests above leave the export as they found it."""
    assert isinstance(GOOD, Shown)
    assert GOOD.codes(witnesses=(WITNESS_KEY,)) == []
