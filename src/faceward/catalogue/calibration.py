"""JSON in, a calibration table out, and back without loss."""

from __future__ import annotations

import json

from faceward import reading
from faceward.core.decision import CalibrationTable, OperatingPoint, Standing
from faceward.errors import InvalidValue
from faceward.reading import Record

_REMEDY = "Make the table again with `faceward calibrate`; docs/models.md describes every key."


def parse(text: str | bytes, place: str) -> CalibrationTable:
    """Read a calibration table.

    Args:
        text: The JSON that `as_text` writes.
        place: What to call it in messages, usually a file name.

    Raises:
        InvalidValue: A key is missing, unknown or makes no sense, or the points are out of order.
    """
    record = reading.read(text, place, _REMEDY)
    precisions = record.texts("precisions")
    if len(precisions) != 2 or list(precisions) != sorted(precisions):
        raise InvalidValue(
            f"{place}.precisions is {list(precisions)}.", remedy="Give two precisions, in order of name."
        )
    table = CalibrationTable(
        model=record.text("model"),
        preprocessing=record.text("preprocessing"),
        precisions=(precisions[0], precisions[1]),
        dataset=record.text("dataset"),
        dataset_sha256=record.sha256("dataset_sha256"),
        made_on=record.text("made_on"),
        command=record.text("command"),
        points=tuple(map(_point, record.records("points"))),
    )
    record.done()
    rates = [point.false_match_rate for point in table.points]
    if rates != sorted(set(rates), reverse=True):
        raise InvalidValue(
            f"{place}.points are not in order.", remedy="Give each rate once, the largest first."
        )
    return table


def as_text(table: CalibrationTable) -> str:
    """The table as JSON; `parse` gives back an equal table, each float to its last bit."""
    values = {
        "model": table.model,
        "preprocessing": table.preprocessing,
        "precisions": list(table.precisions),
        "dataset": table.dataset,
        "dataset_sha256": table.dataset_sha256,
        "made_on": table.made_on,
        "command": table.command,
        "points": [
            {
                "threshold": point.threshold,
                "false_match_rate": point.false_match_rate,
                "standing": str(point.standing),
                "non_mated_trials": point.non_mated_trials,
                "false_matches": point.false_matches,
                "false_non_match_rate": point.false_non_match_rate,
                "mated_trials": point.mated_trials,
                "report": point.report,
            }
            for point in table.points
        ],
    }
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _point(record: Record) -> OperatingPoint:
    point = OperatingPoint(
        threshold=record.number("threshold", least=-2, most=2),
        false_match_rate=record.number("false_match_rate", least=0, most=1),
        standing=record.choice("standing", Standing),
        non_mated_trials=record.whole("non_mated_trials"),
        false_matches=record.whole("false_matches"),
        false_non_match_rate=record.number("false_non_match_rate", least=0, most=1),
        mated_trials=record.whole("mated_trials"),
        report=record.text("report"),
    )
    record.done()
    return point
