"""Contenders and photos in, times taken in turns out, so that noise hits all alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    """

    name: str
    worker: Worker
    operation: str = "template"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How often photos are shown.

    Attributes:
        rounds: How often each photo is shown to each contender.
        turn: How many photos a contender is shown in a row. With 1 each begins in the caches that another
            left, as on a machine that does many things; with more, as in a service that does one.
        slow: Contenders that are too slow for all of it.
        slow_rounds: In how many rounds those take part.
        slow_every: They are shown each so manieth photo.
    """

    rounds: int
    turn: int = 1
    slow: frozenset[str] = frozenset()
    slow_rounds: int = 2
    slow_every: int = 1

    def shows(self, name: str, round_number: int, photo: int) -> bool:
        """Whether a contender is shown a photo in a round; round -1 warms up, and the slow get one photo."""
        if name not in self.slow:
            return True
        if round_number < 0:
            return photo == 0
        return round_number < self.slow_rounds and photo % self.slow_every == 0


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
    def shown(self) -> NDArray[np.bool_]:
        """The photos it was shown."""
        return ~np.isnan(self.per_photo)

    @property
    def made(self) -> NDArray[np.bool_]:
        """The photos of which it made a template."""
        return np.array([box is not None for box in self.boxes])

    def stage(self, name: str) -> NDArray[np.float64]:
        """The median of one stage over rounds, shape ``(photos,)``."""
        return _medians(self.stages[name])


@dataclass(frozen=True, slots=True)
class Ratio:
    """How many times as long one contender takes as another.

    Attributes:
        median: The median of the photos' own ratios.
        of_medians: The ratio of the two medians.
        photos: Of how many photos both made a template; the two above are over these.
        median_of_all: The median over all photos both were shown, templates or none.
    """

    median: float
    of_medians: float
    photos: int
    median_of_all: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.median_of_all:.2f})"


def in_turns(contenders: Sequence[Contender], photos: Sequence[str], schedule: Schedule) -> dict[str, Times]:
    """Show every photo to one contender after the other, round after round.

    Who begins changes with every turn, so that nobody always follows the same neighbour. A round before the
    first, untimed, fills the caches of all of them.
    """
    shape = (schedule.rounds, len(photos))
    times = {one.name: Times(np.full(shape, np.nan), [None] * len(photos)) for one in contenders}
    for number in range(-1, schedule.rounds):
        for one, at in _order(contenders, len(photos), number, schedule):
            answer = one.worker.ask(one.operation, photo=photos[at])
            if number < 0:
                continue
            mine = times[one.name]
            mine.seconds[number, at] = answer["seconds"]
            mine.boxes[at] = answer["box"]
            for stage, seconds in answer.get("stages", {}).items():
                mine.stages.setdefault(stage, np.full(shape, np.nan))[number, at] = seconds
    return times


def ratio(slow: Times, fast: Times) -> Ratio:
    """Compare on the photos of which both made a template.

    Who finds no face, or one too small for it, skips half of the work; over all photos that would count as
    speed.
    """
    shown = slow.shown & fast.shown
    both = shown & slow.made & fast.made
    slow_times, fast_times = slow.per_photo, fast.per_photo
    quotients = slow_times / fast_times
    return Ratio(
        _median(quotients[both]),
        _median(slow_times[both]) / _median(fast_times[both]),
        int(both.sum()),
        _median(quotients[shown]),
    )


def _order(
    contenders: Sequence[Contender], photos: int, number: int, schedule: Schedule
) -> Iterator[tuple[Contender, int]]:
    for start in range(0, photos, schedule.turn):
        first = (start // schedule.turn + number) % len(contenders)
        for one in (*contenders[first:], *contenders[:first]):
            for at in range(start, min(start + schedule.turn, photos)):
                if schedule.shows(one.name, number, at):
                    yield one, at


def _medians(values: NDArray[np.float64]) -> NDArray[np.float64]:
    seen = ~np.isnan(values).all(axis=0)
    medians = np.full(values.shape[1], np.nan)
    medians[seen] = np.nanmedian(values[:, seen], axis=0)
    return medians


def _median(values: NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else float("nan")
