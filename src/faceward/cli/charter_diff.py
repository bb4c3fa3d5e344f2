"""``faceward charter diff``: two sets of policies in, which uses change between them out."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum

from faceward import wiring
from faceward.cli import charter_policies as policies
from faceward.cli.arguments import Actions, common
from faceward.cli.exits import Exit
from faceward.cli.law import moment
from faceward.cli.output import Output, counted
from faceward.errors import InvalidValue
from faceward.governance.documents.snapshots import NOTHING
from faceward.governance.policies.archetypes import PURPOSES, archetypes
from faceward.governance.policies.simulation import Change, diff
from faceward.settings import Settings
from faceward.transparency.words import Sector


class Turn(StrEnum):
    """How the answer to a use changes."""

    REFUSED = "refused"  # it was allowed
    ALLOWED = "allowed"  # it was refused
    REASONS = "reasons"  # the verdict stays, by other rules


_WORDS = {
    Turn.REFUSED: "Allowed before, refused after",
    Turn.ALLOWED: "Refused before, allowed after",
    Turn.REASONS: "The same verdict, by other rules",
}
_KINDS = ("sector", "function", "purposes")
_USES = ("deployment", "purpose", "function", "captures")

Changes = Mapping[tuple[str, ...], Change]
"""Changes by what tells one use from another, words in order."""


@dataclass(frozen=True, slots=True)
class Group:
    """Uses that change alike and differ in the last of their words only.

    Attributes:
        turn: How they change.
        of: The words that they have in common.
        words: Their last words.
        change: Both answers.
    """

    turn: Turn
    of: tuple[str, ...]
    words: tuple[str, ...]
    change: Change

    @property
    def rules(self) -> str:
        """The rules behind the change."""
        before, after = (", ".join(it.rules) or "no rule" for it in (self.change.before, self.change.after))
        return {Turn.REFUSED: after, Turn.ALLOWED: before}.get(self.turn, f"{before} → {after}")

    def described(self, names: Sequence[str]) -> dict[str, object]:
        """The group as JSON values, its words under these names."""
        return {
            "change": str(self.turn),
            **dict(zip(names, (*self.of, list(self.words)), strict=True)),
            "before": list(self.change.before.rules),
            "after": list(self.change.after.rules),
        }


def add(actions: Actions) -> None:
    """Add what the verb understands."""
    it = actions.add_parser(
        "diff", description="Say which uses change between two charters or lists of stands."
    )
    it.add_argument(
        "sides", nargs="*", metavar="OLD NEW",
        help="in-force, stands such as ibm-2020,microsoft-2020, or the file of a charter or a proposal",
    )  # fmt: skip
    it.add_argument(
        "--stands", action="append", default=[], metavar="A,B",
        help="stands in place of NEW or, given twice, of both; base for none of them",
    )  # fmt: skip
    it.add_argument("--on", metavar="DATE", help="when the uses would be (default: now); UTC")
    common(it)


def run(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    """Compare two sets of policies.

    Raises:
        InputError: A file or an option makes no sense.
        CharterMissing: What is in force was named, and nothing is.
        DependencyError: What is on record cannot be read, or the rules cannot be judged.
    """
    sides = _sides(arguments)
    on = wiring.clock().now() if arguments.on is None else moment(arguments.on)
    with ExitStack() as stack:
        found = stack.enter_context(policies.records(chosen)) if wiring.has_ledger(chosen) else None
        snapshot = NOTHING if found is None else found.snapshot
        old, new = (policies.named(side, chosen, snapshot) for side in sides)
        recorded = {} if found is None or not snapshot.charters else found.cases(on)
    engines = wiring.engine(old), wiring.engine(new)
    kinds = _groups(
        {(it.sector, it.function, it.purpose): one for it, one in diff(*engines, archetypes(on)).items()}
    )
    uses = _groups(
        {
            (it.deployment, it.purpose, it.function, it.capture): one
            for it, one in diff(*engines, recorded).items()
        }
    )
    out.document(
        {
            "schema": "faceward/charter-diff/1",
            "on": on.isoformat(),
            "old": [pack.name for pack in old.active],
            "new": [pack.name for pack in new.active],
            "archetypes": [it.described(_KINDS) for it in kinds],
            "deployments": [it.described(_USES) for it in uses],
        }
    )
    for label, side, active in zip(("old", "new"), sides, (old, new), strict=True):
        out.line(f"{label}  {side}: {policies.words(active)}")
    _tell(kinds, uses, out)
    if recorded:
        out.line()
        out.line(f"{counted(len(recorded), 'use')} of the deployments on record were asked about too.")
    return Exit.DONE


def _sides(arguments: argparse.Namespace) -> tuple[str, str]:
    known = ", ".join(policies.STANDS)
    if wrong := sorted({it for text in arguments.stands for it in text.split(",")} - set(policies.STANDS)):
        raise InvalidValue(f"There is no stand {', '.join(map(repr, wrong))}.", remedy=f"There are: {known}.")
    sides = (*arguments.sides, *arguments.stands)
    if len(sides) != 2:
        raise InvalidValue(
            f"Two sets of policies are compared, and {len(sides)} were named.",
            remedy="Name an old and a new one: in-force, stands such as ibm-2020,microsoft-2020, or a file.",
        )
    return sides[0], sides[1]


def _groups(changes: Changes) -> list[Group]:
    """Changes, those together that differ in their last word only; by how they change, then in order."""
    alike: dict[tuple[tuple[str, ...], Change], list[str]] = {}
    for (*of, word), change in changes.items():
        alike.setdefault((tuple(map(str, of)), change), []).append(str(word))
    groups = [Group(_turn(change), of, tuple(words), change) for (of, change), words in alike.items()]
    return sorted(groups, key=lambda it: list(Turn).index(it.turn))


def _turn(it: Change) -> Turn:
    if not it.verdict:
        return Turn.REASONS
    return Turn.ALLOWED if it.after.allowed else Turn.REFUSED


def _tell(kinds: Sequence[Group], uses: Sequence[Group], out: Output) -> None:
    if not kinds and not uses:
        out.line("No use changes.")
    for turn in Turn:
        if any(it.turn is turn for it in (*kinds, *uses)):
            out.line()
            out.line(f"{_WORDS[turn]}:")
            of_uses = [(*it.of, ", ".join(it.words), it.rules) for it in uses if it.turn is turn]
            if of_uses:
                out.table((*_USES, "rules"), of_uses, indent="  ")
            of_kinds = _merged([it for it in kinds if it.turn is turn])
            if of_kinds:
                out.table(("sectors", *_KINDS[1:], "rules"), of_kinds, indent="  ")


def _merged(kinds: Sequence[Group]) -> list[tuple[str, str, str, str]]:
    """Rows of a table, sectors together that change alike."""
    alike: dict[tuple[str, tuple[str, ...], str], list[str]] = {}
    for it in kinds:
        sector, function = it.of
        alike.setdefault((function, it.words, it.rules), []).append(sector)
    return [
        (_all_but(sectors, tuple(Sector)), function, _all_but(purposes, PURPOSES), rules)
        for (function, purposes, rules), sectors in alike.items()
    ]


def _all_but(words: Sequence[str], every: Collection[str]) -> str:
    missing = [str(it) for it in every if it not in words]
    if not missing:
        return f"all {len(every)}"
    return f"all but {', '.join(missing)}" if len(missing) < len(words) else ", ".join(words)
