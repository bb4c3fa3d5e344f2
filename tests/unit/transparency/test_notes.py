"""Checkpoints as text: the vectors of the standards, and everything that is no such text."""

from __future__ import annotations

import pytest

from faceward.errors import InvalidValue
from faceward.transparency import canonical, signatures
from faceward.transparency.notes import (
    Checkpoint,
    KeyType,
    Note,
    Signature,
    VerifyingKey,
    cosignature,
    verifying,
)
from faceward.transparency.tree import leaf_hash, root_of

NAME = "log.example/frp-audit"
KEY = signatures.loaded(NAME, bytes(range(32)))
WITNESS = signatures.loaded("witness.example/a", bytes(range(32, 64)))
WITNESS_KEY = verifying(WITNESS, KeyType.COSIGNATURE_V1)
ENTRIES = [
    canonical.encoded({
        "v": 1, "seq": number, "t": f"2026-01-01T00:00:0{number}Z", "type": "policy.decision",
        "body": {"reason": ["stand-law-enforcement"], "decision": "deny"},
    })
    for number in range(3)
]  # fmt: skip
ROOT = root_of([leaf_hash(entry) for entry in ENTRIES])
NOTE = Checkpoint(NAME, 3, ROOT).signed(KEY)

# Source: c2sp.org/tlog-cosignature, the example at its beginning.
C2SP_EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""  # noqa: E501


def test_the_root_and_key_of_the_known_vector_are_found():
    """Entries, key and name that were worked out with other programs."""
    assert ENTRIES[0].startswith(b'{"body":{"decision":"deny"')
    assert ROOT.hex() == "eb007819aaa8f0ef1ed493cf2762b75c47a1a9a2125f8dac6e8ea4935654da09"
    assert verifying(KEY).identifier.hex() == "9871ed11"


def test_a_checkpoint_reads_as_the_known_vector():
    text, below = str(NOTE).split("\n\n")
    assert text.split("\n") == [NAME, "3", "6wB4Gaqo8O8e1JPPJ2K3XEehqaISX42sbo6kk1ZU2gk="]
    assert below.startswith(f"\u2014 {NAME} mHHtEfsJp+DxwNqjeFKA")
    assert below.endswith("\n")


def test_the_example_of_the_standard_is_read_and_written_to_the_byte():
    note = Note.read(C2SP_EXAMPLE)
    assert str(note) == C2SP_EXAMPLE
    assert Checkpoint.read(note.text).size == 20852163
    assert [it.name for it in note.signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert int.from_bytes(note.signatures[1].content[:8], "big") == 1679315147


def test_a_signature_holds_for_its_key_and_text_only():
    assert NOTE.is_signed_by(verifying(KEY))
    assert Note.read(str(NOTE)).is_signed_by(verifying(KEY))
    assert not NOTE.is_signed_by(verifying(WITNESS))
    assert not NOTE.is_signed_by(verifying(signatures.loaded(NAME, bytes(32))))
    assert not NOTE.is_signed_by(verifying(signatures.loaded("another.example", bytes(range(32)))))
    larger = Note(NOTE.text.replace("\n3\n", "\n4\n"), NOTE.signatures)
    assert not larger.is_signed_by(verifying(KEY))


def test_a_wrong_line_of_a_known_key_spoils_a_right_one():
    """A key that signed cannot also have made what does not hold."""
    (right,) = NOTE.signatures
    wrong = Signature(right.name, right.identifier, bytes(64))
    assert not Note(NOTE.text, (right, wrong)).is_signed_by(verifying(KEY))
    stranger = Signature("stranger.example", right.identifier, bytes(64))
    assert Note(NOTE.text, (right, stranger)).is_signed_by(verifying(KEY))


def test_a_witness_signs_a_time_with_the_text():
    line = cosignature(NOTE.text, WITNESS, 1_795_000_000)
    note = Note.read(str(NOTE.with_signature(line)))
    assert note.times_signed_by(WITNESS_KEY) == (1_795_000_000,)
    assert note.is_signed_by(verifying(KEY))
    later = Signature(line.name, line.identifier, (1_795_000_001).to_bytes(8, "big") + line.content[8:])
    assert not NOTE.with_signature(later).is_signed_by(WITNESS_KEY)
    assert not note.is_signed_by(verifying(WITNESS))


def test_a_witness_that_signs_again_replaces_its_line():
    note = NOTE
    for time in (1, 2):
        note = note.with_signature(cosignature(note.text, WITNESS, time))
    assert note.times_signed_by(WITNESS_KEY) == (2,)
    assert len(note.signatures) == 2


@pytest.mark.parametrize("content", [bytes(64), bytes(71), bytes(73), b"\xff" * 72])
def test_a_cosignature_of_another_form_holds_for_nobody(content):
    note = NOTE.with_signature(Signature(WITNESS.name, WITNESS_KEY.identifier, content))
    assert not note.is_signed_by(WITNESS_KEY)


def test_a_verifying_key_is_written_on_one_line():
    for key in (verifying(KEY), WITNESS_KEY):
        assert VerifyingKey.read(key.text()) == key
    assert verifying(KEY).text().startswith("log.example/frp-audit+9871ed11+A")
    assert verifying(WITNESS).identifier != WITNESS_KEY.identifier


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("9871ed11", "9871ed12"),
        lambda text: text.replace("log.", "lag."),
        lambda text: text[:-4],
        lambda text: text + "\n",
        lambda text: "",
        lambda text: text.replace("+", " "),
    ],
)
def test_a_changed_verifying_key_is_refused(change):
    with pytest.raises(InvalidValue):
        VerifyingKey.read(change(verifying(KEY).text()))


@pytest.mark.parametrize(
    "change",
    [
        lambda note: "",
        lambda note: note[:-1],
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace("\u2014", "-"),
        lambda note: note.replace("mHHt", "mHH"),
        lambda note: note.replace("\n3\n", "\r\n3\r\n"),
        lambda note: note + "\u2014 short AAAA\n",
        lambda note: note + "\u2014 a+b mHHtEfsJ\n",
        lambda note: note + "\u2014  mHHtEfsJ\n",
        lambda note: note + "\n",
        lambda note: note + note.rpartition("\n\n")[2] * 64,
        lambda note: "x" * 70_000 + note,
    ],
)
def test_what_is_no_note_is_refused(change):
    changed = change(str(NOTE))
    assert changed != str(NOTE)
    with pytest.raises(InvalidValue):
        Note.read(changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n3\n", "\n03\n"),
        lambda text: text.replace("\n3\n", "\n+3\n"),
        lambda text: text.replace("\n3\n", "\n-3\n"),
        lambda text: text.replace("\n3\n", "\n3 \n"),
        lambda text: text.replace("\n3\n", "\n\u0663\n"),
        lambda text: text.replace("\n3\n", "\n" + "3" * 30 + "\n"),
        lambda text: text.replace("=\n", "\n"),
        lambda text: text + "an extension\n",
        lambda text: text[:-1],
        lambda text: text.replace(NAME, ""),
        lambda text: text[:-5] + "\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(change):
    changed = change(NOTE.text)
    assert changed != NOTE.text
    with pytest.raises(InvalidValue):
        Checkpoint.read(changed)


def test_the_text_of_a_note_may_hold_empty_lines():
    note = Note("one\n\ntwo\n", NOTE.signatures)
    assert Note.read(str(note)) == note
