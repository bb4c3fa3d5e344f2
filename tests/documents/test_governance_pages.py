"""The tables about charters, applications and who may decide what are those of the code."""

from __future__ import annotations

import re
from dataclasses import fields

from data.office import application, holder, organisation
from documents.pages import read, table
from governance.desk import GOOD

from faceward.governance.charters import charter as charters
from faceward.governance.charters.charter import OwnPack, Role, Stand
from faceward.governance.reviews import applications, decisions, organisations
from faceward.governance.reviews.audits import _NEEDED, PPB, Audit, Measure
from faceward.governance.reviews.decisions import LONGEST, LONGEST_ENHANCED, Act, Decision
from faceward.governance.reviews.factors import FACTORS
from faceward.governance.reviews.scale import LIMITS
from faceward.governance.reviews.trials import LASTS, PAUSE, SCALE

CHARTER = "docs/reference/charter.md"
APPLICATION = "docs/reference/deployment-application.md"


def named(page: str, heading: str, column: str = "key") -> list[str]:
    """The first cells of the table below a heading, without backticks."""
    text = read(page).split(f"\n{heading}\n", 1)[1] if heading else read(page)
    rows: list[str] = []
    for line in text.splitlines():
        if line.startswith("|"):
            rows.append(line.strip("|").split("|")[0].strip().strip("`"))
        elif rows:
            break
    assert rows[0] == column
    return rows[2:]


def test_every_factor_is_explained_in_order():
    rows = table(APPLICATION, "key")
    assert [(it["key"], it["question"], it["example"]) for it in rows] == [
        (f"`{it.name}`", it.asks, f"`{it.example}`") for it in FACTORS
    ]
    assert [it.name for it in FACTORS] == list(applications.as_json(application()))


def test_every_key_of_the_other_documents_is_explained():
    assert named(APPLICATION, "## Organisation") == list(organisations.as_json(organisation()))
    assert named(APPLICATION, "## Decision") == list(decisions.as_json(Decision(Act.CLOSE, "x")))
    assert named(APPLICATION, "## Audit") == [it.name for it in fields(Audit)]
    text = read(APPLICATION)
    assert all(f"`{it}`" in text for it in Act)


def test_every_measure_has_its_limit_and_what_needs_it():
    rows = {row["measure"].strip("`"): row for row in table(APPLICATION, "measure")}
    assert set(rows) == {str(it) for it in Measure}
    for it in Measure:
        assert float(rows[it]["limit"]) == it.limit / PPB
        needing = [str(function) for function, needed in _NEEDED.items() if it in needed]
        assert rows[it]["needed for"].split(", ") == needing
    assert GOOD


def test_every_key_of_a_charter_is_explained():
    full = charters.first("x", holder("ann", Role.OPERATOR))
    values = charters.as_json(full)
    assert named(CHARTER, "") == list(values)
    assert named(CHARTER, "## Keys") == list(values["keys"][0])
    assert named(CHARTER, "## Own rules") == [it.name for it in fields(OwnPack)]


def test_every_role_and_stand_is_explained():
    assert {row["role"].strip("`") for row in table(CHARTER, "role")} == {str(it) for it in Role}
    assert {row["stand"].strip("`") for row in table(CHARTER, "stand")} == {str(it) for it in Stand}


def test_the_tiers_are_those_of_the_code():
    rows = table("docs/explanation/governance.md", "tier")
    assert [(row["people"], row["uses a day"]) for row in rows[:3]] == [
        (f"{it.people:,}", f"{it.daily:,}") for it in LIMITS
    ]


def test_the_page_about_trials_has_the_figures_of_the_code():
    text = read("docs/how-to/open-a-trial.md")
    assert f"at most {SCALE.people}, all of whom consented" in text
    assert f"at most {SCALE.daily:,}" in text
    assert f"| time | {LASTS.days} days |" in text
    assert PAUSE.days == 365
    assert "twelve months after the" in text


def test_the_terms_of_approvals_are_those_of_the_code():
    text = re.sub(r"\s+", " ", read("docs/explanation/governance.md"))
    assert (LONGEST.days, LONGEST_ENHANCED.days) == (365, 90)
    assert "Approvals run out after twelve months, those of the enhanced review after 90 days." in text
