"""职称申报: plans, applications, what the unit recommends, positions, and the route of nodes."""

from flask_appbuilder import AppBuilder

from app.applications import models  # noqa: F401 — the tables are known before anything asks


def register(appbuilder: AppBuilder) -> None:
    """The screens of this room, in the order of the menu."""
