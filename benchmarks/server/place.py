"""A folder in, a server of its own process with a reviewed deployment, a gallery and a person in it out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from benchmarks.workers import ROOT
from faceward import wiring
from faceward.client import Client
from faceward.governance.accounts.api_keys import ApiKeys, Scope, Wanted
from faceward.governance.requests import Request
from faceward.governance.reviews.applications import Application, Liveness
from faceward.governance.reviews.organisations import Organisation
from faceward.operations import administration
from faceward.settings import Settings, read
from faceward.testing.installation import OPERATOR, Audited, SampleInstallation
from faceward.transparency.words import (
    Action,
    Body,
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Safeguard,
    Source,
)

DEPLOYMENT, GALLERY, PERSON = "gate", "staff", "person-1"
USE = {"purpose": "access_optin", "capture": "supervised"}
RATE = 1e-4

_APPLICATION = Application(
    customer="acme",
    recipients=(),
    functions=frozenset({Function.VERIFY, Function.IDENTIFY, Function.ANALYSE}),
    purposes=frozenset({Purpose.ACCESS_OPTIN}),
    country="IE",
    locality="Cork",
    place=Place.PRIVATE,
    voluntary=True,
    alternative="The door is opened by the porter.",
    false_match="Somebody is let in who should not be.",
    false_non_match="Somebody shows a card.",
    human=True,
    decides="The porter.",
    vulnerable_people="None.",
    source=Source.SUBJECTS,
    ground=Ground.CONSENT,
    people=2_000_000,
    uses_a_day=10_000_000,
    cameras=1,
    sites=("Main gate",),
    audit="audit-gate",
    retention_days=365,
    sharing="With nobody.",
    earlier_refusals="None.",
    safeguards=frozenset(Safeguard),
    captures=frozenset({Capture.SUPERVISED}),
    minors=Minors.NONE,
    instrument="none",
    liveness=Liveness.SUPERVISED,
)


@dataclass(frozen=True, slots=True)
class Running:
    """A server that listens.

    Attributes:
        address: Where.
        key: Of a client that may do everything.
        process: Its process, to see what it takes.
    """

    address: str
    key: str
    process: int

    def client(self) -> Client:
        """A client of it."""
        return Client(self.address, self.key, **USE)


@contextmanager
def running(folder: Path) -> Iterator[Running]:
    """Found an installation, have a deployment reviewed, and serve it."""
    settings = replace(read(), state_dir=str(folder), requests_per_minute=10**9, waiting_requests=256)
    key = _founded(settings)
    environment = {
        **os.environ,
        "FACEWARD_STATE_DIR": str(folder),
        "FACEWARD_REQUESTS_PER_MINUTE": str(10**9),
        "FACEWARD_WAITING_REQUESTS": "256",
    }
    command = (sys.executable, "-m", "faceward.cli.main", "serve", "--port", "0", "--json")
    server = subprocess.Popen(
        command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert server.stdout is not None
        yield Running(json.loads(server.stdout.readline())["address"], key, server.pid)
    finally:
        server.terminate()
        server.wait(60)


def enrol(at: Running, photo: bytes) -> None:
    """Make the gallery, have a person consent, and enrol them."""
    end = wiring.clock().now().replace(microsecond=0) + timedelta(days=300)
    with at.client() as client:
        client.make_gallery(GALLERY, false_match_rate=RATE)
        client.record_consent(
            GALLERY, PERSON, purposes=[USE["purpose"]], until=end.isoformat(), controller="Acme",
            contact="privacy@acme.example", jurisdiction="IE", evidence_sha256="0" * 64,
            notice_sha256="0" * 64, majority="adult",
        )  # fmt: skip
        client.enrol(GALLERY, PERSON, photo)


def _founded(settings: Settings) -> str:
    ledger, keyring, clock = wiring.ledger(settings), wiring.keyring(settings), wiring.clock()
    try:
        place = SampleInstallation(ledger, keyring, clock)
        parts = wiring.connect(settings)
        audited = Audited(parts.recogniser.contract.model_sha256, parts.operating_point(RATE).threshold)
        customer = Organisation("Acme Ltd", Body.COMPANY, "IE", "Register of companies.", place.until(200))
        place.review(DEPLOYMENT, customer, _APPLICATION, audited)
        wanted = Wanted(
            "bench", DEPLOYMENT, frozenset({Scope.CLIENT, Scope.OPERATOR}), place.until(2), OPERATOR
        )
        keys = ApiKeys(ledger, keyring)
        asked = Request(OPERATOR, DEPLOYMENT, Action.ADMINISTER, Purpose.UNKNOWN)
        issued = place.gate.perform(
            asked, lambda it: administration.mint(it, keys=keys, clock=clock, wanted=wanted)
        )
        return issued.secret
    finally:
        ledger.close()
