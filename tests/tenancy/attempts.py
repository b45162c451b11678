"""What the tables of attempts share. An attempt answers what it found of the other unit: nothing, unless it escaped."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, make_transient_to_detached

from app.review.models import Decision, Submission
from app.staff.models import Registration
from app.tenancy import ScopeError

REFUSED = (ScopeError, sa.exc.SQLAlchemyError, NotImplementedError)
Attempt = Callable[[Any, Any], Any]  # (session, world) → what was found

submission, registration, decision = (model.__table__ for model in (Submission, Registration, Decision))
light = sa.table("submission", sa.column("id"), sa.column("unit_id"), sa.column("person_name"))
Other = aliased(Submission)
bare = submission.alias("bare")


def theirs(w: Any, id_column: Any = Submission.id) -> Any:
    return id_column == w.theirs.submission


def mine(w: Any) -> Any:
    return Submission.id == w.mine.submission


def their_name(w: Any, entity: Any = Other) -> Any:
    """A scalar subquery: the name on the other unit's registration."""
    return sa.select(entity.person_name).where(entity.id == w.theirs.submission).scalar_subquery()


def names(s: Any, statement: Any) -> Any:
    """What a query of one column found, NULLs aside."""
    return [value for value in s.scalars(statement) if value]


def rows(s: Any, statement: Any) -> Any:
    return s.execute(statement).all()


def forged(s: Any, w: Any, model: Any = Registration) -> Any:
    """An object that says it was loaded, so that its columns are fetched when they are asked for."""
    row = model(id=w.theirs.submission)
    make_transient_to_detached(row)
    s.add(row)
    return row
