"""After a subject is forgotten, no byte of their key lies in any file, and a kept row opens for nobody."""

from __future__ import annotations

import base64
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from data.traces import of_template, stretches, traces

from faceward.adapters.keyring import FileKeyring
from faceward.adapters.vault import KeyringVault
from faceward.core.values import TemplateContract
from faceward.ports.subject_keys import KIND, SubjectKeys
from faceward.ports.vault import Place, VaultRefused

CONTRACT = TemplateContract("sface", "ab" * 32, "flip-2", "f32", 128)


@pytest.fixture
def state(tmp_path):
    """A database with the closed templates of 20 people, a keyring beside it, and their closed keys."""
    keyring = FileKeyring(tmp_path / "keys")
    vault = KeyringVault(keyring)
    features = np.random.default_rng(5).normal(size=(20, 128)).astype(np.float32)
    places = [Place("acme", "door/staff", f"p{n}", f"{n:032x}", CONTRACT, 1) for n in range(20)]
    rows = sqlite3.connect(tmp_path / "store.db", isolation_level=None)
    for setting in ("journal_mode = WAL", "secure_delete = ON"):
        rows.execute(f"PRAGMA {setting}")
    rows.execute("CREATE TABLE reference (subject TEXT, sealed BLOB)")
    closed_keys = []
    for one, place in zip(features, places, strict=True):
        rows.execute("INSERT INTO reference VALUES (?, ?)", (place.subject, vault.closed(one, place)))
        closed_keys.append((tmp_path / "keys" / "secrets").read_bytes()[-64:-4])  # The newest lies last.
    assert len(set(closed_keys)) == 20
    with closing(rows), closing(keyring):
        yield tmp_path, keyring, vault, rows, features, places, closed_keys


def test_nothing_of_a_key_or_template_is_left(state):
    folder, keyring, vault, rows, features, places, closed_keys = state
    place = places[9]
    secret = keyring.key(KIND, SubjectKeys(keyring).identifier(place.gallery, place.subject))
    (sealed,) = rows.execute("SELECT sealed FROM reference WHERE subject = ?", (place.subject,)).fetchone()
    sought = {
        "secret": secret,
        **{f"closed key {name}": part for name, part in stretches(closed_keys[9]).items()},
        **{f"sealed {name}": part for name, part in stretches(sealed).items()},
        **of_template(features[9]),
    }
    before = traces(folder, sought)
    assert any("keys/secrets: closed key" in line for line in before)
    assert any("store.db-wal: sealed" in line for line in before)
    assert not any("secret" in line.split(": ")[1] or "<f" in line for line in before)

    vault.forget(place.gallery, place.subject)
    assert not any("closed key" in line for line in traces(folder, sought))
    with pytest.raises(VaultRefused):
        vault.opened([sealed], [place])

    rows.execute("DELETE FROM reference WHERE subject = ?", (place.subject,))
    rows.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert traces(folder, sought) == []
    others = [place for place in places if place.subject != "p9"]
    kept = [row[0] for row in rows.execute("SELECT sealed FROM reference ORDER BY rowid")]
    assert np.array_equal(vault.opened(kept, others), np.delete(features, 9, axis=0))


@pytest.mark.parametrize(
    "form", [bytes, lambda b: b.hex().encode(), lambda b: b.hex().upper().encode()]
    + [lambda b, n=n: base64.b64encode(bytes(n) + b + b"tail") for n in range(3)]
    + [lambda b: base64.urlsafe_b64encode(b"x" + b)],
)  # fmt: skip
@pytest.mark.parametrize("offset", [0, (1 << 22) - 10, (1 << 22) + 3])
def test_a_search_finds_each_form_also_across_two_pieces(tmp_path, form, offset):
    """A search that finds nothing must be one that could have."""
    needle = bytes(range(200, 232))
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(bytes(offset) + form(needle) + b"end")
    (tmp_path / "other").write_bytes(bytes(100))
    assert traces(tmp_path, {"needle": needle, "none": b"is not there"}) == ["deep/file: needle"]


def test_a_search_for_few_bytes_is_refused(tmp_path):
    with pytest.raises(ValueError, match="chance"):
        traces(tmp_path, {"short": b"abc"})
