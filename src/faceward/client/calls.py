"""What a caller wants in, a call over HTTP and the reading of its reply out; nothing is sent here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from faceward.client import replies
from faceward.client.replies import Json

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """One request.

    Attributes:
        method: Of HTTP.
        path: Below the server's address.
        read: Makes the value of the reply's JSON.
        query: Parameters of the address.
        json: The body, where it is JSON.
        files: Parts of the body with a file each, where it is multipart.
        fields: Its other parts.
    """

    method: str
    path: str
    read: Callable[[Any], T]
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Json | None = None
    files: Sequence[tuple[str, bytes]] = ()
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Use:
    """What photos are for and what took them; part of every request with a photo.

    Attributes:
        purpose: One that was approved for the deployment of the key.
        capture: What photos are taken with.
    """

    purpose: str
    capture: str

    @property
    def fields(self) -> dict[str, str]:
        """As parts of a body."""
        return {"purpose": self.purpose, "capture": self.capture}


def detect(photo: bytes, use: Use) -> Call[replies.Detection]:
    """Find the faces of a photo."""
    return Call("POST", "/v1/detect", replies.Detection.read, files=(("photo", photo),), fields=use.fields)


def compare(
    probe: bytes, references: Sequence[bytes], false_match_rate: float, use: Use
) -> Call[tuple[replies.Comparison, ...]]:
    """Compare a photo with others."""
    files = (("probe", probe), *(("references", it) for it in references))
    fields = {**use.fields, "false_match_rate": repr(false_match_rate)}
    return Call(
        "POST",
        "/v1/compare",
        lambda it: tuple(map(replies.Comparison.read, it["comparisons"])),
        files=files,
        fields=fields,
    )


def make_gallery(name: str, terms: Mapping[str, Any]) -> Call[replies.Gallery]:
    """Make a gallery."""
    return Call("POST", "/v1/galleries", replies.Gallery.read, json={"name": name, **terms})


def gallery(name: str) -> Call[replies.Gallery]:
    """A gallery as it stands."""
    return Call("GET", _path(name), replies.Gallery.read)


def galleries(after: str, most: int) -> Call[tuple[replies.Gallery, ...]]:
    """A page of galleries."""
    return Call(
        "GET",
        "/v1/galleries",
        lambda it: tuple(map(replies.Gallery.read, it["items"])),
        query={"after": after, "most": most},
    )


def close_gallery(name: str) -> Call[None]:
    """Close a gallery with nobody in it."""
    return Call("DELETE", _path(name), _nothing)


def subjects(gallery: str, after: str, most: int) -> Call[tuple[replies.Subject, ...]]:
    """A page of subjects."""
    return Call(
        "GET",
        f"{_path(gallery)}/subjects",
        lambda it: tuple(map(replies.Subject.read, it["items"])),
        query={"after": after, "most": most},
    )


def record_consent(gallery: str, subject: str, record: Mapping[str, Any]) -> Call[replies.Consent]:
    """Record a consent."""
    return Call("POST", f"{_path(gallery, subject)}/consents", replies.Consent.read, json=record)


def consents(gallery: str, subject: str) -> Call[tuple[replies.Consent, ...]]:
    """The consents of a subject."""
    return Call(
        "GET",
        f"{_path(gallery, subject)}/consents",
        lambda it: tuple(map(replies.Consent.read, it["items"])),
    )


def withdraw(gallery: str, subject: str, consent: str) -> Call[replies.Consent]:
    """Withdraw a consent."""
    path = f"{_path(gallery, subject)}/consents/{quote(consent, safe='')}/withdrawal"
    return Call("POST", path, replies.Consent.read)


def enrol(
    gallery: str, subject: str, photo: bytes, use: Use, *, accept_duplicate: bool
) -> Call[replies.Enrolment]:
    """Add a reference to a subject."""
    fields = {**use.fields, "accept_duplicate": str(accept_duplicate).lower()}
    return Call(
        "POST",
        f"{_path(gallery, subject)}/references",
        replies.Enrolment.read,
        files=(("photo", photo),),
        fields=fields,
    )


def remove_reference(gallery: str, subject: str, reference: str) -> Call[None]:
    """Remove a reference."""
    return Call("DELETE", f"{_path(gallery, subject)}/references/{quote(reference, safe='')}", _nothing)


def verify(gallery: str, subject: str, photo: bytes, use: Use) -> Call[replies.Verification]:
    """Compare a photo with a subject."""
    return Call(
        "POST",
        f"{_path(gallery, subject)}/verify",
        replies.Verification.read,
        files=(("photo", photo),),
        fields=use.fields,
    )


def reopen(gallery: str, subject: str) -> Call[None]:
    """Let a person be verified again, after somebody has looked."""
    return Call("POST", f"{_path(gallery, subject)}/review", _nothing)


def identify(gallery: str, photo: bytes, most: int, use: Use) -> Call[replies.Identification]:
    """Search a gallery for every face of a photo."""
    return Call(
        "POST",
        f"{_path(gallery)}/identify",
        replies.Identification.read,
        files=(("photo", photo),),
        fields={**use.fields, "most": str(most)},
    )


def erase(gallery: str, subject: str) -> Call[replies.Erasure]:
    """Erase everything of a subject."""
    return Call("DELETE", _path(gallery, subject), replies.Erasure.read)


def _path(gallery: str, subject: str = "") -> str:
    base = f"/v1/galleries/{quote(gallery, safe='')}"
    return f"{base}/subjects/{quote(subject, safe='')}" if subject else base


def _nothing(_reply: object) -> None:
    return None
