"""Ledgers of nobody: entries, what a log signs of them, and the files of their export."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from faceward.transparency import export
from faceward.transparency.entries import OUTCOMES, encode
from faceward.transparency.export import Evidence
from faceward.transparency.findings import Report
from faceward.transparency.kinds import keyed, stamp
from faceward.transparency.leaves import Leaves
from faceward.transparency.notes import Checkpoint, KeyType, Note, cosignature, verifying
from faceward.transparency.proofs import InclusionReceipt
from faceward.transparency.signatures import loaded
from faceward.transparency.tree import inclusion_proof, leaf_hash, root_of
from faceward.transparency.verification import Trust, verify
from faceward.transparency.words import Action

START = datetime(2026, 1, 1, tzinfo=UTC)
ORIGIN = "log.example/faceward"
LOG = loaded(ORIGIN, bytes(range(32)))
OTHER_LOG = loaded(ORIGIN, bytes(32))
WITNESS = loaded("witness.example/a", bytes([7] * 32))
LOG_KEY = verifying(LOG)
WITNESS_KEY = verifying(WITNESS, KeyType.COSIGNATURE_V1)
POLICY, OTHER_POLICY = "a" * 64, "b" * 64


def pseudonym(kind: str, number: int) -> str:
    return f"{kind}-{number:032x}"


def decision(number: int, action: Action = Action.IDENTIFY, **other: object) -> dict[str, object]:
    """The body of a decision that allows."""
    return {
        "request": pseudonym("r", number), "action": str(action), "function": "identify",
        "purpose": "access_optin", "sector": "commercial", "capture": "kiosk", "live": False,
        "gallery": pseudonym("g", 1), "subjects": [], "subject_count": 0, "on_behalf_of": "", "recipient": "",
        "comparisons": 100, "enrolled_after": 100, "daily_after": number, "verdict": "allow",
        "rules": ["base/permit-approved"], "probe": keyed(bytes([number % 256] * 32)),
        "salt": f"{number:032x}", "model": "c" * 64, "threshold_millionths": 363_000,
        "false_match_rate_ppb": 1_000, "testing": False,
    } | other  # fmt: skip


def outcome(number: int, of: int, **other: object) -> dict[str, object]:
    """The body of work that is done."""
    return {
        "request": pseudonym("r", number), "decision": of, "ending": "done", "error": "",
        "start": stamp(START), "end": stamp(START), "comparisons": 100, "faces": 1, "candidates": 1,
        "enrolled": 0, "erased": 0, "top_score_thousandths": 812, "ground": "consent", "authority": "",
        "document": "", "salt": "", "testing": False,
    } | other  # fmt: skip


def change(after: str, before: str = "", **other: object) -> dict[str, object]:
    """The body of a change of policy."""
    return {
        "charter": after, "before": before, "stands_added": ["microsoft-2020"], "stands_removed": [],
        "weakens": False, "keys_changed": False, "signers": [pseudonym("p", 1)],
    } | other  # fmt: skip


def approval(tier: int, approvers: Sequence[str]) -> dict[str, object]:
    """The body of an approved review."""
    return {
        "document": keyed(bytes(32)), "salt": "0" * 32, "tier": tier, "functions": ["identify"],
        "purposes": ["access_optin"], "body_kind": "company", "approvers": list(approvers), "conditions": 0,
        "expires": stamp(START + timedelta(365)),
    }  # fmt: skip


@dataclass
class Story:
    """Entries in the making."""

    entries: list[bytes] = field(default_factory=list)
    policy: str = POLICY

    def add(
        self, type_: str, body: dict[str, object], *, policy: str = "", seconds: int | None = None
    ) -> int:
        """Append an entry, and give its place."""
        place = len(self.entries)
        time = START + timedelta(seconds=place if seconds is None else seconds)
        parts = (pseudonym("d", 1), pseudonym("a", 1), policy or self.policy, body)
        self.entries.append(encode(place, time, type_, *parts))
        return place

    def work(self, number: int, action: Action = Action.IDENTIFY, **other: object) -> None:
        """A decision, and the work that it allowed."""
        place = self.add("policy.decision", decision(number, action))
        self.add(OUTCOMES[action], outcome(number, place, **other))


def story(works: int = 8) -> Story:
    """A charter, and then work upon work."""
    it = Story()
    it.add("policy.change", change(POLICY))
    for number in range(works):
        it.work(number)
    return it


@dataclass(frozen=True)
class Shown:
    """An export that can be damaged.

    Attributes:
        entries: Entries.
        leaves: Their hashes.
        checkpoints: What was signed.
    """

    entries: tuple[bytes, ...]
    leaves: tuple[bytes, ...]
    checkpoints: tuple[Note, ...]

    def evidence(self) -> Evidence:
        return Evidence(
            tuple(map(export.entry_line, self.entries)),
            tuple(leaf.hex().encode() + b"\n" for leaf in self.leaves),
            export.checkpoints_text(self.checkpoints),
            export.readme(ORIGIN),
        )

    def verified(self, **trust: object) -> Report:
        return verify(self.evidence(), replace(Trust((LOG_KEY,)), **trust))

    def codes(self, **trust: object) -> list[str]:
        return [str(finding.code) for finding in self.verified(**trust).findings]

    def write(self, folder: Path) -> Path:
        """Write the files, and give the folder."""
        folder.mkdir()
        shown = self.evidence()
        (folder / export.ENTRIES).write_bytes(b"".join(shown.entries))
        (folder / export.LEAVES).write_bytes(b"".join(shown.leaves or ()))
        (folder / export.CHECKPOINTS).write_text(shown.checkpoints or "", encoding="utf-8")
        (folder / export.README).write_text(shown.readme or "", encoding="utf-8")
        return folder


def checkpoint(entries: Sequence[bytes], key=LOG, witnesses=()) -> Note:
    """What the log signs of some entries, with cosignatures."""
    root = root_of([leaf_hash(entry) for entry in entries])
    note = Checkpoint(key.name, len(entries), root).signed(key)
    for witness in witnesses:
        note = note.with_signature(cosignature(note.text, witness, 1_767_225_600))
    return note


def shown(entries: Sequence[bytes], sizes: Sequence[int] = (), witnesses=()) -> Shown:
    """An undamaged export with checkpoints of some sizes; of all entries where none is named."""
    notes = tuple(checkpoint(entries[:size], LOG, witnesses) for size in sizes or (len(entries),))
    return Shown(tuple(entries), tuple(leaf_hash(entry) for entry in entries), notes)


def receipt(entries: Sequence[bytes], place: int) -> InclusionReceipt:
    """What the log gives out for one of its entries."""
    leaves = Leaves()
    for entry in entries:
        leaves.append(leaf_hash(entry))
    proof = inclusion_proof(place, len(entries), leaves.nodes())
    return InclusionReceipt(entries[place], place, proof, checkpoint(entries))
