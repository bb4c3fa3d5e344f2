"""What a ledger shows of itself and the keys one trusts in, all that is wrong with it out.

No key comes from inside. The log's signatures vouch for roots, the roots for hashes, the hashes for entries.
Two rightly signed checkpoints that no one history fits are a fork. A ledger whose end was cut off, with the
checkpoints that cover it, looks like a younger one: only a checkpoint that somebody kept shows that.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from faceward.errors import InvalidValue
from faceward.transparency.commitments import Commitment, commitments, witnessed
from faceward.transparency.conduct import Conduct
from faceward.transparency.entries import Entry, EntryNotCanonical, EntryRefused, decode
from faceward.transparency.export import Evidence, checkpoint_texts, readme
from faceward.transparency.findings import Code, Findings, Report, stretch
from faceward.transparency.leaves import Leaves
from faceward.transparency.notes import VerifyingKey
from faceward.transparency.placing import Placing
from faceward.transparency.proofs import InclusionReceipt
from faceward.transparency.tree import HASH_BYTES, leaf_hash

_LEAF = re.compile(rb"[0-9a-f]{64}\n").fullmatch


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose word counts, and what its holder kept from earlier.

    Attributes:
        logs: Public keys of the log, which must come from elsewhere; more than one after a change of keys.
        witnesses: Public keys of witnesses that must have cosigned.
        policies: Digests of published policies; empty: any policy may be in force.
        kept: Checkpoints that were kept from earlier, or come from other people; a text may hold several.
        receipts: Receipts of entries.
    """

    logs: tuple[VerifyingKey, ...]
    witnesses: tuple[VerifyingKey, ...] = ()
    policies: frozenset[str] = frozenset()
    kept: tuple[str, ...] = ()
    receipts: tuple[str, ...] = ()


def verified_receipt(text: str, logs: Sequence[VerifyingKey]) -> InclusionReceipt | None:
    """Read a receipt, and check that the log signed a tree in which its entry stands at its place.

    Returns:
        The receipt; nothing where it does not hold.
    """
    try:
        receipt = InclusionReceipt.read(text)
        seq = decode(receipt.entry).seq
    except (InvalidValue, EntryRefused):
        return None
    return receipt if receipt.holds(logs) and seq == receipt.place else None


def verify(evidence: Evidence, trust: Trust) -> Report:
    """Check all that a ledger shows of itself.

    Args:
        evidence: The files of an export, or the like of a ledger that is in use.
        trust: Whose word counts.

    Returns:
        Everything that was found. It does not stop at the first thing that is wrong.
    """
    found = Findings()
    for name in evidence.missing:
        found.add(Code.FILE_MISSING, name, "There is no such file in the export.")
    if evidence.readme is not None and evidence.readme not in {readme(key.name) for key in trust.logs}:
        found.add(Code.README_DIFFERS, "README.txt", "It is not the text of this version; do not go by it.")
    receipts = _receipts(trust, found)
    kept = [one for text in trust.kept for one in checkpoint_texts(text)]
    kept += [str(it.checkpoint) for it in receipts.values()]
    signed = commitments(evidence.checkpoints, kept, trust.logs, trust.witnesses, found)
    listed = _listed(evidence, found)
    reading = _Reading(Conduct(found, trust.policies), Placing(found, listed, _proven(signed, listed)))
    for number, line in enumerate(evidence.entries):
        reading.take(number, line)
    reading.close()
    _compare(signed, listed, reading, found)
    if evidence.leaves is not None:
        _compare_hashes(_proven(signed, reading.leaves), listed, reading.leaves, found)
    for name, receipt in receipts.items():
        if receipt.place >= len(reading.leaves) or reading.leaves[receipt.place] != leaf_hash(receipt.entry):
            found.add(Code.RECEIPT_FAILS, name, f"Its entry {receipt.place} is not the one shown here.")
    covered = max((it.size for it in signed if it.shown), default=0)
    if reading.placing.due > covered:
        found.add(Code.ENTRY_UNSIGNED, stretch(covered, reading.placing.due), "No checkpoint covers it.")
    return Report(
        origin=next((it.checkpoint.origin for it in reversed(signed) if it.shown), ""),
        entries=len(reading.leaves),
        signed=covered,
        first=reading.first,
        last=reading.last,
        counts=reading.conduct.standing(),
        policies=tuple(reading.conduct.policies),
        witnessed=witnessed(signed, trust.witnesses, found),
        findings=found.all(),
    )


@dataclass(slots=True)
class _Reading:
    """Follows the lines of entries."""

    conduct: Conduct
    placing: Placing
    leaves: Leaves = field(default_factory=Leaves)
    first: datetime | None = None
    last: datetime | None = None

    def take(self, number: int, line: bytes) -> None:
        content = line.removesuffix(b"\n")
        if content == line:
            self._malformed(f"line {number + 1} of entries.jsonl", "It is too long, or has no end.")
        hashed = leaf_hash(content)
        self.leaves.append(hashed)
        entry = self._entry(number, content)
        self.placing.take(content, entry, hashed)
        if entry is not None:
            self.first, self.last = self.first or entry.time, entry.time
            self.conduct.follow(entry)

    def close(self) -> None:
        self.placing.close()
        self.conduct.close()

    def _malformed(self, place: str, cause: str) -> None:
        self.placing.found.add(Code.FILE_MALFORMED, place, cause)

    def _entry(self, number: int, content: bytes) -> Entry | None:
        try:
            return decode(content)
        except EntryNotCanonical as error:
            self.placing.found.add(Code.ENTRY_NOT_CANONICAL, f"entry {number}", error.cause)
        except EntryRefused as error:
            self.placing.found.add(Code.ENTRY_REFUSED, f"entry {number}", error.cause)
        return None


def _receipts(trust: Trust, found: Findings) -> dict[str, InclusionReceipt]:
    """Those that hold by themselves. The checkpoint of each counts as one that was kept."""
    held = {}
    for number, text in enumerate(trust.receipts, 1):
        receipt = verified_receipt(text, trust.logs)
        if receipt is None:
            found.add(Code.RECEIPT_FAILS, f"receipt {number}", "It shows no entry that the log signed.")
        else:
            held[f"receipt {number}"] = receipt
    return held


def _listed(evidence: Evidence, found: Findings) -> Leaves:
    """The hashes that the export lists."""
    leaves = Leaves()
    for number, line in enumerate(evidence.leaves or (), 1):
        if _LEAF(line):
            leaves.append(bytes.fromhex(line[:-1].decode()))
        else:
            leaves.append(bytes(HASH_BYTES))
            found.add(Code.FILE_MALFORMED, f"line {number} of leaves", "It is no hash.")
    return leaves


def _proven(signed: Sequence[Commitment], leaves: Leaves) -> int:
    """How many hashes are those that the log signed."""
    roots = leaves.roots(it.size for it in signed)
    return max((it.size for it in signed if it.fits(roots)), default=0)


def _compare(signed: Sequence[Commitment], listed: Leaves, reading: _Reading, found: Findings) -> None:
    """Hold what was signed against what is listed and what is there."""
    sizes, there = [it.size for it in signed], reading.leaves
    by_list, by_entries, shown = listed.roots(sizes), there.roots(sizes), _proven(signed, there)
    proven = max(reading.placing.vouched, shown)
    for it in signed:
        if it.fits(by_list) or it.fits(by_entries):
            continue
        other = any(one.size == it.size and one.checkpoint.root != it.checkpoint.root for one in signed)
        if it.size <= proven or other:
            cause = f"The log signed two histories of its first {it.size} entries, and shows the other one."
            found.add(Code.HISTORY_FORKED, it.place, cause)
        elif it.size <= max(len(there), len(listed)):
            cause = f"Among {stretch(proven, it.size)} there is what the log did not sign."
            found.add(Code.ROOT_DIFFERS, it.place, cause)
    largest, due = max(sizes, default=0), reading.placing.due
    if largest > due:
        cause = f"The log signed {largest} entries; the last of them are not here."
        found.add(Code.ENTRIES_TRUNCATED, stretch(due, largest), cause)


def _compare_hashes(shown: int, listed: Leaves, there: Leaves, found: Findings) -> None:
    """Hold the hashes that are listed against those of entries that are as they were signed."""
    for place in range(min(shown, len(listed))):
        if listed[place] != there[place]:
            found.add(Code.LEAF_ALTERED, f"entry {place}", "The hash that is listed for it is not its own.")
    if shown == len(there) != len(listed):
        cause = f"It lists {len(listed)} hashes, and there are {len(there)} entries."
        found.add(Code.FILE_MALFORMED, "leaves", cause)
