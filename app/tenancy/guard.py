"""The guards on every session and connection, installed once, when this module is imported.

- `do_orm_execute` adds the scope's criteria to each ORM statement on a tenant table and marks the statement;
- `before_flush` refuses a row of a unit outside the scope, and a change of a row's unit;
- `before_cursor_execute` refuses whatever names a tenant table and was not marked: Core, text, driver SQL.

No scope set is an error, never "all". A session keeps its first scope; another scope is another session.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask_appbuilder.models.sqla import Model
from sqlalchemy import CTE, Alias, ClauseElement, Engine, Select, Subquery, TableClause, TextClause, event
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.orm import Mapper, ORMExecuteState, QueryableAttribute, with_loader_criteria
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.util import extract_first_column_annotation, surface_expressions
from sqlalchemy.sql.visitors import HasTraverseInternals

from app.extensions import Session, db, flushing
from app.tenancy.scope import Scope, Tenant, UnitOwned, units

AnyStatement = TypeVar("AnyStatement", bound=sa.Executable)
SCOPED = "tenancy_scoped"  # execution option: the statement carries its scope, or its value says why it reaches past it
BEYOND = "beyond_"  # begins the name of an alias that no scope is meant to reach
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


def beyond(model: type[Any], name: str) -> Alias:
    """A tenant table that one scoped statement reads past its scope, where a rule asks about all units. What it finds
    may answer whether and how many, and is shown to nobody."""
    return model.__table__.alias(f"{BEYOND}{name}")


def bulk_insert(session: Any, model: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Insert many rows of a tenant table at once, after each row's unit was checked against the scope."""
    if not rows:
        return
    _check_units(session, {row.get("unit_id") for row in rows})
    insert, why = sa.insert(model.__table__), "each row's unit was checked"
    if session.get_bind().dialect.name == "postgresql":  # row by row, its driver takes twice as long
        session.execute(reaching(insert.from_select(*_as_one_parameter(model.__table__, rows)), why))
    else:
        session.execute(reaching(insert, why), rows)


def _as_one_parameter(table: Any, rows: Sequence[dict[str, Any]]) -> tuple[list[str], Select[Any]]:
    """The columns that the rows fill, and a SELECT of the rows, sent as one JSON text."""
    columns = [column for column in table.columns if column.name in rows[0]]
    # Bytes and moments as PostgreSQL reads them out of a text.
    texts = json.dumps(rows, default=lambda v: f"\\x{v.hex()}" if isinstance(v, bytes) else v.isoformat())
    sent = sa.literal(texts, sa.Text)
    typed = (sa.column(column.name, column.type) for column in columns)
    records = sa.func.json_to_recordset(sa.cast(sent, sa.JSON)).table_valued(*typed).render_derived(with_types=True)
    return [column.name for column in columns], sa.select(*records.c)


def reserve_ids(session: Any, model: type[Any], count: int) -> list[int]:
    """Ids for `count` rows that bulk_insert will write. On SQLite the session must be the one that writes now."""
    if session.get_bind().dialect.name == "postgresql":
        series = sa.func.generate_series(1, count).table_valued("n")
        sequence = sa.func.pg_get_serial_sequence(model.__tablename__, "id")
        query = sa.select(sa.func.nextval(sa.cast(sequence, REGCLASS))).select_from(series)
        # The transaction has its number before its rows have theirs: who follows a table by its ids stands on that.
        return list(session.scalars(query.where(sa.func.pg_current_xact_id().is_not(None))))
    ids = sa.select(sa.func.coalesce(sa.func.max(model.__table__.c.id), 0))
    top = session.scalar(reaching(ids, "ids are one row of numbers for all units"))
    return list(range(top + 1, top + 1 + count))


def insert_from(session: Any, model: type[Any], columns: Sequence[str], query: Select[Any], source: type[Any]) -> None:
    """INSERT … SELECT into a tenant table from the tenant table `source`, kept inside the scope."""
    if query.selected_columns.values()[list(columns).index("unit_id")] is not source.unit_id.__clause_element__():
        raise ScopeError("a row that is inserted from another has the unit of that one")
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
    _refuse_what_no_scope_reaches(state.statement, frozenset([state.bind_mapper]) - {None})
    scope = scope_of(state.session)
    state.statement = state.statement.options(
        *(with_loader_criteria(model, model.within(scope), include_aliases=True) for model in _roots())
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
    statement: Any = state.statement
    values = {**(getattr(statement, "_values", None) or {}), **cast(dict[Any, Any], state.parameters or {})}
    if {"unit_id", "kind"} & {getattr(column, "name", column) for column in values}:
        raise ScopeError("a row's unit and kind never change")
    read = [*statement._where_criteria, *(value for value in values.values() if isinstance(value, ClauseElement))]
    if {table for part in read for table in part._from_objects} - {mapper.local_table}:
        raise ScopeError("a bulk write scopes only the table that it changes: read another one by a subquery")


def _refuse_what_no_scope_reaches(element: Any, scoped: frozenset[Any]) -> None:
    """ScopeError when a tenant table is named otherwise than as an entity that gets the scope's criteria.

    `scoped` are the entities that have them: those of the enclosing SELECTs, to which a subquery correlates.
    """
    if isinstance(element, Subquery | CTE):
        scoped = frozenset()
    if isinstance(element, Select):
        scoped |= _scoped_by(element)
    entity = _entity(element)
    if entity is not None:
        if issubclass(entity.class_, Tenant) and not _covers(scoped, entity):
            raise ScopeError(f"{entity.class_.__name__} stands only inside an expression, where it gets no criteria")
        return
    if isinstance(element, ColumnClause) and any(element.table in s.mapper.tables for s in scoped if s.is_mapper):
        return  # a bare column of a table that is there as an entity: `session.get` writes so
    if isinstance(element, Alias) and element.name.startswith(BEYOND):
        return
    if name := _bare_name(element):
        raise ScopeError(f"the table {name} is named without its model, where no scope applies")
    for part in _parts(element):
        _refuse_what_no_scope_reaches(part, scoped)


def _entity(element: Any) -> Any:
    """The mapper or alias that the element is, or is a column of; None for what stands over a subquery of its own."""
    source = element.table if isinstance(element, ColumnClause) else element
    return None if isinstance(source, Subquery | CTE) else getattr(element, "_annotations", {}).get("parententity")


def _covers(scoped: frozenset[Any], entity: Any) -> bool:
    """A subclass that is scoped brings its base's table with it."""
    return entity in scoped or (entity.is_mapper and any(s.is_mapper and s.isa(entity) for s in scoped))


def _scoped_by(select: Any) -> frozenset[Any]:
    """The entities to which SQLAlchemy adds criteria in this very SELECT. ScopeError for an alias that is joined."""
    targets = (part for join in select._setup_joins for part in join[:2] if part is not None)
    joined = {part.entity if isinstance(part, QueryableAttribute) else _entity(part) for part in targets} - {None}
    if any(target.is_aliased_class for target in joined):
        raise ScopeError("the ON of an alias would get the criteria of its model: use EXISTS or IN")
    surface = (part for where in select._where_criteria for part in surface_expressions(where))
    found = {_entity(part) for part in (*select._raw_columns, *select._from_obj, *surface)} | joined
    found |= {extract_first_column_annotation(column, "parententity") for column in select._raw_columns}
    return frozenset(found - {None})


def _bare_name(element: Any) -> str | None:
    """The tenant table that this very element names, as a bare table or in a text."""
    if isinstance(element, TableClause):
        return element.name if element.name in _tables() else None
    texts = [getattr(getattr(element, "operator", None), "opstring", "")]
    if isinstance(element, TextClause):
        texts.append(element.text)
    if isinstance(element, ColumnClause) and element.is_literal:
        texts.append(element.name)
    found = _names().search(" ".join(texts))
    return found[0] if found else None


def _parts(element: Any) -> Iterable[Any]:
    """An element's children. Of a SELECT only what was written: its derived FROMs have lost their entities."""
    if isinstance(element, ColumnClause):
        return () if element.table is None else (element.table,)
    affixes = (*getattr(element, "_prefixes", ()), *getattr(element, "_suffixes", ()))
    texts = (text for text, _dialect in affixes)
    if not isinstance(element, Select):
        return (*element.get_children(), *texts)
    joins = (part for join in element._setup_joins for part in join[:2] if isinstance(part, ClauseElement))
    omitted = ("_correlate", "_correlate_except", "_setup_joins")
    return (*HasTraverseInternals.get_children(element, omit_attrs=omitted), *joins, *texts)


# ---- writing through the unit of work --------------------------------------------------------------------------------


@event.listens_for(Session, "before_flush")
def check_flush(session: Session, _context: object, _instances: object) -> None:
    changed = [row for group in (session.new, session.dirty, session.deleted) for row in group]
    rows = [row for row in changed if isinstance(row, Tenant)]
    if not rows:
        return
    for row in rows:
        attributes = sa.inspect(row).attrs
        fixed = [attributes[name] for name in ("unit_id", "kind") if name in attributes]
        if isinstance(row, UnitOwned) and any(attribute.history.deleted for attribute in fixed):
            raise ScopeError("a row's unit and kind never change")
        if any(
            hasattr(value, "__clause_element__") or isinstance(value, ClauseElement) for value in vars(row).values()
        ):
            raise ScopeError("a value that is SQL could read any row: give the value itself")
    _check_units(session, {row.owner() for row in rows})


@event.listens_for(Session, "before_attach")
def refuse_attached(_session: Session, instance: Any) -> None:
    """A stored row comes in by being loaded, in scope; one that is attached says of itself whose it is."""
    if isinstance(instance, Tenant) and sa.inspect(instance).key is not None:
        raise ScopeError("a stored row of a tenant table is loaded by the session that uses it, not attached to it")


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
