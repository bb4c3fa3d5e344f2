"""``faceward charter explain``: the number of a record in, why it was decided so in words out."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence

from faceward import wiring
from faceward.cli import charter_policies as policies
from faceward.cli import telling
from faceward.cli.arguments import Actions, common, entry_place
from faceward.cli.exits import Exit
from faceward.cli.output import Output, counted
from faceward.governance.documents.pseudonyms import Pseudonyms
from faceward.governance.documents.snapshots import Snapshot
from faceward.governance.policies.explanations import (
    Explanation,
    charter_under,
    decision_place,
    explained,
    outcome_of,
)
from faceward.governance.policies.matrix import spoken
from faceward.governance.policies.packs import Rule
from faceward.governance.reviews.review import deployments
from faceward.ports.ledger import Ledger, LedgerCorrupt
from faceward.settings import Settings
from faceward.transparency.entries import DECISION, Entry, decode

_AT_ONCE = 1_000
"""Entries that are looked through at a time; chosen so that a large ledger is never in memory whole."""

_ASKED = (
    "action", "function", "purpose", "sector", "capture", "live", "comparisons", "subject_count",
    "on_behalf_of", "recipient", "threshold_millionths", "false_match_rate_ppb",
)  # fmt: skip
_ENDED = (
    "ending", "error", "start", "end", "comparisons", "faces", "candidates", "enrolled", "erased",
    "top_score_thousandths", "ground",
)  # fmt: skip


def add(actions: Actions) -> None:
    """Add what the verb understands."""
    it = actions.add_parser(
        "explain", description="Say why a request was decided as it was, and what would change the verdict."
    )
    it.add_argument("place", type=int, metavar="N", help="number of the record in the ledger")
    common(it)


def run(arguments: argparse.Namespace, chosen: Settings, out: Output) -> int:
    """Explain a decision.

    Raises:
        InvalidValue: There is no such record, or nothing was decided there about a use.
        DependencyError: The ledger, a key or the rules cannot be read.
    """
    with policies.records(chosen) as found:
        ledger, registry, snapshot = found.ledger, found.registry, found.snapshot
        decision = _decision(ledger, arguments.place)
        outcome = outcome_of(decision, _after(ledger, decision.seq))
        policy = registry.policy_of(snapshot.charter) if snapshot.charters else ""
        it = explained(decision, outcome, policy, _known(chosen, snapshot))
        name = _names(snapshot, registry.pseudonyms)
    charter = charter_under(snapshot, decision.policy)
    stands = None if charter is None else list(charter.stands)
    out.document({"schema": "faceward/charter-explain/1", **_described(it, name), "stands": stands})
    for line in _lines(it, name, stands):
        out.line(line)
    return Exit.DONE


def _decision(ledger: Ledger, place: int) -> Entry:
    entry = decode(_entry(ledger, place))
    at = decision_place(entry)
    decision = entry if at == entry.seq else decode(_entry(ledger, at))
    if decision.type != DECISION:
        raise LedgerCorrupt(f"Entry {place} says that entry {at} decided on it, and that is no decision.")
    return decision


def _entry(ledger: Ledger, place: int) -> bytes:
    place = entry_place(place, ledger.size())
    return ledger.entries(place, place + 1)[0]


def _after(ledger: Ledger, place: int) -> Iterator[bytes]:
    size = ledger.size()
    for start in range(place + 1, size, _AT_ONCE):
        yield from ledger.entries(start, min(start + _AT_ONCE, size))


def _known(chosen: Settings, snapshot: Snapshot) -> Mapping[str, Rule]:
    """Every rule that ships, and those of the charter's own packs."""
    own = wiring.packs(chosen, snapshot.charter).rules if snapshot.charters else {}
    return {**wiring.all_packs().rules, **own}


def _names(snapshot: Snapshot, pseudonyms: Pseudonyms) -> Callable[[str], str]:
    """What this installation calls those whom records name by pseudonyms; a stranger's stays."""
    accounts = {key.account for charter in snapshot.charters.values() for key in charter.keys}
    known = {pseudonyms.deployment(name): name for name in snapshot.view(deployments)}
    known |= {pseudonyms.actor(name): name for name in accounts}
    return lambda pseudonym: known.get(pseudonym, pseudonym)


def _described(it: Explanation, name: Callable[[str], str]) -> dict[str, object]:
    decision, outcome = it.decision, it.outcome
    return {
        "entry": decision.seq,
        "t": decision.time.isoformat(),
        "verdict": decision.body["verdict"],
        "testing": decision.body["testing"],
        "asked": {
            "deployment": name(decision.deployment),
            "actor": name(decision.actor),
            **{key: decision.body[key] for key in _ASKED},
        },
        "policy": decision.policy,
        "in_force": it.in_force,
        "rules": [
            *(
                {"rule": rule.name, "known": True, "says": rule.says, "change": it.change(rule),
                 "source": rule.source}
                for rule in it.rules
            ),
            *(
                {"rule": rule, "known": False, "says": None, "change": None, "source": None}
                for rule in it.unknown
            ),
        ],
        "outcome": outcome and {"entry": outcome.seq, **{key: outcome.body[key] for key in _ENDED}},
    }  # fmt: skip


def _lines(it: Explanation, name: Callable[[str], str], stands: Sequence[str] | None) -> Iterator[str]:
    decision, body = it.decision, it.decision.body
    if body["testing"] is True:
        yield "TEST GATE: nothing was judged here, and no ledger with such a record verifies."
    yield f"{'record':<10}{decision.seq}, {decision.time:%Y-%m-%d %H:%M:%S} UTC"
    yield f"{'asked':<10}{_asked(body)}"
    yield f"{'by':<10}{name(decision.actor) or 'nobody'}, for the deployment {name(decision.deployment)}"
    yield f"{'verdict':<10}{'allowed' if it.allowed else 'refused'}"
    yield from _policy(it, stands)
    for rule in it.rules:
        yield ""
        yield rule.name
        yield f"  {'says':<8}{rule.says}"
        yield f"  {'change':<8}{it.change(rule)}"
        yield f"  {'source':<8}{rule.source}"
    for unknown in it.unknown:
        yield ""
        yield unknown
        yield "  This rule is not known here: no pack that ships, and none of the charter in force, has it."
    if it.allowed:
        yield ""
        yield f"{'ended':<10}{_ended(it.outcome)}"


def _asked(body: Mapping[str, object]) -> str:
    what = f"{spoken(str(body['action']))} for {spoken(str(body['purpose']))}"
    parts = [f"it amounts to {body['function']}", f"sector {spoken(str(body['sector']))}"]
    if body["capture"] != "unknown":
        parts.append(f"photo {spoken(str(body['capture']))}")
    parts += ["people who do not present themselves"] if body["live"] else []
    for key, thing in (("comparisons", "comparison"), ("subject_count", "named person")):
        if body[key]:
            parts.append(counted(int(str(body[key])), thing))
    return f"{what}; {', '.join(parts)}"


def _policy(it: Explanation, stands: Sequence[str] | None) -> Iterator[str]:
    named = "" if stands is None else f", with {', '.join(stands) or 'no stand'}"
    since = "in force" if it.in_force else "not in force now"
    yield f"{'policy':<10}{it.decision.policy[:16]}{named}; {since}"
    if not it.in_force:
        yield f"{'':<10}It was judged under other policies. Rules are told as they read now."


def _ended(outcome: Entry | None) -> str:
    if outcome is None:
        return "no outcome is on record: it is under way, or was cut off"
    return f"{telling.ending(outcome.body)}, entry {outcome.seq}"
