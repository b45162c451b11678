"""任务中心: what waits for the reader, of all kinds in one list, and what has been handled (R27, R28).

Nothing is decided here: a record opens at the desk of its kind, in the queue of this list, and what is ticked is posted
there, each kind apart.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import abort, g, redirect
from flask_appbuilder import expose, has_access
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement
from werkzeug.wrappers import Response

from app.applications.views import CLOSES_ON, DUE_ON, WAITING
from app.archive.catalogue import catalogue
from app.archive.listings import of_items_numbered, of_people_ending, of_people_numbered, type_label
from app.extensions import db
from app.home.overview.folding import behind
from app.home.overview.numbers import flows
from app.home.overview.page import owner_of
from app.review.desks import desks
from app.review.labels import KIND
from app.review.ledger import decided_by, handled_at
from app.review.listing import Asked, Column, Filter, Listing
from app.review.lists import Lists
from app.review.models import NODES, Submission
from app.review.pages import counts_of_request, pick
from app.review.phrases import phrases_of, texts_by_verdict
from app.review.rules import is_routed
from app.tenancy import scope_of
from app.units.lists import EXPORT, SCREEN, columns_around, filters_after

MATTER = Submission.kind + "/" + Submission.type + "/" + Submission.title  # neither of the first two has a slash


FOLDED = 5_000  # rows of the ledger at most that are not folded yet where its folded numbers are asked


def _matter(value: str) -> str:
    """What it is about: the type or the kind, and the record's own title where it has one."""
    kind, type_, title = value.split("/", 2)
    return " · ".join(filter(None, (type_label(type_) if type_ else str(KIND[kind]), title)))


def _of_mine(_value: str) -> ColumnElement[bool]:
    return Submission.id.in_(decided_by(g.actor.user_id))


def _listing(kinds: tuple[str, ...], at: str) -> Listing:
    """The list of what comes to a node, where records of these kinds are decided."""
    own = (
        Column("matter", _l("Matter"), MATTER, _matter, on=SCREEN),
        Column("kind", _l("Kind"), Submission.kind, lambda kind: str(KIND[kind]), on=EXPORT),
        Column("type", _l("Item type"), Submission.type, lambda key: type_label(key) if key else "", on=EXPORT),
        Column("title", _l("Title"), Submission.title, on=EXPORT),
        WAITING,
        replace(DUE_ON, undecided=True),
        CLOSES_ON,
    )
    handled = handled_at(at)
    around = {column.name: column for column in columns_around(*own, routed=True)}
    # When it was handled here, whatever others decided since; where it waits goes without saying, where it went not.
    order = sa.func.coalesce(handled, Submission.submitted_at, type_=Submission.submitted_at.type)
    around["decided_at"] = replace(around["decided_at"], expression=handled, sort=order, on=SCREEN | EXPORT)
    around["node"] = replace(around["node"], decided=True)
    choices = (
        Filter(
            "kind",
            _l("Kind"),
            "select",
            lambda value: Submission.kind == value,
            lambda: [(kind, str(KIND[kind])) for kind in kinds],
        ),
        Filter(
            "type",
            _l("Item type"),
            "select",
            lambda value: Submission.type == value,
            lambda: [(key, type_label(key)) for key in catalogue().types],
        ),
    )
    mine = Filter("by", _l("Handled by"), "select", _of_mine, lambda: [("me", _l("Me"))], offered=False)
    return Listing(
        name="tasks",
        kind="",
        kinds=kinds,
        title=_l("Task center"),
        model=Submission,
        types=None,
        texts=(Submission.person_name, Submission.title),
        by_number=of_people_numbered,
        by_tail=of_people_ending,
        by_mark=of_items_numbered,
        columns=tuple(around.values()),
        filters=(*filters_after(*choices[: 2 if "archive_item" in kinds else len(kinds) > 1]), mine),
        tabs=("pending", "handled"),
        usual={"pending": "waiting", "handled": "-decided_at"},
    )


class TasksDesk(Lists):
    kind = ""
    of_several = True
    route_base = "/tasks"
    class_permission_name = "tasks"
    list_template = "tasks/list.html"
    back_label = _l("Back to the task center")
    tab_labels = {"pending": _l("To do"), "handled": _l("Done")}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that come to the reader's node; none while the framework looks at its views."""
        node = g.actor.node if "actor" in g else None
        return tuple(kind for kind in desks() if is_routed(kind) or node == NODES[0]) if node else ()

    @property
    def listing(self) -> Listing:  # type: ignore[override]
        """Made once for a request: what it is sorted by is known by being the same."""
        if "tasks_listing" not in g:
            g.tasks_listing = _listing(self.kinds, self.at or NODES[0])
        found: Listing = g.tasks_listing
        return found

    @property
    def counted(self) -> Collection[str]:
        return self.kinds

    @property
    def at(self) -> str | None:
        return g.actor.node if "actor" in g else None

    def number(self, status: str) -> int:
        return sum(self._numbers(status).values())

    def _numbers(self, status: str) -> dict[str, int]:
        """How many there are on a whole tab, by kind."""
        folded = "came" in g or ("counts" not in g and g.screen == "wide" and behind(db.session()) <= FOLDED)
        if folded:
            return self._numbers_of_many(status)
        counts = counts_of_request(self.kinds)
        return {kind: counts.of(kind, status=status) for kind in self.kinds}

    def _numbers_of_many(self, status: str) -> dict[str, int]:
        """The same for a reader of many units: what waits is known of the overview's numbers, which the menu shares;
        the rest of what has come to him is handled. Three statements for a request, none through all records; after a
        mass load, before it is folded, all are counted instead."""
        if "came" not in g:
            session = db.session()
            owner = owner_of(scope_of(session))
            g.counts = flows(session, None, [owner]).counts(owner, self.at)
            came = sa.select(Submission.kind, sa.func.count()).where(*self.listing.belonging(self.at))
            g.came = dict(session.execute(came.group_by(Submission.kind)).fetchall())
        waits = {kind: g.counts.waiting(kind) for kind in self.kinds}
        return waits if status == "pending" else {kind: g.came.get(kind, 0) - waits[kind] for kind in self.kinds}

    def may_decide(self, kind: str) -> bool:
        return any(desks()[one].may("decide") for one in ([kind] if kind else self.kinds))

    def opens(self, row: Any, query: str) -> str:
        return desks()[row.kind].url("show", f"list=tasks&{query}" if query else "list=tasks", pk=row.id)

    @expose("/show/<int(max=2147483647):pk>")
    @has_access
    def show(self, pk: int) -> Response:
        """A record's review page, at the desk of its kind; the queue goes on through all kinds."""
        query = sa.select(Submission.id, Submission.kind).where(Submission.id == pk, *self.listing.belonging(self.at))
        row = db.session.execute(query).first() or abort(404)
        asked, problems = self.asked()
        return redirect(self.opens(row, asked.without(problems).query_string()))

    # ---- what is decided from here -----------------------------------------------------------------------------------

    def total(self, asked: Asked) -> int:
        """How many match; how many of each kind is kept, for what decides them."""
        g.found = self._numbers(asked.status) if not asked.narrowed else self._matching(asked)
        return sum(g.found.values())

    def _matching(self, asked: Asked) -> dict[str, int]:
        query = sa.select(Submission.kind, sa.func.count()).where(asked.matching(self.listing))
        return dict(db.session.execute(query.group_by(Submission.kind)).fetchall())

    def list_context(self, asked: Asked, rows: Any) -> dict[str, Any]:
        """What decides what is ticked, each kind apart, and on the other tab the button for one's own."""
        picks = self._picks(asked, rows) if rows and self.decides(asked) else []
        return {"picks": picks, "mine": self._mine(asked) if asked.status == "handled" else None}

    def _picks(self, asked: Asked, rows: Any) -> list[dict[str, Any]]:
        phrases = texts_by_verdict(phrases_of(db.session(), g.unit_id))
        query, seen_at = asked.query_string(list=self.listing.name), rows[0].c_newest.isoformat()
        there = {row.kind for row in rows}
        return [
            pick(desks()[kind], phrases, query, seen_at=seen_at, total=g.found[kind])
            for kind in self.kinds
            if kind in there and self.may_decide(kind)
        ]

    def _mine(self, asked: Asked) -> dict[str, Any]:
        """The button that narrows to what the reader handled himself, and back."""
        others = {name: text for name, text in asked.filters.items() if name != "by"}
        active = "by" in asked.filters
        url = self.list_url(asked, filters=others if active else others | {"by": "me"}, page=1)
        return {"active": active, "url": url}
