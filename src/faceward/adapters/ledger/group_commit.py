"""Items from many threads in, an answer to each out, once it was committed with whatever else waited.

There is no thread of its own: whoever comes first leads and commits. Who comes meanwhile waits, and the first
of them leads next and takes all others along. A lone caller pays one lock and hands nothing to anybody.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeAlias, TypeVar

from faceward.errors import FacewardError
from faceward.ports.ledger import LedgerUnavailable

Item = TypeVar("Item")
Answer = TypeVar("Answer")

Commit: TypeAlias = Callable[[Sequence[Item]], Sequence[Answer | FacewardError]]
"""Makes items durable, with an answer or an error for each. What it raises itself is said to all of them."""

_MOST = 256
"""Items of one commit. Our choice: far more than threads that wait, and still a short time for the last."""


class GroupCommit(Generic[Item, Answer]):
    """Lets threads share the price of a commit.

    Args:
        commit: Called by one thread at a time.
    """

    def __init__(self, commit: Commit[Item, Answer]) -> None:
        self._commit = commit
        self._door = Lock()
        self._waiting: deque[_Seat[Item, Answer]] = deque()
        self._led = False

    def submit(self, item: Item) -> Answer:
        """Commit one item, alone or with others, and give its answer.

        Raises:
            FacewardError: What the commit said of this item, or of all.
        """
        seat: _Seat[Item, Answer] = _Seat(item)
        with self._door:
            leads = not self._led
            self._led = True
            if not leads:
                seat.turn.acquire()
                self._waiting.append(seat)
        if not leads:
            self._wait(seat)
        if leads or seat.leads:
            self._lead(seat)
        return seat.outcome()

    def _wait(self, seat: _Seat[Item, Answer]) -> None:
        try:
            seat.turn.acquire()
        except BaseException:  # Somebody pressed Ctrl-C: nobody must wait for a leader who is gone.
            with self._door:
                if seat in self._waiting:
                    self._waiting.remove(seat)
                successor = self._successor() if seat.leads else None
            if successor:
                successor.turn.release()
            raise

    def _lead(self, own: _Seat[Item, Answer]) -> None:
        with self._door:
            count = min(len(self._waiting), _MOST - 1)
            seats = [own, *(self._waiting.popleft() for _ in range(count))]
        answers: Sequence[Answer | Exception] = ()
        try:
            answers = self._commit([seat.item for seat in seats])
        except Exception as error:
            answers = [error] * len(seats)
        except BaseException:
            answers = [LedgerUnavailable("Whoever wrote this for others, too, was stopped.")] * len(seats)
            raise
        finally:
            # The next leader is woken first: it can commit while the others still read their answers.
            with self._door:
                successor = self._successor()
            if successor:
                successor.turn.release()
            for seat, answer in zip(seats, answers, strict=True):
                seat.answer = answer
                if seat is not own:
                    seat.turn.release()

    def _successor(self) -> _Seat[Item, Answer] | None:
        """Name who leads next, or nobody; only behind the door."""
        if not self._waiting:
            self._led = False
            return None
        seat = self._waiting.popleft()
        seat.leads = True
        return seat


class _Seat(Generic[Item, Answer]):
    """One caller's place in a commit."""

    __slots__ = ("answer", "item", "leads", "turn")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.turn = Lock()
        self.leads = False
        self.answer: Answer | Exception | None = None

    def outcome(self) -> Answer:
        """Give the answer, or raise the error: one of our own, for others raise theirs too."""
        answer = self.answer
        if isinstance(answer, Exception):
            raise copy.copy(answer) from (answer.__cause__ or answer.__context__)
        return answer  # type: ignore[return-value]
