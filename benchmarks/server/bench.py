"""Two photos of one person in, what the server costs beside the engine alone out.

Run ``python -m benchmarks.server.bench PHOTO OTHER``. It is part of ``make bench``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.reporting import Report
from benchmarks.server import verify


def measure(report: Report, photo: Path, other: Path, seconds: float = 5.0, rounds: int = 5) -> None:
    """Add all of it to a report."""
    verify.report_on(report, verify.verified(photo.read_bytes(), other.read_bytes(), seconds, rounds))


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; returns 0, or 1 with ``--strict`` where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server.bench", description=__doc__)
    parser.add_argument("photo", type=Path, help="a photo of somebody, who is enrolled with it")
    parser.add_argument("other", type=Path, help="another photo of them, which is presented")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a target is missed")
    parser.add_argument("--output", type=Path, help="where to write the JSON")
    asked = parser.parse_args(arguments)
    report = Report("bench-server")
    measure(report, asked.photo, asked.other)
    report.finish(asked.output)
    return report.exit_code(strict=asked.strict)


if __name__ == "__main__":
    raise SystemExit(main())
