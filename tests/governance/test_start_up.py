"""A new version of the shipped packs is announced when an installation is opened, once, before any work."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from data.office import holder, key_of, trial

from faceward import wiring
from faceward.adapters.ledger import export
from faceward.errors import RefusedError
from faceward.governance.charters import adoption
from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import Role
from faceward.governance.documents.registry import Registry
from faceward.governance.documents.snapshots import CharterMissing
from faceward.governance.documents.statements import signed
from faceward.governance.gate import Gate
from faceward.governance.requests import Request
from faceward.governance.reviews import proceedings
from faceward.settings import Settings
from faceward.transparency import entries
from faceward.transparency.export import opened
from faceward.transparency.findings import Code, Report
from faceward.transparency.notes import verifying
from faceward.transparency.verification import Trust, verify
from faceward.transparency.words import Action, Capture, Purpose

OLDER = "0" * 64
"""Digest of the packs that an older version shipped."""
REQUEST = Request("ann", "try", Action.COMPARE, Purpose.VERIFY_ACCOUNT, comparisons=1, capture=Capture.KIOSK)


@pytest.fixture
def chosen(tmp_path) -> Settings:
    return Settings(state_dir=str(tmp_path / "state"))


@pytest.fixture
def updated(chosen) -> Settings:
    """An installation that was founded, and opened a trial, under the packs of an older version."""
    with closing(wiring.ledger(chosen)) as ledger:
        registry = Registry(ledger, wiring.keyring(chosen), wiring.clock(), lambda _charter: OLDER)
        first = charters.first(wiring.log_key(chosen).name, holder("ann", Role.OPERATOR))
        adoption.adopt(registry, signed(adoption.propose(registry, first), key_of("ann")))
        proceedings.open_trial(registry, "try", trial(), key_of("ann"))
    return chosen


def verified(chosen: Settings, folder: Path) -> Report:
    """What a stranger finds in an export, with the public key alone."""
    with closing(wiring.ledger(chosen)) as ledger:
        export.exported(ledger, folder)
    return verify(opened(folder), Trust((verifying(wiring.log_key(chosen)),)))


def announcements(chosen: Settings) -> list[entries.Entry]:
    with closing(wiring.ledger(chosen)) as ledger:
        read = [entries.decode(content) for content in ledger.entries()]
    return [it for it in read if it.type == "policy.change"]


def refused(gate: Gate) -> None:
    """Have the gate judge and record something."""
    with suppress(RefusedError):
        gate.perform(REQUEST, pytest.fail)


def test_without_an_announcement_an_export_does_not_verify(updated, tmp_path):
    """The check that the next test relies on can fail."""

    class Silent(Registry):
        """Announces nothing."""

        def announced_policy(self):
            return ""

    with closing(wiring.ledger(updated)) as ledger:
        silent = Silent(
            ledger, wiring.keyring(updated), wiring.clock(), lambda it: wiring.packs(updated, it).digest
        )
        refused(Gate(ledger, wiring.clock(), wiring.dossier(updated, ledger, silent)))
    report = verified(updated, tmp_path / "export")
    assert [it.code for it in report.findings if it.code.fails] == [Code.POLICY_UNANNOUNCED]


def test_what_an_update_changed_is_announced_before_anything_is_decided(updated, tmp_path):
    """An export verifies before and after; the new policy is named, unsigned, as weaker."""
    before = verified(updated, tmp_path / "before")
    assert before.holds
    with wiring.installation(updated) as it:
        policy = it.registry.policy_of(it.registry.snapshot().charter)
        refused(it.gate)
    after = verified(updated, tmp_path / "after")
    assert after.holds
    assert after.policies == (*before.policies, policy)
    last = announcements(updated)[-1]
    assert last.actor == ""
    assert dict(last.body) == {
        "charter": policy, "before": before.policies[-1], "weakens": True, "signers": [],
        "stands_added": [], "stands_removed": [], "keys_changed": False,
    }  # fmt: skip


def test_an_announcement_is_signed_at_once(updated):
    """A checkpoint covers it, so nobody can take it back unseen."""
    with wiring.installation(updated) as it:
        assert f"\n{it.ledger.size()}\n" in it.ledger.checkpoints()[-1]


def test_what_did_not_change_is_not_announced_again(updated):
    for _ in range(3):
        with wiring.installation(updated):
            pass
    assert len(announcements(updated)) == 2


def test_documents_still_match_their_records(updated):
    """There is no document of an announcement, and none is missed."""
    from faceward.governance.documents.concordance import concordance

    with wiring.installation(updated) as it:
        assert concordance(it.registry.snapshot(), it.ledger.entries()).holds


def test_without_a_charter_nothing_is_announced(chosen):
    with pytest.raises(CharterMissing):
        wiring.installation(chosen)
    assert announcements(chosen) == []


def test_processes_that_start_at_once_announce_once(updated, tmp_path):
    """They are real processes, and all of them go on."""
    program = (
        "import sys\nfrom faceward import wiring\nfrom faceward.settings import Settings\n"
        "sys.stdin.read()\nwiring.installation(Settings(state_dir=sys.argv[1])).__exit__()\n"
    )
    words = [sys.executable, "-c", program, updated.state_dir]
    started = [subprocess.Popen(words, stdin=subprocess.PIPE) for _ in range(4)]
    for one in started:
        one.stdin.close()
    assert [one.wait(timeout=60) for one in started] == [0] * 4
    assert len(announcements(updated)) == 2
    assert verified(updated, tmp_path / "export").holds


def test_a_charter_that_comes_in_between_is_never_overtaken(updated):
    """Whoever announces had read what was in force before; it looks again."""
    with closing(wiring.ledger(updated)) as ledger:
        other = wiring.registry(updated, ledger)
        met = SimpleNamespace(done=False)

        class Slow(Registry):
            """Is overtaken by an adoption when it has read what was announced last."""

            def _announced(self):
                said = super()._announced()
                if not met.done:
                    met.done = True
                    more = charters.successor(other.snapshot().charter)
                    more = replace(more, stands=(*more.stands, charters.Stand.NO_GOVERNMENT))
                    adoption.adopt(other, signed(adoption.propose(other, more), key_of("ann")))
                return said

        slow = Slow(
            ledger, wiring.keyring(updated), wiring.clock(), lambda it: wiring.packs(updated, it).digest
        )
        assert slow.announced_policy() == other.announced_policy()
        newest = other.policy_of(other.snapshot().charter)
    changes = announcements(updated)
    assert changes[-1].body["charter"] == newest
    assert [it.body["before"] for it in changes[1:]] == [it.body["charter"] for it in changes[:-1]]
