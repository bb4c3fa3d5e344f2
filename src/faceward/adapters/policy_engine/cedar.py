"""A question in, Cedar's answer out; the schema always goes with it, and whatever goes wrong means no."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeAlias
from weakref import WeakKeyDictionary

from faceward.adapters.policy_engine.cedar_language import CedarLanguage, Policy
from faceward.ports.policy_engine import Answer, EntityName, PolicyInvalid, Question, Surroundings

if TYPE_CHECKING:
    import cedarpy

_Key: TypeAlias = tuple[str, EntityName, EntityName, tuple[tuple[str, EntityName], ...]]
_MOST_REMEMBERED = 1024
"""Answers of standing rules that are kept for one set of entities; far more than actions and clients."""


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
        self._rules = {
            action: _Rules.of({name: it for name, it in rules.items() if action in language.scope(it)})
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
        rules = self._rules.get(question.action)
        if rules is None:
            raise LookupError(f"The schema has no action {question.action}.")
        known = self._known.get(question.surroundings)
        if known is None:
            known = self._learn(question.surroundings)
        request = {
            "principal": known.names[question.principal],
            "action": {"type": "Action", "id": question.action},
            "resource": known.names[question.resource],
            "context": _json(dict(question.context)),
        }
        if rules.passing is None:
            return self._judged(request, rules.standing, known)
        key = _standing_in(question)
        standing = known.answers.get(key)
        if standing is None:
            standing = self._judged(request, rules.standing, known)
            if not standing.faults:
                known.remember(key, standing)
        return _together(standing, self._judged(request, rules.passing, known))

    def _judged(self, request: dict[str, Any], rules: cedarpy.PolicySet, known: _Known) -> Answer:
        result = self._is_authorized(request, rules, known.entities, self._schema)
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
    """Parsed surroundings, how their entities are written, and what standing rules said of them."""

    __slots__ = ("answers", "entities", "names")

    def __init__(self, entities: cedarpy.Entities, names: Mapping[EntityName, Mapping[str, str]]) -> None:
        self.entities = entities
        self.names = _Names(names)
        self.answers: dict[_Key, Answer] = {}

    def remember(self, key: _Key, answer: Answer) -> None:
        if len(self.answers) >= _MOST_REMEMBERED:
            self.answers.clear()
        self.answers[key] = answer


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules that speak of one action.

    Attributes:
        standing: Those that look at entities alone: while these are the same, so is their answer.
        passing: Those that look at what else is in the context, time and counts; ``None`` where rules cannot
            be parted, and all are standing.
    """

    standing: cedarpy.PolicySet
    passing: cedarpy.PolicySet | None

    @classmethod
    def of(cls, rules: Mapping[str, Policy]) -> _Rules:
        passing = {name: it for name, it in rules.items() if _looks_at_the_moment(it["conditions"])}
        # Forbids can be asked apart, for one of them is enough. Without any, nothing would hold the context
        # against the schema.
        if not passing or any(it["effect"] == "permit" for it in passing.values()):
            return cls(_policy_set(rules), None)
        standing = {name: it for name, it in rules.items() if name not in passing}
        return cls(_policy_set(standing), _policy_set(passing))


def _looks_at_the_moment(node: Any) -> bool:
    """Whether a condition looks at anything in the context but attributes of entities that it names."""
    if isinstance(node, list):
        return any(map(_looks_at_the_moment, node))
    if not isinstance(node, dict):
        return False
    if node.get("Var") == "context":
        return True
    match node:
        # No fact is a record, so what has an attribute is an entity.
        case {".": {"left": {".": {"left": {"Var": "context"}}}}}:
            return False
    return any(map(_looks_at_the_moment, node.values()))


def _standing_in(question: Question) -> _Key:
    """What an answer of standing rules depends on, besides the entities themselves."""
    named = tuple((name, it) for name, it in question.context.items() if isinstance(it, EntityName))
    return question.action, question.principal, question.resource, named


def _together(standing: Answer, passing: Answer) -> Answer:
    """What Cedar would have said of all rules at once: one forbid is enough, and says why."""
    if standing.faults or passing.faults:
        return Answer(False, (), standing.faults + passing.faults)
    if standing.allowed and not passing.rules:
        return standing
    forbids = () if standing.allowed else standing.rules
    return Answer(False, tuple(sorted((*forbids, *passing.rules))))


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


def _policy_set(rules: Mapping[str, Policy]) -> cedarpy.PolicySet:
    """Rules without the actions in their scopes, which were looked up: that takes a sixth off an answer."""
    import cedarpy

    chosen = {name: {**rule, "action": {"op": "All"}} for name, rule in rules.items()}
    return cedarpy.PolicySet.from_json_str(
        json.dumps({"staticPolicies": chosen, "templates": {}, "templateLinks": []})
    )


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
