"""Values in, the JSON of docs/reference/cli.md out. Keys are added, never renamed; features never appear."""

from __future__ import annotations

from typing import Any

from faceward.core.decision import CalibrationTable, Decision, OperatingPoint
from faceward.core.quality import Usability
from faceward.core.values import Face, TemplateContract
from faceward.governance.laws.instruments import Instrument
from faceward.governance.laws.law_gate import Findings
from faceward.governance.laws.moments import written
from faceward.governance.laws.place_bans import Ban
from faceward.ports.model_source import Finding

Json = dict[str, Any]


def face(it: Face, usability: Usability) -> Json:
    """A face and what it is fit for; places in pixels of the upright photo, to a tenth."""
    return {
        "box_xyxy": [round(edge, 1) for edge in it.box_xyxy],
        "landmarks": [[round(float(x), 1), round(float(y), 1)] for x, y in it.landmarks],
        "detection_score": round(it.detection_score, 3),
        **usability_of(usability),
    }


def usability_of(it: Usability) -> Json:
    """Whether a face is fit for comparison, each reason why not, and what was measured."""
    q = it.quality
    return {
        "usable": it.usable,
        "findings": [
            {
                "component": str(finding.component),
                "measured": round(finding.measured, 3),
                "needed": round(finding.needed, 3),
                "cause": finding.cause,
                "remedy": finding.remedy,
            }
            for finding in it.findings
        ],
        "quality": {
            "inter_eye_distance": round(q.inter_eye_distance, 1),
            "sharpness": round(q.sharpness, 3),
            "brightness": round(q.brightness, 3),
            "contrast": round(q.contrast, 3),
            "clipped_share": round(q.clipped_share, 3),
            "visible_share": round(q.visible_share, 3),
            "yaw_degrees": round(q.pose.yaw_degrees, 1),
            "pitch_degrees": round(q.pose.pitch_degrees, 1),
            "roll_degrees": round(q.pose.roll_degrees, 1),
        },
    }


def operating_point(it: OperatingPoint) -> Json:
    """A threshold with the evidence behind it."""
    return {
        "threshold": it.threshold,
        "false_match_rate": it.false_match_rate,
        "standing": str(it.standing),
        "non_mated_trials": it.non_mated_trials,
        "false_matches": it.false_matches,
        "false_non_match_rate": it.false_non_match_rate,
        "mated_trials": it.mated_trials,
        "report": it.report,
    }


def decision(it: Decision) -> Json:
    """A decision; the score to 0.001, for more digits would only help to reconstruct templates."""
    return {
        "decision": str(it),
        "comparison_score": round(it.comparison_score, 3),
        "operating_point": operating_point(it.at),
    }


def contract(it: TemplateContract) -> Json:
    """What a template was made by."""
    return {
        "model": it.model,
        "model_sha256": it.model_sha256,
        "preprocessing": it.preprocessing,
        "precision": it.precision,
        "length": it.length,
    }


def calibration(it: CalibrationTable) -> Json:
    """A calibration table."""
    return {
        "model": it.model,
        "preprocessing": it.preprocessing,
        "precisions": list(it.precisions),
        "dataset": it.dataset,
        "dataset_sha256": it.dataset_sha256,
        "made_on": it.made_on,
        "command": it.command,
        "points": [operating_point(point) for point in it.points],
    }


def finding(it: Finding) -> Json:
    """One thing that was checked."""
    return {"about": it.about, "severity": str(it.severity), "cause": it.cause, "remedy": it.remedy}


def law_summary(it: Instrument) -> Json:
    """What a law is, without its criteria."""
    return {
        "id": it.identifier,
        "title": it.title,
        "citation": it.citation,
        "country": it.country,
        "level": str(it.level),
        "status": str(it.status),
        "effective": written(it.effective),
        "ends": written(it.ends),
    }


def law_findings(it: Findings) -> Json:
    """Whether a law is satisfied, condition by condition."""
    return {
        "law": it.instrument,
        "at": written(it.at),
        "satisfied": it.satisfied,
        "conditions": [
            {
                "name": condition.name,
                "holds": condition.holds,
                "blocks": condition.blocks,
                "asks": condition.asks,
                "record": condition.record,
                "remedy": condition.remedy,
            }
            for condition in it.conditions
        ],
    }


def ban(it: Ban) -> Json:
    """A local ban."""
    return {
        "id": it.identifier,
        "country": it.country,
        "region": it.region,
        "locality": it.locality,
        "sectors": sorted(map(str, it.sectors)),
        "places": sorted(map(str, it.places)),
        "adopted": it.adopted.isoformat(),
        "effective": written(it.effective),
        "ends": written(it.ends),
        "title": it.title,
        "source_title": it.source_title,
        "note": it.note,
    }
