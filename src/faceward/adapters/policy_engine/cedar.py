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
from faceward.adapters.policy_engine.cells import Cells, Comparisons, comparisons
from faceward.ports.policy_engine import Answer, EntityName, PolicyInvalid, Question, Surroundings

if TYPE_CHECKING:
    import cedarpy

_Key: TypeAlias = tuple[str, EntityName, EntityName, tuple[tuple[str, object], ...]]
_MOST_REMEMBERED = 1024
"""Desks of one set of entities, and answers of one desk, that are kept; far more than come up."""


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
        key = _standing(question)
        desk = known.desks.get(key)
        if desk is None:
            desk = known.opened(key, rules.comparisons.cells(question))
        try:
            cell = desk.cell(question)
        except ValueError:  # Cedar is to say what is wrong with it
            return self._judged(question, rules.all, known)
        answer = desk.answers.get(cell)
        if answer is None:
            answer = self._judged(question, rules.all, known)
            if not answer.faults:
                desk.remember(cell, answer)
        return answer

    def _judged(self, question: Question, rules: cedarpy.PolicySet, known: _Known) -> Answer:
        request = {
            "principal": known.names[question.principal],
            "action": {"type": "Action", "id": question.action},
            "resource": known.names[question.resource],
            "context": _json(dict(question.context)),
        }
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
    """Parsed surroundings, how their entities are written, and what was asked about them."""

    __slots__ = ("desks", "entities", "names")

    def __init__(self, entities: cedarpy.Entities, names: Mapping[EntityName, Mapping[str, str]]) -> None:
        self.entities = entities
        self.names = _Names(names)
        self.desks: dict[_Key, _Desk] = {}

    def opened(self, key: _Key, cells: Cells) -> _Desk:
        if len(self.desks) >= _MOST_REMEMBERED:
            self.desks.clear()
        return self.desks.setdefault(key, _Desk(cells))


class _Desk:
    """Answers about the same act on the same things, by the cell in which time and counts lie."""

    __slots__ = ("answers", "cells")

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.answers: dict[tuple[int, ...], Answer] = {}

    def cell(self, question: Question) -> tuple[int, ...]:
        return tuple(
            [self.cells.of(name, it) for name, it in question.context.items() if type(it) in _NUMBERS]  # type: ignore[arg-type]
        )

    def remember(self, cell: tuple[int, ...], answer: Answer) -> None:
        if len(self.answers) >= _MOST_REMEMBERED:
            self.answers.clear()
        self.answers[cell] = answer


@dataclass(frozen=True, slots=True)
class _Rules:
    """The rules that speak of one action.

    Attributes:
        all: As Cedar takes them.
        comparisons: What they compare the context with.
    """

    all: cedarpy.PolicySet
    comparisons: Comparisons

    @classmethod
    def of(cls, rules: Mapping[str, Policy]) -> _Rules:
        return cls(_policy_set(rules), comparisons([it["conditions"] for it in rules.values()]))


_NUMBERS = frozenset({int, datetime})


def _standing(question: Question) -> _Key:
    """What the answer depends on beside numbers and times: of these, their names and kinds."""
    return (
        question.action,
        question.principal,
        question.resource,
        tuple([(name, type(it) if type(it) in _NUMBERS else it) for name, it in question.context.items()]),
    )


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
