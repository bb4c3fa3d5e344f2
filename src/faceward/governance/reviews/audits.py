"""Measured intervals by group in, the verdict out: computed each time it is asked for, never entered.

Source: the limits on FMR and FNMR are those of NIST SP 800-63A-4; that on FPIR, the spread between groups and
the share of the gallery that must be tested with are our choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from faceward.errors import InvalidValue
from faceward.governance.charters.charter import Role
from faceward.governance.documents.separation import applicants, parties
from faceward.governance.documents.snapshots import Document, Snapshot
from faceward.governance.documents.statements import Kind, day_and_second
from faceward.governance.reviews.deployments import Version
from faceward.governance.reviews.organisations import REMEDY
from faceward.governance.reviews.standing import found
from faceward.ports.ledger import JsonValue
from faceward.reading import Record
from faceward.transparency.words import AuditVerdict, Capture, Function, Purpose

LONGEST = timedelta(days=365)
"""The longest that an audit holds. Our choice."""

PPB = 10**9
"""Rates and spreads are whole numbers of parts in a thousand million, for records hold no fractions."""

_TESTED_SHARE = (9, 10)
_LEAST_GROUPS = 2


class Measure(StrEnum):
    """What was measured for one group, or between groups."""

    FMR = "fmr"
    FNMR = "fnmr"
    FPIR = "fpir"
    FMR_SPREAD = "fmr_spread"  # the highest FMR of a group over the geometric mean of all
    FNMR_SPREAD = "fnmr_spread"

    @property
    def limit(self) -> int:
        """What its upper bound may be at most, in parts of `PPB`."""
        return _LIMITS[self]

    @property
    def by_group(self) -> bool:
        """Whether it is measured for each group."""
        return self not in {Measure.FMR_SPREAD, Measure.FNMR_SPREAD}


_LIMITS = {
    Measure.FMR: PPB // 10_000,
    Measure.FNMR: PPB // 100,
    Measure.FPIR: PPB // 1_000,
    Measure.FMR_SPREAD: 3 * PPB,
    Measure.FNMR_SPREAD: 3 * PPB,
}
_SPREADS = frozenset({Measure.FMR_SPREAD, Measure.FNMR_SPREAD})
_NEEDED = {
    Function.VERIFY: frozenset({Measure.FMR, Measure.FNMR}) | _SPREADS,
    Function.IDENTIFY: frozenset({Measure.FPIR, Measure.FNMR}) | _SPREADS,
    Function.LIVE: frozenset({Measure.FPIR, Measure.FNMR}) | _SPREADS,
    Function.ANALYSE: frozenset[Measure](),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One interval, 95 %.

    Attributes:
        measure: What was measured.
        group: For which group, as the audit describes it; ``all`` for a spread.
        lower: Lower bound, parts of `PPB`.
        upper: Upper bound, parts of `PPB`.
    """

    measure: Measure
    group: str
    lower: int
    upper: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What an auditor measured and signed.

    Attributes:
        model: SHA-256 of the model that makes the templates.
        threshold_millionths: Threshold of the operating point, millionths of a score.
        functions: For which functions.
        purposes: For which purposes.
        captures: For which ways of taking photos.
        people: People in the gallery that was tested with; 1 where nothing was searched.
        cells: The intervals.
        report: SHA-256 of the full report.
        until: When it must be made again.
    """

    model: str
    threshold_millionths: int
    functions: frozenset[Function]
    purposes: frozenset[Purpose]
    captures: frozenset[Capture]
    people: int
    cells: tuple[Cell, ...]
    report: str
    until: datetime

    def covers(self, use: AuditedUse) -> bool:
        """Whether it was made for a use."""
        return (
            self.model == use.model
            and self.threshold_millionths == use.threshold_millionths
            and use.function in self.functions
            and use.purpose in self.purposes
            and use.capture in self.captures
        )


@dataclass(frozen=True, slots=True)
class AuditedUse:
    """What somebody wants to know the verdict for.

    Attributes:
        model: SHA-256 of the model that makes the templates.
        threshold_millionths: Threshold of the operating point, millionths of a score.
        function: What the use amounts to.
        purpose: What for.
        capture: What the photo is taken with.
        people: People in the galleries that are searched, after the act.
    """

    model: str
    threshold_millionths: int
    function: Function
    purpose: Purpose
    capture: Capture
    people: int


def parse(body: Mapping[str, JsonValue]) -> Audit:
    """Read an audit strictly.

    Raises:
        InvalidValue: A key is missing, unknown or wrong.
    """
    record = Record(dict(body), "audit", REMEDY)
    it = Audit(
        record.sha256("model"),
        record.whole("threshold_millionths", least=-1_000_000, most=1_000_000),
        record.choices("functions", Function),
        record.choices("purposes", Purpose),
        record.choices("captures", Capture),
        record.whole("people", least=1),
        tuple(_cell(one) for one in record.records("cells")),
        record.sha256("report"),
        record.moment("until"),
    )
    record.done()
    if not it.functions <= set(_NEEDED):
        raise InvalidValue(f"Audits are made for: {', '.join(_NEEDED)}.", remedy=REMEDY)
    if len({(one.measure, one.group) for one in it.cells}) != len(it.cells):
        raise InvalidValue("An audit has two intervals for one measure and group.", remedy=REMEDY)
    return it


def as_json(it: Audit) -> dict[str, JsonValue]:
    """An audit as JSON values."""
    return {
        "model": it.model,
        "threshold_millionths": it.threshold_millionths,
        "functions": sorted(str(one) for one in it.functions),
        "purposes": sorted(str(one) for one in it.purposes),
        "captures": sorted(str(one) for one in it.captures),
        "people": it.people,
        "cells": [
            {"measure": str(one.measure), "group": one.group, "lower_ppb": one.lower, "upper_ppb": one.upper}
            for one in it.cells
        ],
        "report": it.report,
        "until": day_and_second(it.until),
    }


def judged(it: Audit, function: Function, people: int) -> AuditVerdict:
    """Say what the intervals of an audit amount to for one function.

    Pass: every measure that the function needs is there, for two groups at least, with its upper bound within
    the limit. Fail: some lower bound is beyond it. Everything else is inconclusive, which blocks as well.

    Args:
        it: The audit.
        function: What the use amounts to.
        people: People in the galleries that are searched.
    """
    needed = _NEEDED.get(function)
    if needed is None:
        return AuditVerdict.INCONCLUSIVE
    if any(one.lower > one.measure.limit for one in it.cells if one.measure in needed):
        return AuditVerdict.FAIL
    for measure in needed:
        cells = [one for one in it.cells if one.measure is measure]
        if len(cells) < (_LEAST_GROUPS if measure.by_group else 1):
            return AuditVerdict.INCONCLUSIVE
        if any(one.upper > measure.limit for one in cells):
            return AuditVerdict.INCONCLUSIVE
    share, whole = _TESTED_SHARE
    if Measure.FPIR in needed and it.people * whole < people * share:
        return AuditVerdict.INCONCLUSIVE
    return AuditVerdict.PASS


def verdict(snapshot: Snapshot, deployment: str, use: AuditedUse, at: datetime) -> AuditVerdict:
    """Say what the newest audit of a use says now.

    An audit counts where an auditor signed who neither operates, nor applied for this deployment, nor
    approved it. An older audit never stands in for a newer one that says less. Upkeep, such as enrolment,
    needs what every comparison needs that was approved.

    Raises:
        DeploymentUnknown: There is no such deployment.
    """
    it = found(snapshot, deployment)
    in_force = it.newest if it.approval is None else it.approval.use
    version = in_force if isinstance(in_force, Version) else None
    functions = {use.function}
    if use.function is Function.UPKEEP and version is not None:
        functions = set(version.application.functions - {Function.ANALYSE}) or functions
    verdicts = [_newest(snapshot, version, replace(use, function=one), at) for one in sorted(functions)]
    return next((one for one in verdicts if one is not AuditVerdict.PASS), AuditVerdict.PASS)


def _newest(snapshot: Snapshot, version: Version | None, use: AuditedUse, at: datetime) -> AuditVerdict:
    for document, audit in reversed(snapshot.view(audits)):
        if audit.covers(use) and independent(snapshot, document, version):
            return AuditVerdict.EXPIRED if at >= audit.until else judged(audit, use.function, use.people)
    return AuditVerdict.NONE


def audits(snapshot: Snapshot) -> tuple[tuple[Document, Audit], ...]:
    """Every audit with its document, in the order they were filed."""
    return tuple((it, parse(it.statement.body)) for it in snapshot.of(Kind.AUDIT))


def independent(snapshot: Snapshot, audit: Document, version: Version | None) -> bool:
    """Whether whoever signed an audit has nothing to do with what it is about.

    Args:
        snapshot: What is in force.
        audit: The audit.
        version: The application it counts for; ``None`` where nothing was applied for.
    """
    others = () if version is None else (version.document, *version.approvals)
    who = parties(snapshot, (audit, *others))
    barred = set(who.operators)
    if version is not None:
        barred |= applicants(snapshot, version.document, who)
        barred |= {who.person(key.account) for one in version.approvals for key in snapshot.signers(one)}
    signers = {who.person(key.account) for key in snapshot.signers_still(audit, Role.AUDITOR)}
    return bool(signers) and not signers & barred


def _cell(record: Record) -> Cell:
    it = Cell(
        record.choice("measure", Measure),
        record.text("group", longest=200),
        record.whole("lower_ppb", most=1000 * PPB),
        record.whole("upper_ppb", most=1000 * PPB),
    )
    record.done()
    if it.lower > it.upper:
        raise InvalidValue(f"{record.place} has its bounds the wrong way round.", remedy=REMEDY)
    return it
