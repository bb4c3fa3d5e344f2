"""The words of a command line in, an exit code out: ``faceward VERB …``.

A verb's module is imported when that verb is asked for, so that ``faceward version`` does not load a runtime.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from importlib import import_module

from faceward.cli.exits import Exit, mapped
from faceward.cli.output import Output
from faceward.errors import InvalidValue

VERBS = {
    "detect": "find the faces in photos and say what each is fit for",
    "compare": "decide whether two photos show one person, and on which evidence",
    "verify": "compare two photos for a reviewed use, judged and recorded by the gate",
    "embed": "make a template of a face and seal it for a recipient",
    "key": "make the key pair that templates are sealed with",
    "calibrate": "measure how often strangers match on labelled photos; make operating points",
    "models": "list, show, verify and add models, with their licences and measured rates",
    "charter": "found an installation, and change its promise only with enough signatures",
    "stand": "list the positions that an installation can take, and what each refuses in words",
    "deployment": "open a trial, apply for a use, review it, and see where each stands",
    "organisation": "record what a review found an organisation to be",
    "authority": "record warrants, orders and emergencies that a use rests on, and end them",
    "ledger": "show, export and verify the record of every decision, and prove what is in it",
    "witness": "cosign the checkpoints of a ledger, as somebody who sees that it only grows",
    "law": "which laws police use would need, what each lacks, and what people file about them",
    "access": "make, list and revoke the API keys of a deployment",
    "serve": "run the server: the REST API, behind the gate",
    "doctor": "say what runs where, and what to do about each problem",
    "bench": "measure how long each stage takes on this machine",
    "version": "name the version, the runtime and the licences in force",
}

_FOOT = """\
Run `faceward VERB --help` for one of them. Exit codes: 0 match or done, 1 non-match or not
verified, 2 input, 3 refused, 4 a part is missing or broken, 130 interrupted. Templates never appear in any
output."""


def main(words: Sequence[str] | None = None) -> int:
    """Run one verb.

    Args:
        words: The command line without the program's name; that of this process where it is ``None``.

    Returns:
        The exit code, see `Exit`. Nothing is raised.
    """
    given = list(sys.argv[1:] if words is None else words)
    options = given[: given.index("--")] if "--" in given else given
    # Known before anything is parsed, so that a complaint about the command line itself has the right form.
    out = Output(json="--json" in options, quiet="--quiet" in options)
    try:
        return _run(given, out)
    except SystemExit as left:  # argparse leaves so after --help
        return left.code if isinstance(left.code, int) else Exit.DONE
    except (KeyboardInterrupt, Exception) as error:
        try:
            return mapped(error, out, with_traceback="--traceback" in options)
        except BrokenPipeError as closed:
            return mapped(closed, out)


def _run(words: list[str], out: Output) -> int:
    verb, *rest = words or ["--help"]
    if verb in {"-h", "--help", "help"}:
        _help(out)
        return Exit.DONE
    if verb in {"-V", "--version"}:
        verb = "version"
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, VERBS, 1)
        raise InvalidValue(
            f"There is no verb {verb!r}; the verb comes first.",
            remedy=f"Did you mean `faceward {near[0]}`?" if near else f"The verbs are {', '.join(VERBS)}.",
        )
    module = import_module(f"faceward.cli.{verb}")
    arguments = module.parser().parse_args(rest)
    return int(module.run(arguments, out))


def _help(out: Output) -> None:
    out.line("usage: faceward VERB …")
    out.line()
    out.line("Face recognition that measures how often it is wrong.")
    out.line()
    out.table(("verb", "what it does"), VERBS.items(), indent="  ")
    out.line()
    for text in _FOOT.splitlines():
        out.line(text)


if __name__ == "__main__":
    sys.exit(main())
