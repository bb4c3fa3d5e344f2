"""Every way to get one atom of a rule wrong is noticed by the uses that packs and prose agree about."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import zip_longest

import cedarpy
import pytest
from governance.cases import Tried, all_cases
from governance.mutants import Node, mutants
from governance.oracle import REFUSALS, refusals, verdict
from governance.schema_types import attribute_types

from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.governance.facts import question, surroundings
from faceward.governance.policies.packs import Kind, active_packs, read_pack, shipped_schema
from faceward.ports.policy_engine import PolicyInvalid

PACKS = tuple(REFUSALS)
ORACLE = {f"{pack}/{name}" for pack, refused in REFUSALS.items() for name in refused}
Request = tuple[dict[str, object], cedarpy.Entities]


@cache
def language() -> CedarLanguage:
    return CedarLanguage(shipped_schema())


@cache
def rules(pack: str) -> dict[str, Node]:
    """The rules of the base and one stand in JSON form, as the engine names them."""
    packs = active_packs(language(), () if pack == "base" else (pack,))
    return {
        rule["annotations"]["id"]: rule for text in packs.texts.values() for rule in language().policies(text)
    }


@cache
def cases(pack: str) -> tuple[Tried, ...]:
    stands = () if pack == "base" else (pack,)
    return tuple(one for one in all_cases() if one.stands == stands)


class Requests:
    """Uses as Cedar takes them, each made once."""

    def __init__(self, pack: str) -> None:
        packs = active_packs(language(), () if pack == "base" else (pack,))
        self._engine = CedarEngine(packs.schema, packs.texts)
        self._made: dict[int, Request] = {}
        self._around: dict[object, object] = {}

    def __call__(self, one: Tried) -> Request:
        if id(one) not in self._made:
            it = one.case
            around = self._around.setdefault(it.deployment, None) or surroundings(it.deployment)
            self._around[it.deployment] = around
            taken = {}

            def keep(request: dict[str, object], _: object, entities: cedarpy.Entities, __: object) -> None:
                taken["it"] = (request, entities)
                raise LookupError

            self._engine._is_authorized = keep
            self._engine.answer(question(it.action, it.use, around, member=it.member))
            self._made[id(one)] = taken["it"]
        return self._made[id(one)]


@cache
def requests(pack: str) -> Requests:
    return Requests(pack)


def policy_set(policies: dict[str, Node]) -> cedarpy.PolicySet:
    text = json.dumps({"staticPolicies": policies, "templates": {}, "templateLinks": []})
    return cedarpy.PolicySet.from_json_str(text)


def said(policies: cedarpy.PolicySet, request: Request) -> tuple[str, frozenset[str], frozenset[str]]:
    """Cedar's own words about one use: the decision, the rules behind it, those that failed."""
    result = cedarpy.is_authorized(request[0], policies, request[1], language().schema)
    words = result.diagnostics
    failed = [re.search(r"policy `([^`]+)`", error) for error in words.errors]
    assert all(failed), words.errors
    return result.decision.value, frozenset(words.reasons), frozenset(it[1] for it in failed if it)


def is_refused_when_read(pack: str, mutant: Node, name: str) -> bool:
    """Whether the pack with this rule in the place of its own is refused before it judges anything."""
    own = {it: rule for it, rule in rules(pack).items() if it.startswith(f"{pack}/")} | {name: mutant}
    json_form = json.dumps({"staticPolicies": own, "templates": {}, "templateLinks": []})
    try:
        kind = Kind.BASE if pack == "base" else Kind.STAND
        read_pack(language(), pack, kind, cedarpy.policies_from_json_str(json_form))
    except PolicyInvalid:
        return True
    return False


def promising(pack: str, name: str) -> list[Tried]:
    """The uses of a pack, in an order that notices mutants of one rule early.

    First those near an allowed use that changes of the rule's own facts move both ways; refused and not in
    turn.
    """
    words = {*_attributes(rules(pack)[name]["conditions"]), "action", "member", name}
    near = [
        one for one in cases(pack) if words.intersection(part.removeprefix("law_") for part in one.changed)
    ]
    moved = Counter((one.changed[0], name in refused_by(pack)[id(one)]) for one in near)
    worth = {base: min(moved[base, True], moved[base, False]) for base, _ in moved}
    near.sort(key=lambda one: (len(one.changed) > 3, -worth[one.changed[0]]))
    refused = [one for one in near if name in refused_by(pack)[id(one)]]
    passed = [one for one in near if name not in refused_by(pack)[id(one)]]
    turns = [one for pair in zip_longest(refused, passed) for one in pair if one is not None]
    first = {id(one) for one in turns}
    return turns + [one for one in cases(pack) if id(one) not in first]


@cache
def refused_by(pack: str) -> dict[int, frozenset[str]]:
    return {id(one): refusals(one.case, one.stands) for one in cases(pack)}


def _attributes(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if "attr" in node:
            yield node["attr"]
        for part in node.values():
            yield from _attributes(part)
    elif isinstance(node, list):
        for part in node:
            yield from _attributes(part)


def survivors(pack: str, name: str) -> tuple[int, list[str]]:
    """How many mutants one rule has, and those that nothing notices."""
    original = rules(pack)[name]
    made = list(mutants(original, attribute_types(str(language().schema))))
    alike = {str(n): it for n, (_, it) in enumerate(made) if it["effect"] == original["effect"]}
    alive = unnoticed_in_the_reasons(pack, name, alike)
    alive |= {str(n) for n, (_, it) in enumerate(made) if str(n) not in alike and not noticed(pack, name, it)}
    kept = [made[int(n)] for n in sorted(alive, key=int)]
    return len(made), [words for words, it in kept if not is_refused_when_read(pack, it, name)]


def unnoticed_in_the_reasons(pack: str, name: str, tried: dict[str, Node]) -> set[str]:
    """Which of many mutants of one rule apply to exactly the uses that the rule itself applies to.

    All of them are judged together, as Cedar names every rule that applies; one that fails counts as noticed.
    Whether a rule that permits applies shows only where none refuses.
    """
    alive = dict(tried)
    together = policy_set(alive)
    size = len(alive)
    for one in promising(pack, name):
        if len(alive) < 0.8 * size:
            together, size = policy_set(alive), len(alive)
        if not alive:
            break
        refused = refused_by(pack)[id(one)]
        applies = name in refused if name in ORACLE else not refused and one.case.member
        if name not in ORACLE and refused:
            continue
        _, reasons, failed = said(together, requests(pack)(one))
        for number in (reasons.symmetric_difference(alive) if applies else reasons) | failed:
            alive.pop(number, None)
    return set(alive)


def noticed(pack: str, name: str, mutant: Node) -> bool:
    """Whether the verdict or the reasons of any use differ with a mutant in the place of its rule."""
    together = policy_set({**rules(pack), name: mutant})
    for one in promising(pack, name):
        allowed, reasons = verdict(one.case, one.stands)
        if said(together, requests(pack)(one)) != ("Allow" if allowed else "Deny", reasons, frozenset()):
            return True
    return False


@pytest.mark.parametrize(
    ("pack", "name"),
    [
        ("base", "base/permit-member"),
        *((pack, f"{pack}/{name}") for pack in PACKS for name in REFUSALS[pack]),
    ],
    ids=str,
)
def test_no_mutant_survives(pack: str, name: str):
    """Those that do not even fit the schema are refused at the start, which is as good."""
    number, alive = survivors(pack, name)
    assert number >= 20
    assert not alive


@pytest.mark.parametrize("name", ["base/permit-member", "base/expired", "microsoft-2020/law-enforcement"])
def test_what_changes_nothing_would_survive(name: str):
    """The check above can fail."""
    pack = "base" if name.startswith("base") else name.partition("/")[0]
    rule = rules(pack)[name]
    again = {**rule, "conditions": [*rule["conditions"], {"kind": "when", "body": {"Value": True}}]}
    assert unnoticed_in_the_reasons(pack, name, {"0": rule, "1": again}) == {"0", "1"}
    assert not noticed(pack, name, again)
    assert not is_refused_when_read(pack, again, name)
