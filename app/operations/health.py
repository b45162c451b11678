"""`/healthz`: the process lives. `/readyz`: it can work: the database answers and its migrations are the newest."""

from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify

from app.extensions import db

blueprint = Blueprint("health", __name__)
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
    return [] if set(current) == set(newest) else ["the database is not migrated: run flask db upgrade"]
