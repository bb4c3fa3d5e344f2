"""An exception in, an exit code and a message with cause and remedy out; no other module maps errors.

The exit code says who must act: 2 the caller, 3 the owner of the policy, 4 the operator. So a conflict is
2: templates that must not be compared, or a rate without evidence, call for other input.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from faceward.cli.output import Output, file_name
from faceward.errors import ConflictError, DependencyError, FacewardError, InputError, RefusedError
from faceward.governance.reviews.applications import ApplicationIncomplete


class Exit(IntEnum):
    """What a script can tell from the exit code. Documented in docs/reference/cli.md."""

    DONE = 0
    NON_MATCH = 1  # of two photos, or of a ledger and what it signed
    INPUT = 2
    REFUSED = 3
    DEPENDENCY = 4
    UNEXPECTED = 70  # Source: EX_SOFTWARE of BSD sysexits.
    INTERRUPTED = 130  # 128 and the number of SIGINT, as shells give it.
    PIPE_CLOSED = 141  # 128 and the number of SIGPIPE.


_CODES: tuple[tuple[type[FacewardError], Exit], ...] = (
    (InputError, Exit.INPUT),
    (RefusedError, Exit.REFUSED),
    (ConflictError, Exit.INPUT),
    (DependencyError, Exit.DEPENDENCY),
)


class AboutFile(Exception):
    """An error together with the file it is about, as the caller named it.

    Errors themselves never hold paths, for names of files are often names of people, and errors may be
    logged. Whoever typed the path may see it again.
    """

    def __init__(self, path: str | os.PathLike[str], error: FacewardError) -> None:
        super().__init__(path, error)
        self.path = file_name(path)
        self.error = error


@contextmanager
def about(path: str | os.PathLike[str]) -> Iterator[None]:
    """Say which file an error is about.

    Raises:
        AboutFile: In place of any error of ours that comes from within.
    """
    try:
        yield
    except FacewardError as error:
        raise AboutFile(path, error) from None


def exit_code(error: FacewardError) -> Exit:
    """Give the exit code for an error."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.UNEXPECTED)


def described(error: FacewardError, path: str | None = None) -> dict[str, object]:
    """Give an error as JSON values; the keys are documented."""
    values: dict[str, object] = {"code": error.code, "cause": error.cause, "remedy": error.remedy}
    if isinstance(error, RefusedError | ApplicationIncomplete):
        values["reasons"] = list(error.reasons)
    if path is not None:
        values["path"] = path
    return values


def report(error: FacewardError, out: Output, path: str | None = None) -> Exit:
    """Say on stderr what went wrong and what to do; give the exit code."""
    if out.json:
        out.problem({"error": described(error, path)})
    else:
        place = "" if path is None else f"{path}: "
        lines = [f"faceward: {place}{error.cause}"]
        if isinstance(error, RefusedError | ApplicationIncomplete):
            lines += [f"  because: {reason}" for reason in error.reasons]
        out.complaint((*lines, f"  {error.remedy}"))
    return exit_code(error)


def mapped(error: BaseException, out: Output, *, with_traceback: bool = False) -> int:
    """Report whatever stopped a verb, and give the exit code.

    Args:
        error: What was raised.
        out: Where to say so.
        with_traceback: Show where it was raised, for whoever looks for the fault.
    """
    if with_traceback and isinstance(error, Exception):
        traceback.print_exception(error, file=out.stderr)
    match error:
        case FacewardError():
            return report(error, out)
        case AboutFile():
            return report(error.error, out, error.path)
        case KeyboardInterrupt():
            out.problem({"error": _words("interrupted", "Interrupted.", "Run it again.")})
            return Exit.INTERRUPTED
        case BrokenPipeError():
            _mute(out)
            return Exit.PIPE_CLOSED
    # The message of a foreign exception may quote what it worked on; its kind is enough for a report.
    cause = f"Something unexpected happened ({type(error).__name__}). This is a fault of faceward."
    remedy = "Run the command again with --traceback and report what it prints."
    out.problem({"error": _words("unexpected", cause, remedy)})
    return Exit.UNEXPECTED


def _words(code: str, cause: str, remedy: str) -> dict[str, str]:
    return {"code": code, "cause": cause, "remedy": remedy}


def _mute(out: Output) -> None:
    """Keep Python from complaining, at its own end, that it cannot flush to a pipe nobody reads."""
    if out.stdout is sys.stdout:
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except (OSError, ValueError):
            return
