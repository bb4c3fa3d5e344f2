"""What every sealing promises, whatever it is made of; and what our file format holds."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from faceward.adapters.sealing import HpkeSealing
from faceward.adapters.sealing.envelope import MAGIC
from faceward.core.values import Template, TemplateContract
from faceward.errors import InputError, InvalidValue
from faceward.ports.sealing import Sealing, TemplateFileRefused

CONTRACT = TemplateContract("sface-2021dec", "ab" * 32, "recipe", "f32", 128)


def template(seed: int = 1, contract: TemplateContract = CONTRACT) -> Template:
    features = np.random.default_rng(seed).standard_normal(contract.length).astype(np.float32)
    return Template(features / np.linalg.norm(features), contract)


@pytest.fixture(scope="module", params=[HpkeSealing], ids=lambda kind: kind.__name__)
def sealing(request) -> Sealing:
    return request.param()


@pytest.fixture(scope="module")
def alice(sealing):
    return sealing.new_key()


@pytest.fixture(scope="module")
def sealed(sealing, alice) -> bytes:
    return sealing.sealed(template(), alice.public)


def test_what_was_sealed_is_opened_to_the_last_bit(sealing, alice, sealed):
    """Features and contract, the precision included."""
    opened = sealing.opened(sealed, alice.private)
    assert opened.contract == CONTRACT
    assert np.array_equal(opened.features, template().features)
    assert opened.features.dtype == np.float32


@pytest.mark.parametrize("length", [1, 32, 128, 512, 8192])
def test_any_length_of_features_fits(sealing, alice, length):
    it = template(contract=replace(CONTRACT, length=length))
    assert np.array_equal(
        sealing.opened(sealing.sealed(it, alice.public), alice.private).features, it.features
    )


def test_two_files_of_one_template_have_nothing_in_common(sealing, alice, sealed):
    """Nobody can tell from two files that they hold one template."""
    again = sealing.sealed(template(), alice.public)
    head = 12 + struct.unpack_from(">H", sealed, 10)[0]
    assert sealed[:head] == again[:head]
    same = np.frombuffer(sealed[head:], np.uint8) == np.frombuffer(again[head:], np.uint8)
    assert same.mean() < 0.05


def test_the_file_holds_the_contract_and_nothing_else_in_the_clear(sealing, alice, sealed):
    """No name, no path, no time; the features are nowhere in it."""
    length = struct.unpack_from(">H", sealed, 10)[0]
    words = json.loads(sealed[12 : 12 + length])
    assert set(words) == {"contract", "recipient"}
    assert words["contract"] == {
        "model": "sface-2021dec",
        "model_sha256": "ab" * 32,
        "preprocessing": "recipe",
        "precision": "f32",
        "length": 128,
    }
    assert template().features.tobytes()[:16] not in sealed
    # 32 bytes of ephemeral key, the features, 16 bytes of tag.
    assert len(sealed) == 12 + length + 32 + 4 * 128 + 16


def test_another_key_does_not_open_it(sealing, sealed):
    with pytest.raises(TemplateFileRefused, match="another key"):
        sealing.opened(sealed, sealing.new_key().private)


def test_another_key_does_not_open_it_even_where_the_file_claims_so(sealing, alice, sealed):
    """The recipient named in the header is for the message; the encryption decides."""
    mallory = sealing.new_key()
    own = sealing.sealed(template(2), mallory.public)
    head = 12 + struct.unpack_from(">H", sealed, 10)[0]
    with pytest.raises(TemplateFileRefused):
        sealing.opened(own[:head] + sealed[head:], mallory.private)


def test_without_a_key_it_stays_closed(sealing, sealed):
    with pytest.raises(InvalidValue, match="no key"):
        sealing.opened(sealed, None)


def test_the_public_key_opens_nothing(sealing, alice, sealed):
    with pytest.raises(InvalidValue):
        sealing.opened(sealed, alice.public)


def test_one_changed_bit_anywhere_is_noticed(sealing, alice, sealed):
    """Magic, version, kind, length, contract, recipient, ephemeral key, features and tag: every byte."""
    for place in range(len(sealed)):
        for bit in (0, 7):
            changed = bytearray(sealed)
            changed[place] ^= 1 << bit
            with pytest.raises(TemplateFileRefused):
                sealing.opened(bytes(changed), alice.private)


def test_a_file_cut_short_anywhere_is_refused(sealing, alice, sealed):
    for length in range(len(sealed)):
        with pytest.raises(TemplateFileRefused):
            sealing.opened(sealed[:length], alice.private)


def test_bytes_that_follow_are_refused(sealing, alice, sealed):
    with pytest.raises(TemplateFileRefused):
        sealing.opened(sealed + b"\0", alice.private)


def test_a_contract_cannot_be_put_in_place_of_another(sealing, alice, sealed):
    """The same words with another precision: the payload is bound to them."""
    assert b'"f32"' in sealed
    with pytest.raises(TemplateFileRefused):
        sealing.opened(sealed.replace(b'"f32"', b'"f16"'), alice.private)


@pytest.mark.parametrize("place", [8, 9])
def test_an_unknown_version_or_kind_is_named(sealing, alice, sealed, place):
    """A newer file says that a newer program is needed, not that it is damaged."""
    changed = bytearray(sealed)
    changed[place] = 99
    with pytest.raises(TemplateFileRefused, match="99") as refused:
        sealing.opened(bytes(changed), alice.private)
    assert "version of faceward" in refused.value.remedy


@given(st.binary(max_size=400), st.booleans())
def test_any_bytes_are_refused_and_nothing_else_happens(content, with_magic):
    """Whatever the file holds, the answer is an error of ours."""
    alice = HpkeSealing().new_key()
    with pytest.raises(InputError):
        HpkeSealing().opened((MAGIC if with_magic else b"") + content, alice.private)


@pytest.mark.parametrize(
    "public", [b"", b"hello", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]
)
def test_what_is_no_key_is_refused(sealing, alice, sealed, public):
    with pytest.raises(InvalidValue):
        sealing.sealed(template(), public)
    with pytest.raises(InvalidValue):
        sealing.opened(sealed, public)


def test_a_key_of_another_kind_is_refused(sealing):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    other = Ed25519PrivateKey.generate().public_key()
    with pytest.raises(InvalidValue):
        sealing.sealed(template(), other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_a_key_of_small_order_is_refused(sealing):
    """With such a point everybody would know the key."""
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    weak = X25519PublicKey.from_public_bytes(bytes(32))
    with pytest.raises(InvalidValue):
        sealing.sealed(template(), weak.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))


def test_a_key_pair_shows_neither_half(alice):
    assert "PRIVATE" not in repr(alice)
    assert repr(alice) == "KeyPair(<private>, <public>)"


def test_the_beginning_tells_a_template_file(sealing, sealed):
    assert sealing.is_template_file(sealed[:8])
    assert not sealing.is_template_file(b"\xff\xd8\xff\xe0")
    assert not sealing.is_template_file(b"")


class TestUnprotected:
    def test_anyone_can_open_it(self, sealing):
        opened = sealing.opened(sealing.unprotected(template()), None)
        assert np.array_equal(opened.features, template().features)
        assert opened.contract == CONTRACT

    def test_damage_anywhere_is_noticed(self, sealing):
        content = sealing.unprotected(template())
        for place in range(len(content)):
            changed = bytearray(content)
            changed[place] ^= 1
            with pytest.raises(InputError):
                sealing.opened(bytes(changed), None)
        for length in range(len(content)):
            with pytest.raises(TemplateFileRefused):
                sealing.opened(content[:length], None)

    @pytest.mark.parametrize("value", [0.0, np.nan, np.inf, 2.0])
    def test_what_is_no_template_is_refused(self, sealing, value):
        """A digest is no proof of origin: somebody may have written nonsense with a right one."""
        content = sealing.unprotected(template())
        head = 12 + struct.unpack_from(">H", content, 10)[0]
        features = np.full(128, value, "<f4").tobytes()
        forged = content[:head] + features
        with pytest.raises(TemplateFileRefused):
            sealing.opened(forged + hashlib.sha256(forged).digest(), None)


class TestTheFormat:
    """docs/reference/template-file.md, written out a second time from primitives."""

    def test_a_file_opens_with_rfc_9180_alone(self, alice, sealed):
        """Any HPKE implementation can read it: nothing of ours is needed."""
        from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        magic, version, kind, length = struct.unpack(">8sBBH", sealed[:12])
        assert (magic, version, kind) == (b"\x89FWT\r\n\x1a\n", 1, 1)
        suite = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
        key = load_pem_private_key(alice.private, None)
        plain = suite.decrypt(sealed[12 + length :], key, sealed[: 12 + length])
        assert np.array_equal(np.frombuffer(plain, "<f4"), template().features)

    def test_it_opens_with_the_primitives_of_rfc_9180(self, alice, sealed):
        """The key schedule written out by hand: DHKEM(X25519), HKDF-SHA256, AES-256-GCM, base mode."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        length = struct.unpack_from(">H", sealed, 10)[0]
        info, enc, closed = sealed[: 12 + length], sealed[12 + length :][:32], sealed[12 + length + 32 :]
        key, nonce = key_schedule(alice, enc, info)
        assert np.array_equal(
            np.frombuffer(AESGCM(key).decrypt(nonce, closed, b""), "<f4"), template().features
        )


def key_schedule(pair, enc: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Source: RFC 9180, sections 4.1, 5.1 and 7.1; identifiers 0x0020, 0x0001, 0x0002."""
    import hmac

    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    def extract(salt: bytes, label: bytes, material: bytes, suite: bytes) -> bytes:
        return hmac.digest(salt or bytes(32), b"HPKE-v1" + suite + label + material, "sha256")

    def expand(secret: bytes, label: bytes, context: bytes, length: int, suite: bytes) -> bytes:
        words = length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + context
        return hmac.digest(secret, words + b"\x01", "sha256")[:length]

    key = load_pem_private_key(pair.private, None)
    shared = key.exchange(X25519PublicKey.from_public_bytes(enc))
    kem = b"KEM\x00\x20"
    context = enc + key.public_key().public_bytes_raw()
    secret = expand(extract(b"", b"eae_prk", shared, kem), b"shared_secret", context, 32, kem)
    suite = b"HPKE\x00\x20\x00\x01\x00\x02"
    schedule = b"\x00" + extract(b"", b"psk_id_hash", b"", suite) + extract(b"", b"info_hash", info, suite)
    secret = extract(secret, b"secret", b"", suite)
    return expand(secret, b"key", schedule, 32, suite), expand(secret, b"base_nonce", schedule, 12, suite)
