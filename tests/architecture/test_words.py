"""What every module says first, and words that name nothing here."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "src" / "faceward"
MODULES = sorted(PACKAGE.rglob("*.py"))

TRAITS = {
    "age", "ages", "gender", "genders", "sex", "sexes", "emotion", "emotions", "mood", "race", "races",
    "ethnic", "ethnicity", "ethnicities", "beauty", "attractiveness", "smile", "religion",
}  # fmt: skip
NAMELESS = {"utils", "util", "helpers", "helper", "manager", "base", "misc", "common"}


def name(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def words(identifier: str) -> set[str]:
    """``FaceAge``, ``face_age`` and ``FACE_AGE`` all hold the word ``age``; ``image`` does not."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", identifier)
    return {word for word in parted.lower().split("_") if word}


def identifiers(tree: ast.Module) -> set[str]:
    """Every name that code gives or uses: variables, functions, classes, arguments, attributes, imports."""
    found = set()
    for node in ast.walk(tree):
        for field in ("id", "attr", "arg", "name", "asname", "module"):
            value = getattr(node, field, None)
            if isinstance(value, str):
                found |= set(value.split("."))
    return found


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_every_module_says_first_what_it_is_for(module: Path):
    """One line, a whole sentence: what comes in and what goes out."""
    docstring = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))
    assert docstring, "no docstring"
    first, *rest = docstring.split("\n")
    assert len(first) > 20
    assert not rest or not rest[0], "the first sentence is longer than its line"


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_no_name_is_a_trait(module: Path):
    """Nothing here infers who somebody is beyond whether two photos show one person."""
    used = {word for one in identifiers(ast.parse(module.read_text(encoding="utf-8"))) for word in words(one)}
    assert not used & TRAITS


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_every_module_has_a_name_that_says_something(module: Path):
    """Modules are nouns."""
    assert not words(module.stem) & NAMELESS


def test_words_are_found_inside_names():
    """The check above can fail."""
    tree = ast.parse("class FaceAge:\n    def f(self, faceGender): return self.mean_emotion(RACE=1, image=2)")
    found = {word for one in identifiers(tree) for word in words(one)}
    assert found & TRAITS == {"age", "gender", "emotion", "race"}
