"""Reading through the models, where the scope's criteria have to reach each place that names an entity."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, load_only, outerjoin, with_polymorphic
from sqlalchemy.orm import join as orm_join

from app.review.models import Decision, Submission, Version
from app.staff.models import Registration
from app.units.models import Unit
from tests.tenancy.attempts import Attempt, Other, bare, forged, mine, names, rows, their_name, theirs

# Through the models, where the scope's criteria have to reach each place that names an entity.
MODEL: dict[str, Attempt] = {
    "select": lambda s, w: names(s, sa.select(Submission).where(theirs(w))),
    "select of columns": lambda s, w: names(s, sa.select(Submission.person_name).where(theirs(w))),
    "the subclass": lambda s, w: names(s, sa.select(Registration).where(theirs(w))),
    "a column of the subclass": lambda s, w: names(s, sa.select(Registration.email).where(theirs(w, Registration.id))),
    "with_polymorphic": lambda s, w: names(
        s, sa.select(poly := with_polymorphic(Submission, "*")).where(theirs(w, poly.id))
    ),
    "legacy query": lambda s, w: s.query(Submission).filter(theirs(w)).all(),
    "legacy count": lambda s, w: s.query(Submission).filter(theirs(w)).count(),
    "get": lambda s, w: s.get(Submission, w.theirs.submission),
    "get of the subclass": lambda s, w: s.get(Registration, w.theirs.submission),
    "get past the identity map": lambda s, w: s.get(Submission, w.theirs.submission, populate_existing=True),
    "get of a unit": lambda s, w: s.get(Unit, w.theirs.unit),
    "get of a version": lambda s, w: s.get(Version, w.theirs.version),
    "get of a decision": lambda s, w: s.get(Decision, w.theirs.decision),
    "aliased": lambda s, w: names(s, sa.select(Other).where(theirs(w, Other.id))),
    "aliased flat": lambda s, w: names(s, sa.select(a := aliased(Registration, flat=True)).where(theirs(w, a.id))),
    "aliased over a subquery": lambda s, w: names(
        s, sa.select(a := aliased(Submission, sa.select(Submission).subquery())).where(theirs(w, a.id))
    ),
    "count of rows": lambda s, w: s.scalar(sa.select(sa.func.count()).select_from(Submission).where(theirs(w))),
    "count of a column": lambda s, w: s.scalar(sa.select(sa.func.count(Submission.id)).where(theirs(w))),
    "group by": lambda s, w: rows(
        s,
        sa.select(Submission.unit_id, sa.func.count())
        .group_by(Submission.unit_id)
        .having(Submission.unit_id != w.mine.unit),
    ),
    "max": lambda s, w: names(s, sa.select(sa.func.max(Submission.person_name)).where(theirs(w))),
    "join of two entities": lambda s, w: rows(
        s, sa.select(Submission.id, Decision.opinion).join(Decision, Decision.submission_id == w.theirs.submission)
    ),
    "outer join": lambda s, w: names(
        s, sa.select(Other.person_name).select_from(Submission).outerjoin(Other, theirs(w, Other.id)).where(mine(w))
    ),
    "inner join of an alias": lambda s, w: names(
        s, sa.select(Other.person_name).select_from(Submission).join(Other, theirs(w, Other.id)).where(mine(w))
    ),
    "outer join of the other way": lambda s, w: names(
        s, sa.select(Other.person_name).outerjoin(Submission, mine(w)).where(theirs(w, Other.id))
    ),
    "full join": lambda s, w: names(
        s, sa.select(Other.person_name).outerjoin(Submission, sa.false(), full=True).where(theirs(w, Other.id))
    ),
    "outer join of an alias of the subclass": lambda s, w: names(
        s,
        sa.select(a.email).select_from(Submission).outerjoin(a, theirs(w, a.id)).where(mine(w))
        if (a := aliased(Registration, flat=True))
        else None,
    ),
    "orm.join": lambda s, w: names(
        s, sa.select(Other.person_name).select_from(orm_join(Submission, Other, theirs(w, Other.id))).where(mine(w))
    ),
    "orm.outerjoin": lambda s, w: names(
        s, sa.select(Other.person_name).select_from(outerjoin(Submission, Other, theirs(w, Other.id))).where(mine(w))
    ),
    "an expression of two entities": lambda s, w: names(
        s, sa.select(Submission.ref + Other.person_name).where(mine(w), theirs(w, Other.id))
    ),
    "a function of two entities": lambda s, w: names(
        s, sa.select(sa.func.coalesce(Other.person_name, Submission.ref)).where(mine(w), theirs(w, Other.id))
    ),
    "an entity in WHERE alone": lambda s, w: names(s, sa.select(Submission.ref).where(mine(w), theirs(w, Other.id))),
    "an entity in WHERE alone, of no other": lambda s, w: names(s, sa.select(sa.literal("there")).where(theirs(w))),
    "count with an entity in WHERE alone": lambda s, w: s.scalar(sa.select(sa.func.count()).where(theirs(w))),
    "an entity in a function in WHERE": lambda s, w: names(
        s, sa.select(Submission.ref).where(mine(w), sa.func.substr(Other.person_name, 3) == "2")
    ),
    "an entity in a CASE in WHERE": lambda s, w: names(
        s, sa.select(Submission.ref).where(mine(w), sa.case((theirs(w, Other.id), 1), else_=0) == 1)
    ),
    "an entity under NOT in WHERE": lambda s, w: names(
        s, sa.select(Submission.ref).where(mine(w), ~sa.or_(Other.id == w.mine.submission, Other.id.is_(None)))
    ),
    "a second entity in a column alone": lambda s, w: [
        found for found in names(s, sa.select(Submission.ref + Other.person_name)) if "人员2" in found
    ],
    "a second entity in a function alone": lambda s, w: [
        found
        for found in names(s, sa.select(sa.func.replace(Submission.ref, "R1", Other.person_name)))
        if "人员2" in found
    ],
    "a second entity in a CASE alone": lambda s, w: [
        found for found in names(s, sa.select(sa.case((mine(w), Other.person_name)))) if "人员2" in found
    ],
    "exists": lambda s, w: names(s, sa.select(Submission.ref).where(mine(w), sa.exists().where(theirs(w, Other.id)))),
    "exists of a select": lambda s, w: names(
        s, sa.select(Submission.ref).where(mine(w), sa.select(Other.id).where(theirs(w, Other.id)).exists())
    ),
    "select of exists": lambda s, w: s.scalar(sa.select(sa.exists().where(theirs(w)))),
    "in a subquery": lambda s, w: names(
        s, sa.select(Submission.ref).where(mine(w), sa.literal(w.theirs.submission).in_(sa.select(Other.id)))
    ),
    "scalar subquery": lambda s, w: names(s, sa.select(their_name(w)).select_from(Submission).where(mine(w))),
    "scalar subquery alone": lambda s, w: names(s, sa.select(their_name(w))),
    "scalar subquery in ORDER BY": lambda s, w: names(
        s, sa.select(Unit.id).order_by(their_name(w)).where(their_name(w).is_not(None))
    ),
    "subquery in FROM": lambda s, w: names(
        s,
        sa.select(Submission.ref)
        .join(sub := sa.select(Other.id).where(theirs(w, Other.id)).subquery(), sa.true())
        .where(mine(w), sub.c.id > 0),
    ),
    "CTE": lambda s, w: names(
        s,
        sa.select(cte.c.person_name).select_from(Submission).join(cte, sa.true()).where(mine(w))
        if (cte := sa.select(Other.person_name).where(theirs(w, Other.id)).cte()) is not None
        else None,
    ),
    "lateral": lambda s, w: names(
        s, sa.select(Submission.ref).where(mine(w), theirs(w, sa.select(Other.id).subquery("other").c.id))
    ),
    "union": lambda s, w: names(
        s, sa.union(sa.select(Submission.id).where(theirs(w)), sa.select(Other.id).where(theirs(w, Other.id)))
    ),
    "union all of entities": lambda s, w: names(
        s,
        sa.select(Submission).from_statement(
            sa.union_all(sa.select(Submission).where(theirs(w)), sa.select(Submission).where(theirs(w)))
        ),
    ),
    "union in a subquery": lambda s, w: names(
        s,
        sa.select(Submission.ref).where(
            mine(w),
            sa.literal(w.theirs.submission).in_(sa.union_all(sa.select(Other.id), sa.select(Submission.id))),
        ),
    ),
    "union as an aliased entity": lambda s, w: names(
        s,
        sa.select(a := aliased(Decision, sa.union_all(sa.select(Decision), sa.select(Decision)).subquery())).where(
            theirs(w, a.submission_id)
        ),
    ),
    "joinedload": lambda s, w: s.scalar(sa.select(Submission).where(theirs(w)).options(joinedload(Submission.unit))),
    "a forged row, base column": lambda s, w: forged(s, w).person_name,
    "a forged row, subclass column": lambda s, w: forged(s, w).email,
    "a forged row, refreshed": lambda s, w: s.refresh(row := forged(s, w)) or row.person_name,
    "a deferred column": lambda s, w: names(
        s, sa.select(Version).where(theirs(w, Version.submission_id)).options(load_only(Version.id))
    ),
    "RETURNING": lambda s, w: rows(
        s, sa.update(Submission).where(theirs(w)).values(title="x").returning(Submission.person_name)
    ),
    "RETURNING a subquery": lambda s, w: names(
        s, sa.update(Submission).where(mine(w)).values(title="x").returning(their_name(w))
    ),
    "UPDATE that sets a subquery": lambda s, w: (
        s.execute(sa.update(Submission).where(mine(w)).values(title=sa.func.coalesce(their_name(w), "")))
        and names(s, sa.select(Submission.title).where(mine(w)))
    ),
    "UPDATE … FROM another entity": lambda s, w: (
        s.execute(
            sa.update(Submission)
            .where(mine(w), theirs(w, Other.id), Other.person_name.startswith("人"))
            .values(title="x")
            .execution_options(synchronize_session=False)
        ).rowcount
    ),
    "UPDATE … FROM that takes a value": lambda s, w: (
        s.execute(
            sa.update(Submission)
            .where(mine(w), Decision.submission_id == w.theirs.submission, Decision.step == "return")
            .values(title=Decision.opinion)
            .execution_options(synchronize_session=False)
        )
        and names(s, sa.select(Submission.title).where(mine(w)))
    ),
    "UPDATE where another exists": lambda s, w: (
        s.execute(
            sa.update(Submission)
            .where(mine(w), sa.exists().where(theirs(w, Other.id)))
            .values(title="x")
            .execution_options(synchronize_session=False)
        ).rowcount
    ),
    "a value that is SQL, in a flush": lambda s, w: _flushed_value(s, w, their_name(w)),
    "a value that is bare SQL, in a flush": lambda s, w: _flushed_value(
        s, w, sa.select(bare.c.person_name).where(theirs(w, bare.c.id)).scalar_subquery()
    ),
}


def _flushed_value(s: Any, w: Any, value: Any) -> Any:
    row = s.scalar(sa.select(Submission).where(mine(w)))
    row.title = value
    s.flush()
    s.refresh(row)
    return row.title
