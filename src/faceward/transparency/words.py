"""Closed lists in, the only words out that records, requests and policies may use; there is no free text.

A word that is not in its list is an error, and what is not known has the word ``unknown``, which counts
against a request wherever it may stand.
"""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What the product can do. Each is an action of the policy schema; start-up fails where one is not."""

    DETECT = "detect"
    COMPARE = "compare"  # photo with photos, nobody enrolled
    VERIFY = "verify"  # photo with one enrolled subject
    IDENTIFY = "identify"  # photo with a gallery
    GROUP = "group"
    FIND_SIMILAR = "find_similar"
    ENROL = "enrol"
    CORRECT = "correct"  # split, merge, move, "not this person"
    IMPORT = "import"
    EXPORT = "export"
    RETEMPLATE = "retemplate"
    CALIBRATE = "calibrate"
    INDEPENDENT_TEST = "independent_test"
    WITHDRAW = "withdraw"
    ERASE = "erase"
    ACCESS = "access"
    OBJECT = "object"
    COMPLAIN = "complain"
    CONSENT = "consent"  # record that a consent or another ground was given, refused or renewed
    ARRANGE = "arrange"  # make, change or close a gallery
    READ = "read"  # what is kept: lists of galleries, people, references and consents; never templates
    ADMINISTER = "administer"  # accounts and keys of a deployment
    INFER_TRAIT = "infer_trait"  # exists so that it can be refused by name

    @property
    def is_right(self) -> bool:
        """Whether it is a person's right, which no stand may block."""
        return self in _RIGHTS

    @property
    def is_keeping(self) -> bool:
        """Whether it is the keeping of what is there, which goes on when a review has ended."""
        return self in _KEEPING


_RIGHTS = frozenset(
    {Action.WITHDRAW, Action.ERASE, Action.ACCESS, Action.OBJECT, Action.COMPLAIN, Action.CONSENT}
)
_KEEPING = frozenset({Action.ARRANGE, Action.READ, Action.ADMINISTER})


class Function(StrEnum):
    """What a request amounts to, whatever it is called: computed, never typed."""

    VERIFY = "verify"  # one probe with one reference
    IDENTIFY = "identify"  # one or many with many: identify, group, find similar, one with several
    LIVE = "live"  # any of them on a stream of people who do not present themselves
    ANALYSE = "analyse"  # faces, without saying whose
    UPKEEP = "upkeep"  # enrolment, correction, portability, measurement
    RIGHT = "right"  # consent, withdrawal, erasure, access, objection, complaint
    KEEPING = "keeping"  # galleries and accounts made, looked through and closed; nobody is compared
    TRAIT = "trait"  # refused always


class Purpose(StrEnum):
    """What recognition is used for.

    Source: the use cases of the 2018 industry principles and of the stands that docs/stands quote; which are
    open, exceptional or never is our choice.
    """

    LIVENESS = "liveness"
    VERIFY_ACCOUNT = "verify_account"
    VERIFY_WORKER = "verify_worker"
    ACCESS_OPTIN = "access_optin"
    PERSONALISE_OPTIN = "personalise_optin"
    DUPLICATE_CHECK = "duplicate_check"
    MEDIA_ARCHIVE = "media_archive"
    INDEPENDENT_TEST = "independent_test"
    MISSING_PERSON = "missing_person"
    TRAFFICKING_VICTIM = "trafficking_victim"
    DECEASED_PERSON = "deceased_person"
    HUMANITARIAN = "humanitarian"
    EMERGENCY_LIFE = "emergency_life"
    CRIMINAL_INVESTIGATION = "criminal_investigation"
    INFER_TRAIT = "infer_trait"
    MASS_SURVEILLANCE = "mass_surveillance"
    PERSISTENT_TRACKING = "persistent_tracking"
    SOCIAL_SCORING = "social_scoring"
    SENSITIVE_CATEGORIES = "sensitive_categories"
    UNKNOWN = "unknown"


class Sector(StrEnum):
    """Who an organisation is, from the least to the most strictly treated; the order is `strictest`'s."""

    COMMERCIAL = "commercial"
    NON_PROFIT = "non_profit"
    HEALTH = "health"
    EDUCATION = "education"
    GOVERNMENT = "government"
    LAW_ENFORCEMENT = "law_enforcement"


class Body(StrEnum):
    """What an organisation is, as its reviewed identity evidence shows."""

    COMPANY = "company"
    NON_PROFIT = "non_profit"
    HOSPITAL = "hospital"
    SCHOOL = "school"
    MINISTRY = "ministry"
    MUNICIPALITY = "municipality"
    PUBLIC_AGENCY = "public_agency"
    MILITARY = "military"
    POLICE = "police"
    BORDER = "border"
    IMMIGRATION = "immigration"
    PRISON = "prison"
    PROSECUTION = "prosecution"
    INTELLIGENCE = "intelligence"
    LAW_ENFORCEMENT_CONTRACTOR = "law_enforcement_contractor"
    UNKNOWN = "unknown"

    @property
    def sector(self) -> Sector:
        """Its sector; unknown counts as law enforcement."""
        return _SECTORS.get(self, Sector.LAW_ENFORCEMENT)


_SECTORS = {
    Body.COMPANY: Sector.COMMERCIAL,
    Body.NON_PROFIT: Sector.NON_PROFIT,
    Body.HOSPITAL: Sector.HEALTH,
    Body.SCHOOL: Sector.EDUCATION,
    Body.MINISTRY: Sector.GOVERNMENT,
    Body.MUNICIPALITY: Sector.GOVERNMENT,
    Body.PUBLIC_AGENCY: Sector.GOVERNMENT,
    Body.MILITARY: Sector.GOVERNMENT,
}


def strictest(*bodies: Body) -> Sector:
    """The sector that decides where several organisations are concerned; without any, law enforcement."""
    order = tuple(Sector)
    return max((body.sector for body in bodies), key=order.index, default=Sector.LAW_ENFORCEMENT)


class Place(StrEnum):
    """Where photos are taken."""

    PRIVATE = "private"
    SEMI_PUBLIC = "semi_public"
    PUBLIC = "public"
    PROTECTED = "protected"  # toilets, changing rooms, places of worship
    UNKNOWN = "unknown"


class Capture(StrEnum):
    """What photos are taken with."""

    UPLOAD = "upload"
    DOCUMENT = "document"
    SUPERVISED = "supervised"  # a person of the operator is there
    UNATTENDED = "unattended"  # the person's own phone or computer, nobody there
    KIOSK = "kiosk"
    FIXED_CAMERA = "fixed_camera"
    BODY = "body"
    DASH = "dash"
    HANDHELD = "handheld"
    UNKNOWN = "unknown"


class Source(StrEnum):
    """Where a gallery's photos come from."""

    SUBJECTS = "subjects"  # the people themselves, for this purpose
    OWN_RECORDS = "own_records"  # the operator's records, under a recorded ground
    AUTHORITY = "authority"  # named by an authority record
    SCRAPED = "scraped"
    BOUGHT = "bought"
    UNKNOWN = "unknown"


class Ground(StrEnum):
    """On which legal ground a template may exist and be compared."""

    CONSENT = "consent"
    OTHER = "other"  # a recorded ground that is not consent
    NONE = "none"


class Minors(StrEnum):
    """Whether people below the age of majority may be met."""

    NONE = "none"
    GUARDED = "guarded"  # a guardian consented for each
    UNGUARDED = "unguarded"
    UNKNOWN = "unknown"


class AuditVerdict(StrEnum):
    """What the audit of the model, operating point and use says now."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    EXPIRED = "expired"
    NONE = "none"


class Status(StrEnum):
    """Where a deployment stands at a moment."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    CLOSED = "closed"


class Safeguard(StrEnum):
    """What a use of 1:1 comparison must have."""

    LIVENESS_CHOICE = "liveness_choice"
    THREE_TRIES = "three_tries"
    HUMAN_REVIEW = "human_review"
    ALTERNATIVE = "alternative"
    NO_AUTOMATIC_LOSS = "no_automatic_loss"


class Verdict(StrEnum):
    """What the gate said."""

    ALLOW = "allow"
    DENY = "deny"


class Ending(StrEnum):
    """How work that was allowed ended."""

    DONE = "done"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
