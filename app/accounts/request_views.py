"""角色申请: who comes by 单位登录 and waits for a role in his unit, and the answers."""

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _

from app.accounts import forms, joining, unit_page
from app.accounts.account_page import Sent
from app.accounts.bounds import REFUSED, Refused
from app.accounts.joining import Answered
from app.accounts.managing import Answer, Managing, by_now
from app.accounts.models import Joining
from app.accounts.unit_page import Paged
from app.extensions import db
from app.review import drafts, pages
from app.review.listing import page_number


class RequestsView(Managing):
    route_base = "/roles/requests"
    default_view = "list"
    class_permission_name = "roles"
    method_permission_name = dict.fromkeys(("list", "admit", "refuse"), "edit")

    @expose("/")
    @has_access
    def list(self) -> Answer:
        asked = Paged(page_number(request.args.get("page") or "1"))
        total = joining.number_waiting(db.session())
        last = max(1, pages.page_count(total))
        if asked.page > last:
            raise pages.no_such_page(self.url("list", Paged(last).query_string()), last)
        return self._page(asked, total, Sent())

    def _page(self, asked: Paged, total: int, sent: Sent) -> str:
        rows = joining.waiting(db.session(), page=asked.page)
        page = unit_page.requests_page(self, by_now(), asked, rows, total, sent)
        return render_template("accounts/requests.html", page=page)

    @expose("/admit/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def admit(self, pk: int) -> Answer:
        role = request.form.get("role", "")
        problem = None if role in joining.ASKED else _("Choose one.")
        sent = Sent(f"admit-{pk}", {"role": role}, _problems("role", problem))
        return self._step(
            pk, sent, lambda: joining.answer(db.session(), by_now(), pk, True, role=role), _("The role was granted.")
        )

    @expose("/refuse/<int(max=2147483647):pk>", methods=["POST"])
    @has_access
    @drafts.comes_back
    def refuse(self, pk: int) -> Answer:
        reason = request.form.get("reason", "").strip()
        sent = Sent(f"refuse-{pk}", {"reason": reason}, _problems("reason", forms.reason_problem(reason)))
        return self._step(
            pk,
            sent,
            lambda: joining.answer(db.session(), by_now(), pk, False, reason=reason),
            _("The request was refused. Who asked sees the reason."),
        )

    def _step(self, pk: int, sent: Sent, step: Callable[[], Joining | None], done: str) -> Answer:
        """Answer a request, or show its page of the list with what is in the way."""
        if sent.problems:
            return self._again(pk, sent), 400
        try:
            if step() is None:
                abort(404)
        except Refused as refused:
            if refused.reason in ("self", "role", "place"):
                abort(403, str(refused))
            return self._again(pk, Sent(sent.form, sent.texts, told=str(REFUSED[refused.reason]))), 409
        except Answered as answered:
            return self._again(pk, Sent(told=unit_page.answered(answered.standing))), 409
        db.session.commit()
        flash(done, "success")
        return redirect(self.url("list", self._place(pk)[0].query_string()), 303)

    def _again(self, pk: int, sent: Sent) -> str:
        return self._page(*self._place(pk), sent)

    def _place(self, pk: int) -> tuple[Paged, int]:
        """The page of the list on which a request stands, or stood; and how many wait."""
        total, before = joining.number_waiting(db.session()), joining.number_waiting(db.session(), before=pk)
        return Paged(min(pages.page_count(before + 1), max(1, pages.page_count(total)))), total


def _problems(field: str, problem: str | None) -> dict[str, str]:
    problem = problem or drafts.unsent()
    return {field: problem} if problem else {}
