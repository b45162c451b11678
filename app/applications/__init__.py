"""职称申报: plans, applications, what the unit recommends, positions, and the route of nodes."""

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.applications import citations, recommendations, route  # noqa: F401 — they register rules
from app.applications.plans.views import PlansView


def register(appbuilder: AppBuilder) -> None:
    """The screens of this room, in the order of the menu."""
    from app.applications.holidays import HolidaysView  # inline: the catalogue is read before there are views
    from app.applications.notices.views import NoticesView
    from app.applications.views import ApplicationDesk

    appbuilder.add_view(ApplicationDesk, "applications", label=_l("Title applications"), icon="document")
    appbuilder.add_view(NoticesView, "notices", label=_l("Public notices"), icon="notice")
    appbuilder.add_view(PlansView, "plans", label=_l("Review plans"), icon="calendar")
    appbuilder.add_view(HolidaysView, "holidays", label=_l("Holidays"), icon="calendar", category="settings")
