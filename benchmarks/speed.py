"""Contenders and photos in, times taken in turns out, so that noise hits all alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from benchmarks.contenders.serving import Box
from benchmarks.workers import Worker


@dataclass(frozen=True, slots=True)
class Contender:
    """Somebody whose turn comes at every photo.

    Attributes:
        name: What to call it.
        worker: Who does it.
        operation: What to ask for.
        rounds: In how many of the rounds it takes part; fewer for the slow.
        every: It takes each so manieth photo.
    """

    name: str
    worker: Worker
    operation: str = "template"
    rounds: int = 1_000
    every: int = 1


@dataclass(eq=False)
class Times:
    """What one contender took.

    Attributes:
        seconds: Shape ``(rounds, photos)``; NaN where it did not take part.
        boxes: The face it chose in each photo; ``None`` where it made no template, or took no part.
        stages: Shape as ``seconds``, for each stage that it tells apart.
    """

    seconds: NDArray[np.float64]
    boxes: list[Box | None]
    stages: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @property
    def per_photo(self) -> NDArray[np.float64]:
        """The median over rounds, shape ``(photos,)``; NaN where it did not take part."""
        return _medians(self.seconds)

    @property
    def made(self) -> NDArray[np.bool_]:
        """The photos of which it made a template."""
        return np.array([box is not None for box in self.boxes])

    def stage(self, name: str) -> NDArray[np.float64]:
        """The median of one stage over rounds, shape ``(photos,)``."""
        return _medians(self.stages[name])


def in_turns(contenders: Sequence[Contender], photos: Sequence[str], rounds: int) -> dict[str, Times]:
    """Show every photo to one contender after the other, round after round.

    Who begins changes with every photo, so that nobody always follows the same neighbour. A round before the
    first, untimed, fills the caches of all of them.
    """
    shape = (rounds, len(photos))
    times = {one.name: Times(np.full(shape, np.nan), [None] * len(photos)) for one in contenders}
    for turn in range(-1, rounds):
        for at, photo in enumerate(photos):
            first = (at + turn) % len(contenders)
            for one in (*contenders[first:], *contenders[:first]):
                if at % one.every or turn >= one.rounds or (turn < 0 and one.rounds < rounds and at):
                    continue
                answer = one.worker.ask(one.operation, photo=photo)
                if turn < 0:
                    continue
                mine = times[one.name]
                mine.seconds[turn, at] = answer["seconds"]
                mine.boxes[at] = answer["box"]
                for stage, seconds in answer.get("stages", {}).items():
                    mine.stages.setdefault(stage, np.full(shape, np.nan))[turn, at] = seconds
    return times


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long one contender takes as another.

    Attributes:
        median: The median of the photos' own ratios.
        of_medians: The ratio of the two medians.
        photos: Of how many photos both made a template.
        median_of_all: The median over all photos both were shown, templates or none.
    """

    median: float
    of_medians: float
    photos: int
    median_of_all: float


def ratio(slow: Times, fast: Times) -> Ratio:
    """Compare on the photos of which both made a template.

    Who finds no face, or one too small for it, skips a half of the work; over all photos that would count
    as speed.
    """
    slow_times, fast_times = slow.per_photo, fast.per_photo
    shown = ~np.isnan(slow_times) & ~np.isnan(fast_times)
    both = shown & slow.made & fast.made
    quotients = slow_times / fast_times
    if not both.any():
        return Ratio(np.nan, np.nan, 0, float(np.median(quotients[shown])))
    return Ratio(
        float(np.median(quotients[both])),
        float(np.median(slow_times[both]) / np.median(fast_times[both])),
        int(both.sum()),
        float(np.median(quotients[shown])),
    )


def _medians(values: NDArray[np.float64]) -> NDArray[np.float64]:
    seen = ~np.isnan(values).all(axis=0)
    medians = np.full(values.shape[1], np.nan)
    medians[seen] = np.nanmedian(values[:, seen], axis=0)
    return medians
