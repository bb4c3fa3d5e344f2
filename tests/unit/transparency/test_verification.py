"""Every kind of damage to a ledger is found, and told apart from the others."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from data.histories import (
    LOG_KEY,
    ORIGIN,
    OTHER_LOG,
    OTHER_POLICY,
    POLICY,
    WITNESS,
    WITNESS_KEY,
    Shown,
    Story,
    approval,
    change,
    checkpoint,
    decision,
    outcome,
    pseudonym,
    receipt,
    shown,
    story,
)

from faceward.transparency import export
from faceward.transparency.entries import encode
from faceward.transparency.findings import MOST_OF_A_CODE, Code
from faceward.transparency.notes import KeyType, cosignature, verifying
from faceward.transparency.signatures import loaded
from faceward.transparency.tree import leaf_hash
from faceward.transparency.verification import Trust, verified_receipt, verify
from faceward.transparency.words import Action

ENTRIES = tuple(story().entries)
SIZES = (3, 9, len(ENTRIES))
GOOD = shown(ENTRIES, SIZES)


def again(entry: bytes, seq: int | None = None, **body: object) -> bytes:
    """The entry with another number or body, as a forger would write it."""
    it = json.loads(entry)
    time = datetime.fromisoformat(it["t"])
    rest = (it["type"], it["deployment"], it["actor"], it["policy"], it["body"] | body)
    return encode(it["seq"] if seq is None else seq, time, *rest)


def renumbered(entries: Sequence[bytes]) -> tuple[bytes, ...]:
    """Entries with numbers that leave no gap."""
    return tuple(again(entry, place) for place, entry in enumerate(entries))


def with_leaves(it: Shown) -> Shown:
    """What a forger shows who also writes the list of hashes anew."""
    return replace(it, leaves=tuple(map(leaf_hash, it.entries)))


def without(entries: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    return (*entries[:place], *entries[place + 1 :])


def swapped(entries: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    return (*entries[:place], entries[place + 1], entries[place], *entries[place + 2 :])


ALTERED = (*ENTRIES[:6], again(ENTRIES[6], candidates=0), *ENTRIES[7:])
DAMAGE: dict[str, tuple[Shown, str, str]] = {
    "altered": (replace(GOOD, entries=ALTERED), "entry_altered", "entry 6"),
    "altered, and hashed anew": (with_leaves(replace(GOOD, entries=ALTERED)), "root_differs", "checkpoint 2"),
    "cut short": (
        replace(GOOD, entries=(*ENTRIES[:6], ENTRIES[6][:-9], *ENTRIES[7:])), "entry_refused", "entry 6"
    ),
    "written in another way": (
        replace(GOOD, entries=(*ENTRIES[:6], ENTRIES[6] + b" ", *ENTRIES[7:])),
        "entry_not_canonical", "entry 6",
    ),
    "dropped": (replace(GOOD, entries=without(ENTRIES, 6)), "entry_dropped", "entry 6"),
    "dropped, and hashed anew": (
        with_leaves(replace(GOOD, entries=without(ENTRIES, 6))), "entry_dropped", "entry 6"
    ),
    "dropped, and the others renumbered": (
        replace(GOOD, entries=renumbered(without(ENTRIES, 6))), "entry_dropped", "entry 6"
    ),
    "dropped, renumbered and hashed anew": (
        with_leaves(replace(GOOD, entries=renumbered(without(ENTRIES, 6)))), "root_differs", "checkpoint 2"
    ),
    "the first is dropped": (replace(GOOD, entries=ENTRIES[1:]), "entry_dropped", "entry 0"),
    "two are dropped": (
        replace(GOOD, entries=(*ENTRIES[:4], *ENTRIES[6:])), "entry_dropped", "entries 4 to 5"
    ),
    "reordered": (replace(GOOD, entries=swapped(ENTRIES, 6)), "entry_reordered", "entry 6"),
    "reordered and renumbered": (
        replace(GOOD, entries=renumbered(swapped(ENTRIES, 6))), "entry_reordered", "entry 6"
    ),
    "reordered and hashed anew": (
        with_leaves(replace(GOOD, entries=swapped(ENTRIES, 6))), "entry_reordered", "entry 6"
    ),
    "repeated": (
        replace(GOOD, entries=(*ENTRIES[:6], ENTRIES[5], *ENTRIES[6:])), "entry_repeated", "entry 5"
    ),
    "renumbered": (
        replace(GOOD, entries=(*ENTRIES[:6], again(ENTRIES[6], 60), *ENTRIES[7:])),
        "entry_renumbered", "entry 6",
    ),
    "truncated": (replace(GOOD, entries=ENTRIES[:15]), "entries_truncated", "entries 15 to 16"),
    "truncated with its hashes": (
        with_leaves(replace(GOOD, entries=ENTRIES[:15])), "entries_truncated", "entries 15 to 16"
    ),
    "empty": (Shown((), (), GOOD.checkpoints), "entries_truncated", "entries 0 to 16"),
    "more than was signed": (
        replace(GOOD, checkpoints=GOOD.checkpoints[:2]), "entry_unsigned", "entries 9 to 16"
    ),
    "a hash altered": (
        replace(GOOD, leaves=(*GOOD.leaves[:6], bytes(32), *GOOD.leaves[7:])), "leaf_altered", "entry 6"
    ),
    "a hash too many": (replace(GOOD, leaves=(*GOOD.leaves, bytes(32))), "file_malformed", "leaves"),
    "signed by another": (
        replace(GOOD, checkpoints=(checkpoint(ENTRIES, OTHER_LOG),)), "checkpoint_unsigned", "checkpoint 1"
    ),
    "no checkpoint": (replace(GOOD, checkpoints=()), "checkpoint_missing", "checkpoints"),
    "checkpoints reordered": (
        replace(GOOD, checkpoints=GOOD.checkpoints[::-1]), "checkpoint_reordered", "checkpoint 2"
    ),
}  # fmt: skip


def test_an_undamaged_ledger_verifies():
    """With nothing to say about it, and its work counted."""
    report = GOOD.verified()
    assert report.findings == ()
    assert report.holds
    assert (report.origin, report.entries, report.signed) == (ORIGIN, 17, 17)
    assert report.counts == {
        "allowed": 8, "refused": 0, "done": 8, "failed": 0, "interrupted": 0, "unfinished": 0,
    }  # fmt: skip
    assert report.policies == (POLICY,)
    assert report.lines()[-1] == "VERIFIED"
    assert json.loads(json.dumps(report.values()))["verified"] is True


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_found_and_named(name: str):
    """By what happened and where."""
    damaged, code, place = DAMAGE[name]
    report = damaged.verified()
    assert not report.holds
    assert (code, place) in [(str(it.code), it.place) for it in report.findings]
    assert report.lines()[-1] == "DOES NOT VERIFY"


@pytest.mark.parametrize(
    ("name", "never"),
    [
        ("altered", {"entry_dropped", "entry_reordered", "entry_repeated", "entries_truncated"}),
        ("dropped", {"entry_altered", "entry_reordered", "entry_repeated", "entries_truncated"}),
        ("dropped, and the others renumbered", {"entry_altered", "entry_reordered", "entries_truncated"}),
        ("reordered", {"entry_altered", "entry_dropped", "entry_repeated", "entries_truncated"}),
        ("reordered and renumbered", {"entry_altered", "entry_dropped", "entries_truncated"}),
        ("repeated", {"entry_altered", "entry_dropped", "entry_reordered", "entries_truncated"}),
        ("truncated", {"entry_altered", "entry_dropped", "entry_reordered", "entry_repeated"}),
        ("a hash altered", {"entry_altered", "entry_dropped", "root_differs"}),
    ],
)
def test_damage_is_not_taken_for_other_damage(name: str, never: set[str]):
    """The verifier says which."""
    assert not never & set(DAMAGE[name][0].codes())
    assert not {"history_forked"} & set(DAMAGE[name][0].codes())


def other_history(works: int = 9) -> tuple[bytes, ...]:
    """Another history with the same beginning."""
    entries = story(works).entries
    entries[4] = again(entries[4], candidates=0)
    return tuple(entries)


def test_a_fork_is_found_by_whoever_kept_a_checkpoint():
    """However well the other history is signed."""
    fork = shown(other_history(), (3, 9, 19))
    assert fork.codes() == []
    assert fork.codes(kept=(str(GOOD.checkpoints[2]),)) == ["history_forked"]
    assert fork.codes(kept=(str(GOOD.checkpoints[0]),)) == []
    assert fork.codes(kept=(export.checkpoints_text(GOOD.checkpoints),)) == ["history_forked"] * 2
    assert fork.codes(kept=("nothing",)) == ["checkpoint_malformed"]


def test_a_fork_is_found_among_the_checkpoints_of_one_export():
    """Two signatures of the log that no history fits."""
    fork = shown(other_history(), (3, 9, 19))
    both = replace(fork, checkpoints=(fork.checkpoints[0], GOOD.checkpoints[1], fork.checkpoints[2]))
    (finding,) = both.verified().findings
    assert (finding.code, finding.place) == (Code.HISTORY_FORKED, "checkpoint 2")


def test_two_checkpoints_of_one_size_are_a_fork():
    """Even where neither fits what is shown."""
    fork = shown(other_history(8), (17,))
    lost = Shown(ENTRIES[:3], GOOD.leaves[:3], (GOOD.checkpoints[2], fork.checkpoints[0]))
    assert lost.codes().count("history_forked") == 2


def test_truncation_is_visible_only_to_the_holder_of_a_later_checkpoint():
    """A ledger that was cut back to an older checkpoint looks like a younger one."""
    cut = shown(ENTRIES[:9], SIZES[:2])
    assert cut.codes() == []
    assert "entries_truncated" in cut.codes(kept=(str(GOOD.checkpoints[2]),))


def test_keys_are_never_taken_from_the_export():
    """Nothing verifies for someone with another key, not even by a name that is right."""
    report = verify(GOOD.evidence(), Trust((verifying(OTHER_LOG),)))
    assert not report.holds
    assert report.signed == 0


def test_witnesses_count_only_with_their_own_signature():
    """One that is missing or wrong fails; one that is behind is said."""
    seen = shown(ENTRIES, SIZES, (WITNESS,))
    assert seen.codes(witnesses=(WITNESS_KEY,)) == []
    assert set(seen.codes()) == {"signature_unknown"}
    assert seen.verified().holds
    assert GOOD.codes(witnesses=(WITNESS_KEY,)) == ["cosignature_missing"]
    behind = replace(GOOD, checkpoints=(*seen.checkpoints[:2], GOOD.checkpoints[2]))
    report = behind.verified(witnesses=(WITNESS_KEY,))
    assert [it.code for it in report.findings] == [Code.COSIGNATURE_BEHIND]
    assert report.holds
    assert report.witnessed == {WITNESS_KEY.name: 9}
    wrong = cosignature(GOOD.checkpoints[0].text, WITNESS, 1)
    forged = replace(GOOD, checkpoints=(GOOD.checkpoints[2].with_signature(wrong),))
    assert set(forged.codes(witnesses=(WITNESS_KEY,))) == {"cosignature_wrong", "cosignature_missing"}
    impostor = loaded(WITNESS.name, bytes([8] * 32))
    other = shown(ENTRIES, SIZES, (impostor,))
    assert "cosignature_missing" in other.codes(witnesses=(WITNESS_KEY,))
    assert verifying(impostor, KeyType.COSIGNATURE_V1) != WITNESS_KEY


def test_a_receipt_holds_by_itself_and_with_the_export():
    """And fails where either is of another history."""
    given = receipt(ENTRIES, 4)
    held = verified_receipt(given.text(), (LOG_KEY,))
    assert held == given
    assert GOOD.codes(receipts=(given.text(),)) == []
    fork = shown(other_history(), (3, 9, 19))
    assert set(fork.codes(receipts=(given.text(),))) == {"history_forked", "receipt_fails"}
    for wrong in (
        replace(given, place=5),
        replace(given, entry=ENTRIES[5]),
        replace(given, proof=given.proof[:-1]),
        replace(given, checkpoint=checkpoint(ENTRIES, OTHER_LOG)),
        replace(given, checkpoint=checkpoint(ENTRIES[:9])),
    ):
        assert verified_receipt(wrong.text(), (LOG_KEY,)) is None
        assert GOOD.codes(receipts=(wrong.text(),)) == ["receipt_fails"]


def test_a_receipt_is_a_checkpoint_that_was_kept():
    """So it shows truncation too."""
    cut = shown(ENTRIES[:9], SIZES[:2])
    assert {"entries_truncated", "receipt_fails"} <= set(cut.codes(receipts=(receipt(ENTRIES, 12).text(),)))


@pytest.mark.parametrize(
    "text", ["", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v1\nindex 0\n\nx\n", "\0"]
)
def test_what_is_no_receipt_fails(text: str):
    """Whatever it is."""
    assert verified_receipt(text, (LOG_KEY,)) is None


def told(tell: Callable[[Story], object]) -> Shown:
    """An export of entries that the log signed as they are."""
    it = Story()
    it.add("policy.change", change(POLICY))
    tell(it)
    return shown(it.entries)


def refused(it: Story) -> None:
    place = it.add("policy.decision", decision(1, verdict="deny", rules=["base/never-trait"]))
    it.add("search", outcome(1, place))


def reused(it: Story) -> None:
    it.work(1)
    it.add("search", outcome(1, 1))


def before(it: Story) -> None:
    it.add("search", outcome(1, 2))
    it.add("policy.decision", decision(1))
    it.add("search", outcome(1, 2))


def of_another(it: Story) -> None:
    it.add("search", outcome(2, it.add("policy.decision", decision(1))))


def of_another_kind(it: Story) -> None:
    it.add("enrol", outcome(1, it.add("policy.decision", decision(1))))


def another_policy(it: Story) -> None:
    it.work(1)
    it.add("policy.decision", decision(2, verdict="deny"), policy=OTHER_POLICY)


def changed_from_another(it: Story) -> None:
    it.add("policy.change", change("d" * 64, OTHER_POLICY), policy="d" * 64)


def earlier(it: Story) -> None:
    it.add("policy.decision", decision(1, verdict="deny"), seconds=-1)


def in_a_test(it: Story) -> None:
    place = it.add("policy.decision", decision(1, testing=True))
    it.add("search", outcome(1, place, testing=True))


CONDUCT: dict[str, Callable[[Story], object]] = {
    "outcome_of_refusal": refused,
    "decision_reused": reused,
    "outcome_before_decision": before,
    "outcome_without_decision": lambda it: it.add("search", outcome(1, 0)),
    "outcome_differs": of_another,
    "outcome_without_ground": lambda it: it.work(1, ground="none"),
    "policy_unannounced": another_policy,
    "time_backwards": earlier,
    "testing_entry": in_a_test,
    "approvers_missing": lambda it: it.add("review.approved", approval(2, [pseudonym("p", 1)] * 2)),
}


@pytest.mark.parametrize("code", CONDUCT)
def test_what_a_log_signed_can_still_be_wrong(code: str):
    """Signatures show that nothing was changed, not that it was right."""
    report = told(CONDUCT[code]).verified()
    assert code in [str(it.code) for it in report.findings]
    assert not report.holds


def test_work_of_another_kind_than_was_allowed_is_found():
    """Whoever asked to search has not asked to enrol."""
    assert told(of_another_kind).codes() == ["outcome_differs"]
    assert told(lambda it: it.work(1, comparisons=101)).codes() == ["outcome_differs"]
    assert told(changed_from_another).codes() == ["policy_unannounced"]


def test_work_that_ends_badly_or_not_at_all_is_told_apart():
    """Refused, failed, interrupted and unfinished are four things, and none of them fails."""

    def tell(it: Story) -> None:
        it.add("policy.decision", decision(1, verdict="deny"))
        it.work(2)
        it.work(3, ending="failed", error="no_face")
        it.work(4, ending="interrupted")
        it.work(5, Action.DETECT, ground="none")
        it.add("policy.decision", decision(6))

    report = told(tell).verified()
    assert report.holds
    assert report.counts == {
        "allowed": 5, "refused": 1, "done": 2, "failed": 1, "interrupted": 1, "unfinished": 1,
    }  # fmt: skip
    assert [(it.code, it.place) for it in report.findings] == [(Code.WORK_UNFINISHED, "entry 10")]


def test_an_announced_change_of_policy_is_right():
    """Work that began before it ends under the policy that allowed it."""

    def tell(it: Story) -> None:
        place = it.add("policy.decision", decision(1))
        it.add("policy.change", change(OTHER_POLICY, POLICY), policy=OTHER_POLICY)
        it.add("search", outcome(1, place))
        it.policy = OTHER_POLICY
        it.work(2)
        it.add("review.approved", approval(2, [pseudonym("p", 1), pseudonym("p", 2)]))

    told_ = told(tell)
    assert told_.codes() == []
    assert told_.verified().policies == (POLICY, OTHER_POLICY)
    assert told_.codes(policies=frozenset({POLICY, OTHER_POLICY})) == []
    assert told_.codes(policies=frozenset({POLICY})) == ["policy_unknown"]


def test_a_decision_that_was_under_way_while_the_policy_changed_is_a_remark():
    """For a few seconds; later it is a decision under a policy that is not in force."""

    def tell(it: Story, seconds: int) -> None:
        it.add("policy.change", change("d" * 64, POLICY), policy=OTHER_POLICY, seconds=1)
        it.add("policy.decision", decision(1, verdict="deny"), policy=POLICY, seconds=seconds)
        it.add("policy.decision", decision(2, verdict="deny"), policy=OTHER_POLICY, seconds=seconds)

    overtaken = told(lambda it: tell(it, 3)).verified()
    assert [it.code for it in overtaken.findings] == [Code.POLICY_OVERTAKEN]
    assert overtaken.holds
    assert "policy_unannounced" in told(lambda it: tell(it, 300)).codes()


def test_findings_that_are_too_many_to_read_are_counted():
    """A ruined export gives a report of a length that can be read."""
    entries = tuple(b"" for _ in range(500))
    report = shown(entries).verified()
    named = [it for it in report.findings if it.code is Code.ENTRY_REFUSED]
    assert len(named) == MOST_OF_A_CODE + 1
    assert "400" in named[-1].cause


def test_files_that_are_missing_are_named(tmp_path):
    """And the rest is checked."""
    folder = GOOD.write(tmp_path / "export")
    for name in export.FILES:
        (folder / name).rename(tmp_path / "away")
        report = verify(export.opened(folder), Trust((LOG_KEY,)))
        assert (Code.FILE_MISSING, name) in [(it.code, it.place) for it in report.findings]
        (tmp_path / "away").rename(folder / name)
    assert verify(export.opened(folder), Trust((LOG_KEY,))).findings == ()
