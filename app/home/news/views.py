"""职称信息: the list and each page for every reader; HR operations writes, previews, publishes and withdraws."""

import re
import secrets
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, g, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from sqlalchemy import ColumnElement
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from app.extensions import begin_write, db
from app.forms import reason_problem
from app.home import news
from app.home.models import News
from app.home.news import form, listing, pages, state
from app.home.news.listing import Wanted
from app.review import drafts
from app.review.desk_base import Screen
from app.review.pages import arguments, refuse_past_end
from app.tenancy import scope_of

Answer = Response | str | tuple[str, int]


class NewsView(Screen):
    route_base = "/news"
    default_view = "list"
    class_permission_name = "news"
    method_permission_name = {
        **dict.fromkeys(("list", "search"), "read"),
        **dict.fromkeys(("add", "edit", "publish", "withdraw"), "edit"),
    }

    # ---- reading -----------------------------------------------------------------------------------------------------

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        session, wanted = db.session(), Wanted.parse(request.args, self._writes_in())
        if (q := listing.search_text(session, wanted.q, wanted)) != request.args.get("q", ""):
            return redirect(self.url("list", wanted.query_string(q=q)))
        rows = session.execute(listing.page_of(session, wanted)).all()
        counts = listing.counts(session, wanted)
        refuse_past_end(
            rows, wanted.page, counts["found"], lambda last: self.url("list", wanted.query_string(page=last))
        )
        return render_template("news/list.html", page=pages.list_page(self, wanted, rows, counts))

    @expose("/search", methods=["POST"])
    @has_access
    @drafts.comes_back
    def search(self) -> Response:
        """The search box: posted, so that a number of a person typed there never stands in an address."""
        wanted = Wanted.parse(self._arguments(), self._writes_in())
        q = listing.search_text(db.session(), request.form.get("q", ""), wanted)
        return redirect(self.url("list", wanted.query_string(q=q, page=1)), 303)

    @expose("/show/<int(max=2147483647):pk>")
    def show(self, pk: int) -> str:
        """Open to strangers too, who read what is for the whole province."""
        row = db.session.scalar(sa.select(News).where(News.id == pk, self._is_read())) or abort(404)
        return self._page(row)

    def _is_inside(self) -> bool:
        return "actor" in g and not g.get("alone") and self.may("read")

    def _is_read(self) -> ColumnElement[bool]:
        if not self._is_inside():
            return news.is_public()
        return news.is_read(scope_of(db.session()), self._writes_in())

    def _page(self, row: News, **asked: Any) -> str:
        g.here = self.url("show", pk=row.id)  # where the language switch of a posted page leads
        if not self._is_inside():
            return render_template("news/public.html", page=pages.show_page(self, row, "", False, asked))
        given, writes_in = self._arguments() if request.method == "POST" else request.args, self._writes_in()
        writes = writes_in is not None and row.region in dict(form.choices(writes_in))
        query = Wanted.parse(given, writes_in).query_string()
        return render_template("news/show.html", page=pages.show_page(self, row, query, writes, asked))

    def _writes_in(self) -> str | None:
        """The region in which the reader writes news."""
        return g.held.region if g.held and self.may("edit") else None

    def _arguments(self) -> dict[str, str]:
        """What the list was asked for, from which a posted form comes."""
        return dict(arguments(request.form.get("query", "")))

    # ---- what HR operations does -------------------------------------------------------------------------------------

    def _within(self) -> str:
        return self._writes_in() or abort(404)

    def _own(self, pk: int) -> News:
        """News that the reader may change; locked where it will be."""
        query = sa.select(News).where(News.id == pk, news.is_own(self._within()))
        if request.method == "POST":
            query = query.with_for_update()
        return db.session.scalar(query) or abort(404)

    @expose("/add", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def add(self) -> Answer:
        """A new draft; `like` names news of which it is a copy, to be put right."""
        if request.method == "POST":
            try:
                return self._written(None)
            except IntegrityError:  # the same form came twice at the same moment: now it finds what is stored of it
                db.session.rollback()
                begin_write(db.session())
                return self._written(None)
        like = request.args.get("like", "")
        if like and not re.fullmatch("[0-9]{1,9}", like):
            abort(404)
        texts = form.texts_of(self._own(int(like))) if like else {"region": self._within()}
        return self._form(None, texts)

    @expose("/edit/<int(max=2147483647):pk>", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def edit(self, pk: int) -> Answer:
        row = self._own(pk)
        if state(row) != "draft":
            return self._page(row, error=self._no_draft()), 409
        return self._written(row) if request.method == "POST" else self._form(row, form.texts_of(row))

    def _written(self, row: News | None) -> Answer:
        """What was written comes back in the form, or as it will be read, or is stored."""
        texts, step = form.typed(request.form), request.form.get("step", "")
        if step == "edit":
            return self._form(row, texts)
        if row and (problem := self._meanwhile(row)):
            return self._form(row, texts, error=problem), 409
        values, problems = form.read(texts, self._within())
        if not problems and step in ("save", "publish") and (unsent := drafts.unsent()):
            problems["body"] = unsent
        if problems:
            return self._form(row, texts, problems), 400
        columns = news.written(**values)
        if step not in ("save", "publish"):
            g.here = self.url("edit", pk=row.id) if row else self.url("add")
            page = pages.preview_page(self, row, columns, request.form.get("seen", ""))
            return render_template("news/preview.html", page=page)
        if row is None and (stored := news.of_form(db.session(), self._name(), g.actor)):
            return self._again(stored, texts, columns, step == "publish")
        return self._stored(row, columns, step == "publish")

    def _name(self) -> str:
        """What the form of new news is called, so that it makes one piece of news however often it is sent."""
        return request.form.get("seen", "")[:40]

    def _again(self, stored: News, texts: dict[str, str], columns: dict[str, str], published: bool) -> Answer:
        """The form of what is stored already: opened again, or written on after going back."""
        if any(getattr(stored, name) != value for name, value in columns.items()):
            told = _(
                "This page was stored already, as the list shows. What you wrote is kept: sent again it is another."
            )
            return self._form(None, texts, error=told), 409
        if published and state(stored) == "draft":
            return self._stored(stored, {}, True)
        flash(_("This was stored already."), "info")
        return redirect(self.url("show", pk=stored.id), 303)

    def _stored(self, row: News | None, columns: dict[str, str], published: bool) -> Response:
        session = db.session()
        if row is None:
            row = news.add(session, columns, g.actor, self._name())
        elif any(getattr(row, name) != value for name, value in columns.items()):
            news.change(session, row, columns, g.actor)
        if published:
            news.publish(session, row, g.actor)
        session.commit()
        flash(_("The news was published.") if published else _("The draft was saved."), "success")
        return redirect(self.url("show", pk=row.id), 303)

    @expose("/publish/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def publish(self, pk: int) -> Answer:
        row = self._own(pk)
        problem = self._no_draft() if state(row) != "draft" else self._meanwhile(row)
        if problem:
            return self._page(row, error=problem), 409
        if unsent := drafts.unsent():
            return self._page(row, error=unsent), 400
        return self._stored(row, {}, True)

    @expose("/withdraw/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def withdraw(self, pk: int) -> Answer:
        """Withdraw what is published, with a reason; asks first."""
        row, reason = self._own(pk), request.form.get("reason", "").strip()
        if state(row) != "published":
            return self._page(row, error=_("This is not published: there is nothing to withdraw.")), 409
        if "sure" not in request.form:
            return self._page(row, asks=True)
        if problem := reason_problem(reason) or drafts.unsent():
            return self._page(row, asks=True, typed=reason, problem=problem), 400
        news.withdraw(db.session(), row, reason, g.actor)
        db.session.commit()
        flash(_("The news was withdrawn: nobody reads it any more."), "success")
        return redirect(self.url("show", pk=pk), 303)

    def _meanwhile(self, row: News) -> str | None:
        """What is told when a draft is no longer what its page showed."""
        if request.form.get("seen") == str(row.steps):
            return None
        return _("The draft changed while you had it open, and nothing was stored: read it once more before you go on.")

    def _no_draft(self) -> str:
        return _("This was published meanwhile, and what is published is never changed: withdraw it, then write anew.")

    def _form(
        self, row: News | None, texts: dict[str, str], problems: dict[str, str] | None = None, error: str | None = None
    ) -> str:
        """The form; with an `error`, that the draft changed, it goes on from how the draft is now."""
        g.here = self.url("edit", pk=row.id) if row else self.url("add")
        steps = str(row.steps) if row else secrets.token_urlsafe(12)
        seen = steps if error else request.form.get("seen", steps)
        page = pages.form_page(self, row, self._within(), texts, problems or {}, seen, error)
        return render_template("news/form.html", page=page)
