"""职称申报: plans, applications, what the unit recommends, positions, and the route of nodes."""

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.applications import citations, recommendations, route  # noqa: F401 — they register rules


def register(appbuilder: AppBuilder) -> None:
    """The screens of this room, in the order of the menu."""
    from app.applications.views import ApplicationDesk  # inline: the catalogue is read before there are views

    appbuilder.add_view(ApplicationDesk, "applications", label=_l("Title applications"), icon="document")
