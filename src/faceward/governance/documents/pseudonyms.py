"""Names in, pseudonyms out: what a record may say instead of who or what was concerned.

A pseudonym is an HMAC-SHA-256 under a secret of this installation, cut to 128 bits: equal for equal names,
and worth nothing without the secret. A subject has a secret of its own (`ports.subject_keys`), on which what
is kept of them hangs too; once that is destroyed, nobody can tell any more, the operator included, which
entries were about them. Who is enrolled again under the same name gets a new pseudonym.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from enum import StrEnum
from threading import Lock

from faceward.ports.keyring import Keyring
from faceward.ports.subject_keys import SubjectKeys

_SECRETS = "pseudonym"
_REMEMBERED = 4096


class Prefix(StrEnum):
    """What a pseudonym is one of."""

    DEPLOYMENT = "d"
    ACTOR = "a"
    GALLERY = "g"
    SUBJECT = "s"
    ORGANISATION = "o"
    AUTHORITY = "w"


class Pseudonyms:
    """Gives pseudonyms. Safe to use from many threads."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._subjects = SubjectKeys(keyring)
        self._known: OrderedDict[tuple[Prefix, str], str] = OrderedDict()
        self._lock = Lock()

    def deployment(self, name: str) -> str:
        """Of a deployment."""
        return self._of(Prefix.DEPLOYMENT, name)

    def actor(self, name: str) -> str:
        """Of who asks or signs: an account or a client."""
        return self._of(Prefix.ACTOR, name)

    def gallery(self, name: str) -> str:
        """Of a gallery."""
        return self._of(Prefix.GALLERY, name)

    def organisation(self, name: str) -> str:
        """Of an organisation."""
        return self._of(Prefix.ORGANISATION, name)

    def authority(self, name: str) -> str:
        """Of an authority record: a warrant, an order, an exigency."""
        return self._of(Prefix.AUTHORITY, name)

    def subject(self, gallery: str, subject: str) -> str:
        """Of a subject of a gallery. Nothing is remembered, so that `unlink` is final at once.

        After `unlink` it is another one, that nothing links to the one before.
        """
        return f"{Prefix.SUBJECT}-{_short(self._subjects.key(gallery, subject), b'subject')}"

    def place(self, gallery: str, subject: str) -> str:
        """Where the secret of a subject lies in the keyring now, among those of the kind ``subject``."""
        return self._subjects.identifier(gallery, subject)

    def unlink(self, gallery: str, subject: str) -> bool:
        """Destroy what leads from a subject to their pseudonym, and say whether there was anything."""
        return self._subjects.destroy(gallery, subject)

    def _of(self, prefix: Prefix, name: str) -> str:
        with self._lock:
            found = self._known.get((prefix, name))
            if found is not None:
                return found
        made = f"{prefix}-{_short(self._keyring.key(_SECRETS, prefix.name.lower()), name.encode())}"
        with self._lock:
            self._known[prefix, name] = made
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return made


def keyed_digest(key: bytes, content: bytes) -> bytes:
    """Digest that tells nobody what it is of, unless they hold the key; HMAC-SHA-256, 32 bytes."""
    return hmac.new(key, content, hashlib.sha256).digest()


def _short(key: bytes, content: bytes) -> str:
    return keyed_digest(key, content)[:16].hex()
