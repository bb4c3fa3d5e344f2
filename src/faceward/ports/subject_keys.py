"""A gallery and a subject in, the one secret that everything kept of them hangs on out, until it is gone.

A subject has a secret for each time they were enrolled, in generations 0, 1, 2 and so on. The live one is the
first that was not destroyed. To destroy it cuts for good what hangs on it: pseudonyms of the subject lead
nowhere, templates do not open. Who is enrolled again under the same name gets the next generation, which
nothing links to the one before.

The secret itself is used for nothing but to derive: ``HMAC(secret, b"subject")`` is the pseudonym, what opens
templates is derived under labels of its own, and none of them tells anything about another.

Secrets lie in the keyring under the kind ``subject``. A keyring may show its identifiers, so they are HMACs
of the names under a secret of the installation; generation 0 is that HMAC, and a later one adds a dot and its
number. A generation is found by asking, and nowhere written down, so several processes need not agree on
anything: destroyed secrets never come back, and one that is made twice at once is the same for both.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence

from faceward.ports.keyed import keyed
from faceward.ports.keyring import KeyDestroyed, Keyring

KIND = "subject"
"""What the keyring knows these secrets by."""


class SubjectKeys:
    """Finds the live secret of a subject. Safe to use from many threads and processes.

    Nothing is remembered, so a destroyed secret is gone at once. One reading of the keyring answers for who
    was never erased, and one more for each time they were.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def identifier(self, gallery: str, subject: str) -> str:
        """Where the live secret lies in the keyring; one is made where there is none.

        Raises:
            KeyUnreadable: The keyring cannot be read.
        """
        return self._live(gallery, subject)[0]

    def key(self, gallery: str, subject: str) -> bytes:
        """The live secret, 32 bytes; one is made where there is none.

        Raises:
            KeyUnreadable: The keyring cannot be read.
        """
        return self._live(gallery, subject)[1]

    def found(self, gallery: str, subjects: Sequence[str]) -> list[tuple[str, bytes] | None]:
        """Where the live secrets of many subjects lie, and the secrets; none is made.

        Returns:
            One pair for each subject, in their order; ``None`` where there is no live secret.

        Raises:
            KeyUnreadable: The keyring cannot be read.
        """
        digest = keyed(self._keyring.key("pseudonym", KIND))
        begin = hashlib.sha256(gallery.encode()).digest()
        places = [digest(begin + hashlib.sha256(subject.encode()).digest()).hex() for subject in subjects]
        found = self._keyring.found(KIND, places)
        return [
            self._later(gallery, subject) if secret is None else (place, secret)
            for subject, place, secret in zip(subjects, places, found, strict=True)
        ]

    def destroy(self, gallery: str, subject: str) -> bool:
        """Destroy the live secret for good, and say whether there was one; none is made for it.

        Raises:
            KeyUnreadable: The keyring cannot be reached; nothing is known to be gone.
        """
        for identifier in self._generations(gallery, subject):
            try:
                if not self._keyring.has(KIND, identifier):
                    return False
            except KeyDestroyed:
                continue
            return self._keyring.destroy(KIND, identifier)
        raise AssertionError  # Generations do not end.

    def _live(self, gallery: str, subject: str) -> tuple[str, bytes]:
        for identifier in self._generations(gallery, subject):
            try:
                return identifier, self._keyring.key(KIND, identifier)
            except KeyDestroyed:
                continue
        raise AssertionError  # Generations do not end.

    def _later(self, gallery: str, subject: str) -> tuple[str, bytes] | None:
        """The live secret of somebody whose first is gone or never was."""
        for identifier in self._generations(gallery, subject):
            try:
                if not self._keyring.has(KIND, identifier):
                    return None
                return identifier, self._keyring.key(KIND, identifier)
            except KeyDestroyed:
                continue
        raise AssertionError  # Generations do not end.

    def _generations(self, gallery: str, subject: str) -> Iterator[str]:
        """Where the secrets of a subject lie, the first generation first, without end."""
        secret = self._keyring.key("pseudonym", KIND)
        # Each part is hashed alone, so that no two pairs of names run together.
        parts = b"".join(hashlib.sha256(part.encode()).digest() for part in (gallery, subject))
        first = hmac.new(secret, parts, hashlib.sha256).hexdigest()
        yield first
        generation = 0
        while True:
            generation += 1
            yield f"{first}.{generation}"
