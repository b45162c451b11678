"""Writing past the scope. An attempt that is not refused must leave every row of the other unit as it was."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import make_transient_to_detached

from app.audit import AuditEntry
from app.review.models import Decision, Submission, Version
from app.sealing import Number
from app.staff.models import Person, Registration
from app.tenancy import bulk_insert, insert_from
from app.units.models import Unit
from tests.tenancy.attempts import Attempt, bare, light, mine, registration, submission, theirs

AT = datetime(2026, 11, 1, tzinfo=UTC)
version = Version.__table__
no_sync = {"synchronize_session": False}


def own(s: Any, w: Any) -> Submission:
    return s.scalar(sa.select(Submission).where(mine(w)))


def own_version(s: Any, w: Any) -> Version:
    return s.scalar(sa.select(Version).where(Version.id == w.mine.version))


def their_version(w: Any) -> dict[str, Any]:
    """The values of one more version of the other unit's registration."""
    facts = {"number": 9, "submitted_at": AT, "data": {}, "digest": "x"}
    return facts | {"submission_id": w.theirs.submission, "unit_id": w.theirs.unit}


def their_step(w: Any) -> dict[str, Any]:
    step = {"step": "pass", "version": 1, "node": "unit", "to_status": "passed", "to_node": "unit", "opinion": ""}
    return step | {"at": AT, "by_name": "x", "submission_id": w.theirs.submission, "unit_id": w.theirs.unit}


def their_registration(w: Any) -> Registration:
    return Registration(
        ref="new",
        unit_id=w.theirs.unit,
        region="350103",
        person_id=w.mine.person,
        person_name="x",
        submitted_at=AT,
        received_at=AT,
        gender="1",
        id_type="resident_id",
        id_number=Number.of("350102196001150011"),
        mobile=Number.of("13800000000"),
        political_status="13",
        email="x@example.cn",
    )


def moved(row: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)


def detached(s: Any, w: Any, model: Any = Submission, pk: int = 0) -> Any:
    """A row of the other unit as some earlier session left it."""
    with sa.orm.Session(w.unguarded()) as elsewhere:
        row = elsewhere.get(model, pk or w.theirs.submission)
        elsewhere.expunge(row)
    return row


def attached(s: Any, w: Any, model: Any = Submission, pk: int = 0) -> Any:
    row = detached(s, w, model, pk)
    s.add(row)
    return row


def forged(s: Any, model: Any, **values: Any) -> Any:
    """A row that claims to be loaded, with whatever it claims."""
    row = model(**values)
    make_transient_to_detached(row)
    s.add(row)
    return row


def with_cte(w: Any, update: Any) -> Any:
    """A SELECT of mine around an UPDATE of theirs."""
    changed = update.where(theirs(w, update.table.c.id)).values(title="x").returning(update.table.c.id).cte("changed")
    return sa.select(Submission.id).join(changed, sa.true())


FLUSHED: dict[str, Attempt] = {
    "a new row": lambda s, w: s.add(their_registration(w)),
    "a new version": lambda s, w: s.add(Version(**their_version(w))),
    "a new decision": lambda s, w: s.add(Decision(**their_step(w))),
    "a new audit entry": lambda s, w: s.add(AuditEntry(at=AT, action="x", by_name="x", unit_id=w.theirs.unit)),
    "one of mine and one of theirs": lambda s, w: s.add_all([own(s, w), Version(**their_version(w))]),
    "mine moved to them": lambda s, w: moved(own_version(s, w), **their_version(w)),
    "a detached row, changed": lambda s, w: moved(attached(s, w), title="x"),
    "a detached row, deleted": lambda s, w: s.delete(detached(s, w, Version, w.theirs.version)),
    "a detached row, merged": lambda s, w: moved(s.merge(detached(s, w)), title="x"),
    "a detached row, merged unseen": lambda s, w: moved(s.merge(detached(s, w), load=False), title="x"),
    "a detached unit": lambda s, w: moved(attached(s, w, Unit, w.theirs.unit), name="x"),
    "a detached person": lambda s, w: moved(attached(s, w, Person, w.theirs.person), unit_id=w.mine.unit),
    "a forged row": lambda s, w: moved(
        forged(s, Submission, id=w.theirs.submission, unit_id=w.mine.unit, kind="registration"), title="x"
    ),
    "a forged row, deleted": lambda s, w: s.delete(
        forged(s, Version, id=w.theirs.version, unit_id=w.mine.unit, submission_id=w.mine.submission)
    ),
}
ORM: dict[str, Attempt] = {
    "update": lambda s, w: s.execute(sa.update(Submission).where(theirs(w)).values(title="x")),
    "update of all": lambda s, w: s.execute(sa.update(Submission).values(title="x")),
    "update of all versions": lambda s, w: s.execute(sa.update(Version).values(data={"x": 1})),
    "update where mine or any": lambda s, w: s.execute(
        sa.update(Submission).where(mine(w) | sa.true()).values(title="x"), execution_options=no_sync
    ),
    "delete": lambda s, w: s.execute(sa.delete(Version).where(Version.id == w.theirs.version)),
    "delete of all": lambda s, w: s.execute(sa.delete(Version)),
    "legacy update": lambda s, w: s.query(Submission).filter(theirs(w)).update({"title": "x"}),
    "legacy delete": lambda s, w: s.query(Version).delete(),
    "update of a unit": lambda s, w: s.execute(sa.update(Unit).where(Unit.id == w.theirs.unit).values(name="x")),
    "update of a person": lambda s, w: s.execute(
        sa.update(Person).where(Person.id == w.theirs.person).values(unit_id=w.mine.unit)
    ),
    "update of the joined subclass": lambda s, w: s.execute(
        sa.update(Registration).where(theirs(w, Registration.id)).values(email="x"), execution_options=no_sync
    ),
    "update of the joined subclass by the base": lambda s, w: s.execute(
        sa.update(Registration).where(Submission.ref == "R1").values(email="x"), execution_options=no_sync
    ),
    "update by primary key": lambda s, w: s.execute(sa.update(Submission), [{"id": w.theirs.submission, "title": "x"}]),
    "update by primary keys": lambda s, w: s.execute(
        sa.update(Submission), [{"id": pk, "title": "x"} for pk in (w.mine.submission, w.theirs.submission)]
    ),
    "update by primary key of versions": lambda s, w: s.execute(
        sa.update(Version), [{"id": w.theirs.version, "digest": "x"}]
    ),
    "update by primary key of the subclass": lambda s, w: s.execute(
        sa.update(Registration), [{"id": w.theirs.submission, "email": "x"}]
    ),
    "update that moves mine to them": lambda s, w: s.execute(
        sa.update(Version).where(Version.id == w.mine.version).values(their_version(w)), execution_options=no_sync
    ),
    "update that moves mine, ordered values": lambda s, w: s.execute(
        sa.update(Version)
        .where(Version.id == w.mine.version)
        .ordered_values(*((version.c[name], value) for name, value in their_version(w).items())),
        execution_options=no_sync,
    ),
    "update that moves mine, parameters": lambda s, w: s.execute(
        sa.update(Version).where(Version.id == w.mine.version), their_version(w), execution_options=no_sync
    ),
    "insert": lambda s, w: s.execute(sa.insert(Version).values(their_version(w))),
    "insert of parameters": lambda s, w: s.execute(sa.insert(Version), [their_version(w)]),
    "insert from select": lambda s, w: s.execute(
        sa.insert(Version).from_select(list(their_version(w)), _literals(Version, their_version(w)))
    ),
    "insert returning": lambda s, w: s.execute(sa.insert(Version).values(their_version(w)).returning(Version.id)),
    "an update in a CTE (PostgreSQL)": lambda s, w: s.execute(with_cte(w, sa.update(Submission))),
    "bulk_update_mappings": lambda s, w: s.bulk_update_mappings(
        Submission, [{"id": w.theirs.submission, "title": "x"}]
    ),
    "bulk_insert_mappings": lambda s, w: s.bulk_insert_mappings(Version, [their_version(w)]),
    "bulk_save_objects": lambda s, w: s.bulk_save_objects([Version(**their_version(w))]),
}
CORE: dict[str, Attempt] = {
    "update": lambda s, w: s.execute(sa.update(submission).where(theirs(w, submission.c.id)).values(title="x")),
    "update of the subclass table": lambda s, w: s.execute(sa.update(registration).values(email="x")),
    "update of a light table": lambda s, w: s.execute(sa.update(light).values(person_name="x")),
    "update of an alias": lambda s, w: s.execute(sa.update(bare).values(title="x")),
    "delete": lambda s, w: s.execute(sa.delete(version)),
    "insert": lambda s, w: s.execute(sa.insert(version).values(their_version(w))),
    "insert of parameters": lambda s, w: s.execute(sa.insert(version), [their_version(w)]),
    "text": lambda s, w: s.execute(sa.text("UPDATE submission SET title = 'x'")),
    "connection": lambda s, w: s.connection().execute(sa.update(submission).values(title="x")),
    "connection, ORM update": lambda s, w: s.connection().execute(sa.update(Submission).values(title="x")),
    "driver SQL": lambda s, w: s.connection().exec_driver_sql("UPDATE submission SET title = 'x'"),
    "an update in a CTE (PostgreSQL)": lambda s, w: s.execute(with_cte(w, sa.update(submission))),
}


def _literals(model: Any, values: dict[str, Any]) -> Any:
    columns = model.__table__.c
    return sa.select(*(sa.literal(value, columns[name].type).label(name) for name, value in values.items()))


def planted(s: Any, w: Any) -> None:
    """INSERT … SELECT of a row of mine that says it is theirs."""
    values = their_version(w)
    query = _literals(Version, values).where(mine(w))
    insert_from(s, Version, list(values), query, source=Submission)


WRITES = {
    f"{group}: {name}": attempt
    for group, attempts in (("flush", FLUSHED), ("ORM", ORM), ("Core", CORE))
    for name, attempt in attempts.items()
}
# The database refuses these as well (tests/tenancy/test_triggers.py); the guard's own error comes first.
REFUSED_TWICE: dict[str, Attempt] = {
    "an edit of the unit": lambda s, w: moved(own(s, w), unit_id=w.theirs.unit),
    "an edit of the unit, unloaded": lambda s, w: (s.expire(row := own(s, w)), moved(row, unit_id=w.theirs.unit)),
    "an edit of the unit, as SQL": lambda s, w: moved(own(s, w), unit_id=sa.literal(w.theirs.unit)),
    "an edit of the kind": lambda s, w: moved(own(s, w), kind="plan"),
    "no unit": lambda s, w: moved(own(s, w), unit_id=None),
    "values(unit_id=…)": lambda s, w: s.execute(sa.update(Submission).where(mine(w)).values(unit_id=w.theirs.unit)),
    "values({column: …})": lambda s, w: s.execute(sa.update(Submission).values({Submission.unit_id: w.theirs.unit})),
    "ordered_values": lambda s, w: s.execute(
        sa.update(Submission).ordered_values((Submission.unit_id, w.theirs.unit)), execution_options=no_sync
    ),
    "parameters": lambda s, w: s.execute(
        sa.update(Submission).where(mine(w)), {"unit_id": w.theirs.unit}, execution_options=no_sync
    ),
    "legacy": lambda s, w: s.query(Submission).update({"unit_id": w.theirs.unit}),
    "values(kind=…)": lambda s, w: s.execute(sa.update(Submission).where(mine(w)).values(kind="plan")),
    "bulk_insert": lambda s, w: bulk_insert(s, Version, [their_version(w)]),
    "bulk_insert of one among mine": lambda s, w: bulk_insert(
        s,
        Version,
        [their_version(w) | {"submission_id": w.mine.submission, "unit_id": w.mine.unit}, their_version(w)],
    ),
    "insert_from with their unit as a constant": planted,
}
