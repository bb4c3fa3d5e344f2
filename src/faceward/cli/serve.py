"""``faceward serve``: settings in, a server that runs until it is told to stop out."""

from __future__ import annotations

import argparse
import logging
import sys

from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import Exit
from faceward.cli.output import Output


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward serve",
        description="Run the server. Without a certificate or a proxy, on this machine alone.",
    )
    it.add_argument("--host", metavar="ADDRESS", help="where to listen (default: the setting, 127.0.0.1)")
    it.add_argument("--port", type=int, metavar="N", help="on which port; 0 means a free one (default: 8420)")
    common(it)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Serve until the process is told to stop.

    Raises:
        InvalidValue: Others could reach the server, and nothing protects what they send.
        ConflictError: There is no charter yet.
        DependencyError: The ledger, the store, a key or a model cannot be read.
    """
    from dataclasses import replace

    from faceward.adapters.core_dumps import no_core_dumps
    from faceward.server.addresses import Proxies
    from faceward.server.application import application
    from faceward.server.running import door, serve
    from faceward.wiring.serving import serving

    no_core_dumps()
    chosen = settings(arguments)
    given = {name: it for name in ("host", "port") if (it := getattr(arguments, name)) is not None}
    chosen = replace(chosen, **given)
    at = door(chosen)
    log = logging.getLogger("faceward.server")
    log.addHandler(logging.StreamHandler(sys.stderr))
    log.setLevel(logging.INFO)
    with serving(chosen) as inside:

        def ready() -> None:
            out.document({"schema": "faceward/serve/1", "address": at.address})
            out.line(f"faceward listens at {at.address}; it stops with Ctrl-C.")
            sys.stdout.flush()

        serve(application(inside.desk, chosen.requests_per_minute, Proxies.read(chosen.proxies)), at, ready)
    return Exit.DONE
