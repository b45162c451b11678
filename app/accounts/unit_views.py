"""内置单位: those that there are, with whether they have an account, and entering one."""

from flask import flash, redirect, render_template, request
from flask_appbuilder import expose, has_access
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts import account_page, forms, holders, issuing
from app.accounts.bounds import REFUSED, Place
from app.accounts.holders import Units
from app.accounts.managing import Answer, Managing, by_now
from app.extensions import db
from app.review import drafts, pages


class BuiltInUnitsView(Managing):
    route_base = "/accounts/units"
    default_view = "list"
    class_permission_name = "built_in_units"
    method_permission_name = dict.fromkeys(("list", "search", "add"), "edit")

    @expose("/list/")
    @has_access
    def list(self) -> Answer:
        asked = Units.parse(request.args)
        if asked.q != request.args.get("q", "") or not all(request.args.values()):
            return redirect(self.url("list", asked.query_string()))
        rows, total = db.session.execute(holders.units_of(asked)).all(), holders.number_of_units(db.session(), asked)
        if not rows and asked.page > 1:
            last = max(1, pages.page_count(total))
            raise pages.no_such_page(self.url("list", asked.query_string(page=last)), last)
        page = account_page.units_page(self, asked, rows, total, self.manages())
        return render_template("accounts/list.html", page=page)

    @expose("/search", methods=["POST"])
    @has_access
    @drafts.comes_back
    def search(self) -> Response:
        return redirect(self.url("list", Units(holders.search_text(request.form.get("q", ""))).query_string()), 303)

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
        _pk, code = issuing.enter_unit(db.session(), by, facts | {"department_id": department})
        db.session.commit()
        flash(_("The unit was entered. Its code is %(code)s.", code=code), "success")
        return redirect(self.url("list"), 303)

    def _department(self, code: str, problems: forms.Problems) -> int | None:
        found: Place | None = forms.unit_of(db.session(), code) if code else None
        if code and found is None:
            problems["department"] = _("No unit with this code is in your jurisdiction.")
        return found.unit_id if found else None

    def _form(self, texts: forms.Texts, problems: forms.Problems) -> str:
        return self.form_page(
            _("Enter a unit"), forms.UNIT, texts, problems, back_url=self.url("list"), button=_("Enter")
        )
