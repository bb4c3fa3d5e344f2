"""Templates in, files sealed with HPKE (RFC 9180) out, and back.

The cipher suite is DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM in base mode: every file has a key of
its own, made from an ephemeral key, so nothing has to be counted or stored. The header is the ``info`` of the
key schedule: with one bit of it changed, another key comes out and the file does not open.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from faceward.adapters.sealing import envelope
from faceward.adapters.sealing.envelope import MAGIC, Protection
from faceward.core.values import Template
from faceward.errors import DependencyMissing, InvalidValue
from faceward.ports.sealing import KeyPair, TemplateFileRefused

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.hpke import Suite

_DIGEST_BYTES = 32


class HpkeSealing:
    """Keeps no state; safe to use from many threads."""

    def new_key(self) -> KeyPair:
        """Make a key pair, as PEM: PKCS #8 and SubjectPublicKeyInfo, which other programs read too."""
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
        from cryptography.hazmat.primitives.serialization import (
            Encoding,
            NoEncryption,
            PrivateFormat,
            PublicFormat,
        )

        key = X25519PrivateKey.generate()
        return KeyPair(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        )

    def sealed(self, template: Template, public: bytes) -> bytes:
        """Close a template for the holder of one private key.

        Raises:
            InvalidValue: The key is no public X25519 key in PEM.
        """
        key = _public(public)
        head = envelope.header(Protection.HPKE_X25519_SHA256_AES256GCM, template.contract, _identifier(key))
        try:
            closed = _suite().encrypt(envelope.payload(template), key, head)
        except ValueError:
            # A point of small order would give a key that everybody knows; X25519 refuses it.
            raise InvalidValue("The public key is not a safe one.", remedy="Ask for another key.") from None
        return head + closed

    def unprotected(self, template: Template) -> bytes:
        """Write a template that anyone can read, with a digest that shows damage but no forgery."""
        head = envelope.header(Protection.NONE, template.contract, b"")
        features = envelope.payload(template)
        return head + features + hashlib.sha256(head + features).digest()

    def is_template_file(self, content: bytes) -> bool:
        """Whether content begins as a template file does."""
        return content.startswith(MAGIC)

    def opened(self, content: bytes, private: bytes | None) -> Template:
        """Open what `sealed` or `unprotected` wrote.

        Raises:
            TemplateFileRefused: It is damaged, unknown, or sealed for another key.
            InvalidValue: The key is missing, or no private X25519 key in PEM.
        """
        parts = envelope.taken_apart(content)
        if parts.protection is Protection.NONE:
            features, digest = parts.payload[:-_DIGEST_BYTES], parts.payload[-_DIGEST_BYTES:]
            if not hmac.compare_digest(hashlib.sha256(parts.header + features).digest(), digest):
                raise TemplateFileRefused("The template file is cut short or damaged.")
            return envelope.template(features, parts.contract)
        if private is None:
            raise InvalidValue(
                "The template is sealed, and no key was given.",
                remedy="Give the private key with --key-file.",
            )
        key = _private(private)
        if _identifier(key.public_key()) != parts.recipient:
            raise TemplateFileRefused(
                "The template was sealed for another key.",
                remedy="Give the private key whose public half it was sealed with.",
            )
        from cryptography.exceptions import InvalidTag

        try:
            features = _suite().decrypt(parts.payload, key, parts.header)
        except (InvalidTag, ValueError):
            raise TemplateFileRefused("The template file is cut short or was changed.") from None
        return envelope.template(features, parts.contract)


def _suite() -> Suite:
    try:
        from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
    except ImportError:
        raise DependencyMissing(
            "The installed cryptography has no HPKE.", remedy="Run `pip install 'cryptography>=47'`."
        ) from None
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _identifier(key: X25519PublicKey) -> bytes:
    """Name a key, so that the wrong key and a changed file can be told apart."""
    return hashlib.sha256(b"faceward recipient" + key.public_bytes_raw()).digest()[:16]


def _public(pem: bytes) -> X25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, X25519PublicKey):
        return key
    words = "is a private one" if b"PRIVATE KEY" in pem else "is no public X25519 key in PEM"
    raise InvalidValue(
        f"The key of the recipient {words}.", remedy="Give the .pub file that `faceward key new` wrote."
    )


def _private(pem: bytes) -> X25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it is closed with a password.
        key = None
    if isinstance(key, X25519PrivateKey):
        return key
    raise InvalidValue(
        "The key is no private X25519 key in PEM without a password.",
        remedy="Give the .key file that `faceward key new` wrote.",
    )
