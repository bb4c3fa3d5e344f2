"""An entry of the ledger in, what it says in words out."""

from __future__ import annotations

from collections.abc import Mapping

from faceward.cli.output import counted
from faceward.transparency.entries import DECISION, OUTCOMES, POLICY_CHANGE, Entry

_OUTCOME_TYPES = frozenset(OUTCOMES.values())


def told(entry: Entry) -> str:
    """What an entry says, on one line; the number first, the time in UTC."""
    return f"{entry.seq:>6}  {entry.time:%Y-%m-%d %H:%M:%S}  {_what(entry.type, entry.body)}"


def detailed(entry: Entry) -> tuple[tuple[str, str], ...]:
    """Every part of an entry with its name; what is empty is left out."""
    parts = {
        "number": entry.seq,
        "time": entry.time.isoformat(),
        "type": entry.type,
        "deployment": entry.deployment,
        "actor": entry.actor,
        "policy": entry.policy,
        **entry.body,
    }
    return tuple((name, _text(value)) for name, value in parts.items() if value not in ("", None, []))


def _what(type_: str, body: Mapping[str, object]) -> str:
    mark = "TEST GATE: " if body.get("testing") is True else ""
    if type_ == DECISION:
        rules = _text(body["rules"]) or "no rule"
        verdict = "allowed" if body["verdict"] == "allow" else "refused"
        return f"{mark}{verdict} {body['action']} for {body['purpose']}, by {rules}"
    if type_ in _OUTCOME_TYPES:
        return f"{mark}{type_} {ending(body)}, as entry {body['decision']} allowed"
    if type_ == POLICY_CHANGE:
        changes = [
            f"{word} {_text(body[key])}"
            for word, key in (("adds", "stands_added"), ("removes", "stands_removed"))
            if body[key]
        ]
        changes += ["weakens"] if body["weakens"] else []
        return f"policy changes: {', '.join([*changes, str(body['charter'])[:12]])}"
    details = [
        f"{name.replace('_', ' ')} {_text(body[name])}"
        for name in ("instrument", "tier", "body_kind", "purpose", "purposes", "verdict", "expires")
        if body.get(name) not in (None, "", [])
    ]
    return ", ".join([type_, *details])


def ending(body: Mapping[str, object]) -> str:
    """How work ended and how much was done, from the body of an outcome."""
    counts = [
        counted(int(str(body[name])), thing)
        for name, thing in (("comparisons", "comparison"), ("faces", "face"), ("candidates", "candidate"))
        if body[name]
    ]
    counts += [f"{body[name]:,} {name}" for name in ("enrolled", "erased") if body[name]]
    error = [str(body["error"])] if body["error"] else []
    return f"{body['ending']} ({', '.join([*error, *counts]) or 'nothing counted'})"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
