"""How often somebody may ask, what an address that is none answers, and what the document promises."""

from __future__ import annotations

import re

import pytest
from data.house import DOOR, House
from litestar.testing import TestClient

from faceward.api.work import Busy
from faceward.governance.accounts.api_keys import Scope
from faceward.server.application import FAILURES_PER_MINUTE, application
from faceward.server.limits import RequestRate


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    made.furnish("ann", "bob")
    yield made
    made.close()


@pytest.fixture
def client(house):
    with TestClient(application(house.desk, 100)) as it:
        it.headers["Authorization"] = f"Bearer {house.secrets[DOOR, Scope.OPERATOR]}"
        yield it


def test_a_key_that_asks_too_often_waits(client):
    """A tenth of a minute's requests at once, and then it is told how long to wait; others are not."""
    statuses = [client.get("/v1/galleries").status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    reply = client.get("/v1/galleries")
    assert int(reply.headers["retry-after"]) == 1
    assert reply.json()["code"] == "busy"
    assert client.get("/health").status_code == 200


def test_the_wait_is_as_long_as_it_takes():
    """To the second."""
    now = [0.0]
    rate = RequestRate(6, burst=1, now=lambda: now[0])
    rate.take("a")
    with pytest.raises(Busy) as refused:
        rate.take("a")
    assert refused.value.after == 10
    now[0] = 10.0
    rate.take("a")


def test_whoever_presents_no_key_too_often_is_told_so_and_nobody_else(client):
    """Who has a live key is not held up by a neighbour at the same address."""
    wrong = {"Authorization": "Bearer fwk_0_0_0"}
    statuses = [client.get("/v1/keys", headers=wrong).status_code for _ in range(FAILURES_PER_MINUTE + 1)]
    assert statuses == [401] * FAILURES_PER_MINUTE + [429]
    assert client.get("/v1/keys").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nope", 404),
        ("GET", "/", 404),
        ("GET", "/schema", 404),
        ("GET", "/openapi.yaml", 404),
        ("GET", "/v1/galleries/a/b/c", 404),
        ("PUT", "/v1/galleries", 405),
        ("POST", "/health", 405),
    ],
)
def test_an_address_or_method_that_is_none_is_a_problem(client, method, path, status):
    """Nothing answers in a form of its own."""
    reply = client.request(method, path)
    assert (reply.status_code, reply.json()["status"]) == (status, status)
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["x-request-id"]
    assert reply.headers["cache-control"] == "no-store"


def test_options_and_head_tell_nothing(client):
    """No key is asked for where nothing is told."""
    reply = client.options("/v1/galleries", headers={"Authorization": ""})
    assert (reply.status_code, reply.content) == (204, b"")
    assert client.head("/v1/galleries").status_code == 405


@pytest.fixture(scope="module")
def document(house):
    with TestClient(application(house.desk, 100)) as client:
        return client.get("/openapi.json").json()


def operations(document):
    return [
        (path, method, it) for path, methods in document["paths"].items() for method, it in methods.items()
    ]


def test_operations_have_names_that_read_well(document):
    """Each its own, for whoever generates a client."""
    names = [it["operationId"] for _, _, it in operations(document)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", it) for it in names), names


def test_every_error_is_a_problem(document):
    """With one schema, in every status that can come."""
    for path, method, it in operations(document):
        for status, answer in it["responses"].items():
            if int(status) >= 400:
                assert answer == {"$ref": f"#/components/responses/Problem{status}"}, (path, method)
        assert {"400", "429", "500", "503"} <= it["responses"].keys()
        if it.get("security") != []:
            assert {"401", "403"} <= it["responses"].keys()
    for answer in document["components"]["responses"].values():
        assert list(answer["content"]) == ["application/problem+json"]


def test_bodies_are_closed_and_closed_lists_are_named(document):
    """What is not named is refused, and the words of a field are there to be read."""
    schemas = document["components"]["schemas"]
    for name in ("NewGallery", "NewKey", "NewConsent", "Move", "Bar", "Problem"):
        assert schemas[name]["additionalProperties"] is False, name
    assert "access_optin" in schemas["NewConsent"]["properties"]["purposes"]["items"]["enum"]
    assert schemas["NewKey"]["properties"]["scopes"]["items"]["enum"] == [it.value for it in Scope]


def test_each_photo_route_says_what_it_reads(document):
    """In multipart and in JSON, with what is its own."""
    own = {"identify": "most", "enrol": "accept_duplicate", "compare_photos": "false_match_rate"}
    for _, _, it in operations(document):
        if it["operationId"] not in {*own, "verify", "detect_faces"}:
            continue
        content = it["requestBody"]["content"]
        assert list(content) == ["multipart/form-data", "application/json"]
        for media, schema in ((media, one["schema"]["properties"]) for media, one in content.items()):
            first = next(iter(schema.values()))
            key = "contentMediaType" if media.startswith("multipart") else "contentEncoding"
            assert key in first, (media, first)
            assert {"purpose", "capture"} <= schema.keys()
            if it["operationId"] in own:
                assert own[it["operationId"]] in schema
