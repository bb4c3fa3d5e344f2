"""A way round the gate, for tests of what stands behind it: everything is allowed, and marked for ever.

Nothing in the product may import this, which an import contract holds. Whatever is done here leaves records
that say so, and `faceward ledger verify` fails on a ledger with a single one of them.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from faceward.governance.considerations import Considered, Dossier
from faceward.governance.gate import Gate
from faceward.governance.requests import Request
from faceward.governance.rulebook import Rulebook
from faceward.ports.clock import Clock
from faceward.ports.ledger import Ledger
from faceward.ports.policy_engine import Answer, Question
from faceward.transparency.words import Action

EVERYTHING = "testing/everything"
"""The rule that such records name."""


class UnsafeAllowEverything(Gate):
    """A gate that judges nothing. It records everything, and marks each record as made in testing."""

    _testing: ClassVar[bool] = True

    def __init__(self, ledger: Ledger, clock: Clock, dossier: Dossier) -> None:
        """Stand where the gate would stand.

        Args:
            ledger: Gets the marked records.
            clock: The one clock.
            dossier: Says what is known; what it knows decides nothing.
        """
        super().__init__(ledger, clock, _Unruled(dossier))


class _Unruled:
    """A dossier whose rules allow everything."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self.pseudonym, self.subject, self.digest = dossier.pseudonym, dossier.subject, dossier.digest

    def rulebook(self) -> Rulebook:
        """One rule, which allows everything."""
        policy = self._dossier.rulebook().policy
        return Rulebook(policy, _AllowsEverything(), {EVERYTHING: "Nothing was judged."})

    def consider(self, request: Request, now: datetime) -> Considered:
        """What the dossier knows, under no rules."""
        return replace(self._dossier.consider(request, now), rulebook=self.rulebook())


class _AllowsEverything:
    """A policy engine that is none."""

    digest = "0" * 64
    actions = frozenset(action.value for action in Action)

    def answer(self, question: Question) -> Answer:  # noqa: ARG002 - it does not look
        """Yes."""
        return Answer(allowed=True, rules=(EVERYTHING,))
