"""Labelled photos and recognisers in, features in the order of the photos and each failure out.

Features leave this module only as an array for `faceward.evaluation`; nothing here writes them anywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from faceward.adapters.codec import sources
from faceward.adapters.datasets.labelled_photos import LabelledPhoto, LabelledPhotos
from faceward.core.detection import Selection
from faceward.core.values import FloatArray, Template
from faceward.errors import InputError
from faceward.recognition.recogniser import Recogniser


@dataclass(frozen=True, slots=True)
class Failure:
    """A photo of which no template could be made.

    Attributes:
        image: Which.
        error: Why: it cannot be opened, or shows no face.
    """

    image: str
    error: InputError


@dataclass(frozen=True, slots=True, eq=False)
class Acquisition:
    """What became of the photos of a data set.

    Attributes:
        images: Those of which there are templates, in order.
        features: One array for each recogniser, shape ``(len(images), length)``, float32, rows of length 1.
        failures: The others, in order.
        content_sha256: Digest of every file, in the order of the data set; empty for one that is not there.
    """

    images: tuple[str, ...]
    features: tuple[FloatArray, ...]
    failures: tuple[Failure, ...]
    content_sha256: tuple[str, ...]


def acquired(
    photos: LabelledPhotos,
    recognisers: Sequence[Recogniser],
    which: Selection,
    *,
    workers: int,
    done: Callable[[], object] = lambda: None,
) -> Acquisition:
    """Make the template of each photo's face, with each recogniser.

    Args:
        photos: The data set.
        recognisers: At least one. A photo counts only if all of them make a template of it, so that their
            features belong together row by row.
        which: Whose face is meant in a photo of several people.
        workers: Threads; the result does not depend on them.
        done: Called after each photo, from this thread.

    Raises:
        DependencyError: The networks do not run.
    """
    results = []
    with ThreadPoolExecutor(workers) as pool:
        try:
            for result in pool.map(lambda photo: _acquired(photo, recognisers, which), photos.photos):
                results.append(result)
                done()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
    together = list(zip(photos.photos, results, strict=True))
    made = [(photo.image, found) for photo, (_, found) in together if not isinstance(found, InputError)]
    return Acquisition(
        images=tuple(image for image, _ in made),
        features=tuple(_rows([found[n] for _, found in made]) for n in range(len(recognisers))),
        failures=tuple(
            Failure(p.image, found) for p, (_, found) in together if isinstance(found, InputError)
        ),
        content_sha256=tuple(content for content, _ in results),
    )


def _acquired(
    photo: LabelledPhoto, recognisers: Sequence[Recogniser], which: Selection
) -> tuple[str, list[Template] | InputError]:
    content = ""
    try:
        data = sources.read(photo.path, recognisers[0].limits.max_bytes)
        content = hashlib.sha256(data).hexdigest()
        return content, [it.portrait(it.open(data), which).template for it in recognisers]
    except InputError as error:
        return content, error


def _rows(templates: list[Template]) -> FloatArray:
    if not templates:
        return np.empty((0, 0), np.float32)
    return np.stack([template.features for template in templates])
