"""Words of a command line in, options and settings out; what makes no sense is an `InvalidValue`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NoReturn, TypeAlias

from faceward.errors import InvalidValue
from faceward.settings import Settings, read


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are errors like all others, with a remedy and in JSON where asked."""

    def __init__(self, **options: Any) -> None:
        # An abbreviation would change its meaning when an option is added.
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        """Raise instead of leaving.

        Raises:
            InvalidValue: Always.
        """
        cause = message[:1].upper() + message[1:].rstrip(".") + "."
        raise InvalidValue(cause, remedy=f"Run `{self.prog} --help` for what is allowed.")


Actions: TypeAlias = "argparse._SubParsersAction[Parser]"
"""Where a verb adds what can be done; argparse has no public name for it."""


def common(parser: argparse.ArgumentParser) -> None:
    """Add what every verb understands."""
    group = parser.add_argument_group("output")
    group.add_argument("--json", action="store_true", help="write JSON, described in docs/reference/cli.md")
    group.add_argument("--quiet", action="store_true", help="write results and errors only")
    group.add_argument("--traceback", action="store_true", help="show where an error was raised")


def engine(parser: argparse.ArgumentParser) -> None:
    """Add where the networks run; what is not given here comes from the settings."""
    group = parser.add_argument_group("engine", "what is not given comes from FACEWARD_… settings")
    group.add_argument("--runtime", choices=("openvino", "onnxruntime"), help="what runs the networks")
    group.add_argument("--device", metavar="NAME", help="where, for example cpu; a missing one is an error")
    group.add_argument("--precision", choices=("auto", "f32", "bf16"), help="arithmetic of the networks")
    group.add_argument("--threads", type=int, metavar="N", help="threads for one run of a network")


def selection(parser: argparse.ArgumentParser, default: str | None) -> None:
    """Add whose face is meant."""
    words = "of several faces: the largest one in the middle, the largest, or the one nearest the middle"
    parser.add_argument(
        "--which",
        choices=("prominent", "largest", "central"),
        default=default,
        help=f"{words} (default: {default or 'all of them'})",
    )


def word(  # noqa: PLR0913 - the parts of an option
    parser: argparse.ArgumentParser,
    name: str,
    asks: str,
    words: Iterable[str],
    *,
    default: str | None = None,
    required: bool = False,
) -> None:
    """Add an option that takes one word of a closed list, and names them all where it is explained."""
    choices = tuple(map(str, words))
    known = f"{asks}: {', '.join(choices)}" + (f" (default: {default})" if default else "")
    parser.add_argument(name, choices=choices, default=default, required=required, metavar="WORD", help=known)


def settings(arguments: argparse.Namespace) -> Settings:
    """Read the settings, and let the options win.

    Raises:
        InvalidValue: A setting or an option makes no sense.
    """
    given = {
        name: getattr(arguments, name)
        for name in ("runtime", "device", "precision", "threads")
        if getattr(arguments, name, None) is not None
    }
    return replace(read(), **given)


def entry_place(place: int, size: int) -> int:
    """Give the number of an entry, if a ledger has it.

    Raises:
        InvalidValue: It has no such entry.
    """
    if not 0 <= place < size:
        raise InvalidValue(
            f"There is no entry {place}.", remedy=f"The ledger has {size} entries; the first is 0."
        )
    return place


def rate(text: str) -> float:
    """Read a false match rate for argparse."""
    value = float(text)
    if not 0.0 < value < 1.0:
        raise argparse.ArgumentTypeError(f"a false match rate lies between 0 and 1, not at {text}")
    return value
