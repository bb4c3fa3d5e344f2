"""Facts in, what the prose of the stands says of them out: written from that prose, never from a policy text.

It shares no words, lists or structure with the packs, so that a mistake has to be made twice to go unseen.
Every rule is one question about one use; it is asked in Python, of Python values.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from faceward.governance.facts import DeploymentFacts, InstrumentFacts, UseFacts
from faceward.governance.policies.simulation import Case
from faceward.transparency.words import (
    Action,
    AuditVerdict,
    Capture,
    Function,
    Ground,
    Minors,
    Place,
    Purpose,
    Sector,
    Source,
    Status,
)

# Who can be told from whom.
ONE_TO_ONE, ONE_TO_MANY = (
    {Action.VERIFY, Action.COMPARE},
    {Action.IDENTIFY, Action.GROUP, Action.FIND_SIMILAR},
)
RIGHTS = {
    Action.WITHDRAW, Action.ERASE, Action.ACCESS, Action.OBJECT, Action.COMPLAIN, Action.CONSENT,
}  # fmt: skip
HOUSEKEEPING = {Action.ARRANGE, Action.READ, Action.ADMINISTER}
NEW_PHOTOS = {Action.ENROL, Action.IMPORT, Action.CALIBRATE, Action.INDEPENDENT_TEST}
NO_PHOTOS = {Action.CORRECT, Action.EXPORT, Action.RETEMPLATE}
ORDINARY = ONE_TO_ONE | ONE_TO_MANY | NEW_PHOTOS | NO_PHOTOS | {Action.DETECT}

EXCEPTIONS = {
    Purpose.MISSING_PERSON,
    Purpose.TRAFFICKING_VICTIM,
    Purpose.DECEASED_PERSON,
    Purpose.HUMANITARIAN,
    Purpose.EMERGENCY_LIFE,
    Purpose.CRIMINAL_INVESTIGATION,
}
PUBLIC_BODIES = {Sector.GOVERNMENT, Sector.LAW_ENFORCEMENT}
ALL_FIVE = {"liveness_choice", "three_tries", "human_review", "alternative", "no_automatic_loss"}
TENTH_OF_JUNE = {year: datetime(year, 6, 10, tzinfo=UTC) for year in (2020, 2021)}

Refusal = Callable[[Action, DeploymentFacts, UseFacts], bool]


def _photo_not_approved(action: Action, it: DeploymentFacts, use: UseFacts) -> bool:
    return action not in NO_PHOTOS and use.capture not in it.captures


def _function_not_approved(action: Action, it: DeploymentFacts, use: UseFacts) -> bool:
    is_upkeep = use.function == Function.UPKEEP and action in NEW_PHOTOS | NO_PHOTOS
    return use.function not in it.functions and not is_upkeep


def _exception_without_its_conditions(action: Action, it: DeploymentFacts, use: UseFacts) -> bool:
    if use.purpose not in EXCEPTIONS:
        return False
    return any((not it.enhanced, it.approvers < 2, not use.authority))


def _minors_unprotected(action: Action, it: DeploymentFacts, use: UseFacts) -> bool:
    if use.minors == Minors.GUARDED:
        return not it.enhanced
    return use.minors in (Minors.UNGUARDED, Minors.UNKNOWN)


def _police_without_a_law(action: Action, it: DeploymentFacts, use: UseFacts) -> bool:
    if use.sector != Sector.LAW_ENFORCEMENT:
        return False
    return it.instrument is None or not satisfied(it.instrument, it, use)


def _police_during_the_moratorium(action: Action, it: DeploymentFacts, use: UseFacts) -> bool:
    if use.sector != Sector.LAW_ENFORCEMENT:
        return False
    excepted = use.purpose in (Purpose.MISSING_PERSON, Purpose.TRAFFICKING_VICTIM)
    if excepted and it.enhanced and it.approvers >= 2 and use.authority:
        return False
    return TENTH_OF_JUNE[2020] <= use.now < TENTH_OF_JUNE[2021]


def satisfied(law: InstrumentFacts, it: DeploymentFacts, use: UseFacts) -> bool:
    """Whether a law passes the whole gate for one use."""
    functions = {str(one) for one in it.functions} if use.function == Function.UPKEEP else {str(use.function)}
    demands = [
        (law.level, law.status, law.country) == ("national", "in_force", it.country),
        law.effective <= use.now and (law.ends is None or use.now < law.ends),
        str(it.agency) in law.agencies,
        functions <= law.functions,
        str(use.purpose) in law.purposes,
        all(f"HR-{number:02d}" in law.met for number in range(1, 14 + 1)),
        law.approvals > 1,
        law.public_interest > 0,
        law.window_closed <= use.now,
        not law.upheld_challenge,
        use.now < law.review_until,
    ]
    return all(demands)


PURPOSES_OF_IBM = (Purpose.VERIFY_ACCOUNT, Purpose.VERIFY_WORKER)

REFUSALS: dict[str, dict[str, Refusal]] = {
    "base": {
        "not-approved": lambda do, it, use: it.status is not Status.APPROVED,
        "not-yet": lambda do, it, use: it.opened > use.now,
        "expired": lambda do, it, use: it.review_until <= use.now,
        "purpose": lambda do, it, use: use.purpose in {Purpose.UNKNOWN} | (set(Purpose) - it.purposes),
        "function": _function_not_approved,
        "capture": _photo_not_approved,
        "ground": lambda do, it, use: use.ground is Ground.NONE,
        "audit": lambda do, it, use: it.tier > 0 and use.audit is not AuditVerdict.PASS,
        "trial-government": lambda do, it, use: it.tier == 0 and use.sector in PUBLIC_BODIES,
        "trial-consent": lambda do, it, use: it.tier == 0 and use.ground is not Ground.CONSENT,
        "approvers": lambda do, it, use: it.tier > 1 and it.approvers in (0, 1),
        "approver": lambda do, it, use: it.tier > 0 and it.approvers == 0,
        "foreign-gallery": lambda do, it, use: use.own_gallery is False,
        "place-ban": lambda do, it, use: use.banned,
        "live-authority": lambda do, it, use: use.live and use.authority is False,
        "exception": _exception_without_its_conditions,
        "safeguards": lambda do, it, use: (
            use.function is Function.VERIFY and len(ALL_FIVE - it.safeguards) > 0
        ),
        "scale-enrolled": lambda do, it, use: it.max_enrolled - use.enrolled_after < 0,
        "scale-daily": lambda do, it, use: it.max_daily - use.daily_after < 0,
        "scale-customer-enrolled": lambda do, it, use: use.tier_enrolled - use.customer_enrolled_after < 0,
        "scale-customer-daily": lambda do, it, use: use.tier_daily - use.customer_daily_after < 0,
        "never-trait": lambda do, it, use: use.purpose is Purpose.INFER_TRAIT,
        "never-mass-surveillance": lambda do, it, use: (
            use.purpose is Purpose.MASS_SURVEILLANCE or (use.live and not use.targeted)
        ),
        "never-scraped": lambda do, it, use: use.source in (Source.SCRAPED, Source.BOUGHT, Source.UNKNOWN),
        "never-protected-place": lambda do, it, use: it.place in (Place.PROTECTED, Place.UNKNOWN),
        "never-scoring": lambda do, it, use: (
            use.purpose in (Purpose.SOCIAL_SCORING, Purpose.SENSITIVE_CATEGORIES)
        ),
        "never-tracking": lambda do, it, use: use.purpose is Purpose.PERSISTENT_TRACKING,
        "never-minors": _minors_unprotected,
        "never-compulsory": lambda do, it, use: it.voluntary is False,
        "never-machine-alone": lambda do, it, use: it.human is False and "alternative" not in it.safeguards,
    },
    "microsoft-2020": {
        "law-enforcement": _police_without_a_law,
        "live-police-camera": lambda do, it, use: (
            use.live
            and use.sector is Sector.LAW_ENFORCEMENT
            and use.capture in (Capture.BODY, Capture.DASH, Capture.HANDHELD, Capture.UNKNOWN)
        ),
        "review-factors": lambda do, it, use: use.sector is not Sector.LAW_ENFORCEMENT and not it.factors,
        "review-at-scale": lambda do, it, use: it.tier < use.customer_tier,
    },
    "amazon-2020": {"moratorium": _police_during_the_moratorium},
    "amazon-2021": {
        "criminal-investigation": lambda do, it, use: (
            use.sector is Sector.LAW_ENFORCEMENT
            and use.purpose is Purpose.CRIMINAL_INVESTIGATION
            and use.now >= TENTH_OF_JUNE[2021]
        ),
    },
    "ibm-2020": {
        "no-general-search": lambda do, it, use: (
            do in ONE_TO_MANY or use.function in (Function.IDENTIFY, Function.LIVE)
        ),
        "no-analysis": lambda do, it, use: do is Action.DETECT,
        "named-purpose": lambda do, it, use: (
            do in ONE_TO_ONE | ONE_TO_MANY and use.purpose not in PURPOSES_OF_IBM
        ),
    },
    "no-government": {"government": lambda do, it, use: use.sector in PUBLIC_BODIES},
    "no-mass-surveillance": {"live": lambda do, it, use: use.live and it.place is not Place.PRIVATE},
}


def refusals(case: Case, stands: tuple[str, ...]) -> frozenset[str]:
    """The rules that refuse a use under some stands, whoever asks."""
    if case.action in RIGHTS | HOUSEKEEPING:
        return frozenset() if case.use.own_gallery else frozenset({"base/foreign-gallery"})
    if case.action is Action.INFER_TRAIT:
        return frozenset({"base/never-trait"})
    assert case.action in ORDINARY
    return frozenset(
        f"{pack}/{name}"
        for pack in ("base", *stands)
        for name, refuses in REFUSALS[pack].items()
        if refuses(case.action, case.deployment, case.use)
    )


def verdict(case: Case, stands: tuple[str, ...]) -> tuple[bool, frozenset[str]]:
    """Whether a use is allowed, and the rules that decide so."""
    refused = refusals(case, stands)
    if refused:
        return False, refused
    permitted = case.member and case.action in ORDINARY | RIGHTS | HOUSEKEEPING
    return permitted, frozenset({"base/permit-member"} if permitted else ())
