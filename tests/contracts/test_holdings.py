"""What every adapter of the holdings port promises: what is not known counts against whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from data.galleries import Installation, consent, gallery, reference, subject

from faceward.adapters.holdings.nothing import NothingHeld
from faceward.adapters.holdings.store import StoreHoldings
from faceward.ports.gallery_store import ConsentState
from faceward.ports.holdings import Holdings
from faceward.transparency.words import Ground, Purpose, Source

NOW = datetime(2026, 2, 1, tzinfo=UTC)
ACCESS = Purpose.ACCESS_OPTIN


@pytest.fixture
def installation(tmp_path):
    made = Installation(tmp_path / "ledger" / "ledger.db")
    yield made
    made.close()


@pytest.fixture(params=["nothing", "store", "filled store"])
def holdings(request) -> Holdings:
    if request.param == "nothing":
        return NothingHeld()
    installation = request.getfixturevalue("installation")
    if request.param == "filled store":
        installation.settle(fill)
    return StoreHoldings(installation.store)


def fill(changes):
    changes.make(gallery(source=Source.OWN_RECORDS))
    changes.introduce_all([subject("s1"), subject("s2")])
    changes.add_all([reference(1, "s1"), reference(2, "s2")])
    changes.record(consent(1, "s1"))


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
    assert holdings.ground("", subjects, purpose, NOW) is Ground.NONE


class TestStore:
    """What a store holds is known as it is at the moment."""

    def test_a_gallery_belongs_to_its_deployment_until_it_is_closed(self, installation):
        holdings = StoreHoldings(installation.store)
        installation.settle(fill)
        assert (holdings.owner("acme/staff"), holdings.source("acme/staff")) == ("acme", Source.OWN_RECORDS)
        installation.settle(
            lambda changes: (
                *(changes.forget("acme/staff", it) for it in ("s1", "s2")),
                changes.close("acme/staff"),
            )
        )
        assert (holdings.owner("acme/staff"), holdings.source("acme/staff")) == ("", Source.UNKNOWN)

    def test_a_ground_is_that_of_the_weakest_named_and_for_its_purpose(self, installation):
        holdings = StoreHoldings(installation.store)
        installation.settle(fill)
        for subjects, purpose, expected in [
            ((), ACCESS, Ground.CONSENT), (("s1",), ACCESS, Ground.CONSENT),
            (("s1", "s2"), ACCESS, Ground.NONE), (("s3",), ACCESS, Ground.NONE),
            (("s1",), Purpose.VERIFY_WORKER, Ground.NONE), ((), Purpose.VERIFY_WORKER, Ground.NONE),
        ]:  # fmt: skip
            assert holdings.ground("acme/staff", subjects, purpose, NOW) is expected

    def test_a_withdrawal_through_another_store_counts_at_once(self, installation):
        holdings = StoreHoldings(installation.another())
        installation.settle(fill)
        assert holdings.ground("acme/staff", ("s1",), ACCESS, NOW) is Ground.CONSENT
        installation.settle(lambda changes: changes.record(consent(1, "s1", state=ConsentState.WITHDRAWN)))
        assert holdings.ground("acme/staff", ("s1",), ACCESS, NOW) is Ground.NONE
        assert holdings.ground("acme/staff", (), ACCESS, NOW) is Ground.NONE
