"""The people of the units: registrations and who belongs where."""

from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext as _l

from app.staff import people  # noqa: F401 — registers what a passed registration does
from app.staff.people_views import PeopleView
from app.staff.views import RegistrationDesk


def register(appbuilder: AppBuilder) -> None:
    appbuilder.add_view(RegistrationDesk, "registrations", label=RegistrationDesk.listing.title, icon="person-check")
    appbuilder.add_view(PeopleView, "people", label=_l("People"), icon="people")
