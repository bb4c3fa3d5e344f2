"""A header and a payload in, the bytes of a template file out, and back; nothing is encrypted here.

The layout is described in docs/reference/template-file.md.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from faceward import reading
from faceward.core.values import Template, TemplateContract
from faceward.errors import InvalidValue
from faceward.ports.sealing import TemplateFileRefused

# The high byte and the line ends show at once that a transfer took the file for text. Source: the PNG
# signature, which is made so for the same reason (PNG specification, third edition, 5.2).
MAGIC = b"\x89FWT\r\n\x1a\n"
VERSION = 1

_FIXED = struct.Struct(">8sBBH")
_LONGEST_HEADER = 2048
_MOST_FEATURES = 8192
_KEY_ID_BYTES = 16

# Templates are made with rows of length 1 in float32; further off than this is no template.
_LENGTH_TOLERANCE = 1e-3


class Protection(IntEnum):
    """How the payload is closed."""

    NONE = 0
    HPKE_X25519_SHA256_AES256GCM = 1


@dataclass(frozen=True, slots=True)
class Envelope:
    """A template file, taken apart but not opened.

    Attributes:
        protection: How the payload is closed.
        contract: What made the template. Bound to the payload: see ``header``.
        recipient: Identifier of the key it was sealed for; empty where it is not protected.
        header: All bytes before the payload, exactly as written; whoever closes the payload binds it to them.
        payload: The rest.
    """

    protection: Protection
    contract: TemplateContract
    recipient: bytes
    header: bytes
    payload: bytes


def header(protection: Protection, contract: TemplateContract, recipient: bytes) -> bytes:
    """Write everything that comes before the payload."""
    words = {
        "contract": {
            "model": contract.model,
            "model_sha256": contract.model_sha256,
            "preprocessing": contract.preprocessing,
            "precision": contract.precision,
            "length": contract.length,
        },
        **({"recipient": recipient.hex()} if recipient else {}),
    }
    text = json.dumps(words, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")
    return _FIXED.pack(MAGIC, VERSION, protection, len(text)) + text


def taken_apart(content: bytes) -> Envelope:
    """Read the header of a template file.

    Raises:
        TemplateFileRefused: It is cut short, not a template file, or of an unknown kind.
    """
    if not content.startswith(MAGIC):
        raise TemplateFileRefused("This is no template file, or a transfer took it for text and changed it.")
    if len(content) < _FIXED.size:
        raise TemplateFileRefused("The template file is cut short.")
    _, version, kind, length = _FIXED.unpack_from(content)
    if version != VERSION:
        raise TemplateFileRefused(
            f"The template file is of version {version}; this program knows version {VERSION}.",
            remedy="Use the version of faceward that made it, or make the template again from the photo.",
        )
    try:
        protection = Protection(kind)
    except ValueError:
        raise TemplateFileRefused(
            f"The template file is closed in a way ({kind}) that this program does not know.",
            remedy="Use the version of faceward that made it, or make the template again from the photo.",
        ) from None
    end = _FIXED.size + length
    if length > _LONGEST_HEADER or len(content) < end:
        raise TemplateFileRefused("The template file is cut short or damaged.")
    contract, recipient = _words(content[_FIXED.size : end], protection)
    return Envelope(protection, contract, recipient, content[:end], content[end:])


def _words(text: bytes, protection: Protection) -> tuple[TemplateContract, bytes]:
    try:
        record = reading.read(text, "header")
        inner = record.record("contract")
        contract = TemplateContract(
            inner.text("model", longest=64),
            inner.sha256("model_sha256"),
            inner.text("preprocessing", longest=64),
            inner.text("precision", longest=16),
            inner.whole("length", least=1, most=_MOST_FEATURES),
        )
        inner.done()
        recipient = b""
        if protection is not Protection.NONE:
            recipient = bytes.fromhex(record.text("recipient", longest=2 * _KEY_ID_BYTES))
        record.done()
    except (InvalidValue, ValueError):
        # What a damaged header says is nobody's words; quoting it would help nobody.
        raise TemplateFileRefused("The header of the template file is damaged.") from None
    return contract, recipient


def payload(template: Template) -> bytes:
    """Write the features: float32, little end first."""
    return np.ascontiguousarray(template.features, "<f4").tobytes()


def template(content: bytes, contract: TemplateContract) -> Template:
    """Read the features.

    Raises:
        TemplateFileRefused: They are not as many as the contract says, or no features.
    """
    if len(content) != 4 * contract.length:
        raise TemplateFileRefused("The template file does not hold as many features as it says.")
    features = np.frombuffer(content, "<f4").astype(np.float32)
    if not np.isfinite(features).all() or abs(float(features @ features) - 1) > _LENGTH_TOLERANCE:
        raise TemplateFileRefused("What the template file holds is no template.")
    features.flags.writeable = False
    return Template(features, contract)
