"""人员注册审核: the registrations as a list (R25), and what their review page shows."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from app.review.desk import Desk
from app.review.facts import Fact, Part, read_time
from app.review.labels import code_choices, code_reader
from app.review.listing import Column, Filter, Listing
from app.review.models import Submission
from app.staff.models import Registration
from app.units.lists import columns_around, filters_after


def _with(criterion: ColumnElement[bool]) -> ColumnElement[bool]:
    """A criterion on the registration's own columns, as one on Submission."""
    return Submission.id.in_(sa.select(Registration.id).where(criterion))


REGISTRATIONS = Listing(
    name="registrations",
    kind="registration",
    title=_l("Staff registration review"),
    model=Registration,
    by_number=lambda index: _with(sa.or_(Registration.id_number_index == index, Registration.mobile_index == index)),
    by_tail=lambda index: _with(sa.or_(Registration.id_number_tail == index, Registration.mobile_tail == index)),
    columns=columns_around(
        Column("gender", _l("Gender"), Registration.gender, code_reader("gender")),
        Column(
            "id_number",
            _l("ID document number"),
            Registration.id_number_masked,
            sealed=Registration.id_number_sealed,
            kind="code",
        ),
        Column(
            "mobile", _l("Mobile number"), Registration.mobile_masked, sealed=Registration.mobile_sealed, kind="code"
        ),
        Column(
            "political_status",
            _l("Political status"),
            Registration.political_status,
            code_reader("political_status"),
        ),
        Column("email", _l("E-mail"), Registration.email),
        submitted=_l("Registration time"),
    ),
    filters=filters_after(
        Filter(
            "gender",
            _l("Gender"),
            "select",
            lambda v: _with(Registration.gender == v),
            code_choices("gender"),
        ),
        Filter(
            "political_status",
            _l("Political status"),
            "select",
            lambda v: _with(Registration.political_status == v),
            code_choices("political_status"),
        ),
        since=_l("Registered from"),
        until=_l("Registered to"),
    ),
)


MATERIAL = (
    Part(
        _l("Person"),
        (
            Fact("person.name", _l("Name")),
            Fact("person.gender", _l("Gender"), code_reader("gender")),
            Fact("person.id_type", _l("ID document type"), code_reader("id_type")),
            Fact("person.id_number", _l("ID document number"), kind="number"),
            Fact("person.mobile", _l("Mobile number"), kind="number"),
            Fact("person.political_status", _l("Political status"), code_reader("political_status")),
            Fact("person.email", _l("E-mail")),
            Fact("submitted_at", _l("Registration time"), read_time, kind="number", written=False),
        ),
    ),
)


class RegistrationDesk(Desk):
    kind = "registration"
    listing = REGISTRATIONS
    material = MATERIAL
    route_base = "/registrations"
    class_permission_name = "registrations"
