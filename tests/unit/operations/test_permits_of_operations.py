"""What a permit is for: each operation against permits of another action, photo, person or place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Any

import pytest
from data.premises import GATE, Premises, told

from faceward.governance.accounts.api_keys import Scope as KeyScope
from faceward.governance.accounts.api_keys import Wanted
from faceward.governance.outcomes import Pending, Performed
from faceward.governance.permits import PermitRefused, Scope, issue
from faceward.operations import (
    administration,
    arrangement,
    correction,
    detection,
    enrolment,
    identification,
    rights,
    verification,
)
from faceward.operations.consenting import Stated
from faceward.operations.service import Terms
from faceward.testing.sketches import Drawn, sketch
from faceward.transparency.words import Action, Ground

HERE, PHOTO = "door/staff", sketch(Drawn("ann", take=1))
NOBODY: tuple[str, ...] = ()
BOTH = ("ann", "bob")


@pytest.fixture(scope="module")
def peopled(tmp_path_factory) -> Any:
    """Ann and Bob are enrolled; no test of this module changes anything."""
    made = Premises(tmp_path_factory.mktemp("permits") / "ledger.db")
    made.server.enrol("ann")
    made.server.enrol("bob")
    made.server.operations.make_gallery(GATE, "guests", Terms())
    yield made
    made.close()


def works(home: Premises) -> dict[str, tuple[Action, Callable[..., Any]]]:
    """Every operation that takes a permit, ready but for it."""
    it, now = home.server, home.clock.now()
    resources, keys, store = it.resources, it.keys, it.resources.store
    consent, reference = store.consents(HERE, "ann")[0], store.references(HERE, "ann")[0].identifier
    made = store.corrections(HERE) or (it.operations.bar(GATE, "staff", "ann", "bob", reference).result,)
    wanted = Wanted("guard", "door", frozenset({KeyScope.CLIENT}), told(now).until, "ann")
    (key,) = (each for each in keys.all() if each.deployment == "door" and not each.exchange_days)
    first = replace(wanted, until=now + timedelta(hours=1), exchange_days=1)
    firsts = [each for each in keys.all() if each.exchange_days] or [
        it.operations.issue_key(GATE, keys, first).result.key
    ]
    stated = Stated(consent, None)  # type: ignore[arg-type] - nothing is recorded
    on, looking = {"resources": resources}, {"recogniser": resources.recogniser}
    gallery = replace(store.gallery(HERE), name="door/new")
    return {
        "detect": (Action.DETECT, partial(detection.detect, **looking, photo=PHOTO)),
        "compare": (
            Action.COMPARE,
            partial(verification.compare, **looking, probe=PHOTO, references=(PHOTO,)),
        ),
        "enrol": (Action.ENROL, partial(enrolment.enrol, **on, photo=PHOTO)),
        "verify": (Action.VERIFY, partial(verification.verify, **on, probe=PHOTO)),
        "identify": (
            Action.IDENTIFY,
            partial(identification.identify, **on, probe=PHOTO, most=1, largest=100),
        ),
        "move": (Action.CORRECT, partial(correction.move, **on, references=())),
        "bar": (Action.CORRECT, partial(correction.bar, **on, reference=reference)),
        "undo": (Action.CORRECT, partial(correction.undo, **on, correction=made[0])),
        "remove": (Action.CORRECT, partial(arrangement.remove, **on, reference=reference)),
        "make": (Action.ARRANGE, partial(arrangement.make, **on, gallery=gallery)),
        "close": (Action.ARRANGE, partial(arrangement.close, **on)),
        "reopen": (Action.ARRANGE, partial(arrangement.reopen, **on)),
        "look": (Action.READ, partial(arrangement.look, **on, at=lambda _: None)),
        "record": (
            Action.CONSENT,
            partial(rights.record, **on, stated=stated, majority=told(now).majority),
        ),
        "withdraw": (
            Action.WITHDRAW,
            partial(rights.withdraw, **on, identifier=consent.identifier, withdrawn=lambda *_: stated),
        ),
        "erase": (Action.ERASE, partial(rights.erase, **on)),
        "lapse": (Action.ERASE, partial(rights.lapse, **on)),
        "mint": (
            Action.ADMINISTER,
            partial(administration.mint, keys=keys, clock=home.clock, wanted=wanted),
        ),
        "exchange": (
            Action.ADMINISTER,
            partial(administration.exchange, keys=keys, clock=home.clock, identifier=firsts[0].identifier),
        ),
        "cancel": (
            Action.ADMINISTER,
            partial(administration.cancel, keys=keys, identifier=key.identifier),
        ),
        "listed": (Action.ADMINISTER, partial(administration.listed, keys=keys)),
    }


NAMES = [
    "detect", "compare", "enrol", "verify", "identify", "move", "bar", "undo", "remove", "make", "close",
    "reopen", "look", "record", "withdraw", "erase", "lapse", "mint", "exchange", "cancel", "listed",
]  # fmt: skip
PHOTOS = ("detect", "compare", "enrol", "verify", "identify")
ONE = ("enrol", "verify", "reopen", "remove", "record", "withdraw", "erase", "lapse")
TWO = ("move", "bar", "undo")


def scope(home: Premises, name: str, **other: Any) -> Scope:
    """What the right permit for an operation allows, with something changed."""
    resources = home.server.resources
    made = Scope(
        action=works(home)[name][0],
        deployment="door",
        purpose=GATE.purpose,
        gallery=HERE,
        subjects=BOTH if name in TWO else ("ann",),
        operating_point=resources.table(resources.store.gallery(HERE)).at(1e-4),
        probe_sha256=sha256(PHOTO).digest(),
        comparisons=1,
        enrolling=1,
        capture=GATE.capture,
        ground=Ground.CONSENT,
        expires=home.clock.now() + timedelta(minutes=1),
    )
    return replace(made, **other)


def attempt(home: Premises, name: str, **other: Any) -> Any:
    """Run an operation with a permit; whatever it leaves pending is not settled."""
    permit, _ = issue(scope(home, name, **other), home.clock)
    return works(home)[name][1](permit)


def test_every_operation_is_in_the_table(peopled):
    """So that a new one must say what it refuses."""
    modules = (
        administration, arrangement, correction, detection, enrolment, identification, rights, verification,
    )  # fmt: skip
    there = {
        name
        for module in modules
        for name, it in vars(module).items()
        if callable(it) and getattr(it, "__module__", "") == module.__name__ and not name.startswith("_")
        if "permit" in getattr(it, "__annotations__", {})
    }
    assert there == set(NAMES) == set(works(peopled))


@pytest.mark.parametrize("name", NAMES)
def test_the_right_permit_is_taken(peopled, name):
    """So that what the others refuse is what was changed, and not something else."""
    assert isinstance(attempt(peopled, name), Performed | Pending)


@pytest.mark.parametrize("name", NAMES)
def test_a_permit_for_another_action_is_refused(peopled, name):
    """Whichever other action it is for."""
    right = works(peopled)[name][0]
    for action in Action:
        if action is not right:
            with pytest.raises(PermitRefused, match="This permit is for"):
                attempt(peopled, name, action=action)


@pytest.mark.parametrize("name", PHOTOS)
def test_a_permit_for_another_photo_is_refused(peopled, name):
    """Not even one more of the same person is taken, nor none."""
    for photo in (sha256(sketch("ann")).digest(), b""):
        with pytest.raises(PermitRefused, match="another photo"):
            attempt(peopled, name, probe_sha256=photo)


@pytest.mark.parametrize("name", ONE)
def test_a_permit_for_nobody_or_for_two_is_refused(peopled, name):
    """Who is meant stands in it, once."""
    for subjects in (NOBODY, BOTH):
        with pytest.raises(PermitRefused, match="not for one subject"):
            attempt(peopled, name, subjects=subjects)


@pytest.mark.parametrize("name", TWO)
def test_a_permit_for_one_or_for_three_is_no_permit_for_two(peopled, name):
    """Nor is one that names the same person twice."""
    for subjects in (NOBODY, ("ann",), ("ann", "ann"), ("ann", "bob", "cora")):
        with pytest.raises(PermitRefused, match="not for two subjects"):
            attempt(peopled, name, subjects=subjects)


def test_a_correction_is_undone_with_a_permit_for_its_own_people_alone(peopled):
    """In the order in which it was made."""
    for subjects in (("bob", "ann"), ("ann", "cora")):
        with pytest.raises(PermitRefused, match="other people"):
            attempt(peopled, "undo", subjects=subjects)


@pytest.mark.parametrize("name", ["record", "undo"])
def test_a_permit_for_another_gallery_is_refused(peopled, name):
    """Where the work says itself where it belongs; all other work takes the gallery from the permit."""
    with pytest.raises(PermitRefused, match="another gallery"):
        attempt(peopled, name, gallery="door/guests")


@pytest.mark.parametrize("name", ["make", "mint", "exchange"])
def test_a_permit_of_another_deployment_is_refused(peopled, name):
    """Galleries and keys are of one."""
    with pytest.raises(PermitRefused, match="another deployment"):
        attempt(peopled, name, deployment="yard")


def test_a_key_of_another_deployment_is_neither_seen_nor_revoked(peopled):
    """The permit says whose keys."""
    listed = attempt(peopled, "listed", deployment="yard").result
    assert {it.deployment for it in listed} == {"yard"}
    with pytest.raises(administration.KeyUnknown):
        attempt(peopled, "cancel", deployment="nowhere")


def test_a_comparison_takes_no_more_than_was_permitted(peopled):
    """Nor none."""
    for number in (0, -1):
        with pytest.raises(PermitRefused):
            attempt(peopled, "compare", comparisons=number)
