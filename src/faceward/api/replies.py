"""What operations gave in, what goes over the wire out.

Features have no place here, and scores are rounded.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, TypeVar

from msgspec import Struct

from faceward.core.decision import Decision
from faceward.core.decision import OperatingPoint as Point
from faceward.core.quality import Usability
from faceward.core.values import Face as FoundFace
from faceward.governance.accounts.api_keys import ApiKey
from faceward.governance.accounts.sessions import IDLE
from faceward.governance.accounts.sessions import Session as SessionState
from faceward.governance.gate import OnRecord
from faceward.operations.detection import Detected
from faceward.operations.enrolment import Enrolled
from faceward.operations.identification import Identification as Identified
from faceward.operations.names import own_name
from faceward.operations.publication import Statement
from faceward.operations.rights import Erased
from faceward.operations.service import Standing
from faceward.operations.verification import Verified
from faceward.ports.gallery_store import Consent as KeptConsent
from faceward.ports.gallery_store import Correction as KeptCorrection
from faceward.ports.gallery_store import Reference as KeptReference
from faceward.ports.gallery_store import Subject as KeptSubject

T = TypeVar("T")

NOT_CHECKED = "not_checked"
"""This release does not look for presentation attacks: a photo of a photo may pass."""


class Receipt(Struct, frozen=True, kw_only=True):
    """Where the ledger says what was done."""

    request: str
    decision: int
    outcome: int
    time: datetime


class OperatingPoint(Struct, frozen=True, kw_only=True):
    """A threshold with the evidence behind it."""

    threshold: float
    false_match_rate: float
    standing: str
    non_mated_trials: int
    false_non_match_rate: float
    mated_trials: int
    report: str


class Finding(Struct, frozen=True, kw_only=True):
    """A reason why a face is not fit for comparison, and what to do about it."""

    component: str
    measured: float
    needed: float
    cause: str
    remedy: str


class Pose(Struct, frozen=True, kw_only=True):
    """Which way a head is turned, in degrees."""

    yaw: float
    pitch: float
    roll: float


class Face(Struct, frozen=True, kw_only=True):
    """A face of a photo, in pixels of the upright photo."""

    box: tuple[float, float, float, float]
    landmarks: list[tuple[float, float]]
    detection_score: float
    pose: Pose
    usable: bool
    findings: list[Finding]


class PhotoSize(Struct, frozen=True, kw_only=True):
    """Size of the upright photo, in pixels."""

    width: int
    height: int


class Detection(Struct, frozen=True, kw_only=True):
    """The faces of a photo, the most surely found first."""

    photo: PhotoSize
    faces: list[Face]
    receipt: Receipt


class Comparison(Struct, frozen=True, kw_only=True):
    """One photo held against another."""

    match: bool
    score: float
    operating_point: OperatingPoint
    presentation_attack: str


class Comparisons(Struct, frozen=True, kw_only=True):
    """A photo held against others, in their order."""

    comparisons: list[Comparison]
    receipt: Receipt


class Verification(Struct, frozen=True, kw_only=True):
    """A photo held against a subject of a gallery."""

    match: bool
    score: float
    operating_point: OperatingPoint
    references: int
    tries_left: int
    findings: list[Finding]
    presentation_attack: str
    receipt: Receipt


class Candidate(Struct, frozen=True, kw_only=True):
    """Somebody to look at: not an identity."""

    subject: str
    score: float


class SearchedFace(Struct, frozen=True, kw_only=True):
    """A face of the photo, and who it may be; nobody is a normal answer."""

    face: Face
    candidates: list[Candidate]


class Identification(Struct, frozen=True, kw_only=True):
    """What a search of a gallery gave."""

    photo: PhotoSize
    faces: list[SearchedFace]
    operating_point: OperatingPoint
    references: int
    false_positive_identification_rate: float
    expected_false_candidates: float
    largest_gallery: int
    presentation_attack: str
    receipt: Receipt


class Gallery(Struct, frozen=True, kw_only=True):
    """A gallery as it stands."""

    name: str
    false_match_rate: float
    false_positive_identification_rate: float
    source: str
    model: str
    precision: str
    subjects: int
    references: int
    created: datetime


class Galleries(Struct, frozen=True, kw_only=True):
    """A page of galleries; ``next`` is what to begin the next page after."""

    items: list[Gallery]
    next: str | None


class Subject(Struct, frozen=True, kw_only=True):
    """Somebody known to a gallery."""

    name: str
    majority: str
    references: int
    created: datetime


class Subjects(Struct, frozen=True, kw_only=True):
    """A page of subjects; ``next`` is what to begin the next page after."""

    items: list[Subject]
    next: str | None


class Reference(Struct, frozen=True, kw_only=True):
    """A reference of a subject; its template stays closed."""

    identifier: str
    photo_kept: bool
    created: datetime


class References(Struct, frozen=True, kw_only=True):
    """The references of a subject, the oldest first."""

    items: list[Reference]


class Enrolment(Struct, frozen=True, kw_only=True):
    """A reference that was added."""

    reference: str
    references: int
    photo_kept: bool
    compared_with: int
    duplicate_point: OperatingPoint
    receipt: Receipt


class Consent(Struct, frozen=True, kw_only=True):
    """A consent or another ground, and the signed record that belongs to the person."""

    identifier: str
    state: str
    purposes: list[str]
    ground: str
    photos: bool
    until: datetime
    erase_by: datetime
    document: dict[str, Any]


class Consents(Struct, frozen=True, kw_only=True):
    """The consents of a subject, the oldest first."""

    items: list[Consent]


class Correction(Struct, frozen=True, kw_only=True):
    """A mistake that was corrected."""

    identifier: str
    kind: str
    before: str
    after: str
    references: list[str]
    made: datetime
    undone: bool


class Corrections(Struct, frozen=True, kw_only=True):
    """Corrections of a gallery, the newest first."""

    items: list[Correction]


class Erasure(Struct, frozen=True, kw_only=True):
    """An erasure; ``proof`` is a file ``.tlog-proof`` that anybody can check with the log's public key."""

    references: int
    consents: int
    proof: str
    receipt: Receipt


class Key(Struct, frozen=True, kw_only=True):
    """A key, without its secret."""

    identifier: str
    account: str
    scopes: list[str]
    minted_by: str
    created: datetime
    until: datetime


class Keys(Struct, frozen=True, kw_only=True):
    """The keys of a deployment."""

    items: list[Key]


class IssuedKey(Struct, frozen=True, kw_only=True):
    """A key that was made; its secret is shown here and nowhere else."""

    key: Key
    secret: str


class Session(Struct, frozen=True, kw_only=True):
    """A session of a browser; what opens it is in its cookie alone."""

    account: str
    deployment: str
    scopes: list[str]
    until: datetime
    idle_seconds: int
    csrf_token: str


class Health(Struct, frozen=True, kw_only=True):
    """Whether the server answers, and how many entries its ledger has."""

    status: str
    entries: int


class Transparency(Struct, frozen=True, kw_only=True):
    """What this installation promises, and how to check it."""

    charter: dict[str, Any]
    charter_sha256: str
    stands: list[str]
    log_key: str
    checkpoint: str
    size: int


class Checkpoints(Struct, frozen=True, kw_only=True):
    """Signed checkpoints, the oldest first."""

    items: list[str]


class Proof(Struct, frozen=True, kw_only=True):
    """Hashes of a proof of RFC 9162, base64."""

    hashes: list[str]


def receipt(done: OnRecord[T]) -> Receipt:
    """Where the ledger says so."""
    return Receipt(request=done.request, decision=done.decision, outcome=done.outcome, time=done.time)


def score(value: float) -> float:
    """A comparison score as it may go out: rounded to 0.001, so that nobody climbs towards a face with it."""
    return round(float(value), 3)


def operating_point(at: Point) -> OperatingPoint:
    """A threshold with its evidence."""
    return OperatingPoint(
        threshold=at.threshold,
        false_match_rate=at.false_match_rate,
        standing=at.standing.value,
        non_mated_trials=at.non_mated_trials,
        false_non_match_rate=at.false_non_match_rate,
        mated_trials=at.mated_trials,
        report=at.report,
    )


def findings(usability: Usability) -> list[Finding]:
    """What speaks against comparing a face."""
    return [
        Finding(
            component=it.component.value,
            measured=round(it.measured, 3),
            needed=it.needed,
            cause=it.cause,
            remedy=it.remedy,
        )
        for it in usability.findings
    ]


def face(found: FoundFace, usability: Usability) -> Face:
    """A face with what it is fit for."""
    left, top, right, bottom = (round(float(it), 1) for it in found.box_xyxy)
    pose = usability.quality.pose
    return Face(
        box=(left, top, right, bottom),
        landmarks=[(round(float(x), 1), round(float(y), 1)) for x, y in found.landmarks],
        detection_score=score(found.detection_score),
        pose=Pose(
            yaw=round(pose.yaw_degrees, 1),
            pitch=round(pose.pitch_degrees, 1),
            roll=round(pose.roll_degrees, 1),
        ),
        usable=usability.usable,
        findings=findings(usability),
    )


def detection(done: OnRecord[Detected]) -> Detection:
    """The faces of a photo."""
    it = done.result
    return Detection(
        photo=PhotoSize(width=it.photo_width, height=it.photo_height),
        faces=[face(one.face, one.usability) for one in it.faces],
        receipt=receipt(done),
    )


def comparisons(done: OnRecord[tuple[Decision, ...]]) -> Comparisons:
    """A photo held against others."""
    return Comparisons(
        comparisons=[
            Comparison(
                match=it.match,
                score=score(it.comparison_score),
                operating_point=operating_point(it.at),
                presentation_attack=NOT_CHECKED,
            )
            for it in done.result
        ],
        receipt=receipt(done),
    )


def verification(done: OnRecord[Verified]) -> Verification:
    """A photo held against a subject."""
    it = done.result
    return Verification(
        match=it.decision.match,
        score=score(it.decision.comparison_score),
        operating_point=operating_point(it.decision.at),
        references=it.references,
        tries_left=it.tries_left,
        findings=findings(it.usability),
        presentation_attack=NOT_CHECKED,
        receipt=receipt(done),
    )


def identification(done: OnRecord[Identified]) -> Identification:
    """What a search of a gallery gave."""
    it = done.result
    return Identification(
        photo=PhotoSize(width=it.photo_width, height=it.photo_height),
        faces=[
            SearchedFace(
                face=face(one.face, one.usability),
                candidates=[
                    Candidate(subject=claim.subject, score=score(claim.comparison_score))
                    for claim in one.candidates
                ],
            )
            for one in it.faces
        ],
        operating_point=operating_point(it.point.at),
        references=it.point.references,
        false_positive_identification_rate=it.point.false_positive_identification_rate,
        expected_false_candidates=it.expected_false_candidates,
        largest_gallery=it.point.largest_gallery,
        presentation_attack=NOT_CHECKED,
        receipt=receipt(done),
    )


def gallery(it: Standing) -> Gallery:
    """A gallery as it stands."""
    kept = it.gallery
    return Gallery(
        name=own_name(kept.name),
        false_match_rate=kept.false_match_rate,
        false_positive_identification_rate=kept.false_positive_identification_rate,
        source=kept.source.value,
        model=kept.contract.model,
        precision=kept.contract.precision,
        subjects=it.extent.subjects,
        references=it.extent.references,
        created=kept.created,
    )


def subject(it: KeptSubject) -> Subject:
    """Somebody known to a gallery."""
    return Subject(name=it.name, majority=it.majority.value, references=it.references, created=it.created)


def reference(it: KeptReference) -> Reference:
    """A reference, without its template."""
    return Reference(identifier=it.identifier, photo_kept=bool(it.photo), created=it.created)


def enrolment(done: OnRecord[Enrolled]) -> Enrolment:
    """A reference that was added."""
    it = done.result
    return Enrolment(
        reference=it.reference,
        references=it.references,
        photo_kept=it.photo_kept,
        compared_with=it.others,
        duplicate_point=operating_point(it.checked_at),
        receipt=receipt(done),
    )


def consent(it: KeptConsent) -> Consent:
    """A consent with the record that belongs to the person."""
    return Consent(
        identifier=it.identifier,
        state=it.state.value,
        purposes=sorted(it.purposes),
        ground=it.ground.value,
        photos=it.photos,
        until=it.until,
        erase_by=it.erase_by,
        document=json.loads(it.document),
    )


def correction(it: KeptCorrection) -> Correction:
    """A mistake that was corrected."""
    return Correction(
        identifier=it.identifier,
        kind=it.kind.value,
        before=it.before,
        after=it.after,
        references=list(it.references),
        made=it.made,
        undone=it.undone,
    )


def erasure(done: OnRecord[Erased], proof: str) -> Erasure:
    """An erasure with its proof."""
    it = done.result
    return Erasure(references=it.references, consents=it.consents, proof=proof, receipt=receipt(done))


def key(it: ApiKey) -> Key:
    """A key, without its secret."""
    return Key(
        identifier=it.identifier,
        account=it.account,
        scopes=sorted(it.scopes),
        minted_by=it.minted_by,
        created=it.created,
        until=it.until,
    )


def session(key_: ApiKey, it: SessionState) -> Session:
    """A session of a browser."""
    return Session(
        account=key_.account,
        deployment=key_.deployment,
        scopes=sorted(key_.scopes),
        until=it.until,
        idle_seconds=int(IDLE.total_seconds()),
        csrf_token=it.page_token,
    )


def transparency(it: Statement) -> Transparency:
    """What this installation promises."""
    return Transparency(
        charter=dict(it.charter),
        charter_sha256=it.charter_sha256,
        stands=list(it.stands),
        log_key=it.log_key,
        checkpoint=it.checkpoint,
        size=it.size,
    )
