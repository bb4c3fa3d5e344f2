"""Options of ``calibrate`` in, the command that makes its table again on any machine out."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from faceward.core.detection import Selection


def command(arguments: argparse.Namespace, precision: str, pack: str, root: Path) -> str:
    """Give the command, without a path of this machine.

    Args:
        arguments: The options that were given.
        precision: What was really computed in; named, as another machine might choose another one.
        pack: Folder of the evaluation pack, which becomes ``$FACEWARD_EVAL``; empty where there is none.
        root: Folder of the photos, which becomes ``$DATA`` outside the pack.
    """

    def place(path: str) -> str:
        here = Path(path).resolve()
        for base, words in ((pack, "$FACEWARD_EVAL"), (str(root), "$DATA")):
            if base and here.is_relative_to(Path(base).resolve()):
                below = here.relative_to(Path(base).resolve())
                return words if below == Path() else _quoted(f"{words}/", below.as_posix())
        return _quoted("$DATA/", here.name)

    words = ["faceward", "calibrate", place(arguments.source)]
    for option, path in (("--root", arguments.root), ("--label-errors", arguments.label_errors)):
        words += [] if path is None else [option, place(path)]
    for only in arguments.only:
        words += ["--only", shlex.quote(only)]
    words += ["--precision", precision]
    words += [] if arguments.against is None else ["--against", arguments.against]
    words += [] if arguments.which == Selection.PROMINENT else ["--which", arguments.which]
    words += [] if arguments.name is None else ["--name", shlex.quote(arguments.name)]
    return " ".join(words)


def _quoted(variable: str, below: str) -> str:
    """Join a variable, which a shell shall replace, and a path, which it shall leave alone."""
    if shlex.quote(below) == below:
        return variable + below
    return f'"{variable}"{shlex.quote(below)}'
