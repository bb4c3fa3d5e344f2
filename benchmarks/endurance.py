"""Endurance and fuzz checks in, their outcomes and figures at whole size out: ``make endurance``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from benchmarks.reporting import Report
from benchmarks.workers import ROOT

WHOLE_SIZE = {"WHOLE_SIZE": "1"}
"""What ``tests/sizes.py`` reads."""
_REPORT = ("-o", "junit_family=xunit1")
"""The newer family has no place for what a single check measured."""


def main(arguments: list[str] | None = None) -> int:
    """Run, print, write; returns 0 only if every check ran and passed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.endurance", description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="at the size of `make test`: a look, not a result"
    )
    parser.add_argument("--output", type=Path, help="where to write the JSON")
    parser.add_argument("tests", nargs="*", default=["tests"], help="files or folders of checks")
    asked = parser.parse_args(arguments)
    report = Report("")
    with tempfile.TemporaryDirectory() as folder:
        outcomes = Path(folder) / "outcomes.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-m",
            "whole_size",
            *_REPORT,
            f"--junitxml={outcomes}",
            *asked.tests,
        ]
        environment = {**os.environ, **({} if asked.small else WHOLE_SIZE)}
        ended = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        checks = _checks(outcomes)
    passed = sum(check["outcome"] == "passed" for check in checks)
    report.figures |= {
        "whole_size": not asked.small,
        "passed": passed,
        "checks_run": len(checks),
        "checks": checks,
    }
    header = ("check", "outcome", "seconds", "measured")
    report.say("Endurance", header, [_row(check) for check in checks])
    report.finish(asked.output)
    return int(ended != 0 or passed != len(checks) or not checks)


def _checks(outcomes: Path) -> list[dict[str, Any]]:
    """Each check with its outcome, its seconds and what it recorded, from pytest's report."""
    if not outcomes.exists():
        return []
    # Written a moment ago by our own pytest.
    return [_check(case) for case in ElementTree.parse(outcomes).iter("testcase")]


def _check(case: ElementTree.Element) -> dict[str, Any]:
    bad = [kind for kind in ("failure", "error", "skipped") if case.find(kind) is not None]
    measured = {one.attrib["name"]: one.attrib["value"] for one in case.iter("property")}
    return {
        "check": f"{case.attrib['classname']}.{case.attrib['name']}",
        "outcome": bad[0] if bad else "passed",
        "seconds": round(float(case.attrib["time"]), 1),
        "measured": measured,
    }


def _row(check: dict[str, Any]) -> tuple[object, ...]:
    measured = ", ".join(f"{name} {value}" for name, value in check["measured"].items())
    return (check["check"].rpartition(".")[2], check["outcome"], check["seconds"], measured)


if __name__ == "__main__":
    sys.exit(main())
