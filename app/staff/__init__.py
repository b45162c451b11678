"""The people of the units: registrations and who belongs where."""

from flask_appbuilder import AppBuilder

from app.staff import people  # noqa: F401 — registers what a passed registration does
from app.staff.views import RegistrationDesk


def register(appbuilder: AppBuilder) -> None:
    appbuilder.add_view(RegistrationDesk, "registrations", label=RegistrationDesk.listing.title, icon="person-check")
