"""What the OpenAPI document promises holds for whatever it allows: generated requests with real keys."""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from data.house import DOOR, STAFF, WHO, House
from litestar.testing import TestClient
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sizes import is_whole

from faceward.api.desk import SCOPES
from faceward.api.routes import ROUTES
from faceward.governance.accounts.api_keys import Scope, Wanted
from faceward.operations.enrolment import MOST_REFERENCES
from faceward.server.application import application
from faceward.testing.installation import OPERATOR
from faceward.testing.sketches import sketch

CASES = 20_000 if is_whole() else 310
_OF_REPLIES = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
OF_SESSIONS = {"sign_in", "get_session", "sign_out"}
"""What takes a key and no permit: signing in and out."""
PHOTO = base64.b64encode(sketch("ann")).decode()
USE = {"purpose": "access_optin", "capture": "kiosk"}
CONSENT = {
    "purposes": ["access_optin"], "controller": "Acme", "contact": "x@acme.example", "jurisdiction": "DE",
    "evidence_sha256": "ab" * 32, "notice_sha256": "cd" * 32, "majority": "adult",
}  # fmt: skip
_PEOPLE = f"/v1/galleries/{STAFF}/subjects"


class Fuzzed:
    """A server, and what is really there for each operation.

    Attributes:
        client: Asks it.
        house: The installation behind it.
    """

    def __init__(self, house: House, client: TestClient[Any]) -> None:
        self.house, self.client = house, client
        self.scopes = {it.operation_id: sorted(it.opt[SCOPES])[0] for it in ROUTES if SCOPES in it.opt}
        self.document = client.get("/openapi.json").json()
        self._made = self._held = 0

    def headers(self, operation: str) -> dict[str, str]:
        """A live key for an operation."""
        scope = self.scopes.get(operation)
        if operation == "get_session":
            headers = {"Authorization": f"Bearer {self.house.secrets[DOOR, Scope.OPERATOR]}"}
            self.client.cookies.clear()
            begun = self.client.post("/v1/session", headers=headers)
            self.client.cookies.clear()
            return {"Cookie": begun.headers["set-cookie"].partition(";")[0]}
        if operation == "exchange_key":
            return {"Authorization": f"Bearer {self.first_key()}"}
        return {"Authorization": f"Bearer {self.house.secrets[DOOR, scope]}"} if scope else {}

    def first_key(self) -> str:
        """One that has yet to be exchanged."""
        until = self.house.clock.now() + timedelta(hours=1)
        wanted = Wanted("first", DOOR, frozenset({Scope.CLIENT}), until, OPERATOR, 30)
        return self.house.operations.issue_key(WHO, self.house.desk.keys, wanted).result.secret

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as an operator, as it is meant to be."""
        headers = {"Authorization": f"Bearer {self.house.secrets[DOOR, Scope.OPERATOR]}"}
        reply = self.client.request(method, path, headers=headers, **({"json": body} if body else {}))
        assert reply.status_code < 300, (method, path, reply.text)
        return reply.json() if reply.content else None

    def real(  # noqa: PLR0912 - one case for each operation
        self, operation: str
    ) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        """Path, query and body of what is there, made for this one request."""
        self._made += 1
        name = f"n{self._made}"
        path = {"gallery": STAFF, "subject": "ann"}
        body: dict[str, Any] = {"photo": PHOTO, **USE}
        if operation == "enrol":
            body["accept_duplicate"] = True
            self.reference()  # which makes room
        match operation:
            case "make_gallery":
                body = {"name": name}
            case "close_gallery":
                self.ask("POST", "/v1/galleries", {"name": name})
                path["gallery"] = name
            case "compare_photos":
                body = {"probe": PHOTO, "references": [PHOTO], **USE}
            case "issue_key":
                body = {"account": name, "scopes": ["client"]}
            case "revoke_key":
                made = self.ask("POST", "/v1/keys", {"account": name, "scopes": ["client"]})
                path["key"] = made["key"]["identifier"]
            case "record_consent":
                body, path["subject"] = self.consent(), name
            case "withdraw_consent" | "erase_subject":
                made = self.ask("POST", f"{_PEOPLE}/{name}/consents", self.consent())
                path |= {"subject": name, "consent_id": made["identifier"]}
            case "remove_reference":
                path["reference"] = self.reference()
            case "bar_reference":
                body = {"before": "ann", "after": "bob", "reference": self.reference()}
            case "move_references":
                body = {"before": "ann", "after": "bob", "references": [self.reference()]}
            case "undo_correction":
                bar = {"before": "ann", "after": "bob", "reference": self.reference()}
                url = f"/v1/galleries/{STAFF}/corrections/bars?purpose=access_optin"
                path["correction"] = self.ask("POST", url, bar)["identifier"]
            case "verify":
                self.ask("POST", f"{_PEOPLE}/ann/review")
        query = {"place": 0, "size": 1, "old": 1, "new": 2, "purpose": "access_optin", "most": 5}
        return path, query, body

    def consent(self) -> dict[str, Any]:
        """A consent from today."""
        until = self.house.clock.now().replace(microsecond=0) + timedelta(days=50)
        return {**CONSENT, "until": until.isoformat()}

    def reference(self) -> str:
        """A reference of Ann's; before she has as many as anybody may have, she loses all."""
        self._held += 1
        if self._held > MOST_REFERENCES // 4:
            self.strip()
        made = self.ask(
            "POST", f"{_PEOPLE}/ann/references", {"photo": PHOTO, "accept_duplicate": True, **USE}
        )
        return str(made["reference"])

    def strip(self) -> None:
        """Remove every reference of Ann and Bob."""
        self._held = 0
        for name in ("ann", "bob"):
            for it in self.ask("GET", f"{_PEOPLE}/{name}/references")["items"]:
                url = f"{_PEOPLE}/{name}/references/{it['identifier']}?purpose=access_optin"
                self.ask("DELETE", url)

    def tidy(self) -> None:
        """Remove what a day of fuzzing left, so that no quota ends it."""
        self.house.clock.advance(days=1)
        self.strip()
        for it in self.ask("GET", f"{_PEOPLE}?most=1000")["items"]:
            if it["name"] not in {"ann", "bob"} and it["name"].isalnum() and it["name"].isascii():
                self.ask("DELETE", f"{_PEOPLE}/{it['name']}")
        self.reference()


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory) -> Iterator[Fuzzed]:
    house = House(tmp_path_factory.mktemp("house"))
    house.furnish("ann", "bob")
    with TestClient(application(house.desk, 10**9), raise_server_exceptions=False) as client:
        made = Fuzzed(house, client)
        made.reference()
        yield made
    house.close()


def prepared(fuzzed: Fuzzed, case: Any, operation: str, turn: int) -> requests.PreparedRequest:
    """A generated request with a live key, and in two of three turns with names of what is there."""
    if turn % 3:
        path, query, body = fuzzed.real(operation)
        case.path_parameters = {name: path.get(name, it) for name, it in (case.path_parameters or {}).items()}
        if turn % 3 == 1:
            known = fuzzed.document["paths"][case.path][case.method.lower()].get("parameters", [])
            case.query = {it["name"]: query[it["name"]] for it in known if it.get("name") in query}
            if case.media_type:
                case.media_type, case.body = "application/json", body
    made = case.as_transport_kwargs(base_url="http://testserver.local")
    made["headers"] = {**made["headers"], **fuzzed.headers(operation)}
    try:
        return requests.Request(**{name: it for name, it in made.items() if name != "timeout"}).prepare()
    except (ValueError, requests.RequestException):
        hypothesis.reject()


@pytest.mark.whole_size
def test_nothing_that_the_document_allows_ends_in_what_it_does_not(fuzzed):
    """No 5xx, no status, content type or schema that is not declared; enough of it gets through."""
    schema = schemathesis.openapi.from_dict(fuzzed.document)
    operations = [it.ok() for it in schema.get_all_operations()]
    each, statuses, wrong = -(-CASES // len(operations)), Counter(), {}
    for operation in operations:
        _fuzz(fuzzed, operation, each, statuses, wrong)
    counts = {it: sum(n for (name, _), n in statuses.items() if name == it) for it, _ in statuses}
    good = sum(n for (_, status), n in statuses.items() if status < 300)
    total = sum(statuses.values())
    print(json.dumps({"cases": total, "2xx": round(good / total, 3), "statuses": {
        f"{name} {status}": n for (name, status), n in sorted(statuses.items())}}, indent=1))  # fmt: skip
    assert wrong == {}
    assert good / total >= 0.25
    assert len(counts) == len(operations)
    assert min(counts.values()) >= (50 if is_whole() else 5)
    silent = {name for name in counts if not any(statuses[name, it] for it in (200, 201, 204))}
    assert silent == set()


def _fuzz(fuzzed: Fuzzed, operation: Any, each: int, statuses: Counter, wrong: dict) -> None:
    name, turns = operation.definition.raw["operationId"], count(1)

    @hypothesis.settings(
        max_examples=each,
        phases=[hypothesis.Phase.generate],
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy(), _more=hypothesis.strategies.integers())
    def run(case: Any, _more: int) -> None:  # Without parameters there is one case, which is sent often.
        if statuses.total() % 400 == 399:
            fuzzed.tidy()
        request = prepared(fuzzed, case, name, next(turns))
        before = fuzzed.house.desk.publication.size()
        reply = fuzzed.client.request(
            request.method, request.url, headers=dict(request.headers), content=request.body
        )
        if reply.status_code < 300 and name in fuzzed.scopes and name not in OF_SESSIONS:
            judged = fuzzed.house.desk.publication.size() >= before + 2
            assert judged, f"{name} was answered without the gate"
        statuses[name, reply.status_code] += 1
        try:
            case.validate_response(reply, checks=_OF_REPLIES)
        except Exception as error:
            wrong.setdefault((name, reply.status_code), (str(error)[:600], reply.text[:300]))

    run()
