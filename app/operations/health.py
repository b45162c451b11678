"""`/healthz`: the process lives. `/readyz`: it can work: the database and the storage answer, the migrations are
the newest."""

import logging
import os
import shutil
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app, jsonify

from app.attachments import StorageError, storage
from app.extensions import db
from app.sealing import KeyMismatch, check_key
from app.tenancy import everything

log = logging.getLogger(__name__)
blueprint = Blueprint("health", __name__)
ROOM = 64 * 1024 * 1024  # bytes that must be free
MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


@blueprint.get("/healthz")
def healthz() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    faults = problems()
    return jsonify(status="ok" if not faults else "not ready", problems=faults), 200 if not faults else 503


def problems() -> list[str]:
    """Why the product cannot work at present; empty when it can."""
    try:
        with db.engine.connect() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
    except sa.exc.SQLAlchemyError:
        return ["the database does not answer"]
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    newest = ScriptDirectory.from_config(config).get_heads()
    if set(current) != set(newest):
        return ["the database is not migrated: run flask db upgrade"]
    return [*_of_the_key(), *_of_the_disk(current_app.config["DATA_DIR"]), *_of_the_storage()]


def _of_the_key() -> list[str]:
    try:
        with everything("ready") as session:
            check_key(session)
    except KeyMismatch:
        return ["DATA_KEY does not open what is stored"]
    return []


def _of_the_disk(folder: Path) -> list[str]:
    if not os.access(folder, os.W_OK):
        return ["DATA_DIR cannot be written"]
    return ["DATA_DIR has no room left"] if shutil.disk_usage(folder).free < ROOM else []


def _of_the_storage() -> list[str]:
    try:
        storage().check()
    except StorageError as error:
        log.error("the storage refused: %s", error)  # where it is and what it said is not everybody's
        return ["the storage at STORAGE_URL takes no files"]
    return []
