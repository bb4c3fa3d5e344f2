"""A dialect in, what is asked of the tables of a ledger out; SQLite and PostgreSQL understand all of it."""

# ruff: noqa: S608 - the parts are names of our own, never what somebody gave

from __future__ import annotations


class Statements:
    """Everything that is asked of a database, but for what its own adapter says better.

    Args:
        schema: What stands before the names of tables.
        mark: What stands for a value.
    """

    __slots__ = (
        "_counters", "_mark", "checkpoint", "counter", "entries", "file", "filings", "last", "newest", "node",
        "notes", "removal", "revised", "revision", "rows", "size",
    )  # fmt: skip

    def __init__(self, schema: str = "", mark: str = "?") -> None:
        entries, checkpoints, counters, filings, revisions = (
            schema + table for table in ("entries", "checkpoints", "counters", "filings", "revisions")
        )
        from_place = f"FROM {entries} WHERE place >= {mark} ORDER BY place LIMIT {mark}"
        self.size = f"SELECT coalesce(max(place), -1) + 1 FROM {entries}"
        self.entries = f"SELECT entry {from_place}"
        self.rows = f"SELECT place, entry, nodes {from_place}"
        self.last = f"SELECT place, entry FROM {entries} ORDER BY place DESC LIMIT 1"
        self.node = f"SELECT nodes FROM {entries} WHERE place = {mark}"
        self.newest = f"SELECT size, note FROM {checkpoints} ORDER BY number DESC LIMIT 1"
        self.notes = f"SELECT note FROM {checkpoints} ORDER BY number"
        self.checkpoint = f"INSERT INTO {checkpoints} (size, note) VALUES ({mark}, {mark})"
        self.counter = f"SELECT value FROM {counters} WHERE name = {mark}"
        self.revision = f"SELECT number FROM {revisions}"
        self.revised = f"UPDATE {revisions} SET number = number + 1"
        filed = f"kind = {mark} AND identifier = {mark}"
        self.filings = f"SELECT identifier, content FROM {filings} WHERE kind = {mark} ORDER BY identifier"
        self.removal = f"DELETE FROM {filings} WHERE {filed}"
        self.file = (
            f"INSERT INTO {filings} VALUES ({mark}, {mark}, {mark}) "
            "ON CONFLICT (kind, identifier) DO UPDATE SET content = excluded.content"
        )
        self._counters, self._mark = f"SELECT name, value FROM {counters} WHERE name IN ", mark

    def counters(self, count: int) -> str:
        """What so many counters stand at, one or more."""
        return f"{self._counters}({', '.join([self._mark] * count)})"
