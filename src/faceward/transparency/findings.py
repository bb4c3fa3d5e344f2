"""What a check came upon in, a report that a person and a program can read out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Code(StrEnum):
    """What can be found; stable, and fit for programs. docs/reference/ledger.md says what each means."""

    FILE_MISSING = "file_missing"
    FILE_MALFORMED = "file_malformed"
    README_DIFFERS = "readme_differs"
    ENTRY_REFUSED = "entry_refused"
    ENTRY_NOT_CANONICAL = "entry_not_canonical"
    ENTRY_ALTERED = "entry_altered"
    ENTRY_RENUMBERED = "entry_renumbered"
    ENTRY_DROPPED = "entry_dropped"
    ENTRY_REORDERED = "entry_reordered"
    ENTRY_REPEATED = "entry_repeated"
    ENTRY_UNSIGNED = "entry_unsigned"
    ENTRIES_TRUNCATED = "entries_truncated"
    LEAF_ALTERED = "leaf_altered"
    ROOT_DIFFERS = "root_differs"
    HISTORY_FORKED = "history_forked"
    CHECKPOINT_MISSING = "checkpoint_missing"
    CHECKPOINT_MALFORMED = "checkpoint_malformed"
    CHECKPOINT_UNSIGNED = "checkpoint_unsigned"
    CHECKPOINT_REORDERED = "checkpoint_reordered"
    SIGNATURE_UNKNOWN = "signature_unknown"
    COSIGNATURE_WRONG = "cosignature_wrong"
    COSIGNATURE_MISSING = "cosignature_missing"
    COSIGNATURE_BEHIND = "cosignature_behind"
    RECEIPT_FAILS = "receipt_fails"
    TIME_BACKWARDS = "time_backwards"
    OUTCOME_WITHOUT_DECISION = "outcome_without_decision"
    OUTCOME_BEFORE_DECISION = "outcome_before_decision"
    OUTCOME_OF_REFUSAL = "outcome_of_refusal"
    OUTCOME_DIFFERS = "outcome_differs"
    OUTCOME_WITHOUT_GROUND = "outcome_without_ground"
    DECISION_REUSED = "decision_reused"
    WORK_UNFINISHED = "work_unfinished"
    APPROVERS_MISSING = "approvers_missing"
    POLICY_UNANNOUNCED = "policy_unannounced"
    POLICY_OVERTAKEN = "policy_overtaken"
    POLICY_UNKNOWN = "policy_unknown"
    TESTING_ENTRY = "testing_entry"

    @property
    def fails(self) -> bool:
        """Whether the ledger does not verify because of it; the others are worth knowing."""
        return self not in _REMARKS


_REMARKS = frozenset(
    {
        Code.README_DIFFERS,
        Code.SIGNATURE_UNKNOWN,
        Code.COSIGNATURE_BEHIND,
        Code.WORK_UNFINISHED,
        Code.POLICY_OVERTAKEN,
    }
)

MOST_OF_A_CODE = 100
"""Findings of one code that are named one by one; the others are counted. Chosen: what a person may read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was found.

    Attributes:
        code: What.
        place: Where: ``entry 17``, ``entries 5 to 9``, ``checkpoint 2``.
        cause: What is wrong there, in words that hold nothing of the entry.
    """

    code: Code
    place: str
    cause: str

    def __str__(self) -> str:
        return f"{'FAILS' if self.code.fails else 'note '}  {self.code}  {self.place}: {self.cause}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of a whole ledger came to.

    Attributes:
        origin: Which log, as its newest checkpoint says; empty where none is rightly signed.
        entries: How many entries were read.
        signed: How many of them the newest rightly signed checkpoint covers.
        first: Time of the first entry that could be read.
        last: Time of the last one.
        counts: Work by how it stands: allowed, refused, done, failed, interrupted, unfinished.
        policies: Digests of the policies in force, in the order they came.
        witnessed: For each witness that was named, how many entries it cosigned.
        findings: What was found, in the order of places.
    """

    origin: str
    entries: int
    signed: int
    first: datetime | None
    last: datetime | None
    counts: Mapping[str, int]
    policies: tuple[str, ...]
    witnessed: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found that may not be."""
        return not any(finding.code.fails for finding in self.findings)

    def lines(self) -> tuple[str, ...]:
        """The report for people."""
        span = (
            f", from {self.first:%Y-%m-%d %H:%M:%S} to {self.last:%Y-%m-%d %H:%M:%S} UTC" if self.last else ""
        )
        work = ", ".join(f"{count:,} {name}" for name, count in self.counts.items())
        return (
            f"ledger     {self.origin or 'unknown'}",
            f"entries    {self.entries:,}{span}; {self.signed:,} are covered by a signed checkpoint",
            f"work       {work}",
            *(f"policy     {digest}" for digest in self.policies),
            *(f"witness    {name} cosigned {size:,} entries" for name, size in self.witnessed.items()),
            *map(str, self.findings),
            "VERIFIED" if self.holds else "DOES NOT VERIFY",
        )

    def values(self) -> dict[str, object]:
        """The report for programs."""
        return {
            "verified": self.holds,
            "origin": self.origin,
            "entries": self.entries,
            "signed": self.signed,
            "first": self.first and self.first.isoformat(),
            "last": self.last and self.last.isoformat(),
            "counts": dict(self.counts),
            "policies": list(self.policies),
            "witnessed": dict(self.witnessed),
            "findings": [
                {"code": str(it.code), "fails": it.code.fails, "place": it.place, "cause": it.cause}
                for it in self.findings
            ],
        }


@dataclass(slots=True)
class Findings:
    """Takes findings while a check goes on; of each code no more than can be read."""

    _kept: list[Finding] = field(default_factory=list)
    _counts: Counter[Code] = field(default_factory=Counter)

    def add(self, code: Code, place: str, cause: str) -> None:
        """Take one."""
        self._counts[code] += 1
        if self._counts[code] <= MOST_OF_A_CODE:
            self._kept.append(Finding(code, place, cause))

    def has(self, *codes: Code) -> bool:
        """Whether one of some codes was found."""
        return any(self._counts[code] for code in codes)

    def all(self) -> tuple[Finding, ...]:
        """What was found; of what is too much, the number."""
        more = [
            Finding(code, "further on", f"and {count - MOST_OF_A_CODE:,} more of these.")
            for code, count in self._counts.items()
            if count > MOST_OF_A_CODE
        ]
        return (*self._kept, *more)


def stretch(start: int, stop: int) -> str:
    """Name the places from ``start`` up to and without ``stop``."""
    return f"entry {start}" if stop - start == 1 else f"entries {start} to {stop - 1}"
