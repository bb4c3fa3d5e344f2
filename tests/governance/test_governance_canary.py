"""Whatever people write into documents stays in them: no entry, no error and no log line holds any of it."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from data.office import Office, holder, key_of, organisation, trial
from governance.desk import GOOD, apply, audit, decide

from faceward.errors import FacewardError
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import OwnPack, Role
from faceward.governance.documents.statements import Kind, from_json
from faceward.governance.reviews import applications, audits, decisions, organisations, proceedings, trials
from faceward.governance.reviews.audits import Measure
from faceward.governance.reviews.decisions import Act
from faceward.reading import Record
from faceward.transparency.words import Place

TEXTS = (
    "alternative", "false_match", "false_non_match", "decides", "vulnerable_people", "sharing", "locality",
    "earlier_refusals",
)  # fmt: skip
WORDS = [f"canary{i}" for i in range(40)]


@pytest.fixture
def office() -> Office:
    """Everybody and everything is called after a canary."""
    it = Office()
    founder = holder("canary0", Role.OPERATOR)
    it.adopt(charters.first("canary30.example/canary31", founder), "canary0")
    it.grow(holder("canary1", Role.REVIEWER), signers=("canary0", "canary1"))
    it.grow(
        holder("canary2", Role.REVIEWER), holder("canary3", Role.AUDITOR), holder("canary4", Role.OPERATOR),
        signers=("canary0", "canary1"),
    )  # fmt: skip
    it.adopt(it.next_charter(packs=(OwnPack("canary5", "e" * 64),)), "canary0")
    it.adopt(it.next_charter(packs=()), "canary0", "canary1")
    return it


def everything(office: Office) -> None:
    """One of each document, with a canary in every field that takes words."""
    named = organisation(name="canary6", evidence="canary7")
    proceedings.review_organisation(office.registry, "canary8", named, key_of("canary1"))
    texts = {name: f"canary{9 + i}" for i, name in enumerate(TEXTS)}
    names = {"customer": "canary8", "audit": "canary20", "instrument": "canary21", "recipients": ["canary22"],
             "sites": ["canary23"]}  # fmt: skip
    apply(office, "canary0", "canary24", **texts, **names)
    decide(
        office,
        "canary1",
        Act.APPROVE_WITH_CONDITIONS,
        "canary24",
        reason="canary25",
        conditions=("canary26",),
    )
    for act in (Act.SUSPEND, Act.CLOSE):
        decide(office, "canary0", act, "canary24", reason="canary25")
    proceedings.open_trial(
        office.registry, "canary27", trial(customer="canary28", name="canary29", site="canary32"),
        key_of("canary0"),
    )  # fmt: skip
    cells = tuple(replace(it, group=f"canary33 {it.group}") for it in GOOD)
    audit(office, "canary3", "canary34", cells=cells)


def traces(word: str) -> list[str]:
    """A word, and what a plain digest would make of it."""
    digest = hashlib.sha256(word.encode())
    return [word, digest.hexdigest(), digest.hexdigest()[:32], hashlib.sha1(word.encode()).hexdigest()]


def test_no_entry_holds_a_word_or_its_digest(office, caplog):
    with caplog.at_level(logging.DEBUG):
        everything(office)
    text = b"".join(office.ledger.entries()).decode()
    assert len(office.entries()) >= 11
    for word in (*WORDS, "canary", "canary30.example/canary31", "canary33 women"):
        assert not [it for it in traces(word) if it in text], word
    assert "canary" not in caplog.text


def test_no_entry_holds_the_plain_digest_of_a_document(office):
    """A guess of the document would be proved by it."""
    everything(office)
    text = b"".join(office.ledger.entries()).decode()
    for document in office.snapshot.documents:
        if document.statement.kind is not Kind.CHARTER:
            assert document.statement.digest not in text
            assert hashlib.sha256(document.statement.message()).hexdigest() not in text


def causes(*acts) -> list[str]:
    """What is said where acts are refused."""
    said = []
    for act in acts:
        with pytest.raises(FacewardError) as caught:
            act()
        said.append(f"{caught.value} {getattr(caught.value, 'reasons', '')} {caught.value!r}")
        cause = caught.value.__cause__ or (
            None if caught.value.__suppress_context__ else caught.value.__context__
        )
        said.append(str(cause))
    return said


def test_no_error_quotes_what_somebody_wrote(office):
    """Refusals, conflicts and files that make no sense; errors may be logged."""
    everything(office)
    full = applications.as_json(applications.parse(Record(dict(office.snapshot.of(Kind.APPLICATION)[0]
                                                               .statement.body), "application")))  # fmt: skip
    closed = dict.fromkeys(("place", "minors", "source", "ground", "liveness", "country"), "canary35")
    lists = {name: ["canary35"] for name in ("functions", "purposes", "captures", "safeguards")}
    late = office.now + timedelta(days=999)
    key = key_of("canary0")
    said = causes(
        lambda: apply(office, "canary0", "canary24"),
        lambda: apply(office, "canary0", "canary36", purposes=["unknown"]),
        lambda: apply(office, "canary1", "canary36"),
        lambda: apply(office, "canary37", "canary36"),
        lambda: decide(office, "canary1", Act.CLOSE, "canary38"),
        lambda: decide(office, "canary1", Act.CLOSE, "canary24"),
        lambda: proceedings.open_trial(office.registry, "canary27", trial(place=Place.PUBLIC), key),
        lambda: proceedings.open_trial(office.registry, "Canary 39", trial(customer="new"), key),
        lambda: audit(office, "canary0", "canary34"),
        lambda: proceedings.review_organisation(office.registry, "canary8", organisation(until=late), key),
        lambda: office.adopt(office.next_charter(origin="canary35"), "canary0"),
        lambda: office.adopt(office.next_charter(packs=(OwnPack("Canary 35", "e" * 64),)), "canary0"),
        lambda: applications.parse(Record({**full, **closed, **lists, "people": "canary35"}, "x")),
        lambda: applications.parse(Record(dict.fromkeys(full, "canary 35"), "x")),
        lambda: organisations.parse(Record({"name": "canary35", "body": "canary35"}, "x")),
        lambda: trials.parse({**trials.as_json(trial()), "purpose": "canary35"}),
        lambda: decisions.parse({"act": "canary35", "reason": "canary36"}),
        lambda: audits.parse({"model": "canary35"}),
        lambda: charters.from_record(Record({"version": 1, "origin": "x", "stands": ["canary36"]}, "x")),
        lambda: from_json({"statement": {"kind": "canary35"}, "signatures": "canary36"}),
    )  # fmt: skip
    assert not [it for it in said if "canary" in it.lower()]


def test_the_measures_are_no_words_of_anybody():
    """The check above would miss a canary in a closed list, so there must be none."""
    assert all(it.value.replace("_", "").isalpha() for it in Measure)
