"""Files that people fill in, in TOML, in; applications, audits and authority records out."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

from faceward.cli.exits import about
from faceward.cli.files import read
from faceward.errors import InvalidValue
from faceward.governance.documents.statements import day_and_second
from faceward.governance.laws import authority as authorities
from faceward.governance.laws.authority import AuthorityRecord
from faceward.governance.reviews import applications, audits
from faceward.governance.reviews.applications import Application
from faceward.governance.reviews.audits import Audit
from faceward.governance.reviews.organisations import REMEDY
from faceward.reading import Record


def application(path: str) -> Application:
    """Read an application.

    Raises:
        AboutFile: It cannot be read, is no TOML, or leaves a factor open; each is named.
    """
    content = read(path)
    with about(path):
        return applications.parse(Record(_toml(content), "application", REMEDY))


def audit(path: str) -> Audit:
    """Read an audit.

    Raises:
        AboutFile: It cannot be read, is no TOML, or makes no sense.
    """
    content = read(path)
    with about(path):
        return audits.parse(_toml(content))


def authority(path: str) -> AuthorityRecord:
    """Read an authority record.

    Raises:
        AboutFile: It cannot be read, is no TOML, or makes no sense.
    """
    content = read(path)
    with about(path):
        return authorities.from_record(Record(_toml(content), "authority", authorities.REMEDY))


def _toml(content: bytes) -> dict[str, Any]:
    try:
        values = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        values = None
    if values is None:
        raise InvalidValue("This is not TOML in UTF-8.", remedy="Correct the file; check quotes and commas.")
    return {name: _dated(value) for name, value in values.items()}


def _dated(value: Any) -> Any:
    """TOML has dates of its own; documents hold them as texts."""
    if not isinstance(value, datetime):
        return value
    return day_and_second(value.replace(tzinfo=UTC) if value.tzinfo is None else value)
