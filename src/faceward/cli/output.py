"""Results in, text for people or JSON for programs out; nothing else writes to stdout or stderr.

Whatever comes from outside, names of files above all, is written so that it can do nothing to a terminal.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TextIO


class Progress(Protocol):
    """Told about each thing that is done."""

    def advance(self) -> None:
        """One more is done."""


@dataclass(frozen=True, slots=True)
class Output:
    """Where a verb writes, and in which form.

    Attributes:
        json: Programs read stdout: JSON alone, one document a line.
        quiet: Results and errors, nothing else.
        stdout: Results.
        stderr: Errors, notes and progress.
    """

    json: bool = False
    quiet: bool = False
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    _live: list[Any] = field(default_factory=list, repr=False)

    def document(self, values: Mapping[str, object]) -> None:
        """Write one JSON document on one line, where programs read."""
        if self.json:
            self._write(self.stdout, as_json(values))

    def line(self, text: str = "") -> None:
        """Write a line for people."""
        if not self.json:
            self._write(self.stdout, printable(text))

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[str]], indent: str = "") -> None:
        """Write aligned columns for people; a column whose name starts with ``>`` is aligned to the right."""
        for text in aligned(columns, rows):
            self.line(indent + text)

    def note(self, text: str) -> None:
        """Write a line about the work, not its result, to stderr."""
        if not (self.json or self.quiet):
            self._write(self.stderr, printable(text))

    def complaint(self, lines: Iterable[str]) -> None:
        """Write an error for people."""
        for text in lines:
            self._write(self.stderr, printable(text))

    def problem(self, values: Mapping[str, Mapping[str, object]]) -> None:
        """Write an error as JSON, or its cause and remedy for people."""
        if self.json:
            self._write(self.stderr, as_json(values))
        else:
            error = values["error"]
            self.complaint((f"faceward: {error['cause']}", f"  {error['remedy']}"))

    @contextmanager
    def progress(self, words: str, total: int) -> Iterator[Progress]:
        """Show how far a longer work is, where a person watches stderr."""
        if self.json or self.quiet or total < 2 or not self.stderr.isatty():
            yield _Unwatched()
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Bar(*columns, console=Console(file=self.stderr), transient=True) as bar:
            self._live.append(bar.console)
            try:
                yield _Watched(bar, bar.add_task(words, total=total))
            finally:
                self._live.clear()

    def _write(self, stream: TextIO, text: str) -> None:
        if self._live and stream.isatty():
            # On one screen with a bar, lines go above it.
            self._live[0].print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)
            return
        # A terminal set to ASCII gets the numbers of what it cannot show, instead of an error.
        encoding = getattr(stream, "encoding", None) or "utf-8"
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
        stream.flush()


class _Unwatched:
    def advance(self) -> None:
        """Nobody looks."""


class _Watched:
    def __init__(self, bar: object, task: object) -> None:
        self._bar, self._task = bar, task

    def advance(self) -> None:
        self._bar.advance(self._task)  # type: ignore[attr-defined]


def as_json(values: Mapping[str, object]) -> str:
    """Give JSON in ASCII on one line: fit for any pipe, whatever bytes the name of a file holds."""
    return json.dumps(values, ensure_ascii=True, allow_nan=False, separators=(",", ":"))


def file_name(path: str | os.PathLike[str]) -> str:
    """Give a path as text: the UTF-8 that it nearly always is, whatever this process takes it for."""
    return os.fsencode(path).decode("utf-8", "surrogateescape")


def counted(count: int, thing: str) -> str:
    """``1 face``, ``2 faces``."""
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def printable(text: str) -> str:
    """Give text in which controls, escapes, turns of direction and stray bytes are written out."""
    return "".join(char if char.isprintable() else _written_out(char) for char in text)


def _written_out(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # A byte that is no UTF-8, as Python smuggles it through text.
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")


def aligned(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Give a heading and rows with aligned columns; those named ``>…`` are aligned to the right."""
    cells = [[name.removeprefix(">") for name in columns], *(list(map(printable, row)) for row in rows)]
    widths = [max(map(_columns, column)) for column in zip(*cells, strict=True)]
    texts = []
    for row in cells:
        parts = []
        for name, cell, width in zip(columns, row, widths, strict=True):
            gap = " " * (width - _columns(cell))
            parts.append(gap + cell if name.startswith(">") else cell + gap)
        texts.append("  ".join(parts).rstrip())
    return texts


def _columns(text: str) -> int:
    """How many columns of a terminal a text takes: some signs take two, accents none."""
    if text.isascii():
        return len(text)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)
