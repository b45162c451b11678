"""Folding the ledger into the numbers of the overview, and moving what is folded when a unit comes to lie elsewhere."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from app import clock
from app.extensions import begin_write
from app.home.overview.booking import Booked, Lies, booked, entries
from app.home.overview.models import EVER, Flow, Mark, Standing, UnitFlow
from app.review.ledger import listed
from app.review.models import NODES, PENDING, Decision, Submission
from app.tenancy import everything, reaching
from app.units import information

CHUNK = 20_000  # rows of the ledger in one transaction
RECENT = 30  # days of which it is kept what was decided of each unit, today among them
INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
COUNTS = ("net", "passed", "returned", "terminated")


def recent() -> date:
    """The first of the last 30 days."""
    return clock.today() - timedelta(days=RECENT - 1)


# ---- the chore -------------------------------------------------------------------------------------------------------


def fold(chunk: int = CHUNK) -> int:
    """Fold all that can be folded, so many rows of the ledger in each transaction; how many in all."""
    total = 0
    while True:
        with everything("overview") as session:
            number = fold_chunk(session, chunk)
            session.commit()
        total += number
        if number < chunk:
            break
    with everything("overview") as session:
        begin_write(session)
        session.execute(sa.delete(UnitFlow).where(UnitFlow.day < recent()))
        session.commit()
    return total


def fold_chunk(session: Session, chunk: int = CHUNK) -> int:
    """Fold the next rows in the caller's transaction, at most so many; how many."""
    seen = _seen(session)
    begin_write(session)
    mark = locked(session)
    horizon = _horizon(mark, *seen) if seen else _top(session)
    if horizon <= mark.folded_id:
        return 0
    upto = (lambda ledger: ledger.id <= horizon,)
    rows = session.execute(entries(mark.folded_id, *upto, limit=chunk)).all()
    _store(session, booked(rows))
    mark.folded_id = rows[-1].id if len(rows) == chunk else horizon
    session.flush()
    return len(rows)


def locked(session: Session) -> Mark:
    """The watermark, held until the end of the transaction: whoever folds or moves waits here for the other."""
    first = {"id": 1, "folded_id": 0, "noted_id": 0, "noted_xid": 0}
    session.execute(INSERT[session.get_bind().dialect.name](Mark).values(first).on_conflict_do_nothing())
    query = sa.select(Mark).with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def behind(session: Session) -> int:
    """How many rows of the ledger are not folded yet, at most. One statement."""
    top = sa.select(sa.func.coalesce(sa.func.max(Decision.__table__.c.id), 0)).scalar_subquery()
    folded = sa.func.coalesce(sa.select(Mark.folded_id).scalar_subquery(), 0)
    return int(session.scalar(reaching(sa.select(top - folded), "the highest id is one number for all units")) or 0)


def _top(session: Session) -> int:
    query = sa.select(sa.func.coalesce(sa.func.max(Decision.__table__.c.id), 0))
    return int(session.scalar(reaching(query, "the highest id is one number for all units")) or 0)


def _seen(session: Session) -> tuple[int, int, int] | None:
    """On PostgreSQL, of one moment: the highest id of the ledger that is visible, the first transaction that has not
    ended, and the first that has not begun. SQLite has one writer at a time, and is asked when it is its turn."""
    if session.get_bind().dialect.name != "postgresql":
        return None
    snapshot = sa.func.pg_current_snapshot()
    low, high = (
        sa.cast(sa.cast(of(snapshot), sa.Text), sa.BigInteger)
        for of in (sa.func.pg_snapshot_xmin, sa.func.pg_snapshot_xmax)
    )
    top = sa.select(sa.func.coalesce(sa.func.max(Decision.__table__.c.id), 0)).scalar_subquery()
    why = "the highest id is one number for all units"
    found = session.execute(reaching(sa.select(top, low, high), why)).one()
    session.rollback()  # so that what follows is begun as a transaction that writes, and sees what was written since
    return found[0], found[1], found[2]


def _horizon(mark: Mark, top: int, low: int, high: int) -> int:
    """Up to which id every row is visible that ever will be. Its writer has its transaction's number before the row's
    id (a record is locked or inserted before its ledger is written), so that once all transactions have ended that had
    begun when an id was the highest, no lower one can come."""
    if low == high:
        return top
    ready = mark.noted_xid <= low
    horizon = mark.noted_id if ready else mark.folded_id
    if ready or mark.noted_xid > high:  # the second: numbers of another server, from which this database came
        mark.noted_id, mark.noted_xid = top, high
    return horizon


# ---- a unit that comes to lie elsewhere ------------------------------------------------------------------------------


def move(session: Session, unit_id: int, before: Lies, after: Lies) -> None:
    """Move what is folded of a unit to the jurisdictions that it lies in now, in the transaction that moves it."""
    mark = locked(session)
    folded = (lambda ledger: ledger.unit_id == unit_id, lambda ledger: ledger.id <= mark.folded_id)
    rows = session.execute(reaching(entries(0, *folded), "of one unit, which the caller changes")).all()
    moved = booked(rows, after)
    for key, numbers in booked(rows, before).cells.items():
        moved.add(key, (-number for number in numbers))
    _add_flows(session, moved)


information.MOVES.append(move)


# ---- into the tables -------------------------------------------------------------------------------------------------


def _store(session: Session, found: Booked) -> None:
    _add_flows(session, found)
    first = recent()
    days = [
        {"unit_id": unit_id, "day": day, "decided": number}
        for (unit_id, day), number in found.decided.items()
        if number and day >= first
    ]
    _upsert(session, UnitFlow, days, ("unit_id", "day"), ("decided",))
    _stand(session, sorted(found.units))


def _add_flows(session: Session, found: Booked) -> None:
    named = ("over", "owner_id", "day", "kind", "node")
    rows = [
        dict(zip((*named, *COUNTS), (*key, *numbers), strict=True))
        for key, numbers in sorted(found.cells.items())
        if any(numbers)
    ]
    _upsert(session, Flow, rows, named, COUNTS)


def _stand(session: Session, units: Sequence[int]) -> None:
    """How the units stand now, in the place of how they stood."""
    live = {row.unit_id: row for row in session.execute(standing_now(listed(session, units)))}
    rows = [
        {
            "unit_id": pk,
            "waiting": live[pk].waiting if pk in live else 0,
            "oldest": live[pk].oldest if pk in live else None,
        }
        for pk in units
    ]
    _upsert(session, Standing, rows, ("unit_id",), ("waiting", "oldest"), add=False)


def standing_now(units: Any) -> Select[Any]:
    """How the units of a SELECT of ids stand by their records themselves: by what waits at the unit, for what lies at a
    node further on is not its delay. Units where nothing waits are left out."""
    since: ColumnElement[Any] = sa.func.min(Submission.waits_since, type_=Standing.oldest.type)
    query = sa.select(Submission.unit_id, sa.func.count().label("waiting"), since.label("oldest"))
    there = (PENDING, Submission.node == NODES[0], Submission.unit_id.in_(units))
    return query.where(*there).group_by(Submission.unit_id)


def _upsert(
    session: Session,
    model: type[Any],
    rows: Sequence[dict[str, Any]],
    key: Sequence[str],
    columns: Sequence[str],
    add: bool = True,
) -> None:
    """Insert rows, or add their numbers to those that are there, or put them in their place."""
    if not rows:
        return
    table = model.__table__
    insert = INSERT[session.get_bind().dialect.name](table)
    new = insert.excluded
    values = {name: table.c[name] + new[name] if add else new[name] for name in columns}
    upsert = insert.on_conflict_do_update(index_elements=key, set_=values)
    session.execute(reaching(upsert, "numbers of units that the caller's session sees"), rows)


# ---- the check -------------------------------------------------------------------------------------------------------


def differences(session: Session) -> Iterator[str]:
    """A line for each number that is not what the ledger says up to the watermark."""
    folded_id = session.scalar(sa.select(Mark.folded_id)) or 0
    told = Booked()
    query = entries(0, lambda ledger: ledger.id <= folded_id).execution_options(yield_per=CHUNK)
    for rows in session.execute(query).partitions():
        part = booked(rows)
        for key, numbers in part.cells.items():
            told.add(key, numbers)
        told.decided.update(part.decided)
    yield from _differing_flows(session, told)
    yield from _differing_units(session, told, folded_id)


def _differing_flows(session: Session, told: Booked) -> Iterator[str]:
    table = Flow.__table__
    stored = session.execute(reaching(sa.select(table), "the check looks at all"))
    kept = {tuple(row[:5]): list(row[5:]) for row in stored}
    for key in sorted(kept.keys() | told.cells.keys()):
        if kept.get(key, [0] * 4) != told.cells.get(key, [0] * 4):
            over, owner, day, kind, node = key
            when = "all days" if day == EVER else day
            yield f"the overview is not the ledger's: {over} {owner} {when} {kind} {node}"


def _differing_units(session: Session, told: Booked, folded_id: int) -> Iterator[str]:
    first = recent()
    kept = {
        (row.unit_id, row.day): row.decided
        for row in session.execute(sa.select(UnitFlow.unit_id, UnitFlow.day, UnitFlow.decided))
    }
    for key in sorted(kept.keys() | told.decided.keys()):
        if key[1] >= first and kept.get(key, 0) != told.decided[key]:
            yield f"what was decided of a unit is not the ledger's: unit {key[0]} {key[1]}"
    newer = sa.select(Decision.unit_id).where(Decision.id > folded_id)
    live = standing_now(sa.select(Submission.unit_id)).subquery("live")
    query = sa.select(Standing.unit_id).outerjoin(live, live.c.unit_id == Standing.unit_id)
    wrong = sa.or_(
        Standing.waiting != sa.func.coalesce(live.c.waiting, 0), Standing.oldest.is_distinct_from(live.c.oldest)
    )
    for pk in session.scalars(query.where(Standing.unit_id.not_in(newer), wrong).order_by(Standing.unit_id)):
        yield f"how a unit stands is not what its records say: unit {pk}"
