"""Bodies that nobody sends in good faith: each is refused as a problem, and the server is as it was."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle

import httpx
import psutil
import pytest
from data.hostile import JSON, PARTS, PHOTO, Hostile, hostile, of_parts, part
from data.house import DOOR, House
from sizes import is_whole, size

from faceward.api.uploads import BodyLimits
from faceward.governance.accounts.api_keys import Scope
from faceward.server.application import application
from faceward.server.running import Door, listening, server

LIMIT, SECONDS = 1_000_000, 1.0
ROUTES = {
    "/v1/detect": "photo",
    "/v1/compare": "probe",
    "/v1/galleries/staff/identify": "photo",
    "/v1/galleries/staff/subjects/ann/verify": "photo",
    "/v1/galleries/staff/subjects/ann/references": "photo",
}
MB = 2**20


@pytest.fixture(scope="module")
def house(tmp_path_factory) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("house"))
    made.furnish("ann")
    yield made
    made.close()


@pytest.fixture(scope="module")
def address(house) -> Iterator[str]:
    """A real server in a thread, on a port of its own."""
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        at = Door("127.0.0.1", it.getsockname()[1], None, None)
    app = application(replace(house.desk, limits=BodyLimits(LIMIT, SECONDS)), 10_000_000)
    ready, loops = threading.Event(), []

    async def serve() -> None:
        made = server(app, at)
        loops.append((asyncio.get_running_loop(), made))
        running = asyncio.create_task(made.serve())
        await listening(at, running)
        ready.set()
        await running

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(20)
    yield at.address
    loop, made = loops[0]
    loop.call_soon_threadsafe(made.stop)
    thread.join(20)


def key_for(house: House, path: str) -> str:
    scope = Scope.OPERATOR if path.endswith("references") else Scope.CLIENT
    return f"Bearer {house.secrets[DOOR, scope]}"


def sent(client: httpx.Client, house: House, path: str, it: Hostile) -> httpx.Response:
    def pieces() -> Iterator[bytes]:
        for start in range(0, len(it.body), 65_536):
            yield it.body[start : start + 65_536]

    content = pieces() if it.chunked else it.body
    headers = {**it.headers, "authorization": key_for(house, path)}
    return client.post(path, content=content, headers=headers)


def requests() -> list[tuple[str, Hostile]]:
    """Each trick on one route in turn; at whole size each on every route."""
    if is_whole():
        return [(path, it) for path, photo in ROUTES.items() for it in hostile(photo, LIMIT)]
    paths = cycle(ROUTES)
    return [(next(paths), it) for it in hostile("photo", LIMIT)]


@pytest.mark.whole_size
def test_every_trick_is_refused_and_the_server_is_as_it_was(house, address):
    """No 5xx, each refusal says cause and remedy, memory is flat, and the server answers as before."""
    tricks, strange = requests(), []
    assert len({it.name for _, it in tricks}) >= 60
    assert not is_whole() or len(tricks) >= 300
    memory = psutil.Process().memory_info
    with httpx.Client(base_url=address, timeout=20) as client:
        before = 0
        for turn in range(2):
            for number, (path, it) in enumerate(tricks):
                if number % 400 == 399:  # A trial has so many uses a day.
                    house.clock.advance(days=1)
                try:
                    reply = sent(client, house, path, it)
                except httpx.TransportError as error:
                    if len(it.body) <= LIMIT:  # The server may hang up on whoever goes on sending.
                        strange.append((path, it.name, 0, type(error).__name__))
                    continue
                is_problem = reply.headers["content-type"] == "application/problem+json"
                if 400 <= reply.status_code < 500 and is_problem and reply.json()["remedy"]:
                    continue
                if it.may_pass and reply.status_code in {200, 201}:
                    continue
                strange.append((path, it.name, reply.status_code, reply.text[:200]))
            if turn == 0:
                before = memory().rss
        assert client.get("/health").json()["status"] == "ok"
    assert strange == []
    assert memory().rss - before < 20 * MB


@pytest.mark.parametrize("kind", ["head", "length", "chunks", "json"])
def test_a_body_that_never_ends_is_let_go(house, address, kind):
    """After the seconds that a body has; those who wait hold up nobody else."""
    host, port = address.removeprefix("http://").split(":")
    path = "/v1/galleries" if kind == "json" else "/v1/detect"
    key = f"Bearer {house.secrets[DOOR, Scope.OPERATOR if kind == 'json' else Scope.CLIENT]}"
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n"
    head += f"Content-Type: {JSON if kind == 'json' else PARTS}\r\n"
    head += {"head": "", "chunks": "Transfer-Encoding: chunked\r\n\r\n4\r\n--fr\r\n"}.get(
        kind, "Content-Length: 5000\r\n\r\n{"
    )
    waiting = [socket.create_connection((host, int(port)), timeout=10) for _ in range(size(400))]
    for it in waiting:
        it.sendall(head.encode())
    began = time.monotonic()
    with httpx.Client(base_url=address, timeout=5) as client:
        assert client.get("/health").status_code == 200
    assert time.monotonic() - began < 5  # Who sends no headers is let go after 10.
    if kind != "head":  # Those who have not even sent the headers are let go by the HTTP server, later.
        for it in waiting:
            assert it.recv(4096).startswith(b"HTTP/1.1 408")
        assert time.monotonic() - began < SECONDS + 5
    for it in waiting:
        it.close()


def test_a_good_photo_still_passes(house, address):
    """The limits do not hit those who mean well."""
    body = of_parts(part(PHOTO, "photo"))
    with httpx.Client(base_url=address) as client:
        reply = sent(client, house, "/v1/detect", Hostile("none", body, {"content-type": PARTS}))
    assert (reply.status_code, len(reply.json()["faces"])) == (200, 1)
