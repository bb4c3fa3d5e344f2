"""Whatever the product does with photos and people goes through the gate: every method of its one door."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from data.premises import GATE, Premises, Server, told

from faceward.governance.accounts.api_keys import Scope, Wanted
from faceward.governance.requests import Request
from faceward.operations.service import RETENTION_JOB, Operations, Terms
from faceward.testing.sketches import sketch
from faceward.transparency.words import Action

PHOTO = sketch("ann")

FREE = {
    "search_point": "Says what a gallery's own terms amount to; it looks at nobody.",
    "memory_bytes": "A figure for operators of the machine.",
    "finish_erasures": "Ends what passed the gate as an erasure; waiting for anything else would harm.",
}
"""Methods that ask no gate, and why. Whoever adds one here says so in a review."""

WAYS: dict[str, tuple[Action, Callable[[Server], Any]]] = {
    "detect": (Action.DETECT, lambda it: it.operations.detect(GATE, PHOTO)),
    "compare": (Action.COMPARE, lambda it: it.operations.compare(GATE, PHOTO, (PHOTO,), 1e-4)),
    "make_gallery": (Action.ARRANGE, lambda it: it.operations.make_gallery(GATE, "new", Terms())),
    "close_gallery": (Action.ARRANGE, lambda it: it.operations.close_gallery(GATE, "staff")),
    "gallery": (Action.READ, lambda it: it.operations.gallery(GATE, "staff")),
    "galleries": (Action.READ, lambda it: it.operations.galleries(GATE, "", 1)),
    "subject": (Action.READ, lambda it: it.operations.subject(GATE, "staff", "ann")),
    "subjects": (Action.READ, lambda it: it.operations.subjects(GATE, "staff", "", 1)),
    "references": (Action.READ, lambda it: it.operations.references(GATE, "staff", "ann")),
    "consents": (Action.READ, lambda it: it.operations.consents(GATE, "staff", "ann")),
    "corrections": (Action.READ, lambda it: it.operations.corrections(GATE, "staff", 1)),
    "rehearse_retention": (
        Action.READ,
        lambda it: it.operations.rehearse_retention(GATE, it.resources.clock.now(), 1),
    ),
    "look_at_figures": (Action.READ, lambda it: it.operations.look_at_figures(GATE)),
    "enrol": (Action.ENROL, lambda it: it.operations.enrol(GATE, "staff", "ann", PHOTO)),
    "remove_reference": (
        Action.CORRECT,
        lambda it: it.operations.remove_reference(GATE, "staff", "ann", "0" * 32),
    ),
    "verify": (Action.VERIFY, lambda it: it.operations.verify(GATE, "staff", "ann", PHOTO)),
    "reopen": (Action.ARRANGE, lambda it: it.operations.reopen(GATE, "staff", "ann")),
    "identify": (Action.IDENTIFY, lambda it: it.operations.identify(GATE, "staff", PHOTO)),
    "move": (Action.CORRECT, lambda it: it.operations.move(GATE, "staff", "ann", "bob", ())),
    "bar": (Action.CORRECT, lambda it: it.operations.bar(GATE, "staff", "ann", "bob", "0" * 32)),
    "undo": (
        Action.CORRECT,
        lambda it: it.operations.undo(
            GATE, "staff", it.resources.store.corrections("door/staff")[0].identifier
        ),
    ),
    "keys": (Action.ADMINISTER, lambda it: it.operations.keys(GATE, it.keys)),
    "issue_key": (Action.ADMINISTER, lambda it: it.operations.issue_key(GATE, it.keys, _wanted(it))),
    "exchange_key": (
        Action.ADMINISTER,
        lambda it: it.operations.exchange_key(GATE, it.keys, "0" * 16),
    ),
    "revoke_key": (Action.ADMINISTER, lambda it: it.operations.revoke_key(GATE, it.keys, "0" * 16)),
    "record_consent": (
        Action.CONSENT,
        lambda it: it.operations.record_consent(GATE, "staff", "ann", told(it.resources.clock.now())),
    ),
    "withdraw": (Action.WITHDRAW, lambda it: it.operations.withdraw(GATE, "staff", "ann", "0" * 32)),
    "erase": (Action.ERASE, lambda it: it.operations.erase(GATE, "staff", "ann")),
    "enforce_retention": (Action.ERASE, lambda it: it.operations.enforce_retention()),
}


class Shut(Exception):
    """The gate lets nobody through."""


class ShutGate:
    """A gate that remembers what was asked, and does nothing of it."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def perform_on_record(self, request: Request, work: Callable[..., Any]) -> Any:
        del work
        self.asked.append(request)
        raise Shut

    perform = perform_on_record


@pytest.fixture(scope="module")
def behind(tmp_path_factory) -> Any:
    """A server behind a shut gate, over an installation with people, one of whose clocks has run out."""
    made = Premises(tmp_path_factory.mktemp("gate") / "ledger.db")
    reference = made.server.enrol("ann")
    made.server.enrol("bob")
    made.server.operations.bar(GATE, "staff", "ann", "bob", reference)
    (given,) = made.server.resources.store.consents("door/staff", "bob")
    made.server.operations.withdraw(GATE, "staff", "bob", given.identifier)
    made.clock.advance(days=2)
    gate = ShutGate()
    yield made.another(wrap=lambda _: gate), gate
    made.close()


def test_every_method_of_the_one_door_is_known_here():
    """A new one must ask the gate, or say why it need not."""
    there = {name for name, _ in inspect.getmembers(Operations, inspect.isfunction) if name[0] != "_"}
    assert there == set(WAYS) | set(FREE)
    assert not set(WAYS) & set(FREE)


@pytest.mark.parametrize("way", sorted(WAYS))
def test_nothing_is_done_behind_a_shut_gate(behind, way):
    """The gate is asked once, for this very action, and nothing changes when it stays shut."""
    server, gate = behind
    size, extent = server.ledger.size(), server.resources.store.extent("door/staff")
    gate.asked.clear()
    action, ask = WAYS[way]
    with pytest.raises(Shut):
        ask(server)
    assert [it.action for it in gate.asked] == [action]
    assert [it.actor for it in gate.asked] == [RETENTION_JOB if way == "enforce_retention" else GATE.account]
    assert (server.ledger.size(), server.resources.store.extent("door/staff")) == (size, extent)


def _wanted(it: Server) -> Wanted:
    until = told(it.resources.clock.now()).until
    return Wanted("guard", "door", frozenset({Scope.CLIENT}), until, "ann")
