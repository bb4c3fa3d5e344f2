"""What happened in, the bytes of an entry out, and back: the closed schema of everything the ledger may hold.

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
from faceward.transparency.kinds import (
    BOOLEAN,
    COUNT,
    DIGEST,
    DIGEST_OR_EMPTY,
    ERROR,
    INSTRUMENT,
    KEYED,
    PACK,
    PSEUDONYM,
    REQUEST,
    RULE,
    SALT,
    TIME,
    Kind,
    one_of,
    optional,
    several,
    whole,
    word,
)
from faceward.transparency.words import (
    Action,
    AuditVerdict,
    Body,
    Capture,
    Ending,
    Function,
    Ground,
    Place,
    Purpose,
    Sector,
    Verdict,
)

VERSION = 1
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


_SCORE = optional(whole(3, negative=True))
_SIGNERS = several(PSEUDONYM, 16)

_DECISION = {
    "request": REQUEST,
    "action": word(Action),
    "function": word(Function),
    "purpose": word(Purpose),
    "sector": word(Sector),  # the strictest of operator, beneficiary and recipient
    "capture": word(Capture),
    "live": BOOLEAN,
    "gallery": PSEUDONYM,
    "subjects": several(PSEUDONYM, 64),
    "subject_count": COUNT,
    "on_behalf_of": PSEUDONYM,  # the organisation that has the benefit, if it is another
    "recipient": PSEUDONYM,  # the organisation that gets the result, if it is another
    "comparisons": COUNT,
    "enrolled_after": COUNT,
    "daily_after": COUNT,
    "verdict": word(Verdict),
    "rules": several(RULE, 64),
    "probe": KEYED,
    "salt": SALT,
    "model": DIGEST_OR_EMPTY,  # of a model that anyone can get; no digest of a photo
    "threshold_millionths": optional(whole(6, negative=True)),
    "false_match_rate_ppb": optional(whole(9)),
    "testing": BOOLEAN,
}
_OUTCOME = {
    "request": REQUEST,
    "decision": COUNT,  # place of the decision that allowed it
    "ending": word(Ending),
    "error": ERROR,
    "start": TIME,
    "end": TIME,
    "comparisons": COUNT,
    "faces": COUNT,
    "candidates": COUNT,
    "enrolled": COUNT,
    "erased": COUNT,
    "top_score_thousandths": _SCORE,
    "ground": word(Ground),
    "authority": PSEUDONYM,
    "testing": BOOLEAN,
}
_POLICY = {
    "charter": DIGEST,
    "before": DIGEST_OR_EMPTY,
    "stands_added": several(PACK, 32),
    "stands_removed": several(PACK, 32),
    "weakens": BOOLEAN,
    "keys_changed": BOOLEAN,
    "signers": _SIGNERS,
}
_REVIEW = {
    "document": KEYED,
    "salt": SALT,
    "tier": Kind("0, 1, 2 or 3", "[0-3]"),
    "functions": several(word(Function), len(Function)),
    "purposes": several(word(Purpose), len(Purpose)),
    "body_kind": word(Body),
    "approvers": _SIGNERS,
    "conditions": COUNT,
    "expires": optional(TIME),
}
_CHALLENGE = {
    "document": KEYED,
    "salt": SALT,
    "signers": _SIGNERS,
}
_ORGANISATION = {
    "document": KEYED,
    "salt": SALT,
    "body_kind": word(Body),
    "approvers": _SIGNERS,
    "expires": optional(TIME),
}
_INSTRUMENT = {
    "instrument": INSTRUMENT,
    "document": KEYED,
    "salt": SALT,
    "signers": _SIGNERS,
}
_AUTHORITY = {
    "document": KEYED,
    "salt": SALT,
    "purpose": word(Purpose),
    "place": word(Place),
    "expires": optional(TIME),
    "signers": _SIGNERS,
}
_AUDIT = {
    "document": KEYED,
    "salt": SALT,
    "model": DIGEST,
    "verdict": word(AuditVerdict),
    "expires": optional(TIME),
    "signers": _SIGNERS,
}

OUTCOMES: Mapping[Action, str] = MappingProxyType(
    {
        Action.DETECT: "detect",
        Action.COMPARE: "verify",
        Action.VERIFY: "verify",
        Action.IDENTIFY: "search",
        Action.GROUP: "search",
        Action.FIND_SIMILAR: "search",
        Action.ENROL: "enrol",
        Action.IMPORT: "enrol",
        Action.CORRECT: "correct",
        Action.EXPORT: "export",
        Action.RETEMPLATE: "retemplate",
        Action.CALIBRATE: "calibrate",
        Action.INDEPENDENT_TEST: "independent_test",
        Action.WITHDRAW: "consent.withdrawn",
        Action.ERASE: "erasure",
        Action.ACCESS: "access",
        Action.OBJECT: "objection",
        Action.COMPLAIN: "complaint",
    }
)
"""The type of entry in which the work of an action ends. What is refused always has none."""

DECISION = "policy.decision"
POLICY_CHANGE = "policy.change"

BODIES: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        DECISION: _DECISION,
        POLICY_CHANGE: _POLICY,
        **dict.fromkeys(OUTCOMES.values(), _OUTCOME),
        **{
            f"review.{event}": _REVIEW
            for event in ("applied", "approved", "refused", "more", "suspended", "resumed", "closed")
        },
        **{f"review.{event}": _CHALLENGE for event in ("challenged", "ruled")},
        "organisation.reviewed": _ORGANISATION,
        **{f"instrument.{event}": _INSTRUMENT for event in ("filed", "reviewed", "challenged", "decided")},
        **{f"authority.{event}": _AUTHORITY for event in ("opened", "closed")},
        "audit.run": _AUDIT,
    }
)
"""Every type of entry, and the kind of each value of its body."""

ENVELOPE: Mapping[str, Kind] = MappingProxyType(
    {
        "actor": PSEUDONYM,
        "body": Kind("object with what the type lays down", r"\{.*\}"),
        "deployment": PSEUDONYM,
        "policy": DIGEST,
        "seq": COUNT,
        "t": TIME,
        "type": one_of("type of entry", *BODIES),
        "v": Kind("1", "1"),
    }
)
"""Every key of an entry, in canonical order."""


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
    text = content.decode("latin-1")
    found = _ENTRY(text)
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
