"""The guards on every session and connection, installed once, when this module is imported.

- `do_orm_execute` adds the scope's criteria to each ORM statement on a tenant table and marks the statement;
- `before_flush` refuses a row of a unit outside the scope, and a change of a row's unit;
- `before_cursor_execute` refuses whatever names a tenant table and was not marked: Core, text, driver SQL.

No scope set is an error, never "all". A session keeps its first scope; another scope is another session.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import Engine, Select, Table, event
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.orm import Mapper, ORMExecuteState, with_loader_criteria
from sqlalchemy.sql.elements import ColumnClause, TextClause
from sqlalchemy.sql.selectable import TableClause

from app.extensions import Session, db, flushing
from app.tenancy.scope import Scope, Tenant, UnitOwned, units

AnyStatement = TypeVar("AnyStatement", bound=sa.Executable)
SCOPED = "tenancy_scoped"  # execution option: the statement carries its scope, or its value says why it reaches past it
UNGUARDED = "tenancy_unguarded"  # execution option of an engine that serves nobody (migrations); its value says why


class ScopeError(RuntimeError):
    """A statement that could cross the border between units. A fault of the program, never of the user."""


def enter(session: Any, scope: Scope) -> None:
    """Give the session its scope. A second, different one is refused: what it loaded is still in its memory."""
    held = session.info.setdefault("scope", scope)
    if held != scope:
        raise ScopeError(f"the session already has the scope {held}")


@contextmanager
def everything(reason: str) -> Iterator[Session]:
    """A session of its own that sees all units, for background work; `reason` names the work."""
    with Session(db) as session:
        enter(session, Scope("everything", reason=reason))
        yield session


def scope_of(session: Any) -> Scope:
    """The session's scope; ScopeError when it has none."""
    try:
        return session.info["scope"]
    except KeyError:
        raise ScopeError("no scope is set on this session") from None


def reaching(statement: AnyStatement, reason: str) -> AnyStatement:
    """Let one statement reach past the session's scope; `reason` says why a rule needs it."""
    return statement.execution_options(**{SCOPED: reason})


def bulk_insert(session: Any, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows of a tenant table at once, after each row's unit was checked against the scope."""
    if rows:
        _check_units(session, {row.get("unit_id") for row in rows})
        session.execute(reaching(sa.insert(model.__table__), "each row's unit was checked"), rows)


def reserve_ids(session: Any, model: type[Any], count: int) -> list[int]:
    """Ids for `count` rows that bulk_insert will write. On SQLite the session must be the one that writes now."""
    if session.get_bind().dialect.name == "postgresql":
        series = sa.func.generate_series(1, count).table_valued("n")
        sequence = sa.func.pg_get_serial_sequence(model.__tablename__, "id")
        query = sa.select(sa.func.nextval(sa.cast(sequence, REGCLASS))).select_from(series)
        return list(session.scalars(query))
    ids = sa.select(sa.func.coalesce(sa.func.max(model.__table__.c.id), 0))
    top = session.scalar(reaching(ids, "ids are one row of numbers for all units"))
    return list(range(top + 1, top + 1 + count))


def insert_from(session: Any, model: type[Any], columns: Sequence[str], query: Select[Any], source: type[Any]) -> None:
    """INSERT … SELECT into a tenant table from the tenant table `source`, kept inside the scope."""
    scoped = query.where(source.within(scope_of(session)))
    session.execute(reaching(sa.insert(model.__table__).from_select(list(columns), scoped), "the select is scoped"))


# ---- reading, and bulk writing through the ORM -----------------------------------------------------------------------


@cache
def _roots() -> tuple[type[Any], ...]:
    """The mapped tenant classes; what inherits from them in the database follows them."""
    return tuple(m.class_ for m in Model.registry.mappers if issubclass(m.class_, Tenant) and not m.inherits)


@cache
def _tables() -> frozenset[str]:
    return frozenset(m.local_table.name for m in Model.registry.mappers if issubclass(m.class_, Tenant))


@cache
def _names() -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(sorted(_tables()))})\b", re.IGNORECASE)


@event.listens_for(Session, "do_orm_execute")
def scope_statement(state: ORMExecuteState) -> None:
    if SCOPED in state.execution_options or not state.is_orm_statement or "scope" not in state.session.info:
        return  # the last two are stopped at the cursor, when they name a tenant table
    if state.is_from_statement:
        if not state.is_column_load:  # the ORM's own way to fetch what is missing of a row that came in scope
            raise ScopeError("from_statement cannot be scoped")
        state.update_execution_options(**{SCOPED: "columns of a row in scope"})
        return
    if state.is_insert or state.is_update or state.is_delete:
        _check_bulk_write(state)
    if bare := _bare_table(state.statement):
        raise ScopeError(f"the table {bare} is named without its model, where no scope applies")
    scope = scope_of(state.session)
    state.statement = state.statement.options(
        *(
            with_loader_criteria(model, model.within(scope), include_aliases=True, propagate_to_loaders=False)
            for model in _roots()
        )
    )
    state.update_execution_options(**{SCOPED: True})


def _check_bulk_write(state: ORMExecuteState) -> None:
    mapper: Mapper[Any] | None = state.bind_mapper
    if mapper is None or not issubclass(mapper.class_, Tenant):
        return
    if state.is_insert:
        raise ScopeError("a bulk insert into a tenant table goes through tenancy.bulk_insert or insert_from")
    if mapper.inherits:
        raise ScopeError("a bulk write on a joined subclass becomes a product of the tables: write the base")
    if state.is_executemany:
        raise ScopeError("an update by primary key carries no criteria")
    values: Any = getattr(state.statement, "_values", None) or {}
    if {"unit_id", "kind"} & {getattr(column, "name", column) for column in values}:
        raise ScopeError("a row's unit and kind never change")


def _bare_table(element: Any, own: frozenset[str] = frozenset()) -> str | None:
    """The first tenant table that the statement names outside of any mapped entity, where no criteria reach it.

    A bare column is no harm where its table is there as an entity of the same SELECT (`own`): `session.get` does so.
    """
    if "parententity" in getattr(element, "_annotations", {}):
        return None
    if isinstance(element, TextClause) or getattr(element, "is_literal", False):
        found = _names().search(getattr(element, "text", ""))
        return found[0] if found else None
    table = element.table if isinstance(element, ColumnClause) else element
    if isinstance(table, TableClause) and table.name in _tables() and not (table is not element and table.name in own):
        return table.name
    if isinstance(element, Select):
        own = _entity_tables(element)
    return next(filter(None, (_bare_table(part, own) for part in _parts(element))), None)


def _entity_tables(query: Select[Any]) -> frozenset[str]:
    """The tables that a SELECT has as mapped entities under their own names (not as aliases)."""
    entities = (part._annotations.get("parententity") for part in (*query._raw_columns, *query._from_obj))
    mappers = (entity for entity in entities if isinstance(entity, Mapper))
    return frozenset(table.name for mapper in mappers for table in mapper.tables if isinstance(table, Table))


def _parts(element: Any) -> Iterable[Any]:
    """An element's children. Of a SELECT only what was written: its derived FROMs have lost their entities."""
    if not isinstance(element, Select):
        return element.get_children()
    joins = (part for join in element._setup_joins for part in join[:2] if hasattr(part, "get_children"))
    written = (element._raw_columns, element._where_criteria, element._having_criteria, element._from_obj, joins)
    return (part for group in written for part in group)


# ---- writing through the unit of work --------------------------------------------------------------------------------


@event.listens_for(Session, "before_flush")
def check_flush(session: Session, _context: object, _instances: object) -> None:
    changed = [row for group in (session.new, session.dirty, session.deleted) for row in group]
    rows = [row for row in changed if isinstance(row, Tenant)]
    if not rows:
        return
    for row in rows:
        if isinstance(row, UnitOwned) and sa.inspect(row).attrs.unit_id.history.deleted:
            raise ScopeError("a row's unit never changes")
    _check_units(session, {row.owner() for row in rows})


def _check_units(session: Any, owners: set[int | None]) -> None:
    """Refuse rows of units outside the session's scope; what no unit owns is written by named background work."""
    scope = scope_of(session)
    if scope.kind == "everything":
        return
    if scope.kind == "unit":
        outside = owners != {scope.unit_id}
    else:
        inside = sa.select(sa.func.count()).select_from(units).where(units.c.id.in_(owners), scope.unit_rows())
        outside = session.scalar(reaching(inside, "asks for the border itself")) != len(owners)
    if outside:
        raise ScopeError("a row of a unit outside the scope was written")


# ---- everything else -------------------------------------------------------------------------------------------------


@event.listens_for(Engine, "before_cursor_execute")
def refuse_unscoped(
    _connection: Any, _cursor: Any, statement: str, _parameters: Any, context: Any, _executemany: bool
) -> None:
    options = context.execution_options
    if SCOPED in options or UNGUARDED in options or flushing.get():
        return
    if found := _names().search(statement):
        raise ScopeError(f"a statement on the tenant table {found[0]} carries no scope")
