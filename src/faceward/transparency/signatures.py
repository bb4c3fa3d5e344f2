"""Secret seeds in, Ed25519 keys and signatures out, and their check; what knows cryptography."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from faceward.errors import InvalidValue

SEED_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Who signs, and with what; the secret never shows.

    Attributes:
        name: Name of the key as it stands in signature lines, such as ``log.example/faceward``.
        public: The public half, 32 bytes.
        sign: Gives the signature of a message, 64 bytes.
    """

    name: str
    public: bytes
    sign: Callable[[bytes], bytes] = field(repr=False, compare=False)


def loaded(name: str, seed: bytes) -> SigningKey:
    """Make the key of a seed, the same each time. Source: RFC 8032, section 5.1.5.

    Raises:
        InvalidValue: The seed is not 32 bytes.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    if len(seed) != SEED_BYTES:
        raise InvalidValue("The seed of a signing key must be 32 bytes.")
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return SigningKey(name, key.public_key().public_bytes_raw(), key.sign)


def new_seed() -> bytes:
    """Make a secret seed, 32 bytes."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate().private_bytes_raw()


def holds(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of a public key signed a message."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def as_pem(seed: bytes) -> bytes:
    """Write a seed as other programs read it: PKCS #8 in PEM, without a password."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def from_pem(pem: bytes) -> bytes:
    """Read the seed of a private Ed25519 key.

    Raises:
        InvalidValue: It is no private Ed25519 key in PEM without a password.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it is closed with a password.
        key = None
    if isinstance(key, Ed25519PrivateKey):
        return key.private_bytes_raw()
    raise InvalidValue("The key is no private Ed25519 key in PEM without a password.")
