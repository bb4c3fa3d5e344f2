"""``faceward version``: nothing in, the version, the runtime and the licences in force out."""

from __future__ import annotations

import argparse
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from faceward import __version__, wiring
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import Exit
from faceward.cli.output import Output


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward version", description="Name the version, the runtime and the licences in force."
    )
    common(it)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Name what runs here; no runtime is loaded for it.

    Raises:
        InputError: The settings make no sense.
    """
    chosen = settings(arguments)
    catalogue = wiring.catalogue(chosen)
    in_force = [catalogue.manifest(name) for name in (chosen.detector, chosen.embedder)]
    runtime_version = package_version(chosen.runtime)
    out.document(
        {
            "schema": "faceward/version/1",
            "faceward": __version__,
            "runtime": {"name": chosen.runtime, "version": runtime_version},
            "models": [
                {
                    "identifier": it.identifier,
                    "licence": it.licence.spdx,
                    "commercial_use": it.licence.commercial_use,
                }
                for it in in_force
            ],
        }
    )
    out.line(f"faceward {__version__}")
    out.line(f"{chosen.runtime} {runtime_version or 'is not installed'}")
    for it in in_force:
        out.line(f"{it.identifier}, licence {it.licence.spdx}")
    return Exit.DONE


def package_version(name: str) -> str | None:
    """Version of an installed distribution, which is not imported; nothing where it is not installed."""
    try:
        return installed(name)
    except PackageNotFoundError:
        return None
