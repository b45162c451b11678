"""What every room needs of columns: the type of a moment, its seconds, and a criterion that most rows meet."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC: SQLite keeps no zone, so it is taken off and put on again here."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class seconds(FunctionElement[int]):
    """A moment as whole seconds since 1970 (UTC): differences of moments are then exact, and alike on both engines."""

    type = sa.BigInteger()
    inherit_cache = True


@compiles(seconds)
def _of_postgresql(element: seconds, compiler: Any, **options: Any) -> str:
    return f"CAST(floor(extract(epoch FROM {compiler.process(element.clauses, **options)})) AS bigint)"


@compiles(seconds, "sqlite")
def _of_sqlite(element: seconds, compiler: Any, **options: Any) -> str:
    return f"CAST(strftime('%s', {compiler.process(element.clauses, **options)}) AS INTEGER)"


class mostly(FunctionElement[bool]):
    """A criterion that nearly all rows meet. SQLite is told so: without statistics of values it takes any range for a
    narrow one, and its index before one in the order of the list. PostgreSQL knows."""

    type = sa.Boolean()
    inherit_cache = True


@compiles(mostly)
def _as_it_is(element: mostly, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(mostly, "sqlite")
def _as_likely(element: mostly, compiler: Any, **options: Any) -> str:
    return f"likely({compiler.process(element.clauses, **options)})"
