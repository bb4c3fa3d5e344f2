"""Figures in, tables for people and JSON for machines out."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, SupportsFloat

from benchmarks import conditions
from benchmarks.workers import ROOT

RESULTS = ROOT / "benchmarks" / "results"


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must reach.

    Attributes:
        name: What is measured.
        measured: The figure; ``None`` where it could not be measured, which reaches nothing.
        wanted: The bound.
        at_most: Whether the bound is an upper one.
    """

    name: str
    measured: float | None
    wanted: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure is there and on the right side of the bound."""
        if self.measured is None or math.isnan(self.measured):
            return False
        return self.measured <= self.wanted if self.at_most else self.measured >= self.wanted

    def row(self) -> tuple[str, str, str, str]:
        """Name, figure, bound and verdict."""
        measured = "not measured" if self.measured is None else f"{self.measured:.4g}"
        sign = "≤" if self.at_most else "≥"
        return (self.name, measured, f"{sign} {self.wanted:g}", "holds" if self.holds else "MISSED")


@dataclass
class Report:
    """One run of one kind of measurement, from its start to its file.

    Attributes:
        kind: ``bench``, ``eval`` or empty for endurance; part of the file's name.
        figures: What was measured, by section.
        targets: What it must reach.
    """

    kind: str
    figures: dict[str, Any] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    _sections: list[str] = field(default_factory=list)
    _started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock: float = field(default_factory=time.perf_counter)
    _load: float = field(default_factory=conditions.load)

    def say(self, title: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """Print a section."""
        self._sections.append(f"## {title}\n\n{table(header, rows)}\n")
        print("\n" + self._sections[-1], end="", flush=True)

    def finish(self, place: Path | None = None) -> None:
        """Print the targets, write figures (JSON) and tables (Markdown), and say where they are.

        Args:
            place: The JSON file; by default in the results' folder, under the day the run began.
        """
        if self.targets:
            self.say("Targets", ("figure", "measured", "wanted", ""), [it.row() for it in self.targets])
        record = {
            "kind": self.kind or "endurance",
            "started": self._started.isoformat(timespec="seconds"),
            "seconds": round(time.perf_counter() - self._clock, 1),
            "load_before_and_after": [self._load, conditions.load()],
            **conditions.commit(),
            "machine": conditions.machine(),
            "targets": [{**asdict(target), "holds": target.holds} for target in self.targets],
            **self.figures,
        }
        name = "-".join(filter(None, (self._started.date().isoformat(), self.kind)))
        place = place or RESULTS / f"{name}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(_finite(record), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        place.with_suffix(".md").write_text("\n".join(self._sections), encoding="utf-8")
        print(f"\nWritten to {place}, and the tables beside it.", flush=True)

    def exit_code(self, *, strict: bool) -> int:
        """0, or 1 where a target is missed and that is to count."""
        return int(strict and not all(target.holds for target in self.targets))


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table that is also easy to read as text."""
    cells = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in cells
    ]
    return "\n".join([lines[0], "| " + " | ".join("-" * width for width in widths) + " |", *lines[1:]])


def milliseconds(seconds: SupportsFloat) -> str:
    """Seconds, as milliseconds with one decimal."""
    return f"{1e3 * float(seconds):.1f}"


def _finite(value: Any) -> Any:
    """The value with ``None`` for numbers that JSON has not."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
