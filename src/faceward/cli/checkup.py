"""Settings in, what runs where and each problem with its remedy out."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from faceward import __version__, wiring
from faceward.cli.version import package_version
from faceward.core.decision import Standing
from faceward.errors import FacewardError
from faceward.ports.model_source import Finding, Severity
from faceward.settings import Settings

_PACKAGES = (
    "openvino",
    "onnxruntime",
    "numpy",
    "onnx",
    "pillow",
    "simplejpeg",
    "cryptography",
    "pillow-heif",
)
_EXTRAS = {"heic": ("pillow_heif", "opens HEIC"), "onnxruntime": ("onnxruntime", "runs other devices")}

# What the networks gain from. Source: names as in Linux, arch/x86/include/asm/cpufeatures.h, and on arm64.
_CPU_FEATURES = (
    "avx2", "fma", "avx512f", "avx512_vnni", "avx_vnni", "avx512_bf16", "amx_bf16", "asimd", "bf16",
)  # fmt: skip


@dataclass(slots=True)
class Checkup:
    """What was found.

    Attributes:
        facts: What there is, by name.
        findings: What was checked, good or not.
    """

    facts: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        """Whether something stops work."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def checked(settings: Settings) -> Checkup:
    """Look at every part. What is broken is a finding, never an exception."""
    it = Checkup()
    it.facts.update(_machine())
    it.findings += _cores(settings)
    it.facts.update(_packages())
    it.facts["models folder"] = str(settings.models_folder)
    it.facts["database"] = "PostgreSQL" if settings.database else "SQLite"
    it.facts["cache folder"] = str(settings.cache_folder)
    for about, check in (("catalogue", _models), ("runtime", _runtime), ("engine", _engine)):
        if about == "engine" and it.broken:
            continue  # It would fail for the reason that was just given.
        try:
            it.findings += check(settings, it.facts)
        except FacewardError as error:
            it.findings.append(Finding(about, Severity.ERROR, error.cause, error.remedy))
    it.findings += _extras()
    it.findings.append(_telemetry())
    return it


def _machine() -> dict[str, str]:
    cpu, flags = platform.processor() or platform.machine(), set()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                cpu = value.strip()
            elif name.strip().lower() in {"flags", "features"}:
                flags = set(value.split())
                break
    except OSError:
        pass  # Other systems have no such file; the name of the architecture must do.
    return {
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "cpu": cpu,
        "cpu features": " ".join(name for name in _CPU_FEATURES if name in flags) or "unknown",
        "cores": f"{wiring.usable_cores()} usable of {os.cpu_count() or 1}",
    }


def _packages() -> dict[str, str]:
    versions = {name: package_version(name) for name in _PACKAGES}
    listed = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    return {"faceward": __version__, "packages": listed, "telemetry": "faceward has none"}


def _cores(settings: Settings) -> Iterator[Finding]:
    """Threads beyond what a container grants are stopped by the kernel, mid-run, for the rest of a period."""
    granted = _cpu_quota()
    cores = wiring.usable_cores()
    if granted is not None and granted + 0.5 < cores and not settings.streams:
        yield Finding(
            "cores",
            Severity.WARNING,
            f"The container grants {granted:.1f} of {cores} cores, and a stream would run on each.",
            f"Set FACEWARD_STREAMS={max(1, int(granted))}.",
        )
    if settings.threads > cores:
        yield Finding(
            "cores",
            Severity.WARNING,
            f"{settings.threads} threads are set for {cores} cores.",
            f"Set FACEWARD_THREADS to {cores} or less.",
        )


def _cpu_quota() -> float | None:
    """Cores a container grants, or nothing where there is no limit. Source: Linux, cgroup-v2, cpu.max."""
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
        return None if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _models(settings: Settings, facts: dict[str, str]) -> Iterator[Finding]:
    catalogue = wiring.catalogue(settings)
    for name in (settings.detector, settings.embedder):
        facts[f"licence of {name}"] = catalogue.manifest(name).licence.spdx
    yield from wiring.models(settings).verify()


def _runtime(settings: Settings, facts: dict[str, str]) -> Iterator[Finding]:
    chosen = wiring.runtime(settings.runtime)
    facts["runtime"] = f"{chosen.name} {chosen.version}"
    facts["devices"] = ", ".join(chosen.devices())
    native = chosen.precisions(settings.device)
    facts["precisions"] = f"{', '.join(native)} on {settings.device}"
    if settings.precision not in {"auto", *native}:
        yield Finding(
            "precision",
            Severity.WARNING,
            f"{settings.precision} is set, which {settings.device} does not compute natively.",
            f"Set FACEWARD_PRECISION to {' or '.join(native)}.",
        )


def _engine(settings: Settings, facts: dict[str, str]) -> Iterator[Finding]:
    parts = wiring.connect(settings)
    at = parts.placement
    facts["engine"] = f"{at.device}, {at.precision}, {at.streams} streams of {at.threads} threads"
    parts.recogniser.sightings(parts.recogniser.open(np.zeros((96, 96, 3), np.uint8)))
    yield Finding("engine", Severity.GOOD, "Both networks are loaded, and a photo runs through.", "")
    table = parts.calibration()
    usable = [point for point in table.points if point.standing is not Standing.REFUSED]
    rates = ", ".join(f"{point.false_match_rate:.0e} {point.standing}" for point in usable)
    if usable:
        yield Finding("calibration", Severity.GOOD, f"In {at.precision}: {rates}.", "")
    else:
        yield Finding(
            "calibration",
            Severity.ERROR,
            f"No rate is supported in {at.precision}.",
            "Run `faceward calibrate` on more data.",
        )


def _extras() -> Iterator[Finding]:
    for name, (module, words) in _EXTRAS.items():
        if find_spec(module) is None:
            yield Finding(
                f"extra {name}",
                Severity.GOOD,
                "Not installed.",
                f"`pip install 'faceward[{name}]'` {words}, if that is wanted.",
            )
        else:
            yield Finding(f"extra {name}", Severity.GOOD, "Installed.", "")


def _telemetry() -> Finding:
    """OpenVINO's converter reports its import over the network; our adapter keeps it from being imported."""
    if sys.modules.get("openvino.tools.ovc") is None and sys.modules.get("openvino_telemetry") is None:
        return Finding("telemetry", Severity.GOOD, "Off: OpenVINO's was not loaded.", "")
    return Finding(
        "telemetry",
        Severity.WARNING,
        "OpenVINO's telemetry is loaded in this process.",
        "Run `opt_in_out --opt_out`, and do not import openvino before faceward.",
    )
