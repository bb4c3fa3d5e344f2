"""A law and what is wanted of it in, words out: what is asked, what the record says, what would help."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from faceward.governance.facts import InstrumentFacts
from faceward.governance.laws.challenges import counts_against_law
from faceward.governance.laws.criteria import Criterion, CriterionName
from faceward.governance.laws.instrument_reviews import ENOUGH, ENOUGH_PUBLIC
from faceward.governance.laws.instruments import UNKNOWN, Instrument
from faceward.governance.laws.moments import LONG_AGO, NEVER, written
from faceward.transparency.words import Body, Function, Purpose


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a law is asked to allow.

    Attributes:
        country: Where, ISO 3166-1 alpha-2.
        agency: To whom.
        functions: What they would do.
        purpose: For what.
    """

    country: str
    agency: Body
    functions: frozenset[Function]
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Explanation:
    """Words about one condition.

    Attributes:
        asks: What must hold.
        record: What the record says.
        remedy: What would change it.
    """

    asks: str
    record: str
    remedy: str

    def told(self, holds: bool) -> tuple[bool, str, str, str]:
        """Whether it holds, and the words; what holds needs no remedy."""
        return holds, self.asks, self.record, "" if holds else self.remedy


def explained(law: Instrument, facts: InstrumentFacts, wanted: Wanted) -> dict[str, Explanation]:
    """Words about every condition of the gate, by its name."""
    answers = {name.value: _of_criterion(law.answer(name)) for name in CriterionName}
    return _of_the_law(law, wanted) | _of_the_scope(law, wanted) | answers | _of_the_reviews(law, facts)


def _of_the_law(law: Instrument, wanted: Wanted) -> dict[str, Explanation]:
    return {
        "level": Explanation(
            "It is a national law.",
            f"It is {law.level}.",
            "Only a national law helps: one that binds the agency everywhere in its country.",
        ),
        "country": Explanation(
            f"It is a law of {wanted.country}.",
            f"It is a law of {law.country}.",
            f"Only a law of {wanted.country} helps.",
        ),
        "status": Explanation(
            "It is in force.",
            f"Its status is {law.status}.",
            "It must be enacted and in force; the record must say so and be reviewed anew.",
        ),
        "effective": Explanation(
            "It has begun.",
            f"It begins: {written(law.effective)}.",
            "Wait until it begins; a beginning that is not known counts as never.",
        ),
        "ends": Explanation(
            "It has not ended.",
            f"It ends: {written(law.ends)}.",
            "It must be renewed; an end that is not known counts as past.",
        ),
    }


def _of_the_scope(law: Instrument, wanted: Wanted) -> dict[str, Explanation]:
    def named(what: str, asked: str, found: str) -> Explanation:
        return Explanation(
            f"It names the {what} {asked}.",
            f"It names: {found}.",
            f"Only a law that names {asked} helps; what a law does not name, it does not allow.",
        )

    scope = law.scope
    return {
        "agency": named("agency", str(wanted.agency), _listed(scope.agencies)),
        "function": named("function", _listed(wanted.functions), _listed(scope.functions)),
        "purpose": named("purpose", str(wanted.purpose), _listed(scope.purposes)),
    }


def _of_criterion(it: Criterion) -> Explanation:
    where = f" at {it.pinpoint}" if it.pinpoint else ""
    why = f": {it.note}" if it.note else "."
    return Explanation(
        f"The law {it.name.demand}.",
        f"The answer is {it.answer}{where}{why}",
        "The law must say so, the record must name the section, and reviewers must sign that it does.",
    )


def _of_the_reviews(law: Instrument, facts: InstrumentFacts) -> dict[str, Explanation]:
    has = f"The record has {_counted(len(law.reviews), 'review')}"
    unpinned = " Nobody can have reviewed a text that is not pinned." if law.text_sha256 == UNKNOWN else ""
    against = sum(counts_against_law([it]) for it in law.challenges)
    return {
        "reviewers": Explanation(
            f"At least {ENOUGH} reviewers of different organisations approve it, none of them a vendor, a "
            "customer or in a conflict of interest.",
            f"{has}, of which {facts.approvals} count.{unpinned}",
            "Have independent reviewers sign the record as it stands, with `faceward law review`.",
        ),
        "public_interest": Explanation(
            f"At least {ENOUGH_PUBLIC} of them is academic or of civil society.",
            f"{has}, of which {facts.public_interest} count as that.",
            "Have a university or an organisation of civil society review it.",
        ),
        "window": Explanation(
            "The time for challenges is over, at least 30 days after enough reviewers had approved.",
            f"It is over: {_moment(facts.window_closed)}.",
            "Publish the record with its reviews and wait; a window that never opened never closes.",
        ),
        "challenges": Explanation(
            "No challenge is upheld or undecided.",
            f"The record has {_counted(len(law.challenges), 'challenge')}, of which {against} count.",
            "Decide the open ones, with reasons; after one that is upheld, another record is needed.",
        ),
        "review_until": Explanation(
            "Its reviews still hold.",
            f"They hold until: {_moment(facts.review_until)}.",
            "Have it reviewed anew; reviews hold for 12 months at most.",
        ),
    }


def _moment(moment: datetime) -> str:
    return {NEVER: "never", LONG_AGO: "none holds"}.get(moment) or written(moment)


def _listed(names: frozenset[Body] | frozenset[Function] | frozenset[Purpose]) -> str:
    return ", ".join(sorted(map(str, names))) or "none"


def _counted(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing if number == 1 else thing + 's'}"
