"""What somebody says of a law, typed at a prompt, in; documents that are filed and signed out."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from faceward import wiring
from faceward.cli import files, keys
from faceward.cli.arguments import Actions, Parser, word
from faceward.cli.exits import Exit, about
from faceward.cli.output import Output
from faceward.errors import InvalidValue
from faceward.governance.documents.registry import Registry
from faceward.governance.laws import instruments, law_filings
from faceward.governance.laws.challenges import Outcome
from faceward.governance.laws.instrument_reviews import Conflict, Opinion, ReviewerKind
from faceward.governance.laws.law_documents import ReviewBody
from faceward.governance.laws.law_filings import LawUnknown
from faceward.governance.laws.law_register import register
from faceward.settings import Settings
from faceward.transparency.signatures import SigningKey

_SHORTEST = 8  # Digits of a digest that somebody who has seen it can type, and nobody meets by chance. Ours.


def parsers(actions: Actions) -> tuple[Parser, ...]:
    """Add what signs and files."""
    file = actions.add_parser("file", description="File a law, or a newer record of one.")
    file.add_argument("file", metavar="FILE", help="JSON, see docs/reference/laws.md")
    review = actions.add_parser("review", description="Sign an opinion on a law as it stands, as a jurist.")
    review.add_argument("law", metavar="LAW", help="identifier")
    review.add_argument(
        "--digest", required=True, metavar="HEX", help="of the record you read, from `faceward law show`"
    )
    review.add_argument("--organisation", required=True, metavar="NAME", help="for whom you speak")
    word(review, "--kind", "what that organisation is", ReviewerKind, required=True)
    word(review, "--conflict", "whether you have an interest in the answer", Conflict, required=True)
    word(review, "--outcome", "what you say", Opinion, required=True)
    challenge = actions.add_parser("challenge", description="File somebody's objection to a law.")
    challenge.add_argument("law", metavar="LAW", help="identifier")
    challenge.add_argument("--by", required=True, metavar="NAME", help="who objects")
    challenge.add_argument("--text", required=True, metavar="FILE", help="why, in their words")
    rule = actions.add_parser("rule", description="Say as a jurist how a challenge of a law ends.")
    rule.add_argument("law", metavar="LAW", help="identifier")
    rule.add_argument("challenge", metavar="HEX", help="digest of the challenge, from `faceward law show`")
    endings = [it for it in Outcome if it is not Outcome.UNDECIDED]
    word(rule, "--outcome", "how it ends", endings, required=True)
    rule.add_argument("--reasons", required=True, metavar="FILE", help="why")
    for action in (file, review, challenge, rule):
        action.add_argument("--key", required=True, metavar="KEY", help="private key that you sign with")
    return file, review, challenge, rule


def run(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    """Sign and file what was said.

    Raises:
        InputError: There is no such law, or a file or an option makes no sense.
        RefusedError: Whoever signs may not.
        DependencyError: The ledger or a key cannot be read.
    """
    key = keys.signing_key(arguments.key)
    with closing(wiring.ledger(chosen)) as ledger:
        return _ACTS[arguments.action](arguments, wiring.registry(chosen, ledger), key, out)


def _file(arguments: argparse.Namespace, registry: Registry, key: SigningKey, out: Output) -> int:
    with about(arguments.file):
        law = instruments.parse(files.read(arguments.file), Path(arguments.file).name)
    law_filings.file_law(registry, law, key)
    digest = instruments.digest(law)
    out.document({"schema": "faceward/law-file/1", "law": law.identifier, "digest": digest})
    out.line(f"{law.identifier} is on file. Reviews must name its digest, {digest}.")
    return Exit.DONE


def _review(arguments: argparse.Namespace, registry: Registry, key: SigningKey, out: Output) -> int:
    known = registry.snapshot().view(register).laws.get(arguments.law)
    if known is None:
        raise LawUnknown("There is no law of that name.")
    digest = instruments.digest(known)
    if len(arguments.digest) < _SHORTEST or not digest.startswith(arguments.digest):
        raise InvalidValue(
            "That is not the digest of the record on file.",
            remedy="Read the record with `faceward law show`, and give the digest that it ends with.",
        )
    review = ReviewBody(
        arguments.organisation,
        ReviewerKind(arguments.kind),
        Conflict(arguments.conflict),
        Opinion(arguments.outcome),
        digest,
    )
    law_filings.file_review(registry, arguments.law, review, key)
    facts = registry.snapshot().view(register).facts(arguments.law, registry.now())
    assert facts is not None  # noqa: S101 - it was there a moment ago, and laws are never removed
    out.document(
        {
            "schema": "faceward/law-review/1",
            "law": arguments.law,
            "digest": digest,
            "approvals": facts.approvals,
            "public_interest": facts.public_interest,
        }
    )
    out.line(
        f"The review is on file. Approvals that count: {facts.approvals}, "
        f"{facts.public_interest} of them academic or of civil society."
    )
    return Exit.DONE


def _challenge(arguments: argparse.Namespace, registry: Registry, key: SigningKey, out: Output) -> int:
    text = files.text(arguments.text)
    filed = law_filings.file_challenge(registry, arguments.law, arguments.by, text, key)
    digest = filed.statement.digest
    out.document({"schema": "faceward/law-challenge/1", "law": arguments.law, "challenge": digest})
    out.line(f"The challenge is on file as {digest}. The law does not count until it is decided.")
    return Exit.DONE


def _rule(arguments: argparse.Namespace, registry: Registry, key: SigningKey, out: Output) -> int:
    outcome = law_filings.rule_on_challenge(
        registry, arguments.law, arguments.challenge, Outcome(arguments.outcome),
        files.text(arguments.reasons), key=key,
    )  # fmt: skip
    out.document({"schema": "faceward/law-rule/1", "law": arguments.law, "outcome": str(outcome)})
    out.line(f"The ruling is on file. The challenge is {outcome}.")
    return Exit.DONE


_ACTS: dict[str, Callable[[argparse.Namespace, Registry, SigningKey, Output], int]] = {
    "file": _file,
    "review": _review,
    "challenge": _challenge,
    "rule": _rule,
}
