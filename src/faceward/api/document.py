"""Routes in, the OpenAPI 3.1 document of them out."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any

from litestar import Litestar, Response, get
from litestar.openapi import OpenAPIConfig
from msgspec.json import schema_components

from faceward.api import bodies
from faceward.api.desk import PUBLIC, SCOPES
from faceward.api.problem import Problem
from faceward.api.routes import ROUTES

_MEDIA_TYPE = "application/json"
_PROBLEMS = {
    "400": "The request makes no sense.",
    "401": "No live key was presented.",
    "403": "The key is not for this, or a rule forbids it; the reasons say which.",
    "404": "There is no such thing here.",
    "409": "The present state forbids it.",
    "413": "More than the limits allow.",
    "415": "Of a kind that is not read.",
    "422": "The content cannot be used.",
    "429": "Too much at once; Retry-After says when to come back.",
    "500": "A fault of ours.",
    "503": "A part that the server relies on does not work.",
}


def route(version: str) -> Any:
    """The route of the document.

    Args:
        version: Of faceward.
    """

    @get("/openapi.json", opt={PUBLIC: True}, include_in_schema=True, sync_to_thread=False)
    def document() -> Response[bytes]:
        """This document."""
        return Response(_made(version), media_type=_MEDIA_TYPE)

    return document


@cache
def _made(version: str) -> bytes:
    shown = Litestar(
        [*ROUTES, route(version)],
        openapi_config=OpenAPIConfig(
            title="faceward",
            version=version,
            description="Face recognition behind a gate. Every use is judged and recorded before it runs.",
            use_handler_docstrings=True,
        ),
    )
    document = shown.openapi_schema.to_schema()
    document["paths"] = {
        path: it for path, it in document["paths"].items() if path.startswith(("/v1", "/health", "/openapi"))
    }
    _, problems = schema_components([Problem], ref_template="#/components/schemas/{name}")
    document["components"]["schemas"] |= problems
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    _close(document["components"]["schemas"])
    options = {
        (path, method.lower()): handler.opt
        for it in shown.routes
        for handler in getattr(it, "route_handlers", ())
        for method in handler.http_methods
        for path in (it.path_format,)
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            _complete(operation, options[path, method])
    return json.dumps(document, ensure_ascii=False).encode()


def _close(schemas: dict[str, Any]) -> None:
    """Say that a body holds nothing that it does not name, which is refused."""
    for name in _closed():
        for known in (name, f"bodies_{name}"):
            if known in schemas:
                schemas[known]["additionalProperties"] = False


def _closed() -> list[str]:
    is_closed: Callable[[Any], bool] = lambda it: bool(getattr(it, "__struct_config__", None))  # noqa: E731
    return [name for name, it in vars(bodies).items() if is_closed(it)]


def _complete(operation: dict[str, Any], options: dict[str, Any]) -> None:
    """Say which key it takes, and every problem that can come."""
    answers = operation["responses"]
    answers.pop("400", None)
    for status, words in _PROBLEMS.items():
        if options.get(PUBLIC) and status in {"401", "403"}:
            continue
        answers[status] = {
            "description": words,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    if not options.get(PUBLIC):
        operation["security"] = [{"key": []}]
        scopes = ", ".join(sorted(options[SCOPES]))
        operation["description"] = f"{operation.get('description', '')}\n\nScopes: {scopes}.".strip()
