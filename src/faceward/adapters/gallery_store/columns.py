"""Values of ours in, what both databases keep and compare alike out; and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import REAL, BigInteger, Double, Integer, LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from faceward.errors import InvalidValue

_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# The tables of SQLite are STRICT, which knows these words only; "C" is the order of bytes, as SQLite has it.
Number: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
Rate: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")
Word: TypeEngine[str] = Text().with_variant(Text(collation="C"), "postgresql")


class Name(TypeDecorator[str]):
    """What somebody outside called something: any text but what a database cannot keep."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Text in the order of its bytes."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The text itself. Raises `InvalidValue` where no database could keep it."""
        if value is not None and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise _unfit() from None
        if value is not None and "\0" in value:
            raise _unfit()
        return value


class Identifier(TypeDecorator[str]):
    """32 hexadecimal digits, kept as 16 bytes."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """The 16 bytes. Raises `InvalidValue` for anything else."""
        if value is None:
            return None
        try:
            content = bytes.fromhex(value)
        except ValueError:
            content = b""
        if content.hex() != value or len(content) != 16:
            raise InvalidValue("An identifier has 32 hexadecimal digits, in small letters.")
        return content

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """The 32 digits."""
        return None if value is None else value.hex()


class Moment(TypeDecorator[datetime]):
    """A time, kept as microseconds since 1970, UTC: no database's idea of a time zone has a say."""

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """A number of 64 bits."""
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else BigInteger())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """The microseconds."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The time, UTC."""
        return None if value is None else moment(value)


def microseconds(at: datetime) -> int:
    """Microseconds since 1970. Raises `InvalidValue` for a time without a zone."""
    if at.tzinfo is None:
        raise InvalidValue("A time has no zone.")
    return (at - _START) // _MICROSECOND


def moment(value: int) -> datetime:
    """The time of so many microseconds since 1970, UTC."""
    return _START + timedelta(microseconds=value)


def _unfit() -> InvalidValue:
    return InvalidValue("A name holds what cannot be kept: a zero byte, or half of a character.")
