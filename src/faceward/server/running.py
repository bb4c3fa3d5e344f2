"""Settings and an application in, a process that serves it until it is told to stop out."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faceward.errors import InvalidValue
from faceward.server.addresses import Proxies
from faceward.settings import Settings

_HEADER_MILLISECONDS = 10_000
"""In which a request's headers must have arrived; our choice."""
_CONNECTIONS = 2048
"""At once. Our choice: with granian's 128, so many who send nothing would keep everybody else out."""


@dataclass(frozen=True, slots=True)
class Door:
    """Where a server listens.

    Attributes:
        host: Address.
        port: Port.
        certificate: File of the certificate; ``None`` means no TLS.
        key: File of its key.
    """

    host: str
    port: int
    certificate: Path | None
    key: Path | None

    @property
    def address(self) -> str:
        """As clients write it."""
        scheme = "http" if self.certificate is None else "https"
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{scheme}://{host}:{self.port}"


def door(settings: Settings) -> Door:
    """Where to listen; nothing but this machine is reached without TLS.

    Raises:
        InvalidValue: Others could reach the server, and nothing protects what they send.
    """
    try:
        is_own = settings.host == "localhost" or ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        raise InvalidValue(
            f"Setting host is {settings.host!r}.", remedy="Give an address, such as 127.0.0.1."
        ) from None
    if bool(settings.tls_certificate) != bool(settings.tls_key):
        raise InvalidValue("A certificate needs a key, and a key a certificate.", remedy="Set both, or none.")
    if not (is_own or settings.tls_certificate or settings.proxies):
        raise InvalidValue(
            f"Others can reach {settings.host}, and nothing protects what they send.",
            remedy="Set tls_certificate and tls_key, or proxies if one in front does TLS for the server.",
        )
    Proxies.read(settings.proxies)
    port = settings.port or _free(settings.host)
    certificate = Path(settings.tls_certificate) if settings.tls_certificate else None
    return Door(settings.host, port, certificate, Path(settings.tls_key) if certificate else None)


def serve(app: Any, at: Door, ready: Callable[[], None]) -> None:
    """Serve until the process is told to stop; what runs then ends first.

    Args:
        app: An ASGI application.
        at: Where to listen.
        ready: Called once the server listens.
    """
    asyncio.run(_serve(app, at, ready))


def server(app: Any, at: Door) -> Any:
    """Make granian's server, which serves until its ``stop`` is called.

    Args:
        app: An ASGI application.
        at: Where to listen.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.server.embed import Server

    return Server(
        app,
        address=at.host,
        port=at.port,
        interface=Interfaces.ASGI,
        http=HTTPModes.http1,
        websockets=False,
        backlog=_CONNECTIONS,
        backpressure=_CONNECTIONS,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MILLISECONDS),
        ssl_cert=at.certificate,
        ssl_key=at.key,
        log_enabled=False,
    )


async def _serve(app: Any, at: Door, ready: Callable[[], None]) -> None:
    made = server(app, at)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, made.stop)
    running = asyncio.create_task(made.serve())
    await listening(at, running)
    if not running.done():
        ready()
    await running


async def listening(at: Door, running: asyncio.Task[Any]) -> None:
    """Wait until somebody could connect, or the server has ended."""
    while not running.done():
        try:
            _, writer = await asyncio.open_connection(at.host, at.port)
        except OSError:
            await asyncio.sleep(0.02)
            continue
        writer.close()
        return


def _free(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as it:
        it.bind((host, 0))
        return int(it.getsockname()[1])
