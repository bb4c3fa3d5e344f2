"""The routes in, the OpenAPI 3.1 document that describes them out, and the route that serves it.

Litestar writes a first draft from the types of the routes. What it cannot know is put in here: how errors
look, which words a field may have, that bodies are closed, and who needs a key. The application itself is
made without Litestar's OpenAPI routes, which would answer what they do not know in a form of their own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import msgspec
from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig

from faceward.api import bodies
from faceward.api.desk import PUBLIC, PURPOSE, SCOPES
from faceward.api.idempotency import HEADER, is_repeatable
from faceward.api.problem import MEDIA_TYPE
from faceward.governance.accounts.api_keys import Scope
from faceward.governance.consent.records import LegalGround, Method, State
from faceward.ports.gallery_store import Majority
from faceward.transparency.words import Purpose, Source

_PROBLEMS = MappingProxyType(
    {
        "400": "The request cannot be used as it is.",
        "401": "No live key was presented.",
        "403": "The gate or the scopes of the key say no; the reasons say why.",
        "404": "There is no such thing.",
        "408": "The body did not arrive in time.",
        "409": "The present state forbids it.",
        "413": "The body or the photo is larger than is read.",
        "415": "The body or the photo is of a kind that is not read.",
        "422": "What was sent is understood, and is not fit for this.",
        "429": "Too much is asked at once; Retry-After says for how many seconds to wait.",
        "500": "A fault of ours; the reference leads to the line of the log.",
        "503": "A part that the server relies on is not working; its operator must act.",
    }
)
_OF_PUBLIC = ("400", "404", "408", "413", "429", "500", "503")
_WORDS: Mapping[tuple[str, str], Sequence[str]] = MappingProxyType(
    {
        ("NewConsent", "purposes"): list(Purpose),
        ("NewConsent", "state"): [State.GIVEN, State.REFUSED],
        ("NewConsent", "method"): list(Method),
        ("NewConsent", "ground"): list(LegalGround),
        ("NewConsent", "majority"): list(Majority),
        ("NewGallery", "source"): list(Source),
        ("NewKey", "scopes"): list(Scope),
    }
)
"""Fields that take words of a closed list."""
_IDENTIFIER = "^[0-9a-f]{32}$"
_PATHS = MappingProxyType(
    {
        "gallery": {"pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"},
        "subject": {"minLength": 1, "maxLength": 128},
        "reference": {"pattern": _IDENTIFIER},
        "consent_id": {"pattern": _IDENTIFIER},
        "correction": {"pattern": _IDENTIFIER},
        "key": {"pattern": "^[0-9a-f]{16}$"},
    }
)
_HTTP_METHODS = frozenset({"get", "post", "delete", "put", "patch"})
_SAYS_NOTHING = frozenset({"deprecated", "allowEmptyValue", "allowReserved"})


def describing(routes: Sequence[HTTPRouteHandler], version: str) -> HTTPRouteHandler:
    """Make the route that serves the document of others.

    Args:
        routes: The others.
        version: Of faceward.
    """

    @get("/openapi.json", opt={PUBLIC: True}, operation_id="get_document")
    async def described() -> Response[bytes]:
        """This document."""
        return Response(_written((*routes, described), version), media_type="application/json")

    return described


def document(routes: Sequence[HTTPRouteHandler], version: str) -> dict[str, Any]:
    """Describe routes."""
    app = Litestar(
        list(routes),
        openapi_config=OpenAPIConfig(
            title="faceward",
            version=version,
            description="Face recognition behind a gate. Every use is judged and recorded before it runs.",
            use_handler_docstrings=True,
        ),
        logging_config=None,
    )
    made: dict[str, Any] = json.loads(json.dumps(app.openapi_schema.to_schema()))
    handlers = {
        (path, method.lower()): it for it in routes for path in _templates(it) for method in it.http_methods
    }
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            if method in _HTTP_METHODS:
                _finish(operation, handlers[path, method])
    _finish_components(made["components"])
    made["security"] = [{"key": []}, {"session": []}]
    return made


@lru_cache(maxsize=2)
def _written(routes: tuple[HTTPRouteHandler, ...], version: str) -> bytes:
    return json.dumps(document(routes, version), ensure_ascii=False, separators=(",", ":")).encode()


def _templates(handler: HTTPRouteHandler) -> Iterator[str]:
    for path in handler.paths:
        yield path.replace(":str}", "}")


def _finish(operation: dict[str, Any], handler: HTTPRouteHandler) -> None:
    """Say what Litestar's types do not."""
    is_public = bool(handler.opt.get(PUBLIC))
    operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
    if is_public:
        operation["security"] = []
    else:
        scopes = ", ".join(sorted(handler.opt[SCOPES]))
        operation["description"] = f"{operation.get('description', '')}\n\nScopes: {scopes}.".strip()
    parameters = [*map(_parameter, operation.pop("parameters", ())), *_more_parameters(handler)]
    if parameters:
        operation["parameters"] = parameters
    answers = operation["responses"]
    for status in _OF_PUBLIC if is_public else _PROBLEMS:
        answers[status] = {"$ref": f"#/components/responses/Problem{status}"}
    answers.get("204", {}).pop("content", None)
    if operation["operationId"] == "get_document":
        answers["200"]["content"] = {"application/json": {"schema": {"type": "object"}}}
    _drop(operation)


def _parameter(made: dict[str, Any]) -> dict[str, Any]:
    """A parameter with what its name allows, and whole numbers as bounds of whole numbers."""
    schema = made["schema"] | (_PATHS[made["name"]] if made["in"] == "path" else {})
    if schema.get("type") == "integer":
        schema |= {bound: int(schema[bound]) for bound in ("minimum", "maximum") if bound in schema}
    return made | {"schema": schema}


def _more_parameters(handler: HTTPRouteHandler) -> Iterator[dict[str, Any]]:
    """What is read of a request without Litestar."""
    if is_repeatable(handler):
        yield {"$ref": "#/components/parameters/IdempotencyKey"}
    if handler.opt.get(PURPOSE):
        words = {"type": "string", "enum": [it.value for it in Purpose], "default": Purpose.UNKNOWN.value}
        yield {"name": "purpose", "in": "query", "schema": words, "description": "What for; the gate asks."}


def _finish_components(components: dict[str, Any]) -> None:
    schemas = components["schemas"]
    for name, kind in vars(bodies).items():
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and name in schemas:
            schemas[name]["additionalProperties"] = not kind.__struct_config__.forbid_unknown_fields
    for (name, field), words in _WORDS.items():
        schema = schemas[name]["properties"][field]
        (schema["items"] if schema["type"] == "array" else schema)["enum"] = [
            it.value if isinstance(it, StrEnum) else it for it in words
        ]
    schemas["Move"]["properties"]["references"]["items"]["pattern"] = _IDENTIFIER
    _drop(schemas)
    schemas["Problem"] = _PROBLEM
    components["securitySchemes"] = {
        "key": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key of the deployment, as `faceward access issue` makes it.",
        },
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "__Host-faceward",
            "description": "Of a browser that signed in; over plain HTTP its name is `faceward`. "
            "Whatever changes something also needs the header X-CSRF-Token.",
        },
    }
    components["parameters"] = {
        "IdempotencyKey": {
            "name": HEADER,
            "in": "header",
            "required": False,
            "schema": {"type": "string", "pattern": "^[!-~]{1,128}$"},
            "description": "Sent again with the same key, the same request is done once and answered alike.",
        }
    }
    components["responses"] = {f"Problem{status}": _problem(status) for status in _PROBLEMS}


def _problem(status: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "description": _PROBLEMS[status],
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    if status == "429":
        made["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return made


_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "What went wrong, for programs and for people (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "remedy"],
    "additionalProperties": False,
    "properties": {
        "type": {"type": "string", "pattern": "^urn:faceward:problem:[a-z_]+$"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "The cause."},
        "code": {"type": "string", "description": "Stable, for programs."},
        "remedy": {"type": "string", "description": "What to do."},
        "reasons": {"type": "array", "items": {"type": "string"}},
        "field": {"type": "string", "description": "Which field of the request is meant."},
        "reference": {"type": "string", "description": "Under which the log of the server knows more."},
    },
}


def _drop(found: Any) -> None:
    """Remove what only says the default, and close tuples."""
    if isinstance(found, dict):
        for name in _SAYS_NOTHING & found.keys():
            if found[name] is False:
                del found[name]
        if "prefixItems" in found:
            length = len(found["prefixItems"])
            found |= {"minItems": length, "maxItems": length}
        for it in found.values():
            _drop(it)
    elif isinstance(found, list):
        for it in found:
            _drop(it)
