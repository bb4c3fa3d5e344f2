"""An installation that runs as a server does, with people drawn as sketches; and a second server."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from faceward import wiring
from faceward.governance.accounts.api_keys import ApiKeys, Scope, Wanted
from faceward.governance.consent.records import LegalGround, Method, State
from faceward.governance.requests import Request
from faceward.governance.reviews.trials import Trial
from faceward.operations import administration
from faceward.operations.consenting import Told
from faceward.operations.service import Caller, Terms
from faceward.ports.gallery_store import Majority
from faceward.settings import Settings
from faceward.testing import SetClock
from faceward.testing.installation import OPERATOR, SampleInstallation
from faceward.testing.sketches import SketchRecogniser, sketch_calibration
from faceward.transparency.words import Action, Body, Capture, Place, Purpose
from faceward.wiring.serving import Serving, assembled

START = datetime(2026, 5, 4, 9, tzinfo=UTC)
DOOR = "door"
STAFF = "staff"
TRIAL = Trial(
    customer="acme",
    name="Acme Ltd",
    body=Body.COMPANY,
    purpose=Purpose.ACCESS_OPTIN,
    country="DE",
    place=Place.PRIVATE,
    site="Main",
    captures=frozenset({Capture.KIOSK, Capture.UPLOAD}),
)
WHO = Caller(OPERATOR, DOOR, Purpose.ACCESS_OPTIN, Capture.KIOSK)


class House:
    """A server, or several, over one database and one keyring.

    Attributes:
        clock: Set by hand.
        settings: Where everything lies.
        desk: Of the first server.
        operations: Of the first server.
    """

    def __init__(self, folder: Path, database: str = "") -> None:
        self.clock = SetClock(START)
        self.settings = Settings(state_dir=str(folder / "state"), database=database)
        self._opened = ExitStack()
        ledger = wiring.ledger(self.settings, self.clock)
        keyring = wiring.keyring(self.settings)
        place = SampleInstallation(ledger, keyring, self.clock)
        place.open_trial(DOOR, TRIAL)
        place.open_trial("other", replace(TRIAL, customer="other", name="Other Ltd"))
        self.secrets = {
            (deployment, scope): self._secret(place, ApiKeys(ledger, keyring), deployment, scope)
            for deployment in (DOOR, "other")
            for scope in Scope
        }
        ledger.close()
        self.desk = self.server().desk
        self.operations = self.desk.operations

    def server(self) -> Serving:
        """One more server, as another process would run it."""
        return self._opened.enter_context(
            assembled(self.settings, SketchRecogniser(), sketch_calibration, self.clock)  # type: ignore[arg-type]
        )

    def furnish(self, *names: str) -> None:
        """Make the gallery, and have people consent."""
        self.operations.make_gallery(WHO, STAFF, Terms())
        for name in names:
            self.consent(name)

    def consent(self, name: str, **other: Any):
        """Have somebody consent."""
        return self.operations.record_consent(WHO, STAFF, name, told(self.clock.now(), **other)).result

    def close(self) -> None:
        """Stop every server."""
        self._opened.close()

    def _secret(self, place: SampleInstallation, keys: ApiKeys, deployment: str, scope: Scope) -> str:
        now = self.clock.now()
        wanted = Wanted(f"a-{scope}", deployment, frozenset({scope}), now + timedelta(days=90), OPERATOR)
        asked = Request(OPERATOR, deployment, Action.ADMINISTER, Purpose.UNKNOWN)
        return place.gate.perform(
            asked, lambda it: administration.mint(it, keys=keys, clock=self.clock, wanted=wanted)
        ).secret


def told(now: datetime, **other: Any) -> Told:
    """What somebody was told and agreed to."""
    made = Told(
        purposes=frozenset({Purpose.ACCESS_OPTIN}),
        until=now + timedelta(days=60),
        state=State.GIVEN,
        method=Method.WRITTEN,
        evidence_sha256="ab" * 32,
        notice_version="1",
        notice_sha256="cd" * 32,
        language="en",
        jurisdiction="DE",
        photos=False,
        ground=LegalGround.CONSENT,
        reference_sha256="",
        controller="Acme Ltd",
        contact="privacy@acme.example",
        majority=Majority.ADULT,
    )
    return replace(made, **other)
