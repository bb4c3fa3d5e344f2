"""Doubles and fixtures for tests, ours and other people's; nothing in the product imports them."""

from __future__ import annotations

from faceward.testing.clocks import SetClock
from faceward.testing.indexes import MemoryVectorIndex
from faceward.testing.keyrings import MemoryKeyring
from faceward.testing.ledgers import MemoryLedger

__all__ = ["MemoryKeyring", "MemoryLedger", "MemoryVectorIndex", "SetClock"]
