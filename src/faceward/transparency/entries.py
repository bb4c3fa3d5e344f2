"""What happened in, the bytes of an entry out, and back; whatever does not fit the schema is refused.

An entry is RFC 8785 JSON with the keys of `ENVELOPE`; its ``body`` has the keys that `BODIES` lays down for
its type, all of them and no other. Every value is of a kind of `faceward.transparency.kinds`; none is free
text. An error names the place that is wrong, never what stood there.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from faceward.errors import InputError
from faceward.transparency import kinds
from faceward.transparency.kinds import PSEUDONYM, TIME, Kind
from faceward.transparency.schema import BODIES, DECISION, ENVELOPE, OUTCOMES, POLICY_CHANGE, VERSION

__all__ = [
    "BODIES",
    "DECISION",
    "ENVELOPE",
    "MAX_BYTES",
    "OUTCOMES",
    "POLICY_CHANGE",
    "VERSION",
    "Entry",
    "EntryNotCanonical",
    "EntryRefused",
    "decode",
    "encode",
]

MAX_BYTES = 16_384
"""No entry is longer; the longest that the schema allows has two thirds of it."""


class EntryRefused(InputError):
    """An entry, or what should become one, does not fit the closed schema of the ledger."""

    code = "entry_refused"
    remedy = "See docs/reference/ledger.md for what an entry of this type may hold."


class EntryNotCanonical(EntryRefused):
    """An entry says what it may say, but not in the one form that is hashed."""

    code = "entry_not_canonical"
    remedy = "Take the entry from its source again; something has rewritten it."


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that was read.

    Attributes:
        seq: Its place; the first of all has 0.
        time: When it got its place, UTC.
        type: What happened, a key of `BODIES`.
        deployment: Pseudonym of the deployment; empty where none is concerned.
        actor: Pseudonym of who asked; empty where nobody did.
        policy: Digest of the charter and the policies in force.
        body: What `BODIES` lays down for the type; read only.
    """

    seq: int
    time: datetime
    type: str
    deployment: str
    actor: str
    policy: str
    body: Mapping[str, object]


def _members(fields: Mapping[str, Kind], form: str = "%s") -> str:
    """What members look like: RFC 8785 orders them by key, and every key is ASCII."""
    return ",".join(f'"{key}":{form % fields[key].pattern}' for key in sorted(fields))


_BODIES = {name: re.compile(rf"\{{{_members(fields)}\}}").fullmatch for name, fields in BODIES.items()}
_ENTRY = re.compile(rf"\{{{_members(ENVELOPE, '(%s)')}\}}").fullmatch
_HEAD = re.compile(rf"\{{{_members({'actor': PSEUDONYM})}").fullmatch
_AFTER_BODY = {key: kind for key, kind in ENVELOPE.items() if key not in {"actor", "body"}}
_TAIL = re.compile(rf"{_members(_AFTER_BODY)}\}}").fullmatch
_TIMES = {
    name: tuple(key for key in fields if fields[key].name.startswith(TIME.name))
    for name, fields in BODIES.items()
}
_text_of = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode
_UNFIT = (KeyError, ValueError, TypeError, AttributeError, RecursionError)


def encode(  # noqa: PLR0913, PLR0917 - the seven parts of an entry
    seq: int,
    time: datetime,
    type: str,  # noqa: A002 - the word of the schema
    deployment: str,
    actor: str,
    policy: str,
    body: Mapping[str, object],
) -> bytes:
    """Give the bytes of an entry, as they are hashed: RFC 8785 JSON, in ASCII.

    Args:
        seq: Its place, at least 0.
        time: When it got its place, in UTC.
        type: A key of `BODIES`.
        deployment: Pseudonym of the deployment, or empty.
        actor: Pseudonym of who asked, or empty.
        policy: Digest of the charter and the policies in force, 64 hexadecimal digits.
        body: What `BODIES` lays down for the type.

    Raises:
        EntryRefused: Something does not fit; the error names the place and never what stood there.
    """
    text = None
    try:
        head = f'{{"actor":"{actor}"'
        inside = _text_of(body if body.__class__ is dict else dict(body))
        tail = (
            f'"deployment":"{deployment}","policy":"{policy}","seq":{seq},"t":"{kinds.stamp(time)}",'
            f'"type":"{type}","v":1}}'
        )
        fits = _HEAD(head) and _BODIES[type](inside) and _TAIL(tail) and seq.__class__ is int
        if fits and (not _TIMES[type] or _on_the_calendar(body, type)):
            text = f'{head},"body":{inside},{tail}'
    except _UNFIT:
        pass
    # Outside the block above, so that the error does not carry one that quotes what is refused.
    if text is None:
        given = {"seq": seq, "t": _stamped(time), "type": type, "deployment": deployment, "actor": actor}
        raise _refusal(given | {"policy": policy, "body": body, "v": VERSION})
    return text.encode("ascii")


def decode(content: bytes) -> Entry:
    """Read an entry, and hold it against the same schema as `encode`.

    Args:
        content: The bytes that were hashed.

    Raises:
        EntryRefused: It does not fit the schema; the error names the place and never what stands there.
        EntryNotCanonical: It fits, but it is not in the form that is hashed.
    """
    found = _ENTRY(content.decode("latin-1")) if len(content) <= MAX_BYTES else None
    if found is not None:
        actor, inside, deployment, policy, seq, time, type_ = (part.strip('"') for part in found.groups()[:7])
        read = _moment(time)
        if read is not None and _BODIES[type_](inside):
            body = json.loads(inside)
            if _on_the_calendar(body, type_):
                return Entry(int(seq), read, type_, deployment, actor, policy, MappingProxyType(body))
    raise _explanation(content)


def _on_the_calendar(body: Mapping[str, object], type_: str) -> bool:
    """Whether times that look like times are days that exist."""
    return all(body[key] is None or _moment(body[key]) for key in _TIMES[type_])


def _moment(value: object) -> datetime | None:
    try:
        return kinds.moment(value)  # type: ignore[arg-type]
    except (ValueError, TypeError):
        return None


def _stamped(time: object) -> str:
    try:
        return kinds.stamp(time)  # type: ignore[arg-type]
    except (ValueError, AttributeError, TypeError):
        return ""


def _explanation(content: bytes) -> EntryRefused:
    """Why bytes are no entry, once it is known that they are none."""
    values = None
    if len(content) <= MAX_BYTES:
        with contextlib.suppress(ValueError, RecursionError):
            values = json.loads(content.decode("ascii"))
    if not isinstance(values, dict):
        return EntryRefused(f"An entry is a JSON object in ASCII of at most {MAX_BYTES} bytes; this is none.")
    if _problem(values, ENVELOPE, "") is None:
        body = values["body"]
        if _problem(body, BODIES[values["type"]], "body.") is None:
            return EntryNotCanonical("The entry is not in the canonical form of RFC 8785.")
    return _refusal(values)


def _refusal(values: Mapping[str, object]) -> EntryRefused:
    """Name the first place that is wrong. Keys that are not ours are not named, for they are input too."""
    problem, body = _problem(values, ENVELOPE, ""), values.get("body")
    if problem is None and isinstance(body, Mapping):
        name = str(values["type"])
        problem = _problem(body, BODIES[name], "body.") or "a value is not of the plain type it looks like"
        problem += f", in an entry of type {name}"
    return EntryRefused(f"The entry does not fit the schema: {problem}.")


def _problem(values: Mapping[str, object], expected: Mapping[str, Kind], above: str) -> str | None:
    for key, kind in expected.items():
        if key not in values:
            return f"{above}{key} is missing"
        if not _fits(kind, values[key]):
            return f"{above}{key} must be: {kind.name}"
    if len(values) > len(expected):
        return f"{above.rstrip('.') or 'it'} has a key that is not laid down"
    return None


def _fits(kind: Kind, value: object) -> bool:
    try:
        text = _text_of(value if not isinstance(value, Mapping) else dict(value))
    except _UNFIT:
        return False
    calendar = not kind.name.startswith(TIME.name) or value is None or _moment(value) is not None
    return re.fullmatch(kind.pattern, text) is not None and calendar
