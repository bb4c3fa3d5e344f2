"""What a pack must be before it may judge, and what is said when it is not."""

from __future__ import annotations

import re

import pytest

from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.governance.policies.packs import (
    BASE,
    DEFAULT_STANDS,
    NO_PERMISSION,
    Kind,
    Packs,
    active_packs,
    own_packs,
    read_pack,
    shipped_schema,
    shipped_stands,
)
from faceward.governance.policies.vocabulary import is_word
from faceward.ports.policy_engine import PolicyInvalid

HEAD = '@id("ours/night") @says("Not at night.") @change("Come by day.") @source("Our council, 2026.")\n'
SCOPE = '(principal, action in Action::"recognise", resource)'
GOOD = f'{HEAD}forbid {SCOPE} when {{ resource.place == "public" }};\n'


@pytest.fixture(scope="module")
def language() -> CedarLanguage:
    return CedarLanguage(shipped_schema())


def read(language: CedarLanguage, text: str, kind: Kind = Kind.OWN):
    return read_pack(language, "ours", kind, text)


def test_a_good_pack_is_read_in_words(language):
    pack = read(language, GOOD)
    (rule,) = pack.rules
    assert (rule.name, rule.says) == ("ours/night", "Not at night.")
    assert (rule.change, rule.source) == ("Come by day.", "Our council, 2026.")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "has no rule"),
        ("// nothing yet", "has no rule"),
        ("forbid", "cannot be read"),
        (GOOD.replace("resource.place", "resource.palace"), "ours/night: attribute `palace`"),
        (GOOD.replace("resource.place", "context.place"), "ours/night: attribute `place`"),
        (GOOD.replace('"public"', "7"), "ours/night: .*types Long and String"),
        (GOOD.replace("resource.place", "resource.instrument.level"), "ours/night: .*optional attribute"),
        (GOOD.replace('"recognise"', '"recognize"'), "ours/night: unrecognized action"),
        (GOOD.replace('"public"', '"publik"'), "ours/night: no fact is ever 'publik'"),
        (GOOD.replace('"public"', '"Public"'), "ours/night: no fact is ever 'Public'"),
        (GOOD.replace('== "public"', 'like "pub*"'), r"ours/night: no fact is ever 'pub\*'"),
        (GOOD.replace("resource.place ==", '["private", "publik"].contains(resource.place) && "public" =='),
         "publik"),
        (GOOD.replace("forbid", "permit"), "ours/night: it permits"),
        (GOOD.replace(SCOPE, "(principal, action, resource)"), "ours/night: it could block a right .*erase"),
        (GOOD.replace('"recognise"', '"rights"'), "ours/night: it could block a right"),
        (GOOD.replace('in Action::"recognise"', '== Action::"withdraw"'), r"a right .*\(withdraw\)"),
        (GOOD.replace('"recognise"', '"keeping"'), "ours/night: it could block the keeping .*administer"),
        (GOOD.replace('in Action::"recognise"', '== Action::"read"'), r"the keeping \(read\)"),
        (GOOD.replace("(principal,", "(principal == ?principal,"), "template"),
        (GOOD.replace('@id("ours/night")', ""), "rule number 1: @id missing"),
        (GOOD.replace("@id", "@name"), "rule number 1: @id missing"),
        (GOOD.replace("@says", "@say"), "ours/night: @says missing"),
        (GOOD.replace('@says("Not at night.")', "@says"), "ours/night: @says missing"),
        (GOOD.replace('@change("Come by day.") @source', "@source"), "ours/night: @change missing"),
        (GOOD.replace("@source", '@author("us") @source'), "ours/night: @author unknown"),
        (GOOD.replace('@id("ours/night")', '@id("ours/night") @id("ours/day")'), "duplicate annotation"),
        (GOOD.replace("ours/night", "night"), "night: it is not called pack/rule"),
        (GOOD.replace("ours/night", "base/expired"), "base/expired: it is not called pack/rule"),
        (GOOD.replace("ours/night", "ours/Night"), "ours/Night: it is not called pack/rule"),
        (GOOD.replace("ours/night", "ours/"), "ours/: it is not called pack/rule"),
        (GOOD.replace("ours/night", "ours/night/2"), "it is not called pack/rule"),
        (GOOD + GOOD, "two rules are called ours/night"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", [Kind.OWN, Kind.STAND])
def test_a_bad_pack_is_refused_in_words(language, text, words, kind):
    """Pack, rule, what is wrong and what to do."""
    with pytest.raises(PolicyInvalid, match=f"(?s)Pack ours.*{words}") as caught:
        read(language, text, kind)
    assert caught.value.remedy


def test_a_rule_about_part_of_recognition_is_enough(language):
    for scope in ('action == Action::"identify"', 'action in [Action::"searches", Action::"detect"]'):
        assert read(language, GOOD.replace('action in Action::"recognise"', scope))


ALL = '[Action::"recognise", Action::"rights", Action::"keeping"]'
BASE_TEXT = active_packs(CedarLanguage(shipped_schema()), ()).active[0].text


@pytest.mark.parametrize(
    "text",
    [
        re.sub(r"(?s)@id\(\"base/permit-member\"\).*?;\n", "", BASE_TEXT),
        BASE_TEXT.replace("forbid", "permit"),
        BASE_TEXT.replace(ALL, '[Action::"recognise", Action::"keeping"]', 1),
        BASE_TEXT.replace(ALL, '[Action::"recognise", Action::"rights"]', 1),
        BASE_TEXT.replace(f"action in {ALL}", "action", 1),
    ],
    ids=["none permits", "all permit", "rights are lost", "keeping is lost", "traits are permitted"],
)
def test_a_base_that_was_changed_is_refused(language, text):
    assert text != BASE_TEXT
    with pytest.raises(PolicyInvalid, match="Pack base: not exactly one rule permits"):
        read_pack(language, BASE, Kind.BASE, text)


def names(packs: Packs) -> list[str]:
    return [pack.name for pack in packs.active]


class TestActivePacks:
    def test_the_base_is_always_active(self, language):
        for stands in ((), DEFAULT_STANDS, shipped_stands()):
            assert names(active_packs(language, stands)) == [BASE, *sorted(stands)]

    def test_the_base_cannot_be_left_out(self, language):
        packs = active_packs(language)
        with pytest.raises(PolicyInvalid, match="base pack is not active"):
            Packs(packs.active[1:], packs.schema)
        with pytest.raises(PolicyInvalid, match="base pack is not active"):
            Packs((), packs.schema)

    def test_the_default_is_the_stand_of_the_readme(self, language):
        assert names(active_packs(language)) == [BASE, "microsoft-2020"]

    def test_a_stand_that_is_not_there_is_an_error(self, language):
        with pytest.raises(
            PolicyInvalid, match=r"no stand microsoft-2021.*There are: amazon-2020, amazon-2021"
        ):
            active_packs(language, ["microsoft-2021"])

    def test_a_stand_named_twice_is_an_error(self, language):
        with pytest.raises(PolicyInvalid, match="active twice"):
            active_packs(language, ["ibm-2020", "ibm-2020"])

    @pytest.mark.parametrize("stands", [(), ("ibm-2020",), tuple(shipped_stands())])
    def test_every_rule_has_a_name_of_its_own_and_words(self, language, stands):
        packs = active_packs(language, stands)
        every = [rule for pack in packs.active for rule in pack.rules]
        assert len(packs.rules) == len(every)
        for rule in every:
            for words in (rule.says, rule.change):
                assert words[0].isupper()
                assert words.endswith(".")
                assert 10 < len(words) < 180
            assert len(rule.source) > 10

    def test_the_digest_is_of_all_that_is_active(self, language):
        digests = {engine(active_packs(language, stands)).digest for stands in ((), *zip(shipped_stands()))}
        assert len(digests) == 1 + len(shipped_stands())

    def test_the_order_in_which_stands_are_named_does_not_matter(self, language):
        stands = tuple(shipped_stands())
        one, other = (engine(active_packs(language, it)).digest for it in (stands, stands[::-1]))
        assert one == other


class TestOwnPacks:
    def test_they_are_active_beside_the_shipped_ones(self, language, tmp_path):
        (tmp_path / "ours.cedar").write_text(GOOD, encoding="utf-8")
        (tmp_path / "notes.txt").write_text("No pack.", encoding="utf-8")
        packs = active_packs(language, own=own_packs(language, tmp_path))
        assert names(packs) == [BASE, "microsoft-2020", "ours"]
        assert packs.active[-1].kind is Kind.OWN
        assert engine(packs).digest != engine(active_packs(language)).digest

    def test_they_are_checked(self, language, tmp_path):
        (tmp_path / "ours.cedar").write_text(GOOD.replace("forbid", "permit"), encoding="utf-8")
        with pytest.raises(PolicyInvalid, match="ours/night: it permits"):
            own_packs(language, tmp_path)

    @pytest.mark.parametrize("taken", ["base", "gate", "ibm-2020"])
    def test_they_cannot_replace_a_shipped_one(self, language, tmp_path, taken):
        (tmp_path / f"{taken}.cedar").write_text(GOOD.replace("ours/", f"{taken}/"), encoding="utf-8")
        with pytest.raises(PolicyInvalid, match=f"name of a shipped one or of the gate: {taken}"):
            own_packs(language, tmp_path)

    def test_a_folder_that_is_not_there_is_an_error(self, language, tmp_path):
        with pytest.raises(PolicyInvalid, match="cannot be read"):
            own_packs(language, tmp_path / "nowhere")

    def test_a_file_that_is_no_text_is_an_error(self, language, tmp_path):
        (tmp_path / "ours.cedar").write_bytes(b"\xff\xfe")
        with pytest.raises(PolicyInvalid, match="cannot be read"):
            own_packs(language, tmp_path)

    def test_line_ends_change_no_digest(self, language, tmp_path):
        digests = set()
        for ends in (b"\n", b"\r\n"):
            (tmp_path / "ours.cedar").write_bytes(GOOD.encode().replace(b"\n", ends))
            digests.add(engine(active_packs(language, own=own_packs(language, tmp_path))).digest)
        assert len(digests) == 1


class TestExplanation:
    def test_rules_are_explained_in_the_order_of_the_answer(self, language):
        packs = active_packs(language)
        named = ("microsoft-2020/law-enforcement", "base/expired")
        assert [rule.name for rule in packs.explained(named)] == [*named]

    def test_where_no_rule_permits_that_is_said(self, language):
        assert active_packs(language).explained(()) == (NO_PERMISSION,)

    def test_a_rule_of_a_pack_that_is_not_active_is_an_error(self, language):
        with pytest.raises(PolicyInvalid, match="No active pack has a rule ibm-2020/no-analysis"):
            active_packs(language).explained(["base/expired", "ibm-2020/no-analysis"])


def test_words_of_facts_are_known():
    for word in ("law_enforcement", "HR-01", "HR-18", "in_force", "verify", "US", "unknown"):
        assert is_word(word)
    for word in ("", "HR-19", "us", "USA", "Verify", "law enforcement", "Deployment"):
        assert not is_word(word)


def engine(packs: Packs) -> CedarEngine:
    return CedarEngine(packs.schema, packs.texts)
