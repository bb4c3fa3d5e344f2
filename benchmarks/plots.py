"""The shipped calibration tables in, a drawing of both error rates out: ``python -m benchmarks.plots``."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from faceward.catalogue.bundles import DEFAULT, shipped
from faceward.core.decision import CalibrationTable, OperatingPoint, Standing

TARGET = Path(__file__).parents[1] / "docs" / "explanation" / "operating-points.svg"

_WIDTH, _HEIGHT = 760, 470
_LEFT, _RIGHT, _TOP, _BOTTOM = 76, 690, 76, 392
_LOWEST, _HIGHEST = -6.4, -0.8
"""Decades of the rates shown."""
_FROM, _TO = 0.29, 0.57
"""Thresholds shown."""

# Okabe and Ito's palette, "Color Universal Design", 2008: told apart with any colour vision.
_FMR, _FNMR, _INK, _GRID = "#0072b2", "#d55e00", "#222222", "#dddddd"


def svg(tables: tuple[CalibrationTable, ...]) -> str:
    """Draw both error rates over the threshold.

    Args:
        tables: One for each precision, both templates in it. The first is drawn as circles, the second as
            smaller squares on top: the two nearly coincide, which is worth seeing.
    """
    pieces = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img' "
        f"aria-label='Both error rates over the threshold, for {_names(tables)}'>",
        f"<rect width='{_WIDTH}' height='{_HEIGHT}' fill='white'/>",
        _text(24, 28, "A higher threshold trades false matches for false non-matches", size=16, weight=600),
        _text(24, 50, f"SFace on LFW photos; {_names(tables)}. Hollow: provisional. Crossed: refused."),
        *_axes(),
    ]
    for name, colour, rate in (("FMR", _FMR, _asked), ("FNMR", _FNMR, _missed)):
        for number, table in enumerate(tables):
            pieces += _series(table, colour, rate, square=number > 0)
        last = tables[0].points[-1]
        place = (_x(last.threshold) + 12, _y(rate(last)) + 5)
        pieces.append(_text(*place, name, colour=colour, weight=600))
    middle = tables[0].points[len(tables[0].points) // 2]
    for words, rate, shift, lift, colour in (
        ("strangers that match", _asked, 14, -2, _FMR),
        ("photos of one person that do not", _missed, -170, -22, _FNMR),
    ):
        place = (_x(middle.threshold) + shift, _y(rate(middle)) + lift)
        pieces.append(_text(*place, words, colour=colour))
    return "\n".join([*pieces, "</svg>"]) + "\n"


def drawn_tables() -> tuple[CalibrationTable, ...]:
    """The shipped tables of the default embedder whose templates share one precision."""
    return tuple(
        table
        for table in shipped().calibrations
        if table.model == DEFAULT.embedder and len(set(table.precisions)) == 1
    )


def _names(tables: tuple[CalibrationTable, ...]) -> str:
    shapes = ("circles", "squares")
    return ", ".join(f"{table.precisions[0]} {shape}" for table, shape in zip(tables, shapes, strict=False))


def _asked(point: OperatingPoint) -> float:
    return point.false_match_rate


def _missed(point: OperatingPoint) -> float:
    return point.false_non_match_rate


def _x(threshold: float) -> float:
    return _LEFT + (threshold - _FROM) / (_TO - _FROM) * (_RIGHT - _LEFT)


def _y(rate: float) -> float:
    return _BOTTOM - (math.log10(rate) - _LOWEST) / (_HIGHEST - _LOWEST) * (_BOTTOM - _TOP)


def _axes() -> list[str]:
    pieces = []
    for decade in range(-6, 0):
        y = _y(10.0**decade)
        pieces.append(f"<path d='M{_LEFT} {y:.1f}H{_RIGHT}' stroke='{_GRID}'/>")
        pieces.append(_text(_LEFT - 8, y + 4, f"1e{decade}", anchor="end"))
    for hundredths in range(30, 60, 5):
        x = _x(hundredths / 100)
        pieces.append(f"<path d='M{x:.1f} {_BOTTOM}v6' stroke='{_INK}'/>")
        pieces.append(_text(x, _BOTTOM + 22, f"{hundredths / 100:.2f}", anchor="middle"))
    pieces.append(f"<path d='M{_LEFT} {_BOTTOM}H{_RIGHT}' stroke='{_INK}'/>")
    pieces.append(_text((_LEFT + _RIGHT) / 2, _BOTTOM + 46, "threshold (comparison score)", anchor="middle"))
    pieces.append(_text(_LEFT - 8, _TOP - 2, "rate", anchor="end"))
    return pieces


def _series(
    table: CalibrationTable, colour: str, rate: Callable[[OperatingPoint], float], *, square: bool
) -> list[str]:
    places = [(_x(point.threshold), _y(rate(point)), point.standing) for point in table.points]
    line = "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in places)
    dash = " stroke-dasharray='5 4'" if square else ""
    pieces = [f"<path d='M{line}' fill='none' stroke='{colour}' stroke-width='1.5'{dash}/>"]
    return pieces + [_mark(x, y, standing, colour, square=square) for x, y, standing in places]


def _mark(x: float, y: float, standing: Standing, colour: str, *, square: bool) -> str:
    fill = colour if standing is Standing.CALIBRATED else "white"
    style = f"fill='{fill}' stroke='{colour}' stroke-width='1.5'"
    if square:
        if standing is Standing.CALIBRATED:
            style = f"fill='{colour}' stroke='white' stroke-width='1.2'"
        shape = f"<rect x='{x - 2.5:.1f}' y='{y - 2.5:.1f}' width='5' height='5' {style}/>"
    else:
        shape = f"<circle cx='{x:.1f}' cy='{y:.1f}' r='6' {style}/>"
    if square or standing is not Standing.REFUSED:
        return shape
    cross = f"M{x - 8:.1f} {y - 8:.1f}l16 16m0 -16l-16 16"
    return f"{shape}<path d='{cross}' stroke='{_INK}' stroke-width='1.2'/>"


def _text(x: float, y: float, words: str, **style: str | int) -> str:
    given = {"anchor": "start", "colour": _INK, "size": 13, "weight": 400} | style
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' text-anchor='{given['anchor']}' fill='{given['colour']}' "
        f"font-family='sans-serif' font-size='{given['size']}' font-weight='{given['weight']}'>{words}</text>"
    )


if __name__ == "__main__":
    TARGET.write_text(svg(drawn_tables()), encoding="utf-8")
    print(f"Written: {TARGET.name}")
