"""The text of Cedar packs and of their schema in, rules with their scope and their words out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from faceward.ports.policy_engine import PolicyInvalid, WrittenRule

if TYPE_CHECKING:
    import cedarpy

Policy = Mapping[str, Any]
"""One policy in Cedar's JSON form, "EST"."""

# A line of a schema as the engine prints it.
_ACTION = re.compile(r'(?m)^action "([^"\\]+)"(?: in \[([^\]]*)\])?( appliesTo \{)?')
_FOR_ACTION = re.compile(r' (?:in context )?for Action::"[^"]*"')
_GROUP = re.compile(r'Action::"([^"\\]+)"')


class CedarLanguage:
    """Reads packs against one schema.

    Args:
        schema: The schema in Cedar's own syntax.

    Raises:
        PolicyInvalid: The schema cannot be read.
    """

    def __init__(self, schema: str) -> None:
        import cedarpy

        try:
            self.schema: cedarpy.Schema = cedarpy.Schema.from_str(schema)
        except ValueError as error:
            raise PolicyInvalid(f"The policy schema cannot be read: {_one_line(error)}.") from None
        self._members = _members(str(self.schema))

    @property
    def actions(self) -> frozenset[str]:
        """The actions that the schema knows, without its groups."""
        return frozenset().union(*self._members.values())

    def rules(self, text: str) -> tuple[WrittenRule, ...]:
        """Read the rules of a pack, in the order of its text.

        Raises:
            PolicyInvalid: It cannot be read, or does not fit the schema; the cause names the rule.
        """
        return tuple(
            WrittenRule(
                {name: value or "" for name, value in policy.get("annotations", {}).items()},
                policy["effect"] == "permit",
                self.scope(policy),
                frozenset(_words(policy["conditions"])),
            )
            for policy in self.policies(text)
        )

    def policies(self, text: str) -> tuple[Policy, ...]:
        """The same rules in Cedar's JSON form.

        Raises:
            PolicyInvalid: As for `rules`.
        """
        import cedarpy

        try:
            read = json.loads(cedarpy.policies_to_json_str(text))
        except ValueError as error:
            raise PolicyInvalid(f"The pack cannot be read: {_one_line(error)}.") from None
        if read["templates"]:
            raise PolicyInvalid("The pack has a template, a rule with a ?slot; nothing ever fills it.")
        named = read["staticPolicies"]
        policies = {name: named[name] for name in sorted(named, key=lambda name: int(name[len("policy") :]))}
        self._check(text, policies)
        return tuple(policies.values())

    def scope(self, policy: Policy) -> frozenset[str]:
        """Every action that a policy can speak of, groups written out."""
        scope = policy["action"]
        if scope["op"] == "All":
            return self.actions
        entities = scope["entities"] if "entities" in scope else [scope["entity"]]
        return frozenset().union(*(self._members[entity["id"]] for entity in entities))

    def _check(self, text: str, policies: Mapping[str, Policy]) -> None:
        import cedarpy

        result = cedarpy.validate_policies(text, self.schema)
        if result.validation_passed and not result.errors:
            return
        findings: dict[str, None] = {}  # in order, and each once, though the engine finds it for every action
        for finding in result.errors:
            words = _one_line(finding.error).replace(f"for policy `{finding.policy_id}`, ", "")
            findings[f"{_called(policies, finding.policy_id)}: {_FOR_ACTION.sub('', words)}"] = None
        raise PolicyInvalid(f"The pack does not fit the schema. {'; '.join(findings)}.")


def _called(policies: Mapping[str, Policy], policy: str) -> str:
    given = policies.get(policy, {}).get("annotations", {}).get("id")
    return given or f"rule {int(policy[len('policy') :]) + 1}" if policy in policies else "pack"


def _members(schema: str) -> Mapping[str, frozenset[str]]:
    """The actions that each action or group stands for."""
    found = _ACTION.findall(schema)
    parents = {name: frozenset(_GROUP.findall(groups)) for name, groups, _ in found}
    concrete = [name for name, _, applies in found if applies]

    def is_in(name: str, group: str) -> bool:
        return name == group or any(is_in(parent, group) for parent in parents[name])

    return {group: frozenset(name for name in concrete if is_in(name, group)) for group in parents}


def _words(node: Any) -> Iterator[str]:
    """The texts in a condition; those that a date or another extension is written in are none."""
    if isinstance(node, list):
        for item in node:
            yield from _words(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "Value" and isinstance(value, str):
                yield value
            elif key == "like":
                yield "".join("*" if it == "Wildcard" else it["Literal"] for it in value["pattern"])
                yield from _words(value["left"])
            elif key in ("Set", "body") or not isinstance(value, list):
                yield from _words(value)


def _one_line(error: object) -> str:
    return " ".join(str(error).split()).rstrip(".")
