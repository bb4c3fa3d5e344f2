"""The pages about laws say what the data and the code say."""

from __future__ import annotations

import re

from documents.pages import read, table

from faceward.governance.laws import instruments, place_bans
from faceward.governance.laws.criteria import CriterionName
from faceward.governance.laws.moments import written

LAWS = "docs/reference/laws.md"
GATE = "docs/explanation/law-gate.md"


def test_the_table_of_laws_is_that_of_the_data():
    """Every law, and nothing else of it."""
    shown = [tuple(row.values()) for row in table(LAWS, "law")]
    assert shown == [
        (
            f"`{it.identifier}`", it.title, it.citation, it.country, str(it.level), str(it.status),
            written(it.effective), written(it.ends),
        )
        for it in instruments.shipped().values()
    ]  # fmt: skip


def test_the_table_of_bans_is_that_of_the_data():
    """Whom they cover, where, and since when."""
    shown = [tuple(row.values()) for row in table(LAWS, "ban")]
    assert shown == [
        (
            f"`{it.identifier}`", f"{it.locality}, {it.region}", ", ".join(sorted(map(str, it.sectors))),
            ", ".join(sorted(map(str, it.places))), it.adopted.isoformat(), written(it.effective),
            it.source_title,
        )
        for it in place_bans.shipped()
    ]  # fmt: skip


def test_every_key_of_a_law_is_explained():
    """Those that a file has, in that order."""
    values = instruments.as_json(next(iter(instruments.shipped().values())))
    keys = [
        f"{key}.{below}" if below else key
        for key, value in values.items()
        for below in (value if isinstance(value, dict) else [""])
    ]
    assert [row["key"] for row in table(LAWS, "key")] == [f"`{key}`" for key in keys]


def test_the_criteria_are_those_of_the_code():
    """With what each asks for, and whether it blocks."""
    shown = [tuple(row.values()) for row in table(GATE, "criterion")]
    assert shown == [(it.value, "core" if it.core else "supporting", it.demand) for it in CriterionName]


def test_the_page_names_every_condition_of_the_gate():
    """In the order in which they are told."""
    from data import laws

    from faceward.governance.laws import law_gate

    found = law_gate.satisfied(laws.perfect(), laws.POLICE, laws.MIDST, *laws.WHAT)
    listed = read(GATE).split('## What "satisfied" needs')[1].split("## ")[0]
    named = re.findall(r"`([a-z_]+)`[,:]", listed)
    assert named == [it.name for it in found.conditions if not it.name.startswith("HR-")]
