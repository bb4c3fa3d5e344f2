"""What somebody says against a deployment, typed at a prompt, in; documents that are filed and signed out."""

from __future__ import annotations

import argparse
from contextlib import closing

from faceward import wiring
from faceward.cli import files, proposals
from faceward.cli.arguments import Actions, Parser
from faceward.cli.exits import Exit
from faceward.cli.keys import signing_key
from faceward.cli.output import Output
from faceward.governance.laws.challenges import Outcome
from faceward.governance.reviews import deployment_challenges
from faceward.settings import Settings


def parsers(actions: Actions) -> tuple[Parser, ...]:
    """Add what challenges a deployment, and what decides on a challenge."""
    challenge = actions.add_parser(
        "challenge",
        description="File somebody's objection to a deployment. It suspends nothing until it is upheld.",
    )
    challenge.add_argument("name", metavar="NAME", help="which deployment")
    challenge.add_argument("--by", required=True, metavar="WORDS", help="who objects, by name")
    why = challenge.add_mutually_exclusive_group(required=True)
    why.add_argument("--text", metavar="WORDS", help="why, in their words")
    why.add_argument("--text-file", metavar="FILE", help="or a file with their words")
    rule = actions.add_parser(
        "rule", description="Say as a reviewer how a challenge ends. One upholds it; two reject it."
    )
    rule.add_argument("name", metavar="NAME", help="which deployment")
    rule.add_argument(
        "challenge", metavar="HEX", help="digest of the challenge, from `faceward deployment show`"
    )
    endings = [str(it) for it in Outcome if it is not Outcome.UNDECIDED]
    rule.add_argument("outcome", choices=endings, metavar="|".join(endings), help="how it ends")
    rule.add_argument("--reasons", required=True, metavar="WORDS", help="why")
    for action in (challenge, rule):
        proposals.key_option(action)
    return challenge, rule


def challenge(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    """File an objection.

    Raises:
        InputError: There is no such deployment, or an option or a file makes no sense.
        RefusedError: The charter does not list the key.
        ConflictError: There is no charter yet, or somebody else filed something at the same time.
        DependencyError: The ledger, a key or a document cannot be read, or was altered.
    """
    text = arguments.text if arguments.text_file is None else files.text(arguments.text_file)
    key = signing_key(proposals.key_path(arguments.key_file, chosen))
    with closing(wiring.ledger(chosen)) as ledger:
        registry = wiring.registry(chosen, ledger)
        filed = deployment_challenges.file_challenge(registry, arguments.name, arguments.by, text, key)
    out.document(
        {"schema": "faceward/deployment-challenge/1", "deployment": arguments.name, "challenge": filed.digest}
    )
    out.line(f"The challenge is on file as {filed.digest}. It suspends the deployment once it is upheld.")
    return Exit.DONE


def rule(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    """File what somebody says of an objection.

    Raises:
        InputError: There is no such deployment or challenge, or an option makes no sense.
        RefusedError: This person decides on no challenges; every reason is given.
        ConflictError: There is no charter yet, or somebody else filed something at the same time.
        DependencyError: The ledger, a key or a document cannot be read, or was altered.
    """
    key = signing_key(proposals.key_path(arguments.key_file, chosen))
    with closing(wiring.ledger(chosen)) as ledger:
        filed = deployment_challenges.rule_on_challenge(
            wiring.registry(chosen, ledger), arguments.name, arguments.challenge, Outcome(arguments.outcome),
            arguments.reasons, key=key,
        )  # fmt: skip
    stands = filed.challenge.outcome
    out.document(
        {
            "schema": "faceward/deployment-rule/1",
            "deployment": arguments.name,
            "challenge": filed.digest,
            "outcome": str(stands),
        }
    )
    out.line(f"The ruling is on file. The challenge is {stands}.")
    if stands is Outcome.UPHELD:
        out.line(f"{arguments.name} is suspended for good: close it, and apply for another deployment.")
    return Exit.DONE
