"""Detected and annotated boxes in, which claim found which face out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from faceward.errors import InvalidValue
from faceward.evaluation.intervals import RealArray

BoxArray: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedFaces:
    """The faces people marked in one photo.

    Attributes:
        boxes_xyxy: Shape ``(A, 4)``: left, top, right, bottom in pixels of the photo.
        ignored: Shape ``(A,)``, bool: neither hit nor miss, as nobody can say whether it should be found.
    """

    boxes_xyxy: BoxArray
    ignored: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFaces:
    """The faces a detector claims in one photo, in any order.

    Attributes:
        boxes_xyxy: Shape ``(D, 4)``: left, top, right, bottom in pixels of the photo.
        detection_scores: Shape ``(D,)``, finite.
    """

    boxes_xyxy: BoxArray
    detection_scores: NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Matches:
    """What became of each face and each claim, over all photos, ignored ones left out.

    A claim's fate rests on higher scores only, so one matching serves every threshold.

    Attributes:
        photos: C, the number of photos, with or without faces.
        face_photos: Shape ``(F,)``, int64: the photo of each annotated face.
        face_sizes: Shape ``(F,)``, float64, pixels.
        found_at: Shape ``(F,)``, float64: score of the claim that found it, minus infinity when missed.
        claim_photos: Shape ``(D,)``, int64; claims are in descending order of score.
        claim_sizes: Shape ``(D,)``, float64: size of the face that a hit found, of its own box otherwise.
        claim_scores: Shape ``(D,)``, float64.
        claim_hits: Shape ``(D,)``, bool.
    """

    photos: int
    face_photos: NDArray[np.int64]
    face_sizes: RealArray
    found_at: RealArray
    claim_photos: NDArray[np.int64]
    claim_sizes: RealArray
    claim_scores: RealArray
    claim_hits: NDArray[np.bool_]


def overlaps(first_xyxy: BoxArray, second_xyxy: BoxArray) -> RealArray:
    """Give the intersection over union of each box of one set with each of another.

    Args:
        first_xyxy: Shape ``(A, 4)``.
        second_xyxy: Shape ``(B, 4)``.

    Returns:
        Shape ``(A, B)``, float64, 0 to 1; 0 for boxes without area.
    """
    first = np.asarray(first_xyxy, np.float64).reshape(-1, 1, 4)
    second = np.asarray(second_xyxy, np.float64).reshape(1, -1, 4)
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared = np.prod(np.maximum(sides, 0.0), axis=2)
    union = _areas(first) + _areas(second) - shared
    ratio: RealArray = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0.0)
    return ratio


def match_detections(
    annotated: Sequence[AnnotatedFaces],
    detected: Sequence[DetectedFaces],
    *,
    overlap: float = 0.5,
    ignore_below_px: float = 0.0,
) -> Matches:
    """Decide which claim found which face.

    In each photo the claims take their turn, highest score first (ties as given): each finds, of the faces
    not found yet, the one it overlaps most, if by enough. One that finds none but overlaps an ignored face
    by enough is left out; an ignored face takes any number of them. Any other is false, a second claim of
    a face already found included.

    Args:
        annotated: One for each photo.
        detected: One for each photo, in the same order.
        overlap: Smallest intersection over union that counts, above 0 to 1.
        ignore_below_px: Annotated faces of a smaller size are ignored.

    Raises:
        InvalidValue: Photos or arrays differ in number, or are out of range.

    Source: Everingham et al., "The PASCAL VOC challenge", IJCV 88 (2010), section 4.2, for the overlap and
        for repeated claims; ignored faces as in the COCO and WIDER FACE evaluations.
    """
    if len(annotated) != len(detected) or not 0.0 < overlap <= 1.0:
        raise InvalidValue("Each photo needs annotated and detected faces, and an overlap above 0 to 1.")
    photos = [
        _match_photo(*_checked(truth, found, ignore_below_px), overlap)
        for truth, found in zip(annotated, detected, strict=True)
    ]
    scores = _joined([photo.claim_scores for photo in photos])
    order = np.argsort(-scores, kind="stable")
    return Matches(
        photos=len(photos),
        face_photos=_photo_numbers([len(photo.face_sizes) for photo in photos]),
        face_sizes=_joined([photo.face_sizes for photo in photos]),
        found_at=_joined([photo.found_at for photo in photos]),
        claim_photos=_photo_numbers([len(photo.claim_scores) for photo in photos])[order],
        claim_sizes=_joined([photo.claim_sizes for photo in photos])[order],
        claim_scores=scores[order],
        claim_hits=_joined([photo.claim_hits for photo in photos])[order].astype(np.bool_),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _PhotoMatch:
    """The part of ``Matches`` that one photo has; claims in the order of their turn."""

    face_sizes: RealArray
    found_at: RealArray
    claim_sizes: RealArray
    claim_scores: RealArray
    claim_hits: RealArray


def _checked(
    truth: AnnotatedFaces, found: DetectedFaces, ignore_below_px: float
) -> tuple[AnnotatedFaces, DetectedFaces]:
    faces = np.asarray(truth.boxes_xyxy, np.float64).reshape(-1, 4)
    boxes = np.asarray(found.boxes_xyxy, np.float64).reshape(-1, 4)
    scores = np.asarray(found.detection_scores, np.float64)
    if truth.ignored.shape != (len(faces),) or scores.shape != (len(boxes),):
        raise InvalidValue("Boxes and what is said about them differ in number.")
    if not all(np.all(np.isfinite(numbers)) for numbers in (faces, boxes, scores)):
        raise InvalidValue("A box or a detection score is not finite.")
    ignored = truth.ignored | (_sizes(faces) < ignore_below_px)
    order = np.argsort(-scores, kind="stable")
    return AnnotatedFaces(faces, ignored), DetectedFaces(boxes[order], scores[order])


def _match_photo(truth: AnnotatedFaces, found: DetectedFaces, overlap: float) -> _PhotoMatch:
    scores = np.asarray(found.detection_scores, np.float64)
    shared = overlaps(found.boxes_xyxy, truth.boxes_xyxy)
    face_sizes, claim_sizes = _sizes(truth.boxes_xyxy), _sizes(found.boxes_xyxy)
    found_at = np.full(len(face_sizes), -np.inf)
    hits = np.zeros(len(claim_sizes))
    counted = np.ones(len(claim_sizes), np.bool_)
    for claim, with_faces in enumerate(shared):
        free = np.where(truth.ignored | (found_at > -np.inf), 0.0, with_faces)
        face = int(np.argmax(free)) if len(free) else -1
        if face >= 0 and free[face] >= overlap:
            found_at[face] = scores[claim]
            hits[claim] = 1.0
            claim_sizes[claim] = face_sizes[face]
        elif np.any(with_faces[truth.ignored] >= overlap):
            counted[claim] = False
    faces = ~truth.ignored
    return _PhotoMatch(
        face_sizes[faces], found_at[faces], claim_sizes[counted], scores[counted], hits[counted]
    )


def _areas(boxes_xyxy: BoxArray) -> RealArray:
    sides = np.maximum(boxes_xyxy[..., 2:] - boxes_xyxy[..., :2], 0.0)
    areas: RealArray = np.prod(sides, axis=-1, dtype=np.float64)
    return areas


def _sizes(boxes_xyxy: BoxArray) -> RealArray:
    return np.sqrt(_areas(boxes_xyxy))


def _joined(parts: Sequence[RealArray]) -> RealArray:
    return np.concatenate([np.empty(0), *parts])


def _photo_numbers(counts: Sequence[int]) -> NDArray[np.int64]:
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)
