"""A listener hears of every step, and the result is what it would have been."""

from __future__ import annotations

import numpy as np
from PIL import Image

from faceward import wiring
from faceward.cli.stopwatch import STAGES, Stopwatch
from faceward.recognition.listening import listened
from faceward.recognition.plan import SearchPlan


def test_every_step_is_heard_and_changes_nothing(settings, astronaut, tmp_path):
    """A photo of 512 px: one look, one crop, one template; the stages have their own times."""
    path = tmp_path / "photo.png"
    Image.fromarray(astronaut).save(path)
    parts = wiring.connect(settings)
    watch = Stopwatch(SearchPlan().crop_side)
    heard = listened(watch, wiring.codec(), parts.networks, parts.recogniser.limits)
    portrait = heard.portrait(heard.open(path))
    alone = parts.recogniser.portrait(parts.recogniser.open(path))
    assert (portrait.template.features == alone.template.features).all()
    assert np.array_equal(portrait.chip, alone.chip)
    assert watch.runs == dict.fromkeys(STAGES, 1)
    assert all(seconds > 0 for seconds in watch.seconds.values())
    watch.reset()
    heard.open(path)
    assert watch.runs == dict.fromkeys(STAGES, 0) | {"open": 1}
