"""The shipped packs in, every page text and drawing that is made of them out.

After a change of a pack, run ``python -m documents.policy_pages`` in the folder ``tests``.
"""

from __future__ import annotations

from datetime import UTC, datetime

from documents.pages import ROOT

from faceward.adapters.policy_engine.cedar import CedarEngine
from faceward.adapters.policy_engine.cedar_language import CedarLanguage
from faceward.governance.policies.matrix import COLUMNS, JUDGED_ON, Column, Matrix, matrix
from faceward.governance.policies.matrix_drawing import as_svg
from faceward.governance.policies.matrix_page import as_html
from faceward.governance.policies.packs import Kind, Pack, active_packs, shipped_schema, shipped_stands
from faceward.governance.policies.vocabulary import (
    CORE_CRITERIA,
    INSTRUMENT_LEVELS,
    INSTRUMENT_STATUSES,
    LISTS,
    SUPPORTING_CRITERIA,
)

ON = datetime(2026, 12, 1, tzinfo=UTC)
REFERENCE = "docs/reference/policies.md"
BEGIN, END = "<!-- rules: made of the packs -->", "<!-- end of the rules -->"


def language() -> CedarLanguage:
    return CedarLanguage(shipped_schema())


def column(name: str) -> Column:
    packs = active_packs(language(), COLUMNS[name])
    return Column(name, packs, CedarEngine(packs.schema, packs.texts), JUDGED_ON.get(name, ON))


def shipped_matrix() -> Matrix:
    return matrix(column(name) for name in COLUMNS)


def rules_in_words() -> str:
    """Every rule, by pack, and every word that facts are made of."""
    packs = active_packs(language(), shipped_stands()).active
    parts = [_pack(pack) for pack in packs]
    rows = [f"| {one.__name__.lower()} | {_words(one)} |" for one in LISTS]
    rows += [
        f"| {name} | {_words(words)} |"
        for name, words in (
            ("level of a law", INSTRUMENT_LEVELS),
            ("status of a law", INSTRUMENT_STATUSES),
            ("core criteria", CORE_CRITERIA),
            ("supporting criteria", SUPPORTING_CRITERIA),
        )
    ]
    heading = "## Words\n\nA rule that compares a fact with another word is refused when it is read.\n"
    return "\n".join([*parts, heading, "| list | words |", "| --- | --- |", *rows]) + "\n"


def _pack(pack: Pack) -> str:
    rows = [f"| `{it.name}` | {it.says} | {it.change} | {it.source} |" for it in pack.rules]
    more = "" if pack.kind is Kind.BASE else f"[What it stands for](../stands/{pack.name}.md).\n\n"
    first = "rule"
    return "\n".join(
        [
            f"## {pack.name}\n\n{more}| {first} | says | what would change it | source |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _words(words: object) -> str:
    return ", ".join(f"`{word}`" for word in words)  # type: ignore[attr-defined]


def texts() -> dict[str, str]:
    """Every file that is made, by its place below the root."""
    before, _, rest = (ROOT / REFERENCE).read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    made = shipped_matrix()
    return {
        "docs/explanation/matrix.svg": as_svg(made),
        "docs/explanation/matrix.html": as_html(made),
        REFERENCE: f"{before}{BEGIN}\n\n{rules_in_words()}\n{END}{after}",
    }


if __name__ == "__main__":
    for path, text in texts().items():
        (ROOT / path).write_text(text, encoding="utf-8")
        print(f"Written: {path}")
