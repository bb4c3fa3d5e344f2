"""Equal for equal names, worth nothing without the secret, and gone when the secret is."""

from __future__ import annotations

import hashlib
import hmac
import re

from faceward.governance.documents.pseudonyms import Pseudonyms
from faceward.testing.keyrings import MemoryKeyring


def test_every_kind_has_its_own_form_and_its_own_secret():
    it = Pseudonyms(MemoryKeyring())
    made = [it.deployment("x"), it.actor("x"), it.gallery("x"), it.organisation("x"), it.authority("x"),
            it.subject("g", "x")]  # fmt: skip
    assert [re.fullmatch("([a-z])-[0-9a-f]{32}", one)[1] for one in made] == list("dagows")
    assert len({one[2:] for one in made}) == len(made)


def test_equal_names_have_equal_pseudonyms_in_every_process():
    ring = MemoryKeyring()
    assert Pseudonyms(ring).actor("ann") == Pseudonyms(ring).actor("ann") != Pseudonyms(ring).actor("bob")


def test_a_pseudonym_is_no_digest_of_the_name():
    assert hashlib.sha256(b"ann").hexdigest()[:32] not in Pseudonyms(MemoryKeyring()).actor("ann")


def test_a_subject_of_another_gallery_is_another():
    """And no two pairs of names run together."""
    it = Pseudonyms(MemoryKeyring())
    assert (
        len({it.subject("a", "bc"), it.subject("ab", "c"), it.subject("a", "b"), it.subject("c", "b")}) == 4
    )


def test_who_was_unlinked_never_has_the_same_pseudonym_again():
    """But may be enrolled again, as somebody else."""
    it = Pseudonyms(MemoryKeyring())
    before = [it.subject("g", "ann")]
    for _ in range(3):
        assert it.unlink("g", "ann")
        assert it.subject("g", "ann") not in before
        before.append(it.subject("g", "ann"))
    assert len(set(before)) == 4


def test_an_unlinked_subject_is_unlinked_once_and_one_whom_nobody_named_never():
    it = Pseudonyms(MemoryKeyring())
    kept = it.subject("g", "bob")
    it.subject("g", "ann")
    assert [it.unlink("g", "ann"), it.unlink("g", "ann"), it.unlink("g", "carl")] == [True, False, False]
    assert it.subject("g", "bob") == kept


def test_the_secret_of_a_subject_has_one_place_that_others_can_use():
    """And the pseudonym is not the secret, nor a part of it."""
    ring = MemoryKeyring()
    it = Pseudonyms(ring)
    place = it.place("g", "ann")
    secret = ring.key("subject", place)
    assert it.subject("g", "ann") == f"s-{hmac.digest(secret, b'subject', 'sha256')[:16].hex()}"
    assert it.subject("g", "ann")[2:] not in secret.hex()
    ring.destroy("subject", place)
    assert it.place("g", "ann") != place


def test_a_keyring_never_hears_the_name_of_a_subject():
    """It may use identifiers as names of files."""
    heard = []

    class Listening(MemoryKeyring):
        def key(self, kind, identifier):
            heard.append(identifier)
            return super().key(kind, identifier)

    Pseudonyms(Listening()).subject("staff", "ann")
    assert not [it for it in heard if "ann" in it or "staff" in it]


def test_only_so_many_names_are_remembered():
    it = Pseudonyms(MemoryKeyring())
    for i in range(5000):
        it.actor(f"{i}")
    assert len(it._known) <= 4096
