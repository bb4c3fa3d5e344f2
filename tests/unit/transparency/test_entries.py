"""The closed schema: what may be written, in which bytes, and that nothing else can be."""

from __future__ import annotations

import hashlib
import json
import traceback
from datetime import UTC, datetime, timedelta, timezone

import pytest
import rfc8785
from data import histories
from data.histories import POLICY, START, pseudonym

from faceward.transparency import kinds
from faceward.transparency.entries import (
    BODIES,
    ENVELOPE,
    MAX_BYTES,
    OUTCOMES,
    EntryNotCanonical,
    EntryRefused,
    decode,
    encode,
)
from faceward.transparency.words import Action

CANARY = "Ann Canary, 1 High Street"
LETTER = {"policy.decision": histories.decision(1), "policy.change": histories.change(POLICY)}
KEYED = "k-" + "0" * 64
EXAMPLES = {
    "list of public": [],
    "word of `Function`": "identify",
    "word of `Purpose`": "access_optin",
    "word of `Body`": "company",
    "word of `Place`": "private",
    "word of `AuditVerdict`": "pass",
    "keyed digest or empty": KEYED,
    "salt or empty": "0" * 32,
    "public digest": "c" * 64,
    "name of a law": "de.strafprozessordnung",
    "0, 1, 2 or 3": 2,
    "time": kinds.stamp(START),
}


def value_of(kind: str) -> object:
    """Some value of a kind."""
    name = kind.removesuffix(", or null")
    if name.startswith("list of "):
        return [value_of(name.removeprefix("list of ").rpartition(",")[0])]
    if name.startswith("whole number"):
        return 3
    if name.startswith("pseudonym"):
        return pseudonym("p", 1)
    return EXAMPLES[name]


def body_of(type_: str) -> dict[str, object]:
    if type_ in LETTER:
        return dict(LETTER[type_])
    if type_ in OUTCOMES.values():
        return histories.outcome(1, 0)
    return {key: value_of(kind.name) for key, kind in BODIES[type_].items()}


def encoded(type_: str = "policy.decision", body: object = None, **other: object) -> bytes:
    parts = {"seq": 5, "time": START, "deployment": pseudonym("d", 1), "actor": "", "policy": POLICY} | other
    return encode(type=type_, body=body_of(type_) if body is None else body, **parts)


@pytest.mark.parametrize("type_", BODIES)
def test_every_type_goes_there_and_back(type_: str):
    """And its bytes are those of another implementation of RFC 8785."""
    content = encoded(type_)
    assert content == rfc8785.dumps(json.loads(content))
    entry = decode(content)
    assert (entry.seq, entry.time, entry.type, entry.policy) == (5, START, type_, POLICY)
    assert entry.body == body_of(type_)
    assert set(json.loads(content)) == set(ENVELOPE)


@pytest.mark.parametrize("type_", BODIES)
def test_a_null_stands_only_where_it_is_laid_down(type_: str):
    """What is unknown is not silently nothing."""
    for key, kind in BODIES[type_].items():
        if kind.name.endswith("or null"):
            assert decode(encoded(type_, body_of(type_) | {key: None})).body[key] is None
        else:
            with pytest.raises(EntryRefused, match=rf"body\.{key} must be"):
                encoded(type_, body_of(type_) | {key: None})


@pytest.mark.parametrize("type_", BODIES)
def test_a_key_too_few_or_too_many_is_refused(type_: str):
    """And the error names the key that is missing, not the one that is strange."""
    for key in BODIES[type_]:
        body = body_of(type_)
        del body[key]
        with pytest.raises(EntryRefused, match=rf"body\.{key} is missing"):
            encoded(type_, body)
    with pytest.raises(EntryRefused, match="has a key that is not laid down") as raised:
        encoded(type_, body_of(type_) | {CANARY: 1})
    assert CANARY not in str(raised.value)


def digests(type_: str) -> set[str]:
    """The keys that hold digests of public things, which look like any digest."""
    return {key for key, kind in BODIES[type_].items() if kind.name.startswith("public digest")}


@pytest.mark.parametrize("type_", BODIES)
def test_a_name_or_the_digest_of_a_photo_fits_nowhere(type_: str):
    """Nor does the refusal hold it, or anything that was raised on the way to it."""
    digest = hashlib.sha256(CANARY.encode()).hexdigest()
    tried = 0
    for canary in (CANARY, CANARY.encode(), digest, digest.upper(), digest[:32], [CANARY], {CANARY: CANARY}):
        wrong: list[dict[str, object]] = [
            {"deployment": canary},
            {"actor": canary},
            {"type_": canary, "body": {}},
        ]
        wrong += [{"body": body_of(type_) | {key: canary}} for key in set(BODIES[type_]) - digests(type_)]
        for key, kind in BODIES[type_].items():
            if kind.name.startswith("list"):
                wrong.append({"body": body_of(type_) | {key: [canary]}})
        if canary != digest:
            wrong += [
                {"policy": canary},
                *({"body": body_of(type_) | {key: canary}} for key in digests(type_)),
            ]
        for one in wrong:
            if canary == digest[:32] and "salt" in BODIES[type_]:
                continue
            with pytest.raises(EntryRefused) as raised:
                encoded(**{"type_": type_, **one})
            text = "".join(traceback.format_exception(raised.value))
            assert "Canary" not in text
            assert digest[:32] not in text.lower()
            assert raised.value.__context__ is None
            tried += 1
    assert tried > 20


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("live", 1), ("live", "true"), ("subject_count", True), ("subject_count", -1), ("subject_count", 1.0),
        ("subject_count", 10**15 + 1), ("subject_count", "3"), ("subjects", [""] * 65), ("subjects", "s"),
        ("threshold_millionths", 1_000_001), ("threshold_millionths", -1_000_001), ("request", ""),
        ("request", pseudonym("a", 1)), ("rules", ["base/permit-approved\n"]), ("rules", ["Base/x"]),
        ("rules", ["base/x/y"]), ("probe", "0" * 64), ("gallery", pseudonym("abc", 1)), ("salt", "0" * 31),
        ("action", "Verify"), ("action", "verify "), ("capture", float("nan")), ("comparisons", float("inf")),
    ],
)  # fmt: skip
def test_values_out_of_bounds_are_refused(key: str, value: object):
    """Each by the place where it stands."""
    with pytest.raises(EntryRefused, match=rf"body\.{key} must be.*policy\.decision"):
        encoded(body=body_of("policy.decision") | {key: value})


@pytest.mark.parametrize("value", [0, 1, 10**15, True])
def test_whole_numbers_are_those_of_json(value: int):
    """Up to a bound that every reader holds exactly; true is none."""
    if value is True:
        with pytest.raises(EntryRefused, match="seq must be"):
            encoded(seq=value)
    else:
        assert decode(encoded(seq=value)).seq == value


@pytest.mark.parametrize(
    ("time", "right"),
    [
        (datetime(2026, 1, 1, tzinfo=UTC), True),
        (datetime(2026, 1, 1, microsecond=1, tzinfo=timezone(timedelta(0))), True),
        (datetime(2026, 1, 1), False),  # noqa: DTZ001 - that is the case
        (datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1))), False),
        ("2026-01-01T00:00:00.000000Z", False),
        (None, False),
    ],
)
def test_times_are_in_utc(time: object, right: bool):
    """To the microsecond, with a zone that says so."""
    if right:
        assert decode(encoded(time=time)).time == time
    else:
        with pytest.raises(EntryRefused, match="t must be: time"):
            encoded(time=time)


@pytest.mark.parametrize(
    "text", ["2026-02-30T00:00:00.000000Z", "2026-01-01T00:00:00Z", "2026-01-01", "Z" * 27]
)
def test_times_in_a_body_are_days_that_exist(text: str):
    """In the one form."""
    with pytest.raises(EntryRefused, match=r"body\.start must be: time"):
        encoded("verify", histories.outcome(1, 0, start=text))


@pytest.mark.parametrize("part", ['","body":{}', '"', "\n", "\\", pseudonym("a", 1) + '","body":{"x":1}'])
def test_no_part_can_break_out_of_its_place(part: str):
    """Quotes and line ends are no characters of anything that may be written."""
    for one in ({"actor": part}, {"deployment": part}, {"policy": part}, {"type_": part, "body": {}}):
        with pytest.raises(EntryRefused):
            encoded(**one)


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it + b" ",
        lambda it: it.replace(b'"v":1', b'"v": 1'),
        lambda it: it.replace(b'"v":1', b'"v":1,"v":1'),
        lambda it: it.replace(b"kiosk", b"k\\u0069osk"),
        lambda it: b'{"v":1,' + it[1:].replace(b',"v":1', b""),
    ],
    ids=["blank at the end", "blank inside", "key twice", "escape", "order of keys"],
)
def test_the_same_entry_in_other_bytes_is_not_canonical(change):
    """One entry has one hash."""
    with pytest.raises(EntryNotCanonical):
        decode(change(encoded()))


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b"[" * 10_000, b"\xff", encoded()[:-1], b"{}", b" " * (MAX_BYTES + 1), b'{"v":2}'],
)
def test_what_is_no_entry_is_refused(content: bytes):
    """Whatever it is."""
    with pytest.raises(EntryRefused) as raised:
        decode(content)
    assert not isinstance(raised.value, EntryNotCanonical)


def test_the_longest_entry_is_below_the_limit():
    """So that the limit refuses nothing that the schema allows."""
    longest = {
        "subjects": [pseudonym("ss", 1)] * 64,
        "rules": [f"{'y' * 40}/{'x' * 60}"] * 64,
    }
    assert len(encoded(body=body_of("policy.decision") | longest)) < MAX_BYTES


def test_every_action_but_the_refused_one_has_an_outcome():
    """And every outcome is a type."""
    assert set(Action) - set(OUTCOMES) == {Action.INFER_TRAIT}
    assert set(OUTCOMES.values()) <= set(BODIES)


def test_keyed_digests_say_what_they_are():
    """So that a plain one is not taken for one."""
    assert kinds.keyed(bytes(32)) == KEYED
    with pytest.raises(ValueError, match="32 bytes"):
        kinds.keyed(b"")
