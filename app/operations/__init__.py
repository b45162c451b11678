"""What keeps it running: the log, health, the check, chores, demo data, and the commands."""

from flask import Flask

from app.operations import commands, health
from app.operations.log import log_requests

PUBLIC = {"health.healthz", "health.readyz"}

__all__ = ["PUBLIC", "log_requests", "register"]


def register(app: Flask) -> None:
    app.register_blueprint(health.blueprint)
    commands.register(app)
