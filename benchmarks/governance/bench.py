"""A folder on a disk in, what asking before and proving afterwards costs there out.

Run ``python -m benchmarks.governance.bench``, with ``--folder`` on the disk that will hold the ledger. It is
part of ``make bench``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.governance import durability, gate
from benchmarks.reporting import Report


def measure(report: Report, folder: Path | None = None) -> None:
    """Add all of it to a report."""
    durability.report_on(report, durability.durability(folder))
    gate.report_on(report, gate.gated(folder))


def main(arguments: list[str] | None = None) -> int:
    """Measure, print and write; returns 0, or 1 with ``--strict`` where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.governance.bench", description=__doc__)
    parser.add_argument("--folder", type=Path, help="a folder on the disk to be measured")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a target is missed")
    parser.add_argument("--output", type=Path, help="where to write the JSON")
    asked = parser.parse_args(arguments)
    report = Report("bench-governance")
    measure(report, asked.folder)
    report.finish(asked.output)
    return report.exit_code(strict=asked.strict)


if __name__ == "__main__":
    raise SystemExit(main())
