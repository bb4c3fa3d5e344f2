"""JSON of the server in, frozen values out. What a newer server says besides is ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where the ledger says what was done.

    Attributes:
        request: What the ledger calls the request.
        decision: Place of the entry with the decision.
        outcome: Place of the entry with the outcome.
        time: When, UTC.
    """

    request: str
    decision: int
    outcome: int
    time: datetime

    @classmethod
    def read(cls, it: Json) -> Receipt:
        """Read it."""
        return cls(it["request"], it["decision"], it["outcome"], datetime.fromisoformat(it["time"]))


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A threshold with its evidence.

    Attributes:
        threshold: A score equal to it or above is a match.
        false_match_rate: How often strangers reach it, 0 to 1.
        standing: ``calibrated`` or ``provisional``.
        false_non_match_rate: How often it misses the same person, 0 to 1.
        report: Where the figures come from.
    """

    threshold: float
    false_match_rate: float
    standing: str
    false_non_match_rate: float
    report: str

    @classmethod
    def read(cls, it: Json) -> OperatingPoint:
        """Read it."""
        return cls(
            it["threshold"],
            it["false_match_rate"],
            it["standing"],
            it["false_non_match_rate"],
            it["report"],
        )


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason why a face is not fit for comparison, and what to do about it."""

    component: str
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Face:
    """A face of a photo.

    Attributes:
        box: Left, top, right, bottom, pixels.
        landmarks: Eye on the left of the picture, on the right, nose, corners of the mouth; x, y in pixels.
        detection_score: How sure it is that this is a face; it says nothing about whose.
        findings: What speaks against comparing it; empty where nothing does.
    """

    box: tuple[float, float, float, float]
    landmarks: tuple[tuple[float, float], ...]
    detection_score: float
    findings: tuple[Finding, ...]

    @property
    def usable(self) -> bool:
        """Whether nothing speaks against comparing it."""
        return not self.findings

    @classmethod
    def read(cls, it: Json) -> Face:
        """Read it."""
        left, top, right, bottom = it["box"]
        return cls(
            (left, top, right, bottom),
            tuple((x, y) for x, y in it["landmarks"]),
            it["detection_score"],
            tuple(Finding(one["component"], one["cause"], one["remedy"]) for one in it["findings"]),
        )


@dataclass(frozen=True, slots=True)
class Detection:
    """The faces of a photo, the most surely found first."""

    faces: tuple[Face, ...]
    width: int
    height: int
    receipt: Receipt

    @classmethod
    def read(cls, it: Json) -> Detection:
        """Read it."""
        faces = tuple(map(Face.read, it["faces"]))
        return cls(faces, it["photo"]["width"], it["photo"]["height"], Receipt.read(it["receipt"]))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One photo held against another.

    Attributes:
        match: Whether the score reaches the threshold.
        score: Comparison score, -1 to 1, rounded to 0.001.
        at: The operating point.
    """

    match: bool
    score: float
    at: OperatingPoint

    @classmethod
    def read(cls, it: Json) -> Comparison:
        """Read it."""
        return cls(it["match"], it["score"], OperatingPoint.read(it["operating_point"]))


@dataclass(frozen=True, slots=True)
class Verification:
    """A photo held against a subject.

    Attributes:
        match: Whether the score reaches the threshold.
        score: Comparison score, -1 to 1, rounded to 0.001.
        at: The operating point.
        tries_left: How often this person may fail before a person must look.
        presentation_attack: ``not_checked``: a photo of a photo may pass.
        receipt: Where the ledger says so.
    """

    match: bool
    score: float
    at: OperatingPoint
    tries_left: int
    presentation_attack: str
    receipt: Receipt

    @classmethod
    def read(cls, it: Json) -> Verification:
        """Read it."""
        return cls(
            it["match"],
            it["score"],
            OperatingPoint.read(it["operating_point"]),
            it["tries_left"],
            it["presentation_attack"],
            Receipt.read(it["receipt"]),
        )


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody to look at: not an identity."""

    subject: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchedFace:
    """A face of the photo, and who it may be; nobody is a normal answer."""

    face: Face
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Identification:
    """What a search of a gallery gave.

    Attributes:
        faces: Every face of the photo.
        at: The operating point of each comparison.
        references: With how many templates each face was compared.
        false_positive_identification_rate: How often a stranger gets a candidate in a gallery of this size.
        expected_false_candidates: How many of these faces would get one if all were strangers.
        receipt: Where the ledger says so.
    """

    faces: tuple[SearchedFace, ...]
    at: OperatingPoint
    references: int
    false_positive_identification_rate: float
    expected_false_candidates: float
    receipt: Receipt

    @classmethod
    def read(cls, it: Json) -> Identification:
        """Read it."""
        faces = tuple(
            SearchedFace(
                Face.read(one["face"]), tuple(Candidate(c["subject"], c["score"]) for c in one["candidates"])
            )
            for one in it["faces"]
        )
        return cls(
            faces,
            OperatingPoint.read(it["operating_point"]),
            it["references"],
            it["false_positive_identification_rate"],
            it["expected_false_candidates"],
            Receipt.read(it["receipt"]),
        )


@dataclass(frozen=True, slots=True)
class Gallery:
    """A gallery as it stands."""

    name: str
    false_match_rate: float
    false_positive_identification_rate: float
    source: str
    model: str
    subjects: int
    references: int
    created: datetime

    @classmethod
    def read(cls, it: Json) -> Gallery:
        """Read it."""
        return cls(
            it["name"],
            it["false_match_rate"],
            it["false_positive_identification_rate"],
            it["source"],
            it["model"],
            it["subjects"],
            it["references"],
            datetime.fromisoformat(it["created"]),
        )


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody known to a gallery."""

    name: str
    majority: str
    references: int
    created: datetime

    @classmethod
    def read(cls, it: Json) -> Subject:
        """Read it."""
        return cls(it["name"], it["majority"], it["references"], datetime.fromisoformat(it["created"]))


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A reference that was added.

    Attributes:
        reference: Its identifier.
        references: How many the subject has now.
        photo_kept: Whether the photo is kept too, closed, because a consent says so.
        receipt: Where the ledger says so.
    """

    reference: str
    references: int
    photo_kept: bool
    receipt: Receipt

    @classmethod
    def read(cls, it: Json) -> Enrolment:
        """Read it."""
        return cls(it["reference"], it["references"], it["photo_kept"], Receipt.read(it["receipt"]))


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent or another ground.

    Attributes:
        identifier: What the server calls it.
        state: ``given``, ``refused``, ``withdrawn`` or ``expired``.
        purposes: What for.
        until: From when it does not hold any more.
        erase_by: When what rests on it alone is erased at the latest.
        document: The signed record, which belongs to the person.
    """

    identifier: str
    state: str
    purposes: tuple[str, ...]
    until: datetime
    erase_by: datetime
    document: Json

    @classmethod
    def read(cls, it: Json) -> Consent:
        """Read it."""
        return cls(
            it["identifier"],
            it["state"],
            tuple(it["purposes"]),
            datetime.fromisoformat(it["until"]),
            datetime.fromisoformat(it["erase_by"]),
            it["document"],
        )


@dataclass(frozen=True, slots=True)
class Erasure:
    """An erasure, with the proof that the ledger says so.

    Attributes:
        references: How many references went.
        receipt: Where the ledger says so.
        proof: Text of a file ``.tlog-proof``: the entry, its inclusion proof and a signed checkpoint, for
            ``faceward ledger verify --receipt``.
    """

    references: int
    receipt: Receipt
    proof: str

    @classmethod
    def read(cls, it: Json) -> Erasure:
        """Read it."""
        return cls(it["references"], Receipt.read(it["receipt"]), it["proof"])
