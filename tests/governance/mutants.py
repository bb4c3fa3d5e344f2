"""A rule in Cedar's JSON form in, every way to get one atom of it wrong out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, get_args, get_type_hints

from faceward.governance.facts import DeploymentFacts, InstrumentFacts, UseFacts
from faceward.governance.policies.vocabulary import (
    CORE_CRITERIA,
    INSTRUMENT_LEVELS,
    INSTRUMENT_STATUSES,
    SUPPORTING_CRITERIA,
)
from faceward.transparency.words import Action, Body, Function, Purpose

Node = Any
Mutant = tuple[str, Node]
"""What was done, and the rule with that done to it."""

TRUE, FALSE = {"Value": True}, {"Value": False}
NO_WORD = "no such word"
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")
CONTAINS = ("contains", "containsAll", "containsAny")
GROUPS = ("recognise", "sees", "compares", "searches", "upkeep", "rights", "keeping")
RECORDS = {"Use": UseFacts, "Moment": UseFacts, "Deployment": DeploymentFacts, "Instrument": InstrumentFacts}
LISTED = {
    "level": INSTRUMENT_LEVELS,
    "status": INSTRUMENT_STATUSES,
    "agencies": tuple(Body),
    "functions": tuple(Function),
    "purposes": tuple(Purpose),
    "met": (*CORE_CRITERIA, *SUPPORTING_CRITERIA),
}
"""The words of a law's facts, which are plain texts."""


def mutants(rule: Node, types: Mapping[str, Mapping[str, str]]) -> Iterator[Mutant]:
    """Every rule that differs from this one in one atom, with a description.

    Args:
        rule: The rule; it is left as it is.
        types: The type of every attribute, by record.
    """
    other = "permit" if rule["effect"] == "forbid" else "forbid"
    yield f"effect {other}", {**rule, "effect": other}
    for words, scope in _scopes(rule["action"]):
        yield f"scope {words}", {**rule, "action": scope}
    conditions = rule["conditions"]
    for number, condition in enumerate(conditions):
        before, after = conditions[:number], conditions[number + 1 :]
        kind = condition["kind"]
        yield f"{kind} dropped", {**rule, "conditions": before + after}
        swapped = {**condition, "kind": "unless" if kind == "when" else "when"}
        yield f"{kind} swapped", {**rule, "conditions": [*before, swapped, *after]}
        for words, body in _expressions(condition["body"], types):
            changed = {**condition, "body": body}
            yield f"{kind}: {words}", {**rule, "conditions": [*before, changed, *after]}


def _scopes(scope: Node) -> Iterator[Mutant]:
    """Wider, narrower, another group; each single action more or less."""
    named = scope.get("entities") or [scope[key] for key in ("entity",) if key in scope]
    if scope["op"] != "All":
        yield "unconstrained", {"op": "All"}
    if len(named) > 1:
        for it in named:
            yield f"without {it['id']}", {"op": "in", "entities": [one for one in named if one != it]}
    for group in GROUPS:
        if [it["id"] for it in named] != [group]:
            yield f"in {group}", {"op": "in", "entity": _action(group)}
    covered = {action for it in named for action in _covered(it["id"])}
    for action in Action:
        chosen = covered ^ {action.value}
        if chosen:
            entities = [_action(name) for name in sorted(chosen)]
            yield f"with or without {action}", {"op": "in", "entities": entities}


def _expressions(node: Node, types: Mapping[str, Mapping[str, str]]) -> Iterator[Mutant]:
    """Every mutant of an expression: of itself, and of each part."""
    ((operator, inside),) = node.items()
    if _is_boolean(node, types):
        yield f"true for {operator}", TRUE
        yield f"false for {operator}", FALSE
        yield f"not {operator}", {"!": {"arg": node}}
    yield from _other_operators(operator, inside)
    yield from _other_values(operator, inside)
    if operator == ".":
        yield from _other_attributes(node, types)
    if operator in COMPARISONS or operator in CONTAINS:
        yield from _other_words(operator, inside)
    if isinstance(inside, dict) and operator != "Value":
        for place, part in inside.items():
            if isinstance(part, dict):
                for words, changed in _expressions(part, types):
                    yield words, {operator: {**inside, place: changed}}


def _other_operators(operator: str, inside: Node) -> Iterator[Mutant]:
    """Another comparison; a part left out; branches the wrong way round."""
    for family in (COMPARISONS, CONTAINS, ("&&", "||")):
        if operator in family:
            yield from ((f"{other} for {operator}", {other: inside}) for other in family if other != operator)
    if operator in ("<", "<=", ">", ">="):
        yield f"sides of {operator}", {operator: {"left": inside["right"], "right": inside["left"]}}
    if operator in ("&&", "||"):
        yield f"only the left of {operator}", inside["left"]
        yield f"only the right of {operator}", inside["right"]
    if operator == "!":
        yield "without !", inside["arg"]
    if operator == "if-then-else":
        yield "branches swapped", {operator: {**inside, "then": inside["else"], "else": inside["then"]}}
        yield "always then", inside["then"]
        yield "always else", inside["else"]


def _other_values(operator: str, inside: Node) -> Iterator[Mutant]:
    """Another action or group, a moment or a number beside the right one."""
    if operator in ("in", "==") and "__entity" in str(inside["right"]):
        target = inside["right"]["Value"]["__entity"]["id"]
        for name in (*(GROUPS if operator == "in" else ()), *Action):
            if name != target:
                yield (
                    f"{operator} {name}",
                    {operator: {**inside, "right": {"Value": {"__entity": _action(name)}}}},
                )
    if operator == "datetime":
        moment = datetime.fromisoformat(inside[0]["Value"]).astimezone(UTC)
        for shift in (-1, 1):
            text = (moment + timedelta(seconds=shift)).strftime("%Y-%m-%dT%H:%M:%SZ")
            yield f"{shift:+} s", {"datetime": [{"Value": text}]}
    if operator == "Value" and isinstance(inside, int) and not isinstance(inside, bool):
        yield from ((f"{inside + shift} for {inside}", {"Value": inside + shift}) for shift in (-1, 1))


def _other_words(operator: str, inside: Node) -> Iterator[Mutant]:
    """Each text literal changed into every other word of its list; each element of a set dropped, or more."""
    for place, opposite in (("left", "right"), ("right", "left")):
        literal, attribute = inside[place], inside[opposite]
        if "." not in attribute:
            continue
        listed = _list_of(attribute)
        if isinstance(literal.get("Value"), str):
            for word in (*listed, NO_WORD):
                if word != literal["Value"]:
                    yield (
                        f"{word} for {literal['Value']}",
                        {operator: {**inside, place: {"Value": str(word)}}},
                    )
        if "Set" in literal:
            had = [it["Value"] for it in literal["Set"]]
            changed = [[word for word in had if word != it] for it in had]
            changed += [[*had, str(it)] for it in listed if it not in had]
            for words in changed:
                chosen = {"Set": [{"Value": word} for word in words]}
                yield f"set {sorted(set(words) ^ set(had))}", {operator: {**inside, place: chosen}}


def _other_attributes(node: Node, types: Mapping[str, Mapping[str, str]]) -> Iterator[Mutant]:
    record, name = _record_of(node["."]["left"]), node["."]["attr"]
    kind = types[record][name].rstrip("?")
    for other, its in types[record].items():
        if other != name and its.rstrip("?") == kind:
            yield f"{other} for {name}", {".": {**node["."], "attr": other}}


def _is_boolean(node: Node, types: Mapping[str, Mapping[str, str]]) -> bool:
    ((operator, inside),) = node.items()
    if operator == ".":
        return types[_record_of(inside["left"])][inside["attr"]] == "Bool"
    return operator in (*COMPARISONS, *CONTAINS, "&&", "||", "!", "has", "in", "if-then-else")


def _record_of(node: Node) -> str:
    if "." in node:
        return {"instrument": "Instrument", "use": "Use"}[node["."]["attr"]]
    return {"context": "Moment", "resource": "Deployment"}[node["Var"]]


def _list_of(attribute: Node) -> tuple[str, ...]:
    """The words that an attribute can be, or hold."""
    record, name = _record_of(attribute["."]["left"]), attribute["."]["attr"]
    hint = get_type_hints(RECORDS[record])[name]
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            return tuple(word.value for word in kind)
    return tuple(str(word) for word in LISTED.get(name, ()))


def _action(name: str) -> Node:
    return {"type": "Action", "id": str(name)}


_INTAKE = {"enrol", "import", "calibrate", "independent_test"}
_WITHIN = {
    "searches": {"identify", "group", "find_similar"},
    "upkeep": _INTAKE | {"correct", "export", "retemplate"},
    "rights": {action.value for action in Action if action.is_right},
    "keeping": {"arrange", "read", "administer"},
}
_WITHIN["compares"] = _WITHIN["searches"] | {"compare", "verify"}
_WITHIN["sees"] = _WITHIN["compares"] | _INTAKE | {"detect"}
_WITHIN["recognise"] = _WITHIN["sees"] | _WITHIN["upkeep"]


def _covered(name: str) -> set[str]:
    return _WITHIN.get(name, {name})
