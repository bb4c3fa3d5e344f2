"""What people at an office do, in one line each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from data.office import Office, application, key_of, organisation, trial

from faceward.governance.reviews import proceedings
from faceward.governance.reviews.audits import Audit, AuditedUse, Cell, Measure
from faceward.governance.reviews.decisions import Act, Decision
from faceward.governance.reviews.deployments import Deployment
from faceward.governance.reviews.standing import deployment_facts, found
from faceward.transparency.words import Capture, Function, Purpose

DOOR = "front-door"
MODEL = "a" * 64
GOOD = tuple(
    Cell(measure, group, 0, measure.limit)
    for measure in Measure
    for group in (("women", "men") if measure.by_group else ("all",))
)


def review(office: Office, *reviewers: str, name: str = "acme", **changes: Any):
    for who in reviewers or ("bob",):
        found_ = proceedings.review_organisation(office.registry, name, organisation(**changes), key_of(who))
    return found_


def apply(office: Office, by: str = "ann", name: str = DOOR, **changes: Any) -> str:
    proceedings.apply(office.registry, name, application(**changes), key_of(by))
    return found(office.snapshot, name).newest.digest


def decision(office: Office, act: Act, name: str = DOOR, **changes: Any) -> Decision:
    newest = found(office.snapshot, name).newest
    until = office.now.replace(microsecond=0) + timedelta(days=80)
    made = Decision(
        act, "Looked at.", newest.digest if act.judges and newest else "",
        until=until if act.approves else None,
    )  # fmt: skip
    return replace(made, **changes)


def decide(office: Office, by: str, act: Act, name: str = DOOR, **changes: Any) -> Deployment:
    return proceedings.decide(office.registry, name, decision(office, act, name, **changes), key_of(by))


def approve(office: Office, *by: str, name: str = DOOR, **changes: Any) -> Deployment:
    for who in by:
        it = decide(office, who, Act.APPROVE, name, **changes)
    return it


def open_trial(office: Office, name: str = "try", by: str = "ann", **changes: Any):
    return proceedings.open_trial(office.registry, name, trial(**changes), key_of(by))


def facts(office: Office, name: str = DOOR):
    return deployment_facts(office.snapshot, name, office.now)


def audit(office: Office, by: str = "dave", name: str = "audit-1", **changes: Any):
    made = Audit(
        MODEL, 363_000, frozenset({Function.VERIFY}), frozenset({Purpose.VERIFY_WORKER}),
        frozenset({Capture.KIOSK}), 1, GOOD, "b" * 64,
        office.now.replace(microsecond=0) + timedelta(days=300),
    )  # fmt: skip
    return proceedings.record_audit(office.registry, name, replace(made, **changes), key_of(by))


USE = AuditedUse(MODEL, 363_000, Function.VERIFY, Purpose.VERIFY_WORKER, Capture.KIOSK, 1)
