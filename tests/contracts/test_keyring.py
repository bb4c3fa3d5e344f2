"""What every keyring promises; and what the one in files leaves on the disk."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from faceward.adapters.keyring import FileKeyring
from faceward.adapters.keyring.files import _MANY
from faceward.ports.keyring import KeyDestroyed, KeyUnreadable
from faceward.testing import MemoryKeyring


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "keys"


@pytest.fixture(params=["files", "memory"])
def keyring(request, folder):
    made = FileKeyring(folder) if request.param == "files" else MemoryKeyring()
    yield made
    if isinstance(made, FileKeyring):
        made.close()


def test_a_secret_is_the_same_ever_after(keyring):
    secret = keyring.key("subject", "anna")
    assert len(secret) == 32
    assert {keyring.key("subject", "anna") for _ in range(5)} == {secret}


def test_every_thing_has_a_secret_of_its_own(keyring):
    """Also where kind and identifier are the same letters together."""
    things = [("subject", "a"), ("subject", "b"), ("gallery", "a"), ("subjecta", ""), ("", "subjecta")]
    assert len({keyring.key(*thing) for thing in things}) == len(things)


def test_a_destroyed_secret_never_comes_back(keyring):
    keyring.key("subject", "anna")
    kept = keyring.key("subject", "bert")
    assert keyring.destroy("subject", "anna")
    for _ in range(2):
        with pytest.raises(KeyDestroyed):
            keyring.key("subject", "anna")
    assert not keyring.destroy("subject", "anna")
    assert keyring.key("subject", "bert") == kept


def test_what_never_had_a_secret_can_be_closed_to_one(keyring):
    assert not keyring.destroy("subject", "carl")
    with pytest.raises(KeyDestroyed):
        keyring.key("subject", "carl")


def test_looking_for_a_secret_makes_none(keyring):
    assert [keyring.has("subject", "anna") for _ in range(2)] == [False, False]
    keyring.key("subject", "anna")
    assert keyring.has("subject", "anna")
    assert not keyring.has("gallery", "anna")
    keyring.destroy("subject", "anna")
    with pytest.raises(KeyDestroyed):
        keyring.has("subject", "anna")


def test_many_secrets_are_found_in_the_order_of_what_was_asked_and_none_is_made(keyring):
    """Twice the same thing is allowed, and another kind is another thing."""
    names = [f"p{number}" for number in range(1500)]
    kept = {name: keyring.key("subject", name) for name in names[::50]}
    keyring.destroy("subject", "p50")
    keyring.destroy("subject", "p51")
    asked = [*reversed(names), "p0"]
    expected = [None if name == "p50" else kept.get(name) for name in asked]
    for _ in range(2):
        assert list(keyring.found("subject", asked)) == expected
    assert list(keyring.found("gallery", names)) == [None] * 1500
    assert list(keyring.found("subject", [])) == []
    assert not keyring.has("subject", "p1")


def test_many_secrets_are_made_at_once(keyring):
    """Those that were there stay; each thing that is named twice has one."""
    first = keyring.key("subject", "p7")
    names = [f"p{number}" for number in range(9000)]
    made = list(keyring.keys("subject", [*names, "p3"]))
    assert len(set(made)) == 9000
    assert made[7] == first
    assert made[-1] == made[3] == keyring.key("subject", "p3")
    assert list(keyring.keys("subject", names)) == made[:-1] == list(keyring.found("subject", names))
    keyring.destroy("subject", "p8999")
    with pytest.raises(KeyDestroyed):
        keyring.keys("subject", names)


def test_many_threads_get_one_secret(keyring):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: keyring.key("subject", str(number % 5)), range(200)))
    assert len(set(found)) == 5


class TestInFiles:
    def test_secrets_outlive_the_process(self, folder):
        with_one = FileKeyring(folder)
        secret = with_one.key("subject", "anna")
        with_one.destroy("subject", "bert")
        with_one.close()
        again = FileKeyring(folder)
        assert again.key("subject", "anna") == secret
        with pytest.raises(KeyDestroyed):
            again.key("subject", "bert")
        again.close()

    def test_two_at_once_agree_and_neither_gives_what_the_other_destroyed(self, folder):
        one, two = FileKeyring(folder), FileKeyring(folder)
        secrets = [keyring.key("subject", "anna") for keyring in (one, two, one)]
        assert len(set(secrets)) == 1
        one.destroy("subject", "anna")
        for keyring in (one, two):
            with pytest.raises(KeyDestroyed):
                keyring.key("subject", "anna")
            with pytest.raises(KeyDestroyed):
                keyring.has("subject", "anna")
            keyring.close()

    def test_a_whole_keyring_is_found_as_a_few_are(self, folder):
        """So many that index and secrets are read through; and another process destroys one."""
        one, two = FileKeyring(folder), FileKeyring(folder)
        names = [f"p{number}" for number in range(300)]
        made = one.keys("subject", names)
        asked = names * (_MANY // 300 + 1)
        assert two.found("subject", [*asked, "nobody"]) == [*made * (_MANY // 300 + 1), None]
        one.destroy("subject", "p5")
        found = two.found("subject", asked)
        assert found[5] is None
        assert found[305] is None
        assert found[6] == made[6]
        for keyring in (one, two):
            keyring.close()

    def test_what_is_damaged_is_not_found_either(self, folder):
        keyring = FileKeyring(folder)
        keyring.keys("subject", ["a", "b"])
        content = (folder / "secrets").read_bytes()
        (folder / "secrets").write_bytes(content[:-64] + bytes(64))
        for count in (1, _MANY):
            with pytest.raises(KeyUnreadable, match="damaged"):
                keyring.found("subject", ["a", "b"] * count)
        keyring.close()

    def test_processes_that_start_together_get_one_secret(self, folder):
        program = (
            "import sys; from pathlib import Path; from faceward.adapters.keyring import FileKeyring; "
            "sys.stdin.read(); print(FileKeyring(Path(sys.argv[1])).key('a', 'b').hex())"
        )
        command = [sys.executable, "-c", program, str(folder)]
        children = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for _ in range(4)
        ]
        for child in children:
            child.stdin.close()
        found = set()
        for child in children:
            found.add(child.stdout.read())
            assert child.wait(60) == 0
            child.stdout.close()
        assert len(found) == 1

    def test_nothing_on_the_disk_is_a_secret_or_a_name(self, folder):
        keyring = FileKeyring(folder)
        secret = keyring.key("subject", "anna-of-the-mill")
        everything = b"".join(path.read_bytes() for path in folder.iterdir())
        assert secret not in everything
        assert b"anna" not in everything
        keyring.close()

    def test_a_destroyed_secret_is_overwritten_where_it_was(self, folder):
        keyring = FileKeyring(folder)
        before = (folder / "secrets").read_bytes() if (folder / "secrets").exists() else b""
        keyring.key("subject", "anna")
        closed = (folder / "secrets").read_bytes()[-64:]
        assert closed not in before
        assert any(closed)
        keyring.destroy("subject", "anna")
        for path in folder.iterdir():
            assert closed[:60] not in path.read_bytes()
        assert (folder / "secrets").read_bytes()[-64:] == bytes(64)
        keyring.close()

    def test_a_destruction_that_was_cut_short_is_finished_at_the_next_start(self, folder):
        keyring = FileKeyring(folder)
        keyring.key("subject", "anna")
        keyring.close()
        import sqlite3

        index = sqlite3.connect(folder / "index.db")
        index.execute("UPDATE secrets SET state = 2 WHERE stretch = (SELECT max(stretch) FROM secrets)")
        index.commit()
        index.close()
        with pytest.raises(KeyUnreadable):
            keyring.key("subject", "anna")
        assert (folder / "secrets").read_bytes()[-64:] == bytes(64)
        keyring.close()

    @pytest.mark.parametrize("name", ["root.key", "index.db", "secrets"])
    def test_a_file_that_others_may_read_is_refused(self, folder, name):
        keyring = FileKeyring(folder)
        keyring.key("subject", "anna")
        keyring.close()
        (folder / name).chmod(0o640)
        with pytest.raises(KeyUnreadable, match="others may read") as refused:
            keyring.key("subject", "anna")
        assert "600" in refused.value.remedy

    def test_its_files_are_for_this_account_alone(self, folder):
        keyring = FileKeyring(folder)
        keyring.key("subject", "anna")
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
        keyring.close()

    @pytest.mark.parametrize("name", ["root.key", "index.db"])
    def test_no_new_key_takes_the_place_of_a_lost_one(self, folder, name):
        keyring = FileKeyring(folder)
        keyring.key("subject", "anna")
        keyring.close()
        (folder / name).unlink()
        with pytest.raises(KeyUnreadable, match="missing"):
            keyring.key("subject", "anna")
        assert not (folder / name).exists()

    def test_another_root_key_opens_nothing(self, folder):
        keyring = FileKeyring(folder)
        keyring.key("subject", "anna")
        keyring.close()
        (folder / "root.key").write_bytes(os.urandom(32))
        with pytest.raises(KeyUnreadable) as refused:
            keyring.key("subject", "anna")
        assert not isinstance(refused.value, KeyDestroyed)

    @pytest.mark.parametrize(
        ("name", "content"), [("root.key", b"short"), ("secrets", b""), ("index.db", b"x" * 5000)]
    )
    def test_what_is_damaged_is_not_used(self, folder, name, content):
        keyring = FileKeyring(folder)
        keyring.key("subject", "anna")
        keyring.close()
        for path in folder.glob("index.db-*"):
            path.unlink()
        (folder / name).write_bytes(content)
        with pytest.raises(KeyUnreadable):
            keyring.key("subject", "anna")
