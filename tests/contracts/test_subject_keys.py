"""The one secret of a subject, over every keyring: the first that was not destroyed, in every process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from faceward.adapters.keyring import FileKeyring
from faceward.ports.keyring import KeyDestroyed, KeyUnreadable
from faceward.ports.subject_keys import KIND, SubjectKeys
from faceward.testing import MemoryKeyring


@pytest.fixture(params=["files", "memory"])
def keyring(request, tmp_path):
    made = FileKeyring(tmp_path / "keys") if request.param == "files" else MemoryKeyring()
    yield made
    if isinstance(made, FileKeyring):
        made.close()


@pytest.fixture
def keys(keyring):
    return SubjectKeys(keyring)


def test_a_subject_has_one_secret_and_no_two_share_it(keys, keyring):
    people = [("staff", "ann"), ("staff", "bob"), ("guests", "ann"), ("sta", "ffann"), ("staffann", "")]
    assert len({keys.key(*it) for it in people}) == len(people)
    for it in people:
        assert keys.key(*it) == SubjectKeys(keyring).key(*it) == keyring.key(KIND, keys.identifier(*it))


def test_a_destroyed_secret_gives_way_to_a_new_one_and_never_comes_back(keys, keyring):
    secrets, places = [keys.key("staff", "ann")], [keys.identifier("staff", "ann")]
    for _ in range(3):
        assert keys.destroy("staff", "ann")
        secrets.append(keys.key("staff", "ann"))
        places.append(keys.identifier("staff", "ann"))
    assert len(set(secrets)) == len(set(places)) == 4
    for place in places[:-1]:
        with pytest.raises(KeyDestroyed):
            keyring.key(KIND, place)


def test_to_destroy_what_is_not_there_changes_nothing(keys):
    """Two who erase the same person do not use up the secret of whoever is enrolled next."""
    assert not keys.destroy("staff", "ann")
    place = keys.identifier("staff", "ann")
    assert [keys.destroy("staff", "ann") for _ in range(3)] == [True, False, False]
    assert keys.identifier("staff", "ann") == f"{place}.1"


def test_the_secret_of_another_outlives_it(keys):
    kept = keys.key("staff", "bob")
    keys.key("staff", "ann")
    keys.destroy("staff", "ann")
    assert keys.key("staff", "bob") == kept


def test_who_was_never_erased_costs_one_reading():
    read = []

    class Counting(MemoryKeyring):
        def key(self, kind, identifier):
            read.append(kind)
            return super().key(kind, identifier)

    keys = SubjectKeys(Counting())
    keys.key("staff", "ann")
    read.clear()
    keys.key("staff", "ann")
    assert read.count(KIND) == 1


def test_a_keyring_that_cannot_be_read_is_never_taken_for_an_erased_subject(tmp_path):
    """Else a fault of the disk would quietly make everybody somebody new."""
    keyring = FileKeyring(tmp_path / "keys")
    keys = SubjectKeys(keyring)
    keys.key("staff", "ann")
    with (tmp_path / "keys" / "secrets").open("r+b") as file:
        file.seek(-64, 2)
        file.write(b"x" * 64)
    keyring.close()
    with pytest.raises(KeyUnreadable, match="damaged"):
        keys.key("staff", "ann")
    keyring.close()


def test_processes_that_enrol_an_erased_person_at_once_agree_on_the_secret(tmp_path):
    keyring = FileKeyring(tmp_path / "keys")
    keys = SubjectKeys(keyring)
    before = keys.key("staff", "ann")
    keys.destroy("staff", "ann")
    program = (
        "import sys; from pathlib import Path; from faceward.adapters.keyring import FileKeyring; "
        "from faceward.ports.subject_keys import SubjectKeys; "
        "sys.stdin.read(); print(SubjectKeys(FileKeyring(Path(sys.argv[1]))).key('staff', 'ann').hex())"
    )
    command = [sys.executable, "-c", program, str(tmp_path / "keys")]
    children = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    for child in children:
        child.stdin.close()
    found = set()
    for child in children:
        found.add(child.stdout.read().strip())
        assert child.wait(60) == 0
        child.stdout.close()
    assert found == {keys.key("staff", "ann").hex()} != {before.hex()}
    keyring.close()
