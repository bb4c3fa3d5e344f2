"""Ed25519: the vectors of RFC 8032, and what is no key."""

from __future__ import annotations

import pytest

from faceward.errors import InvalidValue
from faceward.transparency import signatures

# Source: RFC 8032, section 7.1, tests 1 and 3: seed, public key, message, signature.
VECTORS = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("seed", "public", "message", "signature"), VECTORS)
def test_signatures_are_those_of_the_standard(seed, public, message, signature):
    key = signatures.loaded("log.example", bytes.fromhex(seed))
    assert key.public.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert signatures.holds(key.public, bytes.fromhex(message), bytes.fromhex(signature))
    assert not signatures.holds(key.public, bytes.fromhex(message) + b"!", bytes.fromhex(signature))


@pytest.mark.parametrize(
    ("public", "signature"), [(b"", bytes(64)), (bytes(32), b""), (bytes(32), bytes(64))]
)
def test_what_is_no_key_or_signature_holds_nothing(public, signature):
    assert not signatures.holds(public, b"message", signature)


def test_a_seed_is_new_each_time_and_never_shows():
    one, two = signatures.new_seed(), signatures.new_seed()
    assert one != two
    assert len(one) == 32
    assert one.hex() not in repr(signatures.loaded("log.example", one))


def test_a_seed_of_another_length_is_refused():
    with pytest.raises(InvalidValue):
        signatures.loaded("log.example", bytes(31))


def test_a_seed_is_written_as_other_programs_read_it():
    seed = signatures.new_seed()
    assert signatures.from_pem(signatures.as_pem(seed)) == seed


@pytest.mark.parametrize(
    "pem", [b"", b"hello", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_key_in_pem_is_refused(pem):
    with pytest.raises(InvalidValue):
        signatures.from_pem(pem)
