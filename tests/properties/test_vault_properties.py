"""Whatever bit of what is closed is changed, whatever part of its place: it is refused."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from faceward.adapters.vault import KeyringVault
from faceward.adapters.vault.closing import _common, _own
from faceward.core.values import TemplateContract
from faceward.ports.vault import Place, VaultRefused
from faceward.testing import MemoryKeyring

NAMES = st.text(max_size=8) | st.text(alphabet="0123456789:/.", max_size=6)
CONTRACTS = st.builds(TemplateContract, NAMES, NAMES, NAMES, NAMES, st.just(4))
PLACES = st.builds(Place, NAMES, NAMES, NAMES, NAMES, CONTRACTS, st.integers(1, 2))
FEATURES = np.array([0.5, -0.5, 0.5, -0.5], dtype=np.float32)


def ready(*places):
    """A vault in which every key is there that one of some places needs."""
    vault = KeyringVault(MemoryKeyring())
    for place in places:
        if vault.epoch(place.tenant) < 2:
            vault.rotate(place.tenant)
        vault.closed(FEATURES, place)
    return vault


@given(PLACES)
def test_everything_opens_in_its_place(place):
    """Also under names of digits and colons."""
    vault = ready(place)
    assert np.array_equal(vault.opened([vault.closed(FEATURES, place)], [place])[0], FEATURES)
    assert vault.opened_photo(vault.closed_photo(b"photo", place), place) == b"photo"


@given(PLACES, PLACES, st.sets(st.integers(0, 9), min_size=1, max_size=2))
def test_another_place_is_refused(place, other, taken):
    """One field or two are those of another place, so letters cannot wander from one to the next."""
    fields = ["tenant", "gallery", "subject", "reference", "epoch"]
    made = ["model", "model_sha256", "preprocessing", "precision"]
    changes = {name: getattr(other, name) for at, name in enumerate(fields) if at in taken}
    contract = {name: getattr(other.contract, name) for at, name in enumerate(made, 5) if at in taken}
    moved = dataclasses.replace(place, contract=dataclasses.replace(place.contract, **contract), **changes)
    assume(moved != place)
    vault = ready(place, moved)
    with pytest.raises(VaultRefused):
        vault.opened([vault.closed(FEATURES, place)], [moved])
    with pytest.raises(VaultRefused):
        vault.opened_photo(vault.closed_photo(b"photo", place), moved)


@given(PLACES, PLACES)
def test_no_two_places_are_bound_alike(place, other):
    """What an attacker who chooses names would need."""
    assume(place != other)
    bound = [_common("a", each) + _own(each.subject, each.reference) for each in (place, other)]
    assert bound[0] != bound[1]


PLACE = Place("acme", "door/staff", "anna", "0" * 32, TemplateContract("m", "ab", "p", "f32", 4), 1)
VAULT = ready(PLACE)
SEALED = VAULT.closed(FEATURES, PLACE)
PHOTO = VAULT.closed_photo(b"photo", PLACE)


def test_every_bit_counts():
    """All of them, of nonce, content and tag."""
    for bit in range(8 * len(SEALED)):
        changed = bytearray(SEALED)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(VaultRefused):
            VAULT.opened([bytes(changed)], [PLACE])


@settings(max_examples=200)
@given(st.binary(max_size=3 * len(SEALED)), st.integers(0, len(SEALED)), st.integers(0, len(SEALED)))
def test_whatever_is_cut_or_put_in_is_refused(put, begin, end):
    changed = SEALED[:begin] + put + SEALED[end:]
    assume(changed != SEALED)
    with pytest.raises(VaultRefused):
        VAULT.opened([changed], [PLACE])


@given(st.integers(0, 8 * len(PHOTO) - 1))
def test_every_bit_of_a_photo_counts(bit):
    changed = bytearray(PHOTO)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VaultRefused):
        VAULT.opened_photo(bytes(changed), PLACE)
