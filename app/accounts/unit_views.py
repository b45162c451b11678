"""单位与管理员: the units of a jurisdiction and who administers them, entering a built-in one, handing one over,
changing who a unit is."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import forms, handing, issuing, joining, unit_lists, unit_page
from app.accounts.account_page import Sent
from app.accounts.bounds import REFUSED, Place, Refused
from app.accounts.handing import Changed
from app.accounts.holders import search_text
from app.accounts.managing import Answer, Managing, by_now
from app.accounts.models import Account
from app.accounts.unit_lists import Units
from app.extensions import begin_write, db
from app.review import drafts, pages
from app.units import information
from app.units.changes import history
from app.units.facts import facts_of
from app.units.models import Unit


class UnitsView(Managing):
    route_base = "/accounts/units"
    default_view = "list"
    class_permission_name = "units"
    method_permission_name = {
        **dict.fromkeys(("list", "search", "show", "add"), "edit"),
        "hand_over": "hand_over",
        "edit": "change",
    }

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        asked = self._asked(request.args)
        if asked.q != request.args.get("q", "") or not all(request.args.values()):
            return redirect(self.url("list", asked.query_string()))
        rows = db.session.execute(unit_lists.page_of(asked)).all()
        numbers = unit_lists.numbers(db.session(), asked)
        pages.refuse_past_end(
            rows, asked.page, numbers["found"], lambda last: self.url("list", asked.query_string(page=last))
        )
        found = unit_lists.administrators_of(db.session(), [row.id for row in rows])
        page = unit_page.units_page(self, asked, rows, numbers, found)
        return render_template("accounts/list.html", page=page)

    def _asked(self, args: Any) -> Units:
        """Who hands over looks first for units that nobody administers."""
        return Units.parse(args, "without" if self.may("hand_over") else "all")

    @expose("/search", methods=["POST"])
    @has_access
    @drafts.comes_back
    def search(self) -> Response:
        asked = self._asked(dict(pages.arguments(request.form.get("query", ""))))
        q = search_text(request.form.get("q", ""))
        return redirect(self.url("list", replace(asked, q=q, page=1).query_string()), 303)

    @expose("/show/<int(max=2147483647):pk>")
    @has_access
    def show(self, pk: int) -> str:
        unit = db.session.get(Unit, pk) or abort(404)
        office = unit_lists.in_office(db.session(), pk)
        waiting = joining.waiting(db.session(), unit_id=pk)
        answers = bool(self.appbuilder.sm.has_access("can_edit", "roles"))
        may = {"issue": self.manages(), "answer": answers} | {name: self.may(name) for name in ("hand_over", "change")}
        known = information.known(db.session(), unit)
        facts = facts_of(unit, known, information.masked(unit))
        page = unit_page.unit_page(self, by_now(), unit, office, waiting, may, facts)
        return render_template("accounts/unit.html", page=page | {"history": history(db.session(), pk)})

    @expose("/add", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def add(self) -> Answer:
        """Enter a built-in unit: its code is the system's."""
        by = by_now()
        if request.method != "POST":
            return self._form({}, {})
        texts = forms.typed(forms.UNIT, request.form)
        values, problems = forms.read(forms.UNIT, texts)
        department = self._department(texts["department"], problems)
        if "region" in values and values["region"] not in by.granter.regions():
            problems["region"] = str(REFUSED["place"])
        if problems or drafts.unsent():
            return self._form(texts, problems), 400
        facts = {name: value for name, value in values.items() if name != "department"}
        pk, code = issuing.enter_unit(db.session(), by, facts | {"department_id": department})
        db.session.commit()
        flash(_("The unit was entered. Its code is %(code)s.", code=code), "success")
        return redirect(self.url("show", pk=pk), 303)

    def _department(self, code: str, problems: forms.Problems) -> int | None:
        found: Place | None = forms.unit_of(db.session(), code) if code else None
        if code and found is None:
            problems["department"] = _("No unit with this code is in your jurisdiction.")
        return found.unit_id if found else None

    def _form(self, texts: forms.Texts, problems: forms.Problems) -> str:
        return self.form_page(
            _("Enter a unit"), forms.UNIT, texts, problems, back_url=self.url("list"), button=_("Enter")
        )

    # ---- 更改单位信息 ----

    @expose("/edit/<int(max=2147483647):pk>", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def edit(self, pk: int) -> Answer:
        """Change what the unit has told of itself, who it is included, for a reason."""
        if request.method != "POST":
            unit = db.session.get(Unit, pk) or abort(404)
            return self._changing(unit, information.known(db.session(), unit), {})
        unit = information.lock(db.session(), pk) or abort(404)
        fields = forms.change_of(unit)
        texts = forms.typed(fields, request.form)
        values, problems = forms.read(fields, texts)
        columns = self._judged_columns(unit, values, problems)
        late = request.form.get("seen") != information.seen_of(unit)
        if late or problems or drafts.unsent():
            return self._changing(unit, texts, problems, late), 409 if late else 400
        if information.change(db.session(), unit, columns, by_now().actor, reason=values["reason"]):
            db.session.commit()
            flash(_("The unit's information was changed."), "success")
        else:
            flash(_("Nothing differs from what is stored, so nothing was changed."), "info")
        return redirect(self.url("show", pk=pk), 303)

    def _judged_columns(self, unit: Unit, values: dict[str, Any], problems: forms.Problems) -> dict[str, Any]:
        """The columns of what was read; what stands in the way beyond each field goes to the problems."""
        information.judge_counts(values, problems)
        department = information.department_of(db.session(), values.get("department"), unit.code, problems)
        if "region" in values and values["region"] not in by_now().granter.regions():
            problems["region"] = str(REFUSED["place"])
        facts = {name: value for name, value in values.items() if name != "reason"}
        columns = information.columns(facts) | {"department_id": department}
        if not problems:
            problems |= information.way_problems(db.session(), unit, columns)
        return columns

    def _changing(self, unit: Unit, texts: forms.Texts, problems: forms.Problems, late: bool = False) -> str:
        told = _(
            "The unit's information has changed meanwhile: the unit's page shows what. Nothing was done; what you "
            "wrote is kept, and saving again puts it in the place of theirs."
        )
        return self.form_page(
            _("Change the unit's information"),
            forms.change_of(unit),
            texts,
            problems,
            about=f"{unit.name} {unit.code}",
            seen=information.seen_of(unit),
            told=told if late else None,
            back_url=self.url("show", pk=unit.id),
            back_label=_("Back to the unit"),
            button=_("Save"),
        )

    # ---- 移交 ----

    @expose("/hand_over/<int(max=2147483647):pk>", methods=["GET", "POST"])
    @has_access
    @drafts.comes_back
    def hand_over(self, pk: int) -> Answer:
        """Hand a unit over to an account that there is, or to one that is issued at once: then the answer shows its
        initial password."""
        if request.method != "POST":
            account = {"username": request.args.get("account", "")[:64]}
            return self._handing(db.session.get(Unit, pk) or abort(404), Sent("existing", account))
        unit = information.lock(db.session(), pk) or abort(404)
        form = "new" if request.form.get("to") == "new" else "existing"
        fields = forms.HAND_OVER[form]
        texts = forms.typed(fields, request.form)
        values, problems = forms.read(fields, texts)
        sent = Sent(form, texts, problems)
        if problems or drafts.unsent():
            return self._handing(unit, sent), 400
        step = self._to_new if form == "new" else self._to_existing
        return self._judged(pk, sent, lambda: step(unit, values))

    def _to_new(self, unit: Unit, values: dict[str, Any]) -> Answer:
        seen, reason = request.form.get("seen", ""), values["reason"]
        account, password = handing.hand_over_to_new(db.session(), by_now(), unit, seen, values, reason)
        db.session.commit()
        return self.given_page(_("The unit was handed over"), account, password)

    def _to_existing(self, unit: Unit, values: dict[str, Any]) -> Answer:
        account = issuing.find(db.session(), values["username"])
        if account is None:
            raise Refused("nobody", _("No account with this user name is here."))
        if request.form.get("sure") != account.username:
            handing.judge(by_now(), unit, account)
            return self._handing(unit, Sent("existing", values), account)
        handing.hand_over(db.session(), by_now(), unit, request.form.get("seen", ""), account, values["reason"])
        db.session.commit()
        flash(_("The unit was handed over. The role opens at the holder's next step."), "success")
        return redirect(self.url("show", pk=unit.id), 303)

    def _judged(self, pk: int, sent: Sent, step: Callable[[], Answer]) -> Answer:
        """Hand over, or show the form with what is in the way and what was typed."""
        told, problems, status = None, {}, 400
        try:
            return step()
        except Changed:
            status = 409
            told = _(
                "The unit's administrators have changed meanwhile. Nothing was done: look at them, then decide again."
            )
        except issuing.Taken:
            problems = {"username": _("There is an account of this user name already.")}
        except Refused as refused:
            if refused.reason in ("role", "place"):
                abort(403, str(refused))
            if refused.reason == "own":
                told, status = str(refused), 409
            else:
                problems = {"id_number" if sent.form == "new" else "username": str(refused)}
        db.session.rollback()
        begin_write(db.session())
        unit = db.session.get(Unit, pk) or abort(404)
        return self._handing(unit, Sent(sent.form, sent.texts, problems, told)), status

    def _handing(self, unit: Unit, sent: Sent, successor: Account | None = None) -> str:
        """The form; with a successor it asks whether it is he."""
        office = unit_lists.in_office(db.session(), unit.id)
        fields = {
            form: forms.shown(each, by_now().granter, *((sent.texts, sent.problems) if form == sent.form else ({}, {})))
            for form, each in forms.HAND_OVER.items()
        }
        page = unit_page.handing_page(self, unit, office, fields, sent, successor)
        return render_template("accounts/hand_over.html", page=page | {"unsent": drafts.unsent()})
