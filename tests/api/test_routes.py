"""Every route from the outside: who may ask, what comes back, what an error says, and what never leaves."""

from __future__ import annotations

import json
import logging
import re
from datetime import timedelta

import pytest
from data.house import DOOR, STAFF, House
from litestar.testing import TestClient

from faceward import errors
from faceward.api import problem
from faceward.api.desk import PUBLIC, SCOPES
from faceward.api.routes import ROUTES
from faceward.errors import FacewardError
from faceward.governance.accounts.api_keys import Scope
from faceward.server.application import application
from faceward.testing.sketches import Drawn, sketch
from faceward.transparency.entries import decode

OPEN = {
    ("GET", "/health"),
    ("GET", "/openapi.json"),
    ("GET", "/v1/checkpoints"),
    ("GET", "/v1/proofs/consistency"),
    ("GET", "/v1/proofs/inclusion"),
    ("GET", "/v1/transparency"),
}
"""What takes no key and no permit. Whoever adds to this list must say why in SECURITY.md."""

USE = {"purpose": "access_optin", "capture": "kiosk"}


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    made.furnish("ann", "bob")
    yield made
    made.close()


@pytest.fixture(scope="module")
def app(house):
    return application(house.desk, 1_000_000)


@pytest.fixture(scope="module")
def client(app):
    with TestClient(app) as it:
        yield it


@pytest.fixture(scope="module")
def ask(house, client):
    def asked(method, path, scope=Scope.OPERATOR, deployment=DOOR, **more):
        headers = {"Authorization": f"Bearer {house.secrets[deployment, scope]}", **more.pop("headers", {})}
        return client.request(method, path, headers=headers, **more)

    return asked


def photo(*faces, name="photo", **fields):
    return {"files": {name: ("x", sketch(*faces))}, "data": {**USE, **fields}}


def paths(app):
    """Every route of the application, with values in place of its parameters."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                yield method, route.path_format, handler


def filled(path: str) -> str:
    return re.sub(r"\{[a-z_]+\}", "nothing", path)


class TestWhoMayAsk:
    def test_nothing_is_open_but_what_this_list_names(self, app, client):
        """Without a key every other route says 401, whatever it is asked."""
        found = set()
        for method, path, handler in paths(app):
            status = client.request(method, filled(path)).status_code
            if handler.opt.get(PUBLIC):
                found.add((method, path))
                assert status in {200, 400}, (method, path, status)
            else:
                assert status == 401, (method, path, status)
        assert found == OPEN

    def test_each_scope_opens_its_routes_and_no_other(self, app, ask):
        for method, path, handler in paths(app):
            if handler.opt.get(PUBLIC):
                continue
            for scope in Scope:
                reply = ask(method, filled(path), scope)
                is_closed = reply.status_code == 403 and reply.json()["code"] == "scope_missing"
                assert is_closed is (scope not in handler.opt[SCOPES]), (method, path, scope, reply.text)

    @pytest.mark.parametrize(
        "secret", ["", "fwk", "Bearer", "fwk_0_0_0", "fwk_" + "0" * 16 + "_" + "0" * 64 + "_000000", "ü" * 40]
    )
    def test_what_is_no_key_opens_nothing(self, client, secret):
        reply = client.get("/v1/galleries", headers={"Authorization": f"Bearer {secret}".encode()})
        assert (reply.status_code, reply.json()["code"]) == (401, "key_refused")
        assert "www-authenticate" in reply.headers

    def test_a_key_opens_nothing_once_it_is_revoked_or_over(self, house, ask):
        made = ask("POST", "/v1/keys", json={"account": "gate-2", "scopes": ["auditor"], "days": 1}).json()
        headers = {"Authorization": f"Bearer {made['secret']}"}
        assert ask("GET", "/v1/galleries", headers=headers).status_code == 200
        house.clock.advance(days=1)
        assert ask("GET", "/v1/galleries", headers=headers).status_code == 401
        house.clock.advance(days=-1)
        assert ask("DELETE", f"/v1/keys/{made['key']['identifier']}").status_code == 204
        assert ask("GET", "/v1/galleries", headers=headers).status_code == 401
        assert made["secret"] not in json.dumps(ask("GET", "/v1/keys").json())

    def test_a_deployment_does_not_see_the_galleries_of_another(self, ask):
        assert ask("GET", "/v1/galleries", deployment="other").json()["items"] == []
        for path in (f"/v1/galleries/{STAFF}", f"/v1/galleries/{STAFF}/subjects/ann"):
            assert ask("GET", path, deployment="other").status_code in {403, 404}


class TestEveryWayReachesTheGate:
    def test_what_has_a_key_is_judged_and_recorded(self, house, ask):
        """Or fails before anything is touched, and then nothing is."""
        requests = {
            "/v1/detect": photo("ann"),
            "/v1/compare": {
                "files": [("probe", ("x", sketch("ann"))), ("references", ("x", sketch("bob")))],
                "data": USE,
            },
            "/v1/galleries": {"json": {"name": "one-more"}},
            f"/v1/galleries/{STAFF}/identify": photo("ann"),
            f"/v1/galleries/{STAFF}/subjects/ann/references": photo("ann"),
            f"/v1/galleries/{STAFF}/subjects/ann/verify": photo("ann"),
            f"/v1/galleries/{STAFF}/subjects/ann/review": {},
            "/v1/keys": {"json": {"account": "x", "scopes": ["client"]}},
        }
        for path, body in requests.items():
            scope = (
                Scope.CLIENT
                if path.rpartition("/")[2] in {"detect", "compare", "identify", "verify"}
                else Scope.OPERATOR
            )
            before = house.desk.publication.size()
            reply = ask("POST", path, scope, **body)
            assert reply.status_code in {200, 201, 204}, (path, reply.text)
            entries = [decode(it) for it in house.desk.publication._ledger.entries(before)]
            assert entries[0].type == "policy.decision", path
            assert len(entries) >= 2, path
        for path in (
            "/v1/galleries",
            f"/v1/galleries/{STAFF}",
            f"/v1/galleries/{STAFF}/subjects",
            "/v1/keys",
        ):
            before = house.desk.publication.size()
            assert ask("GET", path).status_code == 200
            assert house.desk.publication.size() == before + 2, path


class TestReplies:
    def test_a_person_goes_all_the_way(self, house, ask):
        """Consent, enrolment, verification, a search, withdrawal, erasure."""
        base = f"/v1/galleries/{STAFF}/subjects/cleo"
        until = (house.clock.now() + timedelta(days=30)).isoformat()
        told = {
            "purposes": ["access_optin"], "until": until, "controller": "Acme", "contact": "x@acme.example",
            "jurisdiction": "DE", "evidence_sha256": "ab" * 32, "notice_sha256": "cd" * 32,
            "majority": "adult",
        }  # fmt: skip
        consent = ask("POST", f"{base}/consents", json=told)
        assert consent.status_code == 201
        assert consent.json()["document"]["inclusion"]
        assert ask("POST", f"{base}/references", **photo("cleo")).status_code == 201
        verified = ask("POST", f"{base}/verify", Scope.CLIENT, **photo(Drawn("cleo", take=2))).json()
        assert (verified["match"], verified["presentation_attack"]) == (True, "not_checked")
        found = ask(
            "POST", f"/v1/galleries/{STAFF}/identify", Scope.CLIENT, **photo("cleo", "stranger")
        ).json()
        assert [[it["subject"] for it in face["candidates"]] for face in found["faces"]] == [["cleo"], []]
        gone = ask("POST", f"{base}/consents/{consent.json()['identifier']}/withdrawal")
        assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
        assert ask("POST", f"{base}/verify", Scope.CLIENT, **photo("cleo")).status_code == 403
        erased = ask("DELETE", base)
        assert erased.json()["proof"].startswith("c2sp.org/tlog-proof@v1")
        assert ask("GET", base).status_code == 404

    def test_json_says_the_same_as_multipart(self, ask):
        import base64

        body = {**USE, "photo": base64.b64encode(sketch("ann")).decode()}
        one = ask("POST", "/v1/detect", Scope.CLIENT, json=body).json()
        other = ask("POST", "/v1/detect", Scope.CLIENT, **photo("ann")).json()
        assert one["faces"] == other["faces"]

    def test_features_never_leave_and_scores_are_rounded(self, ask):
        """No reply holds a long list of numbers, and no score says more than three decimals."""
        replies = [
            ask("POST", "/v1/detect", Scope.CLIENT, **photo("ann", "bob")).json(),
            ask("POST", f"/v1/galleries/{STAFF}/identify", Scope.CLIENT, **photo("ann", "bob")).json(),
            ask("POST", f"/v1/galleries/{STAFF}/subjects/ann/verify", Scope.CLIENT, **photo("ann")).json(),
            ask("GET", f"/v1/galleries/{STAFF}/subjects/ann/references").json(),
        ]
        for path, value in leaves(replies):
            if isinstance(value, list):
                assert len(value) <= 16 or not all(isinstance(it, float) for it in value), path
            if path[-1] in {"score", "detection_score"}:
                assert value == round(value, 3), path

    def test_pages_follow_each_other(self, ask, house):
        names, after = [], ""
        for name in ("p1", "p2", "p3"):
            house.consent(name)
        while after is not None:
            page = ask("GET", f"/v1/galleries/{STAFF}/subjects", params={"after": after, "most": 2}).json()
            names += [it["name"] for it in page["items"]]
            after = page["next"]
        assert names == sorted(set(names))
        assert {"p1", "p2", "p3"} <= set(names)


class TestProblems:
    def test_every_error_has_a_status_of_its_family(self):
        """Also those that nobody has thought of yet."""
        families = {
            errors.InputError: {400, 404, 408, 413, 415, 422},
            errors.RefusedError: {401, 403},
            errors.ConflictError: {409},
            errors.DependencyError: {429, 503},
        }
        for kind in walked(FacewardError):
            made = kind.__new__(kind)
            status = problem.status_of(made)
            for family, allowed in families.items():
                if isinstance(made, family):
                    assert status in allowed, kind

    @pytest.mark.parametrize(
        ("request_", "more", "expected"),
        [
            (("GET", "/nope"), {}, (404, "not_found", None)),
            (("PUT", "/v1/galleries"), {}, (405, "method_not_allowed", None)),
            (("POST", "/v1/galleries"), {"json": {}}, (400, "request_invalid", "name")),
            (("POST", "/v1/galleries"), {"json": {"name": "x", "more": 1}}, (400, "request_invalid", "more")),
            (("POST", "/v1/galleries"), {"json": {"name": "../x"}}, (400, "value_invalid", "gallery")),
            (
                ("POST", "/v1/galleries"),
                {"json": {"name": "x", "source": "y"}},
                (400, "value_invalid", "source"),
            ),
            (("POST", "/v1/galleries"), {"json": {"name": STAFF}}, (409, "already_there", None)),
            (("POST", "/v1/galleries"), {"content": b"{"}, (400, "request_invalid", None)),
            (("GET", f"/v1/galleries/{STAFF}/subjects?most=0"), {}, (400, "request_invalid", "most")),
            (("GET", f"/v1/galleries/{STAFF}/subjects/nobody"), {}, (404, "subject_unknown", None)),
            (("DELETE", "/v1/keys/nothing"), {}, (404, "key_unknown", None)),
        ],
    )
    def test_a_problem_names_the_field_and_the_remedy(self, ask, request_, more, expected):
        reply = ask(*request_, **more)
        body = reply.json()
        assert (reply.status_code, body["code"], body.get("field")) == expected, reply.text
        assert reply.headers["content-type"] == "application/problem+json"
        assert body["remedy"]

    @pytest.mark.parametrize("until", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"])
    def test_a_day_that_no_calendar_reaches_is_refused(self, ask, until):
        """Fuzzing found that it was a fault of ours."""
        told = {
            "purposes": ["access_optin"], "until": until, "controller": "A", "contact": "B",
            "jurisdiction": "DE", "evidence_sha256": "ab" * 32, "notice_sha256": "cd" * 32,
        }  # fmt: skip
        reply = ask("POST", f"/v1/galleries/{STAFF}/subjects/ann/consents", json=told)
        assert (reply.status_code, reply.json()["field"]) == (400, "until")

    def test_a_refusal_says_which_rules(self, ask):
        reply = ask("POST", "/v1/detect", Scope.CLIENT, files={"photo": ("x", sketch("ann"))})
        assert reply.status_code == 403
        assert {it.split(":")[0] for it in reply.json()["reasons"]} >= {"base/purpose", "base/capture"}

    def test_a_fault_tells_the_caller_a_reference_and_the_log_no_message(self, house, caplog, monkeypatch):
        def broken(*_more):
            raise ZeroDivisionError("ann's secret")

        monkeypatch.setattr(type(house.desk.operations), "detect", broken)
        with TestClient(application(house.desk, 1000), raise_server_exceptions=False) as client:
            headers = {"Authorization": f"Bearer {house.secrets[DOOR, Scope.CLIENT]}"}
            with caplog.at_level(logging.INFO, "faceward.server"):
                reply = client.post("/v1/detect", headers=headers, **photo("ann"))
        assert reply.status_code == 500
        assert reply.json()["reference"] in caplog.text
        assert "secret" not in caplog.text + reply.text
        assert "ZeroDivisionError" in caplog.text

    def test_who_asks_too_often_is_told_when_to_come_back(self, house):
        with TestClient(application(house.desk, 20)) as client:
            headers = {"Authorization": f"Bearer {house.secrets[DOOR, Scope.AUDITOR]}"}
            statuses = [client.get("/v1/galleries", headers=headers) for _ in range(4)]
        assert [it.status_code for it in statuses][-1] == 429
        assert statuses[-1].headers["retry-after"]


class TestWhatIsSeen:
    def test_figures_name_nobody(self, ask, client):
        ask("GET", f"/v1/galleries/{STAFF}/subjects/ann")
        reply = ask("GET", "/metrics", Scope.AUDITOR)
        assert 'route="/v1/galleries/{gallery}/subjects/{subject}"' in reply.text
        assert not re.search(rf"\b(ann|bob|{STAFF}|{DOOR})\b", reply.text)
        assert ask("GET", "/metrics", Scope.CLIENT).status_code == 403

    def test_a_line_of_the_log_names_nobody(self, ask, caplog):
        with caplog.at_level(logging.INFO, "faceward.server"):
            ask("GET", f"/v1/galleries/{STAFF}/subjects/ann")
        (line,) = [json.loads(it.message) for it in caplog.records if it.name == "faceward.server"]
        assert (line["route"], line["status"]) == ("/v1/galleries/{gallery}/subjects/{subject}", 200)
        assert not re.search(rf"\b(ann|{STAFF}|{DOOR})\b", json.dumps(line))

    def test_the_document_describes_every_route(self, app, client):
        document = client.get("/openapi.json").json()
        assert document["openapi"].startswith("3.1")
        described = {
            (method.upper(), path) for path, methods in document["paths"].items() for method in methods
        }
        assert described == {(method, path) for method, path, _ in paths(app)} - {("GET", "/metrics")}

    def test_every_route_of_the_api_is_served(self, app):
        served = {(method, path) for method, path, _ in paths(app)}
        for handler in ROUTES:
            for path in handler.paths:
                method = next(iter(handler.http_methods))
                assert (str(method), re.sub(r":[a-z]+\}", "}", path)) in served


def leaves(value, path=("",)):
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from leaves(inner, (*path, key))


def walked(kind):
    for inner in kind.__subclasses__():
        yield inner
        yield from walked(inner)
