"""JSON text in, typed values out; an unknown or missing key is an error that names its place."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import Any, TypeVar

from faceward.errors import InvalidValue

T = TypeVar("T")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_FIRST_YEAR, _LAST_YEAR = 1900, 2999  # Beyond lie slips of the pen, and the ends of calendars. Ours.
_REMEDY = "Correct the file."


class Record:
    """One JSON object, read key by key; `done` refuses what nobody asked for."""

    def __init__(self, value: object, place: str, remedy: str = _REMEDY) -> None:
        if not isinstance(value, dict):
            raise _wrong(place, "must be an object", remedy)
        self._values: dict[str, Any] = value
        self._place = place
        self._remedy = remedy
        self._read: set[str] = set()

    @property
    def place(self) -> str:
        """Where this object stands, for messages."""
        return self._place

    def has(self, key: str) -> bool:
        """Whether the key is there and not null; either way it is a known key from now on."""
        self._read.add(key)
        return self._values.get(key) is not None

    def text(self, key: str, *, longest: int = 4000) -> str:
        """A text that is not blank."""
        value = self._take(key)
        if not isinstance(value, str) or not value.strip():
            raise self._bad(key, "must be a text that is not blank")
        if len(value) > longest:
            raise self._bad(key, f"is longer than {longest} characters")
        return value

    def choice(self, key: str, kind: Callable[[str], T]) -> T:
        """A text that an enumeration knows."""
        return self._known(key, self.text(key), kind)

    def choices(self, key: str, kind: Callable[[str], T]) -> frozenset[T]:
        """A list of texts that an enumeration knows, each once at most; it may be empty."""
        values = self.texts(key)
        if len(set(values)) != len(values):
            raise self._bad(key, "names something twice")
        return frozenset(self._known(key, value, kind) for value in values)

    def moment(self, key: str) -> datetime:
        """A moment in UTC to the second, ``2026-01-31T00:00:00Z``: one way to write each."""
        value = self.text(key)
        try:
            moment = datetime.fromisoformat(value).astimezone(UTC) if _MOMENT.fullmatch(value) else None
        except ValueError:
            moment = None
        if moment is None or not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise self._bad(key, "must be a moment in UTC such as 2026-01-31T00:00:00Z")
        return moment

    def sha256(self, key: str) -> str:
        """A SHA-256 digest, 64 lower-case hexadecimal digits."""
        value = self.text(key)
        if not _SHA256.fullmatch(value):
            raise self._bad(key, "must be 64 lower-case hexadecimal digits")
        return value

    def flag(self, key: str) -> bool:
        """True or false, and nothing that merely looks like it."""
        value = self._take(key)
        if not isinstance(value, bool):
            raise self._bad(key, "must be true or false")
        return value

    def whole(self, key: str, *, least: int = 0, most: int = 2**53) -> int:
        """A whole number within bounds."""
        value = self._take(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._bad(key, f"must be a whole number from {least} to {most}")
        return value

    def number(self, key: str, *, least: float = -1e308, most: float = 1e308) -> float:
        """A finite number within bounds."""
        return self._number(key, self._take(key), least, most)

    def numbers(self, key: str, *, count: int) -> tuple[float, ...]:
        """Exactly ``count`` finite numbers."""
        values = self._list(key)
        if len(values) != count:
            raise self._bad(key, f"must hold {count} numbers")
        return tuple(self._number(key, value, -1e308, 1e308) for value in values)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, none blank; it may be empty."""
        values = self._list(key)
        if not all(isinstance(value, str) and value.strip() for value in values):
            raise self._bad(key, "must be a list of texts that are not blank")
        return tuple(values)

    def record(self, key: str) -> Record:
        """An object within this one."""
        return Record(self._take(key), f"{self._place}.{key}", self._remedy)

    def records(self, key: str) -> tuple[Record, ...]:
        """A list of objects."""
        places = ((value, f"{self._place}.{key}[{i}]") for i, value in enumerate(self._list(key)))
        return tuple(Record(value, place, self._remedy) for value, place in places)

    def done(self) -> None:
        """Refuse every key that was not read.

        Raises:
            InvalidValue: There are such keys; the message names them.
        """
        if unknown := sorted(set(self._values) - self._read):
            raise _wrong(self._place, f"has unknown keys: {', '.join(unknown)}", self._remedy)

    def _known(self, key: str, value: str, kind: Callable[[str], T]) -> T:
        try:
            return kind(value)
        except ValueError:
            allowed = ", ".join(str(member) for member in kind)  # type: ignore[attr-defined]
            raise self._bad(key, f"is not one of: {allowed}") from None

    def _take(self, key: str) -> Any:
        self._read.add(key)
        if self._values.get(key) is None:
            raise self._bad(key, "is missing")
        return self._values[key]

    def _list(self, key: str) -> list[Any]:
        value = self._take(key)
        if not isinstance(value, list):
            raise self._bad(key, "must be a list")
        return value

    def _number(self, key: str, value: object, least: float, most: float) -> float:
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not isfinite(value):
            raise self._bad(key, "must be a finite number")
        if not least <= value <= most:
            raise self._bad(key, f"must be between {least:g} and {most:g}")
        return float(value)

    def _bad(self, key: str, why: str) -> InvalidValue:
        return _wrong(f"{self._place}.{key}", why, self._remedy)


def read(text: str | bytes, place: str, remedy: str = _REMEDY) -> Record:
    """Parse JSON whose top is an object.

    Args:
        text: The JSON; keys that occur twice are refused, for readers disagree about them.
        place: What to call it in messages, usually a file name.
        remedy: What to do about a mistake, for the messages: which page describes the keys.

    Raises:
        InvalidValue: It is not JSON of that kind.
    """
    try:
        value = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise _wrong(place, f"is not valid JSON ({error})", remedy) from None
    return Record(value, place, remedy)


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return values


def _wrong(place: str, why: str, remedy: str) -> InvalidValue:
    return InvalidValue(f"{place} {why}.", remedy=remedy)
