"""Photos of a folder in, a driver checked through a server of its own process out: consent to erasure."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from pathlib import Path

import httpx

from demo.uses import DRIVERS
from faceward import wiring
from faceward.client import Client
from faceward.errors import FacewardError, RefusedError
from faceward.governance.accounts.api_keys import ApiKeys, Scope, Wanted
from faceward.governance.consent.notice_texts import notice
from faceward.governance.requests import Request
from faceward.operations import administration
from faceward.settings import Settings, read
from faceward.testing.installation import OPERATOR, SampleInstallation
from faceward.transparency.notes import VerifyingKey
from faceward.transparency.proofs import InclusionReceipt
from faceward.transparency.words import Action, Purpose

GALLERY, DRIVER = "drivers", "driver-17"


class Server:
    """A server of its own process, with a trial that was opened and one key.

    Args:
        state: Folder of its ledger, store and keys; emptied first.
    """

    def __init__(self, state: Path) -> None:
        shutil.rmtree(state, ignore_errors=True)
        self._settings = replace(read(), state_dir=str(state))
        self.key = founded(self._settings)
        environment = {**os.environ, "FACEWARD_STATE_DIR": str(state)}
        command = (sys.executable, "-m", "faceward.cli.main", "serve", "--port", "0", "--json")
        self._process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def address(self) -> str:
        """Where it listens, once it does."""
        assert self._process.stdout is not None
        return str(json.loads(self._process.stdout.readline())["address"])

    def stop(self) -> None:
        """Let what runs end, and end."""
        self._process.terminate()
        self._process.wait(30)


@contextmanager
def started(state: Path) -> Iterator[Server]:
    """Start a server while other things are done, and stop it at the end."""
    it = Server(state)
    try:
        yield it
    finally:
        it.stop()


def founded(settings: Settings) -> str:
    """Found an installation with a trial, and give an API key for it."""
    ledger, keyring, clock = wiring.ledger(settings), wiring.keyring(settings), wiring.clock()
    try:
        place = SampleInstallation(ledger, keyring, clock)
        place.open_trial("drivers", DRIVERS)
        scopes = frozenset({Scope.CLIENT, Scope.OPERATOR})
        wanted = Wanted("depot", "drivers", scopes, clock.now() + timedelta(days=1), OPERATOR)
        asked = Request(OPERATOR, "drivers", Action.ADMINISTER, Purpose.UNKNOWN)
        keys = ApiKeys(ledger, keyring)
        work = partial(administration.mint, keys=keys, clock=clock, wanted=wanted)
        return place.gate.perform(asked, work).secret
    finally:
        ledger.close()


def check_a_driver(server: Server, photos: Path) -> None:
    """Check a driver from consent to erasure, through the Python client."""
    enrolled, same, other = (
        (photos / name).read_bytes() for name in ("president-1.jpg", "president-2.jpg", "other-president.jpg")
    )
    address = server.address()
    print(f"\nThe server, at {address}: a driver is checked, through the Python client")
    with Client(address, server.key, purpose="verify_worker", capture="supervised") as client:
        client.make_gallery(GALLERY)
        say("enrolled before anybody was asked", lambda: client.enrol(GALLERY, DRIVER, enrolled))
        consent = client.record_consent(GALLERY, DRIVER, **consented())
        print(
            f"    consent recorded, with a signed receipt; it ends on {consent.until:%Y-%m-%d} at the latest"
        )
        say("enrolled", lambda: client.enrol(GALLERY, DRIVER, enrolled))
        say("the driver, on another photo", lambda: client.verify(GALLERY, DRIVER, same))
        say("a stranger", lambda: client.verify(GALLERY, DRIVER, other))
        say("a search for who this is", lambda: client.identify(GALLERY, same))
        client.withdraw(GALLERY, DRIVER, consent.identifier)
        say("the driver, once they withdrew", lambda: client.verify(GALLERY, DRIVER, same))
        erasure = client.erase(GALLERY, DRIVER)
    key = VerifyingKey.read(httpx.get(f"{address}/v1/transparency").json()["log_key"])
    holds = InclusionReceipt.read(erasure.proof).holds([key])
    print(
        f"    erased: {erasure.references} template; entry {erasure.receipt.outcome} of the ledger says so, "
        f"{'proved' if holds else 'NOT PROVED'} with its public key alone"
    )


def consented() -> dict[str, object]:
    """What the driver was told and agreed to."""
    told = notice("1", "en")
    end = wiring.clock().now().replace(microsecond=0) + timedelta(days=80)
    return {
        "purposes": ["verify_worker"],
        "until": end.isoformat(),
        "controller": DRIVERS.name,
        "contact": "privacy@rides.example",
        "jurisdiction": DRIVERS.country,
        "notice_version": told.version,
        "notice_sha256": sha256(told.text.encode()).hexdigest(),
        "evidence_sha256": sha256(b"the sheet that the driver signed").hexdigest(),
        "majority": "adult",
    }


def say(what: str, ask: Callable[[], object]) -> None:
    """Ask for something, and say what came of it in a line."""
    try:
        got = ask()
    except FacewardError as error:
        reason = error.reasons[0] if isinstance(error, RefusedError) and error.reasons else error.cause
        print(f"    {what:34} refused  {reason.split('. ')[0]}")
        return
    match = getattr(got, "match", None)
    if match is None:
        print(f"    {what:34} done")
    else:
        words = "match" if match else "non-match"
        print(f"    {what:34} {words}, score {got.score:+.3f}, threshold {got.at.threshold:.3f}")
