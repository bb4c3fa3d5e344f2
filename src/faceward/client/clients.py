"""A server's address and a key in, typed calls out: one client that waits, and one for asyncio.

Both say the same; `faceward.client.calls` knows what is sent. An error of the server is raised as one of
`faceward.client.problems`, which says who must act.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar

import httpx

from faceward.client import calls, replies
from faceward.client.calls import Call, Use
from faceward.client.problems import Unavailable, problem

T = TypeVar("T")

_SECONDS = 60.0
"""How long to wait for a reply; our choice: longer than the server lets anything run."""


class Client:
    """Calls a server, and waits.

    Args:
        address: Of the server, for example ``http://127.0.0.1:8420``.
        key: An API key; it goes into a header and nowhere else.
        purpose: What photos are for, where a call does not say otherwise.
        capture: What photos are taken with.
        timeout_seconds: How long to wait for a reply.
    """

    def __init__(
        self, address: str, key: str, *, purpose: str, capture: str, timeout_seconds: float = _SECONDS
    ) -> None:
        self.use = Use(purpose, capture)
        self._http = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=timeout_seconds
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections free."""
        self._http.close()

    def detect(self, photo: bytes) -> replies.Detection:
        """Find the faces of a photo and say what each is fit for."""
        return self._send(calls.detect(photo, self.use))

    def compare(
        self, probe: bytes, references: Sequence[bytes], *, false_match_rate: float = 1e-4
    ) -> tuple[replies.Comparison, ...]:
        """Decide for each reference photo whether it shows the person of the probe."""
        return self._send(calls.compare(probe, references, false_match_rate, self.use))

    def make_gallery(self, name: str, **terms: Any) -> replies.Gallery:
        """Make a gallery; see the API reference for its terms."""
        return self._send(calls.make_gallery(name, terms))

    def gallery(self, name: str) -> replies.Gallery:
        """A gallery as it stands."""
        return self._send(calls.gallery(name))

    def galleries(self, *, after: str = "", most: int = 100) -> tuple[replies.Gallery, ...]:
        """A page of galleries, in order of name."""
        return self._send(calls.galleries(after, most))

    def close_gallery(self, name: str) -> None:
        """Close a gallery with nobody in it."""
        self._send(calls.close_gallery(name))

    def subjects(self, gallery: str, *, after: str = "", most: int = 100) -> tuple[replies.Subject, ...]:
        """A page of subjects, in order of name."""
        return self._send(calls.subjects(gallery, after, most))

    def record_consent(self, gallery: str, subject: str, **record: Any) -> replies.Consent:
        """Record a consent; see the API reference for what it says. Who was not known is known then."""
        return self._send(calls.record_consent(gallery, subject, record))

    def consents(self, gallery: str, subject: str) -> tuple[replies.Consent, ...]:
        """The consents of a subject, the oldest first."""
        return self._send(calls.consents(gallery, subject))

    def withdraw(self, gallery: str, subject: str, consent: str) -> replies.Consent:
        """Withdraw a consent: what rests on it alone is unusable at once."""
        return self._send(calls.withdraw(gallery, subject, consent))

    def enrol(
        self, gallery: str, subject: str, photo: bytes, *, accept_duplicate: bool = False
    ) -> replies.Enrolment:
        """Add a reference to a subject who has a ground for it."""
        return self._send(calls.enrol(gallery, subject, photo, self.use, accept_duplicate=accept_duplicate))

    def remove_reference(self, gallery: str, subject: str, reference: str) -> None:
        """Remove one reference of a subject."""
        self._send(calls.remove_reference(gallery, subject, reference))

    def verify(self, gallery: str, subject: str, photo: bytes) -> replies.Verification:
        """Decide whether a photo shows one subject."""
        return self._send(calls.verify(gallery, subject, photo, self.use))

    def reopen(self, gallery: str, subject: str) -> None:
        """Let a person be verified again, after somebody has looked."""
        self._send(calls.reopen(gallery, subject))

    def identify(self, gallery: str, photo: bytes, *, most: int = 10) -> replies.Identification:
        """Search a gallery for every face of a photo. A candidate is somebody to look at."""
        return self._send(calls.identify(gallery, photo, most, self.use))

    def erase(self, gallery: str, subject: str) -> replies.Erasure:
        """Erase everything of a subject, and prove it."""
        return self._send(calls.erase(gallery, subject))

    def _send(self, call: Call[T]) -> T:
        try:
            reply = self._http.request(call.method, call.path, **_parts(call))
        except httpx.HTTPError as error:
            raise _unreachable(error) from None
        return _read(call, reply)


class AsyncClient:
    """Calls a server, for asyncio; everything else is as for `Client`."""

    def __init__(
        self, address: str, key: str, *, purpose: str, capture: str, timeout_seconds: float = _SECONDS
    ) -> None:
        self.use = Use(purpose, capture)
        self._http = httpx.AsyncClient(
            base_url=address, headers={"Authorization": f"Bearer {key}"}, timeout=timeout_seconds
        )

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Give the connections free."""
        await self._http.aclose()

    async def detect(self, photo: bytes) -> replies.Detection:
        """Find the faces of a photo and say what each is fit for."""
        return await self._send(calls.detect(photo, self.use))

    async def compare(
        self, probe: bytes, references: Sequence[bytes], *, false_match_rate: float = 1e-4
    ) -> tuple[replies.Comparison, ...]:
        """Decide for each reference photo whether it shows the person of the probe."""
        return await self._send(calls.compare(probe, references, false_match_rate, self.use))

    async def make_gallery(self, name: str, **terms: Any) -> replies.Gallery:
        """Make a gallery; see the API reference for its terms."""
        return await self._send(calls.make_gallery(name, terms))

    async def gallery(self, name: str) -> replies.Gallery:
        """A gallery as it stands."""
        return await self._send(calls.gallery(name))

    async def galleries(self, *, after: str = "", most: int = 100) -> tuple[replies.Gallery, ...]:
        """A page of galleries, in order of name."""
        return await self._send(calls.galleries(after, most))

    async def close_gallery(self, name: str) -> None:
        """Close a gallery with nobody in it."""
        await self._send(calls.close_gallery(name))

    async def subjects(
        self, gallery: str, *, after: str = "", most: int = 100
    ) -> tuple[replies.Subject, ...]:
        """A page of subjects, in order of name."""
        return await self._send(calls.subjects(gallery, after, most))

    async def record_consent(self, gallery: str, subject: str, **record: Any) -> replies.Consent:
        """Record a consent; see the API reference for what it says. Who was not known is known then."""
        return await self._send(calls.record_consent(gallery, subject, record))

    async def consents(self, gallery: str, subject: str) -> tuple[replies.Consent, ...]:
        """The consents of a subject, the oldest first."""
        return await self._send(calls.consents(gallery, subject))

    async def withdraw(self, gallery: str, subject: str, consent: str) -> replies.Consent:
        """Withdraw a consent: what rests on it alone is unusable at once."""
        return await self._send(calls.withdraw(gallery, subject, consent))

    async def enrol(
        self, gallery: str, subject: str, photo: bytes, *, accept_duplicate: bool = False
    ) -> replies.Enrolment:
        """Add a reference to a subject who has a ground for it."""
        return await self._send(
            calls.enrol(gallery, subject, photo, self.use, accept_duplicate=accept_duplicate)
        )

    async def remove_reference(self, gallery: str, subject: str, reference: str) -> None:
        """Remove one reference of a subject."""
        await self._send(calls.remove_reference(gallery, subject, reference))

    async def verify(self, gallery: str, subject: str, photo: bytes) -> replies.Verification:
        """Decide whether a photo shows one subject."""
        return await self._send(calls.verify(gallery, subject, photo, self.use))

    async def reopen(self, gallery: str, subject: str) -> None:
        """Let a person be verified again, after somebody has looked."""
        await self._send(calls.reopen(gallery, subject))

    async def identify(self, gallery: str, photo: bytes, *, most: int = 10) -> replies.Identification:
        """Search a gallery for every face of a photo. A candidate is somebody to look at."""
        return await self._send(calls.identify(gallery, photo, most, self.use))

    async def erase(self, gallery: str, subject: str) -> replies.Erasure:
        """Erase everything of a subject, and prove it."""
        return await self._send(calls.erase(gallery, subject))

    async def _send(self, call: Call[T]) -> T:
        try:
            reply = await self._http.request(call.method, call.path, **_parts(call))
        except httpx.HTTPError as error:
            raise _unreachable(error) from None
        return _read(call, reply)


def _parts(call: Call[Any]) -> Mapping[str, Any]:
    """A call as httpx takes it."""
    if call.files:
        # The names of files stay with whoever has them.
        files = [(name, ("photo", content, "application/octet-stream")) for name, content in call.files]
        return {"params": call.query, "files": files, "data": dict(call.fields)}
    if call.json is not None:
        return {"params": call.query, "json": dict(call.json)}
    return {"params": call.query}


def _read(call: Call[T], reply: httpx.Response) -> T:
    body: Any = {}
    if reply.content:
        try:
            body = reply.json()
        except ValueError:
            body = {}
    if reply.is_success:
        return call.read(body)
    said = body if isinstance(body, dict) else {}
    raise problem(reply.status_code, said, reply.headers.get("Retry-After", ""))


def _unreachable(error: httpx.HTTPError) -> Unavailable:
    return Unavailable(
        f"The server cannot be reached: {type(error).__name__}.",
        remedy="See that it runs (`GET /health`) and that the address is right, then try again.",
    )
