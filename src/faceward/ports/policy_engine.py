"""A question in, an answer with the rules that decided it out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from faceward.errors import DependencyError

Fact: TypeAlias = "bool | int | str | datetime | frozenset[str] | EntityName"


class PolicyInvalid(DependencyError):
    """A policy pack does not fit the schema, repeats a name, or does what its kind may not do."""

    code = "policy_invalid"
    remedy = "Correct the pack, or remove it from the charter; nothing is decided before."


@dataclass(frozen=True, slots=True)
class EntityName:
    """What an entity is called."""

    kind: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that rules speak of.

    Attributes:
        name: Its kind and identifier.
        attributes: What is known of it; an optional attribute that is not known is left out.
        parents: What it belongs to.
    """

    name: EntityName
    attributes: Mapping[str, Fact]
    parents: tuple[EntityName, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Surroundings:
    """The entities that questions are asked about. An adapter may keep what it makes of them by identity."""

    entities: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """May this be done?

    Attributes:
        principal: Who asks.
        action: What is to be done.
        resource: To what.
        context: What is known of this one request.
        surroundings: The entities that these names stand for.
    """

    principal: EntityName
    action: str
    resource: EntityName
    context: Mapping[str, Fact]
    surroundings: Surroundings


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether it may be done, and why.

    Attributes:
        allowed: True only if a rule permits it, none forbids it, and no rule failed.
        rules: Names of the rules that decided, in order of name. Empty where nothing permits it.
        faults: What went wrong in the engine, fit for an operator; any fault means that it is not allowed.
    """

    allowed: bool
    rules: tuple[str, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WrittenRule:
    """A rule as it stands in a pack, without its condition.

    Attributes:
        annotations: What is written above it, by name; one without a value has an empty text.
        permits: Whether it permits; otherwise it forbids.
        actions: Every action that it can speak of, groups written out.
        words: The texts that its condition compares facts with.
    """

    annotations: Mapping[str, str]
    permits: bool
    actions: frozenset[str]
    words: frozenset[str]


class PolicyLanguage(Protocol):
    """Reads packs against a schema. Every adapter passes tests/contracts/test_policy_language.py."""

    @property
    def actions(self) -> frozenset[str]:
        """The actions that the schema knows, without its groups."""

    def rules(self, text: str) -> tuple[WrittenRule, ...]:
        """Read the rules of a pack, in the order of its text.

        Raises:
            PolicyInvalid: It cannot be read, or does not fit the schema; the cause names the rule.
        """


class PolicyEngine(Protocol):
    """Judges. Every adapter passes tests/contracts/test_policy_engine.py. Safe from many threads."""

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of ``{"packs": {name: text}, "schema": text}``, hexadecimal."""

    @property
    def actions(self) -> frozenset[str]:
        """The actions that the schema knows, without its groups."""

    def answer(self, question: Question) -> Answer:
        """Judge. Never raises: whatever goes wrong is a fault, and means no."""
