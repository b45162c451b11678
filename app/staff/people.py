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
    moving = Submission.__table__
    statement = (
        sa.update(Person)
        .where(Person.id == moving.c.person_id, moving.c.id.in_(moved))
        .values(unit_id=moving.c.unit_id)
        .execution_options(synchronize_session=False)
    )
    session.execute(reaching(statement, "a person may come from another unit"))
