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


@dataclass(frozen=True, slots=True, eq=False)
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


class PolicyEngine(Protocol):
    """Judges. Every adapter passes tests/contracts/test_policy_engine.py. Safe from many threads."""

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of all packs and the schema, hexadecimal."""

    @property
    def actions(self) -> frozenset[str]:
        """The actions that the schema knows."""

    def answer(self, question: Question) -> Answer:
        """Judge. Never raises: whatever goes wrong is a fault, and means no."""
