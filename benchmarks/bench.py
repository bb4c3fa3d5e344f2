"""An evaluation pack in, how fast we and our peers are on it and what the gate costs out: ``make bench``."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from subprocess import CalledProcessError

from benchmarks.governance import bench as governance
from benchmarks.pack import Pack, evaluation_pack
from benchmarks.peers.install import install_missing
from benchmarks.reporting import Report, Target, milliseconds
from benchmarks.server import bench as server
from benchmarks.timing import photos
from benchmarks.timing.cold_start import cold_start
from benchmarks.timing.comparison import Field, compare
from benchmarks.timing.throughput import throughput
from benchmarks.timing.turns import Schedule
from faceward import wiring
from faceward.settings import Settings

_ALL_CORES = 0.9
"""Share of the perfect speed-up that all cores together must give: 1.8 times one on two cores."""
_SLOW = frozenset({"face_recognition"})
_SLOW_EVERY = {"wider": 1, "lfw": 2, "large": 4}
_QUICK_EVERY = 4


def main(arguments: list[str] | None = None) -> int:
    """Measure, print, write; returns the exit code."""
    asked = _asked(arguments)
    pack = evaluation_pack()
    if pack is None:
        return 2
    try:
        install_missing()
    except CalledProcessError:
        print("The peers cannot be installed, and there is nothing to compare with; pip has said why.")
        return 2
    report = Report("bench")
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        makers = photos.makers(pack, Path(folder))
        sets = {name: makers[name]()[:: _QUICK_EVERY if asked.quick else 1] for name in asked.sets}
        with ExitStack() as stack:
            everybody = Field.started(stack, cores[-1], asked.precisions)
            for name, files in sets.items():
                schedule = Schedule(asked.rounds, asked.turn, _SLOW, slow_every=_SLOW_EVERY[name])
                compare(report, name, files, everybody, schedule)
    _all_cores(report, photos.wider(pack), cores, asked)
    _cold(report, pack)
    governance.measure(report)
    demo = pack.folder / "demo"
    server.measure(report, demo / "obama.jpg", demo / "obama2.jpg")
    report.finish(asked.output)
    return report.exit_code(strict=asked.strict)


def _asked(arguments: list[str] | None) -> argparse.Namespace:
    native = wiring.runtime(Settings().runtime).precisions(Settings().device)
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few photos and rounds: a look, not a result")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a target is missed")
    parser.add_argument("--rounds", type=int, default=7, help="how often each photo is shown")
    parser.add_argument("--turn", type=int, default=1, help="photos that a contender is shown in a row")
    parser.add_argument("--sets", nargs="*", default=list(_SLOW_EVERY), choices=_SLOW_EVERY)
    parser.add_argument("--precisions", nargs="+", default=list(native), choices=native)
    parser.add_argument("--output", type=Path, help="where to write the JSON")
    asked = parser.parse_args(arguments)
    if asked.quick:
        asked.rounds = min(asked.rounds, 3)
    return asked


def _all_cores(report: Report, files: Sequence[str], cores: list[int], asked: argparse.Namespace) -> None:
    """Both layouts of workers on all cores, against one core."""
    rows, section = [], {}
    for precision in asked.precisions:
        measured = throughput(files, cores, precision, rounds=min(asked.rounds, 5))
        section[precision] = asdict(measured)
        gains = (measured.threads / measured.one_core, measured.processes / measured.one_core)
        rows.append((
            precision, f"{measured.one_core:.1f}",
            f"{measured.threads:.1f} (× {gains[0]:.2f})", f"{measured.processes:.1f} (× {gains[1]:.2f})",
            *(f"{share:.0%}" for share in measured.busy),
        ))  # fmt: skip
        report.targets += [
            Target(f"{len(cores)} cores × one, {layout}, {precision}", gain, _ALL_CORES * len(cores))
            for layout, gain in zip(("threads", "processes"), gains, strict=True)
        ]
    report.figures["throughput"] = section
    header = ("", "one core", "threads of one process", "a process a core", *["cores we had"] * 3)
    report.say(f"Photos a second on {len(cores)} cores (WIDER)", header, rows)


def _cold(report: Report, pack: Pack) -> None:
    """Fresh processes, on two photos of one person."""
    demo = pack.folder / "demo"
    measured = cold_start(demo / "obama.jpg", demo / "obama2.jpg")
    report.figures["cold_start"] = asdict(measured)
    rows = [
        ("python alone", milliseconds(measured.bare_seconds)),
        ("import faceward", milliseconds(measured.import_seconds)),
        ("first comparison", measured.failure or milliseconds(measured.comparison_seconds or 0)),
    ]
    report.say("Cold start: fresh processes from start to end, p50", ("", "ms"), rows)
    report.targets += [
        Target("import faceward, s", measured.import_seconds, 0.12, at_most=True),
        Target("heavy modules that the import loads", float(len(measured.loaded)), 0, at_most=True),
        Target("cold first comparison, s", measured.comparison_seconds, 0.8, at_most=True),
    ]


if __name__ == "__main__":
    sys.exit(main())
