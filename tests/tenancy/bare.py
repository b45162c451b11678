"""Reading past the models: bare tables and text, alone and mixed into a statement on a model."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.review.models import Submission, Version
from app.units.models import Unit
from tests.tenancy.attempts import Attempt, bare, decision, light, mine, names, registration, rows, submission, theirs

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
    "an engine's connection": lambda s, w: _elsewhere(s, sa.select(submission)),
    "an engine's connection, ORM select": lambda s, w: _elsewhere(s, sa.select(Submission)),
    "driver SQL": lambda s, w: s.connection().exec_driver_sql("SELECT * FROM submission").all(),
}


def _elsewhere(s: Any, statement: Any) -> Any:
    with s.get_bind().connect() as connection:
        return connection.execute(statement).all()


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
    "light table, column": lambda s, w: rows(s, sa.select(Unit.name, light.c.person_name).where(theirs(w, light.c.id))),
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
        s,
        sa.union(sa.select(Submission.person_name), sa.select(bare.c.person_name).where(theirs(w, bare.c.id))).offset(
            1
        ),
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
            Submission.id > 0,
            sa.text(f"1 = 0 UNION SELECT id FROM submission WHERE id = {w.theirs.submission} AND 1=1"),
        ),
    ),
    "text as a column": lambda s, w: names(
        s,
        sa.select(sa.text("(SELECT max(person_name) FROM submission x WHERE x.id <> submission.id)")).select_from(
            Submission
        ),
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
        s,
        sa.select(Submission.id)
        .suffix_with(f"UNION SELECT id FROM submission WHERE id = {w.theirs.submission}")
        .where(mine(w)),
    ),
    "the table itself": lambda s, w: rows(
        s, sa.select(Unit.name, submission.c.person_name).where(theirs(w, submission.c.id))
    ),
    "the table itself, exists": lambda s, w: names(
        s, sa.select(Unit.name).where(sa.exists().where(theirs(w, submission.c.id)))
    ),
    "the table itself, order by": lambda s, w: names(
        s,
        sa.select(Unit.id).order_by(
            sa.select(submission.c.person_name).where(theirs(w, submission.c.id)).scalar_subquery()
        ),
    ),
    "the table itself, group by": lambda s, w: names(
        s,
        sa.select(sa.func.count(Unit.id)).group_by(
            sa.select(submission.c.id).where(theirs(w, submission.c.id)).scalar_subquery()
        ),
    ),
    "the table itself, limit": lambda s, w: names(
        s, sa.select(Unit.id).limit(sa.select(sa.func.count()).where(theirs(w, submission.c.id)).scalar_subquery())
    ),
    "the table itself, CTE": lambda s, w: names(
        s, sa.select(Unit.name).join(cte := sa.select(submission.c.id).cte(), theirs(w, cte.c.id))
    ),
    "the table itself, values of UPDATE": lambda s, w: (
        s.execute(
            sa.update(Submission)
            .where(mine(w))
            .values(title=sa.select(registration.c.email).where(theirs(w, registration.c.id)).scalar_subquery())
            .execution_options(synchronize_session=False)
        )
        and names(s, sa.select(Submission.title))
    ),
    "prefix": lambda s, w: rows(
        s, sa.select(Submission.id).prefix_with("(SELECT max(x.person_name) FROM submission x) AS leak,")
    ),
    "text of a bare function": lambda s, w: names(
        s, sa.select(Submission.ref).where(sa.func.coalesce(sa.text("(SELECT count(*) FROM submission x)"), 0) > 1)
    ),
    "op": lambda s, w: names(
        s,
        sa.select(Submission.ref).where(Submission.id.op("<> 0 AND 1 < (SELECT count(*) FROM submission) AND 0 <>")(1)),
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
    "UPDATE … FROM": lambda s, w: (
        s.execute(
            sa.update(Submission)
            .where(mine(w), theirs(w, bare.c.id))
            .values(title="x")
            .execution_options(synchronize_session=False)
        ).rowcount
    ),
    "UPDATE RETURNING": lambda s, w: names(
        s,
        sa.update(Submission)
        .where(mine(w))
        .values(title="x")
        .returning(sa.select(bare.c.person_name).where(theirs(w, bare.c.id)).scalar_subquery())
        .execution_options(synchronize_session=False),
    ),
    "DELETE … where exists": lambda s, w: (
        s.execute(
            sa.delete(Version)
            .where(Version.id == w.mine.version, sa.exists().where(theirs(w, bare.c.id)))
            .execution_options(synchronize_session=False)
        ).rowcount
    ),
    "another entity's statement": lambda s, w: names(
        s, sa.select(Version.id).where(sa.exists().where(theirs(w, decision.c.submission_id)))
    ),
}


def _aliased_over_forged(s: Any, w: Any) -> Any:
    columns = [c for c in submission.c if c.name != "unit_id"]
    subquery = sa.select(*columns, sa.literal(w.mine.unit).label("unit_id")).subquery()
    entity = aliased(Submission, subquery)
    return names(s, sa.select(entity.person_name).where(theirs(w, entity.id)))
