"""The API page has every route of the code, with who may call it and what it answers; and every status."""

from __future__ import annotations

import re

import pytest
from documents.pages import read, table

from faceward.api import problem
from faceward.api.desk import PUBLIC, SCOPES
from faceward.api.routes import ROUTES

PAGE = "docs/reference/api.md"


def in_code() -> dict[tuple[str, str], tuple[str, str, str]]:
    """Method and path to scopes, status and the name of the reply."""
    found = {}
    for route in ROUTES:
        (method,) = route.http_methods
        (path,) = route.paths
        who = "nobody" if route.opt.get(PUBLIC) else ", ".join(sorted(f"`{it}`" for it in route.opt[SCOPES]))
        kind = route.fn.__annotations__["return"]
        reply = "–" if kind == "None" else f"`{kind.removeprefix('replies.')}`"
        found[str(method), re.sub(r"\{(\w+):str\}", r"{\1}", path)] = (who, str(route.status_code), reply)
    return found


def test_the_page_has_every_route_and_no_other():
    """In both directions, with scopes, status and reply."""
    shown = {
        (row["method"], row["path"].strip("`")): (row["key"], row["status"], row["reply"])
        for row in table(PAGE, "method")
    }
    assert shown == in_code()


def test_the_page_has_every_status():
    """Of an error of ours, as the code gives it."""
    shown = {row["status of an error"] for row in table(PAGE, "status of an error")}
    assert shown == {str(status) for _, status in problem.STATUSES} | {"405"}


@pytest.mark.parametrize("field", problem.Problem.__struct_fields__)
def test_the_page_names_every_field_of_a_problem(field: str):
    """Each is something that a program may rely on."""
    assert f"`{field}`" in read(PAGE)
