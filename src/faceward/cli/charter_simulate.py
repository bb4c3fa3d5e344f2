"""``faceward charter simulate``: a date and stands in, which uses on record would be allowed then out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from faceward import wiring
from faceward.cli import charter_policies as policies
from faceward.cli.arguments import Actions, common
from faceward.cli.exits import Exit
from faceward.cli.law import moment
from faceward.cli.output import Output
from faceward.governance.policies.packs import Rule
from faceward.governance.policies.prospects import Prospect
from faceward.governance.policies.simulation import would_be_allowed
from faceward.ports.policy_engine import Answer
from faceward.settings import Settings
from faceward.transparency.words import Capture, Function, Purpose


@dataclass(frozen=True, slots=True)
class Row:
    """Uses that differ in nothing but what photos are taken with, and have one answer.

    Attributes:
        deployment: Its identifier.
        purpose: What for.
        function: What it amounts to.
        captures: What photos are taken with.
        answer: What the rules say.
    """

    deployment: str
    purpose: Purpose
    function: Function
    captures: tuple[Capture, ...]
    answer: Answer

    @property
    def verdict(self) -> str:
        """The answer in words."""
        return "allowed" if self.answer.allowed else f"refused by {', '.join(self.answer.rules)}"


def add(actions: Actions) -> None:
    """Add what the verb understands."""
    it = actions.add_parser(
        "simulate",
        description="Say which uses on record would be allowed on a date, and what refuses others.",
    )
    it.add_argument("--on", required=True, metavar="DATE", help="when, such as 2026-01-31; UTC")
    it.add_argument(
        "--stand", action="extend", nargs="+", default=[], choices=policies.STANDS, metavar="NAME",
        help="judge by exactly these stands, base for none of them (default: the charter in force): "
        + ", ".join(policies.STANDS),
    )  # fmt: skip
    it.add_argument("--deployment", metavar="NAME", help="one deployment (default: all)")
    it.add_argument(
        "--as-if-reviewed", action="store_true",
        help="as if all that people signed until now had been signed so that it covers the date",
    )  # fmt: skip
    common(it)


def run(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    """Simulate a date.

    Raises:
        InputError: The date is none, or there is no such deployment.
        CharterMissing: There is no installation yet.
        DependencyError: What is on record cannot be read, or the rules cannot be judged.
    """
    on = moment(arguments.on)
    names = [arguments.deployment] if arguments.deployment else []
    with policies.records(chosen) as found:
        charter = found.snapshot.charter
        packs = policies.of_stands(arguments.stand) if arguments.stand else wiring.packs(chosen, charter)
        cases = found.cases(on, names, reviewed=arguments.as_if_reviewed)
    engine = wiring.engine(packs)
    rows = _rows({it: would_be_allowed(engine, case, on=on) for it, case in cases.items()})
    refused = sorted({name for row in rows if not row.answer.allowed for name in row.answer.rules})
    rules = packs.explained(refused) if refused else ()
    out.document(
        {
            "schema": "faceward/charter-simulate/1",
            "on": on.isoformat(),
            "packs": [pack.name for pack in packs.active],
            "as_if_reviewed": arguments.as_if_reviewed,
            "uses": [_described(row) for row in rows],
            "rules": [
                {"rule": it.name, "says": it.says, "change": it.change, "source": it.source} for it in rules
            ],
        }
    )
    moved = ", as if it had been reviewed then" if arguments.as_if_reviewed else ""
    out.line(f"On {on:%Y-%m-%d}, by {policies.words(packs)}{moved}:")
    _tell(rows, rules, out)
    return Exit.DONE


def _rows(answers: Mapping[Prospect, Answer]) -> list[Row]:
    alike: dict[tuple[str, Purpose, Function, Answer], list[Capture]] = {}
    for it, answer in answers.items():
        alike.setdefault((it.deployment, it.purpose, it.function, answer), []).append(it.capture)
    return [
        Row(deployment, purpose, function, tuple(captures), answer)
        for (deployment, purpose, function, answer), captures in alike.items()
    ]


def _described(it: Row) -> dict[str, object]:
    return {
        "deployment": it.deployment,
        "purpose": str(it.purpose),
        "function": str(it.function),
        "captures": [str(one) for one in it.captures],
        "allowed": it.answer.allowed,
        "rules": list(it.answer.rules),
    }


def _tell(rows: Sequence[Row], rules: Sequence[Rule], out: Output) -> None:
    if not rows:
        out.line("No deployment is on record; `faceward deployment trial --help` says how to open a trial.")
        return
    out.table(
        ("deployment", "purpose", "function", "photos", "verdict"),
        (
            (it.deployment, str(it.purpose), str(it.function), ", ".join(it.captures), it.verdict)
            for it in rows
        ),
        indent="  ",
    )
    for rule in rules:
        out.line()
        out.line(f"{rule.name}: {rule.says}")
        out.line(f"  What would change it: {rule.change}")
