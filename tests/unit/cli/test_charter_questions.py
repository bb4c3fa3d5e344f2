"""Why a record says what it says, who would be allowed on a date, what a charter changes, and the matrix."""

from __future__ import annotations

import json
import re
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from data.histories import POLICY, decision, outcome, pseudonym
from data.office import application, organisation

from faceward import wiring
from faceward.errors import RefusedError
from faceward.governance.laws.authority import AuthorityKind, AuthorityRecord, Issuer
from faceward.governance.outcomes import Counts, Performed
from faceward.governance.policies.matrix import COLUMNS, ROWS
from faceward.governance.policies.packs import shipped_stands
from faceward.governance.policies.reasons import REASONS
from faceward.governance.requests import Request
from faceward.ports.ledger import Draft, Writing
from faceward.settings import read
from faceward.testing.installation import Audited, SampleInstallation
from faceward.transparency.entries import OUTCOMES
from faceward.transparency.words import Action, Body, Capture, Place, Purpose

CHECK = Request(
    actor="ann",
    deployment="drivers",
    action=Action.COMPARE,
    purpose=Purpose.VERIFY_WORKER,
    comparisons=1,
    capture=Capture.SUPERVISED,
)


@pytest.fixture
def trial(faceward, tmp_path, monkeypatch):
    """The command line of an installation in which Ann opened a trial."""
    monkeypatch.chdir(tmp_path)
    assert faceward("charter", "init", "--account", "ann").code == 0
    opened = faceward(
        "deployment", "trial", "drivers", "--purpose", "verify_worker", "--organisation", "Rides Ltd",
        "--body", "company", "--country", "IE", "--place", "private", "--capture", "supervised",
    )  # fmt: skip
    assert opened.code == 0, opened.stderr
    return faceward


def ask(request: Request = CHECK) -> int:
    """Have the gate judge a request, and the work done that it allows; give the place of its decision."""

    def work(permit):
        permit.spend(request.action)
        return Performed(None, Counts(comparisons=1))

    with wiring.installation(read()) as it:
        place = it.ledger.size()
        with suppress(RefusedError):
            it.gate.perform(request, work)
    return place


def note(type_: str, body: dict[str, object], policy: str = POLICY) -> int:
    """Write an entry into the ledger in use."""
    with closing(wiring.ledger(read())) as ledger:
        draft = Draft(type_, pseudonym("d", 1), pseudonym("a", 1), policy, body)
        return ledger.write(Writing((draft,))).first


class TestExplain:
    def test_what_was_allowed_names_the_rule_and_how_it_ended(self, trial):
        place = ask()
        document = trial("charter", "explain", place, "--json").document
        assert (document["verdict"], document["in_force"]) == ("allow", True)
        assert document["stands"] == ["microsoft-2020"]
        assert document["asked"]["deployment"] == "drivers"
        assert document["asked"]["actor"] == "ann"
        (rule,) = document["rules"]
        assert (rule["rule"], rule["known"]) == ("base/permit-member", True)
        assert "none did" in rule["change"]
        assert document["outcome"]["entry"] == place + 1
        assert document["outcome"]["ending"] == "done"
        told = trial("charter", "explain", place).stdout
        assert re.search(r"verdict +allowed", told)
        assert re.search(rf"ended +done \(1 comparison\), entry {place + 1}", told)

    def test_an_outcome_leads_to_its_decision(self, trial):
        place = ask()
        ask()
        assert trial("charter", "explain", place + 1).stdout == trial("charter", "explain", place).stdout

    def test_a_refusal_names_every_rule_and_what_would_change_it(self, trial):
        place = ask(
            Request(
                "ann", "drivers", Action.COMPARE, Purpose.VERIFY_ACCOUNT, comparisons=1, capture=Capture.BODY
            )
        )
        document = trial("charter", "explain", place, "--json").document
        assert document["verdict"] == "deny"
        assert {it["rule"] for it in document["rules"]} == {"base/purpose", "base/capture"}
        rules = wiring.packs_of(()).rules
        told = trial("charter", "explain", place).stdout
        for it in document["rules"]:
            rule = rules[it["rule"]]
            assert (it["says"], it["change"], it["source"]) == (rule.says, rule.change, rule.source)
            assert all(words in told for words in (rule.name, rule.says, rule.change, rule.source))
        assert document["outcome"] is None
        assert "ended" not in told

    def test_the_gates_own_reasons_are_those_that_it_gave(self, trial):
        """One table stands behind both."""
        with wiring.installation(read()) as it:
            place = it.ledger.size()
            with pytest.raises(RefusedError) as raised:
                it.gate.perform(Request("ann", "nowhere", Action.DETECT, Purpose.LIVENESS), pytest.fail)
        (rule,) = trial("charter", "explain", place, "--json").document["rules"]
        assert raised.value.reasons == (f"{rule['rule']}: {rule['says']} {rule['change']}",)

    @pytest.mark.parametrize("name", REASONS)
    def test_every_reason_of_the_gate_is_explained(self, trial, name):
        place = note("policy.decision", decision(1, verdict="deny", rules=[name]))
        told = trial("charter", "explain", place).stdout
        assert REASONS[name].says in told
        assert REASONS[name].change in told
        assert "not known here" not in told

    def test_a_rule_that_is_not_there_any_more_is_named_as_unknown(self, trial):
        place = note(
            "policy.decision", decision(1, verdict="deny", rules=["ibm-2020/no-analysis", "old/gone"])
        )
        document = trial("charter", "explain", place, "--json").document
        assert document["in_force"] is False
        assert document["stands"] is None
        known, unknown = document["rules"]
        assert (known["rule"], known["known"]) == ("ibm-2020/no-analysis", True)
        assert unknown == {
            "rule": "old/gone", "known": False, "says": None, "change": None, "source": None
        }  # fmt: skip
        told = trial("charter", "explain", place).stdout
        assert "judged under other policies" in told
        assert "This rule is not known here" in told

    def test_what_was_judged_before_a_charter_changed_says_so(self, trial):
        place = ask()
        trial("charter", "propose", "--add-stand", "ibm-2020", "-o", "next.json")
        trial("charter", "sign", "next.json")
        assert trial("charter", "adopt", "next.json").code == 0
        document = trial("charter", "explain", place, "--json").document
        assert (document["in_force"], document["stands"]) == (False, ["microsoft-2020"])
        assert document["rules"][0]["known"] is True
        assert trial("charter", "explain", ask(), "--json").document["in_force"] is True

    def test_work_that_never_ended_is_told_apart(self, trial):
        place = note("policy.decision", decision(1))
        other = note("policy.decision", decision(2))
        note(OUTCOMES[Action.IDENTIFY], outcome(2, other))
        assert "no outcome is on record" in trial("charter", "explain", place).stdout
        assert trial("charter", "explain", other, "--json").document["outcome"]["entry"] == other + 1

    def test_what_was_made_round_the_gate_says_so(self, trial):
        place = note("policy.decision", decision(1, testing=True))
        assert trial("charter", "explain", place).stdout.startswith("TEST GATE")

    @pytest.mark.parametrize("place", [0, 1])
    def test_another_record_explains_nothing(self, trial, place):
        run = trial("charter", "explain", place, "--json")
        assert run.code == 2
        assert "nothing was decided there" in run.error["cause"]
        assert "policy.decision" in run.error["remedy"]

    def test_a_record_that_is_not_there_is_an_error(self, trial):
        for place in (99, -1):
            run = trial("charter", "explain", "--", place)
            assert run.code == 2
        assert "There is no entry" in run.stderr

    def test_an_outcome_of_no_decision_is_damage(self, trial):
        place = note(OUTCOMES[Action.IDENTIFY], outcome(1, 0))
        run = trial("charter", "explain", place, "--json")
        assert (run.code, run.error["code"]) == (4, "ledger_corrupt")

    def test_without_an_installation_none_is_made(self, faceward, tmp_path):
        for words in (("explain", 0), ("simulate", "--on", "2026-01-01"), ("diff", "in-force", "base")):
            run = faceward("charter", *words, "--json")
            assert (run.code, run.error["code"]) == (2, "charter_missing")
        assert not (tmp_path / "state").exists()


@pytest.fixture
def city(faceward, tmp_path, monkeypatch):
    """The command line of an installation with a reviewed police deployment and its warrant."""
    monkeypatch.chdir(tmp_path)
    chosen = read()
    with closing(wiring.ledger(chosen)) as ledger:
        it = SampleInstallation(ledger, wiring.keyring(chosen), wiring.clock())
        what = application(
            customer="city-police", purposes=["criminal_investigation"], country="US",
            locality="Springfield, US-IL", source="authority", ground="other", people=200, uses_a_day=20,
            captures=["supervised", "body"], audit="audit-police",
        )  # fmt: skip
        it.review("police", organisation(Body.POLICE, until=it.until(200)), what, Audited("a" * 64, 0.363))
        it.open_authority(
            AuthorityRecord(
                identifier="warrant-7", kind=AuthorityKind.WARRANT, deployment="police",
                places=frozenset({Place.PRIVATE}), purposes=frozenset({Purpose.CRIMINAL_INVESTIGATION}),
                subjects=None, issuer="County court", issued_by=Issuer.COURT, opened=it.until(0),
                expires=it.until(7), closed=None,
            )
        )  # fmt: skip
        it.today = it.until(0)
        faceward.day = lambda days: f"{it.today + timedelta(days=days):%Y-%m-%d}"
    return faceward


def rules(run) -> set[str]:
    """The rules that refuse the uses of one simulation; none where all would be allowed."""
    uses = run.document["uses"]
    assert uses
    return {rule for it in uses if not it["allowed"] for rule in it["rules"]}


class TestSimulate:
    def test_a_trial_is_allowed_while_it_lasts(self, trial):
        before, after = (
            trial("charter", "simulate", "--on", on, "--json") for on in ("2020-01-01", "2099-01-01")
        )
        assert rules(before) == {"base/not-yet"}
        assert "base/expired" in rules(after)
        moved = trial("charter", "simulate", "--on", "2099-01-01", "--as-if-reviewed", "--json")
        assert rules(moved) == set()
        told = trial("charter", "simulate", "--on", "2020-01-01").stdout
        assert re.search(r"drivers +verify_worker +verify +supervised +refused by base/not-yet", told)
        assert "What would change it: Wait for that date." in told

    def test_it_asks_what_the_gate_asks(self, city):
        """On a day in force, by the charter, the answer is that of a request."""
        run = city("charter", "simulate", "--on", city.day(1), "--json")
        assert rules(run) == {"microsoft-2020/law-enforcement"}
        assert run.document["packs"] == ["base", "microsoft-2020"]
        (use,) = run.document["uses"]
        assert use["captures"] == ["body", "supervised"]
        assert rules(city("charter", "simulate", "--on", city.day(1), "--stand", "base", "--json")) == set()

    def test_what_people_signed_ends_by_its_date(self, city):
        """The warrant after a week; the review later."""
        run = city("charter", "simulate", "--on", city.day(10), "--stand", "base", "--json")
        assert rules(run) == {"base/exception"}
        run = city("charter", "simulate", "--on", city.day(301), "--stand", "base", "--json")
        assert rules(run) == {"base/exception", "base/expired", "base/audit"}

    @pytest.mark.parametrize(
        ("stand", "on", "refused"),
        [
            ("microsoft-2020", "2021-06-11", {"microsoft-2020/law-enforcement"}),
            ("amazon-2020", "2020-12-01", {"amazon-2020/moratorium"}),
            ("amazon-2020", "2021-06-11", set()),
            ("amazon-2021", "2021-06-11", {"amazon-2021/criminal-investigation"}),
        ],
    )
    def test_a_stand_speaks_of_its_own_time(self, city, stand, on, refused):
        """As if the use had been reviewed then, with all that people signed."""
        run = city("charter", "simulate", "--on", on, "--stand", stand, "--as-if-reviewed", "--json")
        assert rules(run) == refused
        assert rules(city("charter", "simulate", "--on", on, "--stand", stand, "--json")) >= {"base/not-yet"}

    def test_a_company_stays_one_however_far_the_date(self, faceward, tmp_path):
        """Its review has run out by then, which would make it the police; a city bans those."""
        with closing(wiring.ledger(read())) as ledger:
            it = SampleInstallation(ledger, wiring.keyring(read()), wiring.clock())
            what = application(country="US", locality="San Francisco, US-CA")
            it.review("door", organisation(until=it.until(200)), what, Audited("a" * 64, 0.363))
        words = ("charter", "simulate", "--on", "2099-01-01", "--json")
        assert rules(faceward(*words, "--as-if-reviewed")) == set()
        assert {"microsoft-2020/law-enforcement", "base/place-ban"} <= rules(faceward(*words))

    def test_several_stands_are_judged_together(self, city):
        words = ("charter", "simulate", "--on", city.day(1), "--json", "--deployment", "police")
        run = city(*words, "--stand", "no-government", "amazon-2021", "--stand", "microsoft-2020")
        assert {name.split("/")[0] for name in rules(run)} == {
            "no-government", "amazon-2021", "microsoft-2020"
        }  # fmt: skip
        assert {it["rule"] for it in run.document["rules"]} == rules(run)

    def test_nothing_is_written(self, city, tmp_path):
        before = city("ledger", "show", "--json").document["size"]
        city("charter", "simulate", "--on", "2026-01-01", "--as-if-reviewed")
        city("charter", "diff", "in-force", "base")
        assert city("ledger", "show", "--json").document["size"] == before

    @pytest.mark.parametrize(
        ("words", "cause"),
        [
            (("--on", "soon"), "is no date"),
            (("--on", "2026-01-01", "--deployment", "nowhere"), "There is no deployment"),
            (("--on", "2026-01-01", "--stand", "nothing"), "invalid choice"),
            ((), "required"),
        ],
    )
    def test_what_makes_no_sense_is_an_input_error(self, trial, words, cause):
        run = trial("charter", "simulate", *words, "--json")
        assert run.code == 2
        assert cause in run.error["cause"]
        assert run.error["remedy"]

    def test_without_a_deployment_it_says_how_to_get_one(self, faceward):
        faceward("charter", "init")
        run = faceward("charter", "simulate", "--on", "2026-01-01")
        assert run.code == 0
        assert "No deployment is on record" in run.stdout


class TestDiff:
    def test_a_stand_that_is_added_closes_uses(self, faceward):
        """Without an installation, archetypes are asked about."""
        run = faceward("charter", "diff", "base", "microsoft-2020", "--json")
        assert run.code == 0
        assert run.document["deployments"] == []
        assert {(it["change"], it["sector"]) for it in run.document["archetypes"]} == {
            ("refused", "law_enforcement")
        }
        assert all(it["after"] == ["microsoft-2020/law-enforcement"] for it in run.document["archetypes"])
        back = faceward("charter", "diff", "microsoft-2020", "base", "--json").document["archetypes"]
        assert {it["change"] for it in back} == {"allowed"}

    def test_another_reason_is_told_apart(self, faceward):
        run = faceward("charter", "diff", "--stands", "microsoft-2020", "--stands", "no-government")
        assert "Allowed before, refused after:" in run.stdout
        assert "The same verdict, by other rules:" in run.stdout
        assert "microsoft-2020/law-enforcement → no-government/government" in run.stdout
        assert "Refused before, allowed after" not in run.stdout

    def test_a_date_decides_where_a_rule_has_one(self, faceward):
        words = ("charter", "diff", "base", "amazon-2020", "--json", "--on")
        assert faceward(*words, "2020-12-01").document["archetypes"]
        assert not faceward(*words, "2021-06-11").document["archetypes"]
        assert "No use changes." in faceward("charter", "diff", "ibm-2020", "ibm-2020").stdout

    def test_deployments_on_record_are_asked_about_too(self, city):
        run = city("charter", "diff", "in-force", "--stands", "base", "--json")
        (use,) = run.document["deployments"]
        assert use == {
            "change": "allowed", "deployment": "police", "purpose": "criminal_investigation",
            "function": "verify", "captures": ["body", "supervised"],
            "before": ["microsoft-2020/law-enforcement"], "after": ["base/permit-member"],
        }  # fmt: skip
        assert "of the deployments on record were asked" in city("charter", "diff", "in-force", "base").stdout

    def test_charters_and_proposals_are_read_from_files(self, trial):
        trial("charter", "propose", "--add-stand", "ibm-2020", "-o", "next.json")
        values = trial("charter", "show", "--json").document["charter"]
        Path("mine.json").write_text(json.dumps(values | {"stands": ["ibm-2020", "microsoft-2020"]}))
        for name in ("next.json", "mine.json"):
            document = trial("charter", "diff", "in-force", name, "--json").document
            assert document["new"] == ["base", "ibm-2020", "microsoft-2020"]
            assert {it["change"] for it in document["archetypes"]} == {"refused", "reasons"}
            assert {it["function"] for it in document["deployments"]} == {"analyse"}

    @pytest.mark.parametrize(
        ("words", "cause"),
        [
            ((), "0 were named"),
            (("base",), "1 were named"),
            (("base", "base", "--stands", "base"), "3 were named"),
            (("base", "--stands", "nothing"), "There is no stand 'nothing'"),
            (("base", "missing.json"), "no file at this path"),
            (("base", "bad.json"), "JSON"),
            (("base", "ibm-2020", "--on", "soon"), "is no date"),
        ],
    )
    def test_what_makes_no_sense_is_an_input_error(self, faceward, tmp_path, monkeypatch, words, cause):
        monkeypatch.chdir(tmp_path)
        Path("bad.json").write_text("{")
        run = faceward("charter", "diff", *words, "--json")
        assert run.code == 2
        assert cause in run.error["cause"]
        assert run.error["remedy"]


class TestMatrix:
    def test_it_has_every_stand_sector_and_function(self, faceward):
        cells = faceward("charter", "matrix", "--json").document["cells"]
        assert len(cells) == len(COLUMNS) * len(ROWS) * 4
        assert set(COLUMNS) == {"base alone", *shipped_stands()}
        police = [it for it in cells if it["stand"] == "microsoft-2020" and it["sector"] == "law_enforcement"]
        assert {(it["with_law"], bool(it["allowed"])) for it in police} == {(False, False), (True, True)}

    def test_people_get_a_table_for_each_stand(self, faceward):
        run = faceward("charter", "matrix")
        assert run.code == 0
        for name in COLUMNS:
            assert re.search(rf"(?m)^{re.escape(name)}, on \d{{4}}-\d\d-\d\d$", run.stdout)
        assert re.search(r"law enforcement +none +none +none +none", run.stdout)

    def test_a_date_is_everybodys(self, faceward):
        """The moratorium of 2020 was over by then."""
        cells = faceward("charter", "matrix", "--on", "2021-06-11", "--json").document["cells"]
        assert {it["on"] for it in cells} == {"2021-06-11T00:00:00+00:00"}
        assert all(len(it["allowed"]) == 14 for it in cells if it["stand"] == "amazon-2020")

    @pytest.mark.parametrize(("name", "begins"), [("m.html", "<!doctype html>"), ("m.svg", "<svg")])
    def test_a_file_is_written_once(self, faceward, tmp_path, name, begins):
        path = tmp_path / name
        run = faceward("charter", "matrix", "-o", path)
        assert run.code == 0, run.stderr
        text = path.read_text(encoding="utf-8")
        assert text.startswith(begins)
        assert "microsoft-2020" in text
        again = faceward("charter", "matrix", "-o", path, "--json")
        assert again.code == 2
        assert "already" in again.error["cause"]

    def test_another_ending_is_refused(self, faceward, tmp_path):
        run = faceward("charter", "matrix", "-o", tmp_path / "m.png", "--json")
        assert run.code == 2
        assert ".html" in run.error["remedy"]
