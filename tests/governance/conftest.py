"""Installations in memory."""

from __future__ import annotations

import pytest
from data.office import Office


@pytest.fixture
def office() -> Office:
    """Ann operates; Bob and Cora review; Dave audits; Eve tests."""
    it = Office()
    it.staff()
    return it
