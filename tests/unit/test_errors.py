"""Every error: a code for programs, a remedy for people, and a place in the drawing."""

from __future__ import annotations

import pickle
import re
from collections.abc import Iterator

import pytest

from faceward import errors
from faceward.errors import FacewardError, InvalidValue, RefusedError


def family(kind: type[FacewardError]) -> Iterator[type[FacewardError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from family(child)


EVERY = list(family(FacewardError))
CHILDREN = EVERY[1:]


def drawn() -> dict[str, str | None]:
    """Each class of the drawing in the docstring with the one it hangs from."""
    parents: dict[str, str | None] = {}
    stack: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ((?:│   |    )*)(├── |└── |)([A-Z]\w+)(  |$)", line)
        if match is None:
            continue
        depth = len(match[1]) // 4 + bool(match[2])
        parents[match[3]] = stack[depth - 1] if depth else None
        stack[depth:] = [match[3]]
    return parents


def test_the_drawing_in_the_docstring_is_the_tree_of_classes():
    """No class is missing from it, and each hangs where it is drawn."""
    real = {kind.__name__: kind.__mro__[1].__name__ for kind in CHILDREN}
    assert drawn() == {"FacewardError": None, **real}


def test_every_code_is_used_once():
    """Programs tell errors apart by it."""
    codes = [kind.code for kind in EVERY]
    assert len(set(codes)) == len(codes)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)
    assert all("code" in vars(kind) for kind in EVERY), "an inherited code names two errors"


@pytest.mark.parametrize("kind", CHILDREN)
def test_every_error_has_a_remedy_of_its_own(kind: type[FacewardError]):
    """A sentence that a person can follow."""
    assert "remedy" in vars(kind)
    assert kind.remedy.endswith(".")
    assert kind.remedy[0].isupper()


@pytest.mark.parametrize("kind", EVERY)
def test_an_error_says_what_happened_and_then_what_to_do(kind: type[FacewardError]):
    """The remedy that was given, or else the class's."""
    assert str(kind("It broke.")) == f"It broke. {kind.remedy}"
    assert str(kind("It broke.", remedy="Mend it.")) == "It broke. Mend it."
    assert kind("It broke.", remedy="Mend it.").remedy != kind.remedy


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("remedy", [None, "Mend it."])
def test_an_error_survives_the_way_back_from_a_worker(kind: type[FacewardError], remedy: str | None):
    """With its class, cause and remedy."""
    error = kind("It broke.", remedy=remedy)
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.cause, copy.remedy, str(copy)) == (error.cause, error.remedy, str(error))


def test_a_refusal_keeps_its_reasons():
    """They are what the caller is told."""
    copy = pickle.loads(pickle.dumps(RefusedError("No.", reasons=("not reviewed", "no consent"))))
    assert copy.reasons == ("not reviewed", "no consent")


def test_one_remedy_does_not_change_another():
    """A remedy given to one error stays with it."""
    InvalidValue("It broke.", remedy="Mend it.")
    assert InvalidValue("It broke.").remedy == InvalidValue.remedy
