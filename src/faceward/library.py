"""Two photos in, a decision with its evidence out: what ``from faceward import Engine`` gives.

The bare library offers detection and comparison of one to one, and nothing that searches. It is not
governed: no gate judges its use. The service is.
"""

from __future__ import annotations

from dataclasses import dataclass

from faceward.core.comparison import comparison_score
from faceward.core.decision import Decision, decide
from faceward.core.detection import Selection
from faceward.core.quality import Usability
from faceward.core.values import Face, TemplateContract
from faceward.errors import InvalidValue
from faceward.ports.codec import Source
from faceward.recognition.recogniser import Portrait, Sighting
from faceward.settings import Settings
from faceward.settings import read as read_settings

DEFAULT_FALSE_MATCH_RATE = 1e-4


@dataclass(frozen=True, slots=True)
class Detection:
    """The faces of one photo.

    Attributes:
        faces: The highest detection score first; empty means that there is none.
        width: Columns of the upright photo.
        height: Rows of the upright photo.
    """

    faces: tuple[Sighting, ...]
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two photos show one person, and on which evidence.

    Attributes:
        decision: Match or non-match, the comparison score and the operating point with its report.
        faces: The face of each photo that was compared.
        usability: What speaks against each of them; a decision on a poor face is worth less than its rate.
        contract: What made the templates.
    """

    decision: Decision
    faces: tuple[Face, Face]
    usability: tuple[Usability, Usability]
    contract: TemplateContract

    @property
    def comparison_score(self) -> float:
        """The comparison score, rounded to 0.001: more digits would only help to reconstruct templates."""
        return round(self.decision.comparison_score, 3)


class Engine:
    """Detection and comparison of one to one, on this machine alone. Safe to use from many threads."""

    def __init__(self, settings: Settings | None = None) -> None:
        """Load the networks.

        Args:
            settings: What to run where; read from the environment where it is ``None``.

        Raises:
            DependencyError: A model or a device is missing; nothing else is used in its place.
        """
        from faceward import wiring  # here, so that the module can be imported without the runtimes

        self._parts = wiring.connect(settings or read_settings())

    @property
    def contract(self) -> TemplateContract:
        """What this engine's templates are made by, its precision included."""
        return self._parts.recogniser.contract

    def detect(self, photo: Source, which: Selection | str | None = None) -> Detection:
        """Find the faces of a photo and say what each is fit for.

        Args:
            photo: A path, encoded bytes, or pixels of shape ``(h, w, 3)``, uint8, RGB.
            which: ``prominent``, ``largest`` or ``central`` for one face; all where it is ``None``.

        Raises:
            InputError: The source is no photo that may be opened, or there is no such selection.
        """
        chosen = None if which is None else _selection(which)
        opened = self._parts.recogniser.open(photo)
        return Detection(self._parts.recogniser.sightings(opened, chosen), opened.width, opened.height)

    def compare(
        self,
        probe: Source,
        reference: Source,
        *,
        false_match_rate: float = DEFAULT_FALSE_MATCH_RATE,
        which: Selection | str = Selection.PROMINENT,
    ) -> Comparison:
        """Decide whether two photos show one person.

        Args:
            probe: The photo in question, as for `detect`.
            reference: The photo it is held against.
            false_match_rate: How often strangers may match, 0 to 1; the threshold follows from it.
            which: Whose face is meant in a photo of several people.

        Raises:
            InputError: A source is no photo that may be opened or has no face, or there is no such selection.
            OperatingPointUnsupported: There is no evidence for that rate.
        """
        chosen = _selection(which)
        at = self._parts.operating_point(false_match_rate)
        a, b = (self._portrait(photo, chosen) for photo in (probe, reference))
        limits = self._parts.recogniser.quality_limits
        return Comparison(
            decision=decide(comparison_score(a.template, b.template), at),
            faces=(a.face, b.face),
            usability=(a.usability(limits), b.usability(limits)),
            contract=self.contract,
        )

    def _portrait(self, photo: Source, which: Selection) -> Portrait:
        recogniser = self._parts.recogniser
        return recogniser.portrait(recogniser.open(photo), which)


def _selection(which: Selection | str) -> Selection:
    try:
        return Selection(which)
    except ValueError:
        raise InvalidValue(
            f"There is no selection {which!r}.", remedy=f"Use one of {', '.join(Selection)}."
        ) from None
