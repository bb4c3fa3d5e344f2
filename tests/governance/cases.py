"""Uses to judge: allowed ones of every kind, each changed in every single way and in many pairs of ways.

Nothing is drawn by chance: pairs are taken at even steps through all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import combinations

from governance.oracle import REFUSALS, refusals

from faceward.governance.facts import DeploymentFacts, InstrumentFacts, UseFacts
from faceward.governance.policies.simulation import Case
from faceward.transparency.words import (
    Action,
    AuditVerdict,
    Body,
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Safeguard,
    Sector,
    Source,
    Status,
)

STANDS = tuple(name for name in REFUSALS if name != "base")
COMBINATIONS: tuple[tuple[str, ...], ...] = ((), *((name,) for name in STANDS), STANDS)
"""No stand, each alone, and all together."""

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
CORE = frozenset(f"HR-{number:02d}" for number in range(1, 15))
EXCEPTIONAL = (
    Purpose.MISSING_PERSON, Purpose.TRAFFICKING_VICTIM, Purpose.DECEASED_PERSON, Purpose.HUMANITARIAN,
    Purpose.EMERGENCY_LIFE, Purpose.CRIMINAL_INVESTIGATION,
)  # fmt: skip
PAIRS_OF_EACH = 40
"""Pairs of changes that are tried around each allowed use under each combination of stands."""

Changes = dict[str, object]


@dataclass(frozen=True)
class Tried:
    """One use under some stands.

    Attributes:
        stands: The stands that are active.
        case: The use.
        changed: What was changed from an allowed use, for messages and for choosing.
    """

    stands: tuple[str, ...]
    case: Case
    changed: tuple[str, ...]


# --- what is allowed -------------------------------------------------------------------------------------

LAW = InstrumentFacts(
    country="XX",
    level="national",
    status="in_force",
    effective=NOW - 400 * DAY,
    ends=NOW + 400 * DAY,
    agencies=frozenset({"police", "border"}),
    functions=frozenset({"verify", "identify", "live"}),
    purposes=frozenset(str(purpose) for purpose in (*EXCEPTIONAL, Purpose.VERIFY_ACCOUNT)),
    met=CORE,
    approvals=2,
    public_interest=1,
    window_closed=NOW - 300 * DAY,
    upheld_challenge=False,
    review_until=NOW + 60 * DAY,
)

COUNTER = Case(
    Action.VERIFY,
    DeploymentFacts(
        country="XX",
        agency=Body.COMPANY,
        place=Place.PRIVATE,
        tier=1,
        status=Status.APPROVED,
        opened=NOW - 100 * DAY,
        review_until=NOW + 100 * DAY,
        purposes=frozenset({Purpose.VERIFY_ACCOUNT}),
        functions=frozenset({Function.VERIFY}),
        captures=frozenset({Capture.SUPERVISED}),
        approvers=1,
        enhanced=False,
        factors=True,
        voluntary=True,
        human=True,
        safeguards=frozenset(Safeguard),
        max_enrolled=500,
        max_daily=90,
        instrument=None,
    ),
    UseFacts(
        now=NOW,
        purpose=Purpose.VERIFY_ACCOUNT,
        function=Function.VERIFY,
        sector=Sector.COMMERCIAL,
        capture=Capture.SUPERVISED,
        live=False,
        targeted=True,
        own_gallery=True,
        source=Source.SUBJECTS,
        ground=Ground.CONSENT,
        minors=Minors.NONE,
        authority=False,
        audit=AuditVerdict.PASS,
        banned=False,
        enrolled_after=400,
        daily_after=80,
        customer_enrolled_after=900,
        customer_daily_after=95,
        tier_enrolled=1000,
        tier_daily=100,
        customer_tier=1,
    ),
)


def changed(case: Case, **changes: object) -> Case:
    """A use with other facts; ``law_…`` are those of its law, ``action`` and ``member`` its own."""
    own = {name: value for name, value in changes.items() if name in ("action", "member")}
    law = {name[4:]: value for name, value in changes.items() if name.startswith("law_")}
    of_deployment = {name: value for name, value in changes.items() if name in _DEPLOYMENT}
    of_use = {name: value for name, value in changes.items() if name in _USE}
    assert len(own) + len(law) + len(of_deployment) + len(of_use) == len(changes), changes
    deployment = replace(case.deployment, **of_deployment)
    if law and deployment.instrument is not None:
        deployment = replace(deployment, instrument=replace(deployment.instrument, **law))
    return replace(case, deployment=deployment, use=replace(case.use, **of_use), **own)


_DEPLOYMENT = {field.name for field in fields(DeploymentFacts)}
_USE = {field.name for field in fields(UseFacts)}


def _for(case: Case, purpose: Purpose, function: Function, capture: Capture, **changes: object) -> Case:
    """A use for another purpose, with all that the review of that needs."""
    return changed(
        case,
        purpose=purpose,
        purposes=frozenset({purpose}),
        function=function,
        functions=frozenset({function} - {Function.UPKEEP}),
        capture=capture,
        captures=frozenset({capture}),
        **changes,
    )


GREAT = {"tier": 2, "approvers": 2, "customer_tier": 2}
EXCEPTION = GREAT | {"enhanced": True, "authority": True}
POLICE = EXCEPTION | {"sector": Sector.LAW_ENFORCEMENT, "agency": Body.POLICE, "instrument": LAW}
UPKEEP = Function.UPKEEP
ALLOWED: dict[str, Case] = {
    "counter": COUNTER,
    "driver": _for(
        COUNTER, Purpose.VERIFY_WORKER, Function.VERIFY, Capture.UNATTENDED, action=Action.COMPARE,
    ),
    "clinic door": _for(
        COUNTER, Purpose.ACCESS_OPTIN, Function.IDENTIFY, Capture.KIOSK, action=Action.IDENTIFY, **GREAT,
        sector=Sector.HEALTH, agency=Body.HOSPITAL, place=Place.SEMI_PUBLIC, human=False,
    ),
    "trial": changed(
        COUNTER, tier=0, approvers=0, audit=AuditVerdict.NONE, customer_tier=0,
        place=Place.SEMI_PUBLIC,
    ),
    "trial of a search": _for(
        COUNTER, Purpose.DUPLICATE_CHECK, Function.IDENTIFY, Capture.UPLOAD, action=Action.IDENTIFY, tier=0,
        approvers=0, audit=AuditVerdict.FAIL, customer_tier=0, safeguards=frozenset(),
    ),
    "school": _for(
        COUNTER, Purpose.PERSONALISE_OPTIN, Function.IDENTIFY, Capture.SUPERVISED, action=Action.GROUP,
        sector=Sector.EDUCATION, agency=Body.SCHOOL, minors=Minors.GUARDED, enhanced=True, **GREAT,
    ),
    "archive": _for(
        COUNTER, Purpose.MEDIA_ARCHIVE, Function.ANALYSE, Capture.UPLOAD, action=Action.DETECT,
        sector=Sector.NON_PROFIT, agency=Body.NON_PROFIT, ground=Ground.OTHER, source=Source.OWN_RECORDS,
        place=Place.PUBLIC, safeguards=frozenset(),
    ),
    "counting": _for(
        COUNTER, Purpose.VERIFY_WORKER, Function.ANALYSE, Capture.UPLOAD, action=Action.DETECT, tier=3,
        approvers=3, customer_tier=3,
    ),
    "office": changed(COUNTER, sector=Sector.GOVERNMENT, agency=Body.MINISTRY),
    "enrolment": _for(COUNTER, Purpose.VERIFY_ACCOUNT, UPKEEP, Capture.DOCUMENT, action=Action.ENROL),
    "enrolment for live": _for(
        COUNTER, Purpose.ACCESS_OPTIN, UPKEEP, Capture.FIXED_CAMERA, action=Action.ENROL, live=True,
        authority=True, **GREAT,
    ),
    "export": _for(COUNTER, Purpose.VERIFY_WORKER, UPKEEP, Capture.UPLOAD, action=Action.EXPORT, **GREAT),
    "search for the missing": _for(
        COUNTER, Purpose.MISSING_PERSON, Function.IDENTIFY, Capture.UPLOAD, action=Action.FIND_SIMILAR,
        **EXCEPTION, sector=Sector.NON_PROFIT, agency=Body.NON_PROFIT, source=Source.AUTHORITY,
        ground=Ground.OTHER,
    ),
    "gate": _for(
        COUNTER, Purpose.ACCESS_OPTIN, Function.LIVE, Capture.FIXED_CAMERA, action=Action.IDENTIFY, live=True,
        authority=True, **GREAT,
    ),
    "square": _for(
        COUNTER, Purpose.EMERGENCY_LIFE, Function.LIVE, Capture.HANDHELD, action=Action.IDENTIFY, live=True,
        **EXCEPTION | {"tier": 3, "customer_tier": 3}, sector=Sector.GOVERNMENT, agency=Body.MUNICIPALITY,
        place=Place.PUBLIC,
    ),
    "lobby": changed(
        _for(COUNTER, Purpose.VERIFY_ACCOUNT, Function.VERIFY, Capture.KIOSK, live=True, authority=True),
        place=Place.SEMI_PUBLIC,
    ),
    "police search": _for(
        COUNTER, Purpose.CRIMINAL_INVESTIGATION, Function.IDENTIFY, Capture.UPLOAD, action=Action.IDENTIFY,
        **POLICE,
    ),
    "police live": _for(
        COUNTER, Purpose.TRAFFICKING_VICTIM, Function.LIVE, Capture.FIXED_CAMERA, action=Action.IDENTIFY,
        **POLICE, live=True, place=Place.PUBLIC,
    ),
    "police account": _for(
        COUNTER, Purpose.VERIFY_ACCOUNT, Function.VERIFY, Capture.SUPERVISED, **POLICE | {"authority": False},
    ),
    "police enrolment": changed(
        _for(COUNTER, Purpose.MISSING_PERSON, UPKEEP, Capture.UPLOAD, action=Action.ENROL, **POLICE),
        functions=frozenset({Function.IDENTIFY, Function.VERIFY}),
        law_ends=None,
    ),
    "police without a law": _for(
        COUNTER, Purpose.VERIFY_ACCOUNT, Function.VERIFY, Capture.UPLOAD, **POLICE | {"instrument": None},
    ),
    "withdrawal": changed(COUNTER, action=Action.WITHDRAW, function=Function.RIGHT),
    "consent to what was never reviewed": changed(
        COUNTER, action=Action.CONSENT, function=Function.RIGHT, ground=Ground.NONE, status=Status.PENDING,
    ),
    "keys of an office that was closed": changed(
        COUNTER, action=Action.ADMINISTER, function=Function.KEEPING, status=Status.CLOSED,
        sector=Sector.GOVERNMENT, agency=Body.MINISTRY, review_until=NOW - DAY, ground=Ground.NONE,
    ),
    "look through bought photos": changed(
        COUNTER, action=Action.READ, function=Function.KEEPING, source=Source.BOUGHT, ground=Ground.NONE,
        purpose=Purpose.UNKNOWN,
    ),
    "new gallery": changed(COUNTER, action=Action.ARRANGE, function=Function.KEEPING, ground=Ground.NONE),
}  # fmt: skip
MOMENTS = (
    datetime(2020, 6, 10, tzinfo=UTC),
    datetime(2020, 12, 1, tzinfo=UTC),
    datetime(2021, 6, 10, tzinfo=UTC),
)


def moved(case: Case, to: datetime) -> Case:
    """The same use at another time, its approval, law and reviews with it."""
    shift = to - case.use.now
    dates = {name: getattr(case.deployment, name) + shift for name in ("opened", "review_until")}
    law = case.deployment.instrument
    of_law = {} if law is None else {
        f"law_{name}": None if getattr(law, name) is None else getattr(law, name) + shift
        for name in ("effective", "ends", "window_closed", "review_until")
    }  # fmt: skip
    return changed(case, now=to, **dates, **of_law)


ALLOWED |= {
    f"{name} in {moment:%Y-%m}": moved(ALLOWED[name], moment)
    for name, moments in (
        ("police search", MOMENTS),
        ("police live", MOMENTS[1:2]),
        ("police account", MOMENTS[2:]),
    )
    for moment in moments
}
FOCUS = {
    "microsoft-2020": ("counter", "office", "police search", "police live", "police enrolment"),
    "amazon-2020": tuple(name for name in ALLOWED if " in 20" in name),
    "amazon-2021": ("police search", "police search in 2021-06"),
    "ibm-2020": ("counter", "driver", "gate", "counting"),
    "no-government": ("counter", "police search"),
    "no-mass-surveillance": ("gate", "square", "lobby"),
}
"""The uses to which every single change is made under a stand that has something to say about them."""


# --- and every way to change it --------------------------------------------------------------------------


def single_changes(case: Case) -> Iterator[Changes]:
    """Every change of one fact that there is: each word of each list, each number about each bound."""
    it, use, now = case.deployment, case.use, case.use.now
    for name, words in (
        ("purpose", Purpose), ("function", Function), ("sector", Sector), ("capture", Capture),
        ("source", Source), ("ground", Ground), ("minors", Minors), ("audit", AuditVerdict),
        ("action", Action), ("place", Place), ("status", Status), ("agency", Body),
    ):  # fmt: skip
        yield from ({name: word} for word in words)
    for name in (
        "live", "targeted", "own_gallery", "authority", "banned", "enhanced", "factors", "voluntary", "human",
        "member",
    ):  # fmt: skip
        yield {name: False}
        yield {name: True}
    yield from _changed_lists(case)
    for name, bound in (
        ("enrolled_after", it.max_enrolled), ("daily_after", it.max_daily),
        ("customer_enrolled_after", use.tier_enrolled), ("customer_daily_after", use.tier_daily),
    ):  # fmt: skip
        yield from ({name: number} for number in (0, bound - 1, bound, bound + 1, 10 * bound))
    yield from ({"tier": tier} for tier in range(4))
    yield from ({"approvers": approvers} for approvers in range(4))
    yield from ({"customer_tier": tier} for tier in range(4))
    for moment in (it.opened, it.review_until, *MOMENTS):
        yield from ({"now": moment + shift} for shift in (-SECOND, timedelta(0), SECOND))
    for name in ("opened", "review_until"):
        yield from ({name: now + shift} for shift in (-SECOND, timedelta(0), SECOND))
    yield {"country": "YY"}
    if it.instrument is not None:
        yield from _changed_law(it.instrument, now)


def _changed_lists(case: Case) -> Iterator[Changes]:
    it = case.deployment
    yield {"purposes": frozenset()}
    for purpose in Purpose:
        yield {"purposes": it.purposes | {purpose}, "purpose": purpose}
    yield {"functions": frozenset()}
    for function in Function:
        yield {"functions": it.functions | {function}}
        yield {"functions": it.functions | {function}, "function": function}
    yield {"captures": frozenset()}
    for capture in Capture:
        yield {"captures": it.captures | {capture}, "capture": capture}
    yield {"safeguards": frozenset()}
    for safeguard in Safeguard:
        yield {"safeguards": frozenset(Safeguard) - {safeguard}}
        yield {"safeguards": frozenset({safeguard})}
        yield {"safeguards": frozenset(Safeguard) - {safeguard}, "human": False}
    for tier in range(4):
        yield {"tier": tier, "customer_tier": tier}
        yield from ({"tier": tier, "customer_tier": tier, "approvers": number} for number in range(4))
        yield {"tier": tier, "audit": AuditVerdict.FAIL}
        yield {"tier": tier, "ground": Ground.OTHER, "audit": AuditVerdict.PASS}
    yield from ({"minors": minors, "enhanced": True} for minors in Minors)
    yield from (
        {"live": True, "authority": True, "capture": it, "captures": frozenset({it})} for it in Capture
    )
    yield from ({"live": True, "authority": True, "place": place} for place in Place)


def _changed_law(law: InstrumentFacts, now: datetime) -> Iterator[Changes]:
    yield {"instrument": None}
    yield from ({"law_level": level} for level in ("national", "supranational", "subnational"))
    yield from ({"law_status": it} for it in ("bill", "enacted", "in_force", "suspended", "repealed"))
    yield {"law_country": "YY"}
    yield {"law_country": "YY", "country": "YY"}
    for name in ("effective", "ends", "window_closed", "review_until"):
        yield from ({f"law_{name}": now + shift} for shift in (-SECOND, timedelta(0), SECOND))
    yield {"law_ends": None}
    for name in ("agencies", "functions", "purposes"):
        had = getattr(law, name)
        yield {f"law_{name}": frozenset()}
        yield from ({f"law_{name}": had - {word}} for word in sorted(had))
    yield {"law_functions": law.functions | {"analyse", "upkeep"}}
    yield {"law_functions": frozenset({"upkeep"})}
    for number in range(1, 19):
        yield {"law_met": CORE - {f"HR-{number:02d}"}}
        yield {"law_met": CORE | {f"HR-{number:02d}"}}
    supporting = frozenset(f"HR-{number:02d}" for number in range(15, 19))
    yield from ({"law_met": (CORE - {one}) | supporting} for one in sorted(CORE))
    yield {"law_met": frozenset()}
    yield from ({"law_approvals": number} for number in range(4))
    yield from ({"law_public_interest": number} for number in range(3))
    yield {"law_upheld_challenge": True}


@cache
def all_cases() -> tuple[Tried, ...]:
    """Every use that is judged, in order, without repetition."""
    found: dict[tuple[tuple[str, ...], Case], Tried] = {}

    def take(stands: tuple[str, ...], case: Case, *names: str) -> None:
        found.setdefault((stands, case), Tried(stands, case, names))

    for number, (name, case) in enumerate(ALLOWED.items()):
        singles = list(single_changes(case))
        pairs = list(combinations(singles, 2))
        step = len(pairs) // PAIRS_OF_EACH
        for turn, stands in enumerate(COMBINATIONS):
            take(stands, case, name)
            whole = not stands or (len(stands) == 1 and name in FOCUS[stands[0]])
            for change in singles if whole else singles[turn % 4 :: 4]:
                take(stands, changed(case, **change), name, *change)
            for one, other in pairs[(7 * turn + number) % step :: step]:
                take(stands, changed(case, **one | other), name, *one, *other)
    for stands, case, name in list(_sole_reasons(found.values())):
        for action in Action:
            for member in (True, False):
                take(stands, changed(case, action=action, member=member), name, "action", "member")
    return tuple(found.values())


def _sole_reasons(tried: object) -> Iterator[tuple[tuple[str, ...], Case, str]]:
    """For each rule a few uses that it alone refuses, under the fewest stands that have it."""
    left = {f"{pack}/{name}": 3 for pack, rules in REFUSALS.items() for name in rules}
    for one in tried:  # type: ignore[attr-defined]
        refused = refusals(one.case, one.stands)
        if len(refused) != 1 or len(one.stands) > 1:
            continue
        (rule,) = refused
        pack = rule.partition("/")[0]
        if one.stands == (() if pack == "base" else (pack,)) and left[rule]:
            left[rule] -= 1
            yield one.stands, one.case, rule
