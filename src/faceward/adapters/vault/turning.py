"""A tenant's secret in, the orthogonal matrix that turns their templates out."""

from __future__ import annotations

import hmac

import numpy as np
import numpy.typing as npt

from faceward.core.values import FloatArray

_LABEL = b"faceward turning 1 "


def rotation(secret: bytes, length: int) -> FloatArray:
    """The matrix of a secret, evenly drawn from all orthogonal ones; shape ``(length, length)``, float32.

    Gaussian numbers come from AES-256 in counter mode by Box and Muller's formula, in float64, and not from a
    generator of numpy, which may change. Another processor may differ from this one by rounding alone.

    Source: Mezzadri, How to generate random matrices from the classical compact groups, 2007: Q of the QR
    decomposition of a Gaussian matrix is evenly drawn once the diagonal of R is made positive.
    """
    count = length * length
    uniform = _uniform(hmac.digest(secret, _LABEL + str(length).encode(), "sha256"), 2 * count)
    gaussian = np.sqrt(-2.0 * np.log(uniform[:count])) * np.cos(2.0 * np.pi * uniform[count:])
    q, r = np.linalg.qr(gaussian.reshape(length, length))
    return np.ascontiguousarray(q * np.sign(np.diagonal(r)), dtype=np.float32)


def _uniform(key: bytes, count: int) -> npt.NDArray[np.float64]:
    """Numbers above 0 and below 1 in float64, all of the same chance."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    stream = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    words = np.frombuffer(stream.update(bytes(8 * count)) + stream.finalize(), dtype="<u8")
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
