"""A request that comes twice under one Idempotency-Key is done once, and remembered within bounds."""

from __future__ import annotations

import asyncio

import pytest
from data.house import DOOR, House
from litestar.testing import TestClient

from faceward.api import idempotency
from faceward.api.idempotency import IdempotencyKeyReused, Replies, Reply, StillRunning
from faceward.governance.accounts.api_keys import Scope
from faceward.server.application import application
from faceward.testing.sketches import Drawn, sketch

CONSENT = {
    "purposes": ["access_optin"], "until": "2026-06-01T00:00:00Z", "controller": "Acme",
    "contact": "x@acme.example", "jurisdiction": "DE", "evidence_sha256": "ab" * 32,
    "notice_sha256": "cd" * 32, "majority": "adult",
}  # fmt: skip
PATH = "/v1/galleries/staff/subjects/ann/consents"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    made.furnish()
    yield made
    made.close()


@pytest.fixture
def ask(house):
    with TestClient(application(house.desk, 1_000_000)) as client:

        def asked(method, path, key="", scope=Scope.OPERATOR, deployment=DOOR, **more):
            headers = {"Authorization": f"Bearer {house.secrets[deployment, scope]}"}
            return client.request(
                method, path, headers=headers | ({"Idempotency-Key": key} if key else {}), **more
            )

        yield asked


def test_the_same_request_is_done_once_and_answered_alike(ask):
    """The second reply is the first, but for the header that says so."""
    first, second = (ask("POST", PATH, "one", json=CONSENT) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotent-replay" not in first.headers
    assert second.headers["idempotent-replay"] == "true"
    assert len(ask("GET", PATH).json()["items"]) == 1


def test_without_a_key_it_is_done_again(ask):
    """And under another key as well."""
    before = len(ask("GET", PATH).json()["items"])
    for key in ("", "", "two", "three"):
        assert ask("POST", PATH, key, json=CONSENT).status_code == 201
    assert len(ask("GET", PATH).json()["items"]) == before + 4


def test_another_body_under_the_same_key_is_refused(ask):
    """It is another request, and whoever sent it made a mistake."""
    assert ask("POST", PATH, "four", json=CONSENT).status_code == 201
    reply = ask("POST", PATH, "four", json=CONSENT | {"contact": "y@acme.example"})
    assert (reply.status_code, reply.json()["code"]) == (422, "idempotency_key_reused")
    assert reply.json()["field"] == "idempotency_key"


def test_a_key_is_one_callers_and_one_routes(ask):
    """Nobody learns what was answered to somebody else."""
    assert ask("POST", PATH, "five", json=CONSENT).status_code == 201
    assert ask("POST", PATH, "five", json=CONSENT, scope=Scope.AUDITOR).status_code == 403
    other = ask("POST", PATH, "five", json=CONSENT, deployment="other")
    assert "idempotent-replay" not in other.headers
    elsewhere = ask("POST", PATH.replace("ann", "bea"), "five", json=CONSENT)
    assert "idempotent-replay" not in elsewhere.headers
    assert elsewhere.status_code == 201


def test_what_failed_may_be_tried_again(ask):
    """Nothing was done, so there is nothing to remember."""
    assert ask("DELETE", "/v1/galleries/later", "six").status_code == 404
    assert ask("POST", "/v1/galleries", json={"name": "later"}).status_code == 201
    assert ask("DELETE", "/v1/galleries/later", "six").status_code == 204
    again = ask("DELETE", "/v1/galleries/later", "six")
    assert (again.status_code, again.headers["idempotent-replay"]) == (204, "true")


def test_a_photo_that_is_sent_again_is_enrolled_once(ask, house):
    """What a client writes between the parts is another each time; another photo is another request."""
    house.consent("dora")
    path = "/v1/galleries/staff/subjects/dora/references"
    use = {"purpose": "access_optin", "capture": "kiosk"}

    def enrol(*faces):
        return ask("POST", path, "eight", files={"photo": ("x", sketch(*faces))}, data=use)

    first, second = enrol("dora"), enrol("dora")
    assert first.request.headers["content-type"] != second.request.headers["content-type"]
    assert (first.status_code, second.status_code) == (201, 201)
    assert second.headers["idempotent-replay"] == "true"
    assert len(ask("GET", path).json()["items"]) == 1
    assert enrol(Drawn("dora", take=2)).json()["code"] == "idempotency_key_reused"


def test_a_key_that_is_none_is_an_error(ask):
    """It names the field and the remedy."""
    reply = ask("POST", PATH, "x" * 129, json=CONSENT)
    assert (reply.status_code, reply.json()["field"]) == (400, "idempotency_key")
    assert "UUID" in reply.json()["remedy"]


def test_a_key_that_opens_nothing_repeats_nothing(ask, house):
    """A revoked key learns nothing any more."""
    made = ask("POST", "/v1/keys", json={"account": "gone", "scopes": ["operator"]}).json()
    house.secrets["door", "gone"] = made["secret"]
    assert ask("POST", "/v1/galleries", "seven", scope="gone", json={"name": "seven"}).status_code == 201
    assert ask("DELETE", f"/v1/keys/{made['key']['identifier']}").status_code == 204
    assert ask("POST", "/v1/galleries", "seven", scope="gone", json={"name": "seven"}).status_code == 401


NAME, DIGEST = ("k", "POST", "/", "", "key"), b"digest"


def reply(size: int = 10) -> Reply:
    return Reply(200, (), bytes(size))


class TestWhatIsRemembered:
    def test_while_the_first_runs_the_second_is_told_so(self):
        """It is not done twice at once either."""
        known = Replies()
        assert known.begin(NAME, DIGEST) is None
        with pytest.raises(StillRunning):
            known.begin(NAME, DIGEST)
        with pytest.raises(IdempotencyKeyReused):
            known.begin(NAME, b"other")
        known.done(NAME, None)
        assert known.begin(NAME, DIGEST) is None

    def test_for_so_long_and_no_longer(self):
        """Then the request is new again."""
        now = [0.0]
        known = Replies(seconds=60, now=lambda: now[0])
        known.begin(NAME, DIGEST)
        known.done(NAME, reply())
        now[0] = 59.0
        assert known.begin(NAME, DIGEST) == reply()
        now[0] = 61.0
        assert known.begin(NAME, DIGEST) is None
        assert known.size == (1, 0)

    def test_in_so_many_bytes_the_oldest_go_first(self):
        """Whatever comes, memory is bounded; one that is larger than everything is not kept."""
        known = Replies(most_bytes=100)
        for number in range(1000):
            known.begin((*NAME, str(number)), DIGEST)
            known.done((*NAME, str(number)), reply(30))
        assert known.size == (3, 90)
        assert known.begin((*NAME, "999"), DIGEST) == reply(30)
        known.begin(NAME, DIGEST)
        known.done(NAME, reply(101))
        assert known.begin(NAME, DIGEST) is None

    def test_so_many_replies(self):
        """Small ones too."""
        known = Replies()
        for number in range(idempotency.MOST_REPLIES + 50):
            known.begin((*NAME, str(number)), DIGEST)
            known.done((*NAME, str(number)), reply(0))
        assert known.size[0] <= idempotency.MOST_REPLIES


def test_two_at_once_are_done_once(house):
    """Whichever comes second hears 409 or the same reply."""
    import httpx

    app = application(house.desk, 1_000_000)
    headers = {"Authorization": f"Bearer {house.secrets[DOOR, Scope.OPERATOR]}", "Idempotency-Key": "both"}

    async def both():
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers) as client:
            return await asyncio.gather(*(client.post("/v1/galleries", json={"name": "both"}) for _ in "ab"))

    replies = sorted(asyncio.run(both()), key=lambda it: it.status_code)
    assert replies[0].status_code == 201
    assert replies[1].content == replies[0].content or replies[1].json()["code"] == "still_running"
