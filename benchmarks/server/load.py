"""A prepared request in, how fast a server answers many of them out; hardly any work is done on this side."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

_BOUNDARY = b"faceward-benchmark"
_OK = 200


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back.

    Attributes:
        count: Answers with status 200.
        others: All others.
        seconds: From the first request to the last answer.
        latencies: Seconds of each answer, from when it was meant to be asked; ascending.
    """

    count: int
    others: int
    seconds: float
    latencies: tuple[float, ...]

    @property
    def a_second(self) -> float:
        """Answers a second."""
        return self.count / self.seconds

    def percentile(self, share: float) -> float:
        """The latency that this share of answers stays below, in seconds."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def upload(address: str, path: str, key: str, photo: bytes, fields: dict[str, str]) -> bytes:
    """The bytes of a request with a photo."""
    parts = [
        b'--%b\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
        % (_BOUNDARY, name.encode(), value.encode())
        for name, value in fields.items()
    ]
    head = b'--%b\r\nContent-Disposition: form-data; name="photo"; filename="x"\r\n\r\n' % _BOUNDARY
    body = b"".join((*parts, head, photo, b"\r\n--%b--\r\n" % _BOUNDARY))
    words = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(address).netloc}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: multipart/form-data; boundary={_BOUNDARY.decode()}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return words.encode() + body


def closed(address: str, request: bytes, connections: int, seconds: float) -> Answered:
    """Ask again as soon as the last answer came, on several connections."""
    return asyncio.run(_closed(address, request, connections, seconds))


def open_loop(address: str, request: bytes, a_second: float, seconds: float, connections: int) -> Answered:
    """Ask at a fixed rate, whatever comes back; latency counts from when each was meant to be asked."""
    return asyncio.run(_open(address, request, a_second, seconds, connections))


async def _closed(address: str, request: bytes, connections: int, seconds: float) -> Answered:
    started = time.perf_counter()
    found: list[tuple[bool, float]] = []

    async def ask() -> None:
        line = await _Line.opened(address)
        while (at := time.perf_counter()) < started + seconds:
            found.append((await line.ask(request) == _OK, time.perf_counter() - at))
        line.close()

    await asyncio.gather(*(ask() for _ in range(connections)))
    return _answered(found, time.perf_counter() - started)


async def _open(address: str, request: bytes, a_second: float, seconds: float, connections: int) -> Answered:
    due: asyncio.Queue[float | None] = asyncio.Queue()
    found: list[tuple[bool, float]] = []
    started = time.perf_counter()

    async def ask() -> None:
        line = await _Line.opened(address)
        while (at := await due.get()) is not None:
            found.append((await line.ask(request) == _OK, time.perf_counter() - at))
        line.close()

    asking = [asyncio.create_task(ask()) for _ in range(connections)]
    for number in range(int(a_second * seconds)):
        at = started + number / a_second
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        due.put_nowait(at)
    for _ in asking:
        due.put_nowait(None)
    await asyncio.gather(*asking)
    return _answered(found, time.perf_counter() - started)


def _answered(found: list[tuple[bool, float]], seconds: float) -> Answered:
    good = sorted(latency for is_good, latency in found if is_good)
    return Answered(len(good), len(found) - len(good), seconds, tuple(good))


class _Line:
    """One connection that stays open."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def opened(cls, address: str) -> _Line:
        at = urlsplit(address)
        return cls(*await asyncio.open_connection(at.hostname, at.port))

    async def ask(self, request: bytes) -> int:
        self._writer.write(request)
        await self._writer.drain()
        head = await self._reader.readuntil(b"\r\n\r\n")
        lines = (line.lower() for line in head.split(b"\r\n"))
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
        await self._reader.readexactly(length)
        return int(head[9:12])

    def close(self) -> None:
        self._writer.close()
