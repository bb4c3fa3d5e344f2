"""An installation for each test of operations: on a file, and on PostgreSQL where several servers matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from data.premises import Premises, premises


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Premises]:
    """On a SQLite file."""
    with premises(tmp_path / "ledger.db") as made:
        yield made


@pytest.fixture(params=["sqlite", "postgres"])
def shared(request, tmp_path: Path) -> Iterator[Premises]:
    """On each database that several servers may share."""
    place = tmp_path / "ledger.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    with premises(place) as made:
        yield made
