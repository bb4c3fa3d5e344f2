"""A browser signs in with a key: the cookie, what pages show besides, and how it ends. First keys."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from threading import Barrier, Thread

import httpx
import pytest
from data.house import DOOR, WHO, House
from litestar.testing import TestClient

from faceward.errors import InvalidValue
from faceward.governance.accounts.api_keys import Scope, Wanted
from faceward.governance.accounts.sessions import ROTATION
from faceward.server.addresses import Proxies
from faceward.server.application import FAILURES_PER_MINUTE, application

SESSION, GALLERIES = "/v1/session", "/v1/galleries"


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


@pytest.fixture
def browser(house):
    with TestClient(application(house.desk, 1_000_000)) as it:
        yield it


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def page(house, browser):
    """What a page has of a session that began."""
    return browser.post(SESSION, headers=bearer(house.secrets[DOOR, Scope.OPERATOR])).json()["csrf_token"]


class TestSessions:
    def test_a_key_begins_one_and_its_cookie_goes_on(self, house, browser):
        """No script reads it, no other site sends it, and the reply says whose it is."""
        reply = browser.post(SESSION, headers=bearer(house.secrets[DOOR, Scope.OPERATOR]))
        assert reply.status_code == 201
        assert (reply.json()["account"], reply.json()["scopes"]) == ("a-operator", ["operator"])
        words = reply.headers["set-cookie"].split("; ")
        assert {"Path=/", "HttpOnly", "SameSite=Strict"} <= set(words)
        assert "Domain" not in reply.headers["set-cookie"]
        assert browser.get(GALLERIES).status_code == 200
        assert browser.get(SESSION).json() == reply.json()

    def test_what_changes_something_needs_a_page_of_ours(self, browser, page):
        """The browser sends the cookie by itself, and what the page knows it does not."""
        body = {"json": {"name": "from-a-page"}}
        refused = browser.post(GALLERIES, **body)
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_token_missing")
        assert browser.post(GALLERIES, headers={"X-CSRF-Token": "x"}, **body).status_code == 403
        assert browser.post(GALLERIES, headers={"X-CSRF-Token": page}, **body).status_code == 201

    def test_a_session_opens_what_its_key_opens(self, browser, page):
        """And nothing else."""
        reply = browser.post("/v1/detect", headers={"X-CSRF-Token": page}, json={"photo": ""})
        assert (reply.status_code, reply.json()["code"]) == (403, "scope_missing")

    def test_a_key_counts_before_a_cookie(self, house, browser, page):
        """Whoever presents one means it."""
        assert browser.get(GALLERIES, headers=bearer("fwk_0_0_0")).status_code == 401
        assert browser.post(SESSION, headers={"X-CSRF-Token": page}).json()["code"] == "key_refused"

    def test_the_cookie_changes_also_where_the_reply_is_an_error(self, house, browser, page):
        """Or whoever makes a mistake would be signed out."""
        house.clock.advance(seconds=ROTATION.total_seconds())
        old = browser.cookies["faceward"]
        assert browser.post(GALLERIES, json={"name": "x"}).status_code == 403
        assert browser.cookies["faceward"] != old
        assert browser.get(f"{GALLERIES}/nope").status_code == 404
        assert browser.get(SESSION).json()["csrf_token"] == page

    def test_signing_out_ends_it(self, browser, page):
        """Also for a copy of the cookie."""
        token = browser.cookies["faceward"]
        reply = browser.delete(SESSION, headers={"X-CSRF-Token": page})
        assert (reply.status_code, "Max-Age=0" in reply.headers["set-cookie"]) == (204, True)
        browser.cookies.set("faceward", token)
        reply = browser.get(GALLERIES)
        assert (reply.status_code, reply.json()["code"]) == (401, "session_over")

    def test_a_session_ends_when_its_key_is_revoked(self, house, browser):
        """At the next request."""
        operator = bearer(house.secrets[DOOR, Scope.OPERATOR])
        made = browser.post(
            "/v1/keys", headers=operator, json={"account": "b", "scopes": ["operator"]}
        ).json()
        assert browser.post(SESSION, headers=bearer(made["secret"])).status_code == 201
        assert browser.get(GALLERIES).status_code == 200
        identifier = made["key"]["identifier"]
        assert browser.delete(f"/v1/keys/{identifier}", headers=operator).status_code == 204
        assert browser.get(GALLERIES).status_code == 401

    @pytest.mark.parametrize("over", ["https", "proxy"])
    def test_where_others_reach_the_server_the_cookie_needs_tls(self, house, over):
        """And is this very host's."""
        proxies = Proxies.read("10.0.0.5") if over == "proxy" else Proxies()
        at = f"{'https' if over == 'https' else 'http'}://test.local"
        with TestClient(application(house.desk, 1_000_000, proxies), base_url=at) as browser:
            reply = browser.post(SESSION, headers=bearer(house.secrets[DOOR, Scope.AUDITOR]))
            assert reply.headers["set-cookie"].startswith("__Host-faceward=")
            assert reply.headers["set-cookie"].endswith("; Secure")
            token = reply.headers["set-cookie"].split("=")[1].split(";")[0]
            plain = browser.get(GALLERIES, headers={"Cookie": f"faceward={token}"})
            assert plain.status_code == 401
            own = browser.get(GALLERIES, headers={"Cookie": f"__Host-faceward={token}"})
            assert own.status_code == 200


def test_failures_count_for_whoever_is_behind_the_proxy(house):
    """The proxy itself is not to blame, and nobody chooses the address that counts."""
    app = application(house.desk, 1_000_000, Proxies.read("10.0.0.5"))

    async def asked(*forwarded: str) -> list[int]:
        transport = httpx.ASGITransport(app, client=("10.0.0.5", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://test.local") as client:
            return [
                (await client.get(GALLERIES, headers={"X-Forwarded-For": it})).status_code for it in forwarded
            ]

    same = [f"192.0.2.{it}, 198.51.100.7" for it in range(FAILURES_PER_MINUTE + 1)]
    assert asyncio.run(asked(*same, "198.51.100.8")) == [401] * FAILURES_PER_MINUTE + [429, 401]


class TestFirstKeys:
    @pytest.fixture
    def first(self, house):
        return self.made(house, "one")

    @staticmethod
    def made(house: House, account: str, **other) -> str:
        now = house.clock.now()
        wanted = Wanted(account, DOOR, frozenset({Scope.OPERATOR}), now + timedelta(hours=1), "ann", 30)
        keys = house.desk.keys
        return house.operations.issue_key(WHO, keys, wanted).result.secret

    def test_a_first_key_is_only_good_to_be_exchanged(self, browser, first):
        """Once, for one that lasts, of the same account and scopes."""
        refused = browser.get(GALLERIES, headers=bearer(first))
        assert (refused.status_code, refused.json()["code"]) == (403, "key_unexchanged")
        assert browser.post(SESSION, headers=bearer(first)).status_code == 403
        made = browser.post("/v1/keys/exchange", headers=bearer(first))
        assert made.status_code == 201, made.text
        key = made.json()["key"]
        assert (key["account"], key["scopes"], key["minted_by"]) == ("one", ["operator"], "ann")
        lasting = bearer(made.json()["secret"])
        assert browser.get(GALLERIES, headers=lasting).status_code == 200
        assert browser.post("/v1/keys/exchange", headers=bearer(first)).status_code == 401
        again = browser.post("/v1/keys/exchange", headers=lasting)
        assert (again.status_code, again.json()["code"]) == (409, "key_exchanged")

    def test_after_an_hour_it_is_none(self, house, browser, first):
        """A file that was forgotten opens nothing."""
        house.clock.advance(seconds=3600)
        assert browser.post("/v1/keys/exchange", headers=bearer(first)).status_code == 401

    def test_of_two_who_present_it_at_once_one_gets_a_key(self, house, first):
        """Whoever copied it and comes second is found out by nothing working."""
        identifier, outcomes, together = first.split("_")[1], [], Barrier(2)

        def present() -> None:
            together.wait()
            try:
                house.operations.exchange_key(WHO, house.desk.keys, identifier)
                outcomes.append("made")
            except Exception as error:
                outcomes.append(type(error).__name__)

        threads = [Thread(target=present) for _ in range(2)]
        for it in threads:
            it.start()
        for it in threads:
            it.join()
        assert sorted(outcomes) == ["KeyRefused", "made"]

    @pytest.mark.parametrize(("hours", "days"), [(2, 30), (1, 367), (1, -1)])
    def test_nobody_makes_one_that_lives_longer(self, house, hours, days):
        """Neither itself nor what it is exchanged for."""
        until = house.clock.now() + timedelta(hours=hours)
        wanted = Wanted("one", DOOR, frozenset({Scope.OPERATOR}), until, "ann", days)
        with pytest.raises(InvalidValue):
            partial(house.desk.keys.made, wanted)(house.clock.now())
