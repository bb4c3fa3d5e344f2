"""What the pages say of policies is what the packs say."""

from __future__ import annotations

import re
from functools import cache

import pytest
from documents.pages import ROOT, pages, read
from documents.policy_pages import language, texts

from faceward.governance.policies.packs import BASE, active_packs, shipped_stands

EVERY = active_packs(language(), shipped_stands())


@cache
def made() -> dict[str, str]:
    return texts()


@pytest.mark.parametrize(
    "path", ["docs/reference/policies.md", "docs/explanation/matrix.svg", "docs/explanation/matrix.html"]
)
def test_what_is_made_of_the_packs_is_fresh(path: str):
    """After a change, run ``python -m documents.policy_pages`` in the folder ``tests``."""
    assert path in made()
    assert (ROOT / path).read_text(encoding="utf-8") == made()[path]


def test_every_stand_has_a_page_and_every_page_a_stand():
    found = {page.removeprefix("docs/stands/").removesuffix(".md") for page in pages() if "/stands/" in page}
    assert found == set(shipped_stands())


@pytest.mark.parametrize("stand", shipped_stands())
def test_a_page_names_the_rules_of_its_stand_and_no_other(stand: str):
    """Each of them, where the rules are explained."""
    text = read(f"docs/stands/{stand}.md")
    names = {name for name in EVERY.rules if name.startswith(f"{stand}/")}
    assert set(re.findall(r"`([a-z0-9-]+/[a-z0-9-]+)`", text)) == names
    explained = text.split("## The rules\n")[1].split("\n## ")[0]
    assert set(re.findall(r"(?m)^- `([^`]+)`", explained)) == names


@pytest.mark.parametrize("stand", shipped_stands())
def test_a_page_says_whose_position_it_is_and_where_the_rules_differ(stand: str):
    """What is quoted is set apart; what is not says so."""
    text = read(f"docs/stands/{stand}.md")
    headings = re.findall(r"(?m)^## (.+)$", text)
    assert headings == ["The position", "The rules", "Where it goes further", "Where it goes less far"]
    position = text.split("## The position\n")[1].split("\n## ")[0]
    assert re.search(r"\b20(19|2\d)\b", position)
    assert re.search(r"(?m)^> ", position) or "not a quotation" in position


def test_every_page_that_names_a_rule_names_one_that_exists():
    packs = "|".join((BASE, *shipped_stands()))
    for page in pages():
        for name in re.findall(rf"`((?:{packs})/[a-z-]+)`", read(page)):
            assert name in EVERY.rules, (page, name)


def test_the_page_of_the_matrix_loads_nothing_and_reads_without_colour():
    """No script, no other file; a caption and headings for each table, and words in every cell."""
    text = made()["docs/explanation/matrix.html"]
    assert not re.search(r"<script|<link|<img|src=|url\(|@import|href=", text)
    assert text.count("<caption>") == text.count("<table>") == 1 + len(shipped_stands())
    assert text.count('scope="row"') == 7 * text.count("<table>")
    for cell in re.findall(r"<td[^>]*>(.*?)</td>", text):
        assert re.search(r"\b(all|\d+ of|none)\b", cell)
    assert "prefers-color-scheme: dark" in text
    assert '<html lang="en-GB">' in text


def _luminance(colour: str) -> float:
    """Source: Web Content Accessibility Guidelines 2.2, relative luminance."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (it / 12.92 if it <= 0.04045 else ((it + 0.055) / 1.055) ** 2.4 for it in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_drawing_can_be_read(dark: bool):
    """Text at 4.5 to 1, marks at 3 to 1, on paper and on bands: the levels of WCAG 2.2, AA."""
    light_style, dark_style = re.split(
        r"@media[^{]+\{", made()["docs/explanation/matrix.svg"].split("</style>")[0]
    )
    colours: dict[str, str] = {}
    for style in (light_style, dark_style) if dark else (light_style,):
        for names, body in re.findall(r"([.\w, ]+) \{ ([^}]+) \}", style):
            for kind, colour in re.findall(r"\b(fill|stroke): (#\w{6})", body):
                for name in names.split(","):
                    colours[f"{name.strip()} {kind}"] = colour
    for ground in (colours[".paper fill"], colours[".band fill"]):
        for text in ("text fill", ".quiet fill", ".small fill"):
            assert _contrast(colours[text], ground) >= 4.5, text
        assert _contrast(colours[".cross stroke"], ground) >= 3
        assert _contrast(colours[".all fill"], ground) >= 3
        assert _contrast(colours[".some stroke"], ground) >= 3
    assert _contrast(colours[".tick stroke"], colours[".all fill"]) >= 4.5
    assert _contrast(colours.get(".count fill", colours["text fill"]), colours[".some fill"]) >= 4.5
