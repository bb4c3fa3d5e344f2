"""Rules and entities in, the bounds that the numbers and times of a request are compared with out.

A rule does nothing with the time or a count but hold it against a bound: a date of the deployment, a limit,
a date in the rule itself. So between two bounds every rule says the same, and an answer that Cedar gave once
holds for the whole cell. What is used in any other way counts as it is, to its last digit.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from faceward.ports.policy_engine import Entity, EntityName, Fact, Question

_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_LEAST, _MOST = -(2**63), 2**63 - 1
"""What a Long of Cedar holds."""

Number: TypeAlias = "int | datetime"


@dataclass(frozen=True, slots=True)
class _Path:
    """An attribute of an entity, or of one that it names.

    Attributes:
        root: ``principal``, ``resource``, or the name in the context of the entity it begins at.
        attributes: The way from there.
    """

    root: str
    attributes: tuple[str, ...]


_Bound: TypeAlias = "int | datetime | _Path"


@dataclass(frozen=True, slots=True)
class Comparisons:
    """What the rules of one action compare the context with.

    Attributes:
        bounds: For each name in the context what it is compared with.
        exact: Names that rules use in another way.
        whole: Whether a rule uses the context as a whole.
    """

    bounds: Mapping[str, frozenset[_Bound]]
    exact: frozenset[str]
    whole: bool

    def cells(self, question: Question) -> Cells:
        """Where the bounds lie for the entities of a question."""
        entities = {entity.name: entity for entity in question.surroundings.entities}
        places = {
            name: tuple(sorted({place(it) for it in _resolved(bounds, question, entities)}))
            for name, bounds in self.bounds.items()
        }
        exact = self.exact | (frozenset(question.context) if self.whole else frozenset())
        return Cells({name: it for name, it in places.items() if name not in exact}, exact)


@dataclass(frozen=True, slots=True)
class Cells:
    """Where bounds lie.

    Attributes:
        places: For each name its bounds, the least first; a name without any is compared with nothing.
        exact: Names whose values count as they are.
    """

    places: Mapping[str, tuple[int, ...]]
    exact: frozenset[str]

    def of(self, name: str, value: Number) -> int:
        """The cell of a value: even between two bounds, odd on one.

        Raises:
            ValueError: It is no number or time that Cedar takes.
        """
        at = place(value)
        if name in self.exact:
            return at
        bounds = self.places.get(name, ())
        return bisect_left(bounds, at) + bisect_right(bounds, at)


def place(value: Number) -> int:
    """A number, or a time as whole milliseconds since 1970, which is all that Cedar keeps of it.

    Raises:
        ValueError: A time has no zone, or a number is longer than Cedar's.
    """
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("A time has no zone.")
        return (value - _EPOCH) // _MILLISECOND
    if not _LEAST <= value <= _MOST:
        raise ValueError("A number is too long.")
    return value


def comparisons(conditions: Iterable[Any]) -> Comparisons:
    """Find what conditions compare the context with.

    Args:
        conditions: Of rules, in Cedar's JSON form.
    """
    found = _Finder()
    for condition in conditions:
        found.look(condition)
    return Comparisons(
        {name: frozenset(bounds) for name, bounds in found.bounds.items()},
        frozenset(found.exact),
        found.whole,
    )


class _Finder:
    def __init__(self) -> None:
        self.bounds: dict[str, set[_Bound]] = {}
        self.exact: set[str] = set()
        self.whole = False

    def look(self, node: Any) -> None:
        if isinstance(node, list):
            for item in node:
                self.look(item)
            return
        if not isinstance(node, dict):
            return
        if node.get("Var") == "context":
            self.whole = True
        elif "has" in node and node["has"]["left"] == {"Var": "context"}:
            return  # the names of what is in the context count anyway
        elif (name := _in_context(node)) is not None:
            self.exact.add(name)
        elif len(node) == 1 and (operator := next(iter(node))) in _COMPARISONS:
            self._compare(node[operator]["left"], node[operator]["right"])
        else:
            for value in node.values():
                self.look(value)

    def _compare(self, left: Any, right: Any) -> None:
        for one, other in ((left, right), (right, left)):
            name = _in_context(one)
            bound = None if name is None else _bound(other)
            if name is not None and bound is not None:
                self.bounds.setdefault(name, set()).add(bound)
                return
        self.look(left)
        self.look(right)


def _in_context(node: Any) -> str | None:
    match node:
        case {".": {"left": {"Var": "context"}, "attr": str(name)}}:
            return name
    return None


def _bound(node: Any) -> _Bound | None:
    """What a side of a comparison stands for, if it is the same for all requests about the same entities."""
    match node:
        case {"Value": int(value)} if not isinstance(value, bool):
            return value
        case {"datetime": [{"Value": str(text)}]}:
            read = datetime.fromisoformat(text)
            return read if read.tzinfo is not None else read.replace(tzinfo=UTC)
    attributes: list[str] = []
    while isinstance(node, dict) and set(node) == {"."}:
        attributes.append(node["."]["attr"])
        node = node["."]["left"]
    match node:
        case {"Var": "principal" | "resource" as root} if attributes:
            return _Path(root, tuple(reversed(attributes)))
        case {"Var": "context"} if len(attributes) > 1:
            return _Path(f"context.{attributes.pop()}", tuple(reversed(attributes)))
    return None


def _resolved(
    bounds: Iterable[_Bound], question: Question, entities: Mapping[EntityName, Entity]
) -> Iterable[Number]:
    for bound in bounds:
        value = _followed(bound, question, entities) if isinstance(bound, _Path) else bound
        # What is not there, or no number, is never compared with one: rules are held against the schema.
        if isinstance(value, int | datetime) and not isinstance(value, bool):
            yield value


def _followed(path: _Path, question: Question, entities: Mapping[EntityName, Entity]) -> Fact | None:
    at: Fact | None = {"principal": question.principal, "resource": question.resource}.get(path.root)
    if at is None:
        at = question.context.get(path.root.removeprefix("context."))
    for name in path.attributes:
        entity = entities.get(at) if isinstance(at, EntityName) else None
        at = None if entity is None else entity.attributes.get(name)
    return at
