"""Active packs and engines in, what each stand leaves of each use out: the values behind drawing and page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from faceward.governance.policies.archetypes import FUNCTIONS, PURPOSES, Archetype, archetypal, invented_law
from faceward.governance.policies.packs import DEFAULT_STANDS, Packs, Rule, shipped_stands
from faceward.governance.policies.simulation import would_be_allowed
from faceward.ports.policy_engine import PolicyEngine
from faceward.transparency.words import Function, Purpose, Sector

JUDGED_ON = {"amazon-2020": datetime(2020, 12, 1, tzinfo=UTC)}
"""Stands that say nothing about today, with a moment that they do speak of."""


COLUMNS: Mapping[str, tuple[str, ...]] = {
    "base alone": (),
    **{name: (name,) for name in (*DEFAULT_STANDS, *sorted({*shipped_stands()} - {*DEFAULT_STANDS}))},
}
"""What the matrix compares, with the stands of each: the base, the default, every other stand alone."""


class Mark(StrEnum):
    """What is left of a sector's uses of one function."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Row:
    """Uses of one sector.

    Attributes:
        words: How the row is called.
        sector: The sector.
        with_law: Whether the deployments name an invented law that passes the law gate.
    """

    words: str
    sector: Sector
    with_law: bool = False


_SECTORS = ("commercial", "non-profit", "health", "education", "government", "law enforcement")

ROWS = (
    *(Row(words, sector) for words, sector in zip(_SECTORS, Sector, strict=True)),
    Row("law enforcement, if a law met every demand", Sector.LAW_ENFORCEMENT, with_law=True),
)
"""The sectors, and what an invented law would open."""


@dataclass(frozen=True, slots=True)
class Column:
    """One set of packs that all uses are judged by.

    Attributes:
        name: The stand, or ``base alone``.
        packs: The active packs.
        engine: Judges by them.
        on: When the uses are.
    """

    name: str
    packs: Packs
    engine: PolicyEngine
    on: datetime


@dataclass(frozen=True, slots=True)
class Cell:
    """What one set of packs leaves of one sector's uses of one function.

    Attributes:
        allowed: Purposes that are allowed.
        refused_by: The rules that refuse the others, in order of name.
    """

    allowed: tuple[Purpose, ...]
    refused_by: tuple[Rule, ...]

    @property
    def mark(self) -> Mark:
        """All, some or none."""
        return Mark.ALL if len(self.allowed) == len(PURPOSES) else Mark.SOME if self.allowed else Mark.NONE

    @property
    def words(self) -> str:
        """The cell in words."""
        if self.mark is Mark.ALL:
            return f"all {len(PURPOSES)} purposes"
        rules = ", ".join(rule.name for rule in self.refused_by)
        if self.mark is Mark.NONE:
            return f"none: {rules}"
        left = [purpose for purpose in PURPOSES if purpose not in self.allowed]
        named = [f"not {spoken(it)}" for it in left] if len(left) < len(self.allowed) else []
        named = named or [spoken(it) for it in self.allowed]
        return f"{len(self.allowed)} of {len(PURPOSES)} purposes ({', '.join(named)}): {rules}"


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every cell.

    Attributes:
        columns: The sets of packs, in order.
        cells: By column's name, row and function.
    """

    columns: tuple[Column, ...]
    cells: Mapping[tuple[str, Row, Function], Cell]

    def cell(self, column: Column, row: Row, function: Function) -> Cell:
        """One cell."""
        return self.cells[column.name, row, function]


def matrix(columns: Iterable[Column]) -> Matrix:
    """Judge every archetypal use by every set of packs.

    Raises:
        PolicyInvalid: An engine could not judge.
    """
    columns = tuple(columns)
    return Matrix(
        columns,
        {
            (column.name, row, function): _cell(column, row, function)
            for column in columns
            for row in ROWS
            for function in FUNCTIONS
        },
    )


def spoken(word: str) -> str:
    """A word of a closed list as people write it."""
    return word.replace("_", " ").replace("optin", "opt-in")


def _cell(column: Column, row: Row, function: Function) -> Cell:
    law = invented_law(column.on) if row.with_law else None
    allowed: list[Purpose] = []
    refused: set[str] = set()
    for purpose in PURPOSES:
        case = archetypal(Archetype(row.sector, function, purpose), column.on, law)
        answer = would_be_allowed(column.engine, case, on=column.on)
        if answer.allowed:
            allowed.append(purpose)
        else:
            refused.update(answer.rules)
    return Cell(tuple(allowed), column.packs.explained(sorted(refused)) if refused else ())
