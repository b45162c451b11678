"""What every part of a desk stands on: its declaration, what it was asked for, its addresses, its review page."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import abort, g, render_template, request, url_for
from flask_appbuilder import BaseView
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup, escape

from app import audit
from app.extensions import db
from app.review import pages, record
from app.review.facts import Material, Section
from app.review.labels import STATUS
from app.review.listing import NARROWERS, REF, Asked, BadAsk, Listing, clean_search, is_ref, sealed_search, total_of
from app.review.pages import Question
from app.review.queue import place
from app.review.record import Aside, Record
from app.review.tabs import node_of
from app.review.workflow import Left

# method → what may be done: the permissions of a desk, the same for every kind
PERMISSIONS = {
    "list": "read",
    "search": "read",
    "show": "read",
    "export": "export",
    "export_xlsx": "export",
    "attachments": "export",
    "decide": "decide",
    "preview": "decide",
    "take_back": "decide",
    "batch": "decide",
    "postpone": "decide",
    "note": "note",
    "present": "note",
    "reveal": "reveal",
}


class Screen(BaseView):
    """A page of ours: its addresses, and what the reader may do there."""

    def url(self, view: str, query: str = "", **values: Any) -> str:
        address = url_for(f"{self.endpoint}.{view}", **values)
        return f"{address}?{query}" if query else address

    def may(self, permission: str) -> bool:
        """Whether the reader has a permission on this page."""
        return bool(self.appbuilder.sm.has_access(f"can_{permission}", self.class_permission_name))


class DeskBase(Screen):
    listing: Listing
    material: Material
    kind: str  # whose waiting records the menu counts
    method_permission_name = PERMISSIONS

    @property
    def counted(self) -> Collection[str]:
        """The kinds of which its lists say how many there are in all."""
        return (self.kind,)

    tab_labels: Mapping[str, Any] = STATUS
    back_label: Any = _l("Back to the list")
    of_several = False  # whether its list is of several kinds, each decided at its own desk

    def home(self, name: str) -> "DeskBase":
        """The desk whose list is meant: one of several kinds, by the name of its list, from which a page was opened;
        else this one. Raises BadAsk."""
        if not name:
            return self
        leads = (view for view in self.appbuilder.baseviews if isinstance(view, DeskBase) and view.of_several)
        found = next((view for view in leads if view.may("read") and view.listing.name == name), None)
        if found is None:
            raise BadAsk(_("There is no such list."))
        return found

    def narrowing(self) -> list[str]:
        """The names of all that its address may filter by."""
        return [each.name for each in self.listing.narrowers]

    def number(self, status: str) -> int:
        """How many there are on a whole tab."""
        return pages.counts_of_request(self.counted).of(self.listing.kind, self.listing.types, status)

    def opens(self, row: Any, query: str) -> str:
        """The address of a record's page, from the list."""
        return self.url("show", query, pk=row.id)

    def material_of(self, row: Any, content: Mapping[str, Any] | None = None) -> Material:
        """What the review page shows of a record, or of another content of it than its newest."""
        return self.material

    def ahead(self, loaded: Record, whole: bool) -> list[Section]:
        """Sections that the review page shows before the record's own; numbers are whole where they are there."""
        return []

    def beside(self, loaded: Record) -> list[Section]:
        """Sections that it shows after them."""
        return []

    show_template = "desk/show.html"

    def show_context(self, loaded: Record, state: dict[str, Any]) -> dict[str, Any]:
        """What the template of the review page shows besides. `state` is of a form that comes back."""
        return {}

    def more_files(self, row: Any) -> Sequence[str]:
        """The ids of files that its page shows besides those of its versions."""
        return ()

    def questions(self, verdict: str, row: Any = None) -> Sequence[Question]:
        """What the dialog of a verdict asks besides the opinion: of one record, or of a batch."""
        return ()

    def batch_actions(self) -> Sequence[dict[str, str]]:
        """What else the chosen rows of a list can be posted to: labels and addresses."""
        return ()

    def explanation(self, verdict: str, row: Any = None) -> str:
        """What the dialog of a verdict says follows from it: of one record, or of a batch."""
        return ""

    def answers_problem(self, verdict: str, said: Mapping[str, str], row: Any, number: int) -> dict[str, str]:
        """What is wrong with the answers to `questions`, by name: of one record, or of so many in a batch."""
        return {}

    def left_for_want_of(self, verdict: str, left: Left) -> dict[str, str]:
        """The questions of a verdict's dialog that would have let go what it left, with what to say."""
        return {}

    has_files = False  # whether its records have attachments

    def heading(self, row: Any) -> str:
        """What a record's page is called."""
        return str(self.listing.title)

    def reading_order(self, row: Any) -> Any:
        """What a person's records of this kind are ordered by, where they are read one after the other."""
        return row.submitted_at, row.id

    def type_label(self, row: Any) -> str:
        """How a record's type reads; empty for a kind without types."""
        return ""

    def set_apart(self, ids: Sequence[int]) -> tuple[Any, Mapping[int, str]] | None:
        """What besides its title a person's page says of a record of this kind: a heading, and a text by id."""
        return None

    def placing(self, row: Any) -> tuple[Sequence[str], Sequence[str]]:
        """Where a record's files lie in the ZIP of its list: the folders, outermost first, and the files' ids."""
        raise NotImplementedError

    def story(self, row: Any) -> Sequence[Aside]:
        """What of other records' ledgers belongs into this one's history."""
        return ()

    def related(self, row: Any) -> list[dict[str, str]]:
        """What else to open from a record's page: a label, a text, an address."""
        pages_of = (narrower.back for narrower in NARROWERS if narrower.name == "person")
        return [{"label": _("Person"), "text": row.person_name, "url": of(str(row.person_id))} for of in pages_of if of]

    def alike(self, row: Any) -> list[dict[str, Any]]:
        """Other records that may be the same one: groups of a label, a total, and records with unit, time and link."""
        return []

    @property
    def at(self) -> str | None:
        """The node that this desk is at; none while the framework looks at its views, outside of any request."""
        return node_of(self.kind, g.actor.node) if "actor" in g else None

    def asked(self, args: dict[str, str] | None = None) -> tuple[Asked, dict[str, str]]:
        """What the address asks of the list, and the problems of its filters."""
        given = request.args.to_dict() if args is None else args
        home = self.home(given.get("list", ""))
        asked, problems = Asked.parse(home.listing, given, g.actor.user_id, home.at)
        typed = clean_search(given.get("q", ""))
        if typed.startswith(REF) or asked.q != typed:  # what looks like a number may be a reference
            asked = replace(asked, q=home.search_text(typed))
        return asked if home is self else replace(asked, list=home.listing.name), problems

    def search_text(self, text: str) -> str:
        """A text of the search box as it may stand in an address: as a reference, where it is one."""
        text = text.lstrip(REF)
        return f"{REF}{text}" if is_ref(db.session(), self.listing, text) else sealed_search(text)

    def asked_by_form(self) -> Asked:
        """What the list was asked for that a form carries along; filters that cannot be read are no form's of ours."""
        asked, problems = self.asked(dict(pages.arguments(request.form.get("query", ""))))
        return asked.without(problems)

    def may_decide(self, kind: str) -> bool:
        """Whether the reader decides records of a kind."""
        return self.may("decide")

    def decides(self, asked: Asked) -> bool:
        """Whether the reader decides what this list shows."""
        return asked.status == "pending" and g.actor.node is not None and self.may_decide(self.kind)

    def total(self, asked: Asked) -> int:
        """How many match; a whole tab's number is among the counts already."""
        if not asked.narrowed:
            return self.number(asked.status)
        asks = (asked, pages.put_off_of(asked))  # the list's page asks for the second besides
        total, g.put_off = db.session.execute(
            sa.select(*(total_of(self.listing, one).scalar_subquery() for one in asks))
        ).one()
        return int(total)

    def list_url(self, asked: Asked, **changes: Any) -> str:
        return self.home(asked.list).url("list", asked.query_string(list="", **changes))

    def place_url(self, asked: Asked, pk: int) -> str:
        """The address of a neighbour in the list, which may be of another kind."""
        return self.home(asked.list).url("show", asked.query_string(list=""), pk=pk)

    def back_url(self, asked: Asked, **changes: Any) -> str:
        """Where the pages of a list lead back to: the list, or the page that led into it."""
        return asked.back or self.list_url(asked, **changes)

    def next_after(self, row: Any, asked: Asked) -> str:
        """The address of what comes next in the queue, once this record is done or put off (B1)."""
        found = place(db.session(), self.home(asked.list).listing, asked, row, g.actor.user_id)
        following = found.next or found.previous
        if asked.status == "pending" and following:
            return self.place_url(asked, following)
        return self.back_url(asked, page=1)

    def leading_to(self, row: Any, text: str) -> Markup:
        """A message that leads back to the record of which it tells, by its reference: names stay out of cookies."""
        said = _("View the record %(ref)s", ref=row.ref)
        link = Markup(' <a href="{}">{}</a>').format(self.url("show", pk=row.id), said)
        return escape(text) + link

    def show_page(self, pk: int, asked: Asked, reveal: bool = False, **state: Any) -> str:
        """The review page; numbers are whole where the record waits at the reader's node, elsewhere by 显示."""
        found = record.load(db.session(), self, pk, asked)
        if found is None:
            abort(404)
        g.here = self.url("show", asked.query_string(), pk=pk)  # where the language switch of a posted page leads
        waits = found.row.status == "pending" and found.row.node == g.actor.node
        whole = (waits or reveal) and self.may("reveal") and found.has_numbers
        if whole:
            self._audit_reveal(found.row)
        page = render_template(self.show_template, page=record.page(self, found, asked, whole, **state))
        if request.method == "POST":
            db.session.commit()  # the audit row of what the page shows; whatever else was to be stored comes before it
        return page

    def _audit_reveal(self, row: Any) -> None:
        """Numbers are shown whole: a row in the audit log, in the request's own transaction where it may write."""
        what = ("reveal", g.actor, f"{row.kind} {row.ref}", row.unit_id)
        if request.method == "GET":
            audit.record_apart(*what)
        else:
            audit.record(db.session(), *what)
