"""What every vault promises; and what the one on a keyring leaves on the disk."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from faceward.adapters.keyring import FileKeyring
from faceward.adapters.vault import KeyringVault
from faceward.core.values import TemplateContract
from faceward.errors import InvalidValue
from faceward.ports.subject_keys import SubjectKeys
from faceward.ports.vault import Place, VaultRefused
from faceward.testing import MemoryKeyring

CONTRACT = TemplateContract("sface", "ab" * 32, "flip-2", "f32", 128)
PLACE = Place("acme", "door/staff", "anna", "0" * 32, CONTRACT, 1)


def templates(count, length=128, seed=1):
    drawn = np.random.default_rng(seed).normal(size=(count, length)).astype(np.float32)
    return drawn / np.linalg.norm(drawn, axis=1, keepdims=True)


def at(**changes):
    return dataclasses.replace(PLACE, **changes)


def people(count):
    return [at(subject=f"p{number}", reference=f"{number:032x}") for number in range(count)]


@pytest.fixture(params=["files", "memory"])
def keyring(request, tmp_path):
    made = FileKeyring(tmp_path / "keys") if request.param == "files" else MemoryKeyring()
    yield made
    if isinstance(made, FileKeyring):
        made.close()


@pytest.fixture
def vault(keyring):
    return KeyringVault(keyring)


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_templates_open_as_they_were_in_their_order(vault, count):
    features, places = templates(count), people(count)
    sealed = [vault.closed(one, place) for one, place in zip(features, places, strict=True)]
    opened = vault.opened(sealed, places)
    assert opened.dtype == np.float32
    assert np.array_equal(opened, features if count else np.empty((0, 0)))


def test_more_than_one_portion_opens_and_one_bad_row_anywhere_refuses_all(keyring):
    """Nine thousand rows of one subject: keys are few here, rows are many."""
    vault = KeyringVault(keyring)
    features = templates(1)[0]
    places = [at(reference=f"{number:032x}") for number in range(9000)]
    sealed = [vault.closed(features, place) for place in places]
    assert (vault.opened(sealed, places) == features).all()
    sealed[8999], sealed[8998] = sealed[8998], sealed[8999]
    with pytest.raises(VaultRefused):
        vault.opened(sealed, places)


def test_galleries_tenants_and_epochs_may_be_mixed(vault):
    vault.rotate("acme")
    places = [at(), at(gallery="door/guests"), at(tenant="other"), at(epoch=2), at(subject="bert"), at()]
    features = templates(len(places))
    sealed = [vault.closed(one, place) for one, place in zip(features, places, strict=True)]
    assert np.array_equal(vault.opened(sealed, places), features)


def test_the_same_template_never_closes_to_the_same_bytes_and_is_little_longer(vault):
    features = templates(1)[0]
    sealed = {vault.closed(features, PLACE) for _ in range(50)}
    assert len(sealed) == 50
    assert {len(one) for one in sealed} == {4 * 128 + 28}


def test_photos_open_as_they_were_and_are_no_templates(vault):
    features = templates(1)[0]
    photo = vault.closed_photo(features.tobytes(), PLACE)
    assert vault.opened_photo(photo, PLACE) == features.tobytes()
    with pytest.raises(VaultRefused):
        vault.opened([photo], [PLACE])
    with pytest.raises(VaultRefused):
        vault.opened_photo(vault.closed(features, PLACE), PLACE)


@pytest.mark.parametrize(
    "other",
    [
        {"tenant": "other"},
        {"gallery": "door/guests"},
        {"subject": "bert"},
        {"reference": "1" * 32},
        {"epoch": 2},
        *(
            {"contract": dataclasses.replace(CONTRACT, **change)}
            for change in (
                {"model": "other"},
                {"model_sha256": "cd" * 32},
                {"preprocessing": "flip-1"},
                {"precision": "bf16"},
                {"length": 64},
            )
        ),
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_was_moved_does_not_open(vault, other):
    """Though every key that the other place needs is there."""
    vault.rotate("acme")
    features = templates(1)[0]
    sealed, moved = vault.closed(features, PLACE), at(**other)
    vault.closed(features[: moved.contract.length], moved)
    with pytest.raises(VaultRefused):
        vault.opened([sealed], [moved])
    with pytest.raises(VaultRefused):
        vault.opened_photo(vault.closed_photo(b"photo", PLACE), moved)
    assert vault.opened([sealed], [PLACE]).shape == (1, 128)


def test_two_rows_that_were_swapped_do_not_open(vault):
    one, two = people(2)
    sealed = [vault.closed(features, place) for features, place in zip(templates(2), (two, one), strict=True)]
    with pytest.raises(VaultRefused):
        vault.opened(sealed, [one, two])


@pytest.mark.parametrize("damage", [b"", b"x", bytes(12), bytes(28), bytes(540)])
def test_what_is_no_closed_template_is_refused(vault, damage):
    vault.closed(templates(1)[0], PLACE)
    with pytest.raises(VaultRefused) as refused:
        vault.opened([damage], [PLACE])
    assert "keys.md" in refused.value.remedy


def test_who_was_forgotten_does_not_open_and_the_others_do(vault):
    features, places = templates(2), people(2)
    sealed = [vault.closed(one, place) for one, place in zip(features, places, strict=True)]
    photo = vault.closed_photo(b"photo", places[0])
    assert vault.forget(PLACE.gallery, "p0")
    assert not vault.forget(PLACE.gallery, "p0")
    with pytest.raises(VaultRefused):
        vault.opened(sealed, places)
    with pytest.raises(VaultRefused):
        vault.opened_photo(photo, places[0])
    assert np.array_equal(vault.opened(sealed[1:], places[1:]), features[1:])


def test_who_is_enrolled_again_opens_with_the_new_key_alone(vault):
    """A row from before the erasure, put back under the same name, stays closed."""
    features = templates(2)
    old = vault.closed(features[0], PLACE)
    vault.forget(PLACE.gallery, PLACE.subject)
    new = vault.closed(features[1], PLACE)
    assert np.array_equal(vault.opened([new], [PLACE]), features[1:])
    with pytest.raises(VaultRefused):
        vault.opened([old], [PLACE])


class Exchanged:
    """A keyring that gives another secret for each thing of one kind, and all else as it was."""

    def __init__(self, keyring, kind):
        self._keyring, self._kind = keyring, kind

    def key(self, kind, identifier):
        return self._other(kind, self._keyring.key(kind, identifier))

    def found(self, kind, identifiers):
        return [self._other(kind, secret) for secret in self._keyring.found(kind, identifiers)]

    def _other(self, kind, secret):
        return bytes(reversed(secret)) if secret and kind == self._kind else secret


@pytest.mark.parametrize("kind", ["subject", "tenant"])
def test_either_secret_is_needed_for_the_key(vault, keyring, kind):
    """Not only to find the row or to be let in: who has all but one of them opens nothing."""
    features = templates(1)
    sealed, photo = vault.closed(features[0], PLACE), vault.closed_photo(b"photo", PLACE)
    assert np.array_equal(KeyringVault(Exchanged(keyring, "none")).opened([sealed], [PLACE]), features)
    without = KeyringVault(Exchanged(keyring, kind))
    with pytest.raises(VaultRefused):
        without.opened([sealed], [PLACE])
    with pytest.raises(VaultRefused):
        without.opened_photo(photo, PLACE)


def test_opening_makes_no_key(vault, keyring):
    with pytest.raises(VaultRefused):
        vault.opened([bytes(540)], [PLACE])
    assert SubjectKeys(keyring).found(PLACE.gallery, [PLACE.subject]) == [None]
    assert not vault.forget(PLACE.gallery, PLACE.subject)


def test_old_and_new_epochs_open_until_the_old_is_retired(vault):
    features = templates(2)
    assert vault.epoch("acme") == 1
    old = vault.closed(features[0], PLACE)
    assert vault.rotate("acme") == 2 == vault.epoch("acme")
    assert vault.epoch("other") == 1
    new = vault.closed(features[1], at(epoch=2))
    assert np.array_equal(vault.opened([old, new], [PLACE, at(epoch=2)]), features)
    vault.retire("acme", 1)
    vault.retire("acme", 1)
    with pytest.raises(VaultRefused):
        vault.opened([old], [PLACE])
    with pytest.raises(VaultRefused):
        vault.closed(features[0], PLACE)
    assert np.array_equal(vault.opened([new], [at(epoch=2)]), features[1:])
    assert vault.rotate("acme") == 3


def test_a_tenant_that_was_never_used_can_be_rotated(vault):
    assert [vault.rotate("new") for _ in range(3)] == [2, 3, 4]
    assert vault.epoch("new") == 4


@pytest.mark.parametrize("epoch", [0, 2, 3, -1])
def test_the_key_of_what_is_new_and_what_never_was_cannot_be_retired(vault, epoch):
    vault.rotate("acme")
    with pytest.raises(InvalidValue):
        vault.retire("acme", epoch)


def test_an_epoch_that_has_not_begun_closes_nothing(vault):
    with pytest.raises(VaultRefused):
        vault.closed(templates(1)[0], at(epoch=2))
    assert vault.epoch("acme") == 1


def test_tenants_whose_names_look_like_epochs_keep_apart(vault):
    vault.rotate("1/a")
    vault.rotate("a")
    assert vault.rotate("a") == 3
    assert vault.epoch("1/a") == 2
    assert vault.epoch("/a") == 1


def test_a_template_of_another_length_is_no_template_of_the_contract(vault):
    with pytest.raises(InvalidValue):
        vault.closed(templates(1, 64)[0], PLACE)
    with pytest.raises(InvalidValue):
        vault.opened([b""], [])


def test_templates_of_two_lengths_do_not_open_together(vault):
    short = at(contract=dataclasses.replace(CONTRACT, length=64))
    sealed = [vault.closed(templates(1)[0], PLACE), vault.closed(templates(1, 64)[0], short)]
    with pytest.raises(InvalidValue):
        vault.opened(sealed, [PLACE, short])


def test_turning_keeps_cosines_and_changes_coordinates(vault):
    features = templates(300)
    turned = vault.turned(features, "acme")
    assert turned.dtype == np.float32
    assert np.abs(features @ features.T - turned @ turned.T).max() < 1e-6
    assert np.abs(np.linalg.norm(turned, axis=1) - 1).max() < 1e-6
    assert np.abs((features * turned).sum(axis=1)).mean() < 0.2
    assert np.allclose(vault.turned(features[7], "acme"), turned[7], atol=1e-6)


def test_turning_is_the_same_ever_after_and_another_for_each_tenant(vault, keyring):
    features = templates(3)
    turned = vault.turned(features, "acme")
    vault.rotate("acme")
    assert np.array_equal(KeyringVault(keyring).turned(features, "acme"), turned)
    assert np.abs((vault.turned(features, "other") * turned).sum(axis=1)).max() < 0.6
    assert vault.turned(templates(2, 64), "acme").shape == (2, 64)


def test_many_threads_close_and_open(vault):
    features, places = templates(64), people(64)

    def around(number):
        sealed = vault.closed(features[number], places[number])
        vault.rotate("other")
        return np.array_equal(vault.opened([sealed], [places[number]])[0], features[number])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(around, range(64)))


PROGRAM = """
import sys
from pathlib import Path
from test_vault import PLACE, at, templates
from faceward.adapters.keyring import FileKeyring
from faceward.adapters.vault import KeyringVault
from faceward.ports.vault import VaultRefused
vault = KeyringVault(FileKeyring(Path(sys.argv[1])))
for line in sys.stdin:
    words = line.split()
    try:
        if words[0] == "close":
            said = vault.closed(templates(1)[0], at(epoch=int(words[1]))).hex()
        elif words[0] == "open":
            opened = vault.opened([bytes.fromhex(words[2])], [at(epoch=int(words[1]))])
            said = str(bool((opened == templates(1)).all()))
        elif words[0] == "rotate":
            said = str(vault.rotate("acme"))
        elif words[0] == "epoch":
            said = str(vault.epoch("acme"))
    except VaultRefused:
        said = "refused"
    print(said, flush=True)
"""


class TestTwoProcesses:
    @pytest.fixture
    def other(self, tmp_path):
        child = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path / "keys")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={"PYTHONPATH": ":".join(sys.path)},
        )  # fmt: skip

        def ask(*words):
            child.stdin.write(" ".join(words) + "\n")
            child.stdin.flush()
            return child.stdout.readline().strip()

        yield ask
        child.stdin.close()
        assert child.wait(60) == 0
        child.stdout.close()

    def test_both_open_what_either_closed_across_a_rotation_and_what_one_forgets_is_gone(
        self, tmp_path, other
    ):
        keyring = FileKeyring(tmp_path / "keys")
        vault, features = KeyringVault(keyring), templates(1)
        mine = vault.closed(features[0], PLACE)
        theirs = bytes.fromhex(other("close", "1"))
        assert np.array_equal(vault.opened([theirs], [PLACE]), features)
        assert other("open", "1", mine.hex()) == "True"
        assert other("rotate") == "2"
        assert vault.epoch("acme") == 2
        new = vault.closed(features[0], at(epoch=2))
        assert other("open", "2", new.hex()) == "True"
        assert other("open", "1", mine.hex()) == "True"
        assert vault.rotate("acme") == 3
        assert other("epoch") == "3"
        vault.retire("acme", 1)
        assert other("open", "1", theirs.hex()) == "refused"
        vault.forget(PLACE.gallery, PLACE.subject)
        assert other("open", "2", new.hex()) == "refused"
        keyring.close()
