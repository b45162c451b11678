"""Reading past the scope. Each attempt looks for the other unit's registration; what it answers must be nothing."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, load_only, make_transient_to_detached, with_polymorphic

from app.extensions import db
from app.review.models import Decision, Submission, Version
from app.staff.models import Registration
from app.tenancy import ScopeError, reaching
from app.units.models import Unit

REFUSED = (ScopeError, sa.exc.SQLAlchemyError)
Attempt = Callable[[Any, Any], Any]  # (session, world) → what was found of the other unit

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
        s, sa.select(Submission.unit_id, sa.func.count()).group_by(Submission.unit_id).having(Submission.unit_id != w.mine.unit)
    ),
    "max": lambda s, w: names(s, sa.select(sa.func.max(Submission.person_name)).where(theirs(w))),
    "join of two entities": lambda s, w: rows(
        s, sa.select(Submission.id, Decision.opinion).join(Decision, Decision.submission_id == w.theirs.submission)
    ),
    "outer join": lambda s, w: names(
        s, sa.select(Other.person_name).select_from(Submission).outerjoin(Other, theirs(w, Other.id)).where(mine(w))
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
    "an entity in ORDER BY alone": lambda s, w: rows(
        s, sa.select(Unit.id, sa.literal(1)).order_by(Submission.person_name).offset(1)
    ),
    "exists": lambda s, w: names(
        s, sa.select(Submission.ref).where(mine(w), sa.exists().where(theirs(w, Other.id)))
    ),
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
        sa.select(cte.c.person_name)
        .select_from(Submission)
        .join(cte, sa.true())
        .where(mine(w))
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
        sa.select(
            a := aliased(Decision, sa.union_all(sa.select(Decision), sa.select(Decision)).subquery())
        ).where(theirs(w, a.submission_id)),
    ),
    "joinedload": lambda s, w: s.scalar(
        sa.select(Submission).where(theirs(w)).options(joinedload(Submission.unit))
    ),
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
    "UPDATE … FROM another entity": lambda s, w: s.execute(
        sa.update(Submission)
        .where(mine(w), theirs(w, Other.id), Other.person_name.startswith("人"))
        .values(title="x")
        .execution_options(synchronize_session=False)
    ).rowcount,
    "UPDATE … FROM that takes a value": lambda s, w: (
        s.execute(
            sa.update(Submission)
            .where(mine(w), Decision.submission_id == w.theirs.submission)
            .values(title=Decision.opinion)
            .execution_options(synchronize_session=False)
        )
        and names(s, sa.select(Submission.title).where(mine(w)))
    ),
    "UPDATE where another exists": lambda s, w: s.execute(
        sa.update(Submission)
        .where(mine(w), sa.exists().where(theirs(w, Other.id)))
        .values(title="x")
        .execution_options(synchronize_session=False)
    ).rowcount,
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


# Past the models: no scope can reach these, so they are refused.
BARE: dict[str, Attempt] = {
    "Core select": lambda s, w: rows(s, sa.select(submission).where(theirs(w, submission.c.id))),
    "Core select of the subclass table": lambda s, w: rows(
        s, sa.select(registration).where(theirs(w, registration.c.id))
    ),
    "Core select of an alias": lambda s, w: rows(s, sa.select(bare).where(theirs(w, bare.c.id))),
    "Core count": lambda s, w: s.scalar(sa.select(sa.func.count()).select_from(submission)),
    "Core union": lambda s, w: rows(s, sa.union(sa.select(submission.c.id), sa.select(decision.c.id))),
    "light table": lambda s, w: rows(s, sa.select(light).where(theirs(w, light.c.id))),
    "text": lambda s, w: rows(s, sa.text("SELECT * FROM submission")),
    "text, quoted capitals": lambda s, w: rows(s, sa.text('SELECT * FROM "submission" AS SUBMISSION')),
    "text with columns": lambda s, w: rows(s, sa.text("SELECT id FROM submission").columns(Submission.id)),
    "from_statement of text": lambda s, w: names(
        s, sa.select(Submission).from_statement(sa.text("SELECT * FROM submission"))
    ),
    "from_statement of Core": lambda s, w: names(s, sa.select(Submission).from_statement(sa.select(submission))),
    "connection": lambda s, w: s.connection().execute(sa.select(Submission).where(theirs(w))).all(),
    "connection, Core": lambda s, w: s.connection().execute(sa.select(submission)).all(),
    "driver SQL": lambda s, w: s.connection().exec_driver_sql("SELECT * FROM submission").all(),
}
# Bare tables mixed into a statement on a model, where the statement itself is scoped.
MIXED: dict[str, Attempt] = {
    "a bare column": lambda s, w: names(s, sa.select(bare.c.person_name).join(Submission, theirs(w, bare.c.id))),
    "a column beside an entity": lambda s, w: rows(
        s, sa.select(Submission.ref, bare.c.person_name).where(theirs(w, bare.c.id))
    ),
    "join": lambda s, w: names(s, sa.select(Submission.ref).join(bare, theirs(w, bare.c.id))),
    "select_from": lambda s, w: names(
        s, sa.select(Submission.ref).select_from(bare).join(Submission, theirs(w, bare.c.id))
    ),
    "ON of a join": lambda s, w: names(
        s, sa.select(Submission.ref).join(Unit, sa.exists().where(theirs(w, bare.c.id)))
    ),
    "where": lambda s, w: names(s, sa.select(Submission.ref).where(theirs(w, bare.c.id))),
    "having": lambda s, w: names(
        s, sa.select(Submission.ref).group_by(Submission.ref).having(sa.exists().where(theirs(w, bare.c.id)))
    ),
    "group by": lambda s, w: names(
        s,
        sa.select(sa.func.count(Unit.id)).group_by(
            sa.select(bare.c.person_name).where(theirs(w, bare.c.id)).scalar_subquery()
        ),
    ),
    "order by": lambda s, w: names(
        s,
        sa.select(Unit.id).order_by(sa.select(bare.c.person_name).where(theirs(w, bare.c.id)).scalar_subquery()),
    ),
    "limit": lambda s, w: names(
        s, sa.select(Unit.id).limit(sa.select(sa.func.count()).where(theirs(w, bare.c.id)).scalar_subquery())
    ),
    "exists": lambda s, w: names(s, sa.select(Submission.ref).where(sa.exists().where(theirs(w, bare.c.id)))),
    "subquery": lambda s, w: names(
        s, sa.select(Submission.ref).where(sa.literal(w.theirs.submission).in_(sa.select(bare.c.id)))
    ),
    "subclass table": lambda s, w: names(
        s, sa.select(Submission.ref).where(sa.exists().where(theirs(w, registration.c.id)))
    ),
    "light table, column": lambda s, w: rows(
        s, sa.select(Submission.ref, light.c.person_name).where(theirs(w, light.c.id))
    ),
    "light table, exists": lambda s, w: names(
        s, sa.select(Submission.ref).where(sa.exists().where(theirs(w, light.c.id)))
    ),
    "light table, alias": lambda s, w: names(
        s, sa.select(Submission.ref).join(other := light.alias("light"), theirs(w, other.c.id))
    ),
    "CTE": lambda s, w: names(
        s, sa.select(Submission.ref).join(cte := sa.select(bare.c.id).cte(), theirs(w, cte.c.id))
    ),
    "CTE added": lambda s, w: names(
        s,
        sa.select(Submission.ref)
        .add_cte(sa.select(bare.c.id).cte("seen"))
        .where(sa.text("EXISTS (SELECT 1 FROM seen WHERE id <> submission.id)")),
    ),
    "union": lambda s, w: names(
        s, sa.union(sa.select(Submission.person_name), sa.select(bare.c.person_name).where(theirs(w, bare.c.id)))
        .offset(1)
    ),
    "aliased over a bare subquery": lambda s, w: names(
        s, sa.select(a := aliased(Submission, sa.select(submission).subquery())).where(theirs(w, a.id))
    ),
    "aliased over a forged unit": lambda s, w: _aliased_over_forged(s, w),
    "case": lambda s, w: names(
        s, sa.select(sa.case((sa.exists().where(theirs(w, bare.c.id)), Submission.ref), else_=None))
    ),
    "text in where": lambda s, w: names(
        s,
        sa.select(Submission.ref).where(sa.text("EXISTS (SELECT 1 FROM submission x WHERE x.id <> submission.id)")),
    ),
    "text that closes the criteria": lambda s, w: names(
        s,
        sa.select(Submission.id).where(
            Submission.id > 0, sa.text(f"1 = 0 UNION SELECT id FROM submission WHERE id = {w.theirs.submission} AND 1=1")
        ),
    ),
    "text as FROM": lambda s, w: names(
        s, sa.select(Submission.ref).select_from(Submission, sa.text("submission AS x")).where(sa.text("x.id <> submission.id"))
    ),
    "text as a column": lambda s, w: names(
        s, sa.select(sa.text("(SELECT max(person_name) FROM submission x WHERE x.id <> submission.id)")).select_from(Submission)
    ),
    "text in order by": lambda s, w: names(
        s, sa.select(Unit.id).order_by(sa.text("(SELECT max(person_name) FROM submission)"))
    ),
    "literal_column": lambda s, w: rows(
        s,
        sa.select(Submission.id, sa.literal_column("(SELECT max(person_name) FROM submission x WHERE x.id <> 0)")),
    ),
    "literal_column in where": lambda s, w: names(
        s,
        sa.select(Submission.ref).where(
            sa.literal_column("(SELECT count(*) FROM submission x WHERE x.id <> submission.id)") > 0
        ),
    ),
    "suffix": lambda s, w: names(
        s, sa.select(Submission.id).suffix_with(f"UNION SELECT id FROM submission WHERE id = {w.theirs.submission}").offset(0)
    ),
    "prefix": lambda s, w: rows(
        s, sa.select(Submission.id).prefix_with("(SELECT max(x.person_name) FROM submission x) AS leak,")
    ),
    "text of a bare function": lambda s, w: names(
        s, sa.select(Submission.ref).where(sa.func.coalesce(sa.text("(SELECT count(*) FROM submission x)"), 0) > 1)
    ),
    "op": lambda s, w: names(
        s,
        sa.select(Submission.ref).where(
            Submission.id.op("<> 0 AND 1 < (SELECT count(*) FROM submission) AND 0 <>")(1)
        ),
    ),
    "UPDATE that sets": lambda s, w: (
        s.execute(
            sa.update(Submission)
            .where(mine(w))
            .values(title=sa.select(bare.c.person_name).where(theirs(w, bare.c.id)).scalar_subquery())
            .execution_options(synchronize_session=False)
        )
        and names(s, sa.select(Submission.title))
    ),
    "UPDATE … FROM": lambda s, w: s.execute(
        sa.update(Submission).where(mine(w), theirs(w, bare.c.id)).values(title="x")
        .execution_options(synchronize_session=False)
    ).rowcount,
    "UPDATE RETURNING": lambda s, w: names(
        s,
        sa.update(Submission).where(mine(w)).values(title="x")
        .returning(sa.select(bare.c.person_name).where(theirs(w, bare.c.id)).scalar_subquery())
        .execution_options(synchronize_session=False),
    ),
    "DELETE … where exists": lambda s, w: s.execute(
        sa.delete(Version).where(Version.id == w.mine.version, sa.exists().where(theirs(w, bare.c.id)))
        .execution_options(synchronize_session=False)
    ).rowcount,
    "another entity's statement": lambda s, w: names(
        s, sa.select(Version.id).where(sa.exists().where(theirs(w, decision.c.submission_id)))
    ),
}


def _aliased_over_forged(s: Any, w: Any) -> Any:
    columns = [c for c in submission.c if c.name != "unit_id"]
    subquery = sa.select(*columns, sa.literal(w.mine.unit).label("unit_id")).subquery()
    entity = aliased(Submission, subquery)
    return names(s, sa.select(entity.person_name).where(theirs(w, entity.id)))


ATTEMPTS = {
    f"{group}: {name}": attempt
    for group, attempts in (("model", MODEL), ("bare", BARE), ("mixed", MIXED))
    for name, attempt in attempts.items()
}


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_reading_finds_nothing_of_another_unit(session, world, attempt):
    try:
        found = attempt(session, world)
    except REFUSED:
        return
    assert not found


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_without_the_guard_the_attempt_would_find_it(unguarded_session, world, attempt):
    assert attempt(unguarded_session, world)
