"""The page about the ledger has every type, key, word and finding, as in the code."""

from __future__ import annotations

from documents.pages import read, table

from faceward.transparency import words
from faceward.transparency.entries import BODIES, ENVELOPE, MAX_BYTES
from faceward.transparency.export import FILES
from faceward.transparency.findings import MOST_OF_A_CODE, Code

PAGE = "docs/reference/ledger.md"


def kinds(first: str) -> dict[str, str]:
    return {row[first].strip("`"): row["value"] for row in table(PAGE, first)}


def test_the_keys_of_an_entry_are_those_of_the_schema():
    """In their order, with their kinds."""
    assert kinds("entry key") == {key: kind.name for key, kind in ENVELOPE.items()}
    assert f"{MAX_BYTES:,} bytes" in read(PAGE)


def test_every_type_has_the_body_that_the_schema_lays_down():
    """Keys, kinds and order."""
    bodies = {row["type"].strip("`"): row["body"] for row in table(PAGE, "type")}
    assert list(bodies) == list(BODIES)
    for type_, fields in BODIES.items():
        shown = kinds(f"{bodies[type_]} key")
        assert list(shown.items()) == [(key, kind.name) for key, kind in fields.items()], type_


def test_every_list_of_words_is_there():
    """That an entry uses."""
    used = {
        kind.name.split("`")[1] for fields in BODIES.values() for kind in fields.values() if "`" in kind.name
    }
    shown = {row["list"].strip("`"): row["words"].replace("`", "").split(", ") for row in table(PAGE, "list")}
    assert shown == {name: [str(word) for word in getattr(words, name)] for name in used}


def test_every_finding_is_explained():
    """And whether it fails."""
    shown = {row["code"].strip("`"): row["fails"] for row in table(PAGE, "code")}
    assert shown == {str(code): "yes" if code.fails else "no" for code in Code}
    assert f"the first {MOST_OF_A_CODE} are named" in read(PAGE)


def test_every_file_of_an_export_is_named():
    """In the order in which they are made."""
    assert [row["file"].strip("`") for row in table(PAGE, "file")] == list(FILES)
