"""The body of a request in, photos and fields out, all in memory: no photo touches the disk unencrypted.

Multipart and JSON say the same. Names of files are not read, and nothing that is packed is unpacked.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import msgspec
from litestar import Request
from multipart import MultipartError, MultipartSegment, PushMultipartParser, parse_options_header

from faceward.errors import InputError, InvalidValue

HttpRequest: TypeAlias = Request[Any, Any, Any]
"""A request as the web framework gives it; nothing here relies on its type parameters."""

PHOTOS = frozenset({"photo", "probe", "references"})
_MOST_PARTS = 72
_MOST_FIELD_BYTES = 65_536


class BodyRefused(InputError):
    """The body is of a kind that is not read."""

    code = "body_refused"
    remedy = "Send multipart/form-data or application/json, not packed."


class BodyTooLarge(InputError):
    """The body is larger than is read."""

    code = "body_too_large"
    remedy = "Send a smaller photo, or fewer at once."


class BodySlow(InputError):
    """The body did not arrive in time."""

    code = "body_slow"
    remedy = "Send it again over a better connection, or send a smaller photo."


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What is read of a body.

    Attributes:
        bytes: At most, all parts together.
        seconds: In which it must have arrived.
    """

    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that was read.

    Attributes:
        photos: Encoded photos, by field.
        fields: Everything else, as text.
    """

    photos: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict, repr=False)
    fields: Mapping[str, str] = field(default_factory=dict)

    def photo(self, name: str) -> bytes:
        """The one photo of a field.

        Raises:
            InvalidValue: There is none, or several.
        """
        found = self.photos.get(name, ())
        if len(found) != 1 or not found[0]:
            raise InvalidValue(
                f"{name}: one photo is needed, and {len([it for it in found if it])} came.",
                remedy=f"Send one photo in the field {name}.",
            )
        return found[0]

    def several(self, name: str, most: int) -> tuple[bytes, ...]:
        """The photos of a field.

        Raises:
            InvalidValue: There are none, or too many.
        """
        found = self.photos.get(name, ())
        if not 1 <= len(found) <= most or not all(found):
            raise InvalidValue(
                f"{name}: 1 to {most} photos are needed, and {len(found)} came.",
                remedy=f"Send each photo in a field {name} of its own.",
            )
        return found

    def text(self, name: str, default: str) -> str:
        """A field, or what holds where it is missing."""
        return self.fields.get(name, default)

    def number(self, name: str, default: float, least: float, most: float) -> float:
        """A field as a number.

        Raises:
            InvalidValue: It is none, or out of bounds.
        """
        try:
            value = float(self.fields.get(name, default))
        except ValueError:
            value = float("nan")
        if not least <= value <= most:
            raise InvalidValue(
                f"{name}: must be a number from {least:g} to {most:g}.", remedy="Correct the field."
            )
        return value

    def flag(self, name: str) -> bool:
        """A field as true or false; false where it is missing.

        Raises:
            InvalidValue: It is neither.
        """
        value = self.fields.get(name, "false").lower()
        if value not in {"true", "false"}:
            raise InvalidValue(f"{name}: must be true or false.", remedy="Correct the field.")
        return value == "true"


async def read_upload(request: HttpRequest, limits: BodyLimits) -> Upload:
    """Read a body.

    Raises:
        BodyRefused: It is packed, or of another kind.
        BodyTooLarge: It is larger than the limit.
        BodySlow: It did not arrive in time.
        InvalidValue: It is not what its kind says.
    """
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        raise BodyRefused("The body is packed, and nothing is unpacked here.")
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    kind = kind.strip().lower()
    if kind not in {"multipart/form-data", "application/json"}:
        raise BodyRefused("content_type: the body is neither multipart/form-data nor application/json.")
    body = await whole(request, limits)
    return _of_json(body) if kind == "application/json" else _of_multipart(body, options.get("boundary", ""))


async def whole(request: HttpRequest, limits: BodyLimits) -> bytes:
    """Read a body as it is.

    Raises:
        BodyTooLarge: It is larger than the limit, or says that it will be.
        BodySlow: It did not arrive in time.
    """
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared) > limits.bytes:
        raise _too_large(limits)
    body = bytearray()
    try:
        async with asyncio.timeout(limits.seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > limits.bytes:
                    raise _too_large(limits)
    except TimeoutError:
        raise BodySlow(f"The body did not arrive within {limits.seconds:g} s.") from None
    return bytes(body)


def content(request: HttpRequest, body: bytes) -> bytes:
    """What a body says, with its kind, to be held against another.

    What stands between parts is left out: clients make it up anew whenever they send the same again.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    between: bytes = options.get("boundary", "").encode()
    named: bytes = kind.strip().lower().encode() + b"\0"
    return named + (body.replace(between, b"") if between else body)


def _too_large(limits: BodyLimits) -> BodyTooLarge:
    return BodyTooLarge(f"The body is larger than {limits.bytes:,} bytes.")


def _of_json(body: bytes) -> Upload:
    try:
        content = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise InvalidValue("body: this is no JSON.", remedy="Send one JSON object.") from None
    if not isinstance(content, dict):
        raise InvalidValue("body: this JSON is no object.", remedy="Send one JSON object.")
    photos: dict[str, tuple[bytes, ...]] = {}
    fields: dict[str, str] = {}
    for name, value in content.items():
        if name in PHOTOS:
            several = value if isinstance(value, list) else [value]
            photos[name] = tuple(_decoded(name, it) for it in several[:_MOST_PARTS])
        elif isinstance(value, str | int | float):
            fields[name] = str(value).lower() if isinstance(value, bool) else str(value)
        else:
            raise InvalidValue(
                "body: a field has a value of the wrong type.", remedy="Send texts and numbers."
            )
    return Upload(photos, fields)


def _decoded(name: str, value: object) -> bytes:
    try:
        if isinstance(value, str):
            return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        pass
    raise InvalidValue(
        f"{name}: a photo is no base64.", remedy="Send the file's bytes as base64, in one line."
    )


def _of_multipart(body: bytes, boundary: str) -> Upload:
    photos: dict[str, list[bytes]] = {}
    fields: dict[str, str] = {}
    name, content = "", bytearray()
    try:
        with PushMultipartParser(boundary, max_segment_count=_MOST_PARTS, strict=True) as parser:
            for event in (*parser.parse(body), *parser.parse(b"")):
                if isinstance(event, MultipartSegment):
                    name, content = event.name, bytearray()
                elif event is None:
                    _take(name, bytes(content), photos, fields)
                else:
                    content += event
    except (MultipartError, ValueError):
        raise InvalidValue(
            "body: this is no multipart/form-data.", remedy="Let a library write it."
        ) from None
    return Upload({key: tuple(value) for key, value in photos.items()}, fields)


def _take(name: str, content: bytes, photos: dict[str, list[bytes]], fields: dict[str, str]) -> None:
    if name in PHOTOS:
        photos.setdefault(name, []).append(content)
        return
    if len(content) > _MOST_FIELD_BYTES or name in fields:
        raise InvalidValue("body: a field is too long or comes twice.", remedy="Send each field once.")
    try:
        fields[name] = content.decode()
    except UnicodeDecodeError:
        raise InvalidValue("body: a field is no UTF-8.", remedy="Send texts in UTF-8.") from None
