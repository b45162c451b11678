"""Who belongs to which unit."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select
from sqlalchemy.orm import Session

from app.review.models import Submission
from app.review.workflow import effect
from app.staff.models import Person
from app.tenancy import reaching


@effect("person belongs to the unit")
def belong(session: Session, moved: Select[Any], at: datetime) -> None:
    """Move the person of each passed registration to its unit; the old unit keeps its history."""
    s = Submission.__table__
    unit = sa.select(sa.func.max(s.c.unit_id)).where(s.c.person_id == Person.id, s.c.id.in_(moved)).scalar_subquery()
    people = sa.select(s.c.person_id).where(s.c.id.in_(moved))
    statement = sa.update(Person).where(Person.id.in_(people)).values(unit_id=unit)
    session.execute(
        reaching(statement, "a person may come from another unit").execution_options(synchronize_session=False)
    )
