"""JSON in, answers to the criteria that a law is held against out: HR-01 to HR-18, and what each asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from faceward.errors import InvalidValue
from faceward.reading import Record


class CriterionName(StrEnum):
    """Which criterion. docs/explanation/law-gate.md says what each asks for."""

    HR_01 = "HR-01"
    HR_02 = "HR-02"
    HR_03 = "HR-03"
    HR_04 = "HR-04"
    HR_05 = "HR-05"
    HR_06 = "HR-06"
    HR_07 = "HR-07"
    HR_08 = "HR-08"
    HR_09 = "HR-09"
    HR_10 = "HR-10"
    HR_11 = "HR-11"
    HR_12 = "HR-12"
    HR_13 = "HR-13"
    HR_14 = "HR-14"
    HR_15 = "HR-15"
    HR_16 = "HR-16"
    HR_17 = "HR-17"
    HR_18 = "HR-18"

    @property
    def core(self) -> bool:
        """Whether a law must meet it; the others are recorded and block nothing."""
        return self in CORE

    @property
    def demand(self) -> str:
        """What the law must do, as the end of a sentence that begins "The law"."""
        return _DEMANDS[self]


CORE = tuple(CriterionName)[:14]
"""The criteria that a law must meet, every one."""

# Source: our own choice, from the industry principles of 2018, the statements of June 2020 and the reports
# on police use that followed them.
_DEMANDS = {
    CriterionName.HR_01: (
        "is primary national legislation, published, in force, covering this agency and place"
    ),
    CriterionName.HR_02: "names who, which function and which purposes, and forbids all else",
    CriterionName.HR_03: (
        "demands strict necessity and proportionality for each use, for a closed list of "
        "serious harms or missing persons"
    ),
    CriterionName.HR_04: (
        "needs a judge or an independent binding body before live use or tracking, and "
        "before or within 48 hours for a targeted search of stored data; refusal means "
        "stop and delete"
    ),
    CriterionName.HR_05: (
        "bans untargeted and mass surveillance, targeting by trait or by protest, worship "
        "or speech, inference of emotions and traits, and scraped databases"
    ),
    CriterionName.HR_06: (
        "fixes who may be on a watchlist, where images come from, where and when they are used, and removal"
    ),
    CriterionName.HR_07: (
        "sets minimum accuracy, independent tests in operation, published rates by group, "
        "and a duty to fix or stop"
    ),
    CriterionName.HR_08: "obliges vendors to give an interface for tests and to remedy gaps that are shown",
    CriterionName.HR_09: (
        "needs meaningful review by trained people who can overrule; two persons confirm; "
        "a match is never the sole ground for an arrest or an adverse act"
    ),
    CriterionName.HR_10: (
        "needs a public register and comment, public notice, and disclosure to the accused before trial"
    ),
    CriterionName.HR_11: "has every use logged, audited from outside, and counted in public every year",
    CriterionName.HR_12: "has an independent body that can inspect, stop and sanction",
    CriterionName.HR_13: (
        "lets people sue or complain with real relief; unlawful results are excluded and deleted"
    ),
    CriterionName.HR_14: (
        "limits what is kept: minimisation, immediate deletion of non-matches, retention, sharing, security"
    ),
    CriterionName.HR_15: "needs a public assessment of impact first, renewed every two years",
    CriterionName.HR_16: "ends by itself, and does not void stricter local bans",
    CriterionName.HR_17: "protects children and vulnerable people",
    CriterionName.HR_18: "needs trained and certified operators",
}


class Answer(StrEnum):
    """How far a law meets a criterion."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Criterion:
    """The answer to one criterion.

    Attributes:
        name: Which.
        answer: How far the law meets it.
        pinpoint: Where in its text; never empty for one that is met.
        note: Why; may be empty.
    """

    name: CriterionName
    answer: Answer
    pinpoint: str
    note: str


def criterion(record: Record) -> Criterion:
    """Read an answer.

    Raises:
        InvalidValue: A key is missing, unknown or makes no sense, or a criterion is met nowhere in the text.
    """
    it = Criterion(
        name=record.choice("id", CriterionName),
        answer=record.choice("answer", Answer),
        pinpoint=record.text("pinpoint", longest=400) if record.has("pinpoint") else "",
        note=record.text("note") if record.has("note") else "",
    )
    record.done()
    if it.answer is Answer.MET and not it.pinpoint:
        raise InvalidValue(
            f"{record.place} is met, and does not say where in the law.",
            remedy="Give the section as pinpoint, or answer partly, not_met or unknown.",
        )
    return it


def as_json(it: Criterion) -> dict[str, Any]:
    """The answer as JSON values; `criterion` gives back an equal one."""
    values = {"id": str(it.name), "answer": str(it.answer), "pinpoint": it.pinpoint, "note": it.note}
    return {name: value for name, value in values.items() if value}
