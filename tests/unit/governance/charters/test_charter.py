"""What a charter may say, and who counts as one person."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from data.office import holder

from faceward import reading
from faceward.errors import InvalidValue
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Charter, OwnPack, Role, Stand, persons

ANN = holder("ann", Role.OPERATOR)
FIRST = charters.first("faces.example/door", ANN)


def read(charter: Charter | dict) -> Charter:
    values = charters.as_json(charter) if isinstance(charter, Charter) else charter
    return charters.from_record(reading.read(json.dumps(values), "charter"))


def test_a_charter_survives_the_file():
    full = replace(
        FIRST,
        packs=(OwnPack("house-rules", "a" * 64),),
        keys=(ANN, holder("bob", Role.REVIEWER, minted_by="ann", until=datetime(2027, 1, 1, tzinfo=UTC))),
        predecessor="b" * 64,
    )
    assert read(full) == full
    assert read(full).digest == full.digest


def test_the_digest_depends_on_everything():
    changed = [
        replace(FIRST, origin="faces.example/gate"),
        replace(FIRST, stands=()),
        replace(FIRST, packs=(OwnPack("house-rules", "a" * 64),)),
        replace(FIRST, keys=(holder("ann", Role.OPERATOR, Role.REVIEWER),)),
        replace(FIRST, predecessor="b" * 64),
    ]
    assert len({it.digest for it in (FIRST, *changed)}) == 1 + len(changed)


def test_the_default_stand_is_in_the_first_charter():
    assert FIRST.stands == (Stand.MICROSOFT_2020,)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"stands": ["microsoft-2021"]}, "charter.stands is not one of"),
        ({"origin": "Faces Example"}, "origin"),
        ({"keys": []}, "operator"),
        ({"version": 2}, "version"),
        ({"note": "x"}, "unknown keys: note"),
        ({"stands": None}, "stands is missing"),
        ({"predecessor": "short"}, "predecessor"),
        ({"packs": [{"name": "A b", "sha256": "a" * 64}]}, "own pack"),
        ({"packs": [{"name": "a", "sha256": "a" * 64}, {"name": "a", "sha256": "b" * 64}]}, "own packs"),
    ],
)
def test_what_makes_no_sense_is_named(change, words):
    with pytest.raises(InvalidValue, match=words):
        read({**charters.as_json(FIRST), **change})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"roles": ["king"]}, "roles"),
        ({"roles": []}, "roles is empty"),
        ({"public": "00"}, "public"),
        ({"account": "Ann Smith"}, "account"),
        ({"until": "tomorrow"}, "until"),
        ({"phone": "1"}, "unknown keys: phone"),
    ],
)
def test_a_keyholder_is_read_strictly(change, words):
    values = charters.as_json(FIRST)
    (key,) = values["keys"]
    with pytest.raises(InvalidValue, match=words):
        read({**values, "keys": [{**key, **change}]})


def test_a_key_is_listed_once():
    values = charters.as_json(FIRST)
    with pytest.raises(InvalidValue, match="twice"):
        read({**values, "keys": values["keys"] * 2})


@pytest.mark.parametrize(
    ("keys", "count"),
    [
        ([], 0),
        ([("a", "")], 1),
        ([("a", ""), ("b", "")], 2),
        ([("a", ""), ("b", "a")], 1),
        ([("a", ""), ("b", "a"), ("c", "b")], 1),
        ([("c", "b"), ("b", "a"), ("a", "")], 1),
        ([("a", "b"), ("b", "a")], 1),
        ([("a", ""), ("a", "")], 1),
        ([("b", ""), ("b", "a"), ("a", "")], 1),
        ([("a", "x"), ("b", "x")], 1),
        ([("a", ""), ("b", "a"), ("c", "")], 2),
    ],
)
def test_whoever_made_a_key_is_the_person_behind_it(keys, count):
    """Over any number of steps, in any order, even where the maker has no key of their own."""
    listed = [
        holder(f"{i}", Role.OPERATOR, account=account, minted_by=maker)
        for i, (account, maker) in enumerate(keys)
    ]
    assert len(set(persons(listed).values())) == count
