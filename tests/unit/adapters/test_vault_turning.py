"""Templates that were turned under two secrets cannot be linked; and what turning does not hide."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from faceward.adapters.vault.turning import _uniform, rotation

PAIRS = 50_000
BINS = 40
TENANTS = 4


def secret(number):
    return hashlib.sha256(str(number).encode()).digest()


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def drawn(kind, count, dice):
    """Two templates each of many people, of cosine 0.7 or so; even in all directions, or not.

    The second kind has a few strong directions, as the spectrum of face templates does, and a common mean.
    """
    spectrum = np.ones(128) if kind == "even" else 1 / np.sqrt(1 + np.arange(128) / 12)
    person = dice.normal(size=(count, 128)) * spectrum + (0 if kind == "even" else 0.1)
    return [unit(person + 0.65 * dice.normal(size=person.shape) * spectrum) for _ in range(2)]


def unlinkability(mated, non_mated):
    """D_sys from two histograms over the same evenly wide bins; 0 is unlinkable, 1 is linked.

    Source: Gomez-Barrero et al., General framework to evaluate unlinkability in biometric template
    protection systems, IEEE TIFS 2018, with equal chances of both.
    """
    edges = np.histogram_bin_edges(np.concatenate([mated, non_mated]), BINS)
    p, q = (np.histogram(scores, edges)[0] / len(scores) for scores in (mated, non_mated))
    # With LR = p / q, 2 * LR / (1 + LR) - 1 is (p - q) / (p + q), which needs no LR without end.
    p, q = p[p > q], q[p > q]
    return float((p * (p - q) / (p + q)).sum())


def linked(kind, one, two, seed=3):
    """How far two tenants' templates can be linked by their cosine; people and tenants are fixed."""
    first, second = drawn(kind, PAIRS, np.random.default_rng(seed))
    first, second = first @ one, second @ two
    return unlinkability((first * second).sum(axis=1), (first * np.roll(second, 1, axis=0)).sum(axis=1))


@pytest.mark.parametrize("kind", ["even", "as networks give"])
def test_different_tenants_are_unlinkable(kind):
    """For one pair of tenants after another, as somebody with both databases would try."""
    found = [
        linked(kind, rotation(secret(2 * number), 128), rotation(secret(2 * number + 1), 128))
        for number in range(TENANTS)
    ]
    assert np.mean(found) <= 0.05


def test_one_tenant_is_linked_with_itself():
    """The measure would see it."""
    one = rotation(secret(1), 128)
    assert linked("as networks give", one, one) > 0.95


@pytest.mark.parametrize("length", [1, 2, 64, 128, 512])
def test_a_matrix_is_orthogonal_and_follows_from_its_secret(length):
    one = rotation(secret(1), length)
    assert one.dtype == np.float32
    assert np.abs(one.astype(np.float64) @ one.T.astype(np.float64) - np.eye(length)).max() < 1e-6
    assert np.array_equal(one, rotation(secret(1), length))
    if length > 1:
        assert np.abs(one - rotation(secret(2), length)).max() > 0.01


def test_a_matrix_is_the_one_it_was_in_the_first_release():
    """Whatever numpy and processor: an index that was kept elsewhere still fits. To rounding."""
    found = rotation(secret(1), 4)
    expected = np.array(
        [
            [0.2166054, -0.4844151, -0.7055348, -0.4697284],
            [0.6740063, -0.5067233, 0.5368591, 0.0270051],
            [-0.4768220, -0.1832913, 0.4620946, -0.7249232],
            [-0.5209975, -0.6891863, -0.0217143, 0.5031027],
        ]
    )
    assert np.abs(found - expected).max() < 1e-6


def test_uniform_numbers_are_those_of_the_key_stream():
    """AES-256 in counter mode from zero, eight bytes a number, the least first."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    block = Cipher(algorithms.AES(secret(1)), modes.ECB()).encryptor()
    stream = block.update(bytes(16) + bytes(15) + b"\x01")
    words = [int.from_bytes(stream[at : at + 8], "little") for at in range(0, 32, 8)]
    assert _uniform(secret(1), 4).tolist() == [((word >> 12) + 0.5) / 2**52 for word in words]


def test_matrices_are_drawn_evenly():
    """The mean of an entry is 0 and of its square 1/n; R's sign would bend the first to one side."""
    entries = np.array([rotation(secret(number), 8)[0, 0] for number in range(2000)])
    assert abs(entries.mean()) < 4 / np.sqrt(8 * 2000)
    assert abs((entries**2).mean() - 1 / 8) < 0.02


def test_as_many_known_pairs_as_features_give_the_matrix_away():
    """What docs/how-to/keys.md says that turning does not protect."""
    one = rotation(secret(1), 128)
    known = unit(np.random.default_rng(1).normal(size=(128, 128)))
    assert np.abs(np.linalg.solve(known.astype(np.float64), known @ one) - one).max() < 1e-2
