"""The table of a public notice: what the unit says of each application in it, written all at once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.applications import drafting
from app.applications.drafting import Draft
from app.applications.models import Recommendation
from app.applications.notices.members import is_open
from app.review.drafts import unsent
from app.review.workflow import Actor
from app.tenancy import reaching
from app.units.posts import LEVELS

NAMES = ("text", "occupies", "level", "explanation")  # its fields, each with a colon and the application's id
SEEN = "seen"  # what the page had of a row: see `seen_of`
CATEGORY_OF = {level: category for category, levels in LEVELS.items() for level in levels}


@dataclass
class Written:
    """A row as it was sent. `kept`: what somebody else wrote there since the page was opened."""

    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    kept: dict[str, str] | None = None


@dataclass
class Table:
    """All rows that were sent, by the applications' ids; `lost` are those that are not to be written any more."""

    rows: dict[int, Written] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)
    lost: list[dict[str, str]] = field(default_factory=list)
    unsent: str | None = None  # it came back after the session had ended

    @property
    def wrong(self) -> bool:
        return self.unsent is not None or any(row.errors for row in self.rows.values())

    @property
    def stale(self) -> bool:
        return bool(self.lost) or any(row.kept is not None for row in self.rows.values())


def values_of(said: Recommendation) -> dict[str, str]:
    """A row as its fields show it."""
    values = drafting.values_of(Draft(said, None))
    return {name: _plain(values[name]) for name in NAMES}


def seen_of(said: Recommendation) -> str:
    """What a page has of a row: the changes so far, and a mark of what stands there, so that a row that nobody touched
    is told from one that was written."""
    return f"{said.steps}.{_mark(values_of(said))}"


def _mark(values: Mapping[str, str]) -> str:
    text = "\x1f".join(values[name] for name in NAMES)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def read(sent: Mapping[str, str], people: Sequence[Any], actor: Actor, institution: bool) -> Table:
    """The table as it was sent, checked against what is there now."""
    table = Table(unsent=unsent())
    rows = {row.id: row for row in people if is_open(row) and row.person_id != actor.person_id}
    fill = _plain(sent.get("fill", "")) if "fill_empty" in sent else ""
    for pk, seen in _rows_in(sent):
        values = {name: _plain(sent.get(f"{name}:{pk}", "")) for name in NAMES}
        steps, _dot, mark = seen.partition(".")
        untouched = _mark(values) == mark
        row = rows.get(pk)
        if row is None:
            if not untouched:
                table.lost.append({"text": values["text"], "explanation": values["explanation"]})
            continue
        now = values_of(row.Recommendation)
        if untouched:
            values = dict(now)
        if not values["text"] and fill:
            values["text"] = fill
        written = table.rows[pk] = Written(values, _form(row.Recommendation, values, institution).errors)
        if values != now:
            table.changed.add(pk)
            written.kept = now if steps != str(row.Recommendation.steps) and not untouched else None
    return table


def _rows_in(sent: Mapping[str, str]) -> list[tuple[int, str]]:
    found = ((name.partition(":"), value) for name, value in sent.items())
    return [(int(pk), value) for (name, _colon, pk), value in found if name == SEEN and pk.isdecimal() and len(pk) < 10]


def _form(said: Recommendation, values: Mapping[str, str], institution: bool) -> drafting.Form:
    """The row as the recommendation's own form would be: the level brings its category."""
    category = CATEGORY_OF.get(values["level"], said.category)
    return drafting.read({**values, "category": category}, Draft(said, None), institution)


def save(session: Session, people: Sequence[Any], table: Table, institution: bool) -> int:
    """Keep what changed of a table without faults; how many rows did. One statement."""
    rows = [row.Recommendation for row in people if row.id in table.changed]
    said = [drafting.said_in(_form(one, table.rows[one.application_id].values, institution).values) for one in rows]
    if rows:
        columns = Recommendation.__table__.c
        update = sa.update(Recommendation.__table__).where(columns.id == sa.bindparam("pk"), columns.entry_id.is_(None))
        update = update.values(steps=columns.steps + 1, **{name: sa.bindparam(f"new_{name}") for name in said[0]})
        values = [
            {"pk": one.id} | {f"new_{name}": value for name, value in new.items()}
            for one, new in zip(rows, said, strict=True)
        ]
        session.execute(reaching(update, "their ids were read in scope"), values)
    return len(rows)
