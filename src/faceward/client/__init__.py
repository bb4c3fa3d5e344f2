"""A server's address and a key in, typed calls out: `Client`, and `AsyncClient` for asyncio."""

from faceward.client.clients import AsyncClient, Client
from faceward.client.problems import ServerProblem

__all__ = ["AsyncClient", "Client", "ServerProblem"]
