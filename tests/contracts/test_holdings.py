"""What every adapter of the holdings port promises: what is not known counts against whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from faceward.adapters.holdings.nothing import NothingHeld
from faceward.ports.holdings import Holdings
from faceward.transparency.words import Ground, Purpose, Source

NOW = datetime(2026, 2, 1, tzinfo=UTC)


@pytest.fixture(params=[NothingHeld], ids=lambda kind: kind.__name__)
def holdings(request) -> Holdings:
    return request.param()


@pytest.mark.parametrize("gallery", ["", "never made", "x" * 256])
def test_a_gallery_that_nobody_knows_belongs_to_nobody(holdings, gallery):
    """So it is never the gallery of whoever asks."""
    assert holdings.owner(gallery) == ""


@pytest.mark.parametrize("deployment", ["", "never made"])
@pytest.mark.parametrize("account", ["", "amy"])
def test_an_account_that_nobody_knows_belongs_to_nothing(holdings, account, deployment):
    assert holdings.member(account, deployment, NOW) is False


def test_nobody_knows_where_the_photos_of_an_unknown_gallery_come_from(holdings):
    assert holdings.source("never made") is Source.UNKNOWN


@pytest.mark.parametrize("subjects", [(), ("s1",), ("s1", "s2")])
@pytest.mark.parametrize("purpose", Purpose)
def test_there_is_no_ground_for_people_whom_nobody_knows(holdings, subjects, purpose):
    """Whatever for."""
    assert holdings.ground("never made", subjects, purpose, NOW) is Ground.NONE
