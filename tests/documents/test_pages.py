"""Links lead somewhere, records are numbered, and no text says what only one machine knows."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from posixpath import dirname, join, normpath
from xml.etree import ElementTree

import pytest
from documents.pages import ROOT, anchors, links, pages, prose, read

RECORDS = [page for page in pages() if page.startswith("docs/decisions/")]

# In pieces, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(
    r"(?<![\w.$}~])/(?:" + "|".join(("wor" + "k", "roo" + "t", "tmp/" + "lab", "tmp/" + "dev")) + r")(?:/|\b)"
)
ADDRESS = re.compile(r"\b(?:https?|ftp|git|ssh)://(?!127\.0\.0\.1\b)", re.IGNORECASE)
REGISTRIES = re.compile(
    "|".join(re.escape(a + b) for a, b in (
        ("pypi", ".org"), ("python", "hosted"), ("npm", "js.org"), ("npm", "js.com"), ("conda", ".org"),
        ("deb.", "debian"), ("hugging", "face.co"), ("ghcr", ".io"), ("docker", ".io"),
    )),
    re.IGNORECASE,
)  # fmt: skip
# Working papers that users do not have.
PRIVATE_PAPERS = re.compile(
    r"\bshared/|(?<!explanation/)\b(?:design|style|components|governance|user-pains|vendor-apis)\.md\b"
)
AMERICAN = re.compile(
    r"\b(?:colou?rs?\b(?<!colour)(?<!colours)|center\w*|gray\w*|normaliz\w*|recogniz\w*|optimiz\w*|behavior\w*|"
    r"enrollment\w*|catalog\b|licensed?\b(?<!licensed)\s+(?:is|of)|favorite)",
    re.IGNORECASE,
)


@cache
def tracked() -> tuple[str, ...]:
    """Every text file of the repository; without git, those of its folders."""
    done = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        names = [name for name in done.stdout.split("\0") if name]
    else:
        tops = ("src", "tests", "docs", "demo", "benchmarks", "requirements", "README.md", "CHANGELOG.md",
                "Makefile", "pyproject.toml")  # fmt: skip
        found = [path for top in tops for path in ((ROOT / top), *(ROOT / top).rglob("*"))]
        hidden = re.compile(r"(^|/)(\.|__pycache__)")
        names = [path.relative_to(ROOT).as_posix() for path in found if path.is_file()]
        names = [name for name in names if not hidden.search(name)]
    return tuple(name for name in names if (ROOT / name).is_file() and text_of(name) is not None)


@cache
def text_of(name: str) -> str | None:
    content = (ROOT / name).read_bytes()
    return None if b"\0" in content[:8192] else content.decode("utf-8", errors="replace")


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str):
    """To a file that is there and, where one is named, to a heading in it."""
    for target in links(page):
        assert "://" not in target, f"{target}: pages stand on their own"
        path, _, anchor = target.partition("#")
        other = normpath(join(dirname(page), path)) if path else page
        assert not other.startswith(".."), target
        assert (ROOT / other).is_file(), target
        if anchor:
            assert anchor in anchors(other), target


def test_every_page_is_reached_from_the_index():
    """What nobody links to, nobody reads."""
    reached = {normpath(join("docs", link.partition("#")[0])) for link in links("docs/index.md")}
    assert {page for page in pages() if page.startswith("docs/")} - {"docs/index.md"} <= reached
    assert "docs/index.md" in links("README.md")


def test_every_page_begins_with_its_title():
    """One heading of the first rank, on the first line."""
    for page in pages():
        assert read(page).startswith("# "), page
        assert len(re.findall(r"(?m)^# ", re.sub(r"(?ms)^```.*?^```$", "", read(page)))) == 1, page


def test_decision_records_are_numbered_without_gaps():
    """So that a number names one record for ever."""
    numbers = [int(re.fullmatch(r"docs/decisions/(\d{4})-[a-z0-9-]+\.md", page)[1]) for page in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("page", RECORDS)
def test_decision_records_say_what_lost(page: str):
    """Number and title, state, context, decision, the losers, consequences."""
    title = read(page).splitlines()[0]
    assert title.startswith(f"# {page.rsplit('/', maxsplit=1)[-1][:4]} ")
    assert re.search(r"(?m)^(Accepted|Superseded by \[\d{4}).*\.$", read(page))
    headings = [line[3:] for line in read(page).splitlines() if line.startswith("## ")]
    assert [heading for heading in headings if heading != "What we found"] == [
        "Context", "Decision", "What lost", "Consequences",
    ]  # fmt: skip


@pytest.mark.parametrize("drawing", sorted((ROOT / "docs").rglob("*.svg")), ids=lambda path: path.name)
def test_drawings_say_in_words_what_they_show(drawing):
    """For whoever does not see them; and they load nothing from elsewhere."""
    text = drawing.read_text(encoding="utf-8")
    picture = ElementTree.fromstring(text)
    assert len(picture.attrib["aria-label"]) > 20
    assert not re.search(r"href|@import|<script|url\((?!#)", text)


def test_no_file_holds_a_path_of_one_machine():
    """Nor the place of anyone's evaluation data."""
    found = {name for name in tracked() if MACHINE_PATHS.search(text_of(name) or "")}
    assert not found


def test_no_file_names_a_registry():
    """Installers are told by whoever runs them where to look."""
    assert not {name for name in tracked() if REGISTRIES.search(text_of(name) or "")}


def test_what_installs_and_explains_the_product_sends_nobody_elsewhere():
    """Pages stand on their own, and requirements hold no address."""
    names = {"pyproject.toml", "Makefile", *pages()} | {
        it for it in tracked() if it.startswith("requirements/")
    }
    for name in names:
        assert not ADDRESS.search(text_of(name) or ""), name


@pytest.mark.parametrize("page", pages())
def test_pages_name_nothing_their_readers_do_not_have(page: str):
    """Working papers are not part of the product."""
    assert not PRIVATE_PAPERS.search(read(page))


@pytest.mark.parametrize("page", pages())
def test_pages_are_in_british_english(page: str):
    """As the code is."""
    assert not AMERICAN.findall(prose(page))


@pytest.mark.parametrize("text", ["a center", "the color", "Normalized", "gray", "recognize"])
def test_american_words_are_found(text: str):
    """The check above can fail."""
    assert AMERICAN.search(text)
    assert not AMERICAN.search("the centre, colours, colour, normalised, grey, recognise, licence, licensed")


@pytest.mark.parametrize("text", ["/{}/x", "in /{}.", "`/{}`"])
def test_paths_of_a_machine_are_found(text: str):
    """The check above can fail, and it does not take a word of a path for one."""
    assert MACHINE_PATHS.search(text.format("wor" + "k"))
    assert not MACHINE_PATHS.search("src/" + "work" + "/x")
    assert not MACHINE_PATHS.search("~/" + "work")
