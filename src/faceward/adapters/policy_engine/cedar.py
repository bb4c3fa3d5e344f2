"""A question in, Cedar's answer out; the schema always goes with it, and whatever goes wrong means no."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from faceward.adapters.policy_engine.cedar_language import CedarLanguage, Policy
from faceward.ports.policy_engine import Answer, EntityName, PolicyInvalid, Question, Surroundings

if TYPE_CHECKING:
    import cedarpy


class CedarEngine:
    """Judges by Cedar packs.

    Without a schema Cedar skips a ``forbid`` that fails, and allows: so there is no engine without one.

    Args:
        schema: The schema in Cedar's own syntax.
        packs: The text of each active pack, by its name.

    Raises:
        PolicyInvalid: Schema or packs cannot be read, a pack does not fit the schema, or a rule has no name
            of its own.
    """

    def __init__(self, schema: str, packs: Mapping[str, str]) -> None:
        import cedarpy

        language = CedarLanguage(schema)
        self._schema = language.schema
        self._actions = language.actions
        self._digest = _digest(schema, packs)
        rules = _named({name: language.policies(text) for name, text in packs.items()})
        self._policies = {
            action: cedarpy.PolicySet.from_json_str(_speaking_of(action, rules, language))
            for action in language.actions
        }
        self._is_authorized = cedarpy.is_authorized
        self._read_entities = cedarpy.Entities.from_json_str
        self._allow, self._deny = cedarpy.Decision.Allow, cedarpy.Decision.Deny
        self._known: WeakKeyDictionary[Surroundings, _Known] = WeakKeyDictionary()
        self._lock = Lock()

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of ``{"packs": {name: text}, "schema": text}``, hexadecimal."""
        return self._digest

    @property
    def actions(self) -> frozenset[str]:
        """The actions that the schema knows, without its groups."""
        return self._actions

    def answer(self, question: Question) -> Answer:
        """Judge. Never raises: whatever goes wrong is a fault, and means no."""
        try:
            return self._answer(question)
        except Exception as error:
            return _fault(error)
        except BaseException as error:
            # What the engine throws when it breaks down is no Exception; an interrupt is to go through.
            if type(error).__name__ == "PanicException":
                return _fault(error)
            raise

    def _answer(self, question: Question) -> Answer:
        if question.action not in self._policies:
            raise LookupError(f"The schema has no action {question.action}.")
        known = self._known.get(question.surroundings)
        if known is None:
            known = self._learn(question.surroundings)
        result = self._is_authorized(
            {
                "principal": known.names[question.principal],
                "action": {"type": "Action", "id": question.action},
                "resource": known.names[question.resource],
                "context": _json(dict(question.context)),
            },
            self._policies[question.action],
            known.entities,
            self._schema,
        )
        decision, said = result.decision, result.diagnostics
        if said.errors or decision not in (self._allow, self._deny):
            return Answer(False, (), tuple(said.errors) or (f"Cedar gave {decision} and no reason.",))
        return Answer(decision is self._allow, tuple(sorted(said.reasons)))

    def _learn(self, around: Surroundings) -> _Known:
        text = _json(
            [
                {
                    "uid": _uid(entity.name),
                    "attrs": dict(entity.attributes),
                    "parents": [_uid(parent) for parent in entity.parents],
                }
                for entity in around.entities
            ]
        )
        known = _Known(
            self._read_entities(text, self._schema),
            {entity.name: _uid(entity.name) for entity in around.entities},
        )
        with self._lock:
            self._known[around] = known
        return known


class _Known:
    """Parsed surroundings, and how their entities are written."""

    __slots__ = ("entities", "names")

    def __init__(self, entities: cedarpy.Entities, names: Mapping[EntityName, Mapping[str, str]]) -> None:
        self.entities = entities
        self.names = _Names(names)


class _Names(dict[EntityName, Mapping[str, str]]):
    def __missing__(self, name: EntityName) -> Mapping[str, str]:
        raise LookupError(f'Nothing is known of {name.kind}::"{name.identifier}".')


def _named(packs: Mapping[str, tuple[Policy, ...]]) -> dict[str, Policy]:
    named: dict[str, Policy] = {}
    for pack, policies in packs.items():
        for number, policy in enumerate(policies, 1):
            name = policy.get("annotations", {}).get("id")
            if not name:
                raise PolicyInvalid(
                    f'Rule {number} of pack {pack} has no name; write @id("{pack}/…") above it.'
                )
            if name in named:
                raise PolicyInvalid(f"Two rules are called {name}, the second in pack {pack}.")
            named[name] = policy
    return named


def _speaking_of(action: str, rules: Mapping[str, Policy], language: CedarLanguage) -> str:
    """The rules whose scope has the action, without that scope: looking it up is a sixth of an answer."""
    anything = {"action": {"op": "All"}}
    chosen = {name: {**rule, **anything} for name, rule in rules.items() if action in language.scope(rule)}
    return json.dumps({"staticPolicies": chosen, "templates": {}, "templateLinks": []})


def _digest(schema: str, packs: Mapping[str, str]) -> str:
    # RFC 8785 for texts alone: keys in order, nothing escaped that need not be.
    canonical = json.dumps(
        {"packs": dict(packs), "schema": schema}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _uid(name: EntityName) -> dict[str, str]:
    return {"type": name.kind, "id": name.identifier}


def _special(value: object) -> Any:
    """What JSON has no form for, in Cedar's; dates to the millisecond, which is all that Cedar keeps."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"The time {value} has no zone.")
        utc = value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
        return {"__extn": {"fn": "datetime", "arg": f"{utc}Z"}}
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, EntityName):
        return {"__entity": _uid(value)}
    raise TypeError(f"A {type(value).__name__} is no fact.")


_json = json.JSONEncoder(default=_special, separators=(",", ":"), allow_nan=False).encode


def _fault(error: BaseException) -> Answer:
    return Answer(False, (), (f"{type(error).__name__}: {' '.join(str(error).split())}",))
