"""Nothing in, requests with bodies that nobody sends in good faith out: each with the name of its trick."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from faceward.testing.sketches import sketch

BOUND = "frontier"
PARTS = f"multipart/form-data; boundary={BOUND}"
JSON = "application/json"
PHOTO = sketch("ann")
USE = {"purpose": "access_optin", "capture": "kiosk"}
_B64 = base64.b64encode(PHOTO).decode()


@dataclass(frozen=True, slots=True)
class Hostile:
    """One request.

    Attributes:
        name: Its trick.
        body: As it is sent.
        headers: Besides those of the caller.
        chunked: Whether the length is not said before.
        may_pass: Whether there is nothing wrong with it that a reader has to see.
    """

    name: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    chunked: bool = False
    may_pass: bool = False


def part(content: bytes, name: str = "photo", more: str = "", head: str = "") -> bytes:
    """One part of a multipart body."""
    line = head or f'Content-Disposition: form-data; name="{name}"{more}'
    return f"--{BOUND}\r\n{line}\r\n\r\n".encode() + content + b"\r\n"


END = f"--{BOUND}--\r\n".encode()


def of_parts(*parts: bytes, end: bytes = END) -> bytes:
    """A multipart body that says what it is for, so that nothing but its trick is wrong."""
    use = (part(value.encode(), name) for name, value in USE.items())
    return b"".join((*use, *parts)) + end


def hostile(photo: str, limit: int) -> Iterator[Hostile]:
    """Every trick, for a route that reads one photo.

    Args:
        photo: The field of the photo.
        limit: The most bytes of a body that the server reads.
    """
    yield from _kinds(photo)
    yield from _packed(photo)
    yield from _parts(photo)
    yield from _names(photo)
    yield from _json(photo)
    yield from _photos(photo)
    yield from _sizes(photo, limit)


def _kinds(photo: str) -> Iterator[Hostile]:
    good = json.dumps({photo: _B64, **USE}).encode()
    for kind in (
        "text/plain",
        "image/jpeg",
        "application/x-www-form-urlencoded",
        "multipart/mixed",
        "",
        "a/b/c",
        "application/xml",
        "application/octet-stream",
        "application/json-seq",
        "x" * 4000,
    ):
        yield Hostile(f"content type {kind[:20]!r}", good, {"content-type": kind})
    yield Hostile("no content type", good, {})
    for kind in (
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "b" * 9000,
        "multipart/form-data; boundary=other",
        'multipart/form-data; boundary="a;b',
        JSON,
    ):
        yield Hostile(f"boundary of {kind[:40]}", of_parts(part(PHOTO, photo)), {"content-type": kind})


def _packed(photo: str) -> Iterator[Hostile]:
    good = json.dumps({photo: _B64, **USE}).encode()
    for coding, pack in (("gzip", gzip.compress), ("deflate", zlib.compress), ("x-gzip", gzip.compress)):
        headers = {"content-type": JSON, "content-encoding": coding}
        yield Hostile(f"{coding} body", pack(good), headers)
    bomb = gzip.compress(bytes(10_000_000))
    for coding in ("gzip", "br", "zstd", "gzip, gzip", "identity, gzip", "GZIP"):
        yield Hostile(f"{coding} bomb", bomb, {"content-type": JSON, "content-encoding": coding})
    yield Hostile("gzip without saying so", gzip.compress(good), {"content-type": JSON})


def _parts(photo: str) -> Iterator[Hostile]:
    whole, said = of_parts(part(PHOTO, photo)), {"content-type": PARTS}
    for cut in (1, len(BOUND), 40, len(whole) - len(END), len(whole) - 3):
        yield Hostile(f"multipart cut at {cut}", whole[:cut], said)
    yield Hostile("no part", END, said)
    yield Hostile("no photo", of_parts(), said)
    yield Hostile("empty body", b"", said)
    yield Hostile("empty photo", of_parts(part(b"", photo)), said)
    yield Hostile("two photos", of_parts(part(PHOTO, photo), part(PHOTO, photo)), said)
    yield Hostile("1000 parts", of_parts(*(part(b"x", f"f{n}") for n in range(1000))), said)
    yield Hostile("1000 photos", of_parts(*(part(PHOTO, photo) for _ in range(1000))), said)
    double = part(b"access_optin", "purpose")
    yield Hostile("a field twice", of_parts(double, part(PHOTO, photo)), said)
    yield Hostile("huge field", of_parts(part(b"x" * 70_000, "authority"), part(PHOTO, photo)), said)
    yield Hostile("field of no UTF-8", of_parts(part(b"\xff\xfe", "authority"), part(PHOTO, photo)), said)
    for head in (
        "Content-Disposition: attachment",
        "X: y",
        "Content-Disposition: form-data",
        "nonsense",
        "Content-Disposition: form-data; name=" + "n" * 70_000,
        "\r\n".join(f"X-{n}: y" for n in range(200)),
        f'Content-Disposition: form-data; name="{photo}"\r\nContent-Transfer-Encoding: base64\x00',
    ):
        yield Hostile(f"part with head {head[:30]!r}", of_parts(part(PHOTO, head=head)), said, may_pass=True)
    nested = f"multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\n{_B64}\r\n--inner--"
    yield Hostile("nested multipart", of_parts(part(nested.encode(), photo)), said)
    yield Hostile("bare line feeds", of_parts(part(PHOTO, photo)).replace(b"\r\n", b"\n"), said)
    yield Hostile("something before", b"x" * 5000 + whole, said, may_pass=True)
    yield Hostile("something after", whole + b"x" * 5000, said, may_pass=True)


def _names(photo: str) -> Iterator[Hostile]:
    """File names are not read, so such a photo is one as any other."""
    for name in (
        "../../etc/passwd",
        "..\\\\..\\\\boot.ini",
        "/dev/zero",
        "a" * 3000,
        "a\x00.jpg",
        "$(reboot).jpg",
        "CON",
    ):
        body = of_parts(part(PHOTO, photo, f'; filename="{name}"'))
        yield Hostile(f"file name {name[:20]!r}", body, {"content-type": PARTS}, may_pass=True)


def _json(photo: str) -> Iterator[Hostile]:
    said = {"content-type": JSON}
    deep = 20_000
    for name, body in (
        ("no JSON", b"{"),
        ("nothing", b""),
        ("a list", b"[]"),
        ("null", b"null"),
        ("a number", b"1e999"),
        ("NaN", b'{"%s": NaN}' % photo.encode()),
        ("deep lists", b"[" * deep + b"]" * deep),
        ("deep objects", b'{"a":' * deep + b"1" + b"}" * deep),
        ("UTF-16", '{"a": 1}'.encode("utf-16")),
        ("a byte order mark", b"\xef\xbb\xbf{}"),
        ("half a surrogate", rb'{"%s": "\ud800"}' % photo.encode()),
        ("no UTF-8", b'{"\xff": 1}'),
        ("two documents", b"{}{}"),
        ("a comment", b"{/**/}"),
        ("a huge number", b'{"most": ' + b"9" * 5000 + b"}"),
    ):
        yield Hostile(f"JSON: {name}", body, said)
    for name, value in (
        ("no base64", "***"),
        ("base64 of a URL", "data:image/png;base64," + _B64),
        ("a number", 7),
        ("null", None),
        ("an object", {"$ref": "/etc/passwd"}),
        ("an address", "http://127.0.0.1:1/"),
        ("a path", "file:///etc/passwd"),
        ("nothing", ""),
        ("an empty list", []),
        ("many", [_B64] * 500),
        ("nested", [[_B64]]),
        ("truth", True),
        ("padding", "===="),
        ("spaces", " ".join(_B64)),
        ("other letters", "Ä" * 400),
        ("short", "A"),
    ):
        yield Hostile(f"photo in JSON: {name}", json.dumps({photo: value, **USE}).encode(), said)
    for field_, value in (
        ("purpose", "x" * 9000),
        ("purpose", {}),
        ("purpose", []),
        ("capture", None),
        ("capture", 1),
    ):
        body = json.dumps({photo: _B64, **USE, field_: value}).encode()
        yield Hostile(f"{field_} is {str(value)[:9]}", body, said)


def _photos(photo: str) -> Iterator[Hostile]:
    jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("photo.jpg", bytes(1_000_000))
    for name, content in (
        ("zip", packed.getvalue()),
        ("JPEG then zip", jpeg + packed.getvalue()),
        ("JPEG's head", jpeg),
        ("HTML", b"<html><script>alert(1)</script>"),
        ("SVG", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
        ("GIF then script", b"GIF89a/*" + b"*/=1;alert(1)"),
        ("PDF", b"%PDF-1.7\n1 0 obj"),
        ("ELF", b"\x7fELF" + bytes(60)),
        ("zeros", bytes(10_000)),
        ("PNG's head", b"\x89PNG\r\n\x1a\n" + bytes(30)),
        ("XML entities", b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>'),
        ("one byte", b"x"),
        ("PostScript", b"%!PS-Adobe-3.0\n(/etc/passwd) run"),
        ("a pickle", b"\x80\x04cos\nsystem\n."),
    ):
        yield Hostile(f"photo is {name}", of_parts(part(content, photo)), {"content-type": PARTS})


def _sizes(photo: str, limit: int) -> Iterator[Hostile]:
    said = {"content-type": PARTS}
    large = of_parts(part(bytes(limit), photo))
    yield Hostile("larger than the limit", large, said)
    yield Hostile("larger than the limit, and does not say so", large, said, chunked=True)
    yield Hostile("ten times the limit", bytes(10 * limit), said, chunked=True)
    yield Hostile("larger JSON", b'{"a": "' + b"x" * limit + b'"}', {"content-type": JSON}, chunked=True)
