"""Entries in the order of their lines in, which of them was altered, dropped, moved or repeated out.

The log vouches for the hashes of its first entries. An entry whose hash belongs to its place is as it was
signed. One that fits a place when it says another number was renumbered; one that fits no place was altered.
Places that no entry fits were dropped; entries that come after later ones were reordered.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from operator import itemgetter

from faceward.transparency.entries import Entry, encode
from faceward.transparency.findings import Code, Findings, stretch
from faceward.transparency.leaves import Leaves
from faceward.transparency.tree import leaf_hash

_SHIFTS = (0, 1, -1, 2, -2, 3, -3, 4, -4)
"""How far from its number the place of an entry is looked for. Chosen: each costs as much as reading it."""

_SEQ = re.compile(rb'"seq":([0-9]{1,15}),')


@dataclass(slots=True)
class Placing:
    """Follows the lines of ``entries.jsonl``.

    Attributes:
        found: Takes what is wrong.
        leaves: Hashes that are listed.
        vouched: How many of them the log signed.
        due: The place that the next line should have.
    """

    found: Findings
    leaves: Leaves
    vouched: int
    due: int = 0
    _shift: int = 0
    _gaps: list[tuple[int, int]] = field(default_factory=list)

    def take(self, content: bytes, entry: Entry | None, hashed: bytes) -> None:
        """Take the next line.

        Args:
            content: What it holds.
            entry: The entry; nothing where it is none.
            hashed: Its leaf hash.
        """
        place = self._place(content, entry, hashed)
        if place >= self.due:
            if place > self.due:
                self._gaps.append((self.due, place))
            self.due = place + 1
            return
        at = bisect_right(self._gaps, place, key=itemgetter(0)) - 1
        start, stop = self._gaps[at] if at >= 0 else (0, 0)
        if start <= place < stop:
            self._gaps[at : at + 1] = [it for it in ((start, place), (place + 1, stop)) if it[0] < it[1]]
            self.found.add(Code.ENTRY_REORDERED, f"entry {place}", "It stands after later entries.")
            return
        self.found.add(Code.ENTRY_REPEATED, f"entry {place}", "There is more than one for this place.")

    def close(self) -> None:
        """Report the places to which no line came."""
        for start, stop in self._gaps:
            self.found.add(Code.ENTRY_DROPPED, stretch(start, stop), "Missing, with entries after it.")

    def _place(self, content: bytes, entry: Entry | None, hashed: bytes) -> int:
        """The place for which an entry was signed, or else the one that it claims."""
        digits = _SEQ.search(content)
        seq = int(digits[1]) if digits else self.due
        if seq < self.vouched and self.leaves[seq] == hashed:
            return seq
        if entry is None and not self.due <= seq < self.vouched:
            seq = self.due
        if min(seq, self.due) >= self.vouched:
            return seq
        if entry is not None:
            for place in (self.due, *(seq + self._shift + shift for shift in _SHIFTS)):
                if 0 <= place < self.vouched and self.leaves[place] == leaf_hash(_numbered(entry, place)):
                    self._shift = place - seq
                    self.found.add(Code.ENTRY_RENUMBERED, f"entry {place}", f"It says that it is {seq}.")
                    return place
        if seq < self.vouched:
            seq = max(seq, self.due)
            self.found.add(Code.ENTRY_ALTERED, f"entry {seq}", "It is not what the log signed.")
        return seq


def _numbered(entry: Entry, place: int) -> bytes:
    parts = (entry.time, entry.type, entry.deployment, entry.actor, entry.policy, entry.body)
    return encode(place, *parts)
