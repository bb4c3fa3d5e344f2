"""A template and its place in, bytes that open there alone out: AES-256-GCM under a key of the subject.

The key of a subject in an epoch is the HKDF extract of two secrets of the keyring: that of the subject, which
erasure destroys, and that of the tenant's epoch, which `retire` destroys. Without either nothing opens. The
place is bound as associated data. What is closed is a random nonce of 12 bytes, the content, a tag of 16.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import NoReturn, TypeAlias

import numpy as np

from faceward.adapters.vault.turning import rotation
from faceward.core.values import FloatArray
from faceward.errors import InvalidValue
from faceward.ports.keyed import Keyed, keyed
from faceward.ports.keyring import KeyDestroyed, Keyring
from faceward.ports.subject_keys import KIND, SubjectKeys
from faceward.ports.vault import Place, VaultRefused

_Live: TypeAlias = tuple[str, bytes]
"""Where the secret of a subject lies in the keyring, and the secret."""

_TENANTS = "tenant"
_TURNING = "turning"
_TEMPLATE = "faceward template 1"
_PHOTO = "faceward photo 1"
_SUBJECT_KEY = b"faceward subject key 1"
_NONCE_BYTES = 12
_FLOATS = np.dtype("<f4")

_PORTION = 8192
"""Templates that are opened at once; our choice: they take some megabytes."""

_KEYS = 1 << 18
"""Secrets that are asked for at once; our choice: some 80 MB, and a keyring is quicker with many."""

_MATRICES = 256
"""Matrices kept in memory, 64 KiB each for 128 features; our choice."""


class KeyringVault:
    """Closes what is kept of people by secrets of a keyring, and keeps nothing itself.

    Args:
        keyring: Holds the secrets; those that another process destroys are gone here as well.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._subjects = SubjectKeys(keyring)
        self._epochs: dict[str, int] = {}
        self._matrices: OrderedDict[tuple[str, int], FloatArray] = OrderedDict()
        self._lock = Lock()

    def epoch(self, tenant: str) -> int:
        """Which key of a tenant closes what is new; 1 until it was rotated."""
        # Epochs are numbered without a gap and only grow, so what was found once is where to go on.
        epoch = self._epochs.get(tenant, 1)
        while self._begun(tenant, epoch + 1):
            epoch += 1
        self._epochs[tenant] = epoch
        return epoch

    def rotate(self, tenant: str) -> int:
        """Give a tenant a new key for what is new, and say its epoch. What is old opens as before."""
        epoch = self.epoch(tenant)
        self._keyring.key(_TENANTS, _epoch_name(tenant, epoch))  # The first has one too, so none is skipped.
        self._keyring.key(_TENANTS, _epoch_name(tenant, epoch + 1))
        return epoch + 1

    def retire(self, tenant: str, epoch: int) -> None:
        """Destroy an earlier key: nothing that was closed with it opens any more.

        Raises:
            InvalidValue: It is the key that closes what is new.
        """
        now = self.epoch(tenant)
        if not 1 <= epoch < now:
            raise InvalidValue(f"Only keys before epoch {now} of this tenant can be retired.")
        self._keyring.destroy(_TENANTS, _epoch_name(tenant, epoch))

    def closed(self, features: FloatArray, place: Place) -> bytes:
        """Close a template.

        Args:
            features: Shape ``(length,)``, float32, Euclidean length 1.
            place: Where it will lie.
        """
        if features.shape != (place.contract.length,):
            raise InvalidValue(f"A template of this contract has {place.contract.length} features.")
        return self._close(_TEMPLATE, features.astype(_FLOATS).tobytes(), place)

    def opened(self, sealed: Sequence[bytes], places: Sequence[Place]) -> FloatArray:
        """Open templates of one contract, many at once as cheaply as can be.

        Returns:
            Shape ``(N, length)``, float32.

        Raises:
            VaultRefused: One of them does not open in its place.
        """
        if len(sealed) != len(places):
            raise InvalidValue("There must be one place for each template.")
        length = places[0].contract.length if places else 0
        out = np.empty((len(places), length), dtype=np.float32)
        for begin in range(0, len(places), _PORTION):
            end = begin + _PORTION
            if begin % _KEYS == 0:
                live = self._live(places[begin : begin + _KEYS])
            at = begin % _KEYS
            contents = self._open(_TEMPLATE, sealed[begin:end], places[begin:end], live[at : at + _PORTION])
            if any(len(content) != length * _FLOATS.itemsize for content in contents):
                raise InvalidValue("All templates that are opened at once must have one contract.")
            read = np.frombuffer(b"".join(contents), dtype=_FLOATS)
            out[begin:end] = read.reshape(len(contents), length)
        return out

    def closed_photo(self, photo: bytes, place: Place) -> bytes:
        """Close a photo."""
        return self._close(_PHOTO, photo, place)

    def opened_photo(self, sealed: bytes, place: Place) -> bytes:
        """Open a photo. Raises `VaultRefused`."""
        return self._open(_PHOTO, [sealed], [place], self._live([place]))[0]

    def turned(self, features: FloatArray, tenant: str) -> FloatArray:
        """Turn templates by the secret orthogonal matrix of a tenant: cosines stay, coordinates do not.

        Args:
            features: Shape ``(N, length)`` or ``(length,)``, float32.
            tenant: Whose matrix; the same ever after, for the same length.
        """
        return np.asarray(features @ self._matrix(tenant, features.shape[-1]), dtype=np.float32)

    def forget(self, gallery: str, subject: str) -> bool:
        """Destroy the key of a subject for good, and say whether there was one."""
        return self._subjects.destroy(gallery, subject)

    def _close(self, what: str, content: bytes, place: Place) -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        derived = self._deriver(place, may_make=True)
        try:
            identifier = self._subjects.identifier(place.gallery, place.subject)
            secret = self._keyring.key(KIND, identifier)
        except KeyDestroyed:  # Somebody erased the subject just now.
            _refuse()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        bound = _common(what, place) + _own(identifier, place.reference)
        return nonce + AESGCM(derived(_SUBJECT_KEY + secret)).encrypt(nonce, content, bound)

    def _open(
        self, what: str, sealed: Sequence[bytes], places: Sequence[Place], live: Sequence[_Live | None]
    ) -> list[bytes]:
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        contents = []
        last: Place | None = None
        try:
            for closed, place, key in zip(sealed, places, live, strict=True):
                if key is None:
                    _refuse()
                if last is None or not _alike(place, last):
                    derived, common = self._deriver(place), _common(what, place)
                last = place
                bound = common + _own(key[0], place.reference)
                cipher = AESGCM(derived(_SUBJECT_KEY + key[1]))
                contents.append(cipher.decrypt(closed[:_NONCE_BYTES], closed[_NONCE_BYTES:], bound))
        except (InvalidTag, ValueError):
            _refuse()
        return contents

    def _live(self, places: Sequence[Place]) -> list[_Live | None]:
        """Where the secret of each subject lies, and the secret; nothing where it is gone."""
        galleries: dict[str, list[int]] = {}
        for number, place in enumerate(places):
            galleries.setdefault(place.gallery, []).append(number)
        live: list[_Live | None] = [None] * len(places)
        for gallery, numbers in galleries.items():
            found = self._subjects.found(gallery, [places[number].subject for number in numbers])
            for number, secret in zip(numbers, found, strict=True):
                live[number] = secret
        return live

    def _deriver(self, place: Place, *, may_make: bool = False) -> Keyed:
        """What derives keys of subjects in an epoch of a tenant; only the first epoch begins by itself."""
        name = _epoch_name(place.tenant, place.epoch)
        if may_make and place.epoch == 1:
            try:
                return keyed(self._keyring.key(_TENANTS, name))
            except KeyDestroyed:
                _refuse()
        (secret,) = self._keyring.found(_TENANTS, [name])
        if secret is None:
            _refuse()
        return keyed(secret)

    def _begun(self, tenant: str, epoch: int) -> bool:
        try:
            return self._keyring.has(_TENANTS, _epoch_name(tenant, epoch))
        except KeyDestroyed:
            return True

    def _matrix(self, tenant: str, length: int) -> FloatArray:
        with self._lock:
            if (found := self._matrices.get((tenant, length))) is not None:
                self._matrices.move_to_end((tenant, length))
                return found
        made = rotation(self._keyring.key(_TURNING, tenant), length)
        with self._lock:
            self._matrices[tenant, length] = made
            if len(self._matrices) > _MATRICES:
                self._matrices.popitem(last=False)
        return made


def _epoch_name(tenant: str, epoch: int) -> str:
    return f"{epoch}/{tenant}"


def _alike(one: Place, other: Place) -> bool:
    """Whether two places have the tenant's key and the common part of their binding in common."""
    return (
        one.epoch == other.epoch
        and one.tenant == other.tenant
        and one.gallery == other.gallery
        and (one.contract is other.contract or one.contract == other.contract)
    )


def _common(what: str, place: Place) -> bytes:
    """What binds all that lies in one gallery, epoch and contract."""
    made = place.contract
    parts = (
        what,
        place.tenant,
        place.gallery,
        str(place.epoch),
        made.model,
        made.model_sha256,
        made.preprocessing,
        made.precision,
        str(made.length),
    )
    return "".join(f"{len(part)}:{part}" for part in parts).encode()


def _own(identifier: str, reference: str) -> bytes:
    """What binds one reference; each part says its length, so that no two places give the same bytes."""
    return f"{len(identifier)}:{identifier}{len(reference)}:{reference}".encode()


def _refuse() -> NoReturn:
    raise VaultRefused("Something that is kept does not open in its place.") from None
