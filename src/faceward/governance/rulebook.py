"""A charter's packs in, what judges by them out, with the digest that every record of it carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from faceward.governance.charter import Charter
from faceward.ports.policy_engine import PolicyEngine, PolicyInvalid
from faceward.transparency.words import Action


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The rules in force.

    Attributes:
        policy: Digest of the charter, the packs and the schema, 64 hexadecimal digits.
        engine: Judges by them.
        words: What each rule says, and what would change it, by name of rule.
    """

    policy: str
    engine: PolicyEngine
    words: Mapping[str, str]

    def __post_init__(self) -> None:
        """Hold the rules against what the product can do.

        Raises:
            PolicyInvalid: The product can do something that the rules do not know, so it must not start.
        """
        if unknown := sorted({action.value for action in Action} ^ self.engine.actions):
            raise PolicyInvalid(
                f"The policy schema and the product do not know the same actions: {', '.join(unknown)}.",
                remedy="Give each operation an action in the schema, and each action an operation.",
            )


Rulebooks: TypeAlias = Callable[[Charter], Rulebook]
"""Gives the rules of a charter; asked often, so it keeps what it made."""
