"""An evaluation pack in, how often the default configuration is wrong out: ``make eval``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.accuracy import groups, lfw, wider
from benchmarks.pack import evaluation_pack
from benchmarks.reporting import Report
from faceward import wiring
from faceward.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.evaluate", description=__doc__)
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a target is missed")
    parser.add_argument("--parts", nargs="+", default=["lfw", "wider", "groups"])
    parser.add_argument("--output", type=Path, help="where to write the JSON")
    asked = parser.parse_args(arguments)
    pack = evaluation_pack()
    if pack is None:
        return 2
    report = Report("eval")
    defaults = Settings()
    native = wiring.runtime(defaults.runtime).precisions(defaults.device)
    parts = {precision: wiring.connect(Settings(precision=precision)) for precision in native}
    if "lfw" in asked.parts or "groups" in asked.parts:
        points = lfw.evaluate(report, pack, parts)
    if "wider" in asked.parts:
        wider.evaluate(report, pack, parts)
    if "groups" in asked.parts:
        groups.evaluate(report, pack, parts, points)
    report.finish(asked.output)
    return report.exit_code(strict=asked.strict)


if __name__ == "__main__":
    sys.exit(main())
