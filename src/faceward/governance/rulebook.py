"""A charter's packs in, what judges by them out, with the digest that every record of it carries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from faceward.governance.charters.charter import Charter
from faceward.governance.documents.registry import policy_digest
from faceward.governance.policies.packs import Packs
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
"""Gives the rules of a charter; asked with every request, so it must not make them anew."""


class Shelf:
    """Makes the rulebook of a charter when a new charter comes, and keeps it. Safe from many threads."""

    def __init__(self, packs: Callable[[Charter], Packs], engine: Callable[[Packs], PolicyEngine]) -> None:
        """Make rulebooks with these.

        Args:
            packs: Gives the packs that a charter makes active.
            engine: Makes an engine that judges by packs.
        """
        self._packs = packs
        self._engine = engine
        self._held: tuple[Charter, Rulebook] | None = None

    def __call__(self, charter: Charter) -> Rulebook:
        """The rules of a charter.

        Raises:
            PolicyInvalid: They cannot be read, or do not know all that the product can do.
        """
        held = self._held
        if held is not None and held[0] is charter:
            return held[1]
        packs = self._packs(charter)
        engine = self._engine(packs)
        words = {name: rule.words for name, rule in packs.rules.items()}
        rulebook = Rulebook(policy_digest(charter, engine.digest), engine, words)
        self._held = (charter, rulebook)
        return rulebook
