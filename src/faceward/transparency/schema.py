"""Nothing in, the closed schema of the ledger out: every type of entry, and the values of its body.

This is the one table; docs/reference/ledger.md shows it, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from faceward.transparency.kinds import (
    BOOLEAN,
    COUNT,
    DIGEST,
    DIGEST_OR_EMPTY,
    ERROR,
    INSTRUMENT,
    KEYED,
    PACK,
    PSEUDONYM,
    REQUEST,
    RULE,
    SALT,
    TIME,
    Kind,
    one_of,
    optional,
    several,
    whole,
    word,
)
from faceward.transparency.words import (
    Action,
    AuditVerdict,
    Body,
    Capture,
    Ending,
    Function,
    Ground,
    Place,
    Purpose,
    Sector,
    Verdict,
)

VERSION = 1
"""Which schema this is; it stands in every entry."""

_SCORE = optional(whole(3, negative=True))
_SIGNERS = several(PSEUDONYM, 16)

_DECISION = {
    "request": REQUEST,
    "action": word(Action),
    "function": word(Function),
    "purpose": word(Purpose),
    "sector": word(Sector),  # the strictest of operator, beneficiary and recipient
    "capture": word(Capture),
    "live": BOOLEAN,
    "gallery": PSEUDONYM,
    "subjects": several(PSEUDONYM, 64),
    "subject_count": COUNT,
    "on_behalf_of": PSEUDONYM,  # the organisation that has the benefit, if it is another
    "recipient": PSEUDONYM,  # the organisation that gets the result, if it is another
    "comparisons": COUNT,
    "enrolled_after": COUNT,
    "daily_after": COUNT,
    "verdict": word(Verdict),
    "rules": several(RULE, 64),
    "probe": KEYED,
    "salt": SALT,
    "model": DIGEST_OR_EMPTY,  # of a model that anyone can get; no digest of a photo
    "threshold_millionths": optional(whole(6, negative=True)),
    "false_match_rate_ppb": optional(whole(9)),
    "testing": BOOLEAN,
}
_OUTCOME = {
    "request": REQUEST,
    "decision": COUNT,  # place of the decision that allowed it
    "ending": word(Ending),
    "error": ERROR,
    "start": TIME,
    "end": TIME,
    "comparisons": COUNT,
    "faces": COUNT,
    "candidates": COUNT,
    "enrolled": COUNT,
    "erased": COUNT,
    "top_score_thousandths": _SCORE,
    "ground": word(Ground),
    "authority": PSEUDONYM,
    "document": KEYED,  # of a consent record, which its receipt opens; empty for everything else
    "salt": SALT,
    "testing": BOOLEAN,
}
_POLICY = {
    "charter": DIGEST,
    "before": DIGEST_OR_EMPTY,
    "stands_added": several(PACK, 32),
    "stands_removed": several(PACK, 32),
    "weakens": BOOLEAN,
    "keys_changed": BOOLEAN,
    "signers": _SIGNERS,
}
_REVIEW = {
    "document": KEYED,
    "salt": SALT,
    "tier": Kind("0, 1, 2 or 3", "[0-3]"),
    "functions": several(word(Function), len(Function)),
    "purposes": several(word(Purpose), len(Purpose)),
    "body_kind": word(Body),
    "approvers": _SIGNERS,
    "conditions": COUNT,
    "expires": optional(TIME),
}
_CHALLENGE = {
    "document": KEYED,
    "salt": SALT,
    "signers": _SIGNERS,
}
_ORGANISATION = {
    "document": KEYED,
    "salt": SALT,
    "body_kind": word(Body),
    "approvers": _SIGNERS,
    "expires": optional(TIME),
}
_INSTRUMENT = {
    "instrument": INSTRUMENT,
    "document": KEYED,
    "salt": SALT,
    "signers": _SIGNERS,
}
_AUTHORITY = {
    "document": KEYED,
    "salt": SALT,
    "purpose": word(Purpose),
    "place": word(Place),
    "expires": optional(TIME),
    "signers": _SIGNERS,
}
_AUDIT = {
    "document": KEYED,
    "salt": SALT,
    "model": DIGEST,
    "verdict": word(AuditVerdict),
    "expires": optional(TIME),
    "signers": _SIGNERS,
}

OUTCOMES: Mapping[Action, str] = MappingProxyType(
    {
        Action.DETECT: "detect",
        Action.COMPARE: "verify",
        Action.VERIFY: "verify",
        Action.IDENTIFY: "search",
        Action.GROUP: "search",
        Action.FIND_SIMILAR: "search",
        Action.ENROL: "enrol",
        Action.IMPORT: "enrol",
        Action.CORRECT: "correct",
        Action.EXPORT: "export",
        Action.RETEMPLATE: "retemplate",
        Action.CALIBRATE: "calibrate",
        Action.INDEPENDENT_TEST: "independent_test",
        Action.WITHDRAW: "consent.withdrawn",
        Action.ERASE: "erasure",
        Action.ACCESS: "access",
        Action.OBJECT: "objection",
        Action.COMPLAIN: "complaint",
        Action.CONSENT: "consent.recorded",
        Action.ARRANGE: "gallery.arranged",
        Action.READ: "read",
        Action.ADMINISTER: "administration",
    }
)
"""The type of entry in which the work of an action ends. What is refused always has none."""

DECISION = "policy.decision"
POLICY_CHANGE = "policy.change"

BODIES: Mapping[str, Mapping[str, Kind]] = MappingProxyType(
    {
        DECISION: _DECISION,
        POLICY_CHANGE: _POLICY,
        **dict.fromkeys(OUTCOMES.values(), _OUTCOME),
        **{
            f"review.{event}": _REVIEW
            for event in ("applied", "approved", "refused", "more", "suspended", "resumed", "closed")
        },
        **{f"review.{event}": _CHALLENGE for event in ("challenged", "ruled")},
        "organisation.reviewed": _ORGANISATION,
        **{f"instrument.{event}": _INSTRUMENT for event in ("filed", "reviewed", "challenged", "decided")},
        **{f"authority.{event}": _AUTHORITY for event in ("opened", "closed")},
        "audit.run": _AUDIT,
    }
)
"""Every type of entry, and the kind of each value of its body."""

ENVELOPE: Mapping[str, Kind] = MappingProxyType(
    {
        "actor": PSEUDONYM,
        "body": Kind("object with what the type lays down", r"\{.*\}"),
        "deployment": PSEUDONYM,
        "policy": DIGEST,
        "seq": COUNT,
        "t": TIME,
        "type": one_of("type of entry", *BODIES),
        "v": Kind("1", "1"),
    }
)
"""Every key of an entry, in canonical order."""
