"""The verdict is computed from intervals, and whatever is missing or open blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from data.office import Office
from governance.desk import DOOR, GOOD, MODEL, USE, apply, approve, audit

from faceward.errors import InvalidValue
from faceward.governance.reviews import audits
from faceward.governance.reviews.audits import Audit, Cell, Measure, judged, verdict
from faceward.transparency.words import AuditVerdict, Capture, Function, Purpose

IT = Audit(
    MODEL, 363_000, frozenset({Function.VERIFY, Function.IDENTIFY}), frozenset({Purpose.VERIFY_WORKER}),
    frozenset({Capture.KIOSK}), 1000, GOOD, "b" * 64, datetime(2027, 1, 1, tzinfo=UTC),
)  # fmt: skip


def with_cell(measure: Measure, group: str, lower: int, upper: int) -> Audit:
    cells = [it for it in GOOD if (it.measure, it.group) != (measure, group)]
    return replace(IT, cells=(*cells, Cell(measure, group, lower, upper)))


def test_an_audit_survives_its_statement():
    assert audits.parse(audits.as_json(IT)) == IT


def test_the_limits_are_those_of_the_reference():
    assert {it.value: it.limit / audits.PPB for it in Measure} == {
        "fmr": 1e-4, "fnmr": 1e-2, "fpir": 1e-3, "fmr_spread": 3.0, "fnmr_spread": 3.0,
    }  # fmt: skip


@pytest.mark.parametrize("measure", list(Measure))
def test_every_cell_must_be_within_its_limit(measure):
    """At the limit is within; a bound on either side of it is inconclusive; both beyond it fail."""
    function = Function.IDENTIFY if measure is Measure.FPIR else Function.VERIFY
    group, limit = ("men" if measure.by_group else "all"), measure.limit
    assert judged(with_cell(measure, group, limit, limit), function, 1) is AuditVerdict.PASS
    assert judged(with_cell(measure, group, limit, limit + 1), function, 1) is AuditVerdict.INCONCLUSIVE
    assert judged(with_cell(measure, group, limit + 1, limit + 2), function, 1) is AuditVerdict.FAIL


@pytest.mark.parametrize("function", [Function.VERIFY, Function.IDENTIFY, Function.LIVE])
@pytest.mark.parametrize("measure", list(Measure))
def test_a_measure_that_is_missing_is_inconclusive(function, measure):
    needed = {Function.VERIFY: Measure.FPIR}.get(function, Measure.FMR)
    cells = tuple(it for it in GOOD if it.measure is not measure)
    expected = AuditVerdict.PASS if measure is needed else AuditVerdict.INCONCLUSIVE
    assert judged(replace(IT, cells=cells), function, 1) is expected


def test_one_group_shows_nothing_about_groups():
    cells = tuple(it for it in GOOD if it.group != "men")
    assert judged(replace(IT, cells=cells), Function.VERIFY, 1) is AuditVerdict.INCONCLUSIVE


@pytest.mark.parametrize(("people", "expected"), [(1111, "pass"), (1112, "inconclusive")])
def test_a_search_is_tested_with_nearly_as_many_people(people, expected):
    """Nine tenths of the gallery at least."""
    assert judged(IT, Function.IDENTIFY, people).value == expected
    assert judged(IT, Function.VERIFY, people) is AuditVerdict.PASS


@pytest.mark.parametrize("function", [Function.UPKEEP, Function.RIGHT, Function.TRAIT])
def test_what_is_not_audited_never_passes(function):
    assert judged(IT, function, 1) is AuditVerdict.INCONCLUSIVE


@pytest.mark.parametrize(
    "change",
    [
        {"model": "nope"}, {"verdict": "pass"}, {"functions": ["upkeep"]}, {"people": 0}, {"until": "soon"},
        {"cells": [{"measure": "fmr", "group": "x", "lower_ppb": 2, "upper_ppb": 1}]},
        {"cells": [{"measure": "fmr", "group": "x", "lower_ppb": 0, "upper_ppb": 1}] * 2},
        {"cells": [{"measure": "age", "group": "x", "lower_ppb": 0, "upper_ppb": 1}]},
        {"cells": [{"measure": "fmr", "group": "x", "lower_ppb": 0.5, "upper_ppb": 1}]},
    ],
    ids=repr,
)  # fmt: skip
def test_an_audit_is_read_strictly(change):
    """And nobody enters a verdict."""
    with pytest.raises(InvalidValue):
        audits.parse({**audits.as_json(IT), **change})


@pytest.mark.parametrize(
    "other",
    [
        {"model": "c" * 64}, {"threshold_millionths": 362_999}, {"function": Function.IDENTIFY},
        {"purpose": Purpose.ACCESS_OPTIN}, {"capture": Capture.UPLOAD},
    ],
    ids=repr,
)  # fmt: skip
def test_an_audit_says_nothing_of_another_use(other):
    office = Office()
    office.staff()
    apply(office)
    audit(office)
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.PASS
    assert verdict(office.snapshot, DOOR, replace(USE, **other), office.now) is AuditVerdict.NONE


def test_the_newest_audit_counts_and_no_older_one_helps():
    office = Office()
    office.staff()
    apply(office)
    audit(office)
    audit(office, name="audit-2", cells=())
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.INCONCLUSIVE
    audit(office, name="audit-3", until=office.now.replace(microsecond=0) + timedelta(days=1))
    office.clock.advance(days=2)
    assert verdict(office.snapshot, DOOR, USE, office.now) is AuditVerdict.EXPIRED


def test_upkeep_needs_what_every_approved_comparison_needs():
    """Enrolment fills the gallery that will be searched."""
    office = Office()
    office.staff()
    apply(office, functions=["verify", "identify", "analyse"])
    approve(office, "bob")
    upkeep = replace(USE, function=Function.UPKEEP)
    audit(office)
    assert verdict(office.snapshot, DOOR, upkeep, office.now) is AuditVerdict.NONE
    audit(office, name="audit-2", functions=frozenset({Function.IDENTIFY}))
    assert verdict(office.snapshot, DOOR, upkeep, office.now) is AuditVerdict.PASS
