"""``faceward models``: list, show, verify and add models, with their licences and measured rates."""

from __future__ import annotations

import argparse
from pathlib import Path

from faceward import wiring
from faceward.catalogue import manifest
from faceward.catalogue.bundles import Catalogue, shipped
from faceward.catalogue.manifest import Manifest
from faceward.cli import schemas
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import Exit
from faceward.cli.output import Output
from faceward.core.decision import Standing
from faceward.ports.model_source import Severity
from faceward.settings import Settings


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward models", description="Say which models there are and what may be done with them."
    )
    actions = it.add_subparsers(dest="action", required=True, metavar="list|show|verify|add")
    listing = actions.add_parser("list", description="List the models and name the licences in force.")
    listing.add_argument("--commercial", action="store_true", help="only those free for commercial use")
    show = actions.add_parser("show", description="Show all that is known of one model.")
    show.add_argument("model", metavar="ID", help="identifier, as `faceward models list` gives it")
    verify = actions.add_parser("verify", description="Hold every model file against its digest.")
    add = actions.add_parser("add", description="Check an ONNX embedder and add it to this account's models.")
    add.add_argument("onnx", metavar="ONNX", help="the model file")
    add.add_argument("manifest", metavar="MANIFEST", help="JSON that describes it; see docs/models.md")
    for action in (listing, show, verify, add):
        common(action)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about models.

    Raises:
        InputError: There is no such model, or a manifest makes no sense.
        DependencyError: A model is refused, or the folder of added models cannot be trusted.
    """
    chosen = settings(arguments)
    match arguments.action:
        case "list":
            return _list(wiring.catalogue(chosen), chosen, out, commercial=arguments.commercial)
        case "show":
            return _show(wiring.catalogue(chosen), arguments.model, chosen, out)
        case "verify":
            return _verify(chosen, out)
    added = wiring.added_models(chosen).add(
        Path(arguments.onnx), Path(arguments.manifest), shipped(), wiring.runtime(chosen.runtime)
    )
    out.document({"schema": "faceward/models-add/1", "model": _summary(added, chosen)})
    out.line(f"{added.identifier} is added. {_licence(added)}")
    out.line(added.licence.notice)
    out.line(f"Use it with FACEWARD_EMBEDDER={added.identifier}, after `faceward calibrate … --install`.")
    return Exit.DONE


def _list(catalogue: Catalogue, chosen: Settings, out: Output, *, commercial: bool) -> int:
    entries = [it for it in catalogue.manifests if it.licence.commercial_use or not commercial]
    in_force = [catalogue.manifest(name) for name in (chosen.detector, chosen.embedder)]
    out.document(
        {
            "schema": "faceward/models-list/1",
            "models": [_summary(it, chosen) for it in entries],
            "licences_in_force": {it.identifier: it.licence.spdx for it in in_force},
        }
    )
    out.table(
        ("model", "task", "licence", "commercial use", "in use", "measured at"),
        (
            (
                it.identifier,
                str(it.task),
                it.licence.spdx,
                "yes" if it.licence.commercial_use else "no",
                "yes" if it in in_force else "no",
                "; ".join(_supported(catalogue, it.identifier)) or "-",
            )
            for it in entries
        ),
    )
    out.line()
    out.line(f"Licences in force: {', '.join(f'{it.identifier} {it.licence.spdx}' for it in in_force)}.")
    return Exit.DONE


def _show(catalogue: Catalogue, model: str, chosen: Settings, out: Output) -> int:
    it = catalogue.manifest(model)
    tables = [table for table in catalogue.calibrations if table.model == model]
    out.document(
        {
            "schema": "faceward/models-show/1",
            "manifest": manifest.as_json(it),
            "in_use": it.identifier in (chosen.detector, chosen.embedder),
            "calibrations": [schemas.calibration(table) for table in tables],
        }
    )
    for name, words in (
        ("model", f"{it.identifier}: {it.title}"),
        ("licence", f"{_licence(it)} {it.licence.notice}"),
        ("trained on", it.training_data),
        ("provenance", it.provenance),
        ("citation", it.citation),
        ("digest", f"sha256 {it.sha256}"),
        *(("for", use) for use in it.intended_uses),
        ("not for", "; ".join(it.forbidden_uses)),
        *(("limit", limit) for limit in it.limits),
        *(("rate", f"{r.value:g}: {r.measure}; {r.dataset}; {r.measured_by}") for r in it.rates),
    ):
        out.line(f"{name:<12}{words}")
    for table in tables:
        out.line()
        out.line(f"{' against '.join(table.precisions)}: {table.dataset} ({table.made_on})")
        out.table(
            (">FMR", ">threshold", ">FNMR", "standing"),
            (
                (
                    f"{point.false_match_rate:.0e}",
                    f"{point.threshold:.4f}",
                    f"{point.false_non_match_rate:.4f}",
                    str(point.standing),
                )
                for point in table.points
            ),
            indent="  ",
        )
    return Exit.DONE


def _verify(chosen: Settings, out: Output) -> int:
    findings = wiring.models(chosen).verify()
    out.document({"schema": "faceward/models-verify/1", "findings": [schemas.finding(it) for it in findings]})
    for it in findings:
        out.line(f"{it.severity:<8}{it.about}: {it.cause} {it.remedy}".rstrip())
    broken = any(it.severity is Severity.ERROR for it in findings)
    return Exit.DEPENDENCY if broken else Exit.DONE


def _summary(it: Manifest, chosen: Settings) -> schemas.Json:
    return {
        "identifier": it.identifier,
        "task": str(it.task),
        "title": it.title,
        "licence": it.licence.spdx,
        "commercial_use": it.licence.commercial_use,
        "in_use": it.identifier in (chosen.detector, chosen.embedder),
        "rates": [
            {"measure": r.measure, "value": r.value, "dataset": r.dataset, "measured_by": r.measured_by}
            for r in it.rates
        ],
    }


def _licence(it: Manifest) -> str:
    return f"{it.licence.spdx}, commercial use {'allowed' if it.licence.commercial_use else 'NOT allowed'}."


def _supported(catalogue: Catalogue, model: str) -> list[str]:
    """For each calibration, the smallest false match rate that it supports."""
    return [
        f"FMR {point.false_match_rate:.0e} FNMR {point.false_non_match_rate:.4f} "
        f"({'/'.join(sorted(set(table.precisions)))})"
        for table in catalogue.calibrations
        if table.model == model
        for point in [p for p in table.points if p.standing is Standing.CALIBRATED][-1:]
    ]
