"""Values in, the one way to write them as JSON out (RFC 8785), and back.

The values are those on which every reader agrees: no floats, whole numbers that a double holds, keys in
ASCII. On them RFC 8785 is what Python's own encoder writes; a test holds it against another implementation.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

from faceward.errors import InvalidValue

JsonValue: TypeAlias = "bool | int | str | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
"""What may be written. There are no floats, for readers disagree about their last digit."""

LARGEST = 2**53 - 1
"""The largest whole number, either side of 0. Source: RFC 7493, section 2.2, which RFC 8785 builds on."""

_DEEPEST = 16
"""Levels of nesting. Our choice: entries need four, and nobody should be able to exhaust the stack."""


def encoded(value: JsonValue) -> bytes:
    """Write a value as canonical JSON: one line of UTF-8, keys in order, no spaces.

    Raises:
        InvalidValue: It holds a float, too large a number, a key that is not ASCII, a lone surrogate, or is
            nested too deeply.
    """
    _check(value, _DEEPEST)
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidValue("A text holds half a character (a lone surrogate).") from None


def decoded(content: bytes) -> JsonValue:
    """Read canonical JSON, and nothing else: what comes back is written as the same bytes again.

    Raises:
        InvalidValue: It is not JSON, or not the canonical way to write it.
    """
    try:
        value: JsonValue = _DECODER.decode(content.decode("utf-8"))
    except (ValueError, RecursionError):
        raise InvalidValue("This is not JSON without floats, in UTF-8.") from None
    if encoded(value) != content:
        raise InvalidValue("This is JSON, but not written in the canonical way (RFC 8785).")
    return value


def _check(value: object, levels: int) -> None:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return
    if isinstance(value, int):
        if not -LARGEST <= value <= LARGEST:
            raise InvalidValue("A whole number is beyond 2⁵³ - 1, where readers disagree.")
    elif isinstance(value, str):
        return
    elif not levels:
        raise InvalidValue("A value is nested too deeply.")
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise InvalidValue("A key is not a text in ASCII.")
            _check(item, levels - 1)
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        for item in value:
            _check(item, levels - 1)
    else:
        raise InvalidValue(f"A value is of the kind {kind.__name__}, which has no canonical form here.")


def _plain(value: object) -> object:
    """Turn what the encoder does not know, and `_check` let pass, into what it knows."""
    return dict(value) if isinstance(value, Mapping) else list(value)  # type: ignore[call-overload]


def _refuse(_number: str) -> NoReturn:
    raise ValueError


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"), default=_plain
)
_DECODER = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse)
