"""A number of works in, entries in the ledger that the environment names out."""

from __future__ import annotations

from contextlib import closing

from data.histories import POLICY, change, decision, outcome, pseudonym

from faceward import settings, wiring
from faceward.ports.ledger import Draft, Writing
from faceward.settings import Settings
from faceward.transparency.entries import OUTCOMES
from faceward.transparency.words import Action


def record(works: int, first: int = 0, state_dir: str = "") -> None:
    """Write work into the ledger of this account, and at first its charter."""
    chosen = Settings(state_dir=state_dir) if state_dir else settings.read()
    with closing(wiring.ledger(chosen)) as ledger:

        def add(type_: str, body: dict[str, object]) -> int:
            parts = (pseudonym("d", 1), pseudonym("a", 1), POLICY, body)
            return ledger.write(Writing((Draft(type_, *parts),))).first

        if not ledger.size():
            add("policy.change", change(POLICY))
        for number in range(first, first + works):
            place = add("policy.decision", decision(number))
            add(OUTCOMES[Action.IDENTIFY], outcome(number, place))
        add("policy.decision", decision(99, verdict="deny", rules=["microsoft-2020/law"]))
