"""The tracked pages in, their fenced blocks, links and tables out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^(`{3,}|~{3,})(.*)$")
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_REASON = re.compile(r'not-run="([^"]+)"')
_EXITS = re.compile(r"\bexits=(\d+)\b")


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        page: Where it stands, below the root.
        line: Line of its first fence, from 1.
        language: First word after the fence.
        info: All words after the fence.
        text: What is inside.
    """

    page: str
    line: int
    language: str
    info: str
    text: str

    @property
    def reason(self) -> str | None:
        """Why it cannot run, if it says so."""
        found = _REASON.search(self.info)
        return found[1] if found else None

    @property
    def exits(self) -> int:
        """The exit code it promises."""
        found = _EXITS.search(self.info)
        return int(found[1]) if found else 0

    @property
    def shown(self) -> bool:
        """Whether it shows what the block before it prints."""
        return self.language == "text" and "shown" in self.info.split()


@cache
def pages() -> tuple[str, ...]:
    """Every page for users, below the root."""
    found = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return tuple(page.relative_to(ROOT).as_posix() for page in found)


@cache
def read(page: str) -> str:
    """The text of a page."""
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def blocks(page: str) -> tuple[Block, ...]:
    """The fenced blocks of a page, in order."""
    found: list[Block] = []
    opened: tuple[int, str, str] | None = None
    inside: list[str] = []
    for number, line in enumerate(read(page).splitlines(), 1):
        fence = _FENCE.match(line)
        if opened is None and fence:
            opened, inside = (number, fence[1], fence[2].strip()), []
        elif opened is not None and fence and fence[1] == opened[1] and not fence[2].strip():
            words = opened[2].split()
            text = "\n".join(inside) + "\n"
            found.append(Block(page, opened[0], words[0] if words else "", opened[2], text))
            opened = None
        else:
            inside.append(line)
    assert opened is None, f"{page}: the fence of line {opened and opened[0]} is never closed"
    return tuple(found)


def prose(page: str) -> str:
    """The text of a page without its fenced blocks and without code between backticks."""
    kept: list[str] = []
    fence: str | None = None
    for line in read(page).splitlines():
        found = _FENCE.match(line)
        if fence is None and found:
            fence = found[1]
        elif fence is not None and found and found[1] == fence:
            fence = None
        elif fence is None:
            kept.append(re.sub(r"`[^`]*`", "", line))
    return "\n".join(kept)


def links(page: str) -> list[str]:
    """The targets of the links and pictures of a page."""
    return _LINK.findall(prose(page))


@cache
def anchors(page: str) -> frozenset[str]:
    """The anchors that headings of a page get, as Markdown renderers make them."""
    found: set[str] = set()
    for heading in re.findall(r"(?m)^#{1,6} (.+)$", re.sub(r"(?ms)^```.*?^```$", "", read(page))):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return frozenset(found)


def table(page: str, first: str) -> list[dict[str, str]]:
    """The rows of the table of a page whose first heading is ``first``."""
    rows: list[list[str]] = []
    for line in read(page).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if rows and not line.startswith("|"):
            break
        if rows or (line.startswith("|") and cells[0] == first):
            rows.append(cells)
    assert rows, f"{page} has no table that begins with {first!r}"
    heading, _, *body = rows
    return [dict(zip(heading, cells, strict=True)) for cells in body]
