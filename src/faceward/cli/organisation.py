"""``faceward organisation``: record what a review found an organisation to be, and list what is known."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import timedelta

from faceward import wiring
from faceward.cli import proposals
from faceward.cli.arguments import Parser, common, settings
from faceward.cli.exits import Exit
from faceward.cli.keys import signing_key
from faceward.cli.law import moment
from faceward.cli.output import Output
from faceward.governance.reviews import decisions, organisations, proceedings
from faceward.governance.reviews.organisations import Organisation, body_at
from faceward.reading import Record
from faceward.transparency.words import Body


def parser() -> Parser:
    """What the verb understands."""
    it = Parser(
        prog="faceward organisation",
        description="Record what organisations are. Whoever is not on record counts as the police.",
    )
    actions = it.add_subparsers(dest="action", required=True, metavar="review|list")
    review = actions.add_parser("review", description="Record what a review found; a reviewer signs.")
    review.add_argument("name", metavar="ID", help="identifier, as applications name the organisation")
    review.add_argument("--name", dest="title", required=True, metavar="WORDS", help="what it is called")
    review.add_argument(
        "--body", required=True, choices=[*Body], metavar="WORD", help=f"what it is: {', '.join(Body)}"
    )
    review.add_argument("--country", required=True, metavar="CODE", help="as in ISO 3166-1, such as DE")
    review.add_argument("--evidence", required=True, metavar="WORDS", help="what shows it")
    review.add_argument("--until", metavar="DATE", help="when it must be reviewed again (default: a year)")
    proposals.key_option(review)
    listing = actions.add_parser("list", description="List what is known of organisations.")
    for action in (review, listing):
        common(action)
    return it


def run(arguments: argparse.Namespace, out: Output) -> int:
    """Do what was asked about organisations.

    Raises:
        InputError: An option makes no sense.
        RefusedError: This person reviews no organisations; every reason is given.
        ConflictError: There is no charter yet, or somebody else filed something at the same time.
        DependencyError: The ledger, a key or a document cannot be read, or was altered.
    """
    chosen = settings(arguments)
    with closing(wiring.ledger(chosen)) as ledger:
        registry = wiring.registry(chosen, ledger)
        now = registry.now()
        if arguments.action == "review":
            year = (now + decisions.LONGEST - timedelta(minutes=1)).replace(microsecond=0)
            until = year if arguments.until is None else moment(arguments.until)
            it = Organisation(
                arguments.title, Body(arguments.body), arguments.country, arguments.evidence, until
            )
            organisations.parse(Record(organisations.as_json(it), "organisation", organisations.REMEDY))
            key = signing_key(proposals.key_path(arguments.key_file, chosen))
            counts = proceedings.review_organisation(registry, arguments.name, it, key)
            out.document(
                {
                    "schema": "faceward/organisation/1",
                    "organisation": arguments.name,
                    "body": str(it.body),
                    "counts_as": str(counts),
                }
            )
            out.line(f"{arguments.name} counts as {counts}.")
            if counts is not it.body:
                out.line("To treat it less strictly takes a second reviewer who finds the same.")
            return Exit.DONE
        snapshot = registry.snapshot()
        known = snapshot.view(organisations.organisations)
    rows = [
        (name, one.name, str(one.body), str(body_at(snapshot, name, now)), f"{one.until:%Y-%m-%d}")
        for name, one in sorted(known.items())
    ]
    keys = ("organisation", "name", "body", "counts_as", "until")
    out.document(
        {
            "schema": "faceward/organisation-list/1",
            "organisations": [dict(zip(keys, row, strict=True)) for row in rows],
        }
    )
    out.table(("organisation", "name", "body", "counts as", "until"), rows)
    return Exit.DONE
