"""What the OpenAPI document says of requests that carry photos, which are read by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from faceward.transparency.words import Capture, Purpose

MOST_REFERENCES = 16
"""Photos that one photo is compared with at once."""

_WORDS = {
    "purpose": Schema(type=OpenAPIType.STRING, enum=[it.value for it in Purpose], description="What for."),
    "capture": Schema(
        type=OpenAPIType.STRING, enum=[it.value for it in Capture], description="What took the photos."
    ),
    "authority": Schema(type=OpenAPIType.STRING, description="Authority record that is claimed to cover it."),
}
_EXTRAS: Mapping[str, Mapping[str, Schema]] = MappingProxyType(
    {
        "identify": {
            "most": Schema(
                type=OpenAPIType.INTEGER,
                minimum=1,
                maximum=100,
                default=10,
                description="The most candidates of a face.",
            )
        },
        "enrol": {
            "accept_duplicate": Schema(
                type=OpenAPIType.BOOLEAN,
                default=False,
                description="Whether a person looked, and this face is not the one that is enrolled already.",
            )
        },
        "compare_photos": {
            "false_match_rate": Schema(
                type=OpenAPIType.NUMBER,
                minimum=1e-9,
                maximum=1.0,
                default=1e-4,
                description="How often a stranger may match; a rate that the calibration supports.",
            )
        },
    }
)
"""What an operation reads of a body besides photos and `_WORDS`, by its identifier."""


@dataclass
class PhotoOperation(Operation):
    """An operation with photos in its body."""

    def __post_init__(self) -> None:
        """Say how the photos are sent."""
        of = self.operation_id or ""
        names = ("probe", "references") if of == "compare_photos" else ("photo",)
        in_parts = Schema(
            type=OpenAPIType.STRING,
            content_media_type="application/octet-stream",
            description="An encoded photo.",
        )
        in_text = Schema(
            type=OpenAPIType.STRING,
            content_encoding="base64",
            pattern="^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
            min_length=4,
            description="An encoded photo, in base64.",
        )
        self.request_body = RequestBody(
            required=True,
            content={
                "multipart/form-data": OpenAPIMediaType(schema=_body(of, names, in_parts)),
                "application/json": OpenAPIMediaType(schema=_body(of, names, in_text)),
            },
        )


def _body(of: str, names: tuple[str, ...], one: Schema) -> Schema:
    several = Schema(type=OpenAPIType.ARRAY, items=one, min_items=1, max_items=MOST_REFERENCES)
    photos = {name: several if name == "references" else one for name in names}
    return Schema(
        type=OpenAPIType.OBJECT,
        properties={**photos, **_WORDS, **_EXTRAS.get(of, {})},
        required=list(names),
    )
