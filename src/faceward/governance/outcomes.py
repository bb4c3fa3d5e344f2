"""What an operation did in, what its record may say of it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from faceward.errors import InvalidValue
from faceward.ports.ledger import Filing, Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Counts:
    """How much an operation did. Nothing here names anybody.

    Attributes:
        comparisons: Comparisons outside of a gallery that were made.
        faces: Faces that were found.
        candidates: Candidates that were claimed.
        enrolled: People that were enrolled.
        erased: People that were erased.
        top_score: The highest comparison score, recorded to 0.001; ``None`` where nothing was compared.
    """

    comparisons: int = 0
    faces: int = 0
    candidates: int = 0
    enrolled: int = 0
    erased: int = 0
    top_score: float | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be counted.

        Raises:
            InvalidValue: A count is negative.
        """
        if min(self.comparisons, self.faces, self.candidates, self.enrolled, self.erased) < 0:
            raise InvalidValue("A count of an operation is negative.", remedy="Correct the operation.")


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a record holds of a document that somebody else keeps; it tells nobody anything who has it not.

    Attributes:
        document: Keyed digest of the document; empty where there is none.
        salt: What the key of that digest is made with, 32 hexadecimal digits; empty where there is none.
    """

    document: str = ""
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Performed(Generic[T]):
    """What an operation gives to the gate.

    Attributes:
        result: What the caller gets, once the record is durable.
        counts: What the record says.
        filings: Documents that are kept from then on, or are no more.
        commitment: What the record holds of a document that the person keeps.
    """

    result: T
    counts: Counts = Counts()
    filings: tuple[Filing, ...] = ()
    commitment: Commitment = Commitment()


@dataclass(frozen=True, slots=True)
class Pending(Generic[T]):
    """What an operation gives to the gate where it changes the store, or rests on what may have changed.

    Attributes:
        settle: Makes the changes and looks once more at what they rest on, in the transaction that records
            the outcome. It must be short. What it raises undoes everything, and is what the caller hears.
    """

    settle: Callable[[Transaction], Performed[T]]
