"""What a caller asks in, what the request amounts to out: its function and how many uses it is."""

from __future__ import annotations

from dataclasses import dataclass

from faceward.core.decision import OperatingPoint
from faceward.errors import InvalidValue
from faceward.transparency.words import Action, Capture, Function, Purpose

MOST_SUBJECTS = 10_000
"""Subjects that one request may name; our choice, so that no record and no check grows without bound."""
MOST_COMPARISONS = 2**40

_UPKEEP = frozenset(
    {
        Action.ENROL,
        Action.CORRECT,
        Action.IMPORT,
        Action.EXPORT,
        Action.RETEMPLATE,
        Action.CALIBRATE,
        Action.INDEPENDENT_TEST,
    }
)
_FUNCTIONS = {
    Action.INFER_TRAIT: Function.TRAIT,
    Action.DETECT: Function.ANALYSE,
    **{action: Function.RIGHT for action in Action if action.is_right},
    **{action: Function.KEEPING for action in Action if action.is_keeping},
    **dict.fromkeys(_UPKEEP, Function.UPKEEP),
}
"""What each action amounts to that compares nobody, whatever else is asked."""
_SEARCHES = frozenset({Action.IDENTIFY, Action.GROUP, Action.FIND_SIMILAR})


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to do. Nothing in it opens anything: it is held against what was reviewed.

    Attributes:
        actor: Account that asks.
        deployment: The reviewed use that it is part of.
        action: What is to be done.
        purpose: What for; anything but the approved purposes is refused.
        gallery: The gallery concerned; empty where there is none.
        subjects: The enrolled people that are named; empty where there are none.
        probe_sha256: SHA-256 of the photo that is presented, 32 bytes; empty where there is none.
        operating_point: At which a decision is taken; ``None`` where none is.
        model_sha256: Digest of the model, 64 hexadecimal digits; empty where none runs.
        comparisons: Comparisons outside of a gallery: references that a probe is held against, pairs of a
            group. Work that makes more is stopped.
        enrolling: People that will be enrolled.
        on_behalf_of: Organisation that benefits; empty means the operator itself.
        recipient: Organisation that receives the result; empty means the operator itself.
        capture: What the photo was taken with.
        live: Whether people are looked for who do not present themselves.
        authority: Authority record that is claimed to cover it; empty where none is.
    """

    actor: str
    deployment: str
    action: Action
    purpose: Purpose
    gallery: str = ""
    subjects: tuple[str, ...] = ()
    probe_sha256: bytes = b""
    operating_point: OperatingPoint | None = None
    model_sha256: str = ""
    comparisons: int = 0
    enrolling: int = 0
    on_behalf_of: str = ""
    recipient: str = ""
    capture: Capture = Capture.UNKNOWN
    live: bool = False
    authority: str = ""

    def __post_init__(self) -> None:
        """Hold what would make a record meaningless.

        Raises:
            InvalidValue: A part has the wrong type, or is out of bounds. The value itself is not repeated.
        """
        for name, kind in (("action", Action), ("purpose", Purpose), ("capture", Capture), ("live", bool)):
            if type(getattr(self, name)) is not kind:
                raise _wrong(name, f"must be one of {kind.__name__}")
        for name in ("actor", "deployment", "gallery", "on_behalf_of", "recipient", "authority"):
            if not isinstance(getattr(self, name), str) or len(getattr(self, name)) > 256:
                raise _wrong(name, "must be a text of at most 256 characters")
        for name, most in (("comparisons", MOST_COMPARISONS), ("enrolling", MOST_SUBJECTS)):
            value = getattr(self, name)
            if type(value) is not int or not 0 <= value <= most:
                raise _wrong(name, f"must be a whole number from 0 to {most}")
        if not self.actor or not self.deployment:
            raise _wrong("actor and deployment", "must be named")
        if type(self.probe_sha256) is not bytes or len(self.probe_sha256) not in (0, 32):
            raise _wrong("probe_sha256", "must be 32 bytes")
        if type(self.subjects) is not tuple or len(self.subjects) > MOST_SUBJECTS:
            raise _wrong("subjects", f"must be a tuple of at most {MOST_SUBJECTS}")
        if self.action in (Action.VERIFY, Action.COMPARE) and not self.uses:
            raise _wrong("subjects or comparisons", "must say what the probe is held against")

    @property
    def function(self) -> Function:
        """What the request amounts to, whatever it is called.

        One probe against several targets is a search, and so are grouping and finding similar faces.
        """
        if self.action in _FUNCTIONS:
            return _FUNCTIONS[self.action]
        if self.live:
            return Function.LIVE
        return Function.IDENTIFY if self.action in _SEARCHES or self.uses > 1 else Function.VERIFY

    @property
    def uses(self) -> int:
        """How many uses of the day's quota it is: one for each comparison, or for a search of a gallery.

        A gallery's size has its own limit, so searching it counts once; comparisons outside of it, and those
        with each subject that is named, count one by one.
        """
        if self.action.is_right or self.action.is_keeping or self.action in _UPKEEP:
            return 0
        if self.action is Action.VERIFY:
            return max(len(self.subjects), self.comparisons)
        if self.action is Action.COMPARE:
            return self.comparisons
        return max(self.comparisons, 1)


def _wrong(part: str, why: str) -> InvalidValue:
    return InvalidValue(f"{part} of a request {why}.", remedy="Correct the request.")
