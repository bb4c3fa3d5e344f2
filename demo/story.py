"""Photos of a folder in, what the gate lets pass and what it refuses out, and a ledger that proves both."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path

from demo.uses import DRIVERS, POLICE, city_police, warrant
from faceward import wiring
from faceward.adapters.clock import SystemClock
from faceward.adapters.keyring import FileKeyring
from faceward.adapters.ledger import Signer, SqliteLedger
from faceward.adapters.ledger.export import exported
from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.errors import RefusedError
from faceward.governance.policies.packs import Packs, active_packs, shipped_schema
from faceward.governance.policies.simulation import Case, as_if_reviewed, would_be_allowed
from faceward.governance.requests import Request
from faceward.operations.verification import compare
from faceward.settings import read
from faceward.testing.installation import OPERATOR, Audited, SampleInstallation
from faceward.transparency.export import ENTRIES, opened
from faceward.transparency.findings import Report
from faceward.transparency.notes import verifying
from faceward.transparency.signatures import SigningKey, loaded, new_seed
from faceward.transparency.verification import Trust, verify
from faceward.transparency.words import Action, Capture, Purpose

AFTER_THE_MORATORIUM = datetime(2021, 6, 11, tzinfo=UTC)
STANDS = ("amazon-2020", "amazon-2021", "microsoft-2020")


def tell(photos: Path, state: Path) -> None:
    """Tell the story: a driver, the police, another date, and a stranger with the public key alone."""
    shutil.rmtree(state, ignore_errors=True)
    key = loaded("faces.example/demo", new_seed())
    ledger = SqliteLedger(state / "ledger" / "ledger.db", SystemClock(), Signer(key))
    try:
        place = SampleInstallation(ledger, FileKeyring(state / "keys"), SystemClock())
        print("\nThe gate: every use is judged and recorded before it runs")
        theirs = ask(place, photos)
        print("  On 2021-06-11, had it been reviewed then, the same request")
        for stand, words in on_that_day(place, theirs).items():
            print(f"    {stand:15} {words}")
        exported(ledger, state / "export")
        print(f"  The ledger of {ledger.size()} entries, checked with its public key alone")
        check(state / "export", key)
    finally:
        ledger.close()


def ask(place: SampleInstallation, photos: Path) -> Request:
    """Have a driver checked, then let the police ask the same; give what the police asked."""
    parts = wiring.connect(read())
    at, model = parts.operating_point(1e-4), parts.recogniser.contract.model_sha256
    probe, reference = ((photos / name).read_bytes() for name in ("president-1.jpg", "president-2.jpg"))
    work = partial(compare, recogniser=parts.recogniser, probe=probe, references=(reference,))
    asked = Request(
        actor=OPERATOR,
        deployment="drivers",
        action=Action.COMPARE,
        purpose=Purpose.VERIFY_WORKER,
        probe_sha256=sha256(probe).digest(),
        operating_point=at,
        model_sha256=model,
        comparisons=1,
        capture=Capture.SUPERVISED,
    )
    place.open_trial("drivers", DRIVERS)
    print("  A trial that its operator opened alone: is this driver the account holder?")
    (decision,) = place.gate.perform(asked, work)
    print(f"    allowed  {decision}, score {decision.comparison_score:+.3f}, threshold {at.threshold:.3f}")
    place.review("police", city_police(place.until(200)), POLICE, Audited(model, at.threshold))
    place.open_authority(warrant(place.until(0)))
    print("  The police of an invented city: reviewed, audited, approved by two people, with a warrant")
    theirs = replace(
        asked, deployment="police", purpose=Purpose.CRIMINAL_INVESTIGATION, authority="warrant-7"
    )
    try:
        place.gate.perform(theirs, work)
    except RefusedError as refused:
        for reason in refused.reasons:
            print(f"    refused  {reason}")
    return theirs


def on_that_day(place: SampleInstallation, request: Request) -> Mapping[str, str]:
    """What each stand alone would have said of a request after the moratorium of 2020."""
    considered = place.dossier.consider(request, datetime.now(UTC))
    now = Case(
        request.action, place.dossier.deployment(request.deployment, datetime.now(UTC)), considered.use
    )
    case = as_if_reviewed(now, AFTER_THE_MORATORIUM)
    said = {}
    for stand in STANDS:
        packs = active_packs(CedarLanguage(shipped_schema()), (stand,))
        answer = would_be_allowed(CedarEngine(packs.schema, packs.texts), case, on=AFTER_THE_MORATORIUM)
        said[stand] = "would pass" if answer.allowed else f"refused  {explained(packs, answer.rules)}"
    return said


def explained(packs: Packs, rules: tuple[str, ...]) -> str:
    """Rules in words."""
    return " ".join(f"{rule.name}: {rule.says}" for rule in packs.explained(rules))


def check(export: Path, key: SigningKey) -> None:
    """Verify an export; flip one bit of it and verify again."""
    print(f"    as exported         {verdict(verify(opened(export), trust(key)))}")
    content = bytearray((export / ENTRIES).read_bytes())
    # A digit that stays one, so that the entry reads as well as before and only its hash gives it away.
    pseudonym = content.index(b'"deployment":"d-', len(content) // 2)
    digit = next(at for at in range(pseudonym, len(content)) if chr(content[at]).isdigit())
    content[digit] ^= 1
    (export / ENTRIES).write_bytes(content)
    print(f"    with one byte off   {verdict(verify(opened(export), trust(key)))}")


def trust(key: SigningKey) -> Trust:
    """Nothing but the public key, which a stranger has from elsewhere."""
    return Trust((verifying(key),))


def verdict(report: Report) -> str:
    """Whether a ledger holds, and otherwise where it first does not."""
    if report.holds:
        return "verified"
    worst = next(it for it in report.findings if it.code.fails)
    return f"does not verify: {worst.code}, {worst.place}"
