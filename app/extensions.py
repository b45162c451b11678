"""The extensions, created here and bound in `create_app`."""

from contextvars import ContextVar
from typing import Any

from flask import Flask
from flask_appbuilder import AppBuilder
from flask_appbuilder.models.sqla import Model
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import Connection, Engine, event

from config import LOCK_WAIT

# Set before any model is imported: migrations name every constraint, so that they can also drop it.
Model.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


flushing: ContextVar[bool] = ContextVar("flushing", default=False)  # read by app/tenancy, which checks each flush first


class Session(FlaskSession):
    """The session of the product; app/tenancy hangs its guards on this class."""

    def flush(self, objects: Any = None) -> None:
        token = flushing.set(True)
        try:
            super().flush(objects)
        finally:
            flushing.reset(token)

    def _no_bulk(self, *_args: object, **_kwargs: object) -> None:
        raise NotImplementedError("legacy bulk calls see no scope: use app.tenancy.bulk_insert")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _no_bulk


class Database(SQLAlchemy):
    def _make_engine(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        # Overridden, as the library's guide has it, because SQLite needs its settings on each connection.
        engine = super()._make_engine(bind_key, options, app)
        (tune_sqlite if engine.dialect.name == "sqlite" else tune_postgresql)(engine)
        return engine


def tune_sqlite(engine: Engine) -> None:
    """WAL, foreign keys, triggers that also see REPLACE, and transactions that begin when we say so."""

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late for a write that must wait its turn
        for setting in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON"):
            connection.execute(f"PRAGMA {setting}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A read that turns into a write fails at once in a deferred transaction, so writers say so at the start.
        immediate = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def tune_postgresql(engine: Engine) -> None:
    """A statement waits for another's lock as long as on SQLite, not for ever."""

    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{LOCK_WAIT}s'")
        connection.commit()


def begin_write(session: Any) -> None:
    """Start the session's transaction as one that will write (SQLite: BEGIN IMMEDIATE). Call it before any query."""
    session.connection(execution_options={"writes": True})


class Panel(AppBuilder):
    def _add_admin_views(self) -> None:
        # Overridden to leave out /back, /lang, the menu and OpenAPI views: they change state on GET or are not used.
        self._indexview = self.add_view_no_menu(self.indexview)
        self.sm.register_views()

    def _add_global_static(self) -> None:
        # Overridden to serve none of the framework's Bootstrap and jQuery: no page of ours loads them.
        pass


db = Database(metadata=Model.metadata, session_options={"class_": Session})
migrate = Migrate()
csrf = CSRFProtect()
