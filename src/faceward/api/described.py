"""What the OpenAPI document says of requests that carry photos, which are read by hand."""

from __future__ import annotations

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from faceward.transparency.words import Capture, Purpose

_WORDS = {
    "purpose": Schema(type=OpenAPIType.STRING, enum=[it.value for it in Purpose], description="What for."),
    "capture": Schema(
        type=OpenAPIType.STRING, enum=[it.value for it in Capture], description="What took the photos."
    ),
    "authority": Schema(type=OpenAPIType.STRING, description="Authority record that is claimed to cover it."),
}


@dataclass
class PhotoOperation(Operation):
    """An operation with photos in its body."""

    def __post_init__(self) -> None:
        """Say how the photos are sent."""
        pair = "compare" in (self.operation_id or "").lower()
        names = ("probe", "references") if pair else ("photo",)
        self.request_body = RequestBody(
            required=True,
            content={
                "multipart/form-data": OpenAPIMediaType(schema=_body(names, "binary")),
                "application/json": OpenAPIMediaType(schema=_body(names, "base64")),
            },
        )


def _body(names: tuple[str, ...], encoding: str) -> Schema:
    one = Schema(type=OpenAPIType.STRING, content_encoding=encoding, description="An encoded photo.")
    photos = {
        name: Schema(type=OpenAPIType.ARRAY, items=one, min_items=1) if name == "references" else one
        for name in names
    }
    return Schema(type=OpenAPIType.OBJECT, properties={**photos, **_WORDS}, required=list(names))
